//! Accounts: the people links speak for, how they log in, and their own pages.

pub mod address;
pub mod addressed;
pub mod email_change;
pub mod entry;
pub mod factor_change;
pub mod finish;
pub mod invitation;
pub mod knock;
pub mod login;
pub mod mailed_code;
pub mod named;
pub mod new_password;
pub mod pages;
pub mod passkey_login;
pub mod password;
pub mod password_change;
pub mod provider;
pub mod recovery;
pub mod second_step;
pub mod session;
pub mod sign_up;
pub mod store;
pub mod switch;
pub mod verify;
pub mod way_in;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use crate::foundation::ids::AccountId;

/// The most characters of a name or an external id.
pub const MAX_NAME_LENGTH: usize = 200;
/// The most bytes of an e-mail address (RFC 5321 §4.5.3.1).
pub const MAX_EMAIL_LENGTH: usize = 254;
/// The most bytes of all attributes of an account as JSON.
pub const MAX_ATTRIBUTES_BYTES: usize = 16 * 1024;

/// A person here.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// The `sub` of its tokens.
    pub id: AccountId,
    /// The operator's own id of the person.
    pub external_id: Option<String>,
    /// As it was given; compared without regard to case.
    pub email: String,
    /// Shown on the consent page.
    pub name: String,
    /// A BCP 47 tag.
    pub locale: String,
    /// The operator's facts about the person.
    pub attributes: Map<String, Value>,
    /// Set while nobody may log in and no link answers.
    pub disabled_at: Option<DateTime<Utc>>,
    /// When it will be deleted, because its person asked for that and may still think better of it.
    pub delete_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// What identifies an e-mail address: two that differ only in case are the same person's.
pub fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Why an account can't be stored as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAccount {
    /// Not an address mail could be sent to.
    #[error("the e-mail address is not valid")]
    Email,
    /// Empty, or too long.
    #[error("the name must have 1 to 200 characters")]
    Name,
    /// Empty, too long, or with control characters.
    #[error("the external id must have 1 to 200 characters")]
    ExternalId,
    /// Not a language tag.
    #[error("the locale must be a language tag such as ko or en-US")]
    Locale,
    /// Too much of it.
    #[error("the attributes are larger than 16 KiB")]
    Attributes,
    /// Something that PostgreSQL can't hold.
    #[error("the attributes contain a NUL character")]
    AttributesNul,
}

impl Account {
    /// Checks everything a person or an operator typed.
    pub fn check(&self) -> Result<(), InvalidAccount> {
        let fits = |text: &str| {
            (1..=MAX_NAME_LENGTH).contains(&text.chars().count())
                && !text.chars().any(char::is_control)
        };
        if !is_email(&self.email) {
            return Err(InvalidAccount::Email);
        }
        if !fits(&self.name) {
            return Err(InvalidAccount::Name);
        }
        if self.external_id.as_deref().is_some_and(|id| !fits(id)) {
            return Err(InvalidAccount::ExternalId);
        }
        if self.locale.len() > 35
            || self
                .locale
                .parse::<unic_langid::LanguageIdentifier>()
                .is_err()
        {
            return Err(InvalidAccount::Locale);
        }
        let attributes = Value::Object(self.attributes.clone()).to_string();
        if attributes.len() > MAX_ATTRIBUTES_BYTES {
            return Err(InvalidAccount::Attributes);
        }
        if self.attributes.iter().any(has_nul) {
            Err(InvalidAccount::AttributesNul)
        } else {
            Ok(())
        }
    }
}

fn has_nul((name, value): (&String, &Value)) -> bool {
    fn within(value: &Value) -> bool {
        match value {
            Value::String(text) => text.contains('\0'),
            Value::Array(values) => values.iter().any(within),
            Value::Object(members) => members.iter().any(has_nul),
            _ => false,
        }
    }
    name.contains('\0') || within(value)
}

/// Whether mail could be sent to it: one `@` with something sensible on both sides.
pub fn is_email(text: &str) -> bool {
    let sensible = |c: char| !c.is_control() && !c.is_whitespace() && !"<>()[],;:\\\"".contains(c);
    text.len() <= MAX_EMAIL_LENGTH
        && text.chars().filter(|c| *c == '@').count() == 1
        && text.chars().all(sensible)
        && text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && !domain.starts_with('.')
                && !domain.ends_with('.')
                && !domain.is_empty()
        })
}
