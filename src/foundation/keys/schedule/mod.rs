//! When keys come and go: new ones by the calendar, old ones when the last thing made with them is
//! dead.

pub mod store;

use chrono::{DateTime, TimeDelta, Utc};
use tracing::info;

use super::{KeyId, KeyKind, Keys, KeysError, PUBLISHED_BEFORE_USE, store as keys_at_rest};
use crate::foundation::random::Random;

/// How long after it was replaced a key is still used by a node that has not noticed. No node uses a
/// ring that is half as old ([`Keys::fresh_ring`]).
const NOTICED_WITHIN: TimeDelta = TimeDelta::days(1);
/// How much longer than what they made keys are kept: clocks differ, and nodes take a moment to
/// notice.
const MARGIN: TimeDelta = TimeDelta::hours(1);
/// How often it is asked whether a link names an old refresh key.
const BETWEEN_CHECKS: TimeDelta = TimeDelta::days(1);

/// How often new keys are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyIntervals {
    /// Of the kinds that others verify, too.
    pub signing: TimeDelta,
    /// Of the kinds that never leave the server.
    pub own: TimeDelta,
}

impl Default for KeyIntervals {
    fn default() -> Self {
        Self {
            signing: TimeDelta::days(90),
            own: TimeDelta::days(30),
        }
    }
}

impl KeyIntervals {
    /// How often a key of that kind is made; `None`: by command only.
    pub const fn of(&self, kind: KeyKind) -> Option<TimeDelta> {
        match kind {
            // With a new device key every failure that was counted is forgotten.
            KeyKind::Refresh | KeyKind::Device => None,
            KeyKind::Seal | KeyKind::Code | KeyKind::Access | KeyKind::Csrf => Some(self.own),
            KeyKind::SigningEs256 | KeyKind::SigningEddsa | KeyKind::SigningRs256 => {
                Some(self.signing)
            }
        }
    }
}

impl KeyKind {
    /// The longest that anything made with a key of this kind is good, whatever the settings are or
    /// were; `None`: as long as a link names the key.
    pub const fn longest_life(self) -> Option<TimeDelta> {
        match self {
            Self::Access | Self::SigningEs256 | Self::SigningEddsa | Self::SigningRs256 => {
                Some(TimeDelta::days(1))
            }
            // Flows, and the codes they end in: a form posted again derives the same code again.
            Self::Seal | Self::Code => Some(TimeDelta::minutes(30)),
            // A page may be left open as long as the session it was opened in.
            Self::Csrf => Some(TimeDelta::days(30)),
            // As long as a device is known after its last login.
            Self::Device => Some(TimeDelta::days(400)),
            Self::Refresh => None,
        }
    }
}

/// What is known of a key without its secret.
#[derive(Debug, Clone)]
pub struct KeyLife {
    /// Its id.
    pub id: KeyId,
    /// What it is for.
    pub kind: KeyKind,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when on it makes new things.
    pub usable_from: DateTime<Utc>,
    /// When its secret was said to be out.
    pub compromised_at: Option<DateTime<Utc>>,
    /// When it was last asked whether a link names it.
    pub links_checked_at: Option<DateTime<Utc>>,
}

/// Where a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Every node is about to have it; nothing is made with it yet.
    Published,
    /// New things are made with it.
    Current,
    /// It verifies what it made, until then; `None`: while a link names it.
    Verifies(Option<DateTime<Utc>>),
    /// Nothing made with it is believed.
    Compromised,
}

/// All keys of a database, without their secrets, in the order they come into use.
#[derive(Debug, Clone)]
pub struct Lives(Vec<KeyLife>);

impl Lives {
    /// Of these keys.
    pub fn new(mut lives: Vec<KeyLife>) -> Self {
        lives.sort_by_key(|life| (life.kind.as_str(), life.usable_from, life.id));
        Self(lives)
    }

    /// The keys.
    pub fn iter(&self) -> impl Iterator<Item = &KeyLife> {
        self.0.iter()
    }

    /// Where a key stands now.
    pub fn standing(&self, life: &KeyLife, now: DateTime<Utc>) -> Standing {
        if life.compromised_at.is_some() {
            Standing::Compromised
        } else if let Some(at) = self.superseded_at(life, now) {
            Standing::Verifies(
                life.kind
                    .longest_life()
                    .map(|longest| at + longest + MARGIN),
            )
        } else if life.usable_from <= now {
            Standing::Current
        } else {
            Standing::Published
        }
    }

    /// When the next key of its kind comes, or came due.
    pub fn next_due(&self, kind: KeyKind, intervals: &KeyIntervals) -> Option<DateTime<Utc>> {
        let newest = self.of(kind).map(|life| life.created_at).max()?;
        Some(newest + intervals.of(kind)?)
    }

    fn of(&self, kind: KeyKind) -> impl Iterator<Item = &KeyLife> {
        self.iter().filter(move |life| life.kind == kind)
    }

    /// When another key began to make what this one made until then.
    fn superseded_at(&self, life: &KeyLife, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let order = |life: &KeyLife| (life.usable_from, life.id);
        self.of(life.kind)
            .filter(|next| next.compromised_at.is_none())
            .map(order)
            .find(|next| *next > order(life))
            .map(|(usable_from, _)| usable_from)
            .filter(|at| *at <= now)
    }

