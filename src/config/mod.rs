//! Settings: a TOML file and the environment, typed at once. The environment wins.
//!
//! Everything wrong is listed together, so that nobody fixes a configuration one restart at a time.

mod duration;
mod limits;
mod mail;
mod reader;
mod second_factor;
mod sign_up;
mod surroundings;
mod value;

use std::{
    ffi::OsString,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use chrono::TimeDelta;
use ipnet::IpNet;
use lettre::message::Mailbox;
use secrecy::SecretString;
use url::Url;

use self::{
    duration::parse_patience,
    reader::Reader,
    value::{
        address, allowance, database_url, log_filter, log_format, networks, number, stand_in,
        switch,
    },
};
pub use self::{
    duration::{parse_duration, write_duration},
    limits::{LimitSettings, Locks},
    second_factor::AdminSecondFactor,
    sign_up::SignUp,
    surroundings::{program, surroundings},
    value::is_loopback,
};
use crate::foundation::keys::{KeyIntervals, SecretKey, SecretKeys};

/// The file read when none is named and it exists.
const DEFAULT_FILE: &str = "linkgate.toml";

/// Everything that can be set. Each field's doc names its variable; in the file it is the same name
/// in lower case without the prefix.
#[derive(Debug, Clone)]
pub struct Config {
    /// `LINKGATE_PUBLIC_URL`: the issuer and the origin of all pages. Unset while listening on
    /// loopback: `http://` and the address listened on.
    pub public_url: Option<Url>,
    /// `LINKGATE_LISTEN`.
    pub listen: SocketAddr,
    /// `LINKGATE_OPS_LISTEN`: health and metrics.
    pub ops_listen: SocketAddr,
    /// `LINKGATE_DATABASE_URL`; unset: a private PostgreSQL.
    pub database_url: Option<SecretString>,
    /// `LINKGATE_DATABASE_CONNECTIONS`: at most so many at once.
    pub database_connections: u32,
    /// `LINKGATE_DATA_DIR`.
    pub data_dir: PathBuf,
    /// `LINKGATE_MIGRATE`: whether `serve` applies migrations.
    pub migrate: bool,
    /// `LINKGATE_SECRET_KEY` and `LINKGATE_SECRET_KEY_PREVIOUS`; unset only with a private PostgreSQL.
    pub secret_keys: Option<SecretKeys>,
    /// `LINKGATE_SMTP_URL`; unset: mail is written into the data directory.
    pub smtp_url: Option<SecretString>,
    /// `LINKGATE_MAIL_FROM`; unset: `no-reply` at the host of the public URL.
    pub mail_from: Option<Mailbox>,
    /// `LINKGATE_ADMIN_SECOND_FACTOR`: whether admins have to have one.
    pub admin_second_factor: AdminSecondFactor,
    /// `LINKGATE_SIGNUP`: who may make an account by themselves.
    pub sign_up: SignUp,
    /// `LINKGATE_TRUSTED_PROXIES`: whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// `LINKGATE_OUTBOUND_PRIVATE`: whether calls to addresses that admins typed may go to private ones.
    pub outbound_private: bool,
    /// `LINKGATE_PROVIDER_STAND_IN`: where known providers are played, for trying out.
    pub provider_stand_in: Option<Url>,
    /// `LINKGATE_WORKERS`.
    pub workers: usize,
    /// `LINKGATE_PASSWORD_HASHES`: how many passwords are hashed at once.
    pub password_hashes: usize,
    /// `LINKGATE_ACTION_DEADLINE`: when a chatbot is told that the server is busy.
    pub action_deadline: Duration,
    /// `LINKGATE_RATE_LIMITS`: whether limits per address and client hold.
    pub rate_limits: bool,
    /// `LINKGATE_LIMIT_…`.
    pub limits: LimitSettings,
    /// `LINKGATE_LOG`: a tracing filter. Unset: `info` for `serve`, `warn` for other commands.
    pub log: Option<String>,
    /// `LINKGATE_LOG_FORMAT`.
    pub log_format: LogFormat,
    /// `LINKGATE_LIFETIME_…`.
    pub lifetimes: Lifetimes,
    /// `LINKGATE_KEY_INTERVAL` and `LINKGATE_KEY_INTERVAL_SIGNING`: how often keys are made.
    pub key_intervals: KeyIntervals,
}

/// What the settings are read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Running the server: a secret key must be there.
    Serving,
    /// A command, which may do without one.
    Managing,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// How long things live. Those of tokens are what new clients start with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetimes {
    /// `LINKGATE_LIFETIME_CODE`: an authorization code.
    pub code: TimeDelta,
    /// `LINKGATE_LIFETIME_ACCESS_TOKEN`.
    pub access_token: TimeDelta,
    /// `LINKGATE_LIFETIME_REFRESH_IDLE`: a link without a refresh.
    pub refresh_idle: TimeDelta,
    /// `LINKGATE_LIFETIME_FLOW`: a person's way through the pages.
    pub flow: TimeDelta,
    /// `LINKGATE_LIFETIME_SESSION`: a login, whatever happens.
    pub session: TimeDelta,
    /// `LINKGATE_LIFETIME_SESSION_IDLE`: a login nobody uses.
    pub session_idle: TimeDelta,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            code: TimeDelta::seconds(120),
            access_token: TimeDelta::hours(1),
            refresh_idle: TimeDelta::days(400),
            flow: TimeDelta::minutes(10),
            session: TimeDelta::hours(12),
            session_idle: TimeDelta::minutes(30),
        }
    }
}

