//! Linkgate in a real Chromium, driven from outside and as wide as a phone. Each test has a
//! database, a server and a browser of its own; nothing leaves the machine.

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

mod chrome;
mod chromedriver;
mod clova;
mod person;
mod site;

mod accessible;
mod console;
mod from_elsewhere;
mod keyboard;
mod linking;
mod on_the_way;
mod passkeys;
mod signing_up;
mod unlinking;
