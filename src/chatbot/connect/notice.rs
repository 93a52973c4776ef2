//! What the chatbot is told once somebody is connected, as its documents print it (clova.md 1.3, 1.4).

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::Sha256;

use crate::{
    foundation::ids::{ClientId, LinkId},
    link::chat_user::ChatUser,
};

/// Goes with the body, as printed; a parameter without a name is no media type.
pub const MEDIA_TYPE: &str = "application/json;UTF-8";
/// The header of the signature.
pub const SIGNATURE_HEADER: &str = "X-NCP-CHATBOT_SIGNATURE";

/// Something the chatbot is to be told.
#[derive(Debug)]
pub struct NewNotice<'a> {
    /// The chatbot's client.
    pub client: &'a ClientId,
    /// By which link.
    pub link: LinkId,
    /// Who is connected.
    pub user: &'a ChatUser,
    /// Of the login's address, or a new one: the documents call it required, and optional.
    pub nonce: String,
    /// Since when.
    pub made_at: DateTime<Utc>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    domain_code: &'a str,
    platform: &'a str,
    user_id: &'a str,
    nonce: &'a str,
    need_push: bool,
}

/// The bytes that are sent, and signed.
pub fn body(user: &ChatUser, nonce: &str) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&Body {
        domain_code: &user.domain_code,
        platform: &user.platform,
        user_id: &user.user_id,
        nonce,
        need_push: true,
    })
}

/// Base64 of HMAC-SHA-256 over exactly these bytes, with the chatbot's Secret key as its text is.
pub fn signature(secret: &[u8], body: &[u8]) -> String {
    // No length of key is wrong to HMAC.
    let signed = Hmac::<Sha256>::new_from_slice(secret).map(|mac| mac.chain_update(body));
    signed.map_or_else(
        |_| String::new(),
        |mac| STANDARD.encode(mac.finalize().into_bytes()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_as_the_documents_print_it_and_signed_as_it_is() {
        let user = ChatUser {
            domain_code: "guide".to_owned(),
            platform: "line".to_owned(),
            user_id: "U1 \"한\"".to_owned(),
        };
        let body = body(&user, "n").unwrap();
        assert_eq!(
            str::from_utf8(&body).unwrap(),
            r#"{"domainCode":"guide","platform":"line","userId":"U1 \"한\"","nonce":"n","needPush":true}"#
        );
        // RFC 4231, test case 2.
        let signed = signature(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(signed, "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=");
    }
}