    /// The kinds whose newest key is old enough for another.
    fn due(&self, intervals: &KeyIntervals, now: DateTime<Utc>) -> Vec<KeyKind> {
        let is_due = |kind: &KeyKind| self.next_due(*kind, intervals).is_some_and(|at| at <= now);
        KeyKind::ALL.into_iter().filter(is_due).collect()
    }

    /// The keys whose last product is dead.
    fn dead(&self, now: DateTime<Utc>) -> Vec<KeyId> {
        let is_dead = |life: &&KeyLife| match self.standing(life, now) {
            Standing::Verifies(Some(until)) => until <= now,
            _ => false,
        };
        self.iter().filter(is_dead).map(|life| life.id).collect()
    }

    /// The keys that links name and that no node uses any more, or that may not be named at all.
    pub fn to_check(&self, now: DateTime<Utc>) -> Vec<&KeyLife> {
        let rested = |life: &&KeyLife| {
            life.links_checked_at
                .is_none_or(|at| at + BETWEEN_CHECKS <= now)
        };
        let old = |life: &&KeyLife| {
            let unused = life.kind.longest_life().is_none() && self.is_unused(life, now);
            unused || life.compromised_at.is_some()
        };
        self.iter().filter(old).filter(rested).collect()
    }

    fn is_unused(&self, life: &KeyLife, now: DateTime<Utc>) -> bool {
        self.superseded_at(life, now)
            .is_some_and(|at| at + NOTICED_WITHIN <= now)
    }
}

/// What a round of the schedule did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Kinds that have a new key.
    pub made: Vec<(KeyKind, KeyId)>,
    /// Keys that are gone.
    pub deleted: Vec<KeyId>,
}

/// What became of a compromised kind of keys.
#[derive(Debug, Clone)]
pub struct Replaced {
    /// The key in use from now on.
    pub key_id: KeyId,
    /// The keys nothing is believed of any more.
    pub removed: Vec<KeyId>,
}

impl Keys {
    /// What is known of the keys without their secrets.
    pub async fn lives(&self) -> sqlx::Result<Lives> {
        store::list_lives(&self.db).await.map(Lives::new)
    }

    /// Makes the keys that are due, 60 s before their first use, and deletes those whose last product
    /// is dead; of any number of nodes, one does it.
    pub async fn keep(
        &self,
        intervals: &KeyIntervals,
        random: &dyn Random,
        now: DateTime<Utc>,
    ) -> Result<Kept, KeysError> {
        let lives = self.lives().await?;
        if lives.due(intervals, now).is_empty() && lives.dead(now).is_empty() {
            return Ok(Kept::default());
        }
        let mut transaction = self.db.begin().await?;
        keys_at_rest::lock_for_change(&mut transaction).await?;
        // Another node may have done it while this one waited.
        let lives = Lives::new(store::list_lives(&mut *transaction).await?);
        let mut kept = Kept {
            made: Vec::new(),
            deleted: lives.dead(now),
        };
        for kind in lives.due(intervals, now) {
            let usable_from = now + PUBLISHED_BEFORE_USE;
            let id = keys_at_rest::insert_key(
                &mut transaction,
                &self.sealed_by,
                random,
                kind,
                now,
                usable_from,
            )
            .await?;
            kept.made.push((kind, id));
        }
        store::delete_keys(&mut transaction, &kept.deleted).await?;
        transaction.commit().await?;
        info!(?kept, "the schedule of keys was kept");
        self.reload(now).await?;
        Ok(kept)
    }

    /// Whether this node is to ask today whether a link names that key.
    pub async fn claim_check(&self, id: KeyId, now: DateTime<Utc>) -> sqlx::Result<bool> {
        store::claim_check(&self.db, id, now, now - BETWEEN_CHECKS).await
    }

    /// Deletes a key that no link names. It can't be named again: no node has used it for a day.
    /// Whether it is gone.
    pub async fn delete_unnamed(&self, id: KeyId, now: DateTime<Utc>) -> Result<bool, KeysError> {
        let mut transaction = self.db.begin().await?;
        keys_at_rest::lock_for_change(&mut transaction).await?;
        let lives = Lives::new(store::list_lives(&mut *transaction).await?);
        let known = lives.iter().find(|life| life.id == id);
        if !known.is_some_and(|life| lives.is_unused(life, now)) {
            return Ok(false);
        }
        store::delete_keys(&mut transaction, &[id]).await?;
        transaction.commit().await?;
        info!(id, "a key that no link names any more is gone");
        self.reload(now).await?;
        Ok(true)
    }

    /// Makes a key of a kind whose secrets got out and uses it at once; nothing made with the others
    /// is believed any more. Those that links name stay on record for [`Lives::to_check`].
    pub async fn replace_compromised(
        &self,
        kind: KeyKind,
        random: &dyn Random,
        now: DateTime<Utc>,
    ) -> Result<Replaced, KeysError> {
        let mut transaction = self.db.begin().await?;
        keys_at_rest::lock_for_change(&mut transaction).await?;
        let removed = store::mark_compromised(&mut *transaction, kind, now).await?;
        if kind.longest_life().is_some() {
            store::delete_keys(&mut transaction, &removed).await?;
        }
        let sealed_by = &self.sealed_by;
        let key_id =
            keys_at_rest::insert_key(&mut transaction, sealed_by, random, kind, now, now).await?;
        transaction.commit().await?;
        self.reload(now).await?;
        Ok(Replaced { key_id, removed })
    }
}
