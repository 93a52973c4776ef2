//! Authorization requests: what is refused, where the refusal goes, and what comes back unharmed
//! (AUT in the abuse cases).

use linkgate::client::registration::Draft;
use sqlx::PgPool;

use crate::harness::{Pkce, Redirect, Stage, draft};

/// What any request for this client is answered with before a login.
async fn refused_with(stage: &Stage, parameters: &[(&str, &str)], error: &str) {
    let all: Vec<_> = parameters
        .iter()
        .copied()
        .chain([("state", "a b&c")])
        .collect();
    let answer = stage.open(&all).await;
    assert_eq!(answer.status, 303, "{parameters:?}: {answer:?}");
    let redirect = Redirect::of(&answer);
    assert_eq!(redirect.target, stage.platform.redirect_uri);
    redirect.assert_error(error, Some("a b&c"));
    assert_eq!(redirect.get("iss"), Some(stage.app.issuer().as_str()));
}

#[sqlx::test]
async fn aut_01_an_unknown_client_never_redirects(db: PgPool) {
    let stage = Stage::set(db).await;
    for id in ["unknown", "", "a\0b", "' or true --", &"x".repeat(5000)] {
        let answer = stage.open(&[("client_id", id), ("state", "s")]).await;
        answer.assert_page(400);
    }
}

#[sqlx::test]
async fn aut_02_a_disabled_client_never_redirects(db: PgPool) {
    let stage = Stage::set(db).await;
    stage.app.disable_client(&stage.client).await;
    stage.open(&[("state", "s")]).await.assert_page(400);
    stage
        .open(&[("response_type", "token")])
        .await
        .assert_page(400);
}

#[sqlx::test]
async fn aut_03_only_the_code_response_type_is_spoken(db: PgPool) {
    let stage = Stage::set(db).await;
    refused_with(&stage, &[("response_type", "")], "invalid_request").await;
    for other in ["token", "id_token", "code token", "CODE", "code ", "none"] {
        let error = "unsupported_response_type";
        refused_with(&stage, &[("response_type", other)], error).await;
    }
}

#[sqlx::test]
async fn aut_04_the_redirect_uri_is_proven_before_anything_else_is_said(db: PgPool) {
    let stage = Stage::set(db).await;
    let bad = [
        ("scope", "nonsense"),
        ("response_type", "token"),
        ("redirect_uri", "https://evil.test/"),
    ];
    stage.open(&bad).await.assert_page(400);
}

#[sqlx::test]
async fn aut_05_a_repeated_parameter_is_refused(db: PgPool) {
    let stage = Stage::set(db).await;
    let pkce = Pkce::default();
    let url = stage.platform.url_with(&[]);
    let id = stage.client.id();
    for (name, value) in [
        ("client_id", id.as_str()),
        ("redirect_uri", "https://platform.test/callback"),
    ] {
        let answer = stage.browser.get(&format!("{url}&{name}={value}")).await;
        answer.assert_page(400);
    }
    for (name, value) in [
        ("response_type", "code"),
        ("response_mode", "query"),
        ("scope", "account:id"),
        ("code_challenge", pkce.challenge.as_str()),
        ("code_challenge_method", "S256"),
        ("request", "x"),
        ("request_uri", "x"),
    ] {
        let missing = if name == "response_type" {
            ""
        } else {
            "&response_type=code"
        };
        let query = format!(
            "client_id={id}&redirect_uri=https://platform.test/callback&state=s{missing}&{name}={value}&{name}={value}"
        );
        let answer = stage.browser.get(&stage.platform.raw_url(&query)).await;
        Redirect::of(&answer).assert_error("invalid_request", Some("s"));
    }
    // Which of two states would be the platform's? Neither is given back.
    for second in ["s", "t", ""] {
        let answer = stage
            .browser
            .get(&format!("{url}&state=s&state={second}"))
            .await;
        Redirect::of(&answer).assert_error("invalid_request", None);
    }
}

#[sqlx::test]
async fn aut_06_unknown_parameters_are_ignored(db: PgPool) {
    let stage = Stage::set(db).await;
    let unknown = [
        ("foo", "bar"),
        ("resource", "https://api.test"),
        ("claims", "{}"),
        ("nonce", "n"),
        ("prompt", "none"),
        ("login_hint", "<script>"),
    ];
    assert!(stage.approve(&unknown).await.get("code").is_some());
}

