//! The query of an authorization request: decoded exactly once, never answered anywhere but at the
//! client's own redirect URI, and with the very `state` that came.

use actix_web::http::header;
use linkgate::{
    authorize::{request, return_to::ReturnTo},
    client::Client,
    foundation::{ids::FlowId, keys::KeyKind},
    link::code::AuthorizationCode,
    protocol::Parameters,
};
use url::{Url, form_urlencoded};
use uuid::Uuid;

use super::fixtures::{self, ISSUER, REDIRECT_URI};

pub fn hold(raw: &[u8]) {
    let Ok(parameters) = Parameters::parse(raw) else {
        return;
    };
    decoded_exactly_once(raw, &parameters);
    if request::client_id(&parameters).is_err() {
        return;
    }
    let url = fixtures::public_url();
    let identified = request::identify(Some(fixtures::client()), &parameters, &url);
    let Ok((client, return_to)) = identified else {
        return;
    };
    assert_eq!(parameters.get("redirect_uri"), Some(REDIRECT_URI));
    assert!(!parameters.duplicate("redirect_uri") && !parameters.duplicate("client_id"));
    let error = checked(&client, &return_to, &parameters);
    answered(&return_to, &parameters, error.as_ref());
}

/// Held against another decoder, and against what it prints itself.
fn decoded_exactly_once(raw: &[u8], parameters: &Parameters) {
    let decoded: Vec<_> = parameters
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let other: Vec<_> = form_urlencoded::parse(raw).into_owned().collect();
    assert_eq!(decoded, other);
    let mut printed = form_urlencoded::Serializer::new(String::new());
    let printed = printed.extend_pairs(parameters.iter()).finish();
    assert!(Parameters::parse(printed.as_bytes()).unwrap() == *parameters);
}

/// What is wrong with the rest of the request, if anything is.
fn checked(
    client: &Client,
    return_to: &ReturnTo,
    parameters: &Parameters,
) -> Option<linkgate::protocol::OAuthError> {
    let request = match request::check(client, return_to, parameters) {
        Ok(request) => request,
        Err(error) => return Some(error),
    };
    for name in [
        "response_type",
        "response_mode",
        "scope",
        "state",
        "code_challenge",
        "code_challenge_method",
    ] {
        assert!(!parameters.duplicate(name), "{name} came twice");
    }
    assert_eq!(parameters.get("response_type"), Some("code"));
    assert_eq!(request.state.as_deref(), parameters.get("state"));
    assert_eq!(request.redirect_uri, REDIRECT_URI);
    assert_eq!(
        request.code_challenge.as_deref(),
        parameters.get("code_challenge")
    );
    let method = parameters.get("code_challenge_method");
    assert_eq!(
        method,
        request.code_challenge.as_ref().map(|challenge| {
            assert_eq!(challenge.len(), 43);
            "S256"
        })
    );
    let granted = request
        .scopes
        .iter()
        .all(|scope| client.scopes.contains(scope));
    assert!(granted && !request.scopes.is_empty());
    None
}

/// The redirect leads to the redirect URI, adds only what it should, and gives the state back.
fn answered(
    return_to: &ReturnTo,
    parameters: &Parameters,
    error: Option<&linkgate::protocol::OAuthError>,
) {
    let key = fixtures::key(KeyKind::Code);
    let code = AuthorizationCode::of_flow(FlowId(Uuid::nil()), &key);
    let (answer, mut expected) = match error {
        None => (
            return_to.with_code(&code),
            vec![("code", code.expose().to_owned())],
        ),
        Some(error) => (
            return_to.with_error(error),
            vec![
                ("error", error.code().as_str().to_owned()),
                ("error_description", error.description().to_owned()),
            ],
        ),
    };
    let location = answer.headers().get(header::LOCATION).unwrap();
    let location = location.to_str().unwrap();
    assert!(location.starts_with(REDIRECT_URI), "{location}");
    let state = parameters
        .get("state")
        .filter(|state| state.len() <= 4096 && !parameters.duplicate("state"));
    expected.insert(0, ("vendorId", "x".to_owned()));
    expected.extend(state.map(|state| ("state", state.to_owned())));
    expected.push(("iss", ISSUER.to_owned()));
    let location = Url::parse(location).unwrap();
    let given: Vec<_> = location.query_pairs().into_owned().collect();
    let expected: Vec<_> = expected
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    assert_eq!(given, expected);
    assert_eq!(location.fragment(), None);
}
