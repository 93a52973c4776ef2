//! The history of links, accounts and clients: what answers "why did linking fail?".
//!
//! Writing it never slows or fails what it tells of: events go into a bounded queue and are stored
//! in batches; what does not fit is dropped and counted.

pub mod attempt;
pub mod milestone;
pub mod recorder;
pub mod store;

use chrono::{DateTime, Utc};
use sqlx::PgPool;

pub use self::recorder::Recorder;
use crate::foundation::ids::{AccountId, AdminId, ClientId, LinkId};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// A person approved a request; the link is pending.
    LinkApproved,
    /// A person said no.
    LinkDenied,
    /// The platform redeemed the code; the link is active.
    LinkRedeemed,
    /// The link ended; the detail says why.
    LinkEnded,
    /// The platform revoked the access tokens issued so far; the link lives.
    AccessRevoked,
    /// A code was refused; the detail says why.
    CodeRefused,
    /// A refresh token was refused; the detail says why.
    RefreshRefused,
    /// An access token was refused; the detail says why.
    AccessRefused,
    /// A chat user was connected by the link, which is active.
    ChatConnected,
    /// The chatbot could not be told of a connection; the detail says why.
    ChatNoticeGivenUp,
    /// Somebody logged in.
    LoggedIn,
    /// A person changed something of their account; the detail says what.
    AccountChanged,
    /// The person changed the e-mail address; the detail says from what to what, masked.
    EmailChanged,
    /// A person asked for the account to be deleted.
    DeletionAsked,
    /// A person thought better of it.
    DeletionCalledOff,
    /// The account is gone, with its links.
    AccountDeleted,
    /// Somebody made the account by themselves.
    SignedUp,
    /// The person replaced a password they forgot.
    PasswordReset,
    /// The person changed the password.
    PasswordChanged,
    /// A second factor was added, removed or used; the detail says which.
    FactorChanged,
    /// The person may sign in with a provider from now on; the detail says which.
    SignInConnected,
    /// The person may not any more; the detail says which.
    SignInDisconnected,
    /// A user of the platform switched an extension on.
    ExtensionEnabled,
    /// A user of the platform switched an extension off; the detail says what that ended.
    ExtensionDisabled,
    /// An admin did something; the detail says what.
    AdminChange,
}

impl EventKind {
    /// The name it is stored under. What begins with `refused:` is counted by link and hour instead
    /// of being listed one by one.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LinkApproved => "link_approved",
            Self::LinkDenied => "link_denied",
            Self::LinkRedeemed => "link_redeemed",
            Self::LinkEnded => "link_ended",
            Self::AccessRevoked => "access_revoked",
            Self::CodeRefused => "refused:code",
            Self::RefreshRefused => "refused:refresh",
            Self::AccessRefused => "refused:access",
            Self::ChatConnected => "chat_connected",
            Self::ChatNoticeGivenUp => "chat_notice_given_up",
            Self::LoggedIn => "logged_in",
            Self::AccountChanged => "account_changed",
            Self::EmailChanged => "email_changed",
            Self::DeletionAsked => "deletion_asked",
            Self::DeletionCalledOff => "deletion_called_off",
            Self::AccountDeleted => "account_deleted",
            Self::SignedUp => "signed_up",
            Self::PasswordReset => "password_reset",
            Self::PasswordChanged => "password_changed",
            Self::FactorChanged => "factor_changed",
            Self::SignInConnected => "sign_in_connected",
            Self::SignInDisconnected => "sign_in_disconnected",
            Self::ExtensionEnabled => "extension_enabled",
            Self::ExtensionDisabled => "extension_disabled",
            Self::AdminChange => "admin_change",
        }
    }
}

/// One line of history.
#[derive(Debug, Clone)]
pub struct Event {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub kind: EventKind,
    /// Of which link.
    pub link: Option<LinkId>,
    /// Of which account.
    pub account: Option<AccountId>,
    /// Of which client.
    pub client: Option<ClientId>,
    /// By which admin.
    pub admin: Option<AdminId>,
    /// More, for people; never a secret.
    pub detail: String,
}

impl Event {
    /// An event of nothing in particular yet.
    pub fn new(kind: EventKind, at: DateTime<Utc>) -> Self {
        Self {
            at,
            kind,
            link: None,
            account: None,
            client: None,
            admin: None,
            detail: String::new(),
        }
    }

    /// Names the link.
    #[must_use]
    pub fn link(mut self, id: LinkId) -> Self {
        self.link = Some(id);
        self
    }

    /// Names the account.
    #[must_use]
    pub fn account(mut self, id: AccountId) -> Self {
        self.account = Some(id);
        self
    }

    /// Names the client.
    #[must_use]
    pub fn client(mut self, id: &ClientId) -> Self {
        self.client = Some(id.clone());
        self
    }

    /// Names the admin.
    #[must_use]
    pub fn admin(mut self, id: AdminId) -> Self {
        self.admin = Some(id);
        self
    }

    /// Says more.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }
}

/// Stores milestones, all of them or none.
async fn keep_reached(db: &PgPool, reached: &[milestone::Reached]) -> sqlx::Result<()> {
    let mut transaction = store::begin_behind(db).await?;
    milestone::store::insert_reached(&mut *transaction, reached).await?;
    transaction.commit().await
}

/// Stores events, all of them or none.
async fn keep(db: &PgPool, events: &[Event]) -> sqlx::Result<()> {
    let mut transaction = store::begin_behind(db).await?;
    store::insert_events(&mut *transaction, events).await?;
    transaction.commit().await
}
