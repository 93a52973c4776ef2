//! What is fetched from an address that misbehaves, played by a socket.

use std::sync::Arc;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;

const KEY: &str = include_str!("../../tests/api/cek/data/line-public-key.pem");

/// An address that answers everybody with these bytes; and how many came.
async fn address(answer: String) -> (String, Arc<std::sync::atomic::AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/key.pem", listener.local_addr().unwrap());
    let visitors = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = visitors.clone();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let mut asked = [0; 4096];
            let _ = socket.read(&mut asked).await;
            let _ = socket.write_all(answer.as_bytes()).await;
        }
    });
    (url, visitors)
}

fn ok(body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

/// What production uses, but over plain HTTP, so that a socket can play the platform.
fn plain_client() -> Client {
    let client = Client::builder().redirect(Policy::none()).no_proxy();
    client.timeout(Duration::from_secs(5)).build().unwrap()
}

#[tokio::test]
async fn a_published_key_is_fetched() {
    let (url, _) = address(ok(KEY)).await;
    assert_eq!(fetch(&plain_client(), &url).await.unwrap(), KEY);
}

#[tokio::test]
async fn what_is_no_key_is_refused() {
    let (elsewhere, visitors) = address(ok(KEY)).await;
    let endless = "x".repeat(MAX_PEM + 1);
    let chunked = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10000\r\n{}",
        "x".repeat(65536)
    );
    let redirect =
        format!("HTTP/1.1 302 Found\r\nlocation: {elsewhere}\r\ncontent-length: 0\r\n\r\n");
    for (answer, reason) in [
        (ok("<html>"), "must be a PEM"),
        (ok(""), "must be a PEM"),
        (ok(&endless), "more than 8192 bytes"),
        (chunked, "more than 8192 bytes"),
        (redirect, "status 302"),
        (
            "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned(),
            "status 404",
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nx".to_owned(),
            "could not be reached",
        ),
        (String::new(), "could not be reached"),
    ] {
        let (url, _) = address(answer).await;
        let failure = fetch(&plain_client(), &url).await.unwrap_err().to_string();
        assert!(failure.contains(reason), "{failure}");
    }
    assert_eq!(visitors.load(std::sync::atomic::Ordering::Relaxed), 0);
}

#[tokio::test]
async fn nothing_is_fetched_without_tls() {
    let (url, visitors) = address(ok(KEY)).await;
    let failure = fetch(&https_client().unwrap(), &url).await.unwrap_err();
    assert!(matches!(failure, Unfetched::Unreachable(_)), "{failure}");
    let tls = url.replace("http://", "https://");
    let failure = fetch(&https_client().unwrap(), &tls).await.unwrap_err();
    assert!(matches!(failure, Unfetched::Unreachable(_)), "{failure}");
    assert_eq!(
        visitors.load(std::sync::atomic::Ordering::Relaxed),
        1,
        "the handshake that failed"
    );
}

#[test]
fn every_published_key_is_fetched_over_tls_from_the_platforms_own_host() {
    let urls: Vec<_> = Preset::all()
        .iter()
        .filter_map(|preset| preset.cek_key_url)
        .collect();
    assert_eq!(
        urls,
        [
            "https://clova.ai/.well-known/signature-public-key.pem",
            "https://clova-cek-requests.line.me/.well-known/signature-public-key.pem"
        ]
    );
}
