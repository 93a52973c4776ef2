//! Devices that logged in before, by a cookie that says to which accounts. It opens nothing: it only
//! keeps what others do to an account from slowing down those it belongs to.

use actix_web::{HttpRequest, cookie::Cookie};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{cookies::CookieName, state::AppState};
use crate::foundation::{
    keys::{KeyId, KeyKind},
    seal,
};

/// How long a device is known after its last login; browsers keep no cookie longer.
const KNOWN_FOR: TimeDelta = TimeDelta::days(400);
/// The most accounts of one device that are remembered: a family's tablet.
const MOST_OWNERS: usize = 4;
const PREFIX: &str = "lg_dv_";

/// Names a device of one account, at random.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceId(Uuid);

impl DeviceId {
    /// The id.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// What the cookie says about one account: a statement with a MAC over it and the cookie's name.
#[derive(Debug, Clone, Copy)]
struct Entry {
    key: KeyId,
    owner: Uuid,
    device: DeviceId,
    since: i64,
    tag: [u8; 32],
}

/// Whether the browser brings such a cookie at all, genuine or not.
pub fn is_claimed(cookie: CookieName, request: &HttpRequest, state: &AppState) -> bool {
    cookie.read(request, &state.public_url).is_some()
}

/// The device, if it logged in to that account before.
pub async fn known(
    cookie: CookieName,
    owner: Uuid,
    request: &HttpRequest,
    state: &AppState,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<DeviceId>> {
    for entry in entries(cookie, request, state) {
        if entry.owner == owner && entry.is_genuine(cookie, state, now).await? {
            return Ok(Some(entry.device));
        }
    }
    Ok(None)
}

/// The cookie of a device that just logged in to that account. What it knew of other accounts stays,
/// unread: it is worth something only if it is genuine.
pub async fn remember(
    cookie: CookieName,
    owner: Uuid,
    request: &HttpRequest,
    state: &AppState,
    now: DateTime<Utc>,
) -> sqlx::Result<Cookie<'static>> {
    let known = known(cookie, owner, request, state, now).await?;
    let device = known.unwrap_or_else(|| DeviceId(state.random.uuid()));
    let mut all = vec![Entry::new(cookie, owner, device, state, now)];
    let others = entries(cookie, request, state).into_iter();
    all.extend(others.filter(|entry| entry.owner != owner));
    all.truncate(MOST_OWNERS);
    let texts: Vec<_> = all.iter().map(Entry::encode).collect();
    let value = format!("{PREFIX}{}", texts.join("."));
    Ok(cookie.cookie(value, Some(KNOWN_FOR), &state.public_url))
}

fn entries(cookie: CookieName, request: &HttpRequest, state: &AppState) -> Vec<Entry> {
    let value = cookie.read(request, &state.public_url).unwrap_or_default();
    let texts = value.strip_prefix(PREFIX).unwrap_or_default().split('.');
    texts.take(MOST_OWNERS).filter_map(Entry::decode).collect()
}

impl Entry {
    fn new(
        cookie: CookieName,
        owner: Uuid,
        device: DeviceId,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> Self {
        let key = state.keys.current(KeyKind::Device, now);
        let mut entry = Self {
            key: key.id,
            owner,
            device,
            since: now.timestamp(),
            tag: [0; 32],
        };
        entry.tag = key.mac(&[&entry.stated(cookie)]);
        entry
    }

    async fn is_genuine(
        &self,
        cookie: CookieName,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> sqlx::Result<bool> {
        if now.timestamp().saturating_sub(self.since) > KNOWN_FOR.num_seconds() {
            return Ok(false);
        }
        let key = state.keys.find(KeyKind::Device, self.key, now).await?;
        Ok(key.is_some_and(|key| key.verifies(&[&self.stated(cookie)], &self.tag)))
    }

    /// What the MAC covers; of fixed length for each cookie.
    fn stated(&self, cookie: CookieName) -> Vec<u8> {
        let about: &[u8] = match cookie {
            CookieName::AdminDevice => b"admin's device\0",
            _ => b"device\0",
        };
        [about, &self.facts()].concat()
    }

    fn facts(&self) -> Vec<u8> {
        [
            &self.key.to_be_bytes()[..],
            self.owner.as_bytes(),
            self.device.as_bytes(),
            &self.since.to_be_bytes(),
        ]
        .concat()
    }

    fn encode(&self) -> String {
        seal::to_text(&[&self.facts()[..], &self.tag].concat())
    }

    fn decode(text: &str) -> Option<Self> {
        let bytes = seal::from_text(text)?;
        let (key, rest) = bytes.split_first_chunk()?;
        let (owner, rest) = rest.split_first_chunk()?;
        let (device, rest) = rest.split_first_chunk()?;
        let (since, rest) = rest.split_first_chunk()?;
        Some(Self {
            key: KeyId::from_be_bytes(*key),
            owner: Uuid::from_bytes(*owner),
            device: DeviceId(Uuid::from_bytes(*device)),
            since: i64::from_be_bytes(*since),
            tag: rest.try_into().ok()?,
        })
    }
}
