//! The form of a provider: what an owner typed, and the provider it makes.

use chrono::{DateTime, Utc};
use url::Url;

use crate::{
    account::provider::{Kind, MAX_CREDENTIAL, MAX_NAME, Names, Provider, callback, parse_id},
    admin::{console::Console, field::Field, seen},
    foundation::{ids::ProviderId, keys::SealedSecret, outbound::Outbound},
    web::{form::PostedForm, page_error::PageError, state::PublicUrl},
};

/// The form as it was typed.
#[derive(Debug)]
pub struct ProviderForm {
    /// What it speaks.
    pub kind: Kind,
    /// The word in its address.
    pub id: Field,
    /// Who vouches.
    pub issuer: Field,
    /// Its names.
    pub ko: Field,
    /// See `ko`.
    pub en: Field,
    /// See `ko`.
    pub ja: Field,
    /// What it calls us.
    pub client_id: Field,
    /// Never shown again.
    pub client_secret: Field,
    /// Where it stands.
    pub position: Field,
    /// Whether people are asked for their address.
    pub asks_email: bool,
    /// What the provider was when the form was drawn; empty for a new one.
    pub seen: String,
    /// Set where it has been changed since.
    pub changed_meanwhile: bool,
}

/// What a good form says; the secret is sealed later.
pub struct Filled {
    /// See [`Provider::id`].
    pub id: ProviderId,
    /// See [`Provider::issuer`].
    pub issuer: Option<String>,
    names: Names,
    client_id: String,
    /// A new secret, if one was typed.
    pub secret: Option<String>,
    position: i32,
    asks_email: bool,
}

impl ProviderForm {
    /// An empty one for a new provider.
    pub fn new(kind: Kind) -> Self {
        let id = if kind == Kind::OpenIdConnect {
            ""
        } else {
            kind.as_str()
        };
        Self {
            kind,
            id: Field::new(id),
            issuer: Field::default(),
            ko: Field::default(),
            en: Field::default(),
            ja: Field::default(),
            client_id: Field::default(),
            client_secret: Field::default(),
            position: Field::new("0"),
            asks_email: true,
            seen: String::new(),
            changed_meanwhile: false,
        }
    }

    /// Filled in as a provider is.
    pub fn of(provider: &Provider) -> Result<Self, PageError> {
        Ok(Self {
            kind: provider.kind,
            id: Field::new(provider.id.as_str()),
            issuer: Field::new(provider.issuer.clone().unwrap_or_default()),
            ko: Field::new(&provider.names.ko),
            en: Field::new(&provider.names.en),
            ja: Field::new(&provider.names.ja),
            client_id: Field::new(&provider.client_id),
            client_secret: Field::default(),
            position: Field::new(provider.position.to_string()),
            asks_email: provider.asks_email,
            seen: fingerprint(provider)?,
            changed_meanwhile: false,
        })
    }

    /// What was posted.
    pub fn typed(kind: Kind, form: &PostedForm) -> Self {
        let field = |name| Field::new(form.text(name));
        Self {
            kind,
            id: field("id"),
            issuer: field("issuer"),
            ko: field("name_ko"),
            en: field("name_en"),
            ja: field("name_ja"),
            client_id: field("client_id"),
            client_secret: field("client_secret"),
            position: field("position"),
            asks_email: form.ticked("asks_email"),
            seen: form.text("seen").to_owned(),
            changed_meanwhile: false,
        }
    }

    /// Whether the kind leaves anything to be said about where it is.
    pub fn is_generic(&self) -> bool {
        self.kind == Kind::OpenIdConnect
    }

    /// The address to register at the provider, as far as it is known.
    pub fn callback(&self, public_url: &PublicUrl) -> String {
        let id = parse_id(&self.id.value).unwrap_or_else(|| ProviderId("ID".to_owned()));
        callback(&id, public_url)
    }

    /// Whether the form was drawn from the provider as it is; if not, the next one will have been.
    pub fn has_seen(&mut self, provider: &Provider) -> Result<bool, PageError> {
        let now_seen = fingerprint(provider)?;
        self.changed_meanwhile = self.seen != now_seen;
        self.seen = now_seen;
        Ok(!self.changed_meanwhile)
    }

