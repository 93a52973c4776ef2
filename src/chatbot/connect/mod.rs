//! The chatbot's OAuth authentication (`docs/clova.md`): the builder asks whether whom it talks to is
//! connected, and sends them here to log in and say yes.
//!
//! The builder signs nothing, and its users travel in addresses that anybody can write. So an answer tells
//! nothing but yes or no, and a connection is made by an explicit yes to a page that names the chat.

pub mod approval;
pub mod asking;
pub mod confirm;
pub mod login;
pub mod lookup;
pub mod notice;
pub mod outbox;
pub mod pages;
pub mod store;

use serde::{Deserialize, Serialize};

use crate::{link::chat_user::ChatUser, web::flow::FlowRequest};

/// A checked request to connect a chat user, as it is sealed into the flow.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ConnectionRequest {
    /// Who says to be there.
    pub user: ChatUser,
    /// What the chatbot is told back.
    pub nonce: Option<String>,
    /// What the client may see then.
    pub scopes: Vec<String>,
}

impl FlowRequest for ConnectionRequest {
    const PAGE: &'static str = "/connect";
}
