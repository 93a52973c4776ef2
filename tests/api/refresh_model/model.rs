//! What should become of a link, told from what was sent and seen alone.

use chrono::{DateTime, Utc};

use super::world::IDLE;
use crate::harness::seconds;

/// What the server should remember of a link; a backup brings an older one back.
#[derive(Debug, Clone)]
pub struct Memory {
    /// The newest refresh token sent, counted from 1.
    pub sent: usize,
    /// The newest one presented; 0: none yet.
    pub presented: usize,
    /// When it was presented first.
    pub presented_at: DateTime<Utc>,
    /// When the link dies without a refresh.
    pub idle_expires_at: DateTime<Utc>,
    /// How often the access tokens of the time were revoked.
    pub access_epoch: usize,
    pub ended: bool,
}

/// What a request meets beside the link.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances {
    pub now: DateTime<Utc>,
    pub public: bool,
    pub rotates: bool,
    pub account_enabled: bool,
}

impl Memory {
    /// Of a link that was made just now.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self {
            sent: 1,
            presented: 0,
            presented_at: now,
            idle_expires_at: now + IDLE,
            access_epoch: 0,
            ended: false,
        }
    }

    /// Somebody presents a refresh token: the number of the one that should be answered, or `None`
    /// for a refusal.
    pub fn present(&mut self, number: usize, met: Circumstances) -> Option<usize> {
        if self.ended || met.now >= self.idle_expires_at || !met.account_enabled {
            return None;
        }
        let stale = number < self.presented;
        let late = met.now - self.presented_at >= seconds(60);
        if stale || (met.public && number == self.presented && late) {
            self.ended = met.public;
            return None;
        }
        if !met.rotates {
            self.sent = self.sent.max(number);
        } else if number > self.presented {
            self.presented = number;
            self.presented_at = met.now;
            self.sent = number + 1;
        }
        self.idle_expires_at = met.now + IDLE;
        Some(self.sent)
    }
}
