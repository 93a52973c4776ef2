//! Mail: what people are told outside of the pages. A letter is stored in the transaction of what it
//! tells of, and sent behind. Its words are written when it is sent; a code in it lies sealed until then.

pub mod letter;
mod message;
pub mod outbox;
pub mod store;
mod transport;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgExecutor;

pub use self::{
    letter::{Letter, StepChange},
    outbox::Mailer,
};
use crate::{
    foundation::keys::{KeyId, KeyKind, KeysError},
    web::state::AppState,
};

/// After that nobody has to be told any more.
const TOLD_WITHIN: TimeDelta = TimeDelta::days(1);

/// To whom a letter goes, and in which language.
#[derive(Debug, Clone, Copy)]
pub struct Recipient<'a> {
    /// The e-mail address.
    pub email: &'a str,
    /// A BCP 47 tag.
    pub language: &'a str,
}

/// Has a letter sent, once the transaction is committed. Tell [`Mailer::wake`] then, or it waits a moment.
pub async fn post(
    db: impl PgExecutor<'_>,
    recipient: Recipient<'_>,
    letter: &Letter,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let letter = (letter, None);
    store::insert_mail(db, recipient, letter, None, (now, now + TOLD_WITHIN)).await
}

/// A letter that may have a code in it.
#[derive(Debug, Clone, Copy)]
pub struct Coded<'a> {
    /// Which one.
    pub letter: &'a Letter,
    /// The code.
    pub code: Option<&'a str>,
    /// The name that the pages the person came from carry, where that is not the service's own.
    pub service: Option<&'a str>,
}

/// Has such a letter sent; not at all, if that has not happened by then.
pub async fn post_until(
    db: impl PgExecutor<'_>,
    recipient: Recipient<'_>,
    coded: Coded<'_>,
    state: &AppState,
    (now, useless_at): (DateTime<Utc>, DateTime<Utc>),
) -> sqlx::Result<()> {
    let sealed = coded
        .code
        .map(|code| seal(code, recipient.email, state, now));
    let sealed = sealed.transpose()?;
    let letter = (coded.letter, coded.service);
    store::insert_mail(db, recipient, letter, sealed.as_deref(), (now, useless_at)).await
}

/// Whether a mail server would take an address of that shape at all.
pub fn is_deliverable(email: &str) -> bool {
    email.parse::<lettre::Address>().is_ok()
}

/// A code as its row keeps it; opens in no other column, and for nobody else.
fn seal(
    code: &str,
    email: &str,
    state: &AppState,
    now: DateTime<Utc>,
) -> Result<Vec<u8>, KeysError> {
    let key = state.keys.current(KeyKind::Seal, now);
    let sealed = key
        .seal_key()
        .seal(code.as_bytes(), &purpose(email), &*state.random);
    let sealed = sealed.map_err(|_| KeysError::Sealing)?;
    Ok([&key.id.to_be_bytes()[..], &sealed].concat())
}

/// The code of a row; `None` where its key is gone.
async fn open(
    sealed: &[u8],
    email: &str,
    state: &AppState,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<String>> {
    let Some((id, sealed)) = sealed.split_first_chunk() else {
        return Ok(None);
    };
    let key = KeyId::from_be_bytes(*id);
    let key = state.keys.find(KeyKind::Seal, key, now).await?;
    let plain = key.and_then(|key| key.seal_key().open(sealed, &purpose(email)).ok());
    Ok(plain.and_then(|plain| String::from_utf8(plain.to_vec()).ok()))
}

fn purpose(email: &str) -> Vec<u8> {
    format!("mail.sealed_code:{email}").into_bytes()
}
