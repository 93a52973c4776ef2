//! Linkgate from outside, over HTTP alone. Each test has a database, a clock and a server of its
//! own; the `oauth2` crate plays the platform, and raw forms play one that misbehaves.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod harness;

mod action;
mod admin_accounts;
mod admin_admins;
mod admin_attempts;
mod admin_client_changes;
mod admin_client_keys;
mod admin_client_secrets;
mod admin_clients;
mod admin_door;
mod admin_invitations;
mod admin_links;
mod admin_sessions;
mod admin_settings;
mod admin_setup;
mod answer_headers;
mod attempt_details;
mod attempts;
mod audience;
mod authorize_posted;
mod authorize_redirect_uri;
mod authorize_request;
mod bounds;
mod branding;
mod chatbot_login;
mod cek;
mod client_assertion;
mod client_authentication;
mod clova_story;
mod code;
mod code_challenge;
mod consent;
mod corpora;
mod error_words;
mod flow;
mod forgery;
mod idle_expiry;
mod introspect;
mod jwt;
mod leaks;
mod link_mails;
mod key_changes;
mod key_lives;
mod linked_apps;
mod limits;
mod login;
mod login_limits;
mod mail;
mod meanwhile;
mod outbound;
mod own_account;
mod own_deletion;
mod own_email;
mod own_password;
mod poor_database;
mod providers;
mod races;
mod recorder;
mod redirect_uri_registration;
mod refresh;
mod refresh_model;
mod refresh_together;
mod resolve;
mod revoke;
mod second_factor;
mod secret_key;
mod secret_uses;
mod sessions;
mod shared_statements;
mod sign_up;
mod soak;
mod story;
mod surroundings;
mod timing;
mod together;
mod token_answer;
mod token_request;
mod userinfo;