    /// What the form says, or the reasons at the fields. A secret has to be there unless one is stored.
    pub fn checked(&mut self, has_secret: bool, console: &Console) -> Option<Filled> {
        let id = parse_id(&self.id.value);
        if id.is_none() {
            self.id
                .refuse("The word must have 1 to 30 small letters, digits or hyphens.");
        }
        self.check_names();
        for (field, needed) in [
            (&mut self.client_id, true),
            (&mut self.client_secret, !has_secret),
        ] {
            let length = field.value.chars().count();
            let plain = field.value.chars().all(|c| c.is_ascii_graphic());
            if length > MAX_CREDENTIAL || !plain {
                field.refuse(
                    "It must be as the provider shows it: no spaces, 500 characters at most.",
                );
            } else if needed && length == 0 {
                field.refuse(
                    "It is needed: the provider shows it where the application is registered.",
                );
            }
        }
        let issuer = self.check_issuer(&console.state.public_url, console.state.outbound);
        let position = self
            .position
            .value
            .parse()
            .ok()
            .filter(|at| (0..=999).contains(at));
        if position.is_none() {
            self.position
                .refuse("The order must be a number from 0 to 999.");
        }
        if !self.is_fine() {
            return None;
        }
        Some(Filled {
            id: id?,
            issuer,
            names: Names {
                ko: self.ko.value.clone(),
                en: self.en.value.clone(),
                ja: self.ja.value.clone(),
            },
            client_id: self.client_id.value.clone(),
            secret: self.client_secret.filled().map(str::to_owned),
            position: position?,
            asks_email: self.asks_email,
        })
    }

    fn check_names(&mut self) {
        for field in [&mut self.ko, &mut self.en, &mut self.ja] {
            if field.value.chars().count() > MAX_NAME || field.value.chars().any(char::is_control) {
                field.refuse("The name must have at most 40 characters.");
            }
        }
        let unnamed = [&self.ko, &self.en, &self.ja]
            .iter()
            .all(|field| field.value.is_empty());
        if self.is_generic() && unnamed {
            self.en
                .refuse("People have to be told whom they sign in with: at least one name.");
        }
    }

    /// Discovery §4.3 compares it byte by byte, so it is kept as it was typed.
    fn check_issuer(&mut self, public_url: &PublicUrl, outbound: Outbound) -> Option<String> {
        if !self.is_generic() {
            return None;
        }
        let issuer = self.issuer.value.clone();
        if let Err(reason) = outbound.check(&issuer) {
            self.issuer.refuse(format!("The issuer {reason}."));
        }
        if Url::parse(&issuer).is_ok_and(|url| url.query().is_some()) {
            self.issuer
                .refuse("The issuer must have no query (OpenID Connect Discovery).");
        }
        if issuer.trim_end_matches('/') == public_url.issuer() {
            self.issuer.refuse("That is this server itself.");
        }
        Some(issuer)
    }

    /// Whether nothing is wrong with it.
    pub fn is_fine(&self) -> bool {
        let fields = [
            &self.id,
            &self.issuer,
            &self.ko,
            &self.en,
            &self.ja,
            &self.client_id,
            &self.client_secret,
            &self.position,
        ];
        fields.iter().all(|field| field.error.is_none())
    }
}

impl Filled {
    /// A new provider of that.
    pub fn provider(self, kind: Kind, secret: SealedSecret, now: DateTime<Utc>) -> Provider {
        Provider {
            id: self.id,
            kind,
            issuer: self.issuer,
            names: self.names,
            client_id: self.client_id,
            client_secret: secret,
            asks_email: self.asks_email,
            enabled: true,
            position: self.position,
            created_at: now,
        }
    }

    /// The provider with what was changed; the secret it had stays where none was typed.
    pub fn changed(self, before: &Provider, secret: Option<SealedSecret>) -> Provider {
        Provider {
            names: self.names,
            client_id: self.client_id,
            client_secret: secret.unwrap_or_else(|| before.client_secret.clone()),
            asks_email: self.asks_email,
            position: self.position,
            ..before.clone()
        }
    }
}

/// What a form shows of a provider, in one short value. A new secret is another one, too.
fn fingerprint(provider: &Provider) -> Result<String, PageError> {
    let Names { ko, en, ja } = &provider.names;
    let secret = provider.client_secret.fingerprint();
    let shown = (
        ko,
        en,
        ja,
        &provider.client_id,
        secret,
        provider.asks_email,
        provider.position,
    );
    seen::fingerprint(&shown)
}
