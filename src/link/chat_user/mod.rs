//! Chat users: whom a chatbot talks to. A link that was made from a chat knows whose chat it was.

pub mod store;

use serde::{Deserialize, Serialize};

use crate::client::chatbot::{MAX_DOMAIN_CODE, is_printable};

/// The longest id of a user, in characters.
pub const MAX_USER_ID: usize = 256;
/// The longest name of a messenger platform.
pub const MAX_PLATFORM: usize = 64;

/// Who somebody is to a chatbot. Anybody may claim to be anybody: it proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatUser {
    /// The chatbot's domain.
    pub domain_code: String,
    /// The messenger.
    pub platform: String,
    /// The user there.
    pub user_id: String,
}

/// Why something names no chat user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAChatUser {
    /// The user's id.
    UserId,
    /// The messenger.
    Platform,
    /// The domain.
    DomainCode,
}

impl ChatUser {
    /// The user that a chatbot names so.
    pub fn named(user_id: &str, platform: &str, domain_code: &str) -> Result<Self, NotAChatUser> {
        if !is_printable(user_id, MAX_USER_ID) {
            return Err(NotAChatUser::UserId);
        }
        if !is_printable(platform, MAX_PLATFORM) {
            return Err(NotAChatUser::Platform);
        }
        if !is_printable(domain_code, MAX_DOMAIN_CODE) {
            return Err(NotAChatUser::DomainCode);
        }
        Ok(Self {
            domain_code: domain_code.to_owned(),
            platform: platform.to_owned(),
            user_id: user_id.to_owned(),
        })
    }
}

impl NotAChatUser {
    /// For whoever named it.
    pub const fn description(self) -> &'static str {
        match self {
            Self::UserId => "userId must have 1 to 256 characters, and no control character",
            Self::Platform => "platform must have 1 to 64 characters, and no control character",
            Self::DomainCode => {
                "domainCode must have 1 to 128 characters, and no control character"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chat_user_has_bounds() {
        let named = |user: &str, platform: &str, domain: &str| {
            ChatUser::named(user, platform, domain).map(drop)
        };
        let long = |most: usize| "한".repeat(most);
        assert_eq!(named("u", "line", "d"), Ok(()));
        assert_eq!(named(&long(256), &long(64), &long(128)), Ok(()));
        for user in ["", &long(257), "a\nb", "a\0", "\u{85}"] {
            assert_eq!(named(user, "line", "d"), Err(NotAChatUser::UserId));
        }
        assert_eq!(named("u", &long(65), "d"), Err(NotAChatUser::Platform));
        assert_eq!(
            named("u", "line", &long(129)),
            Err(NotAChatUser::DomainCode)
        );
    }
}