/// Every problem of a configuration, one line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<String>);

impl std::error::Error for Problems {}

impl std::fmt::Display for Problems {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl Config {
    /// Reads the named file (or `linkgate.toml` where it exists) and the process's environment.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    pub fn load(file: Option<&Path>, purpose: Purpose) -> Result<Self, Problems> {
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string())));
        Self::read_for(purpose, settings_file(file), environment)
    }

    /// Reads a file and the given variables, to serve by them.
    pub fn read(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, Problems> {
        let readable = environment.map(|(name, value)| (name, Ok(value)));
        Self::read_for(Purpose::Serving, file, readable)
    }

    fn read_for(
        purpose: Purpose,
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, Result<String, OsString>)>,
    ) -> Result<Self, Problems> {
        let mut from = Reader::gather(file, environment);
        let config = Self::take(&mut from);
        config.check_together(purpose, &mut from);
        match from.finish() {
            problems if problems.is_empty() => Ok(config),
            problems => Err(Problems(problems)),
        }
    }

    fn take(from: &mut Reader) -> Self {
        let listen = from
            .take("listen", address)
            .unwrap_or(SocketAddr::from(([127, 0, 0, 1], 8080)));
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            public_url: public_url(from, listen),
            listen,
            ops_listen: from
                .take("ops_listen", address)
                .unwrap_or(SocketAddr::from(([127, 0, 0, 1], 9090))),
            database_url: from.take("database_url", database_url),
            database_connections: from
                .take("database_connections", number(1, 1000))
                .unwrap_or(10),
            data_dir: from
                .take("data_dir", str::parse::<PathBuf>)
                .unwrap_or_else(|| "./data".into()),
            migrate: from.take("migrate", switch).unwrap_or(true),
            secret_keys: secret_keys(from),
            smtp_url: from.take("smtp_url", mail::smtp_url),
            mail_from: from.take("mail_from", mail::mailbox),
            admin_second_factor: from
                .take("admin_second_factor", AdminSecondFactor::parse)
                .unwrap_or_default(),
            sign_up: from.take("signup", SignUp::parse).unwrap_or_default(),
            trusted_proxies: from.take("trusted_proxies", networks).unwrap_or_default(),
            outbound_private: from.take("outbound_private", allowance).unwrap_or(false),
            provider_stand_in: from.take("provider_stand_in", stand_in).flatten(),
            workers: from.take("workers", number(1, 1024)).unwrap_or(cores),
            password_hashes: from
                .take("password_hashes", number(1, 1024))
                .unwrap_or(cores),
            action_deadline: from
                .take("action_deadline", parse_patience)
                .unwrap_or(Duration::from_millis(150)),
            rate_limits: from.take("rate_limits", switch).unwrap_or(true),
            limits: LimitSettings::take(from),
            log: from.take("log", log_filter),
            log_format: from
                .take("log_format", log_format)
                .unwrap_or(LogFormat::Text),
            lifetimes: lifetimes(from),
            key_intervals: key_intervals(from),
        }
    }

    /// Whether people's browsers reach the server on loopback only: development and tests.
    pub fn is_loopback(&self) -> bool {
        self.public_url
            .as_ref()
            .map_or_else(|| self.listen.ip().is_loopback(), is_loopback)
    }

    /// Whether mail gets to people. Without a mail server it only does to whoever sits at this machine.
    pub fn mail_arrives(&self) -> bool {
        self.smtp_url.is_some() || self.is_loopback()
    }

    fn check_together(&self, purpose: Purpose, from: &mut Reader) {
        let serving = purpose == Purpose::Serving;
        if serving && self.database_url.is_some() && self.secret_keys.is_none() {
            from.problem(
                "secret_key",
                "must be set together with LINKGATE_DATABASE_URL (32 bytes in base64, for example from `openssl rand -base64 32`)",
            );
        }
        if self.provider_stand_in.is_some() && !self.is_loopback() {
            from.problem(
                "provider_stand_in",
                "may be set only while LINKGATE_PUBLIC_URL is loopback",
            );
        }
        if !self.rate_limits && !self.is_loopback() {
            from.problem(
                "rate_limits",
                "may be off only while LINKGATE_PUBLIC_URL is loopback",
            );
        }
        if self.sign_up != SignUp::Off && !self.mail_arrives() {
            from.problem(
                "signup",
                "needs LINKGATE_SMTP_URL: whoever signs up is mailed a code",
            );
        }
        if self.admin_second_factor == AdminSecondFactor::Optional && !self.is_loopback() {
            from.problem(
                "admin_second_factor",
                "may be `optional` only while LINKGATE_PUBLIC_URL is loopback",
            );
        }
    }
}

