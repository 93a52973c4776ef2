//! Fetches the keys that platforms publish: in the background, from the addresses of the presets and
//! from nowhere else. What was fetched is kept when a later fetch fails.

pub mod store;

use std::time::Duration;

use chrono::TimeDelta;
use reqwest::{Client, StatusCode, redirect::Policy};

use crate::{
    client::{
        cek_key::{CekKey, MAX_PEM, NotAKey},
        preset::Preset,
    },
    web::state::AppState,
};

/// How often a key is fetched again: so long a new one of the platform may be refused.
const AGAIN: TimeDelta = TimeDelta::hours(1);
/// After a failure, or where a node died over it.
const RETRY: TimeDelta = TimeDelta::minutes(10);
/// How long a fetch may take in all.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum Unfetched {
    /// No answer, or none over TLS that can be believed.
    #[error("the address could not be reached: {0}")]
    Unreachable(String),
    /// Also a redirect: the key comes from where the preset says.
    #[error("the address answered with status {0}")]
    Status(StatusCode),
    /// No key is that long.
    #[error("the answer has more than {MAX_PEM} bytes")]
    TooLarge,
    /// Something else.
    #[error(transparent)]
    NotAKey(#[from] NotAKey),
}

/// What fetches: https only, no redirects, bounded in time.
pub fn https_client() -> reqwest::Result<Client> {
    Client::builder()
        .https_only(true)
        .redirect(Policy::none())
        .timeout(PATIENCE)
        .build()
}

/// Fetches a key, if that is what the address has.
pub async fn fetch(http: &Client, url: &str) -> Result<String, Unfetched> {
    let mut answer = http.get(url).send().await.map_err(unreachable)?;
    if answer.status() != StatusCode::OK {
        return Err(Unfetched::Status(answer.status()));
    }
    let mut body = Vec::new();
    while let Some(more) = answer.chunk().await.map_err(unreachable)? {
        if body.len() + more.len() > MAX_PEM {
            return Err(Unfetched::TooLarge);
        }
        body.extend_from_slice(&more);
    }
    let pem = String::from_utf8(body).map_err(|_| NotAKey::NoPem)?;
    CekKey::read(&pem)?;
    Ok(pem)
}

/// One round: fetches what is due, once for all nodes, with `fetch`.
pub async fn keep_once<F>(state: &AppState, fetch: impl Fn(&'static str) -> F) -> sqlx::Result<()>
where
    F: Future<Output = Result<String, Unfetched>>,
{
    let now = state.clock.now();
    for preset in store::list_presets_to_fetch(&state.db).await? {
        let url = Preset::find(&preset).and_then(|preset| preset.cek_key_url);
        let Some(url) = url else { continue };
        if !store::claim_fetch(&state.db, &preset, (AGAIN, RETRY), now).await? {
            continue;
        }
        match fetch(url).await {
            Ok(pem) => {
                if store::keep_fetched(&state.db, &preset, &pem, now).await? {
                    tracing::info!(preset, "the platform's key for CEK requests was fetched");
                }
            }
            Err(failure) => {
                tracing::warn!(preset, %failure, "the platform's key for CEK requests was not fetched");
                store::keep_failure(&state.db, &preset, &failure.to_string()).await?;
            }
        }
    }
    Ok(())
}

/// The cause as well: the error alone names only the address.
fn unreachable(error: reqwest::Error) -> Unfetched {
    let error = error.without_url();
    let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
    Unfetched::Unreachable(format!("{error}{}", cause.unwrap_or_default()))
}

#[cfg(test)]
#[path = "platform_key_tests.rs"]
mod tests;
