//! Bringing one line into the database.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use sqlx::{PgExecutor, PgPool};

use super::entry::{Entry, Login};
use crate::{
    account::{
        Account,
        password::{HashError, Hasher},
        store::{self, Taken},
    },
    foundation::{ids::AccountId, random::Random},
};

/// How long a line waits before it asks again for a free hasher.
const BUSY: Duration = Duration::from_millis(50);
/// How often a line starts over because its account appeared or went in that very moment.
const ATTEMPTS: u8 = 3;

/// What became of a line.
pub enum Outcome {
    /// A new account.
    Created,
    /// An account was changed.
    Updated,
    /// The account already was as the line says.
    Unchanged,
    /// Nothing was done; the reason.
    Refused(String),
}

/// What every line needs.
pub struct Importer {
    pub db: PgPool,
    pub hasher: Hasher,
    pub random: Arc<dyn Random>,
    pub now: DateTime<Utc>,
}

/// A line that was read, with its password hashed where it will be needed.
pub struct Prepared {
    entry: Entry,
    hash: Option<String>,
}

impl Importer {
    /// Does the slow part of a line, for several lines at once; changes nothing. The inner error is
    /// the line's fault, the outer one the database's or argon2's.
    pub async fn prepare(&self, line: &str) -> anyhow::Result<Result<Prepared, String>> {
        let entry = match Entry::read(line) {
            Ok(entry) => entry,
            Err(reason) => return Ok(Err(reason)),
        };
        let needed = match self.find(&entry).await? {
            Some(existing) => lacks_password(&self.db, &existing).await?,
            None => true,
        };
        let hash = if needed {
            self.hash(entry.login()).await?
        } else {
            None
        };
        Ok(Ok(Prepared { entry, hash }))
    }

    /// Brings a line into the database; one after the other, so that of two lines about one person
    /// the later one counts.
    pub async fn apply(&self, prepared: &Prepared) -> anyhow::Result<Outcome> {
        for _ in 0..ATTEMPTS {
            let done = match self.find(&prepared.entry).await? {
                Some(existing) => self.update(prepared, existing.id).await?,
                None => self.create(prepared).await?,
            };
            if let Some(outcome) = done {
                return Ok(outcome);
            }
        }
        Ok(Outcome::Refused(Taken::Email.to_string()))
    }

    async fn find(&self, entry: &Entry) -> sqlx::Result<Option<Account>> {
        if let Some(id) = &entry.external_id
            && let Some(found) = store::find_account_by_external_id(&self.db, id).await?
        {
            return Ok(Some(found));
        }
        store::find_account_by_email(&self.db, &entry.email).await
    }

    /// `None`: the account has appeared in the meantime.
    async fn create(&self, prepared: &Prepared) -> anyhow::Result<Option<Outcome>> {
        let account = prepared.entry.new_account(&*self.random, self.now);
        if let Err(invalid) = account.check() {
            return Ok(Some(Outcome::Refused(invalid.to_string())));
        }
        let hash = self.needed_hash(prepared).await?;
        match store::insert_account(&self.db, &account, hash.as_deref()).await {
            Ok(()) => Ok(Some(Outcome::Created)),
            Err(error) if Taken::from_error(&error).is_some() => Ok(None),
            Err(error) => refused(error).map(Some),
        }
    }

    /// `None`: the account has gone in the meantime.
    async fn update(
        &self,
        prepared: &Prepared,
        existing: AccountId,
    ) -> anyhow::Result<Option<Outcome>> {
        let mut transaction = self.db.begin().await?;
        let Some(existing) = store::lock_account(&mut transaction, existing).await? else {
            return Ok(None);
        };
        let changed = prepared.entry.changed(&existing);
        if existing.external_id.is_some() && changed.external_id != existing.external_id {
            return Ok(Some(Outcome::Refused(format!(
                "the account of this e-mail address has another external id, {}",
                existing.external_id.as_deref().unwrap_or_default()
            ))));
        }
        if let Err(invalid) = changed.check() {
            return Ok(Some(Outcome::Refused(invalid.to_string())));
        }
        let is_same = same(&changed, &existing);
        if !is_same
            && let Err(error) = store::update_account(&mut *transaction, &changed, self.now).await
        {
            return refused(error).map(Some);
        }
        // A password set since the last import is the person's own.
        let hash = if lacks_password(&mut *transaction, &changed).await? {
            self.needed_hash(prepared).await?
        } else {
            None
        };
        if let Some(hash) = &hash {
            store::set_password_hash(&mut *transaction, changed.id, hash).await?;
        }
        transaction.commit().await?;
        Ok(Some(if is_same && hash.is_none() {
            Outcome::Unchanged
        } else {
            Outcome::Updated
        }))
    }

    /// The hash made beforehand, or one made now: an earlier line may have changed what is needed.
    async fn needed_hash(&self, prepared: &Prepared) -> anyhow::Result<Option<String>> {
        match &prepared.hash {
            Some(hash) => Ok(Some(hash.clone())),
            None => self.hash(prepared.entry.login()).await,
        }
    }

    async fn hash(&self, login: Login) -> anyhow::Result<Option<String>> {
        let password = match login {
            Login::Password(password) => password,
            Login::Hash(hash) => return Ok(Some(hash)),
            Login::None => return Ok(None),
        };
        loop {
            match self.hasher.hash(password.clone()).await {
                Ok(hash) => return Ok(Some(hash)),
                Err(HashError::Busy(_)) => tokio::time::sleep(BUSY).await,
                Err(HashError::Failed(error)) => return Err(error),
            }
        }
    }
}

async fn lacks_password(db: impl PgExecutor<'_>, account: &Account) -> sqlx::Result<bool> {
    let login = store::find_login(db, &account.email).await?;
    Ok(account.disabled_at.is_none() && login.is_none_or(|(_, password)| password.is_none()))
}

fn same(one: &Account, other: &Account) -> bool {
    one.email == other.email
        && one.name == other.name
        && one.external_id == other.external_id
        && one.locale == other.locale
        && one.attributes == other.attributes
}

fn refused(error: sqlx::Error) -> anyhow::Result<Outcome> {
    if let Some(taken) = Taken::from_error(&error) {
        return Ok(Outcome::Refused(taken.to_string()));
    }
    let constraint = error
        .as_database_error()
        .and_then(|error| error.constraint());
    if constraint == Some("account_pkey") {
        let reason = "another account already has this account_id";
        return Ok(Outcome::Refused(reason.to_owned()));
    }
    Err(error.into())
}
