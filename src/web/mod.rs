//! What every page shares: its words, its frame, and the pages that belong to no slice.

pub mod frame;
pub mod i18n;
pub mod pages;
pub mod time;
