//! The `linkgate` command as scripts meet it: arguments, stdin, stdout, stderr and the exit code.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "processes have an environment, and waiting for them takes real time"
)]

#[path = "../command/mod.rs"]
mod command;
mod harness;

mod accounts;
mod actions;
mod admins;
mod attempts;
mod chatbot;
mod clients;
mod import;
mod invitations;
mod keys;
mod links;
mod logs;
mod look;
mod meanwhile;
mod private_postgres;
mod settings;
mod simulate;
mod unchanged;
mod verified_tls;
