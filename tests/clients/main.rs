//! Third-party clients, unmodified, against a running server: each links, refreshes and revokes as
//! its users would have it do. Each test has a database and a server of its own.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[expect(
    dead_code,
    unused_imports,
    reason = "shared with the tests over plain HTTP, which use all of it"
)]
#[path = "../api/harness/mod.rs"]
mod harness;

#[path = "../libraries/mod.rs"]
mod libraries;
mod story;

mod apache;
mod javascript;
mod oracle;
mod python;
mod rust;
