//! CLOVA as it really asks: no PKCE, scopes apart by `%20`, a long `state`.

use std::collections::BTreeMap;

use url::form_urlencoded;

use crate::harness::{Registered, TestApp, draft, preset};
use linkgate::client::registration::Draft;

/// Where NAVER's own platform gets its answers.
pub const REDIRECT_URI: &str = "https://prod-ni-cic.clova.ai/v1/al/token/";

/// Registers CLOVA under this name.
pub async fn register(app: &TestApp, name: &str) -> Registered {
    app.register(Draft {
        name: name.to_owned(),
        preset: preset("clova"),
        preset_values: BTreeMap::new(),
        redirect_uris: Vec::new(),
        ..draft()
    })
    .await
}

/// 300 characters, of every kind that has to survive an encoding.
pub fn state() -> String {
    let letters = "abcXYZ019-._~+/=&?#%20%2B \"<한>";
    letters.chars().cycle().take(300).collect()
}

/// The address that the CLOVA app opens.
pub fn authorization_url(app: &TestApp, client: &Registered, state: &str) -> String {
    let encode = |text: &str| {
        form_urlencoded::byte_serialize(text.as_bytes())
            .collect::<String>()
            .replace('+', "%20")
    };
    let pairs = [
        ("redirect_uri", REDIRECT_URI),
        ("response_type", "code"),
        ("scope", "account:email account:profile"),
        ("state", state),
        ("client_id", &client.id()),
    ];
    let query: Vec<_> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    format!("{}/oauth/authorize?{}", app.url, query.join("&"))
}
