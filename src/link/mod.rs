//! Links: this account, at this client, with these scopes. One row for a whole life.

pub mod changes;
pub mod chat_user;
pub mod code;
pub mod key_use;
pub mod listing;
pub mod redemption;
pub mod refreshing;
pub mod store;
pub mod usage;

use serde::{Deserialize, Serialize};

/// Where a link stands in its life.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, clap::ValueEnum,
)]
#[sqlx(type_name = "link_state", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// Approved by the person; its code waits to be redeemed.
    Pending,
    /// Redeemed; its tokens are good.
    Active,
    /// Over. Nothing brings it back.
    Ended,
}

/// Who or what ended a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[sqlx(type_name = "link_end", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The person unlinked it.
    Account,
    /// An admin ended it.
    Admin,
    /// The platform revoked it or said it was gone.
    Platform,
    /// Its code came back after it was redeemed (RFC 6749 §4.1.2).
    CodeReplayed,
    /// A public client's refresh token came back after its time (RFC 9700 §4.14.2).
    RefreshReplayed,
    /// Somebody guessed at its PKCE verifier.
    WrongVerifier,
    /// Nobody refreshed it for too long.
    Idle,
    /// The person chose so when changing the password.
    PasswordChange,
    /// The key of its refresh token got out.
    KeyCompromised,
}

impl EndReason {
    /// The reason as it is stored and printed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Admin => "admin",
            Self::Platform => "platform",
            Self::CodeReplayed => "code_replayed",
            Self::RefreshReplayed => "refresh_replayed",
            Self::WrongVerifier => "wrong_verifier",
            Self::Idle => "idle",
            Self::PasswordChange => "password_change",
            Self::KeyCompromised => "key_compromised",
        }
    }
}
