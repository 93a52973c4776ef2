//! Links as people, admins and the command line see them listed.

pub mod store;

use chrono::{DateTime, TimeDelta, Utc};

use super::{EndReason, LinkState, chat_user::ChatUser};
use crate::foundation::ids::{AccountId, ClientId, LinkId};

/// How far the forecast of links that die of idleness looks.
pub const FORECAST: TimeDelta = TimeDelta::days(14);

/// One listed link.
#[derive(Debug, Clone)]
pub struct ListedLink {
    /// The link.
    pub link_id: LinkId,
    /// Whose it is.
    pub account_id: AccountId,
    /// The account's e-mail address.
    pub account_email: String,
    /// The account's name.
    pub account_name: String,
    /// The platform's registration.
    pub client_id: ClientId,
    /// The client's name.
    pub client_name: String,
    /// Whether the client answers at all.
    pub client_enabled: bool,
    /// Where the link stands.
    pub state: LinkState,
    /// What it may see.
    pub scopes: Vec<String>,
    /// When the person approved.
    pub approved_at: DateTime<Utc>,
    /// When the platform redeemed the code.
    pub linked_at: Option<DateTime<Utc>>,
    /// When it was last used, to the hour.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When its last refresh token was presented.
    pub last_refreshed_at: Option<DateTime<Utc>>,
    /// When it dies without another refresh.
    pub idle_expires_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Why.
    pub end_reason: Option<EndReason>,
    /// The chatbot's domain, where a chat made it.
    pub chat_domain_code: Option<String>,
    /// The messenger there.
    pub chat_platform: Option<String>,
    /// The user there.
    pub chat_user_id: Option<String>,
}

impl ListedLink {
    /// Whose chat made it, if one did.
    pub fn chat_user(&self) -> Option<ChatUser> {
        Some(ChatUser {
            domain_code: self.chat_domain_code.clone()?,
            platform: self.chat_platform.clone()?,
            user_id: self.chat_user_id.clone()?,
        })
    }
}

/// Which links to list; `None` means any.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this account.
    pub account: Option<AccountId>,
    /// At this client.
    pub client: Option<ClientId>,
    /// In this state.
    pub state: Option<LinkState>,
    /// Not ended.
    pub alive: bool,
    /// This one.
    pub link: Option<LinkId>,
    /// Active, and dead by then unless somebody refreshes it.
    pub idle_by: Option<DateTime<Utc>>,
}
