//! The calls of a chatbot: actions, one value about the account a link's token stands for.
//!
//! The chatbot builder calls with every utterance and waits 200 ms in all, so a call is arithmetic,
//! one read and one answer, and after [`DEADLINE`] a clear "busy" instead.

pub mod action;
pub mod call;
pub mod endpoint;
pub mod manner;
pub mod store;
pub mod template;

use std::time::Duration;

/// After this the caller is told that the server is busy: what came later, nobody would hear.
pub const DEADLINE: Duration = Duration::from_millis(150);
