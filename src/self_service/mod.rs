//! What people do about their own accounts: see what is linked and end it, see where they are signed
//! in, change what is known of them, take it along, and go.

pub mod confirmation;
pub mod connections;
pub mod deletion;
pub mod details;
pub mod email;
pub mod export;
pub mod factors;
pub mod linked_apps;
pub mod pages;
pub mod password;
pub mod security;
pub mod store;
pub mod visit;
