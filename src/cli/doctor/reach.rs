//! How people and platforms reach the server: its public URL and its ports.

use std::{
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use url::Url;

use super::Finding;
use crate::config::Config;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

pub async fn look(config: &Config) -> Vec<Finding> {
    vec![
        public_url(config).await,
        proxy(config),
        port("listen", "LINKGATE_LISTEN", config.listen, config).await,
        port(
            "ops listen",
            "LINKGATE_OPS_LISTEN",
            config.ops_listen,
            config,
        )
        .await,
    ]
}

async fn public_url(config: &Config) -> Finding {
    const NAME: &str = "public URL";
    let Some(url) = config.public_url.as_ref().filter(|_| !config.is_loopback()) else {
        return Finding::hint(
            NAME,
            "this machine only, for trials",
            "platforms need LINKGATE_PUBLIC_URL: https on port 443, with a certificate of a public authority",
        );
    };
    if url.port().is_some() {
        return Finding::hint(
            NAME,
            format!("{url} is not on port 443"),
            "CLOVA and others reach port 443 only: put a TLS proxy there",
        );
    }
    match answers(url).await {
        Ok(()) => Finding::ok(NAME, format!("{url} answers with a good certificate")),
        Err(error) => Finding::hint(
            NAME,
            format!("{url} can't be reached from here: {error}"),
            "check its name, the proxy and its certificate; before the first start this is expected",
        ),
    }
}

/// Whether this very server is behind the URL.
async fn answers(url: &Url) -> anyhow::Result<()> {
    let metadata = url.join("/.well-known/oauth-authorization-server")?;
    let http = reqwest::Client::builder().timeout(PATIENCE).build()?;
    let metadata: serde_json::Value = http
        .get(metadata)
        .send()
        .await?
        .error_for_status()?
        .json()
        .await?;
    let issuer = metadata
        .get("issuer")
        .and_then(serde_json::Value::as_str)
        .unwrap_or_default();
    if issuer == url.as_str().trim_end_matches('/') {
        Ok(())
    } else {
        anyhow::bail!("the server there calls itself {issuer:?}")
    }
}

fn proxy(config: &Config) -> Finding {
    const NAME: &str = "proxy";
    let behind_proxy = !config.is_loopback();
    if behind_proxy && config.trusted_proxies.is_empty() {
        return Finding::hint(
            NAME,
            "every request seems to come from the TLS proxy's address",
            "set LINKGATE_TRUSTED_PROXIES to it, such as 127.0.0.1",
        );
    }
    Finding::ok(
        NAME,
        if behind_proxy {
            "X-Forwarded-For is believed from where you said"
        } else {
            "none needed"
        },
    )
}

async fn port(name: &'static str, setting: &str, address: SocketAddr, config: &Config) -> Finding {
    let Err(error) = TcpListener::bind(address) else {
        return Finding::ok(name, format!("{address} is free"));
    };
    if is_running(config.ops_listen).await {
        return Finding::ok(name, format!("{address} is in use by a running Linkgate"));
    }
    Finding::failed(
        name,
        format!("{address}: {error}"),
        format!("stop what listens there, or change {setting}"),
    )
}

async fn is_running(ops: SocketAddr) -> bool {
    let live = format!("http://{ops}/health/live");
    let asked = async {
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(PATIENCE)
            .build()?;
        http.get(live).send().await?.error_for_status()
    };
    asked.await.is_ok()
}
