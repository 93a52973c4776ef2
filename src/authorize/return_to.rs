//! Where an answer goes: to a redirect URI that was proven to be the client's.

use actix_web::HttpResponse;

use crate::{
    client::Client,
    link::code::AuthorizationCode,
    protocol::{OAuthError, RedirectUri},
    web::{page, state::PublicUrl},
};

/// A proven redirect URI with what every answer to it carries. It can only be made by matching a
/// client's registered URIs, so an open redirector would not compile.
#[derive(Debug, Clone)]
pub struct ReturnTo {
    redirect_uri: RedirectUri,
    state: Option<String>,
    issuer: Option<String>,
}

impl ReturnTo {
    /// Proves that `presented` is, byte for byte, one of the client's (RFC 9700 §2.1).
    pub fn prove(
        client: &Client,
        presented: &str,
        state: Option<&str>,
        url: &PublicUrl,
    ) -> Option<Self> {
        let registered = client
            .redirect_uris
            .iter()
            .find(|registered| registered.as_str() == presented)?;
        Some(Self {
            redirect_uri: RedirectUri::from_registered(registered.clone()),
            state: state.map(str::to_owned),
            // RFC 9207; some platforms stumble over unknown parameters.
            issuer: client.settings.send_iss.then(|| url.issuer().to_owned()),
        })
    }

    /// The redirect URI as it was registered.
    pub fn redirect_uri(&self) -> &str {
        self.redirect_uri.as_str()
    }

    /// The origin that the consent form must be allowed to lead to.
    pub fn origin(&self) -> String {
        self.redirect_uri.origin().to_owned()
    }

    /// Hands the code over (RFC 6749 §4.1.2).
    pub fn with_code(&self, code: &AuthorizationCode) -> HttpResponse {
        self.redirect(&[("code", code.expose())])
    }

    /// Tells the platform why there is none (RFC 6749 §4.1.2.1).
    pub fn with_error(&self, error: &OAuthError) -> HttpResponse {
        self.redirect(&[
            ("error", error.code().as_str()),
            ("error_description", error.description()),
        ])
    }

    fn redirect(&self, answer: &[(&str, &str)]) -> HttpResponse {
        let state = self.state.as_deref().map(|state| ("state", state));
        let issuer = self.issuer.as_deref().map(|issuer| ("iss", issuer));
        let parameters: Vec<_> = answer.iter().copied().chain(state).chain(issuer).collect();
        page::see_other(&self.redirect_uri.append_query(&parameters))
    }
}
