//! Whose account a bearer token stands for: one MAC, one read, one answer. The hot path.

pub mod answer;
pub mod endpoint;
pub mod introspect;
pub mod lookup;
pub mod store;
pub mod userinfo;

use actix_web::web::Data;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use self::lookup::Lookup;
use crate::{
    event::{Event, EventKind, Recorder},
    foundation::ids::{AccountId, ClientId, LinkId},
    link::{LinkState, usage::Usage},
    protocol::ScopeSet,
    template::Subject,
    token::access::{AccessToken, NotGood},
    web::state::AppState,
};

/// A link as an access token finds it, with whom it is about.
#[derive(Debug, Clone)]
pub struct Found {
    /// The link.
    pub link_id: LinkId,
    /// At which client.
    pub client_id: ClientId,
    /// Where it stands.
    pub state: LinkState,
    /// What the person approved.
    pub scopes: Vec<String>,
    /// Raised when its access tokens were revoked.
    pub access_epoch: i32,
    /// Whom its client's tokens are for, beside this server.
    pub token_audience: Option<String>,
    /// When it was linked.
    pub linked_at: Option<DateTime<Utc>>,
    /// When a use was last written.
    pub last_used_at: Option<DateTime<Utc>>,
    /// Whether the client may be answered.
    pub client_enabled: bool,
    /// Whether the account may be spoken for.
    pub account_enabled: bool,
    /// The account.
    pub account: FoundAccount,
}

/// The account as it is answered; what the scope lacks is left out later.
#[derive(Debug, Clone)]
pub struct FoundAccount {
    /// Its id.
    pub id: AccountId,
    /// The operator's id.
    pub external_id: Option<String>,
    /// Its e-mail address.
    pub email: String,
    /// Its name.
    pub name: String,
    /// Its language.
    pub locale: String,
    /// The operator's facts.
    pub attributes: Map<String, Value>,
}

impl FoundAccount {
    /// The account as templates see it.
    pub fn subject(&self) -> Subject<'_> {
        Subject {
            id: self.id,
            external_id: self.external_id.as_deref(),
            email: &self.email,
            name: &self.name,
            locale: &self.locale,
            attributes: &self.attributes,
        }
    }
}

/// A token that is good: its link, and what it may see of the account.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The link and the account.
    pub found: Found,
    /// The scopes of this very token.
    pub scopes: ScopeSet,
}

/// Why a token resolves to nothing. Callers see one answer; history sees the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Forged, foreign, or of another kind.
    #[error("the access token is not valid")]
    Unknown,
    /// It was good once.
    #[error("the access token has expired")]
    Expired,
    /// Its link is over.
    #[error("the link has ended")]
    LinkEnded,
    /// The link lives, this token was revoked.
    #[error("the access token was revoked")]
    Revoked,
    /// An admin switched the account or the client off.
    #[error("the account or the client is disabled")]
    Disabled,
    /// It belongs to another client than the one asked at.
    #[error("the access token was issued to another client")]
    OtherClient,
}

/// What resolves tokens.
pub struct Resolver {
    /// Where links are found.
    pub lookup: Lookup,
    /// Where uses are noted.
    pub usage: Data<Usage>,
    /// Where refusals are recorded.
    pub recorder: Data<Recorder>,
}

impl Resolver {
    /// Resolves a token in one read (and none for junk). Uses are noted, refusals recorded, both behind.
    pub async fn resolve(
        &self,
        text: &str,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Result<Resolved, Refused>> {
        let issuer = state.public_url.issuer();
        let token = match AccessToken::verify(text, &state.keys, issuer, now).await? {
            Ok(token) => token,
            Err(not_good) => return Ok(Err(self.refuse(not_good, now))),
        };
        let found = self.lookup.find(token.link_id).await?;
        Ok(self.judge(&token, found, None, now))
    }

    /// Why a token is refused that is not genuine, or was good once.
    pub fn refuse(&self, not_good: NotGood, now: DateTime<Utc>) -> Refused {
        let NotGood::Expired(token) = not_good else {
            return Refused::Unknown;
        };
        record(&self.recorder, token.link_id, Refused::Expired, now);
        Refused::Expired
    }

    /// What a genuine token is worth with the link that was found for it; where a client is asked at,
    /// with a link of that client alone.
    pub fn judge(
        &self,
        token: &AccessToken,
        found: Option<Found>,
        asked_at: Option<&ClientId>,
        now: DateTime<Utc>,
    ) -> Result<Resolved, Refused> {
        let is_others = |found: &Found| asked_at.is_some_and(|client| found.client_id != *client);
        let judged = match found {
            None => Err(Refused::LinkEnded),
            Some(found) if is_others(&found) => Err(Refused::OtherClient),
            Some(found) => judge(found, token),
        };
        match &judged {
            Ok(resolved) => self
                .usage
                .note(token.link_id, resolved.found.last_used_at, now),
            Err(refused) => record(&self.recorder, token.link_id, *refused, now),
        }
        judged
    }
}

/// Whether a genuine token is good for the link it names.
pub fn judge(found: Found, token: &AccessToken) -> Result<Resolved, Refused> {
    let audience = found.token_audience.as_deref();
    if !token.is_so(&found.client_id, found.account.id, audience) {
        return Err(Refused::Unknown);
    }
    if found.state != LinkState::Active {
        return Err(Refused::LinkEnded);
    }
    if token.access_epoch < found.access_epoch {
        return Err(Refused::Revoked);
    }
    if !found.account_enabled || !found.client_enabled {
        return Err(Refused::Disabled);
    }
    let all = ScopeSet::from_names(&found.scopes).unwrap_or_default();
    let scopes = token.scopes(&all);
    Ok(Resolved { found, scopes })
}

/// Notes a refusal in the link's history.
pub fn record(recorder: &Recorder, link: LinkId, refused: Refused, now: DateTime<Utc>) {
    recorder.record(
        Event::new(EventKind::AccessRefused, now)
            .link(link)
            .detail(refused.to_string()),
    );
}
