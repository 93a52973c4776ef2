//! What every handler may need: the database, the clock, randomness, keys and settings.

use std::sync::Arc;

use sqlx::PgPool;
use url::Url;
use webauthn_rs::Webauthn;

use super::{branding::CurrentBranding, limits::Limits};
use crate::{
    config::{self, Config, Lifetimes, SignUp},
    foundation::{
        clock::Clock,
        keys::{KeyIntervals, Keys},
        outbound::Outbound,
        random::Random,
    },
};

/// Shared by all handlers as `web::Data<AppState>`. A slice's own machinery is data of its own.
pub struct AppState {
    /// The connection pool.
    pub db: PgPool,
    /// Read once by each handler, which passes the time on.
    pub clock: Arc<dyn Clock>,
    /// The source of every secret.
    pub random: Arc<dyn Random>,
    /// The keys behind tokens and flows.
    pub keys: Arc<Keys>,
    /// Where browsers and platforms reach this server.
    pub public_url: PublicUrl,
    /// The operator's service, for the pages' frame.
    pub branding: CurrentBranding,
    /// Where calls to addresses that admins typed may go.
    pub outbound: Outbound,
    /// How much failing and asking is borne.
    pub limits: Limits,
    /// How people come to an account without an admin.
    pub ways_in: WaysIn,
    /// Who passkeys are made for; unset where browsers make none.
    pub relying_party: Option<Webauthn>,
    /// Whether admins have to have a second factor.
    pub admin_factor_required: bool,
    /// How long things live.
    pub lifetimes: Lifetimes,
    /// How often keys are made.
    pub key_intervals: KeyIntervals,
}

/// How people come to an account, or back to it, without an admin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaysIn {
    /// Who may make an account.
    pub sign_up: SignUp,
    /// Whether a forgotten password can be replaced: only where mail gets to people.
    pub recovery: bool,
}

impl WaysIn {
    /// As it is set.
    pub fn new(config: &Config) -> Self {
        Self {
            sign_up: config.sign_up,
            recovery: config.mail_arrives(),
        }
    }
}

/// The configured public URL: the issuer (RFC 8414 §2) and the origin of every page. Nothing is ever
/// taken from a `Host` header instead.
#[derive(Debug, Clone)]
pub struct PublicUrl {
    origin: String,
    https: bool,
    loopback: bool,
}

impl PublicUrl {
    /// From a URL of scheme and host alone.
    pub fn new(url: &Url) -> Self {
        Self {
            origin: url.as_str().trim_end_matches('/').to_owned(),
            https: url.scheme() == "https",
            loopback: config::is_loopback(url),
        }
    }

    /// The issuer identifier, without a trailing slash; also the origin browsers send.
    pub fn issuer(&self) -> &str {
        &self.origin
    }

    /// The same as a URL, if its host has a name: not where that is an IP address.
    pub fn named(&self) -> Option<(String, Url)> {
        let url: Url = self.origin.parse().ok()?;
        let name = url.domain()?.to_owned();
        Some((name, url))
    }

    /// The full URL of a path that begins with `/`.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Whether browsers come from this machine alone: development and tests.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Whether browsers come over TLS.
    pub fn is_https(&self) -> bool {
        self.https
    }
}
