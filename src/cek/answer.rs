//! What CEK is answered.

use actix_web::HttpResponse;
use serde_json::json;

use super::{admission::NotAdmitted, message::NotAMessage};
use crate::{
    client::{cek::SpokenLanguage, speech::fitted},
    foundation::random::Random,
    web::i18n::Words,
};

/// The media type of CEK, both ways, with the parameter spelled right.
const JSON: &str = "application/json;charset=UTF-8";

/// A turn that is answered with speech and ends the session: nobody here goes on talking.
pub fn speech(version: Option<&str>, language: SpokenLanguage, text: &str) -> HttpResponse {
    let spoken = json!({
        "type": "SimpleSpeech",
        "values": {
            "type": "PlainText",
            "lang": language.lang().tag(),
            "value": fitted(text),
        },
    });
    response(version, language, &spoken)
}

/// An answer that says nothing: to an event, or at the end of a session.
pub fn silence(version: Option<&str>, language: SpokenLanguage) -> HttpResponse {
    response(version, language, &json!({}))
}

fn response(
    version: Option<&str>,
    language: SpokenLanguage,
    output_speech: &serde_json::Value,
) -> HttpResponse {
    // As the guides of NAVER and of LINE print it.
    let usual = match language {
        SpokenLanguage::Ko => "0.1.0",
        SpokenLanguage::En | SpokenLanguage::Ja => "1.0",
    };
    let body = json!({
        "version": version.unwrap_or(usual),
        "sessionAttributes": {},
        "response": {
            "outputSpeech": output_speech,
            "card": {},
            "directives": [],
            "shouldEndSession": true,
        },
    });
    HttpResponse::Ok().content_type(JSON).body(body.to_string())
}

/// A CLOVA Home message of that name and nothing in it: how Home is told of errors, with status 200.
pub fn home(name: &str, random: &dyn Random) -> HttpResponse {
    let body = json!({
        "header": {
            "messageId": random.uuid(),
            "namespace": "ClovaHome",
            "name": name,
            "payloadVersion": "1.0",
        },
        "payload": {},
    });
    HttpResponse::Ok().content_type(JSON).body(body.to_string())
}

/// What an extension says of its own, or what we say for it in its language where it says nothing.
pub fn sentence(language: SpokenLanguage, own: &str, key: &str) -> String {
    if own.trim().is_empty() {
        Words::new(language.lang()).say(key)
    } else {
        own.to_owned()
    }
}

/// Refuses a request that is not let in. Nothing is logged: anybody can send a thousand a second.
pub fn not_admitted(why: NotAdmitted) -> HttpResponse {
    HttpResponse::Forbidden().json(json!({
        "error": "access_denied",
        "error_description": why.to_string(),
    }))
}

/// Refuses a request that was let in and says nothing that is understood.
pub fn not_understood(why: NotAMessage) -> HttpResponse {
    HttpResponse::BadRequest().json(json!({
        "error": "invalid_request",
        "error_description": why.to_string(),
    }))
}

/// There is nobody to ask here.
pub fn unknown_client() -> HttpResponse {
    HttpResponse::NotFound().json(json!({
        "error": "not_found",
        "error_description": "there is no such client",
    }))
}
