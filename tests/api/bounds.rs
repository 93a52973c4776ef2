//! Bounds of what a request may be: its address, headers, parameters, body and time (RED-18).

#![expect(
    clippy::disallowed_methods,
    reason = "how long the server bears with a slow connection is the machine's own time"
)]

use std::time::{Duration, Instant};

use sqlx::PgPool;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::harness::{Answer, Browser, Pkce, Stage, TestApp};
use linkgate::client::registration::Draft;

const FORM: &str = "application/x-www-form-urlencoded";
/// Addresses of every kind that take a form.
const POSTED: [&str; 5] = [
    "/login",
    "/consent",
    "/oauth/authorize",
    "/oauth/token",
    "/resolve",
];

/// Fails unless the refusal is in the format of those the address is for.
#[track_caller]
fn assert_refused(answer: &Answer, path: &str, status: u16) {
    if ["/oauth/token", "/resolve", "/action"]
        .iter()
        .any(|machine| path.starts_with(machine))
    {
        assert_eq!(
            (answer.status, answer.error().as_str()),
            (status, "invalid_request"),
            "{path}"
        );
    } else {
        answer.assert_page(status);
    }
}

async fn post(browser: &Browser, path: &str, body: String) -> Answer {
    let request = browser.request("POST", path).header("content-type", FORM);
    browser.send(request.body(body)).await
}

#[sqlx::test]
async fn red_18_a_long_address_is_414_in_the_endpoints_own_format(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let long = "x".repeat(33 * 1024);
    for path in [
        "/",
        "/login",
        "/oauth/authorize",
        "/admin",
        "/oauth/token",
        "/resolve",
        "/action/a/b",
    ] {
        let begun = Instant::now();
        let answer = app.browser().get(&format!("{path}?{long}")).await;
        assert_refused(&answer, path, 414);
        assert!(begun.elapsed() < Duration::from_millis(500), "{path}");
    }
}

#[sqlx::test]
async fn large_headers_are_431_in_the_endpoints_own_format(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let browser = app.browser();
    for path in ["/login", "/oauth/authorize", "/oauth/token", "/resolve"] {
        let request = browser.request("GET", path);
        let large = request.header("cookie", format!("a={}", "x".repeat(33 * 1024)));
        assert_refused(&browser.send(large).await, path, 431);
        let request = browser.request("GET", path);
        let bearable = request.header("cookie", format!("a={}", "x".repeat(8 * 1024)));
        assert_ne!(browser.send(bearable).await.status, 431, "{path}");
    }
}

#[sqlx::test]
async fn more_than_a_hundred_parameters_are_400(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let browser = app.browser();
    let many = vec!["a=b"; 101].join("&");
    browser
        .get(&format!("/oauth/authorize?{many}"))
        .await
        .assert_page(400);
    for path in POSTED {
        let answer = post(&browser, path, many.clone()).await;
        assert_refused(&answer, path, 400);
    }
}

#[sqlx::test]
async fn a_large_body_is_413_in_the_endpoints_own_format(db: PgPool) {
    let app = TestApp::spawn(db).await;
    for (path, most) in [
        ("/login", 16),
        ("/consent", 16),
        ("/logout", 16),
        ("/account/unlink", 16),
        ("/admin/login", 16),
        ("/oauth/authorize", 32),
        ("/oauth/token", 64),
        ("/resolve", 64),
    ] {
        let sized = |bytes: usize| format!("a={}", "x".repeat(bytes - 2));
        let large = post(&app.browser(), path, sized(most * 1024 + 1)).await;
        assert_refused(&large, path, 413);
        let bearable = post(&app.browser(), path, sized(most * 1024)).await;
        assert_ne!(bearable.status, 413, "{path}");
    }
}

#[sqlx::test]
async fn the_largest_legal_request_fits_into_every_form(db: PgPool) {
    let redirect_uri = format!("https://platform.test/{}", "c".repeat(1900));
    let draft = Draft {
        name: "이".repeat(100),
        redirect_uris: vec![redirect_uri],
        ..crate::harness::draft()
    };
    let stage = Stage::set_for(db, draft).await;
    let state = "한".repeat(1365);
    let pkce = Pkce::default();
    let [challenge, method] = pkce.parameters();
    let asked = [("state", state.as_str()), challenge, method];
    let redirect = stage.approve(&asked).await;
    assert_eq!(redirect.get("state"), Some(state.as_str()));
}

