//! The private PostgreSQL, on real directories, with real kills; as root and as an ordinary user.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test may panic, and tells its helper process by the environment where to work"
)]

mod commands;
mod harness;
mod killed;
mod starting;
