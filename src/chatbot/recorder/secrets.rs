//! What must not be kept of a call: this server's tokens and secrets wherever they stand, and other
//! credentials by the names they go by.

use chrono::{DateTime, Utc};
use url::form_urlencoded;

use super::{SecretKind, Standing, store};
use crate::{
    chatbot::call::token_of,
    foundation::{
        ids::{ClientId, LinkId},
        secret::{ClientSecretKind, Kind},
    },
    link::code,
    token::{
        access::{AccessToken, NotGood},
        opaque,
        refresh::{self, RefreshToken},
    },
    web::state::AppState,
};

/// What every secret of this server begins with, before two letters for its kind and another `_`.
const OURS: &str = "lg_";
/// What every JWT begins with: `{"` in base64url.
const JWT: &str = "eyJ";
/// The most that are verified: a chatbot sends one.
const MOST_VERIFIED: usize = 8;
/// Words that make a name one of a credential, whatever else is in it.
const TELLING: [&str; 9] = [
    "authorization",
    "cookie",
    "token",
    "secret",
    "passw",
    "credential",
    "signature",
    "assertion",
    "apikey",
];
/// Names of credentials that are parts of harmless words.
const WHOLE: [&str; 6] = ["auth", "code", "pin", "otp", "jwt", "pwd"];

/// The secrets of one call, each once, in the order they came.
#[derive(Debug, Default)]
pub struct Secrets(Vec<Secret>);

/// One of them.
pub struct Secret {
    text: String,
    /// What it is.
    pub kind: SecretKind,
    /// What verifying it gave.
    pub standing: Standing,
    /// Its link, where that is one of the client's.
    pub link: Option<LinkId>,
}

