//! A request of CEK: lines of `SignatureCEK` headers, an empty line, and the body. Only the one text that
//! signs exactly this body lets it in, and what is read of the body speaks for nobody who does not.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use linkgate::{
    cek::{
        admission::Presented,
        extension::{Extension, Known},
        message::{Happening, Message, Speaker, Turn},
    },
    client::{
        cek::{CekAnswer, SpokenLanguage},
        cek_key::CekKey,
    },
    foundation::ids::ClientId,
};
use serde_json::Value;

use super::fixtures;

const EXTENSION: &str = "com.example.bot";

pub fn hold(bytes: &[u8]) {
    let end = bytes.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = match end {
        Some(end) => (&bytes[..end], &bytes[end + 2..]),
        None => (&[][..], bytes),
    };
    let lines = fixtures::lines(head).into_iter();
    let values: Vec<_> = lines
        .filter_map(|line| HeaderValue::from_bytes(line).ok())
        .collect();
    let presented = presented(&values);
    match &presented {
        Presented::Nothing => assert!(values.is_empty()),
        Presented::Malformed => assert!(!values.is_empty()),
        Presented::Signature(signature) => {
            assert_eq!(values.len(), 1);
            assert_eq!(values[0].as_bytes(), STANDARD.encode(signature).as_bytes());
        }
    }
    let right = sign(body);
    let is_right = presented == Presented::Signature(right.clone());
    assert_eq!(
        presented.of_body(body, &known(true, false)).is_ok(),
        is_right
    );
    assert!(presented.of_body(body, &known(false, false)).is_err());
    // Taking unsigned ones never takes a wrong signature.
    let taken = presented.of_body(body, &known(true, true)).is_ok();
    assert_eq!(taken, is_right || presented == Presented::Nothing);

    let signed = Presented::Signature(right);
    assert!(signed.of_body(body, &known(true, false)).is_ok());
    let longer = [body, b" "].concat();
    assert!(signed.of_body(&longer, &known(true, false)).is_err());
    if let Ok(message) = Message::read(body) {
        let json: Value = serde_json::from_slice(body).unwrap();
        read(&message, &json);
        for presented in [Presented::Nothing, signed] {
            is_for_us_alone(&presented, &message, &json);
        }
    }
}

fn presented(values: &[HeaderValue]) -> Presented {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(HeaderName::from_static("signaturecek"), value.clone());
    }
    Presented::of(&headers)
}

fn known(with_key: bool, take_unsigned: bool) -> Known {
    let pem = include_str!("platform/public.pem");
    let extension = Extension {
        client_id: ClientId("speaker".to_owned()),
        extension_id: Some(EXTENSION.to_owned()),
        public_key: with_key.then(|| pem.to_owned()),
        test_keys: Vec::new(),
        take_unsigned,
        answer: CekAnswer::Speech,
        language: SpokenLanguage::Ko,
        speech: String::new(),
        relink_sentence: String::new(),
        busy_sentence: String::new(),
    };
    let keys = with_key.then(|| CekKey::read(pem).unwrap());
    Known {
        extension,
        keys: keys.into_iter().collect(),
    }
}

/// RSA PKCS#1 v1.5 has one signature for each body.
fn sign(body: &[u8]) -> Vec<u8> {
    let key = EncodingKey::from_rsa_der(include_bytes!("platform/private.der"));
    let signature = crypto::sign(body, &key, Algorithm::RS256).unwrap();
    URL_SAFE_NO_PAD.decode(signature).unwrap()
}

fn read(message: &Message, json: &Value) {
    match message {
        Message::Home(home) => {
            assert_eq!(home.speaker.user_id, None);
            tells_the_token_of(&home.speaker, json.pointer("/payload/accessToken"));
        }
        Message::Event(event) => {
            assert_eq!(json["request"]["type"], "EventRequest");
            if let Happening::Enabled(at) | Happening::Disabled(at) = &event.what {
                assert_eq!(
                    json["context"]["System"]["user"]["userId"],
                    at.user_id.as_str()
                );
                assert!(!at.user_id.is_empty());
            }
        }
        Message::Turn(turn) => turns(turn, json),
    }
}

fn turns(turn: &Turn, json: &Value) {
    let kind = json["request"]["type"].as_str().unwrap();
    assert_eq!(turn.is_over, kind == "SessionEndedRequest");
    let owner = json.pointer("/context/System/user");
    let session = json.get("session").filter(|session| !session.is_null());
    let current = match session {
        Some(session) => session.get("user"),
        None => owner,
    };
    let member = |user: Option<&Value>, name: &str| {
        let value = user?.get(name)?;
        (!value.is_null() && *value != "").then(|| value.clone())
    };
    // A guest is never answered with what is the owner's.
    if member(current, "accessToken").is_some() {
        tells_the_token_of(
            &turn.speaker,
            current.and_then(|user| user.get("accessToken")),
        );
    } else if turn.speaker.token.is_some() {
        let same = member(current, "userId");
        assert!(same.is_some() && same == member(owner, "userId"));
        tells_the_token_of(
            &turn.speaker,
            owner.and_then(|user| user.get("accessToken")),
        );
    }
    if let Some(slots) = json
        .pointer("/request/intent/slots")
        .and_then(Value::as_object)
    {
        for (name, slot) in slots {
            let said = turn.slot(name);
            let value = &slot["value"];
            assert!(said.is_none() || !(value.is_object() || value.is_array()));
        }
    }
    if let Some(version) = &turn.version {
        assert!(
            version.len() <= 16 && !version.contains(|c: char| !c.is_ascii_digit() && c != '.')
        );
    }
}

fn tells_the_token_of(speaker: &Speaker, value: Option<&Value>) {
    let text = match value {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone()).filter(|text| !text.is_empty()),
        Some(other) => Some(other.to_string()),
    };
    assert_eq!(speaker.token, text);
}

fn is_for_us_alone(presented: &Presented, message: &Message, json: &Value) {
    let known = known(true, true);
    let signed = *presented != Presented::Nothing;
    let named = json.pointer("/context/System/application/applicationId");
    let named = named.filter(|named| !named.is_null());
    let names_us = named.is_some_and(|named| named == EXTENSION);
    let let_in = presented.for_extension(message, &known).is_ok();
    match message {
        Message::Event(_) => assert_eq!(let_in, signed && names_us),
        Message::Turn(_) => assert_eq!(let_in, named.is_none() || names_us),
        Message::Home(_) => assert!(let_in),
    }
    let home = matches!(message, Message::Home(_));
    assert_eq!(
        presented.proves(message, &known),
        signed && names_us && !home
    );
}
