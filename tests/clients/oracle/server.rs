//! One of the two servers, and how it is asked.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use url::form_urlencoded;

use super::{
    outcome,
    request::{Earlier, Endpoint, Request, Sender},
};
use crate::harness::{
    Answer, Browser, Person, Pkce, Platform, REDIRECT_URI, Redirect, Registered, Tokens, basic,
    tokens,
};

const MOST_REDIRECTS: usize = 8;
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// The clients, by the part they play; they have the same ids and secrets at both servers.
pub type Clients = BTreeMap<Sender, Registered>;

/// A server under comparison.
pub struct Server<'a> {
    url: String,
    clients: &'a Clients,
    platforms: BTreeMap<Sender, Platform>,
    // Who approves; oidc-provider needs nobody.
    person: Option<Person>,
    pkce: Pkce,
}

impl<'a> Server<'a> {
    pub fn new(url: &str, clients: &'a Clients, person: Option<Person>) -> Self {
        Self {
            url: url.to_owned(),
            clients,
            platforms: clients
                .iter()
                .map(|(sender, client)| (*sender, Platform::new(url, client)))
                .collect(),
            person,
            pkce: Pkce::default(),
        }
    }

    /// Sends a request and says in a few words what came.
    pub async fn answer(&self, request: &Request) -> String {
        let owner = request.of.unwrap_or(request.client);
        let facts = self.facts(request, owner).await;
        let answer = self.send(request, &facts).await;
        let mut outcome = outcome::of(&answer, &self.url);
        if request.then_refresh {
            let refreshed = self.platforms[&owner].refresh_with(&facts["{newest}"], &[]);
            outcome += ", then ";
            outcome += &outcome::of(&refreshed.await, &self.url);
        }
        outcome
    }

    /// What the placeholders of a request stand for, with a code and tokens of its own.
    async fn facts(&self, request: &Request, owner: Sender) -> BTreeMap<&'static str, String> {
        let sender = &self.clients[&request.client];
        let other = &self.clients[&Sender::Other];
        let secret = |client: &Registered| client.secret.clone().unwrap_or_default();
        let mut facts = BTreeMap::from([
            ("{id}", sender.id()),
            ("{secret}", secret(sender)),
            ("{basic}", basic(&sender.id(), &secret(sender))),
            ("{basic_escaped}", escaped(&sender.id(), &secret(sender))),
            ("{other_id}", other.id()),
            ("{challenge}", self.pkce.challenge.clone()),
            ("{verifier}", self.pkce.verifier.clone()),
        ]);
        if request.mentions("{code}") {
            let code = self.code(request, owner).await;
            if request.earlier == Some(Earlier::Redeemed) {
                self.redeem(&code, owner).await;
            }
            facts.insert("{code}", code);
        }
        if request.mentions("{refresh_token}") || request.mentions("{access_token}") {
            let code = self.code(request, owner).await;
            let tokens = self.redeem(&code, owner).await;
            let newest = self.use_up(request.earlier, &tokens, owner).await;
            facts.insert("{newest}", newest);
            facts.insert("{refresh_token}", tokens.refresh);
            facts.insert("{access_token}", tokens.access);
        }
        facts
    }

    async fn code(&self, request: &Request, owner: Sender) -> String {
        let mut asked = vec![("scope", "account:id account:email"), ("state", "s")];
        if request.challenged {
            asked.extend(self.pkce.parameters());
        }
        let url = self.platforms[&owner].url_with(&asked);
        let browser = Browser::new(&self.url);
        let redirect = match &self.person {
            Some(person) => browser.approve(person, &url).await,
            None => follow(&browser, url, REDIRECT_URI).await,
        };
        redirect.code().to_owned()
    }

    async fn redeem(&self, code: &str, owner: Sender) -> Tokens {
        let verifier = [("code_verifier", self.pkce.verifier.as_str())];
        tokens(&self.platforms[&owner].redeem(code, &verifier).await)
    }

    /// Does what was done earlier; gives the newest refresh token.
    async fn use_up(&self, earlier: Option<Earlier>, first: &Tokens, owner: Sender) -> String {
        let platform = &self.platforms[&owner];
        match earlier {
            Some(Earlier::RefreshedOnce) => {
                tokens(&platform.refresh_with(&first.refresh, &[]).await).refresh
            }
            Some(Earlier::RefreshedTwice) => {
                let second = tokens(&platform.refresh_with(&first.refresh, &[]).await);
                tokens(&platform.refresh_with(&second.refresh, &[]).await).refresh
            }
            Some(Earlier::Revoked) => {
                let header = basic(&platform.client_id, platform.secret.as_deref().unwrap());
                let headers = [("authorization", header.as_str()), FORM];
                let body = format!("token={}", first.refresh);
                let done = platform.send("POST", Endpoint::Revoke.path(), &body, &headers);
                assert_eq!(done.await.status, 200);
                first.refresh.clone()
            }
            Some(Earlier::Redeemed) | None => first.refresh.clone(),
        }
    }

    async fn send(&self, request: &Request, facts: &BTreeMap<&'static str, String>) -> Answer {
        let fill = |text: &str| {
            let filled = facts.iter();
            filled.fold(text.to_owned(), |text, (name, value)| {
                text.replace(name, value)
            })
        };
        let mut form = form_urlencoded::Serializer::new(String::new());
        for (name, value) in request.parameters() {
            form.append_pair(&name, &fill(&value));
        }
        let mut headers = request.headers.clone();
        if request.authenticated && request.at != Endpoint::Authorize {
            let id = &facts["{id}"];
            match request.client {
                Sender::Public => drop(form.append_pair("client_id", id)),
                Sender::Posting => {
                    form.append_pair("client_id", id);
                    form.append_pair("client_secret", &facts["{secret}"]);
                }
                Sender::Confidential | Sender::Other | Sender::Narrow => {
                    headers.push(("authorization".to_owned(), "{basic}".to_owned()));
                }
            }
        }
        let more = request.add.as_deref().map(fill).unwrap_or_default();
        let mut sent = form.finish() + &more;
        let mut query = request.query.as_deref().map(fill).unwrap_or_default();
        if request.method() == "GET" {
            query = sent;
            sent = String::new();
        }
        let body = request.body.as_deref().map_or(sent, fill);
        let path = match query.as_str() {
            "" => request.at.path().to_owned(),
            query => format!("{}?{query}", request.at.path()),
        };
        if !request.headers.iter().any(|(name, _)| name == FORM.0) && request.method() != "GET" {
            headers.push((FORM.0.to_owned(), FORM.1.to_owned()));
        }
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), fill(value)))
            .collect();
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let platform = &self.platforms[&request.client];
        platform
            .send(request.method(), &path, &body, &headers)
            .await
    }
}

/// Follows redirects until one leads back to the platform.
async fn follow(browser: &Browser, mut address: String, end: &str) -> Redirect {
    for _ in 0..MOST_REDIRECTS {
        let answer = browser.get(&address).await;
        if answer.location().starts_with(end) {
            return Redirect::of(&answer);
        }
        answer.location().clone_into(&mut address);
    }
    panic!("it never leads back; the last address was {address}")
}

/// A Basic value whose letters are escaped where nothing demands it.
fn escaped(id: &str, secret: &str) -> String {
    let escape = |text: &str| {
        text.bytes()
            .fold(String::new(), |all, byte| format!("{all}%{byte:02X}"))
    };
    let pair = format!("{}:{}", escape(id), escape(secret));
    format!("Basic {}", STANDARD.encode(pair))
}
