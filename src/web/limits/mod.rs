//! Limits on abuse. They count failures, never successes, are shared by all nodes, and ease by
//! themselves: nobody is locked out because somebody else wants it.
//!
//! What the database remembers is asked only where it matters (a login), and written only when
//! something failed. A node's own memory stands before it: whom it knows to wait is turned away
//! without a question.

mod alarm;
pub mod client;
pub mod factor;
pub mod login;
mod memory;
mod requests;
mod rule;
pub mod store;

use chrono::{DateTime, Utc};
use ipnet::IpNet;

use self::{alarm::Alarm, memory::Memory, requests::Requests, rule::Rules};
use super::{caller::Caller, state::AppState};
use crate::{config::Config, foundation::keys::KeyKind};

/// The limits of this server, and what this node remembers of them.
pub struct Limits {
    /// Off: nothing is counted by address or client. An account's soft lock stays.
    on: bool,
    proxies: Vec<IpNet>,
    rules: Rules,
    memory: Memory,
    alarm: Alarm,
    authorize: Requests,
    record: Requests,
    confirm: Requests,
    mailed_codes: MailedCodes,
}

/// How many codes are mailed in an hour. They are counted where they are kept.
#[derive(Debug, Clone, Copy)]
pub struct MailedCodes {
    /// Whether that of an address the request comes from holds.
    pub holds_for_addresses: bool,
    /// For one address that a request comes from.
    pub of_address: i64,
    /// For one e-mail address.
    pub of_account: i64,
    /// Of those, for a new password.
    pub recoveries: i64,
}

/// Whom failures or requests are counted for: a MAC, which tells nothing about them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Subject([u8; 32]);

impl Limits {
    /// As they are set.
    pub fn new(config: &Config) -> Self {
        Self {
            on: config.rate_limits,
            proxies: config.trusted_proxies.clone(),
            rules: Rules::new(&config.limits),
            memory: Memory::default(),
            alarm: Alarm::new(config.limits.login_alarm),
            authorize: Requests::new("authorize", config.limits.authorize),
            record: Requests::new("record", config.limits.record),
            confirm: Requests::new("confirm", config.limits.confirm),
            mailed_codes: MailedCodes {
                holds_for_addresses: config.rate_limits,
                of_address: config.limits.sign_up.into(),
                of_account: config.limits.codes.into(),
                recoveries: config.limits.reset.into(),
            },
        }
    }

    /// Where a request comes from.
    pub fn caller(&self, request: &actix_web::HttpRequest) -> Caller {
        Caller::of(request, &self.proxies)
    }

    /// Counts an authorization request; gives the seconds to wait, if the address asks too often.
    pub async fn count_authorization(
        &self,
        request: &actix_web::HttpRequest,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> Option<u32> {
        self.count(&self.authorize, request, state, now).await
    }

    /// Counts a call to a recorder, whether it records or not; gives the seconds to wait likewise.
    pub async fn count_recorded(
        &self,
        request: &actix_web::HttpRequest,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> Option<u32> {
        self.count(&self.record, request, state, now).await
    }

    /// The seconds until an address may be told of chat users again, if it asked after too many who are
    /// not connected.
    pub fn confirm_waits(
        &self,
        request: &actix_web::HttpRequest,
        now: DateTime<Utc>,
    ) -> Option<u32> {
        let waits = || self.confirm.waits(self.caller(request), now);
        self.on.then(waits).flatten()
    }

    /// Counts a chat user who is not connected.
    pub async fn count_unconfirmed(
        &self,
        request: &actix_web::HttpRequest,
        state: &AppState,
        now: DateTime<Utc>,
    ) {
        self.count(&self.confirm, request, state, now).await;
    }

    /// The limits on mailed codes.
    pub fn mailed_codes(&self) -> MailedCodes {
        self.mailed_codes
    }

    async fn count(
        &self,
        requests: &Requests,
        request: &actix_web::HttpRequest,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> Option<u32> {
        if !self.on {
            return None;
        }
        requests.count(self.caller(request), state, now).await
    }

    /// Whether so many logins fail that admins should look.
    pub fn is_alarmed(&self, now: DateTime<Utc>) -> bool {
        self.alarm.is_raised(now)
    }

    /// How many logins failed here since the start.
    pub fn failed_logins(&self) -> u64 {
        self.alarm.failures()
    }
}

impl Subject {
    /// `name` keeps the subjects of one limit from another's.
    fn new(name: &str, about: &[u8], state: &AppState, now: DateTime<Utc>) -> Self {
        let key = state.keys.current(KeyKind::Device, now);
        Self(key.mac(&[b"limit\0", name.as_bytes(), b"\0", about]))
    }
}

/// Whole seconds until then, at least one.
fn seconds_until(then: DateTime<Utc>, now: DateTime<Utc>) -> u32 {
    let seconds = (then - now + chrono::TimeDelta::milliseconds(999)).num_seconds();
    u32::try_from(seconds.max(1)).unwrap_or(u32::MAX)
}
