use actix_web::{FromRequest, test::TestRequest};

use super::*;
use crate::protocol::ErrorCode;

const FORM: &str = "application/x-www-form-urlencoded";

/// What a place holds in a call: the text, nothing, or the error's code.
async fn at(call: TestRequest, place: &str) -> Result<Option<String>, ErrorCode> {
    let (request, mut payload) = call.to_http_parts();
    let payload = Payload::from_request(&request, &mut payload).await.unwrap();
    let call = Call::read(&request, payload)
        .await
        .map_err(|error| error.code())?;
    let text = call.at(&place.parse().unwrap());
    text.map(|text| text.map(str::to_owned))
        .map_err(|error| error.code())
}

fn call(headers: &[(&'static str, &'static str)], query: &str, body: (&str, &str)) -> TestRequest {
    let mut request = TestRequest::post().uri(&format!("/action/c/a?{query}"));
    for header in headers {
        request = request.append_header(*header);
    }
    if !body.0.is_empty() {
        request = request.insert_header(("content-type", body.0));
    }
    request.set_payload(body.1.to_owned())
}

#[actix_web::test]
async fn a_token_is_found_at_every_kind_of_place() {
    let json = r#"{"accessToken":"t","user":{"tokens":["x","t"]}}"#;
    for (headers, query, body, place) in [
        (&[("authorization", "bEaReR t")][..], "", ("", ""), "bearer"),
        (&[("x-token", "t")], "", ("", ""), "header:X-Token"),
        (&[("x-token", "Bearer  t ")], "", ("", ""), "header:x-token"),
        (&[], "token=t", ("", ""), "query:token"),
        (&[], "", (FORM, "accessToken=t"), "form:accessToken"),
        (&[], "", ("application/json", json), "json:/accessToken"),
        (
            &[],
            "",
            ("application/json;UTF-8", json),
            "json:/user/tokens/1",
        ),
    ] {
        let found = at(call(headers, query, body), place).await;
        assert_eq!(found, Ok(Some("t".to_owned())), "{place}");
    }
}

#[actix_web::test]
async fn a_place_may_hold_nothing() {
    for (headers, query, body, place) in [
        (&[][..], "", ("", ""), "bearer"),
        (&[("authorization", "Basic dDp0")], "", ("", ""), "bearer"),
        (&[("x-token", "")], "", ("", ""), "header:x-token"),
        (&[], "token=", ("", ""), "query:token"),
        (&[], "", ("text/plain", "accessToken=t"), "form:accessToken"),
        (&[], "", (FORM, ""), "form:accessToken"),
        (&[], "", ("application/json", ""), "json:/accessToken"),
        (
            &[],
            "",
            ("application/json", r#"{"accessToken":null}"#),
            "json:/accessToken",
        ),
        (
            &[],
            "",
            ("application/json", r#"["t"]"#),
            "json:/accessToken",
        ),
    ] {
        let found = at(call(headers, query, body), place).await;
        assert_eq!(found, Ok(None), "{place}");
    }
}

#[actix_web::test]
async fn what_can_be_no_token_is_an_error() {
    use ErrorCode::{InvalidRequest, InvalidToken};
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(body::MAX_CALL_BYTES));
    for (headers, query, body, place, code) in [
        (
            &[("authorization", "Bearer a"), ("authorization", "Bearer a")][..],
            "",
            ("", ""),
            "query:token",
            InvalidRequest,
        ),
        (
            &[("authorization", "Bearer a b")],
            "",
            ("", ""),
            "bearer",
            InvalidToken,
        ),
        (
            &[("x-token", "a"), ("x-token", "a")],
            "",
            ("", ""),
            "header:x-token",
            InvalidRequest,
        ),
        (&[], "t=a&t=a", ("", ""), "query:t", InvalidRequest),
        (&[], "t=%zz", ("", ""), "bearer", InvalidRequest),
        (&[], "", (FORM, "t=a&t=b"), "form:t", InvalidRequest),
        (
            &[],
            "",
            ("application/json", r#"{"t":7}"#),
            "json:/t",
            InvalidToken,
        ),
        (&[], "", ("application/json", "{"), "bearer", InvalidRequest),
        (
            &[],
            "",
            ("application/json", deep.as_str()),
            "bearer",
            InvalidRequest,
        ),
        (
            &[],
            "",
            ("application/json", large.as_str()),
            "bearer",
            InvalidRequest,
        ),
    ] {
        let found = at(call(headers, query, body), place).await;
        assert_eq!(found, Err(code), "{place} {:.40}", body.1);
    }
}

#[actix_web::test]
async fn an_entity_is_what_came_along_but_never_a_token() {
    let places: Vec<TokenPlace> = ["query:token", "form:token", "json:/token"]
        .iter()
        .map(|place| place.parse().unwrap())
        .collect();
    let json =
        r#"{"city":"서울","count":2,"yes":true,"null":null,"list":[1],"token":"t","a/b":"c"}"#;
    for (query, body, name, value) in [
        ("city=%EC%84%9C%EC%9A%B8", ("", ""), "city", Some("서울")),
        ("", (FORM, "city=a+b"), "city", Some("a b")),
        ("", ("application/json", json), "city", Some("서울")),
        ("", ("application/json", json), "count", Some("2")),
        ("", ("application/json", json), "yes", Some("true")),
        ("", ("application/json", json), "a/b", Some("c")),
        ("", ("application/json", json), "list", None),
        (
            "city=query",
            ("application/json", json),
            "city",
            Some("query"),
        ),
        ("", ("", ""), "city", None),
        ("token=t", ("", ""), "token", None),
        ("", (FORM, "token=t"), "token", None),
        ("", ("application/json", json), "token", None),
    ] {
        let (request, mut payload) = call(&[], query, body).to_http_parts();
        let payload = Payload::from_request(&request, &mut payload).await.unwrap();
        let call = Call::read(&request, payload).await.unwrap();
        assert_eq!(call.entity(name, &places).as_deref(), value, "{name}");
    }
}

#[test]
fn every_string_of_a_body_is_looked_at() {
    let body = serde_json::json!({"a": "1", "b": [{"c": "2"}, 3, ["4"]], "d": null});
    assert_eq!(leaves(&body).collect::<Vec<_>>(), ["1", "2", "4"]);
}
