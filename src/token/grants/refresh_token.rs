//! Refreshes a link's tokens (RFC 6749 §6), so that a lost answer unlinks nobody.

use chrono::TimeDelta;

use super::{ATTEMPTS, Asked, lost_every_race, stored_scopes};
use crate::{
    client::registration::with_always_granted,
    event::{
        EventKind,
        attempt::{Step, StepKind, Which},
    },
    foundation::{
        ids::{AccountId, ClientId, LinkId},
        keys::{KeyId, KeyKind},
    },
    link::{
        self, EndReason,
        refreshing::{Decision, Policy, Refreshable},
    },
    protocol::{OAuthError, ScopeSet},
    token::{Issue, TokenPair, access_key, refresh::RefreshToken, store::TokenClient},
};

/// Refreshes within this time are at once: only the first one moves the link's idle expiry.
const AT_ONCE: TimeDelta = TimeDelta::seconds(1);

/// Exchanges a refresh token for a new access token and the link's refresh token of the moment.
pub async fn refresh(asked: Asked<'_>) -> Result<TokenPair, OAuthError> {
    let Asked { state, now, .. } = asked;
    let client_id = asked.client_id()?;
    let text = asked.parameters.get("refresh_token");
    let token = match text {
        Some(text) => RefreshToken::verify_with_key(text, &state.keys, now).await?,
        None => None,
    };
    for attempt in 0..ATTEMPTS {
        let link = token.map(|(token, _)| token.link_id);
        let found = asked.lookup.by_link(client_id, link, now).await?;
        let credentials = found.as_ref().map(|(client, _)| &client.credentials);
        asked.authenticate(credentials, None, attempt > 0).await?;
        if text.is_none() {
            return Err(OAuthError::invalid_request("refresh_token is missing"));
        }
        let (Some((client, Some(link))), Some(token)) = (found, token) else {
            return Err(OAuthError::invalid_grant("the refresh token is not valid"));
        };
        if let Some(pair) = refresh_once(asked, &client, &link, token).await? {
            return Ok(pair);
        }
    }
    Err(lost_every_race())
}

/// `None`: the row changed since it was read.
async fn refresh_once(
    asked: Asked<'_>,
    client: &TokenClient,
    link: &Refreshable,
    (token, key): (RefreshToken, KeyId),
) -> Result<Option<TokenPair>, OAuthError> {
    let Asked { state, now, .. } = asked;
    let policy = Policy {
        client_id: &client.id,
        confidential: client.credentials.confidential,
        rotation: client.rotation,
    };
    let turn = match link.decide(token.generation, policy, now) {
        Decision::Issue(turn) => turn,
        Decision::Refuse(description) => {
            asked.record(EventKind::RefreshRefused, named(link), description);
            return Err(OAuthError::invalid_grant(description));
        }
        Decision::End => return Err(end(asked, link).await?),
    };
    let scopes = stored_scopes(&link.scopes)?;
    let narrowed = narrowed(asked, &scopes)?;
    let keys = state.keys.fresh_ring(now).await?;
    let next = link.next(turn, key, keys.current(KeyKind::Refresh, now).id);
    let refresh_key = state.keys.find(KeyKind::Refresh, next.key, now).await?;
    let gone = || OAuthError::server_error(anyhow::anyhow!("a link names a key that is gone"));
    let refresh_key = refresh_key.ok_or_else(gone)?;
    let access_key = access_key(client, state, now).await?;
    let idle_expires_at = now + client.refresh_idle;
    if let Some(turned) = link.turned(next, now, idle_expires_at) {
        if !asked.changes.turn(turned).await? {
            return Ok(None);
        }
        if link.confirmed_at.is_none() {
            let which = Which::Link(link.link_id);
            let step = Step::new(which, StepKind::FirstRefresh, now);
            asked.recorder.record_step(step);
        }
    } else if idle_expires_at - link.idle_expires_at >= AT_ONCE {
        link::refreshing::store::keep_alive(&state.db, link.link_id, idle_expires_at).await?;
    }
    let issue = Issue {
        link_id: link.link_id,
        account_id: link.account_id,
        client,
        generation: next.generation,
        refresh_key: &refresh_key,
        access_key: &access_key,
        access_epoch: link.access_epoch,
        scopes: &scopes,
        narrowed: &narrowed,
    };
    TokenPair::issue(&issue, state, now).map(Some)
}

/// Ends a link whose refresh token is in two hands, before the platform is told.
async fn end(asked: Asked<'_>, link: &Refreshable) -> Result<OAuthError, OAuthError> {
    let reason = EndReason::RefreshReplayed;
    let ended = link::store::end(&asked.state.db, link.link_id, reason, asked.now).await?;
    let description = "the refresh token was used before; its link has been ended";
    asked.record(EventKind::RefreshRefused, named(link), description);
    if ended {
        asked.record(EventKind::LinkEnded, named(link), reason.as_str());
    }
    Ok(OAuthError::invalid_grant(description))
}

/// The scopes asked for, which must not exceed the link's (RFC 6749 §6).
fn narrowed(asked: Asked<'_>, granted: &ScopeSet) -> Result<ScopeSet, OAuthError> {
    let Some(text) = asked.parameters.get("scope") else {
        return Ok(granted.clone());
    };
    let wanted = ScopeSet::parse(text)
        .map_err(|error| OAuthError::invalid_scope("the scope is malformed").caused_by(error))?;
    if wanted.is_empty() {
        return Ok(granted.clone());
    }
    if !wanted.is_subset_of(granted) {
        return Err(OAuthError::invalid_scope(
            "the scope exceeds what the person approved",
        ));
    }
    with_always_granted(&wanted.to_names())
        .map_err(|error| OAuthError::invalid_scope("the scope is malformed").caused_by(error))
}

fn named(link: &Refreshable) -> (LinkId, AccountId, &ClientId) {
    (link.link_id, link.account_id, &link.client_id)
}