impl Secrets {
    /// The secrets in these texts, not verified yet.
    pub fn among<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut secrets = Self::default();
        for text in texts {
            for piece in cut(text) {
                if let Piece::Secret(text) = piece
                    && secrets.number_of(text).is_none()
                {
                    secrets.0.push(Secret::new(text));
                }
            }
        }
        secrets
    }

    /// Verifies them, and finds out which are of that client's links.
    pub async fn verify(
        &mut self,
        client: &ClientId,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> sqlx::Result<()> {
        for secret in self.0.iter_mut().take(MOST_VERIFIED) {
            secret.verify(state, now).await?;
        }
        let links: Vec<_> = self.0.iter().filter_map(|secret| secret.link).collect();
        if links.is_empty() {
            return Ok(());
        }
        let own = store::list_links_of_client(&state.db, client, &links).await?;
        for secret in &mut self.0 {
            let is_own = |link: LinkId| own.iter().any(|own| own.link_id == link);
            if secret.link.is_some_and(|link| !is_own(link)) {
                secret.link = None;
                secret.standing = Standing::Elsewhere;
            }
        }
        Ok(())
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Secret> {
        self.0.iter()
    }

    /// The text with each secret replaced by its kind and number.
    pub fn hide(&self, text: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        for piece in cut(text) {
            match piece {
                Piece::Plain(text) => shown.push_str(text),
                Piece::Secret(text) => shown.push_str(&self.label(text)),
            }
        }
        if is_secret_within(&shown) {
            return hidden(text);
        }
        // PostgreSQL stores no NUL.
        shown.replace('\0', "\u{2400}")
    }

    /// The value of that name, whole only if the name is not one of a credential.
    pub fn hide_named(&self, name: &str, value: &str) -> String {
        if !is_credential(name) {
            return self.hide(value);
        }
        let one_of_ours = token_of(value).is_some_and(|token| self.number_of(token).is_some());
        if one_of_ours {
            return self.hide(value);
        }
        match value.split_once(' ') {
            Some((scheme, rest))
                if name.eq_ignore_ascii_case("authorization")
                    && scheme.bytes().all(|byte| byte.is_ascii_alphabetic()) =>
            {
                format!("{scheme} {}", hidden(rest))
            }
            _ if value.is_empty() => String::new(),
            _ => hidden(value),
        }
    }

    fn number_of(&self, text: &str) -> Option<usize> {
        let at = self.0.iter().position(|secret| secret.text == text)?;
        Some(at + 1)
    }

    fn label(&self, text: &str) -> String {
        match self.number_of(text) {
            Some(number) => {
                let kind = self.0.get(number - 1).map_or("secret", |s| s.kind.as_str());
                format!("[{kind} {number}]")
            }
            None => hidden(text),
        }
    }
}

impl Secret {
    fn new(text: &str) -> Self {
        let kinds = [
            (opaque::PREFIX, SecretKind::AccessToken),
            (refresh::PREFIX, SecretKind::RefreshToken),
            (code::PREFIX, SecretKind::Code),
            (ClientSecretKind::PREFIX, SecretKind::ClientSecret),
            (OURS, SecretKind::Other),
        ];
        let kind = kinds.iter().find(|(prefix, _)| text.starts_with(prefix));
        Self {
            text: text.to_owned(),
            kind: kind.map_or(SecretKind::ForeignJwt, |(_, kind)| *kind),
            standing: Standing::Unchecked,
            link: None,
        }
    }

    /// Its text, for finding it in the call.
    pub fn expose(&self) -> &str {
        &self.text
    }

    async fn verify(&mut self, state: &AppState, now: DateTime<Utc>) -> sqlx::Result<()> {
        let (standing, link) = match self.kind {
            SecretKind::AccessToken | SecretKind::ForeignJwt => {
                let issuer = state.public_url.issuer();
                match AccessToken::verify(&self.text, &state.keys, issuer, now).await? {
                    Ok(token) => (Standing::Genuine, Some(token.link_id)),
                    Err(NotGood::Expired(token)) => (Standing::Expired, Some(token.link_id)),
                    Err(NotGood::Unknown) => (Standing::NotOurs, None),
                }
            }
            SecretKind::RefreshToken => {
                match RefreshToken::verify(&self.text, &state.keys, now).await? {
                    Some(token) => (Standing::Genuine, Some(token.link_id)),
                    None => (Standing::NotOurs, None),
                }
            }
            SecretKind::Code | SecretKind::ClientSecret | SecretKind::Other => return Ok(()),
        };
        if link.is_some() && self.kind == SecretKind::ForeignJwt {
            self.kind = SecretKind::AccessToken;
        }
        (self.standing, self.link) = (standing, link);
        Ok(())
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:?} {:?}", self.kind, self.standing)
    }
}

/// Whether what goes by that name is a credential, or may be one.
pub fn is_credential(name: &str) -> bool {
    let name: String = name
        .chars()
        .filter(|c| c.is_alphanumeric())
        .map(|c| c.to_ascii_lowercase())
        .collect();
    TELLING.iter().any(|part| name.contains(part))
        || WHOLE.contains(&name.as_str())
        || name.ends_with("key")
}

/// What is shown of a credential that is not this server's.
pub fn hidden(value: &str) -> String {
    format!("[hidden, {} characters]", value.chars().count())
}

