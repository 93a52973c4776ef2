//! Codes of six digits that prove who reads an address's mail: to sign up, to replace a forgotten password,
//! or to make the address that of one's account. A code is good in the browser that asked for it, for a few minutes and five guesses.
//!
//! Whether an address has an account shows nowhere: the same is stored, mailed and answered, in the same
//! statements. Only the letter differs, and where there is nothing to prove, no code is right.

pub mod store;
mod ticket;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgConnection;
use subtle::ConstantTimeEq;
use uuid::Uuid;

use self::store::{NewCode, Standing};
pub use self::ticket::Ticket;
use super::email_key;
use crate::{
    config::SignUp,
    foundation::{
        ids::AccountId,
        keys::{Key, KeyKind},
    },
    mail::{self, Coded, Letter, Recipient},
    web::{browser::BrowserMark, caller::Caller, device::DeviceId, state::AppState},
};

/// How long a code is good.
pub const CODE_LIVES: TimeDelta = TimeDelta::minutes(10);
/// How long what it opened is: time to think of a password.
const OPEN_FOR: TimeDelta = TimeDelta::minutes(20);
/// A second request so soon is a double tap, or an impatient one: the first letter is on its way.
const BETWEEN_LETTERS: TimeDelta = TimeDelta::seconds(30);
/// What limits look back on.
const LIMITED_IN: TimeDelta = TimeDelta::hours(1);
/// How many guesses a code takes.
const MOST_TRIES: i32 = 5;

/// What a code is for. One for one thing is none for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Purpose {
    /// Making an account.
    SignUp,
    /// Replacing a forgotten password.
    Recovery,
    /// Making the address the one of an account that is signed in.
    EmailChange,
}

impl Purpose {
    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignUp => "sign_up",
            Self::Recovery => "recovery",
            Self::EmailChange => "email_change",
        }
    }
}

/// Who asks for a code.
pub struct Asking<'a> {
    /// What for.
    pub purpose: Purpose,
    /// The address, as it was typed.
    pub email: &'a str,
    /// The browser it will be good in.
    pub browser: BrowserMark,
    /// From where.
    pub caller: Caller,
    /// The device, if it logged in to the account of that address before: others can't use up its codes.
    pub device: Option<DeviceId>,
    /// The account that is to have the address, and is signed in.
    pub account: Option<AccountId>,
    /// The language the letter is to be in.
    pub language: &'a str,
    /// The name that the pages on the way carry, where that is not the service's own.
    pub service: Option<&'a str>,
}

/// What became of it. What a person may know: nothing of it depends on who has an account.
#[derive(Debug)]
pub enum Asked {
    /// A letter is on its way, as far as anybody is told.
    Sent(Ticket),
    /// The one of a moment ago still is.
    JustSent(Ticket),
    /// The address the request comes from, or the account that asks, asked too often.
    TooMany {
        /// How long it has to wait.
        seconds: u32,
    },
}

/// What a typed code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// The right one, now or before.
    Right,
    /// Another one.
    Wrong,
    /// It does not matter any more.
    Over,
}

