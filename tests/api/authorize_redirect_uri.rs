//! Redirect URIs: nothing but the registered bytes leads anywhere (RED in the abuse cases).

use linkgate::client::registration::Draft;
use sqlx::PgPool;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::harness::{Redirect, Stage, TestApp, draft};

/// A URI with everything that invites clever comparing: a port, a case, an escape, a query.
const CURIOUS: &str = "https://platform.test:8443/a-b/Callback?vendorId=a%2Fb&b=2";
const PLAIN: &str = "https://platform.test/callback";

fn registered() -> Draft {
    Draft {
        redirect_uris: vec![PLAIN.to_owned(), CURIOUS.to_owned()],
        ..draft()
    }
}

async fn none_of_them_redirects(db: PgPool, uris: &[&str]) {
    let stage = Stage::set_for(db, registered()).await;
    for uri in uris {
        let answer = stage.open(&[("redirect_uri", uri), ("state", "s")]).await;
        answer.assert_page(400);
        assert!(!answer.body.contains(uri) || uri.len() < 4, "echoed: {uri}");
    }
    assert_eq!(stage.app.count("link", "true").await, 0);
}

#[sqlx::test]
async fn the_registered_uris_are_accepted_byte_for_byte(db: PgPool) {
    let stage = Stage::set_for(db, registered()).await;
    for uri in [PLAIN, CURIOUS] {
        let redirect = stage.approve(&[("redirect_uri", uri)]).await;
        assert!(redirect.location.starts_with(uri), "{redirect:?}");
    }
}

#[sqlx::test]
async fn red_01_an_unregistered_uri_never_redirects(db: PgPool) {
    let uris = [
        "https://evil.test/",
        "https://platform.test",
        "https://platform.test/",
        "https://platform.test/callbac",
        "/callback",
        "platform.test/callback",
        "*",
    ];
    none_of_them_redirects(db, &uris).await;
}

#[sqlx::test]
async fn red_02_a_suffix_never_redirects(db: PgPool) {
    let uris = [
        "https://platform.test/callback.evil.test",
        "https://platform.test/callback/x",
        "https://platform.test/callback/",
        "https://platform.test/callbackx",
    ];
    none_of_them_redirects(db, &uris).await;
}

#[sqlx::test]
async fn red_03_a_prefix_or_subdomain_never_redirects(db: PgPool) {
    let uris = [
        "https://evil.platform.test/callback",
        "https://platform.test.evil.test/callback",
        "https://platformXtest/callback",
        "https://evilplatform.test/callback",
        "https://evil.test/https://platform.test/callback",
    ];
    none_of_them_redirects(db, &uris).await;
}

#[sqlx::test]
async fn red_04_userinfo_never_redirects(db: PgPool) {
    let uris = [
        "https://platform.test@evil.test/",
        "https://platform.test:443@evil.test/callback",
        "https://platform.test@platform.test@evil.test/callback",
        "https://user@platform.test/callback",
        "https://evil.test#@platform.test/callback",
    ];
    none_of_them_redirects(db, &uris).await;
}

#[sqlx::test]
async fn red_05_a_path_traversal_never_redirects(db: PgPool) {
    let uris = [
        "https://platform.test/callback/../x",
        "https://platform.test/callback/..;/x",
        "https://platform.test/callback/%2e%2e/x",
        "https://platform.test/callback/%252e%252e/x",
        "https://platform.test/callback/.//x",
        "https://platform.test/x/../callback",
        "https://platform.test/./callback",
        "https://platform.test//callback",
    ];
    none_of_them_redirects(db, &uris).await;
}

#[sqlx::test]
async fn red_06_another_spelling_of_an_escape_never_redirects(db: PgPool) {
    let uris = [
        "https://platform.test/%63allback",
        "https://platform.test/call%62ack",
        "https://platform.test:8443/a-b/Callback?vendorId=a%2fb&b=2",
        "https://platform.test:8443/a-b/Callback?vendorId=a/b&b=2",
        "https://platform.test:8443/a%2Db/Callback?vendorId=a%2Fb&b=2",
        "https://platform.test:8443/a-b/Callback?vendorId=a%252Fb&b=2",
    ];
    none_of_them_redirects(db, &uris).await;
}

#[sqlx::test]
async fn red_07_another_case_never_redirects(db: PgPool) {
    let uris = [
        "https://PLATFORM.test/callback",
        "https://platform.test/Callback",
        "HTTPS://platform.test/callback",
        "https://platform.test:8443/a-b/callback?vendorId=a%2Fb&b=2",
        "https://platform.test:8443/a-b/Callback?vendorid=a%2Fb&b=2",
    ];
    none_of_them_redirects(db, &uris).await;
}

#[sqlx::test]
async fn red_08_another_port_never_redirects(db: PgPool) {
    let uris = [
        "https://platform.test:443/callback",
        "https://platform.test:8443/callback",
        "https://platform.test:/callback",
        "https://platform.test/a-b/Callback?vendorId=a%2Fb&b=2",
        "https://platform.test:08443/a-b/Callback?vendorId=a%2Fb&b=2",
    ];
    none_of_them_redirects(db, &uris).await;
}