enum Piece<'a> {
    Plain(&'a str),
    Secret(&'a str),
}

/// A text cut into what may be shown and what may not.
fn cut(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    for run in text.split_inclusive(|c| !is_of_token(c)) {
        let mut rest = run;
        while let Some((before, secret, after)) = first_secret(rest) {
            pieces.extend([Piece::Plain(before), Piece::Secret(secret)]);
            rest = after;
        }
        pieces.push(Piece::Plain(rest));
    }
    pieces
}

/// The first secret in token characters that may end in one other.
fn first_secret(run: &str) -> Option<(&str, &str, &str)> {
    let end = run.find(|c| !is_of_token(c)).unwrap_or(run.len());
    let ours = run.match_indices(OURS).find_map(|(at, _)| {
        let length = own_length(run.get(at..end)?)?;
        Some((at, length))
    });
    let jwt = run.find(JWT).and_then(|at| {
        let dots = run.get(at..end)?.matches('.').count();
        (dots >= 2).then_some((at, end - at))
    });
    let (at, length) = ours.into_iter().chain(jwt).min()?;
    let (before, rest) = run.split_at_checked(at)?;
    let (secret, after) = rest.split_at_checked(length)?;
    Some((before, secret, after))
}

/// How long a secret of ours is that a text begins with.
fn own_length(text: &str) -> Option<usize> {
    let rest = text.strip_prefix(OURS)?;
    let (kind, rest) = rest.split_at_checked(2)?;
    let rest = rest.strip_prefix('_')?;
    let lower = kind.bytes().all(|byte| byte.is_ascii_lowercase());
    let secret = rest.find('.').unwrap_or(rest.len());
    (lower && secret > 0).then_some(OURS.len() + 3 + secret)
}

/// The characters of base64url, and the dots of a JWT.
fn is_of_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// Whether a percent-encoded secret is left in a text.
fn is_secret_within(shown: &str) -> bool {
    let is_secret = |text: &str| {
        cut(text)
            .iter()
            .any(|piece| matches!(piece, Piece::Secret(_)))
    };
    shown.contains('%')
        && form_urlencoded::parse(shown.as_bytes())
            .any(|(name, value)| is_secret(&name) || is_secret(&value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_whatever_surrounds_it() {
        for (text, shown) in [
            ("lg_at_a-B_9", "[access token 1]"),
            ("Bearer lg_at_a", "Bearer [access token 1]"),
            ("xlg_rt_a", "x[refresh token 1]"),
            ("{\"t\":\"lg_ac_a\"}", "{\"t\":\"[authorization code 1]\"}"),
            (
                "lg_cs_a,lg_cs_a;lg_br_b",
                "[client secret 1],[client secret 1];[secret 2]",
            ),
            ("한lg_at_a글", "한[access token 1]글"),
            ("t=eyJh.eyJi.c_-9 rest", "t=[JWT 1] rest"),
            ("lg_at_a.lg_at_b", "[access token 1].[access token 2]"),
            (
                "lg_at_ lg_ lg_a_b eyJh.eyJi plain",
                "lg_at_ lg_ lg_a_b eyJh.eyJi plain",
            ),
            ("a%20b%", "a%20b%"),
            ("a=lg%5Fat%5Fa", "[hidden, 13 characters]"),
        ] {
            assert_eq!(Secrets::among([text]).hide(text), shown);
        }
        assert_eq!(Secrets::default().hide("lg_at_a"), "[hidden, 7 characters]");
    }

    #[test]
    fn other_credentials_are_hidden_by_their_names() {
        let secrets = Secrets::among(["lg_at_a"]);
        for (name, value, shown) in [
            (
                "authorization",
                "Basic YTpi",
                "Basic [hidden, 4 characters]",
            ),
            ("authorization", "Bearer lg_at_a", "Bearer [access token 1]"),
            ("authorization", "YTpi", "[hidden, 4 characters]"),
            ("Cookie", "a=b; c=lg_at_a", "[hidden, 14 characters]"),
            ("X-Naver-Client-Secret", "abc", "[hidden, 3 characters]"),
            ("x-api-key", "abc", "[hidden, 3 characters]"),
            ("SignatureCEK", "abc", "[hidden, 3 characters]"),
            ("accessToken", "abc", "[hidden, 3 characters]"),
            ("accessToken", "lg_at_a", "[access token 1]"),
            ("password", "", ""),
            ("domainCode", "abc", "abc"),
            ("content-type", "text/plain", "text/plain"),
            ("userId", "abc\0", "abc\u{2400}"),
        ] {
            assert_eq!(secrets.hide_named(name, value), shown, "{name}: {value}");
        }
    }
}
