//! Statements the server makes to its later self: sealed into an address or a form, worth something only
//! where they come back unaltered and for the purpose they were made for.

use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};

use super::state::AppState;
use crate::foundation::{
    keys::{KeyId, KeyKind},
    seal,
};

/// Seals a statement for a URL or a form.
pub fn seal<T: Serialize>(
    statement: &T,
    purpose: &[u8],
    state: &AppState,
    now: DateTime<Utc>,
) -> anyhow::Result<String> {
    let key = state.keys.current(KeyKind::Seal, now);
    let plain = zeroize::Zeroizing::new(postcard::to_allocvec(statement)?);
    let sealed = key.seal_key().seal(&plain, purpose, &*state.random)?;
    Ok(seal::to_text(
        &[&key.id.to_be_bytes()[..], &sealed].concat(),
    ))
}

/// Opens a sealed one; `None` where it is not one of ours, or its key is gone.
pub async fn open<T: DeserializeOwned>(
    text: &str,
    purpose: &[u8],
    state: &AppState,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<T>> {
    let sealed = seal::from_text(text);
    let Some((id, sealed)) = sealed.as_deref().and_then(<[u8]>::split_first_chunk) else {
        return Ok(None);
    };
    let key = KeyId::from_be_bytes(*id);
    let key = state.keys.find(KeyKind::Seal, key, now).await?;
    let plain = key.and_then(|key| key.seal_key().open(sealed, purpose).ok());
    Ok(plain.and_then(|plain| postcard::from_bytes(&plain).ok()))
}
