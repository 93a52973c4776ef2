//! Argon2 in memory that is kept: taken anew for each password, 19 MiB at a time, the allocator
//! leaves most of it with whichever thread had it, and the server grows to many times what it needs.

use std::sync::{Mutex, PoisonError};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use subtle::ConstantTimeEq;

use super::Cost;
use crate::foundation::random::Random;

/// Argon2id of one cost, and the memory of as many passwords as were ever hashed at once.
pub(super) struct Argon {
    params: Params,
    memory: Mutex<Vec<Vec<Block>>>,
}

impl Argon {
    pub(super) fn new(cost: Cost) -> anyhow::Result<Self> {
        let params = Params::new(cost.memory, cost.passes, cost.lanes, None).map_err(failed)?;
        Ok(Self {
            params,
            memory: Mutex::default(),
        })
    }

    /// The PHC string of a password under a new salt.
    pub(super) fn hash(&self, password: &str, random: &dyn Random) -> anyhow::Result<String> {
        let salt: [u8; 16] = random.bytes();
        let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params.clone());
        self.run(&argon2, password, &salt, &mut output)
            .map_err(failed)?;
        let hash = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&self.params).map_err(failed)?,
            salt: Some(Salt::new(&salt).map_err(failed)?),
            hash: Some(Output::new(&output).map_err(failed)?),
        };
        Ok(hash.to_string())
    }

    /// Whether it is the password of that hash, whatever kind and cost of argon2 made it.
    pub(super) fn verify(&self, password: &str, stored: &PasswordHash) -> bool {
        let verify = || {
            let algorithm = Algorithm::try_from(stored.algorithm.as_str()).ok()?;
            let version = match stored.version {
                Some(version) => Version::try_from(version).ok()?,
                None => Version::V0x10, // as the reference implementation reads it
            };
            let params = Params::try_from(stored).ok()?;
            let (salt, expected) = (stored.salt.as_ref()?, stored.hash.as_ref()?);
            let mut buffer = [0; Output::MAX_LENGTH];
            let output = buffer.get_mut(..expected.len())?;
            let argon2 = Argon2::new(algorithm, version, params);
            self.run(&argon2, password, salt, output).ok()?;
            Some(output.ct_eq(expected.as_ref()).into())
        };
        verify().unwrap_or(false)
    }

    fn run(
        &self,
        argon2: &Argon2<'_>,
        password: &str,
        salt: &[u8],
        output: &mut [u8],
    ) -> argon2::Result<()> {
        let free = || self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let mut memory = free().pop().unwrap_or_default();
        let needed = argon2.params().block_count();
        if memory.len() < needed {
            memory.resize(needed, Block::new());
        }
        let blocks = memory.get_mut(..needed).unwrap_or_default();
        let done = argon2.hash_password_into_with_memory(password.as_bytes(), salt, output, blocks);
        // What an imported hash needs beyond ours is not kept.
        if needed <= self.params.block_count() {
            free().push(memory);
        }
        done
    }
}

fn failed(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow::anyhow!("argon2 failed: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reference implementation's own test vectors.
    const KNOWN: [&str; 2] = [
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2i$m=65536,t=2,p=1$c29tZXNhbHQ$9sTbSlTio3Biev89thdrlKKiCaYsjjYVJxGAL3swxpQ",
    ];

    #[test]
    fn hashes_of_other_kinds_and_costs_are_understood_in_memory_used_before() {
        let cost = Cost {
            memory: 64,
            passes: 1,
            lanes: 1,
        };
        let argon = Argon::new(cost).unwrap();
        let own = argon
            .hash("password", &crate::foundation::random::SystemRandom)
            .unwrap();
        for stored in [KNOWN[0], &own, KNOWN[1], &own] {
            let stored = PasswordHash::new(stored).unwrap();
            assert!(argon.verify("password", &stored), "{stored}");
            assert!(!argon.verify("Password", &stored), "{stored}");
        }
        let kept = argon
            .memory
            .lock()
            .unwrap()
            .iter()
            .map(Vec::len)
            .sum::<usize>();
        assert_eq!(kept, 64, "what an imported hash needed is not kept");
    }
}
