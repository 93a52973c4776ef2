//! Events as admins read them.

use chrono::{DateTime, Utc};

use super::when::When;
use crate::event::store::EventRecord;

/// One line of a history, ready to print.
#[derive(Debug, Clone)]
pub struct HistoryLine {
    /// When.
    pub when: When,
    /// What happened.
    pub what: String,
    /// More about it.
    pub detail: String,
    /// How often, where more than once.
    pub times: Option<i32>,
    /// The admin who did it.
    pub by: Option<String>,
    /// Whether something was refused.
    pub refused: bool,
}

impl HistoryLine {
    /// The line of a stored event.
    pub fn new(event: EventRecord, now: DateTime<Utc>) -> Self {
        let (what, mut detail) = words(&event.kind, &event.detail);
        // Whoever works at the command line has no name there.
        if event.kind == "link_ended" && event.detail == "admin" && event.admin_email.is_none() {
            detail.push_str(", on the command line");
        }
        Self {
            when: When::new(event.happened_at, now),
            what,
            detail,
            times: Some(event.times).filter(|times| *times > 1),
            by: event.admin_email,
            refused: is_refusal(&event.kind),
        }
    }

    /// The lines of stored events.
    pub fn all(events: Vec<EventRecord>, now: DateTime<Utc>) -> Vec<Self> {
        let lines = events.into_iter();
        lines.map(|event| Self::new(event, now)).collect()
    }
}

/// What a stored kind means.
pub fn kind_in_words(kind: &str) -> &str {
    match kind {
        "link_approved" => "Approved by the person",
        "link_denied" => "Declined by the person",
        "link_redeemed" => "Code redeemed by the platform",
        "link_ended" => "Ended",
        "access_revoked" => "Access tokens revoked by the platform",
        "refused:code" => "Code refused",
        "refused:refresh" => "Refresh token refused",
        "refused:access" => "Access token refused",
        "chat_connected" => "Connected to a chat",
        "chat_notice_given_up" => "The chatbot could not be told",
        "logged_in" => "Logged in",
        "account_changed" => "Changed by the person",
        "email_changed" => "Changed the e-mail address",
        "deletion_asked" => "The person asked for the account to be deleted",
        "deletion_called_off" => "The person kept the account",
        "account_deleted" => "Account deleted, as its person asked",
        "signed_up" => "Signed up",
        "password_reset" => "Replaced a forgotten password",
        "password_changed" => "Changed the password",
        "sign_in_connected" => "Connected a sign-in with",
        "sign_in_disconnected" => "Disconnected a sign-in with",
        "factor_changed" => "Second factors",
        "extension_enabled" => "Extension switched on by a user",
        "extension_disabled" => "Extension switched off by a user",
        "admin_change" => "Changed by an admin",
        other => other,
    }
}

/// Why a link ended, from how the reason is stored.
pub fn end_reason_in_words(reason: &str) -> &str {
    match reason {
        "account" => "by the person",
        "admin" => "by an admin",
        "platform" => "by the platform",
        "code_replayed" => "its code was presented again after it was redeemed",
        "refresh_replayed" => "an old refresh token of it was presented",
        "wrong_verifier" => "somebody guessed at its PKCE verifier",
        "idle" => "nobody refreshed it for too long",
        "password_change" => "by the person, when changing the password",
        "key_compromised" => "the key of its tokens got out",
        other => other,
    }
}

fn is_refusal(kind: &str) -> bool {
    kind.starts_with("refused:")
}

fn words(kind: &str, detail: &str) -> (String, String) {
    match kind {
        "admin_change" if !detail.is_empty() => (detail.to_owned(), String::new()),
        "link_ended" => (
            kind_in_words(kind).to_owned(),
            end_reason_in_words(detail).to_owned(),
        ),
        _ => (kind_in_words(kind).to_owned(), detail.to_owned()),
    }
}
