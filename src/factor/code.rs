//! A code that somebody typed: an app's, or a recovery code. It is counted before it is looked at, so that
//! many at once are no more than one after the other.

use chrono::{DateTime, Utc};

use super::{Owner, recovery_codes, store, ticket::Ticket, totp};
use crate::{
    foundation::keys::KeysError,
    web::{device::DeviceId, limits::factor, state::AppState},
};

/// How many tries a ticket takes.
pub(super) const MOST_TRIES: i32 = 5;

/// What was typed at the second step, or signed there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// The app's code of now, which is used up.
    App,
    /// A recovery code, which is used up.
    Recovery,
    /// One of the owner's passkeys signed.
    Passkey,
    /// One did whose counter went back: there may be a copy of it.
    Copied,
    /// Neither, or one that was used before: nobody is told which.
    Wrong,
    /// It was not looked at: codes of six digits were guessed at too often.
    TooMany {
        /// How long to wait. Recovery codes are taken meanwhile.
        seconds: u32,
    },
    /// The ticket takes no more: it was used, tried too often, or its time is over.
    Over,
}

/// Somebody at the second step.
pub struct Trying<'a> {
    /// Whose factors are asked for.
    pub owner: Owner,
    /// What was typed.
    pub typed: &'a str,
    /// The device, if it signed in as them before: it is past a lock that others caused.
    pub device: Option<DeviceId>,
}

impl Ticket {
    /// Looks at a code that was typed for this ticket. A right one uses the ticket up.
    pub async fn try_code(
        &self,
        typed: &str,
        device: Option<DeviceId>,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Typed> {
        let Some(tries) = store::count_try(&state.db, self, MOST_TRIES, now).await? else {
            return Ok(Typed::Over);
        };
        let trying = Trying {
            owner: self.owner,
            typed,
            device,
        };
        let typed = trying.look(state, now).await?;
        match typed {
            Typed::App | Typed::Recovery => {
                let first = store::use_up_ticket(&state.db, self).await?;
                Ok(if first { typed } else { Typed::Over })
            }
            Typed::Wrong if tries >= MOST_TRIES => Ok(Typed::Over),
            other => Ok(other),
        }
    }
}

impl Trying<'_> {
    /// Looks at the code, if it may be looked at.
    pub async fn look(&self, state: &AppState, now: DateTime<Utc>) -> sqlx::Result<Typed> {
        let typed = plain(self.typed);
        if is_of_app(&typed) {
            return self.look_at_app_code(&typed, state, now).await;
        }
        let Some(hash) = recovery_codes::found_by(&typed) else {
            return Ok(Typed::Wrong);
        };
        let right = store::use_recovery_code(&state.db, self.owner, &hash).await?;
        Ok(if right { Typed::Recovery } else { Typed::Wrong })
    }

    async fn look_at_app_code(
        &self,
        typed: &str,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Typed> {
        let guesser = factor::Guesser {
            door: self.owner.door(),
            owner: self.owner.id(),
            device: self.device,
        };
        if let Err(seconds) = guesser.count(state, now).await? {
            return Ok(Typed::TooMany { seconds });
        }
        let Some((id, sealed)) = store::find_totp(&state.db, self.owner).await? else {
            return Ok(Typed::Wrong);
        };
        let seed = state.keys.open_totp_seed(id, &sealed);
        let seed = seed.and_then(|seed| totp::Seed::from_bytes(&seed));
        let seed = seed.ok_or(KeysError::DamagedTotpSeed(id))?;
        let right = match seed.step_of(typed, now) {
            Some(step) => store::use_step(&state.db, id, step).await?,
            None => false,
        };
        if !right {
            return Ok(Typed::Wrong);
        }
        guesser.was_right(state, now).await?;
        Ok(Typed::App)
    }
}

/// What was typed without spaces and hyphens, in small narrow letters: keyboards and notes differ.
pub fn plain(typed: &str) -> String {
    let written = typed.chars().filter(|c| !c.is_whitespace() && *c != '-');
    let narrow = |c: char| match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        c => c,
    };
    // Longer ones are wrong already.
    let narrow = written.map(narrow).take(40);
    narrow.map(|c| c.to_ascii_lowercase()).collect()
}

fn is_of_app(typed: &str) -> bool {
    typed.len() == totp::DIGITS && typed.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read_however_a_keyboard_writes_them() {
        for typed in [
            "270418",
            " 270 418 ",
            "270-418",
            "２７０４１８",
            "270\u{a0}418",
        ] {
            assert!(is_of_app(&plain(typed)), "{typed:?}");
        }
        for typed in ["", "27041", "2704189", "27041x", "٢٧٠٤١٨"] {
            assert!(!is_of_app(&plain(typed)), "{typed:?}");
        }
    }
}
