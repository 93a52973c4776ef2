//! What a recorded call is answered: nothing about anybody, in the form its caller can show.

use actix_web::HttpResponse;
use serde_json::{Value, json};

/// What is said wherever a value is expected.
const RECORDED: &str = "recorded";

/// The answer to a call of that path and JSON body. A request of `/confirm` hears that nobody is
/// connected; an action method v2.0 and CEK hear "recorded" in their own formats, and everything else,
/// an action method v1.0 among it, as plain text.
pub fn to(rest: &str, body: Option<&Value>) -> HttpResponse {
    if rest.rsplit('/').next() == Some("confirm") {
        return HttpResponse::Ok().json(json!({ "valid": false }));
    }
    if let Some(methods) = body.and_then(|body| body.pointer("/actionMethod/methods")) {
        return HttpResponse::Ok().json(json!({ "data": values(methods) }));
    }
    if body.is_some_and(is_cek_request) {
        return HttpResponse::Ok().json(cek_response());
    }
    HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .body(RECORDED)
}

fn values(methods: &Value) -> Vec<Value> {
    let names = methods.as_array().into_iter().flatten();
    let names = names.filter_map(|method| method.get("variableName")?.as_str());
    names
        .map(|name| json!({ "variableName": name, "value": RECORDED }))
        .collect()
}

fn is_cek_request(body: &Value) -> bool {
    let has = |pointer| body.pointer(pointer).is_some_and(Value::is_string);
    has("/version") && has("/request/type")
}

fn cek_response() -> Value {
    json!({
        "version": "0.1.0",
        "sessionAttributes": {},
        "response": {
            "outputSpeech": {
                "type": "SimpleSpeech",
                "values": { "type": "PlainText", "lang": "en", "value": RECORDED }
            },
            "card": {},
            "directives": [],
            "shouldEndSession": true
        }
    })
}
