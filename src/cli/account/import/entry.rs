//! What a line says about an account.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    account::{
        Account,
        password::{check_new, is_importable},
    },
    foundation::{ids::AccountId, random::Random},
};

/// One line. What it leaves out, an existing account keeps.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    account_id: Option<AccountId>,
    pub external_id: Option<String>,
    pub email: String,
    name: String,
    locale: Option<String>,
    attributes: Option<Map<String, Value>>,
    password: Option<SecretString>,
    password_hash: Option<String>,
}

/// How a new account's owner will log in.
pub enum Login {
    /// With a password still to be hashed.
    Password(SecretString),
    /// With the password of this hash.
    Hash(String),
    /// Not with a password.
    None,
}

impl Entry {
    /// Reads a line and checks what can be checked without the database.
    pub fn read(line: &str) -> Result<Self, String> {
        // The place within the line is right; that it is always line 1 would mislead.
        let entry: Self = serde_json::from_str(line).map_err(|error| {
            let reason = error.to_string();
            let reason = reason.replace(" at line 1 column ", " at character ");
            format!("not an account: {reason}")
        })?;
        match (&entry.password, &entry.password_hash) {
            (Some(_), Some(_)) => {
                return Err("give either password or password_hash".to_owned());
            }
            (Some(password), None) => {
                check_new(password.expose_secret()).map_err(|error| error.to_string())?;
            }
            (None, Some(hash)) if !is_importable(hash) => {
                return Err(
                    "password_hash is not an argon2 or bcrypt hash of bearable cost".to_owned(),
                );
            }
            _ => {}
        }
        Ok(entry)
    }

    /// The account it makes where there is none.
    pub fn new_account(&self, random: &dyn Random, now: DateTime<Utc>) -> Account {
        Account {
            id: self.account_id.unwrap_or_else(|| AccountId::random(random)),
            external_id: self.external_id.clone(),
            email: self.email.clone(),
            name: self.name.clone(),
            locale: self.locale.clone().unwrap_or_else(|| "ko".to_owned()),
            attributes: self.attributes.clone().unwrap_or_default(),
            disabled_at: None,
            delete_at: None,
            created_at: now,
        }
    }

    /// What an existing account becomes by it.
    pub fn changed(&self, existing: &Account) -> Account {
        let mut account = existing.clone();
        account.email.clone_from(&self.email);
        account.name.clone_from(&self.name);
        if self.external_id.is_some() {
            account.external_id.clone_from(&self.external_id);
        }
        if let Some(locale) = &self.locale {
            account.locale.clone_from(locale);
        }
        if let Some(attributes) = &self.attributes {
            account.attributes.clone_from(attributes);
        }
        account
    }

    /// How its owner will log in.
    pub fn login(&self) -> Login {
        match (&self.password, &self.password_hash) {
            (Some(password), _) => Login::Password(password.clone()),
            (None, Some(hash)) => Login::Hash(hash.clone()),
            (None, None) => Login::None,
        }
    }
}
