//! The person's account: logging in, and the page of what is linked to it.

pub mod pages;