/// The file the settings are read from: the one named, or the default one where it exists.
pub fn settings_file(named: Option<&Path>) -> Option<&Path> {
    let default = Path::new(DEFAULT_FILE);
    named.or_else(|| default.exists().then_some(default))
}

fn public_url(from: &mut Reader, listen: SocketAddr) -> Option<Url> {
    let set = from.take("public_url", |text| {
        let url: Url = text
            .parse()
            .map_err(|error| format!("`{text}` is not a URL: {error}"))?;
        let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !plain || !url.username().is_empty() || url.password().is_some() {
            return Err(
                "must be a scheme and a host alone, such as https://link.example.com".to_owned(),
            );
        }
        match url.scheme() {
            "https" => Ok(url),
            "http" if is_loopback(&url) => Ok(url),
            _ => Err("must be https, unless its host is loopback".to_owned()),
        }
    });
    if set.is_none() && !listen.ip().is_loopback() {
        from.problem(
            "public_url",
            "must be set when LINKGATE_LISTEN is not loopback",
        );
    }
    set
}

fn secret_keys(from: &mut Reader) -> Option<SecretKeys> {
    let current = from.take("secret_key", SecretKey::parse);
    let previous = from.take("secret_key_previous", SecretKey::parse);
    match (current, previous) {
        (Some(current), previous) => Some(SecretKeys { current, previous }),
        (None, Some(_)) => {
            from.problem(
                "secret_key_previous",
                "makes sense only beside LINKGATE_SECRET_KEY",
            );
            None
        }
        (None, None) => None,
    }
}

fn lifetimes(from: &mut Reader) -> Lifetimes {
    let default = Lifetimes::default();
    let mut take = |name: &str, default: TimeDelta, least: TimeDelta, most: TimeDelta| {
        let within = span(least, most);
        from.take(name, within).unwrap_or(default)
    };
    let (seconds, minutes, days) = (TimeDelta::seconds, TimeDelta::minutes, TimeDelta::days);
    Lifetimes {
        code: take("lifetime_code", default.code, seconds(10), minutes(10)),
        access_token: take(
            "lifetime_access_token",
            default.access_token,
            seconds(60),
            days(1),
        ),
        refresh_idle: take(
            "lifetime_refresh_idle",
            default.refresh_idle,
            days(1),
            days(3650),
        ),
        flow: take("lifetime_flow", default.flow, minutes(1), minutes(30)),
        session: take("lifetime_session", default.session, minutes(5), days(30)),
        session_idle: take(
            "lifetime_session_idle",
            default.session_idle,
            minutes(1),
            days(30),
        ),
    }
}

fn key_intervals(from: &mut Reader) -> KeyIntervals {
    let default = KeyIntervals::default();
    let mut take = |name: &str, default| {
        let within = span(TimeDelta::days(1), TimeDelta::days(3650));
        from.take(name, within).unwrap_or(default)
    };
    KeyIntervals {
        own: take("key_interval", default.own),
        signing: take("key_interval_signing", default.signing),
    }
}

fn span(least: TimeDelta, most: TimeDelta) -> impl Fn(&str) -> Result<TimeDelta, String> {
    move |text| match parse_duration(text)? {
        value if (least..=most).contains(&value) => Ok(value),
        _ => Err(format!(
            "must be between {} and {} seconds",
            least.num_seconds(),
            most.num_seconds()
        )),
    }
}

#[cfg(test)]
mod tests;