#[sqlx::test]
async fn aut_07_request_objects_are_refused_and_never_fetched(db: PgPool) {
    let stage = Stage::set(db).await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let uri = format!("http://{}/request", listener.local_addr().unwrap());
    refused_with(
        &stage,
        &[("request_uri", &uri)],
        "request_uri_not_supported",
    )
    .await;
    refused_with(&stage, &[("request", "e30.e30.")], "request_not_supported").await;
    let visitor = listener.accept().map_err(|error| error.kind());
    assert_eq!(visitor.unwrap_err(), std::io::ErrorKind::WouldBlock);
}

#[sqlx::test]
async fn aut_08_an_answer_goes_nowhere_but_into_the_query(db: PgPool) {
    let stage = Stage::set(db).await;
    for mode in ["fragment", "form_post", "web_message", "query.jwt", "QUERY"] {
        refused_with(&stage, &[("response_mode", mode)], "invalid_request").await;
    }
    let redirect = stage.approve(&[("response_mode", "query")]).await;
    assert!(redirect.get("code").is_some() && !redirect.location.contains('#'));
}

#[sqlx::test]
async fn aut_09_a_bad_scope_is_told_to_the_platform(db: PgPool) {
    let stage = Stage::set(db).await;
    let long = "account:email ".repeat(800);
    for scope in [
        "nonsense",
        "account:email nonsense",
        "account:email,account:profile",
        "ACCOUNT:EMAIL",
        "\"",
        "\\",
        "account:email\u{7}",
        "account:email\naccount:id",
        "한",
        long.as_str(),
    ] {
        refused_with(&stage, &[("scope", scope)], "invalid_scope").await;
    }
}

#[sqlx::test]
async fn aut_09_a_scope_is_read_up_to_its_bound(db: PgPool) {
    let stage = Stage::set(db).await;
    let longest = format!("{:4096}", "account:email");
    let redirect = stage.approve(&[("scope", longest.as_str())]).await;
    assert!(redirect.get("code").is_some(), "{redirect:?}");
    let longer = format!("{longest} ");
    refused_with(&stage, &[("scope", longer.as_str())], "invalid_scope").await;
}

#[sqlx::test]
async fn aut_09_a_request_without_scopes_gets_the_clients_own(db: PgPool) {
    let few = Draft {
        scopes: vec!["account:profile".to_owned()],
        ..draft()
    };
    let stage = Stage::set_for(db, few).await;
    for scope in ["", " "] {
        let code = stage.approve(&[("scope", scope)]).await;
        let tokens = crate::harness::tokens(&stage.redeem(code.code()).await);
        assert_eq!(tokens.scope, "account:id account:profile");
    }
}

#[sqlx::test]
async fn aut_10_a_client_gets_no_scope_it_is_not_registered_for(db: PgPool) {
    let few = Draft {
        scopes: vec!["account:profile".to_owned()],
        ..draft()
    };
    let stage = Stage::set_for(db, few).await;
    refused_with(&stage, &[("scope", "account:email")], "invalid_scope").await;
    refused_with(
        &stage,
        &[("scope", "account:profile account:email")],
        "invalid_scope",
    )
    .await;
}

#[sqlx::test]
async fn aut_11_state_comes_back_byte_for_byte(db: PgPool) {
    let stage = Stage::set(db).await;
    let (middling, longest) = ("x".repeat(512), "é&".repeat(1365) + "z");
    assert_eq!(longest.len(), 4096);
    for state in [
        "x",
        &middling,
        &longest,
        "한글 상태",
        "🍕👩‍👩‍👧",
        "a\0b",
        "a+b",
        "a b",
        "a&b=c",
        "\"'`",
        "<script>alert(1)</script>",
        "%2525",
        "%",
        "a\r\nb",
        "a\tb",
        "e\u{301}",
        " padded ",
        "../..;/?#",
        "[\"json\",{\"a\":1}]",
    ] {
        let url = stage.platform.url_with(&[("state", state)]);
        let page = stage.browser.consent_page(&stage.person, &url).await;
        assert!(!page.body.contains("<script>alert"), "{state}");
        let denied = Redirect::of(&stage.browser.decide(&page, "deny").await);
        denied.assert_error("access_denied", Some(state));
        let approved = Redirect::of(&stage.browser.decide(&page, "approve").await);
        assert_eq!(approved.get("state"), Some(state));
        let refused = Redirect::of(&stage.open(&[("state", state), ("scope", "no")]).await);
        refused.assert_error("invalid_scope", Some(state));
    }
}

#[sqlx::test]
async fn aut_11_a_state_that_is_too_long_is_refused_and_never_cut(db: PgPool) {
    let stage = Stage::set(db).await;
    let answer = stage.open(&[("state", &"x".repeat(4097))]).await;
    Redirect::of(&answer).assert_error("invalid_request", None);
}