#[sqlx::test]
async fn red_09_another_scheme_never_redirects(db: PgPool) {
    let uris = [
        "http://platform.test/callback",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)//https://platform.test/callback",
        "data:text/html,x",
        "file:///etc/passwd",
        "com.platform.app:/callback",
        "//platform.test/callback",
    ];
    none_of_them_redirects(db, &uris).await;
}

#[sqlx::test]
async fn red_10_a_fragment_never_redirects(db: PgPool) {
    let uris = [
        "https://platform.test/callback#x",
        "https://platform.test/callback#",
        "https://platform.test/callback%23x",
    ];
    none_of_them_redirects(db, &uris).await;
}

#[sqlx::test]
async fn red_11_another_query_never_redirects(db: PgPool) {
    let uris = [
        "https://platform.test/callback?x=1",
        "https://platform.test/callback?",
        "https://platform.test:8443/a-b/Callback",
        "https://platform.test:8443/a-b/Callback?vendorId=a%2Fb",
        "https://platform.test:8443/a-b/Callback?b=2&vendorId=a%2Fb",
        "https://platform.test:8443/a-b/Callback?vendorId=a%2Fb&b=2&c=3",
        "https://platform.test:8443/a-b/Callback?vendorId=other&b=2",
    ];
    none_of_them_redirects(db, &uris).await;
}

#[sqlx::test]
async fn red_12_two_redirect_uris_never_redirect(db: PgPool) {
    let stage = Stage::set_for(db, registered()).await;
    let id = stage.client.id();
    for (first, second) in [
        (PLAIN, PLAIN),
        (PLAIN, "https://evil.test/"),
        ("https://evil.test/", PLAIN),
        (PLAIN, ""),
    ] {
        let query =
            format!("response_type=code&client_id={id}&redirect_uri={first}&redirect_uri={second}");
        let answer = stage.browser.get(&stage.platform.raw_url(&query)).await;
        answer.assert_page(400);
    }
}

#[sqlx::test]
async fn red_13_a_lookalike_never_redirects(db: PgPool) {
    let uris = [
        "https://platform.xn--test-p43a/callback",
        "https://platform\u{3002}test/callback",
        "https://plat\u{fb00}orm.test/callback",
        "https://platform.test\u{200b}/callback",
        "https://pl\u{430}tform.test/callback",
        "https://ｐlatform.test/callback",
        "\u{feff}https://platform.test/callback",
    ];
    none_of_them_redirects(db, &uris).await;
}

#[sqlx::test]
async fn red_14_control_characters_and_slashes_never_redirect(db: PgPool) {
    let uris = [
        "https:\\\\platform.test\\callback",
        "https://evil.test\\@platform.test/callback",
        "https://platform.test/callback\t",
        "https://platform.test/callback\r\nSet-Cookie: a=b",
        "https://platform.test/callback\0",
        " https://platform.test/callback",
        "https://platform.test/callback ",
        "https://platform.test/callback;x",
        "//evil.test",
        "https:/evil.test",
        "https:evil.test",
    ];
    none_of_them_redirects(db, &uris).await;
}

#[sqlx::test]
async fn red_14_no_character_hides_in_any_place(db: PgPool) {
    let places = [0, 5, 8, 13, 16, 21, 22, PLAIN.len()];
    let hidden = [
        "\\", "\t", "\r", "\n", "\r\n", "\0", " ", ";", "/", "\u{b}", "\u{7f}", "\u{a0}",
        "\u{2028}", "%0d%0a", "%00", "%09", "%20", "%5c",
    ];
    let uris = hidden.iter().flat_map(|hidden| {
        let split = places.map(|at| PLAIN.split_at(at));
        split.map(|(before, after)| format!("{before}{hidden}{after}"))
    });
    let uris: Vec<_> = uris.collect();
    let uris: Vec<_> = uris.iter().map(String::as_str).collect();
    none_of_them_redirects(db, &uris).await;
}

#[sqlx::test]
async fn red_15_an_answer_has_one_code_state_and_issuer_and_they_are_ours(db: PgPool) {
    let stage = Stage::set(db).await;
    let polluted = [
        ("state", "mine"),
        ("code", "attacker"),
        ("iss", "https://evil.test"),
        ("error", "attacker"),
    ];
    let redirect = stage.approve(&polluted).await;
    assert!(redirect.code().starts_with("lg_ac_"));
    assert_eq!(redirect.get("state"), Some("mine"));
    assert_eq!(redirect.get("iss"), Some(stage.app.issuer().as_str()));
    assert_eq!(redirect.get("error"), None);
}

#[sqlx::test]
async fn red_16_a_missing_redirect_uri_is_a_page_even_where_there_is_only_one(db: PgPool) {
    let app = TestApp::spawn(db).await;
    for draft in [draft(), registered()] {
        let client = app.register(draft).await;
        let query = format!("response_type=code&client_id={}&state=s", client.id());
        let url = app.platform(&client).raw_url(&query);
        app.browser().get(&url).await.assert_page(400);
    }
}

