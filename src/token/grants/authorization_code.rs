//! Redeems an authorization code (RFC 6749 §4.1.3, RFC 7636 §4.6).

use super::{ATTEMPTS, Asked, lost_every_race, stored_scopes};
use crate::{
    event::EventKind,
    foundation::{
        ids::{AccountId, ClientId, LinkId},
        keys::KeyKind,
    },
    link::{
        self, EndReason,
        code::AuthorizationCode,
        redemption::{MAX_WRONG_VERIFIERS, Redeemable, Redemption, Refusal},
        store::Activation,
    },
    protocol::OAuthError,
    token::{Issue, TokenPair, access_key, store::TokenClient},
};

/// Redeems the code for the link's first tokens. Of any number at once, one wins.
pub async fn redeem(asked: Asked<'_>) -> Result<TokenPair, OAuthError> {
    let client_id = asked.client_id()?;
    let code = asked.parameters.get("code").map(AuthorizationCode::parse);
    let hash = code
        .as_ref()
        .and_then(|code| code.as_ref().map(AuthorizationCode::hash));
    for attempt in 0..ATTEMPTS {
        let found = asked.lookup.by_code(client_id, hash, asked.now).await?;
        let (client, link) = found.unzip();
        let (link, credentials) = (
            link.flatten(),
            client.as_ref().map(|client| &client.credentials),
        );
        asked
            .authenticate(credentials, link.as_ref(), attempt > 0)
            .await?;
        let id = ClientId(client_id.to_owned());
        if code.is_none() {
            asked.record_missing_code(&id);
            return Err(OAuthError::invalid_request("code is missing"));
        }
        let (Some(client), Some(link)) = (client, link) else {
            asked.record_unknown_code(&id, hash.is_some());
            return Err(OAuthError::invalid_grant("the code is unknown"));
        };
        let redemption = Redemption {
            client_id: &client.id,
            confidential: client.credentials.confidential,
            redirect_uri: asked.parameters.get("redirect_uri"),
            code_verifier: asked.parameters.get("code_verifier"),
        };
        if let Err(refusal) = link.check(&redemption, asked.now) {
            return Err(refuse(asked, &link, refusal).await?);
        }
        if let Some(pair) = activate(asked, &client, &link).await? {
            return Ok(pair);
        }
    }
    Err(lost_every_race())
}

async fn activate(
    asked: Asked<'_>,
    client: &TokenClient,
    link: &Redeemable,
) -> Result<Option<TokenPair>, OAuthError> {
    let Asked { state, now, .. } = asked;
    let access_key = access_key(client, state, now).await?;
    let keys = state.keys.fresh_ring(now).await?;
    let refresh_key = keys.current(KeyKind::Refresh, now);
    let activation = Activation {
        link_id: link.link_id,
        refresh_key_id: refresh_key.id,
        linked_at: now,
        idle_expires_at: now + client.refresh_idle,
    };
    if !asked.changes.activate(activation).await? {
        return Ok(None);
    }
    asked.record(
        EventKind::LinkRedeemed,
        named(link),
        asked.presented.method(),
    );
    asked.record_redeemed(link);
    let scopes = stored_scopes(&link.scopes)?;
    let issue = Issue {
        link_id: link.link_id,
        account_id: link.account_id,
        client,
        generation: 1,
        refresh_key: &refresh_key,
        access_key: &access_key,
        access_epoch: link.access_epoch,
        scopes: &scopes,
        narrowed: &scopes,
    };
    TokenPair::issue(&issue, state, now).map(Some)
}

/// Does what a refusal does to the link, before the platform is told.
async fn refuse(
    asked: Asked<'_>,
    link: &Redeemable,
    refusal: Refusal,
) -> Result<OAuthError, OAuthError> {
    let (db, id, now) = (&asked.state.db, link.link_id, asked.now);
    let ended = match refusal {
        Refusal::WrongVerifier => {
            link::store::count_wrong_verifier(db, id, MAX_WRONG_VERIFIERS, now)
                .await?
                .then_some(EndReason::WrongVerifier)
        }
        Refusal::Replayed => link::store::end(db, id, EndReason::CodeReplayed, now)
            .await?
            .then_some(EndReason::CodeReplayed),
        _ => None,
    };
    let error = refusal.error();
    asked.record(EventKind::CodeRefused, named(link), error.description());
    asked.record_refused_code(link, refusal);
    if let Some(reason) = ended {
        asked.record(EventKind::LinkEnded, named(link), reason.as_str());
    }
    Ok(error)
}

fn named(link: &Redeemable) -> (LinkId, AccountId, &ClientId) {
    (link.link_id, link.account_id, &link.client_id)
}
