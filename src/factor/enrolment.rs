//! Setting up a factor: what it becomes and the recovery codes wait sealed in the form until an app has made
//! a right code, or a browser a passkey. Until then nothing is stored.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;
use webauthn_rs::prelude::Passkey;

use super::{
    Owner, code, passkey::store as passkeys, recovery_codes::RecoveryCodes, store, totp::Seed,
};
use crate::{
    foundation::keys::KeysError,
    web::{sealed, state::AppState},
};

const PURPOSE: &[u8] = b"factor enrolment";
/// How long somebody may take to install an app.
const LIVES: TimeDelta = TimeDelta::minutes(30);

/// An app, a passkey or new recovery codes on their way. What is sealed is shown to its owner alone, and stays the
/// same when a form is posted twice, so that a double tap shows the codes that count.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Enrolment {
    owner: Owner,
    /// The row it becomes.
    pub id: Uuid,
    /// What the app gets.
    pub seed: Seed,
    /// The recovery codes that come with it.
    pub codes: RecoveryCodes,
    deadline: i64,
}

/// What became of an app that was to be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// It makes codes from now on.
    Now,
    /// The same form did that before.
    Before,
    /// The code was wrong.
    Wrong,
    /// Another one was added meanwhile.
    Other,
}

impl Enrolment {
    /// A new one.
    pub fn begin(owner: Owner, state: &AppState, now: DateTime<Utc>) -> Self {
        Self {
            owner,
            id: state.random.uuid(),
            seed: Seed::random(&*state.random),
            codes: RecoveryCodes::random(&*state.random),
            deadline: (now + LIVES).timestamp(),
        }
    }

    /// Seals it for the form.
    pub fn seal(&self, state: &AppState, now: DateTime<Utc>) -> anyhow::Result<String> {
        sealed::seal(self, PURPOSE, state, now)
    }

    /// Opens the one a form carries; `None` where it is not that owner's, or over.
    pub async fn open(
        text: &str,
        owner: Owner,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> sqlx::Result<Option<Self>> {
        let enrolment: Option<Self> = sealed::open(text, PURPOSE, state, now).await?;
        Ok(enrolment.filter(|found| found.owner == owner && now.timestamp() < found.deadline))
    }

    /// Adds the app if it made the code that was typed, with its recovery codes. Run it in a transaction
    /// that has locked no row yet.
    pub async fn add(
        &self,
        db: &mut PgConnection,
        typed: &str,
        state: &AppState,
        now: DateTime<Utc>,
    ) -> Result<Added, KeysError> {
        let (random, owner) = (&*state.random, self.owner);
        // Resealing waits for this, and so does another form of the same owner.
        let sealed = state
            .keys
            .seal_totp_seed(&mut *db, self.id, self.seed.as_bytes(), random)
            .await?;
        if let Some((id, _)) = store::find_totp(&mut *db, owner).await? {
            return Ok(if id == self.id {
                Added::Before
            } else {
                Added::Other
            });
        }
        let Some(step) = self.seed.step_of(&code::plain(typed), now) else {
            return Ok(Added::Wrong);
        };
        store::insert_totp(&mut *db, (owner, self.id), &sealed, step, now).await?;
        store::replace_recovery_codes(db, owner, &self.codes.hashes(), now).await?;
        Ok(Added::Now)
    }

    /// Adds the passkey a browser made, with recovery codes if there is nothing yet that they stand in for.
    /// Whether it could: nobody has it yet, and the owner has not too many. Run it in a transaction.
    pub async fn add_passkey(
        &self,
        db: &mut PgConnection,
        made: &Passkey,
        name: &str,
        now: DateTime<Utc>,
    ) -> sqlx::Result<bool> {
        let owner = self.owner;
        if !passkeys::lock_owner(&mut *db, owner).await? {
            return Ok(false);
        }
        let is_first = !store::has_any(&mut *db, owner).await?;
        if !passkeys::insert_passkey(&mut *db, (owner, self.id), made, name, now).await? {
            return Ok(false);
        }
        if is_first {
            store::replace_recovery_codes(db, owner, &self.codes.hashes(), now).await?;
        }
        Ok(true)
    }

    /// Whether its recovery codes are the ones that count, and are to be shown.
    pub async fn has_the_codes(&self, db: impl PgExecutor<'_>) -> sqlx::Result<bool> {
        store::has_recovery_code_of(db, self.owner, &self.codes.hashes()).await
    }
}
