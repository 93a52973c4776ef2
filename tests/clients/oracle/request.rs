//! One request, as the list has it: a good one of its kind, and what is changed about it.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::harness::REDIRECT_URI;

/// Where it goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Endpoint {
    #[default]
    Authorize,
    Token,
    Revoke,
    Introspect,
}

impl Endpoint {
    pub const ALL: [Self; 4] = [Self::Authorize, Self::Token, Self::Revoke, Self::Introspect];

    pub fn path(self) -> &'static str {
        match self {
            Self::Authorize => "/oauth/authorize",
            Self::Token => "/oauth/token",
            Self::Revoke => "/oauth/revoke",
            Self::Introspect => "/oauth/introspect",
        }
    }
}

/// Who sends it, as registered at both servers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sender {
    /// Has a secret and sends it in a Basic header.
    #[default]
    Confidential,
    /// Has a secret and sends it in the body.
    Posting,
    /// Has no secret.
    Public,
    /// Confidential; whose tokens are not the others'.
    Other,
    /// Confidential; registered for `account:id` alone.
    Narrow,
}

/// What a token request asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    #[default]
    AuthorizationCode,
    RefreshToken,
}

/// What was done with the code or the refresh token before, rightly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Earlier {
    /// The code was redeemed.
    Redeemed,
    /// The refresh token was used.
    RefreshedOnce,
    /// The refresh token was used, and its successor too.
    RefreshedTwice,
    /// The refresh token was revoked.
    Revoked,
}

/// A request. In its values, `{code}`, `{refresh_token}`, `{access_token}`, `{id}`, `{secret}`, `{other_id}`,
/// `{verifier}`, `{challenge}`, `{basic}` and `{basic_escaped}` stand for what is right.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Begins with the abuse case it is of.
    pub name: String,
    /// The list it is in.
    #[serde(skip)]
    pub at: Endpoint,
    pub method: Option<String>,
    #[serde(default)]
    pub client: Sender,
    /// Whose code and tokens are in it: the sender's own, unless it is said here.
    pub of: Option<Sender>,
    #[serde(default)]
    pub grant: Grant,
    /// Whether the authorization request that the code came from had a challenge.
    #[serde(default = "yes")]
    pub challenged: bool,
    pub earlier: Option<Earlier>,
    /// Whether the client's credentials are sent, where they belong.
    #[serde(default = "yes")]
    pub authenticated: bool,
    /// Parameters that are otherwise, or there too.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
    /// Parameters that are missing.
    #[serde(default)]
    pub drop: Vec<String>,
    /// What follows the parameters, as it stands.
    pub add: Option<String>,
    /// What the URL's query is, as it stands.
    pub query: Option<String>,
    /// Headers that are there too.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The body, as it stands.
    pub body: Option<String>,
    /// Whether the newest refresh token is used afterwards, to see what became of the link.
    #[serde(default)]
    pub then_refresh: bool,
}

fn yes() -> bool {
    true
}

impl Request {
    /// The verb it is sent with.
    pub fn method(&self) -> &str {
        let usual = match self.at {
            Endpoint::Authorize => "GET",
            _ => "POST",
        };
        self.method.as_deref().unwrap_or(usual)
    }

    /// A good request of its kind, before anything is changed about it.
    pub fn usual(&self) -> Vec<(String, String)> {
        let usual: &[(&str, &str)] = match (self.at, self.grant) {
            (Endpoint::Authorize, _) => &[
                ("response_type", "code"),
                ("client_id", "{id}"),
                ("redirect_uri", REDIRECT_URI),
                ("scope", "account:id"),
                ("state", "s"),
                ("code_challenge", "{challenge}"),
                ("code_challenge_method", "S256"),
            ],
            (Endpoint::Token, Grant::AuthorizationCode) => &[
                ("grant_type", "authorization_code"),
                ("code", "{code}"),
                ("redirect_uri", REDIRECT_URI),
                ("code_verifier", "{verifier}"),
            ],
            (Endpoint::Token, Grant::RefreshToken) => &[
                ("grant_type", "refresh_token"),
                ("refresh_token", "{refresh_token}"),
            ],
            (Endpoint::Revoke | Endpoint::Introspect, _) => &[("token", "{refresh_token}")],
        };
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        usual.iter().map(owned).collect()
    }

    /// The parameters with what is changed about them.
    pub fn parameters(&self) -> Vec<(String, String)> {
        let mut parameters = self.usual();
        parameters.retain(|(name, _)| !self.drop.contains(name) && !self.set.contains_key(name));
        let set = self.set.iter();
        parameters.extend(set.map(|(name, value)| (name.clone(), value.clone())));
        parameters
    }

    /// Whether a placeholder is anywhere in it.
    pub fn mentions(&self, placeholder: &str) -> bool {
        let parameters = self.parameters();
        let headers = self.headers.iter();
        let texts = parameters.iter().chain(headers).map(|(_, value)| value);
        let mut texts = texts.chain([&self.add, &self.query, &self.body].into_iter().flatten());
        texts.any(|text| text.contains(placeholder))
    }
}
