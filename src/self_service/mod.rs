//! What people do about their own accounts: see what is linked and end it.

pub mod linked_apps;
pub mod pages;
