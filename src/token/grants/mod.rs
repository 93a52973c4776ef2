//! One file per grant. Each reads the client and the link in one statement, decides without the
//! database, and changes at most one row, only if it still is as it was read.

pub mod authorization_code;
pub mod refresh_token;

use chrono::{DateTime, Utc};

use crate::{
    client::{authenticate::Credentials, authenticator::Authenticator},
    event::{Event, EventKind, Recorder},
    foundation::ids::{AccountId, ClientId, LinkId},
    link::{changes::Changes, redemption::Redeemable},
    protocol::{OAuthError, Parameters, ScopeSet, client_auth::Presented},
    token::{call, history, lookup::Lookup},
    web::state::AppState,
};

/// How often a request that lost a race looks again. Each loss means that another request of the
/// same link won, so more than a few in a row don't happen.
const ATTEMPTS: usize = 8;

/// A token request, as far as it is the same for every grant.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The server.
    pub state: &'a AppState,
    /// Finds clients and links.
    pub lookup: &'a Lookup,
    /// Makes links active and moves them on.
    pub changes: &'a Changes,
    /// Authenticates the client.
    pub authenticator: &'a Authenticator,
    /// Takes what happened.
    pub recorder: &'a Recorder,
    /// The form.
    pub parameters: &'a Parameters,
    /// What the client showed; not verified yet.
    pub presented: &'a Presented,
    /// The time of the request.
    pub now: DateTime<Utc>,
}

impl Asked<'_> {
    fn client_id(&self) -> Result<&str, OAuthError> {
        call::named_client(self.presented)
            .inspect_err(|refusal| history::record_invalid(self.recorder, refusal, self.now))
    }

    /// Authenticates the client as it was just read, for the first time of this request or again.
    async fn authenticate(
        &self,
        known: Option<&Credentials>,
        link: Option<&Redeemable>,
        again: bool,
    ) -> Result<(), OAuthError> {
        let (authenticator, now) = (self.authenticator, self.now);
        let authenticated = if again {
            authenticator.check_again(self.presented, known, now)
        } else {
            authenticator.authenticate(self.presented, known, now).await
        };
        authenticated.inspect_err(|refusal| self.record_unauthenticated(known, link, refusal))
    }

    /// Notes what happened to a link of that account at that client.
    fn record(
        &self,
        kind: EventKind,
        (link, account, client): (LinkId, AccountId, &ClientId),
        detail: &str,
    ) {
        let event = Event::new(kind, self.now).link(link).account(account);
        self.recorder.record(event.client(client).detail(detail));
    }
}

fn stored_scopes(names: &[String]) -> Result<ScopeSet, OAuthError> {
    ScopeSet::from_names(names).map_err(OAuthError::server_error)
}

fn lost_every_race() -> OAuthError {
    OAuthError::temporarily_unavailable("too many requests for this link at once; try again")
}
