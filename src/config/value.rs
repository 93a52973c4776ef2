//! Reading single values; what is wrong with one is said without its name, which the caller knows.

use std::net::SocketAddr;

use ipnet::IpNet;
use secrecy::SecretString;
use url::Url;

use super::LogFormat;

pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is not an address with a port, such as 127.0.0.1:8080"))
}

pub(super) fn database_url(text: &str) -> Result<SecretString, String> {
    // The value may carry a password: it is named in no message.
    match text.parse::<sqlx::postgres::PgConnectOptions>() {
        Ok(_) if text.starts_with("postgres") => Ok(SecretString::from(text)),
        _ => Err("is not a PostgreSQL URL, such as postgres://linkgate@db.example/linkgate?sslmode=verify-full".to_owned()),
    }
}

pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(format!("must be `on` or `off`, not `{text}`")),
    }
}

/// Somebody who plays the providers is on this machine, if there is anybody.
pub(super) fn stand_in(text: &str) -> Result<Option<Url>, String> {
    if text == "off" {
        return Ok(None);
    }
    let url = Url::parse(text).map_err(|error| format!("`{text}` is not a URL: {error}"))?;
    if url.scheme() == "http" && is_loopback(&url) {
        Ok(Some(url))
    } else {
        Err("must be `off`, or an http URL on loopback, such as http://127.0.0.1:8900".to_owned())
    }
}

pub(super) fn allowance(text: &str) -> Result<bool, String> {
    match text {
        "allow" => Ok(true),
        "refuse" => Ok(false),
        _ => Err(format!("must be `allow` or `refuse`, not `{text}`")),
    }
}

pub(super) fn number<T: std::str::FromStr + PartialOrd + std::fmt::Display + Copy>(
    least: T,
    most: T,
) -> impl Fn(&str) -> Result<T, String> {
    move |text| match text.parse() {
        Ok(value) if value >= least && value <= most => Ok(value),
        _ => Err(format!(
            "must be a number from {least} to {most}, not `{text}`"
        )),
    }
}

pub(super) fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    text.split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .map(network)
        .collect()
}

fn network(item: &str) -> Result<IpNet, String> {
    let network = item
        .parse::<IpNet>()
        .or_else(|_| item.parse::<std::net::IpAddr>().map(IpNet::from));
    match network {
        Ok(network) if network.prefix_len() > 0 => Ok(network),
        Ok(_) => Err(format!("`{item}` would trust everybody's X-Forwarded-For")),
        Err(_) => Err(format!("`{item}` is not a network such as 10.0.0.0/8")),
    }
}

pub(super) fn log_filter(text: &str) -> Result<String, String> {
    let parsed = text.parse::<tracing_subscriber::filter::Targets>();
    parsed
        .map(|_| text.to_owned())
        .map_err(|error| format!("`{text}` is not a log filter: {error}"))
}

pub(super) fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(format!("must be `text` or `json`, not `{text}`")),
    }
}

/// Whether a URL leads to this machine alone.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}