#[sqlx::test]
async fn red_17_an_empty_redirect_uri_is_a_missing_one(db: PgPool) {
    let stage = Stage::set(db).await;
    let query = format!(
        "response_type=code&client_id={}&redirect_uri=",
        stage.client.id()
    );
    let answer = stage.browser.get(&stage.platform.raw_url(&query)).await;
    answer.assert_page(400);
}

#[sqlx::test]
async fn red_18_a_huge_request_is_refused(db: PgPool) {
    let stage = Stage::set(db).await;
    let id = stage.client.id();
    let long = "x".repeat(60_000);
    let longer = "x".repeat(200_000);
    let many = "&a=b".repeat(10_000);
    for rest in [long, longer, many] {
        let query = format!("client_id={id}&redirect_uri={PLAIN}{rest}");
        let request = format!("GET /oauth/authorize?{query} HTTP/1.1\r\nhost: x\r\n\r\n");
        let answer = raw(&stage.app.url, &request).await;
        let status = answer.split(' ').nth(1).unwrap();
        assert!(["400", "413", "414", "431"].contains(&status), "{status}");
        assert!(!answer.to_lowercase().contains("\nlocation:"), "{answer}");
    }
}

/// What the server says first to bytes that no HTTP client would send.
async fn raw(base: &str, request: &str) -> String {
    let address = base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let (mut reading, mut writing) = stream.split();
    // The server may hang up before it has read it all.
    let sent = writing.write_all(request.as_bytes());
    let mut answer = vec![0; 8192];
    let (_, received) = tokio::join!(sent, reading.read(&mut answer));
    answer.truncate(received.unwrap());
    String::from_utf8(answer).unwrap()
}

#[sqlx::test]
async fn red_19_every_redirect_turns_a_post_into_a_get(db: PgPool) {
    let stage = Stage::set(db).await;
    let begun = stage.open(&[("state", "s")]).await;
    assert_eq!(begun.status, 303);
    let refused = stage.open(&[("response_type", "token")]).await;
    assert_eq!(refused.status, 303);
    let login = begun.location().to_owned();
    let logged_in = stage
        .browser
        .log_in_at(&login, &stage.person.email, crate::harness::PASSWORD);
    let logged_in = logged_in.await;
    assert_eq!(logged_in.status, 303);
    let page = stage.browser.get(logged_in.location()).await;
    let approved = stage.browser.decide(&page, "approve").await;
    assert_eq!(approved.status, 303);
}

#[sqlx::test]
async fn red_20_a_code_is_only_given_to_a_form_posted_to_an_address_without_a_fragment(db: PgPool) {
    // A browser carries a fragment on from redirect to redirect, but not through a posted form.
    let stage = Stage::set(db).await;
    let login = stage.open(&[]).await;
    let page = stage.browser.get(login.location()).await;
    assert_eq!(page.form("/login").action, "/login");
    stage.browser.log_in(&stage.person).await;
    let page = stage.open(&[]).await;
    let form = page.form("/consent").with("decision", "approve");
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&form.fields)
        .finish();
    let asked_by_get = stage.browser.get(&format!("/consent?{query}")).await;
    asked_by_get.assert_page(200);
    let approved = Redirect::of(&stage.browser.submit(&form).await);
    assert!(!approved.location.contains('#'), "{approved:?}");
    approved.code();
}

#[sqlx::test]
async fn the_2018_form_of_clova_keeps_its_own_query(db: PgPool) {
    let values = [("vendor_id".to_owned(), "abc123".to_owned())];
    let clova = Draft {
        preset: crate::harness::preset("clova"),
        preset_values: values.into_iter().collect(),
        redirect_uris: Vec::new(),
        ..draft()
    };
    let stage = Stage::set_for(db, clova).await;
    let of_2018 = "https://prod-ni-cic.clova.ai/v1/al/token/?vendorId=abc123";
    let redirect = stage
        .approve(&[("redirect_uri", of_2018), ("state", "s")])
        .await;
    assert!(
        redirect.location.starts_with(&format!("{of_2018}&code=")),
        "{redirect:?}"
    );
    assert_eq!(redirect.get("vendorId"), Some("abc123"));

    let code = redirect.code();
    let bare = "https://prod-ni-cic.clova.ai/v1/al/token/";
    let refused = stage.platform.redeem(code, &[("redirect_uri", bare)]).await;
    refused.assert_refused(400, "invalid_grant");
    let redeemed = stage
        .platform
        .redeem(code, &[("redirect_uri", of_2018)])
        .await;
    assert_eq!(redeemed.status, 200, "{redeemed:?}");

    let answer = stage
        .open(&[("redirect_uri", &format!("{bare}?vendorId=other"))])
        .await;
    answer.assert_page(400);
    let denied = stage.consent_page(&[("redirect_uri", of_2018)]).await;
    let denied = Redirect::of(&stage.browser.decide(&denied, "deny").await);
    assert!(
        denied
            .location
            .starts_with(&format!("{of_2018}&error=access_denied"))
    );
}