impl Asking<'_> {
    /// Has a letter sent, with a code where the address may have one.
    pub async fn ask(&self, state: &AppState, now: DateTime<Utc>) -> sqlx::Result<Asked> {
        let (subject, network) = (self.subject(state, now), self.network(state, now));
        let mut transaction = state.db.begin().await?;
        if let Some(account) = self.account {
            store::lock(&mut *transaction, account.0.as_bytes()).await?;
        }
        store::lock(&mut *transaction, &subject).await?;
        let lately = (now - LIMITED_IN, now - BETWEEN_LETTERS);
        let counted =
            store::count_asked(&mut *transaction, self, (&subject, &network), lately, now).await?;
        let limits = state.limits.mailed_codes();
        if let Some(known) = counted.just_asked {
            return Ok(Asked::JustSent(self.ticket(known)));
        }
        if limits.holds_for_addresses && counted.of_network >= limits.of_address {
            return Ok(too_many(counted.network_since, now));
        }
        if counted.of_asker >= limits.of_account {
            return Ok(too_many(counted.asker_since, now));
        }
        let ticket = self.ticket(state.random.uuid());
        let used_up = counted.of_subject >= limits.of_account
            || (self.purpose == Purpose::Recovery && counted.recoveries >= limits.recoveries);
        if used_up {
            // Answered like any other: else it would tell that somebody else asked.
            tracing::info!(
                purpose = self.purpose.as_str(),
                "too many codes were asked for one address; no letter is sent"
            );
            return Ok(Asked::Sent(ticket));
        }
        self.send(
            &mut transaction,
            ticket.id,
            (&subject, &network),
            state,
            now,
        )
        .await?;
        transaction.commit().await?;
        Ok(Asked::Sent(ticket))
    }

    async fn send(
        &self,
        db: &mut PgConnection,
        id: Uuid,
        (subject, network): (&[u8; 32], &[u8; 32]),
        state: &AppState,
        now: DateTime<Utc>,
    ) -> sqlx::Result<()> {
        let standing = store::find_standing(&mut *db, &email_key(self.email), now).await?;
        let (letter, account_id) = self.letter(&standing, state.ways_in.sign_up);
        let proves = matches!(
            letter,
            Letter::SignUpCode | Letter::ResetCode | Letter::EmailCode
        );
        let code = proves.then(|| random_code(state));
        let key = state.keys.current(KeyKind::Device, now);
        let code_mac = match &code {
            Some(code) => mac(&key, id, code),
            None => state.random.bytes(),
        };
        let expires_at = now + CODE_LIVES;
        let new = NewCode {
            id,
            subject,
            network,
            account_id,
            key_id: key.id,
            code_mac: &code_mac,
            asked_at: now,
            expires_at,
        };
        store::insert_code(&mut *db, self, &new).await?;
        let recipient = Recipient {
            email: self.email,
            language: self.language,
        };
        let coded = Coded {
            letter: &letter,
            code: code.as_deref(),
            service: self.service,
        };
        mail::post_until(db, recipient, coded, state, (now, expires_at)).await
    }

    fn ticket(&self, id: Uuid) -> Ticket {
        Ticket {
            id,
            purpose: self.purpose,
            email: self.email.to_owned(),
        }
    }

    /// What the owner of the address is told, and which account a code is for.
    fn letter(&self, standing: &Standing, sign_up: SignUp) -> (Letter, Option<AccountId>) {
        match (self.purpose, standing) {
            (
                Purpose::SignUp,
                Standing {
                    account_id: Some(_),
                    ..
                },
            ) => (Letter::AddressTaken, None),
            (Purpose::SignUp, standing) if sign_up == SignUp::Invited && !standing.invited => {
                (Letter::NotInvited, None)
            }
            (Purpose::SignUp, _) => (Letter::SignUpCode, None),
            (
                Purpose::Recovery,
                Standing {
                    account_id: None, ..
                },
            ) => (Letter::ResetUnknown, None),
            (Purpose::Recovery, Standing { disabled: true, .. }) => (Letter::ResetPaused, None),
            (Purpose::Recovery, standing) => (Letter::ResetCode, standing.account_id),
            (
                Purpose::EmailChange,
                Standing {
                    account_id: Some(_),
                    ..
                },
            ) => (Letter::EmailTaken, self.account),
            (Purpose::EmailChange, _) => (Letter::EmailCode, self.account),
        }
    }

    /// Whom its limits count for.
    fn subject(&self, state: &AppState, now: DateTime<Utc>) -> [u8; 32] {
        let key = state.keys.current(KeyKind::Device, now);
        let device = self.device.as_ref().map_or(&[][..], DeviceId::as_bytes);
        let length = [u8::try_from(device.len()).unwrap_or_default()];
        let email = email_key(self.email);
        key.mac(&[b"mailed code\0", &length, device, email.as_bytes()])
    }

    fn network(&self, state: &AppState, now: DateTime<Utc>) -> [u8; 32] {
        let key = state.keys.current(KeyKind::Device, now);
        let network = self.caller.network().to_string();
        key.mac(&[b"mailed code's network\0", network.as_bytes()])
    }
}

impl Ticket {
    /// Looks at a typed code. The guess is counted first, so that many at once are no more than one
    /// after the other.
    pub async fn try_code(
        &self,
        typed: &str,
        browser: BrowserMark,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Typed> {
        let Some(guess) = store::count_guess(&state.db, self, browser, MOST_TRIES, now).await?
        else {
            let open = self.is_open(browser, state, now).await?;
            return Ok(if open { Typed::Right } else { Typed::Over });
        };
        let key = state.keys.find(KeyKind::Device, guess.key_id, now).await?;
        let right = key.is_some_and(|key| {
            let mac = mac(&key, self.id, &digits(typed));
            mac.ct_eq(guess.code_mac.as_slice()).into()
        });
        if right {
            store::open(&state.db, self, now, now + OPEN_FOR).await?;
            return Ok(Typed::Right);
        }
        let last = guess.tries >= MOST_TRIES;
        Ok(if last { Typed::Over } else { Typed::Wrong })
    }

    /// Whether the right code was typed, in this browser and not too long ago.
    pub async fn is_open(
        &self,
        browser: BrowserMark,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> sqlx::Result<bool> {
        store::is_open(&state.db, self, browser, now).await
    }
}

fn too_many(since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Asked {
    let free_at = since.unwrap_or(now) + LIMITED_IN;
    let seconds = (free_at - now).num_seconds().max(1);
    let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
    Asked::TooMany { seconds }
}

fn random_code(state: &AppState) -> String {
    let number = u64::from_be_bytes(state.random.bytes());
    format!("{:06}", number % 1_000_000)
}

/// What somebody typed, as digits: spaces between them and the full width of Japanese keyboards are no
/// mistakes.
fn digits(typed: &str) -> String {
    let written = typed.chars().filter(|c| !c.is_whitespace() && *c != '-');
    let narrow = |c: char| match c {
        '\u{FF10}'..='\u{FF19}' => char::from_u32(u32::from(c) - 0xFF10 + 0x30).unwrap_or(c),
        c => c,
    };
    // Longer ones are wrong already.
    written.map(narrow).take(7).collect()
}

fn mac(key: &Key, id: Uuid, code: &str) -> [u8; 32] {
    key.mac(&[b"code\0", id.as_bytes(), code.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::digits;

    #[test]
    fn digits_are_read_however_a_keyboard_writes_them() {
        for typed in [
            "270418",
            " 270 418 ",
            "270-418",
            "２７０４１８",
            "270\u{a0}418",
        ] {
            assert_eq!(digits(typed), "270418", "{typed:?}");
        }
        assert_eq!(digits("2704189999"), "2704189");
        assert_eq!(digits(""), "");
    }
}
