//! The key that simulated requests of CEK are signed with. It is made for the run, its private half
//! never leaves this process, and servers take it beside the client's own key: nothing that works
//! stops working meanwhile, and nothing has to be put back.

use anyhow::anyhow;
use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sqlx::PgPool;
use uuid::Uuid;

use super::{LIFETIME, Surroundings, store};
use crate::client::{Client, preset::Preset};

/// A key that servers take for one client.
pub(super) struct SigningKey {
    id: Uuid,
    pair: KeyPair,
}

impl SigningKey {
    /// Makes one, if the client's platform signs its requests at all.
    pub(super) async fn register(
        client: &Client,
        surroundings: Surroundings<'_>,
    ) -> anyhow::Result<Option<Self>> {
        let Surroundings { db, clock, random } = surroundings;
        let preset = Preset::find(&client.preset);
        if preset.is_none_or(|preset| preset.cek_key_url.is_none()) {
            return Ok(None);
        }
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| anyhow!("no RSA key"))?;
        let id = random.uuid();
        let key = Self { id, pair };
        let (pem, until) = (key.public_pem()?, clock.now() + LIFETIME);
        store::insert_test_key(db, &client.id, (id, &pem), until).await?;
        Ok(Some(key))
    }

    /// The value of `SignatureCEK` for these bytes.
    pub(super) fn sign(&self, body: &[u8]) -> anyhow::Result<String> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                body,
                &mut signature,
            )
            .map_err(|_| anyhow!("the request can't be signed"))?;
        Ok(STANDARD.encode(signature))
    }

    /// From then on no server takes it.
    pub(super) async fn remove(self, db: &PgPool) -> sqlx::Result<()> {
        store::delete_test_key(db, self.id).await
    }

    fn public_pem(&self) -> anyhow::Result<String> {
        let der = self.pair.public_key().as_der();
        let der = der.map_err(|_| anyhow!("the RSA key can't be written"))?;
        let text = STANDARD.encode(&*der);
        Ok(format!(
            "-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::cek_key::CekKey;

    #[test]
    fn servers_read_its_public_half_and_believe_what_it_signed() {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let id = Uuid::nil();
        let key = SigningKey { id, pair };
        let public = CekKey::read(&key.public_pem().unwrap()).unwrap();
        let signature = STANDARD.decode(key.sign(b"body").unwrap()).unwrap();
        assert!(public.signed(b"body", &signature));
        assert!(!public.signed(b"bodi", &signature));
    }
}
