//! What holds for every address: headers, methods, metadata, health.

use linkgate::admin::AdminRole;
use serde_json::json;
use sqlx::PgPool;

use crate::harness::{Answer, Stage, TestApp};

/// Answers of every kind on the way of a link, errors included, each with its name.
async fn answers_of_a_link(stage: &Stage) -> Vec<(&'static str, Answer)> {
    let link = stage.link().await;
    let code = stage.approve(&[]).await;
    let consent = stage.consent_page(&[]).await;
    let form = consent.form("/consent");
    let evil = [("redirect_uri", "https://evil.test/")];
    let (browser, platform) = (&stage.browser, &stage.platform);
    vec![
        ("approved", browser.decide(&consent, "approve").await),
        ("denied", browser.decide(&consent, "deny").await),
        ("forged", browser.submit(&form.without("csrf")).await),
        ("consent", consent),
        ("redeemed", stage.redeem(code.code()).await),
        ("refused", stage.redeem(code.code()).await),
        ("resolved", platform.resolve(&link.access).await),
        ("unresolved", platform.resolve("x").await),
        ("bad request", stage.open(&evil).await),
        ("redirected", stage.open(&[("scope", "x")]).await),
        (
            "failed login",
            browser.log_in_at("/login", "x@example.com", "x").await,
        ),
    ]
}

/// What addresses answer to a request and to one they don't take.
async fn answers_of_addresses(stage: &Stage) -> Vec<(&'static str, Answer)> {
    let mut answers = Vec::new();
    for path in [
        "/",
        "/login",
        "/account",
        "/privacy",
        "/missing",
        "/logout",
        "/oauth/token",
        "/oauth/revoke",
        "/oauth/introspect",
        "/oauth/userinfo",
        "/oauth/jwks",
        "/login?flow=x",
        CACHED,
        "/static/missing.css",
        "/.well-known/oauth-authorization-server",
        "/%ff",
    ] {
        let refused = stage.browser.request("DELETE", path);
        answers.push(("refused", stage.browser.send(refused).await));
        answers.push((path, stage.browser.get(path).await));
    }
    answers
}

const CACHED: &str = "/static/linkgate.css";
/// What a cache may keep.
const PUBLIC: [&str; 2] = [CACHED, "/oauth/jwks"];

#[sqlx::test]
async fn hdr_01_every_answer_carries_the_security_headers(db: PgPool) {
    let stage = Stage::set(db).await;
    let mut answers = answers_of_a_link(&stage).await;
    answers.extend(answers_of_addresses(&stage).await);
    for (name, answer) in answers {
        for (header, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            (
                "permissions-policy",
                "camera=(), microphone=(), geolocation=()",
            ),
        ] {
            assert_eq!(answer.header(header), Some(value), "{name}: {answer:?}");
        }
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{name}: {policy}");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{name}: {policy}"
        );
        assert!(
            !policy.contains("unsafe") && !policy.contains('*'),
            "{name}: {policy}"
        );
        assert_eq!(answer.header("server"), None, "{name}");
        assert!(answer.status < 500, "{name}: {answer:?}");
        let cached = answer.header("cache-control").unwrap();
        assert_eq!(
            cached == "no-store",
            !PUBLIC.contains(&name),
            "{name}: {cached}"
        );
    }
}

#[sqlx::test]
async fn clk_01_no_page_may_be_framed(db: PgPool) {
    let stage = Stage::set(db).await;
    for page in [
        stage.consent_page(&[]).await,
        stage.browser.get("/login").await,
        stage.browser.get("/admin/login").await,
        stage
            .app
            .console(AdminRole::Owner)
            .await
            .get("/admin")
            .await,
    ] {
        page.assert_page(200);
        assert_eq!(page.header("x-frame-options"), Some("DENY"));
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("frame-ancestors 'none'"));
    }
}

#[sqlx::test]
async fn pages_load_nothing_from_elsewhere_and_run_nothing_inline(db: PgPool) {
    let stage = Stage::set(db).await;
    let consent = stage.consent_page(&[]).await;
    let login = stage.browser.get("/login").await;
    let account = stage.browser.get("/account").await;
    for page in [consent, login, account, stage.browser.get("/missing").await] {
        assert!(
            !page.body.contains("<style") && !page.body.contains(" style="),
            "{}",
            page.body
        );
        assert!(
            !page.body.contains("src=\"http") && !page.body.contains("src=\"//"),
            "{}",
            page.body
        );
        for script in page.body.split("<script").skip(1) {
            assert!(script.starts_with(" src=\"/static/"), "{script}");
        }
    }
}

#[sqlx::test]
async fn files_may_be_cached_and_are_what_they_say(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let browser = app.browser();
    let page = browser.get("/login").await;
    for (file, media_type) in [
        ("linkgate.css", "text/css; charset=utf-8"),
        ("people.js", "text/javascript; charset=utf-8"),
        ("favicon.svg", "image/svg+xml"),
    ] {
        let (_, rest) = page.body.split_once(&format!("/static/{file}")).unwrap();
        let version = rest.split('"').next().unwrap();
        let answer = browser.get(&format!("/static/{file}{version}")).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), Some(media_type));
        assert!(
            answer
                .header("cache-control")
                .unwrap()
                .starts_with("public, max-age=")
        );
        assert_eq!(answer.header("pragma"), None, "a cache would obey it");
    }
    for missing in [
        "/static/",
        "/static/x.css",
        "/static/..%2fCargo.toml",
        "/static/%2e%2e/Cargo.toml",
    ] {
        browser.get(missing).await.assert_page(404);
    }
}

