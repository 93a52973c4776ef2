//! Linkgate: OAuth 2.0 account linking for voice assistants.

pub mod protocol;
pub mod web;
pub mod client;
pub mod account;
pub mod authorize;
