//! What ties a form that asks a person to the account it named: if another is signed in by the time it
//! is posted, the page asks again.

use chrono::{DateTime, Utc};

use super::Account;
use crate::{
    foundation::{keys::KeyKind, seal},
    web::{flow::Flow, state::AppState},
};

/// The form's field that says whom it asked.
pub fn name(flow: &Flow, account: &Account, state: &AppState, now: DateTime<Utc>) -> String {
    let key = state.keys.current(KeyKind::Csrf, now);
    let tag = key.mac(&parts(flow, account));
    format!("{}.{}", key.id, seal::to_text(&tag))
}

/// Whether the form of this flow that presents it asked this account.
pub async fn names(
    presented: &str,
    flow: &Flow,
    account: &Account,
    state: &AppState,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let Some((id, tag)) = presented.split_once('.') else {
        return Ok(false);
    };
    let (Ok(id), Some(tag)) = (id.parse(), seal::from_text(tag)) else {
        return Ok(false);
    };
    let key = state.keys.find(KeyKind::Csrf, id, now).await?;
    Ok(key.is_some_and(|key| key.verifies(&parts(flow, account), &tag)))
}

fn parts<'a>(flow: &'a Flow, account: &'a Account) -> [&'a [u8]; 3] {
    [b"named", flow.id.0.as_bytes(), account.id.0.as_bytes()]
}
