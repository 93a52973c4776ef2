//! Calls to providers: short, bounded, never redirected, and never into a private network.

use std::{future::Future, pin::Pin, time::Duration};

use oauth2::{HttpRequest, HttpResponse, http};
use reqwest::{Client, Response, header};
use serde_json::Value;
use url::Url;

use crate::foundation::outbound::Outbound;

/// How long a call may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// More bytes than any honest answer has.
const MAX_ANSWER: usize = 256 * 1024;

/// Why a provider told us nothing about a person. The text is for the log: it names no secret, no code
/// and nothing of the person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It does not answer, or not sensibly: it may in a while.
    #[error("{0}")]
    Down(String),
    /// It says no, or what it says proves nothing.
    #[error("{0}")]
    Refused(String),
}

impl Failure {
    pub(super) fn down(why: impl Into<String>) -> Self {
        Self::Down(why.into())
    }

    pub(super) fn refused(why: impl Into<String>) -> Self {
        Self::Refused(why.into())
    }
}

/// What calls.
pub struct Calls {
    http: Client,
    outbound: Outbound,
    stand_in: Option<Url>,
}

impl Calls {
    /// Calls go where `outbound` lets them; those to known providers, to the stand-in if there is one.
    pub fn new(outbound: Outbound, stand_in: Option<Url>) -> reqwest::Result<Self> {
        Ok(Self {
            http: outbound.client(PATIENCE)?,
            outbound,
            stand_in,
        })
    }

    /// A known provider's address; that of its stand-in, if there is one.
    pub fn known(&self, address: &str) -> Result<Url, Failure> {
        let url = Url::parse(address).map_err(|error| Failure::down(error.to_string()))?;
        let Some(stand_in) = &self.stand_in else {
            return Ok(url);
        };
        let base = stand_in.as_str().trim_end_matches('/');
        let there = format!(
            "{base}/{}{}",
            url.host_str().unwrap_or_default(),
            url.path()
        );
        Url::parse(&there).map_err(|error| Failure::down(error.to_string()))
    }

    /// An address that somebody else named, if a call may go there.
    pub fn named(&self, address: &str) -> Result<Url, Failure> {
        let checked = self.outbound.check(address);
        checked.map_err(|reason| Failure::down(format!("an address of it {reason}")))
    }

    /// What is there, as JSON; with an access token, if it is about a person.
    pub async fn get(&self, url: &Url, bearer: Option<&str>) -> Result<Value, Failure> {
        self.named_or_known(url)?;
        let mut call = self.http.get(url.clone());
        call = call.header(header::ACCEPT, "application/json");
        if let Some(token) = bearer {
            call = call.bearer_auth(token);
        }
        let answer = call.send().await.map_err(unreachable)?;
        let status = answer.status();
        let body = read(answer).await?;
        if status.is_server_error() || status.is_redirection() {
            return Err(Failure::down(format!("{} answered {status}", place(url))));
        }
        if !status.is_success() {
            return Err(Failure::refused(format!(
                "{} answered {status}",
                place(url)
            )));
        }
        serde_json::from_slice(&body)
            .map_err(|_| Failure::down(format!("{} answered something else than JSON", place(url))))
    }

    /// Sends what the `oauth2` crate wants to send.
    pub fn send(
        &self,
        request: HttpRequest,
    ) -> Pin<Box<dyn Future<Output = Result<HttpResponse, Failure>> + Send + '_>> {
        Box::pin(async move {
            let request = reqwest::Request::try_from(request)
                .map_err(|error| Failure::down(error.to_string()))?;
            self.named_or_known(request.url())?;
            let answer = self.http.execute(request).await.map_err(unreachable)?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            if status.is_server_error() || status.is_redirection() {
                return Err(Failure::down(format!(
                    "the token endpoint answered {status}"
                )));
            }
            let body = read(answer).await?;
            let mut response = http::Response::new(body);
            *response.status_mut() = status;
            *response.headers_mut() = headers;
            Ok(response)
        })
    }

    /// The setting may be another than when an address was stored, or read elsewhere.
    fn named_or_known(&self, url: &Url) -> Result<(), Failure> {
        self.named(url.as_str()).map(drop)
    }
}

fn place(url: &Url) -> String {
    format!("{}{}", url.host_str().unwrap_or_default(), url.path())
}

async fn read(mut answer: Response) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    while let Some(more) = answer.chunk().await.map_err(unreachable)? {
        if body.len() + more.len() > MAX_ANSWER {
            return Err(Failure::down("an answer of it is too long"));
        }
        body.extend_from_slice(&more);
    }
    Ok(body)
}

/// The innermost cause: the others say little more than that there was none.
fn unreachable(error: reqwest::Error) -> Failure {
    if error.is_timeout() {
        return Failure::down("it did not answer in time");
    }
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    Failure::down(format!("it could not be reached: {cause}"))
}
