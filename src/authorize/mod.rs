//! From a platform's request to the redirect back to it.

pub mod pages;