#[sqlx::test]
async fn aut_12_without_a_state_none_comes_back(db: PgPool) {
    let stage = Stage::set(db).await;
    assert_eq!(stage.approve(&[]).await.get("state"), None);
    assert_eq!(stage.approve(&[("state", "")]).await.get("state"), None);
}

#[sqlx::test]
async fn aut_13_every_answer_names_the_issuer(db: PgPool) {
    let stage = Stage::set(db).await;
    let issuer = stage.app.issuer();
    let attacker = [("iss", "https://evil.test")];
    let approved = stage.approve(&attacker).await;
    assert_eq!(approved.get("iss"), Some(issuer.as_str()));
    let page = stage.consent_page(&attacker).await;
    let denied = Redirect::of(&stage.browser.decide(&page, "deny").await);
    assert_eq!(denied.get("iss"), Some(issuer.as_str()));
    let refused = Redirect::of(&stage.open(&[("response_type", "token")]).await);
    assert_eq!(refused.get("iss"), Some(issuer.as_str()));
}

#[sqlx::test]
async fn aut_13_a_client_may_be_spared_the_issuer(db: PgPool) {
    let stage = Stage::set(db).await;
    let change = |client: &mut linkgate::client::Client| client.settings.send_iss = false;
    stage.app.change_client(&stage.client, change).await;
    assert_eq!(stage.approve(&[]).await.get("iss"), None);
}

#[sqlx::test]
async fn pkc_01_a_public_client_must_send_a_challenge(db: PgPool) {
    let stage = Stage::set_public(db).await;
    refused_with(&stage, &[], "invalid_request").await;
    refused_with(&stage, &[("code_challenge", "")], "invalid_request").await;
}

#[sqlx::test]
async fn pkc_04_only_s256_challenges_are_taken(db: PgPool) {
    let stage = Stage::set(db).await;
    let pkce = Pkce::default();
    for method in ["plain", "", "s256", "S512", "none"] {
        let parameters = [
            ("code_challenge", pkce.challenge.as_str()),
            ("code_challenge_method", method),
        ];
        refused_with(&stage, &parameters, "invalid_request").await;
    }
    refused_with(
        &stage,
        &[("code_challenge_method", "S256")],
        "invalid_request",
    )
    .await;
}

#[sqlx::test]
async fn pkc_06_a_malformed_challenge_is_refused(db: PgPool) {
    let stage = Stage::set(db).await;
    let challenge = Pkce::default().challenge;
    let short = challenge.get(..42).unwrap().to_owned();
    let (long, padded) = (format!("{challenge}A"), format!("{challenge}="));
    let foreign = challenge.replace('-', "+");
    let spaced = format!("{short} ");
    for challenge in [short, long, padded, foreign, spaced, "é".repeat(21) + "x"] {
        let parameters = [
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        refused_with(&stage, &parameters, "invalid_request").await;
    }
}

#[sqlx::test]
async fn parameters_that_are_no_text_are_a_page(db: PgPool) {
    let stage = Stage::set(db).await;
    let url = stage.platform.url_with(&[]);
    for junk in [
        "a=%ff%fe",
        "a=%c0%ae",
        "a=%ed%a0%80",
        "a=%zz",
        "a=%",
        "scope=%00",
        "%00=a",
    ] {
        let answer = stage.browser.get(&format!("{url}&{junk}")).await;
        answer.assert_page(400);
    }
}

#[sqlx::test]
async fn xss_02_nothing_of_the_request_is_echoed_raw(db: PgPool) {
    let stage = Stage::set(db).await;
    for name in [
        "client_id",
        "redirect_uri",
        "error",
        "error_description",
        "error_hint",
        "login_hint",
        "user_locale",
        "state",
        "scope",
    ] {
        let hostile = format!("\"><svg onload=alert(1)> as {name}");
        for scope in ["account:id", "nonsense"] {
            let answer = stage.open(&[(name, &hostile), ("scope", scope)]).await;
            assert!(!answer.body.contains("<svg"), "{name}: {answer:?}");
            if let Some(location) = answer.header("location") {
                assert!(!location.contains("<svg"), "{name}: {location}");
                if location.starts_with('/') {
                    let page = stage.browser.get(location).await;
                    assert!(!page.body.contains("<svg"), "{name}: {page:?}");
                }
            }
        }
    }
    let missing = stage
        .browser
        .get("/%22%3E%3Csvg%20onload=alert(1)%3E?a=<svg>")
        .await;
    missing.assert_page(404);
    assert!(!missing.body.contains("<svg"));
}
