//! Signing in with others: with an account that a person has at NAVER, LINE, Kakao, Google, or whoever
//! else speaks OpenID Connect. An owner sets the providers up; what is known of each kind is data.

pub mod calls;
pub mod connect;
pub mod connection;
pub mod directory;
pub mod endpoints;
pub mod exchange;
pub mod id_token;
pub mod identity;
pub mod key_set;
pub mod known;
pub mod newcomer;
pub mod pages;
pub mod pending;
pub mod round_trip;
pub mod sign_in;
pub mod store;
pub mod trouble;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

pub use self::known::Kind;
use crate::{
    foundation::{
        ids::ProviderId,
        keys::{KeysError, SealedSecret},
        random::Random,
    },
    web::{
        i18n::Lang,
        state::{AppState, PublicUrl},
    },
};

/// What fits on a button.
pub const MAX_NAME: usize = 40;
/// The longest client id or secret.
pub const MAX_CREDENTIAL: usize = 500;

/// One that an owner set up.
#[derive(Debug, Clone)]
pub struct Provider {
    /// A word of the callback's address.
    pub id: ProviderId,
    /// What it speaks.
    pub kind: Kind,
    /// Who vouches for its people, where the kind doesn't say it.
    pub issuer: Option<String>,
    /// What people call it.
    pub names: Names,
    /// What it calls us.
    pub client_id: String,
    /// How it knows us.
    pub client_secret: SealedSecret,
    /// Whether people are asked to share their e-mail address.
    pub asks_email: bool,
    /// Unset while nobody may sign in with it.
    pub enabled: bool,
    /// Lower ones stand first.
    pub position: i32,
    /// When it was set up. Another one that is set up later under the same id is another one.
    pub created_at: DateTime<Utc>,
}

/// A provider's name in each language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// In Korean.
    pub ko: String,
    /// In English.
    pub en: String,
    /// In Japanese.
    pub ja: String,
}

impl Names {
    /// The one for a language; where it is empty, the kind's own or another language's.
    pub fn in_language(&self, lang: Lang, kind: Kind) -> String {
        let (own, known) = match lang {
            Lang::Ko => (&self.ko, kind.known().names.ko),
            Lang::En => (&self.en, kind.known().names.en),
            Lang::Ja => (&self.ja, kind.known().names.ja),
        };
        let candidates = [own.as_str(), known, &self.en, &self.ko, &self.ja];
        let name = candidates.into_iter().find(|name| !name.is_empty());
        name.unwrap_or_default().to_owned()
    }
}

impl Provider {
    /// What people call it.
    pub fn name(&self, lang: Lang) -> String {
        self.names.in_language(lang, self.kind)
    }

    /// Where it sends people back to; to be registered there.
    pub fn callback(&self, public_url: &PublicUrl) -> String {
        callback(&self.id, public_url)
    }

    /// Which one it is, even if another one gets its id.
    pub fn since(&self) -> i64 {
        self.created_at.timestamp_micros()
    }
}

/// Where a provider of that id sends people back to.
pub fn callback(id: &ProviderId, public_url: &PublicUrl) -> String {
    public_url.join(&format!("/login/with/{id}/callback"))
}

/// Seals a client secret for its row, in the transaction that stores it.
pub async fn seal_secret(
    db: &mut PgConnection,
    id: &ProviderId,
    secret: &str,
    state: &AppState,
) -> Result<SealedSecret, KeysError> {
    let random: &dyn Random = &*state.random;
    state
        .keys
        .seal_provider_secret(db, id, secret, random)
        .await
}

/// The id that a text is, if it can be one.
pub fn parse_id(text: &str) -> Option<ProviderId> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let fits = (1..=30).contains(&text.len()) && text.chars().all(plain) && !text.starts_with('-');
    fits.then(|| ProviderId(text.to_owned()))
}
