//! Registering and changing redirect URIs (ADM-08, and RED as far as it speaks of registration): what
//! could lead anywhere else is refused, and the page says why.

use linkgate::admin::AdminRole::Operator;
use sqlx::PgPool;

use crate::harness::{REDIRECT_URI, TestApp};

/// Fails unless the console refuses each of these for its reason, for a new client and for one that
/// is there.
async fn none_can_be_registered(db: PgPool, uris: &[(&str, &str)]) {
    let app = TestApp::spawn(db).await;
    let client = app.client().await;
    let desk = app.desk(Operator).await;
    let edit = format!("/admin/clients/{}/edit", client.id());
    let editing = desk.form(&edit, &edit).await;
    for (uri, reason) in uris {
        let fields = [("name", "My speaker"), ("redirect_uris", *uri)];
        let created = desk.register("custom", &fields).await;
        let changed = editing.clone().with("redirect_uris", uri);
        let beside = format!("{REDIRECT_URI}\n{uri}");
        let added = editing.clone().with("redirect_uris", &beside);
        for answer in [
            created,
            desk.browser.submit(&changed).await,
            desk.browser.submit(&added).await,
        ] {
            answer.assert_page(422);
            let text = answer.text();
            assert!(text.contains(reason), "{uri}: {reason} is missing: {text}");
        }
    }
    let untouched = format!("redirect_uris = array['{REDIRECT_URI}']");
    assert_eq!(app.count("client", &untouched).await, 1);
    assert_eq!(app.count("client", "true").await, 1);
}

#[sqlx::test]
async fn adm_08_what_leads_to_another_place_than_it_shows_is_refused(db: PgPool) {
    let uris = [
        ("http://app.test/", "http is accepted only for"),
        ("https://*.app.test/", "must not contain a wildcard"),
        ("https://app.test/*", "must not contain a wildcard"),
        (
            "https://app.test@evil.test/",
            "must not contain a user name",
        ),
        ("https://a@b@evil.test/", "must not contain a user name"),
        ("https://app.test\\@evil.test/", "must not contain"),
        (
            "https://xn--pple-43d.com/",
            "must not be an internationalized name",
        ),
        ("https://\u{430}pple.com/", "must not contain"),
        ("https://app.test\u{3002}evil.test/", "must not contain"),
        ("https://app.test/a;b", "must not contain"),
        ("https://app.test//evil.test", "empty segments"),
        ("https://app.test/a/../b", "segments"),
        (
            "https://app.test/%2e%2e/b",
            "the escape %2e is not accepted",
        ),
        (
            "https://app.test/a%0d%0ab",
            "the escape %0d is not accepted",
        ),
        ("https:///x", "the host is missing"),
        ("https://app.test:0/", "the port must be a number"),
    ];
    none_can_be_registered(db, &uris).await;
}

#[sqlx::test]
async fn adm_08_a_place_in_a_private_network_is_refused(db: PgPool) {
    let private = "the host is a private, loopback, link-local or reserved address";
    let odd = "the host looks like an IP address in an unusual form";
    let local = "the host must be a full domain name";
    let uris = [
        ("https://127.0.0.1/", private),
        ("https://10.0.0.1/", private),
        ("https://172.16.0.1/", private),
        ("https://192.168.0.1/", private),
        ("https://169.254.169.254/latest/meta-data", private),
        ("https://100.64.0.1/", private),
        ("https://0.0.0.0/", private),
        ("https://[::1]/", private),
        ("https://[fd00::1]/", private),
        ("https://[fe80::1]/", private),
        ("https://[::ffff:10.0.0.1]/", private),
        ("https://127.1/", odd),
        ("https://2130706433/", odd),
        ("https://0x7f000001/", odd),
        ("https://0177.0.0.1/", odd),
        ("https://localhost/", local),
        ("https://db.localhost/", local),
        ("https://intranet/", local),
    ];
    none_can_be_registered(db, &uris).await;
}

#[sqlx::test]
async fn red_09_no_other_scheme_can_be_registered_in_any_case(db: PgPool) {
    let uris = [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "JAVASCRIPT://app.test/%0aalert(1)",
        "vbscript:x",
        "data:text/html,x",
        "DATA:text/html,x",
        "file:///etc/passwd",
        "com.example.app:/callback",
        "HTTPS://app.test/",
        "//app.test/",
        "https:app.test",
    ];
    let uris = uris.map(|uri| (uri, "must begin with https:// in lower case"));
    none_can_be_registered(db, &uris).await;
}

#[sqlx::test]
async fn red_10_no_fragment_can_be_registered(db: PgPool) {
    let uris = [
        ("https://app.test/#x", "must not have a fragment"),
        ("https://app.test/#", "must not have a fragment"),
        ("https://app.test/%23x", "the escape %23 is not accepted"),
    ];
    none_can_be_registered(db, &uris).await;
}

#[sqlx::test]
async fn red_15_no_uri_that_has_an_answers_own_parameter_can_be_registered(db: PgPool) {
    let uris = [
        "https://app.test/?code=x",
        "https://app.test/?a=b&state=x",
        "https://app.test/?iss",
        "https://app.test/?error=x",
        "https://app.test/?%63ode=x",
        "https://app.test/?CODE=x",
        "https://app.test/?code[]=x",
    ];
    let uris = uris.map(|uri| (uri, "the answer adds it"));
    none_can_be_registered(db, &uris).await;
}
