//! How a client's chat users are connected (`docs/clova.md`): not at all without a domain code.

use super::refused::Refused;
use crate::foundation::{keys::SealedSecret, outbound::Outbound};

/// The longest code of a chatbot domain, in characters.
pub const MAX_DOMAIN_CODE: usize = 128;
/// The longest Secret key of a chatbot.
pub const MAX_SECRET: usize = 256;

/// What an admin can set about the chatbot's authentication.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChatbotSettings {
    /// The code of the chatbot's domain.
    pub domain_code: Option<String>,
    /// Where the chatbot is told of a new connection: its API Gateway's Invoke URL.
    pub invoke_url: Option<String>,
    /// The chatbot's Secret key, which signs those calls.
    pub secret: Option<SealedSecret>,
}

impl ChatbotSettings {
    /// Whether all of it holds.
    pub fn check(&self, outbound: Outbound) -> Result<(), Refused> {
        let is_code = |code: &String| is_printable(code, MAX_DOMAIN_CODE);
        if !self.domain_code.as_ref().is_none_or(is_code) {
            return Err(Refused::DomainCode);
        }
        if let Some(url) = &self.invoke_url {
            outbound.check(url).map_err(Refused::InvokeUrl)?;
        }
        Ok(())
    }
}

/// Whether a text could be a chatbot's Secret key.
pub fn check_secret(text: &str) -> Result<(), Refused> {
    let graphic = text.bytes().all(|byte| byte.is_ascii_graphic());
    if graphic && (1..=MAX_SECRET).contains(&text.len()) {
        Ok(())
    } else {
        Err(Refused::ChatbotSecret)
    }
}

/// Whether a text has 1 to `most` characters, none of them a control character.
pub fn is_printable(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}
