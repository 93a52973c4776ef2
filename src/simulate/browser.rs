//! A person's browser: keeps cookies, follows nothing by itself, and posts the forms of pages.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use reqwest::{
    Client, RequestBuilder, Response,
    header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE},
};
use url::Url;

use super::page::{self, Form};

/// A browser with cookies of its own.
pub struct Browser {
    http: Client,
    base: Url,
    origin: String,
    // Kept here and not by the HTTP client, which would send none marked `Secure` to a server that
    // is reached behind its TLS proxy.
    cookies: BTreeMap<String, String>,
}

/// What a request of a browser led to.
pub enum Landing {
    /// A page.
    Page(String),
    /// A redirect, not followed.
    Redirect(String),
}

impl Browser {
    /// A new browser for the server at `base`, whose pages are of `origin`.
    pub fn new(http: Client, base: Url, origin: String) -> Self {
        Self {
            http,
            base,
            origin,
            cookies: BTreeMap::new(),
        }
    }

    /// Opens an address of the server.
    pub async fn open(&mut self, address: &str) -> anyhow::Result<Landing> {
        let request = self.http.get(self.base.join(address)?);
        self.go(request).await
    }

    /// Posts a form with what a person fills in.
    pub async fn post(&mut self, form: &Form, filled: &[(&str, &str)]) -> anyhow::Result<Landing> {
        let hidden = form
            .hidden
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let pairs: Vec<_> = hidden.chain(filled.iter().copied()).collect();
        let request = self
            .http
            .post(self.base.join(&form.action)?)
            .header(ORIGIN, &self.origin)
            .form(&pairs);
        self.go(request).await
    }

    /// Follows redirects within the server until there is a page.
    pub async fn land(&mut self, mut landing: Landing) -> anyhow::Result<String> {
        for _ in 0..5 {
            match landing {
                Landing::Page(page) => return Ok(page),
                Landing::Redirect(to) if to.starts_with('/') => landing = self.open(&to).await?,
                Landing::Redirect(to) => bail!("there should be a page, but it leads away to {to}"),
            }
        }
        bail!("the pages only lead from one to the next")
    }

    async fn go(&mut self, request: RequestBuilder) -> anyhow::Result<Landing> {
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = if cookies.is_empty() {
            request
        } else {
            request.header(COOKIE, cookies.join("; "))
        };
        let response = request.send().await.map_err(unreachable)?;
        self.keep_cookies(&response);
        let status = response.status();
        if status.is_redirection() {
            let location = response.headers().get(LOCATION);
            let location = location.context("the redirect says not where to")?;
            return Ok(Landing::Redirect(location.to_str()?.to_owned()));
        }
        let page = response.text().await?;
        if status.is_success() {
            Ok(Landing::Page(page))
        } else {
            let heading = page::heading(&page).unwrap_or_default();
            bail!(Refused {
                status: status.as_u16(),
                heading,
            })
        }
    }

    fn keep_cookies(&mut self, response: &Response) {
        for header in response.headers().get_all(SET_COOKIE) {
            let Ok(text) = header.to_str() else { continue };
            let pair = text.split(';').next().unwrap_or_default();
            let Some((name, value)) = pair.split_once('=') else {
                continue;
            };
            if value.is_empty() {
                self.cookies.remove(name.trim());
            } else {
                self.cookies
                    .insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
    }
}

/// The server answered with an error page.
#[derive(Debug, thiserror::Error)]
#[error("the server answered {status} with the page “{heading}”")]
pub struct Refused {
    /// The HTTP status.
    pub status: u16,
    /// What the page says first.
    pub heading: String,
}

/// Why there is no answer at all, for people.
pub fn unreachable(error: reqwest::Error) -> anyhow::Error {
    let place = error
        .url()
        .map(|url| url.origin().ascii_serialization())
        .unwrap_or_default();
    let said = if error.is_connect() {
        format!("can't reach {place}: is the server running there (--base-url says where)?")
    } else if error.is_timeout() {
        format!("{place} did not answer in time")
    } else {
        format!("{place} could not be asked")
    };
    anyhow::Error::from(error.without_url()).context(said)
}
