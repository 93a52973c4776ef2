//! The headers of every answer, at every address, for every method, errors included (HDR-01, CLK-01).

use linkgate::admin::AdminRole::Owner;
use sqlx::PgPool;

use crate::harness::{Answer, Browser, Stage, TestApp};

const ROUTES: &str = include_str!("../../src/routes.rs");
const METHODS: [&str; 8] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE",
];
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; \
     script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'; object-src 'none'";
/// What everybody may know, and caches may keep.
const PUBLIC: [&str; 1] = ["/oauth/jwks"];
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";
const TRANSPORT: &str = "max-age=31536000; includeSubDomains";

/// Who an address is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Audience {
    People,
    Machines,
}

/// Every address of the route table; what stands in braces is filled in with something unknown. One that
/// begins with braces continues its scope's.
fn addresses() -> Vec<(Audience, String)> {
    let (mut found, mut scopes, mut scope) = (Vec::new(), 0, "");
    for call in ROUTES.split("(\"/").zip(ROUTES.split("(\"/").skip(1)) {
        let (before, rest) = call;
        let path = rest.split('"').next().unwrap();
        let audience = match before.rsplit(['(', '.', ':', ' ']).next().unwrap() {
            "page" => Audience::People,
            "machine" => Audience::Machines,
            "scope" => {
                (scope, scopes) = (path, scopes + 1);
                continue;
            }
            _ => continue,
        };
        let within = if path.starts_with('{') { scope } else { "" };
        let parts = within.split('/').chain(path.split('/'));
        let parts = parts
            .filter(|part| !part.is_empty())
            .map(|part| match part {
                "{id}" => "5f0c2f0e-6d54-4c36-9d5e-0b4d3c1f2a10",
                part if part.starts_with('{') => "unknown",
                part => part,
            });
        found.push((
            audience,
            format!("/{}", parts.collect::<Vec<_>>().join("/")),
        ));
    }
    let routes = ROUTES.matches(".service(").count();
    let built = found.len() + scopes;
    assert_eq!(built, routes, "an address is built in another way");
    assert!(
        found
            .iter()
            .any(|(_, path)| path == "/action/unknown/k/unknown")
    );
    found
}

/// Fails unless the answer carries what every answer carries.
#[track_caller]
fn assert_headers(answer: &Answer, about: &str) {
    let told = |name: &str| answer.header(name);
    for (name, value) in [
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
        assert_eq!(told(name), Some(value), "{about}: {answer:?}");
    }
    let public = answer.status == 200 && PUBLIC.iter().any(|public| about.ends_with(public));
    assert_eq!(
        told("cache-control") == Some("no-store"),
        !public,
        "{about}: {answer:?}"
    );
    assert_eq!(
        told("pragma") == Some("no-cache"),
        !public,
        "{about}: {answer:?}"
    );
    let media_type = told("content-type").unwrap_or_default();
    let policy = if media_type.starts_with("text/html") {
        PAGE_POLICY
    } else {
        NOTHING
    };
    assert_eq!(told("content-security-policy"), Some(policy), "{about}");
    assert_eq!(told("server"), None, "{about}");
    assert_eq!(told("x-powered-by"), None, "{about}");
    assert_eq!(told("access-control-allow-origin"), None, "{about}");
    let waits = [429, 503].contains(&answer.status);
    assert_eq!(told("retry-after").is_some(), waits, "{about}: {answer:?}");
    assert_eq!(told("allow").is_some(), answer.status == 405, "{about}");
    assert!(answer.status < 500, "{about}: {answer:?}");
}

/// Fails unless a refusal is in the format of those the address is for.
#[track_caller]
fn assert_format(answer: &Answer, audience: Audience, about: &str) {
    let media_type = answer.header("content-type").unwrap_or_default();
    let expected = match audience {
        Audience::People => "text/html; charset=utf-8",
        Audience::Machines => "application/json",
    };
    if answer.status >= 400 {
        assert_eq!(media_type, expected, "{about}: {answer:?}");
    }
}

async fn walk(browser: &Browser) {
    for (audience, path) in addresses() {
        for method in METHODS {
            // Signing out is asked for below, so that the walk goes on as the same person.
            if method == "POST" && path.ends_with("/logout") {
                continue;
            }
            let about = format!("{method} {path}");
            let answer = browser.send(browser.request(method, &path)).await;
            assert_headers(&answer, &about);
            assert_format(&answer, audience, &about);
            let allowed = answer.header("allow").unwrap_or_default();
            assert!(
                !allowed.split(", ").any(|allowed| allowed == method),
                "{about}: {allowed}"
            );
        }
    }
}

#[sqlx::test]
async fn hdr_01_every_method_of_every_address_is_answered_with_the_headers(db: PgPool) {
    let app = TestApp::spawn(db).await;
    walk(&app.browser()).await;
}

#[sqlx::test]
async fn hdr_01_so_it_is_for_somebody_who_is_logged_in(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let person = app.person("haneul@example.com").await;
    let browser = app.console(Owner).await;
    browser.log_in(&person).await;
    walk(&browser).await;
    for (page, action) in [("/account", "/logout"), ("/admin", "/admin/logout")] {
        let form = browser.get(page).await.form(action);
        assert_headers(&browser.submit(&form).await, action);
    }
}

#[sqlx::test]
async fn hdr_01_a_405_names_what_would_be_allowed(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let browser = app.browser();
    for (method, path, allowed) in [
        ("DELETE", "/login", "GET, HEAD, POST"),
        ("POST", "/account", "GET, HEAD"),
        ("GET", "/logout", "POST"),
        ("GET", "/oauth/token", "POST"),
        ("OPTIONS", "/resolve", "GET, HEAD, POST"),
    ] {
        let answer = browser.send(browser.request(method, path)).await;
        assert_eq!(answer.status, 405, "{method} {path}");
        assert_eq!(answer.header("allow"), Some(allowed), "{method} {path}");
    }
}

#[sqlx::test]
async fn hdr_01_transport_is_strict_on_https_and_only_there(db: PgPool) {
    let settings = [("LINKGATE_PUBLIC_URL", "https://link.example.test")];
    let https = TestApp::spawn_with(db.clone(), &settings).await;
    let http = TestApp::spawn(db).await;
    for (app, expected) in [(&https, Some(TRANSPORT)), (&http, None)] {
        for path in ["/login", "/missing", "/oauth/token", "/resolve"] {
            let answer = app.browser().get(path).await;
            let transport = answer.header("strict-transport-security");
            assert_eq!(transport, expected, "{path}");
        }
    }
}

#[sqlx::test]
async fn hdr_01_the_redirect_with_a_code_is_not_kept_and_tells_no_referrer(db: PgPool) {
    let stage = Stage::set(db).await;
    let consent = stage.consent_page(&[]).await;
    let policy = consent.header("content-security-policy").unwrap();
    let widened = PAGE_POLICY.replace(
        "form-action 'self'",
        "form-action 'self' https://platform.test https:",
    );
    assert_eq!(policy, widened, "the form leads on to the platform");
    let redirect = stage.browser.decide(&consent, "approve").await;
    assert!(redirect.location().contains("code="));
    assert_headers(&redirect, "the redirect with a code");
}

#[sqlx::test]
async fn hdr_01_health_and_metrics_carry_the_headers_too(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let browser = app.browser().at(&app.ops_url);
    for path in ["/health/live", "/health/ready", "/metrics", "/missing"] {
        assert_headers(&browser.get(path).await, path);
    }
}
