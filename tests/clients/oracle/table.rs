//! The two lists, as people write them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::request::{Endpoint, Request};

/// What the servers answer to some requests where they differ on purpose, and why.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Difference {
    requests: Vec<String>,
    pub linkgate: String,
    #[serde(rename = "oidc-provider")]
    pub oidc_provider: String,
    pub why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Requests {
    authorize: Vec<Request>,
    token: Vec<Request>,
    revoke: Vec<Request>,
    introspect: Vec<Request>,
}

#[derive(Deserialize)]
struct Differences {
    difference: Vec<Difference>,
}

/// The requests to one endpoint.
pub fn requests(endpoint: Endpoint) -> Vec<Request> {
    let list: Requests = toml::from_str(include_str!("requests.toml")).unwrap();
    let mut requests = match endpoint {
        Endpoint::Authorize => list.authorize,
        Endpoint::Token => list.token,
        Endpoint::Revoke => list.revoke,
        Endpoint::Introspect => list.introspect,
    };
    for request in &mut requests {
        request.at = endpoint;
    }
    requests
}

/// The explained differences by the name of each request; one that is explained twice fails the test.
pub fn differences() -> BTreeMap<String, Difference> {
    let list: Differences = toml::from_str(include_str!("differences.toml")).unwrap();
    let mut named = BTreeMap::new();
    for known in list.difference {
        for name in &known.requests {
            let twice = named.insert(name.clone(), known.clone());
            assert!(twice.is_none(), "{name} is explained twice");
        }
    }
    named
}
