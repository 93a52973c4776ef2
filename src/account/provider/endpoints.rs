//! Where a provider is: known, or told by its discovery document (OpenID Connect Discovery §4).

use serde_json::Value;
use url::Url;

use super::{
    calls::{Calls, Failure},
    known::{Known, Place, SecretIn},
};

/// A provider's addresses and ways.
#[derive(Debug, Clone)]
pub struct Endpoints {
    /// What its ID tokens may call it.
    pub issuers: Vec<String>,
    /// Where people are sent.
    pub authorize: Url,
    /// Where codes are exchanged.
    pub token: Url,
    /// Where it publishes its keys.
    pub keys: Option<Url>,
    /// Where it is asked about a person.
    pub about: Option<Url>,
    /// How we prove who we are.
    pub secret_in: SecretIn,
    /// Whether it always says who answers (RFC 9207 §3).
    pub says_issuer: bool,
}

impl Endpoints {
    /// The known ones.
    pub fn known(known: &Known, place: &Place, calls: &Calls) -> Result<Self, Failure> {
        let some = |address: Option<&str>| address.map(|address| calls.known(address)).transpose();
        Ok(Self {
            issuers: place
                .issuers
                .iter()
                .map(|issuer| (*issuer).to_owned())
                .collect(),
            authorize: calls.known(place.authorize)?,
            token: calls.known(place.token)?,
            keys: some(place.keys)?,
            about: some(place.about)?,
            secret_in: known.secret_in,
            says_issuer: false,
        })
    }

    /// Reads an issuer's discovery document.
    pub async fn discover(issuer: &str, calls: &Calls) -> Result<Self, Failure> {
        let base = issuer.trim_end_matches('/');
        let url = calls.named(&format!("{base}/.well-known/openid-configuration"))?;
        let told = calls.get(&url, None).await?;
        // §4.3: or anybody's document could speak for anybody.
        if told.get("issuer").and_then(Value::as_str) != Some(issuer) {
            return Err(Failure::down("its discovery document is another issuer's"));
        }
        let address = |name: &str| {
            let address = told.get(name).and_then(Value::as_str);
            address.map(|address| calls.named(address)).transpose()
        };
        let needed = |name: &str| {
            address(name)?
                .ok_or_else(|| Failure::down(format!("its discovery document lacks {name}")))
        };
        let methods = told.get("token_endpoint_auth_methods_supported");
        let methods = methods.and_then(Value::as_array);
        // §3: the header is what it is where nothing is said.
        let takes =
            |method: &str| methods.is_none_or(|all| all.iter().any(|known| known == method));
        Ok(Self {
            issuers: vec![issuer.to_owned()],
            authorize: needed("authorization_endpoint")?,
            token: needed("token_endpoint")?,
            keys: Some(needed("jwks_uri")?),
            about: address("userinfo_endpoint")?,
            secret_in: if takes("client_secret_basic") {
                SecretIn::Header
            } else {
                SecretIn::Body
            },
            says_issuer: told.get("authorization_response_iss_parameter_supported")
                == Some(&Value::Bool(true)),
        })
    }

    /// Whether an answer that names `iss` may be this provider's (RFC 9207 §2.4).
    pub fn may_be(&self, iss: Option<&str>) -> bool {
        match iss {
            Some(iss) => self.issuers.is_empty() || self.issuers.iter().any(|known| known == iss),
            None => !self.says_issuer,
        }
    }
}
