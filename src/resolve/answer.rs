//! What a resolved token may see.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{FoundAccount, Resolved};
use crate::{
    foundation::ids::{AccountId, ClientId, LinkId},
    protocol::ScopeSet,
};

/// The answer of `/resolve` (`interface.md`, URLs).
#[derive(Debug, Serialize)]
pub struct Answer<'a> {
    account: SeenAccount<'a>,
    link: SeenLink<'a>,
}

#[derive(Debug, Serialize)]
struct SeenAccount<'a> {
    id: AccountId,
    external_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<&'a Map<String, Value>>,
}

#[derive(Debug, Serialize)]
struct SeenLink<'a> {
    id: LinkId,
    client_id: &'a ClientId,
    scope: &'a ScopeSet,
    linked_at: Option<DateTime<Utc>>,
}

impl<'a> Answer<'a> {
    /// The account as far as the token's scopes show it.
    pub fn of(resolved: &'a Resolved) -> Self {
        let found = &resolved.found;
        Self {
            account: SeenAccount::of(&found.account, &resolved.scopes),
            link: SeenLink {
                id: found.link_id,
                client_id: &found.client_id,
                scope: &resolved.scopes,
                linked_at: found.linked_at,
            },
        }
    }
}

impl<'a> SeenAccount<'a> {
    fn of(account: &'a FoundAccount, scopes: &ScopeSet) -> Self {
        let profile = scopes.contains("account:profile");
        Self {
            id: account.id,
            external_id: account.external_id.as_deref(),
            email: scopes.contains("account:email").then_some(&account.email),
            name: profile.then_some(&account.name),
            locale: profile.then_some(&account.locale),
            attributes: scopes
                .contains("account:attributes")
                .then_some(&account.attributes),
        }
    }
}
