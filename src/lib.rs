//! Linkgate: an OAuth 2.0 account-linking authorization server. A module may use only those above it.

pub mod protocol;

pub mod client;