/// Sends the head and a part of the body, and waits; gives what came back until the server hung up.
async fn dawdle(base: &str, path: &str) -> (String, Duration) {
    let address = base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: {FORM}\r\ncontent-length: 1000\r\n\r\na="
    );
    let begun = Instant::now();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let (mut reading, mut writing) = stream.split();
    let drip = async {
        // A byte a second never lets a timeout between two bytes strike.
        while writing.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    tokio::select! {
        () = drip => {}
        read = reading.read_to_string(&mut answer) => drop(read),
    }
    (answer, begun.elapsed())
}

#[sqlx::test]
async fn a_body_that_takes_longer_than_ten_seconds_is_cut_off(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let url = app.url.as_str();
    let dawdling = POSTED.map(|path| async move { (path, dawdle(url, path).await) });
    for (path, (answer, took)) in futures_util::future::join_all(dawdling).await {
        assert!(answer.starts_with("HTTP/1.1 408 "), "{path}: {answer}");
        let seconds = took.as_secs();
        assert!((9..15).contains(&seconds), "{path} held for {took:?}");
    }
}

#[sqlx::test]
async fn a_body_nobody_reads_ends_the_connection(db: PgPool) {
    let app = TestApp::spawn(db).await;
    for path in ["/missing", "/account", "/admin/clients/new"] {
        let (answer, took) = dawdle(&app.url, path).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{path}: {answer}");
        assert!(took < Duration::from_secs(8), "{path} held for {took:?}");
    }
}

#[sqlx::test]
async fn a_head_that_does_not_come_is_cut_off(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let address = app.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET /login HTTP/1.1\r\nhost:")
        .await
        .unwrap();
    let begun = Instant::now();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 408 "),
        "{answer}"
    );
    assert!(begun.elapsed() < Duration::from_secs(8));
}

#[sqlx::test]
async fn a_body_whose_end_a_proxy_may_see_elsewhere_is_refused(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let address = app.url.trim_start_matches("http://");
    let head = format!("POST /oauth/token HTTP/1.1\r\nhost: x\r\ncontent-type: {FORM}");
    let answer_to = async |request: &str| {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        // What follows is not taken for another request: the connection ends, and at once.
        let reading = stream.read_to_string(&mut answer);
        let read = tokio::time::timeout(Duration::from_secs(5), reading).await;
        assert!(read.is_ok(), "{request:?} is waited for");
        answer
    };
    for heard in [
        "connection: close\r\ncontent-length: 5\r\n\r\na=b&c",
        "connection: close\r\ntransfer-encoding: chunked\r\n\r\n5\r\na=b&c\r\n0\r\n\r\n",
    ] {
        let answer = answer_to(&format!("{head}\r\n{heard}")).await;
        assert!(answer.contains("grant_type is missing"), "{answer}");
    }
    for rest in [
        "content-length: 5\r\ncontent-length: 6\r\n\r\na=b&c",
        "content-length: 5\r\ncontent-length: 5\r\n\r\na=b&c",
        "content-length: 5, 5\r\n\r\na=b&c",
        "content-length: +5\r\n\r\na=b&c",
        "content-length: -1\r\n\r\na=b&c",
        "content-length : 5\r\n\r\na=b&c",
        " content-length: 5\r\n\r\na=b&c",
        "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n",
        "transfer-encoding: identity\r\n\r\n",
        "transfer-encoding: identity\r\ncontent-length: 5\r\n\r\na=b&c",
        "transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "transfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
        "transfer-encoding:\u{b}chunked\r\n\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\n5;\nx\r\na=b&c\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\n5\r\na=b&cXX0\r\n\r\n",
    ] {
        let answer = answer_to(&format!("{head}\r\n{rest}")).await;
        let heads: Vec<_> = answer.matches("HTTP/1.1 ").collect();
        assert_eq!(heads.len(), 1, "{rest:?}: {answer}");
        assert!(answer.starts_with("HTTP/1.1 400 "), "{rest:?}: {answer}");
        // The endpoint would have said what is missing.
        assert!(!answer.contains("grant_type"), "{rest:?}: {answer}");
    }
}
