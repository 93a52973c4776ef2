//! Another site: a listener that answers every request with one page.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// Serves one page until it is dropped.
pub struct Site {
    address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Site {
    pub async fn with_page(page: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
             connection: close\r\n\r\n{page}",
            page.len(),
        );
        let serving = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(respond(connection, answer.clone()));
            }
        });
        Self { address, serving }
    }

    /// As a stranger's site: the browser sends none of our cookies along from here.
    pub fn on_another_site(&self) -> String {
        format!("http://attacker.test:{}/", self.address.port())
    }

    /// As a neighbour: another origin that shares our host, so that our cookies are sent along.
    pub fn on_the_same_site(&self) -> String {
        format!("http://{}/", self.address)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn respond(mut connection: TcpStream, answer: String) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        if connection.read_buf(&mut request).await.unwrap_or(0) == 0 {
            return;
        }
    }
    // A browser that has left already needs no answer.
    let _ = connection.write_all(answer.as_bytes()).await;
    let _ = connection.shutdown().await;
}
