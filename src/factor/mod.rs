//! Second factors: what somebody is asked for beside a password. People and admins have the same ones.

pub mod challenge;
pub mod code;
pub mod enrolment;
pub mod passkey;
pub mod qr;
pub mod recovery_codes;
pub mod store;
pub mod ticket;
pub mod totp;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    foundation::ids::{AccountId, AdminId},
    web::limits::login::Door,
};

/// Whose factors they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Owner {
    /// A person's.
    Account(AccountId),
    /// An admin's.
    Admin(AdminId),
}

impl Owner {
    /// The id, whichever it is.
    pub const fn id(self) -> Uuid {
        match self {
            Self::Account(id) => id.0,
            Self::Admin(id) => id.0,
        }
    }

    /// Where they sign in.
    pub const fn door(self) -> Door {
        match self {
            Self::Account(_) => Door::People,
            Self::Admin(_) => Door::Console,
        }
    }

    const fn account(self) -> Option<Uuid> {
        match self {
            Self::Account(id) => Some(id.0),
            Self::Admin(_) => None,
        }
    }

    const fn admin(self) -> Option<Uuid> {
        match self {
            Self::Account(_) => None,
            Self::Admin(id) => Some(id.0),
        }
    }
}

/// What somebody has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factors {
    /// Since when an app makes codes for them, if one does.
    pub app_since: Option<DateTime<Utc>>,
    /// How many passkeys they have.
    pub passkeys: i64,
    /// How many recovery codes they have left.
    pub recovery_codes: i64,
}

impl Factors {
    /// Whether they are asked for one. Recovery codes alone are none: they stand in for the others.
    pub const fn any(&self) -> bool {
        self.app_since.is_some() || self.passkeys > 0
    }
}