#[sqlx::test]
async fn a_head_request_is_answered_like_a_get_without_the_body(db: PgPool) {
    let stage = Stage::set(db).await;
    for path in [
        "/",
        "/login",
        "/privacy",
        "/static/linkgate.css",
        "/.well-known/oauth-authorization-server",
    ] {
        let get = stage.browser.get(path).await;
        let head = stage
            .browser
            .send(stage.browser.request("HEAD", path))
            .await;
        assert_eq!(
            (head.status, head.body.as_str()),
            (get.status, ""),
            "{path}"
        );
        assert_eq!(
            head.header("content-type"),
            get.header("content-type"),
            "{path}"
        );
    }
    assert_eq!(stage.app.count("link", "true").await, 0);
}

#[sqlx::test]
async fn an_unknown_address_and_a_wrong_method_are_pages(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let browser = app.browser();
    for path in [
        "/missing",
        "/oauth",
        "/oauth/authorise",
        "/login/",
        "/health/live",
        "/metrics",
        "/Login",
    ] {
        browser.get(path).await.assert_page(404);
    }
    for (method, path) in [
        ("PUT", "/login"),
        ("DELETE", "/account"),
        ("POST", "/"),
        ("POST", "/privacy"),
        ("GET", "/logout"),
    ] {
        let answer = browser.send(browser.request(method, path)).await;
        answer.assert_page(405);
    }
}

#[sqlx::test]
async fn the_metadata_is_true_and_claims_nothing_else(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let answer = app
        .browser()
        .get("/.well-known/oauth-authorization-server")
        .await;
    assert_eq!(answer.status, 200);
    let metadata = answer.json();
    let issuer = app.issuer();
    assert_eq!(metadata["issuer"], issuer);
    assert_eq!(
        metadata["authorization_endpoint"],
        format!("{issuer}/oauth/authorize")
    );
    assert_eq!(metadata["token_endpoint"], format!("{issuer}/oauth/token"));
    for (name, path) in [
        ("revocation_endpoint", "/oauth/revoke"),
        ("introspection_endpoint", "/oauth/introspect"),
        ("userinfo_endpoint", "/oauth/userinfo"),
        ("jwks_uri", "/oauth/jwks"),
    ] {
        assert_eq!(metadata[name], format!("{issuer}{path}"));
    }
    assert_eq!(metadata["request_uri_parameter_supported"], false);
    assert_eq!(metadata["response_types_supported"], json!(["code"]));
    assert_eq!(
        metadata["code_challenge_methods_supported"],
        json!(["S256"])
    );
    assert_eq!(
        metadata["authorization_response_iss_parameter_supported"],
        true
    );
    for (name, value) in metadata.as_object().unwrap() {
        let Some(address) = value.as_str().filter(|_| name != "issuer") else {
            continue;
        };
        let path = address
            .strip_prefix(&issuer)
            .unwrap_or_else(|| panic!("{name} leads away: {address}"));
        let answer = app.browser().get(path).await;
        assert_ne!(answer.status, 404, "{name}: {address} is not there");
    }
    let grants: Vec<_> = metadata["grant_types_supported"]
        .as_array()
        .unwrap()
        .iter()
        .collect();
    assert_eq!(grants, ["authorization_code", "refresh_token"]);
}

#[sqlx::test]
async fn the_issuer_is_configured_and_never_taken_from_a_request(db: PgPool) {
    let settings = [("LINKGATE_PUBLIC_URL", "https://link.example.test")];
    let app = TestApp::spawn_with(db, &settings).await;
    let browser = app.browser();
    let request = browser.request("GET", "/.well-known/oauth-authorization-server");
    let request = request
        .header("host", "evil.test")
        .header("x-forwarded-host", "evil.test")
        .header("forwarded", "host=evil.test;proto=http")
        .header("x-forwarded-proto", "http");
    let answer = browser.send(request).await;
    assert!(!answer.body.contains("evil.test"), "{}", answer.body);
    assert_eq!(answer.json()["issuer"], "https://link.example.test");
}

#[sqlx::test]
async fn health_is_told_on_the_ops_listener(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let browser = app.browser().at(&app.ops_url);
    for path in ["/health/live", "/health/ready"] {
        let answer = browser.get(path).await;
        assert_eq!(
            (answer.status, answer.json()),
            (200, json!({ "status": "ok" })),
            "{path}"
        );
    }
    let metrics = browser.get("/metrics").await;
    assert!(
        metrics
            .body
            .contains("\nlinkgate_database_connections{state=\"open\"} "),
        "{}",
        metrics.body
    );
    for path in ["/login", "/oauth/token", "/"] {
        assert_eq!(browser.get(path).await.status, 404, "{path}");
    }
}

#[sqlx::test]
async fn a_chosen_language_is_remembered_and_goes_before_the_browsers(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let browser = app.browser();
    let request = browser
        .request("GET", "/login")
        .header("accept-language", "ja,en;q=0.5");
    let answer = browser.send(request).await;
    assert!(answer.body.contains("<html lang=\"ja\">"));
    browser.get("/login?lang=ko").await;
    let request = browser
        .request("GET", "/login")
        .header("accept-language", "ja,en;q=0.5");
    let answer = browser.send(request).await;
    assert!(answer.body.contains("<html lang=\"ko\">"));
}

#[sqlx::test]
async fn a_wrong_secret_key_stops_the_start_and_changes_nothing(db: PgPool) {
    let stage = Stage::set(db.clone()).await;
    let link = stage.link().await;
    let other_key = (
        "LINKGATE_SECRET_KEY",
        "//////////////////////////////////////////8=",
    );
    let refused = TestApp::try_start(db, stage.app.clock.clone(), &[other_key]).await;
    let error = refused.err().map(|error| format!("{error:#}")).unwrap();
    assert!(error.contains("LINKGATE_SECRET_KEY"), "{error}");
    assert!(stage.resolves(&link).await);
}
