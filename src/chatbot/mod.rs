//! The calls of a chatbot: actions, values about the account a link's token stands for.
//!
//! The chatbot builder calls with every utterance and waits 200 ms in all, so a call is arithmetic,
//! one read and one answer, and after its deadline a clear "busy" instead: what comes later, nobody
//! hears.

pub mod action;
pub mod by_chat_user;
pub mod call;
pub mod connect;
pub mod endpoint;
pub mod lookup;
pub mod manner;
pub mod recorder;
pub mod several;
pub mod store;
pub mod user_variable;
pub mod whose;
