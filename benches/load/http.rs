//! The least HTTP/1.1 a load generator needs, so that it takes little of the machine it shares with
//! what it measures: one connection kept alive, one request at a time, the answer left in its buffer.

use std::net::SocketAddr;

use anyhow::{Context, bail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// One connection.
pub struct Connection {
    stream: TcpStream,
    address: SocketAddr,
    buffer: Vec<u8>,
    filled: usize,
}

/// An answer, in the connection's buffer.
pub struct Answer<'a> {
    /// The status code.
    pub status: u16,
    head: &'a str,
    /// The body, where it is text.
    pub body: &'a str,
}

impl Answer<'_> {
    /// The first header of that lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(self.head, name)
    }

    /// A cookie of that name that it sets, as it is sent back.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let values = self.head.lines().filter_map(|line| {
            let (found, value) = line.split_once(':')?;
            found
                .eq_ignore_ascii_case("set-cookie")
                .then(|| value.trim())
        });
        let mut cookies = values.filter_map(|value| value.split(';').next());
        cookies.find(|cookie| cookie.split('=').next() == Some(name))
    }
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            address,
            buffer: vec![0; 64 * 1024],
            filled: 0,
        })
    }

    /// Connects to the same server once more.
    pub async fn again(&self) -> anyhow::Result<Self> {
        Self::open(self.address).await
    }

    /// What a browser calls the server's origin.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Gets an address with further header lines, each ended by CRLF.
    pub async fn get(&mut self, path: &str, headers: &str) -> anyhow::Result<Answer<'_>> {
        let host = self.address;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n");
        self.send(&request).await
    }

    /// Posts a body of that media type.
    pub async fn post(
        &mut self,
        path: &str,
        media_type: &str,
        headers: &str,
        body: &str,
    ) -> anyhow::Result<Answer<'_>> {
        let (host, length) = (self.address, body.len());
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
        );
        self.send(&request).await
    }

    async fn send(&mut self, request: &str) -> anyhow::Result<Answer<'_>> {
        self.stream.write_all(request.as_bytes()).await?;
        self.filled = 0;
        let (head_end, length) = loop {
            self.read_more().await?;
            let read = self.buffer.get(..self.filled).unwrap_or_default();
            if let Some(end) = read.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                let head = std::str::from_utf8(read.get(..end).unwrap_or_default())?;
                let length = header(head, "content-length").map_or(Ok(0), str::parse)?;
                break (end, length);
            }
        };
        let body_start = head_end + 4;
        while self.filled < body_start + length {
            self.read_more().await?;
        }
        let read = self.buffer.get(..body_start + length).unwrap_or_default();
        let text = std::str::from_utf8(read)?;
        let (head, body) = text.split_at_checked(body_start).context("no head")?;
        let status = head.split(' ').nth(1).context("no status")?.parse()?;
        Ok(Answer { status, head, body })
    }

    async fn read_more(&mut self) -> anyhow::Result<()> {
        let room = self.buffer.get_mut(self.filled..).unwrap_or_default();
        let count = self.stream.read(room).await?;
        if count == 0 {
            bail!("the server closed the connection, or its answer is too long");
        }
        self.filled += count;
        Ok(())
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}
