//! What every page and endpoint shares: state, cookies, forms, flows, headers, words and the pages
//! that belong to no slice.

pub mod assets;
pub mod body;
pub mod bounds;
pub mod branding;
pub mod browser;
pub mod caller;
pub mod cookies;
pub mod csrf;
pub mod device;
pub mod flow;
pub mod form;
pub mod frame;
pub mod headers;
pub mod i18n;
pub mod json;
pub mod limits;
pub mod packed;
pub mod page;
pub mod page_error;
pub mod pages;
pub mod relying_party;
pub mod sealed;
pub mod start;
pub mod state;
pub mod time;
pub mod user_agent;
