//! An admin, and the rule that somebody can always get in.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;

use super::store;
use crate::{
    foundation::ids::AdminId,
    web::{page_error::PageError, pages::Problem},
};

/// Somebody who runs Linkgate. Not an account: links never speak for an admin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admin {
    /// Names it in the history.
    pub id: AdminId,
    /// As it was given; compared without regard to case.
    pub email: String,
    /// What it may do.
    pub role: AdminRole,
    /// Set while it can't sign in.
    pub disabled_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// What an admin may do; each role includes those before it.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    sqlx::Type,
    clap::ValueEnum,
)]
#[sqlx(type_name = "admin_role", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum AdminRole {
    /// Sees everything, changes nothing.
    Viewer,
    /// Manages the service, clients, accounts and links.
    Operator,
    /// Manages other admins, too.
    Owner,
}

impl AdminRole {
    /// Every role, the least first.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Operator, Self::Owner];

    /// The role's name, as it is stored and typed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Owner => "owner",
        }
    }
}

/// Why an admin can't be stored so.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// Nobody could manage admins any more.
    #[error("this is the last enabled owner: make another one first")]
    LastOwner,
    /// It is somebody else's.
    #[error("another admin already has this e-mail address")]
    EmailTaken,
    /// There is no such admin any more.
    #[error("there is no such admin")]
    Gone,
    /// The database failed.
    #[error(transparent)]
    Database(sqlx::Error),
}

impl From<sqlx::Error> for ChangeError {
    fn from(error: sqlx::Error) -> Self {
        let constraint = error
            .as_database_error()
            .and_then(|error| error.constraint());
        if constraint == Some("admin_email_key") {
            Self::EmailTaken
        } else {
            Self::Database(error)
        }
    }
}

impl From<ChangeError> for PageError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Gone => Problem::NotFound.into(),
            ChangeError::Database(error) => error.into(),
            ChangeError::LastOwner | ChangeError::EmailTaken => Self::internal(error),
        }
    }
}

impl Admin {
    /// Whether it may sign in.
    pub fn is_enabled(&self) -> bool {
        self.disabled_at.is_none()
    }

    fn is_enabled_owner(&self) -> bool {
        self.is_enabled() && self.role == AdminRole::Owner
    }
}

/// An admin whom nobody else changes until the transaction ends.
#[derive(Debug)]
pub struct LockedAdmin {
    /// The admin as it is.
    pub admin: Admin,
    is_only_owner: bool,
}

impl LockedAdmin {
    /// Locks the admin of that id, and every owner: of two owners who demote each other, one stays.
    pub async fn find(db: &mut PgConnection, id: AdminId) -> Result<Self, ChangeError> {
        let owners = store::lock_enabled_owners(&mut *db).await?;
        let admin = store::lock_admin(db, id).await?;
        Ok(Self {
            admin: admin.ok_or(ChangeError::Gone)?,
            is_only_owner: owners == [id],
        })
    }

    /// Stores the admin as it should be, and ends the sessions of a disabled one. Refused if no
    /// enabled owner would be left.
    pub async fn change(self, changed: &Admin, db: &mut PgConnection) -> Result<(), ChangeError> {
        if self.is_only_owner && !changed.is_enabled_owner() {
            return Err(ChangeError::LastOwner);
        }
        store::update_admin(&mut *db, changed).await?;
        if !changed.is_enabled() {
            store::delete_sessions_of(db, changed.id).await?;
        }
        Ok(())
    }
}
