//! Refreshing: the decision, without the database.
//!
//! A refresh token is a function of link and generation. The row remembers the last generation
//! issued and the last one presented, and that is enough to tell a lost answer from a stale token.
//!
//! A refresh reads the row without a lock, decides here, and writes what was decided if the row still
//! is as it was read; one that lost reads again. Requests that come at once share the read and the
//! write, each one statement that commits by itself ([`super::changes`]). Locking the rows first would
//! take a third round trip and a fourth to commit, and would hold the locks between them; this way
//! there is nothing to be undone, and a node that stops midway leaves no lock behind. The order of two
//! refreshes of one link is that of their writes, on however many nodes.

pub mod store;

use chrono::{DateTime, TimeDelta, Utc};

use super::LinkState;
use crate::{
    client::Rotation,
    foundation::{
        ids::{AccountId, ClientId, LinkId},
        keys::KeyId,
    },
};

/// A public client's repeat counts as a lost answer only this long (RFC 9700 §4.14.2).
const PUBLIC_REPEAT: TimeDelta = TimeDelta::seconds(60);

/// A link as a refresh token finds it.
#[derive(Debug, Clone)]
pub struct Refreshable {
    /// The link.
    pub link_id: LinkId,
    /// Whose platform it is.
    pub client_id: ClientId,
    /// Whom it is about.
    pub account_id: AccountId,
    /// Where it stands.
    pub state: LinkState,
    /// What the person approved.
    pub scopes: Vec<String>,
    /// The key its current refresh token was made with.
    pub refresh_key_id: KeyId,
    /// The last generation issued.
    pub generation: i32,
    /// The last generation presented.
    pub confirmed: i32,
    /// The key that one was made with.
    pub confirmed_key_id: Option<KeyId>,
    /// When that was.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// Raised when its access tokens were revoked.
    pub access_epoch: i32,
    /// When it dies of idleness.
    pub idle_expires_at: DateTime<Utc>,
    /// Whether the account may be spoken for.
    pub account_enabled: bool,
}

/// What the client's registration says about refreshing.
#[derive(Debug, Clone, Copy)]
pub struct Policy<'a> {
    /// The client that was authenticated.
    pub client_id: &'a ClientId,
    /// Whether it has a secret.
    pub confidential: bool,
    /// How its refresh tokens change.
    pub rotation: Rotation,
}

/// What is done about a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Issue tokens.
    Issue(Turn),
    /// Refuse. Why, for the answer and the history.
    Refuse(&'static str),
    /// Refuse and end the link: a public client's token is in two hands.
    End,
}

/// Which refresh token is issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The one after the presented generation, which is confirmed by that.
    Advance(i32),
    /// The presented generation again, or the last one issued where that is newer: the client keeps
    /// its token.
    Keep(i32),
    /// The last one issued: the answer was lost, or two came at once.
    Repeat,
}

/// The refresh token to issue, and what becomes of the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next {
    /// Its generation.
    pub generation: i32,
    /// The key it is made with.
    pub key: KeyId,
    /// What the row says was presented last; `None`: the row stays as it is.
    pub confirms: Option<Confirmed>,
}

/// The token that was presented last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confirmed {
    /// Which it was.
    pub generation: i32,
    /// Its key, which has to stay: until the successor is seen, the platform may present it again.
    pub key: Option<KeyId>,
}

/// A link that is moved on, if it still is as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turned {
    /// The link.
    pub link_id: LinkId,
    /// As it was read.
    pub was: Generations,
    /// As it becomes.
    pub becomes: Generations,
    /// The key of the generation it then issued last.
    pub refresh_key_id: KeyId,
    /// The key of the one presented last.
    pub confirmed_key_id: Option<KeyId>,
    /// When that is.
    pub at: DateTime<Utc>,
    /// When it dies without another refresh.
    pub idle_expires_at: DateTime<Utc>,
}

/// Where a link's refresh tokens stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generations {
    /// The last one issued.
    pub issued: i32,
    /// The last one presented.
    pub confirmed: i32,
}

impl Refreshable {
    /// What to do about a presented generation.
    pub fn decide(&self, presented: i32, policy: Policy<'_>, now: DateTime<Utc>) -> Decision {
        if self.client_id != *policy.client_id {
            return Decision::Refuse("the refresh token was issued to another client");
        }
        if self.state != LinkState::Active {
            return Decision::Refuse("the link has ended");
        }
        if now >= self.idle_expires_at {
            return Decision::Refuse("the link was not refreshed for too long");
        }
        if !self.account_enabled {
            return Decision::Refuse("the account is disabled");
        }
        if presented < self.confirmed {
            return if policy.confidential {
                Decision::Refuse("the refresh token is stale: a newer one has been used")
            } else {
                Decision::End
            };
        }
        if policy.rotation == Rotation::Never {
            return Decision::Issue(Turn::Keep(presented));
        }
        if presented == self.confirmed {
            let in_time = self.confirmed_at.is_some_and(|at| now - at < PUBLIC_REPEAT);
            return if policy.confidential || in_time {
                Decision::Issue(Turn::Repeat)
            } else {
                Decision::End
            };
        }
        Decision::Issue(Turn::Advance(presented))
    }

    /// What to issue for a token that was made with the key `presented`, while `current` is the key
    /// new ones are made with.
    pub fn next(&self, turn: Turn, presented: KeyId, current: KeyId) -> Next {
        let again = Next {
            generation: self.generation,
            key: self.refresh_key_id,
            confirms: None,
        };
        let unchanged = Confirmed {
            generation: self.confirmed,
            key: self.confirmed_key_id,
        };
        match turn {
            Turn::Repeat => again,
            Turn::Keep(generation) if generation < self.generation => Next {
                confirms: Some(unchanged),
                ..again
            },
            // To the letter the same, so under its own key. One above what was issued comes from
            // before the database was restored from a backup.
            Turn::Keep(generation) => Next {
                generation,
                key: presented,
                confirms: Some(unchanged),
            },
            Turn::Advance(generation) => Next {
                generation: generation.saturating_add(1),
                key: current,
                confirms: Some(Confirmed {
                    generation,
                    key: Some(presented),
                }),
            },
        }
    }
}

impl Refreshable {
    /// What is to be written for a turn that was taken; `None` where the row stays as it is.
    pub fn turned(
        &self,
        next: Next,
        at: DateTime<Utc>,
        idle_expires_at: DateTime<Utc>,
    ) -> Option<Turned> {
        let confirms = next.confirms?;
        Some(Turned {
            link_id: self.link_id,
            was: Generations {
                issued: self.generation,
                confirmed: self.confirmed,
            },
            becomes: Generations {
                issued: next.generation,
                confirmed: confirms.generation,
            },
            refresh_key_id: next.key,
            confirmed_key_id: confirms.key,
            at,
            idle_expires_at,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn link(generation: i32, confirmed: i32, now: DateTime<Utc>) -> Refreshable {
        Refreshable {
            link_id: LinkId(Uuid::nil()),
            client_id: ClientId("a".to_owned()),
            account_id: AccountId(Uuid::nil()),
            state: LinkState::Active,
            scopes: vec!["account:id".to_owned()],
            refresh_key_id: 1,
            generation,
            confirmed,
            confirmed_key_id: Some(1),
            confirmed_at: Some(now),
            access_epoch: 0,
            idle_expires_at: now + TimeDelta::days(400),
            account_enabled: true,
        }
    }

    fn policy(client_id: &ClientId, confidential: bool, rotation: Rotation) -> Policy<'_> {
        Policy {
            client_id,
            confidential,
            rotation,
        }
    }

    #[test]
    fn the_newest_token_advances_and_the_one_before_it_repeats() {
        let (now, id) = (DateTime::UNIX_EPOCH, ClientId("a".to_owned()));
        let deferred = policy(&id, true, Rotation::Deferred);
        let link = link(5, 4, now);
        let later = now + TimeDelta::days(30);
        assert_eq!(
            link.decide(5, deferred, now),
            Decision::Issue(Turn::Advance(5))
        );
        assert_eq!(
            link.decide(4, deferred, later),
            Decision::Issue(Turn::Repeat)
        );
        assert!(matches!(link.decide(3, deferred, now), Decision::Refuse(_)));
        // Restored from a backup: a genuine token from the lost future is taken up.
        assert_eq!(
            link.decide(9, deferred, now),
            Decision::Issue(Turn::Advance(9))
        );
    }

    #[test]
    fn a_public_clients_stale_or_late_token_ends_the_link() {
        let (now, id) = (DateTime::UNIX_EPOCH, ClientId("a".to_owned()));
        let public = policy(&id, false, Rotation::Deferred);
        let link = link(5, 4, now);
        let after = |seconds| now + TimeDelta::seconds(seconds);
        assert_eq!(
            link.decide(4, public, after(59)),
            Decision::Issue(Turn::Repeat)
        );
        assert_eq!(link.decide(4, public, after(60)), Decision::End);
        assert_eq!(link.decide(3, public, now), Decision::End);
    }

    #[test]
    fn a_client_that_never_rotates_keeps_its_token() {
        let (now, id) = (DateTime::UNIX_EPOCH, ClientId("a".to_owned()));
        let never = policy(&id, true, Rotation::Never);
        let rotated = link(5, 4, now);
        assert_eq!(
            link(1, 0, now).decide(1, never, now),
            Decision::Issue(Turn::Keep(1))
        );
        // It rotated until yesterday: both tokens it may hold are good.
        assert_eq!(
            rotated.decide(4, never, now),
            Decision::Issue(Turn::Keep(4))
        );
        assert!(matches!(rotated.decide(3, never, now), Decision::Refuse(_)));
    }

    #[test]
    fn a_token_comes_again_under_its_own_key_and_a_new_one_under_the_current_key() {
        let link = link(5, 4, DateTime::UNIX_EPOCH);
        let confirms = |generation, key| {
            Some(Confirmed {
                generation,
                key: Some(key),
            })
        };
        let next = |generation, key, confirms| Next {
            generation,
            key,
            confirms,
        };
        assert_eq!(link.next(Turn::Repeat, 1, 3), next(5, 1, None));
        assert_eq!(
            link.next(Turn::Advance(5), 2, 3),
            next(6, 3, confirms(5, 2))
        );
        assert_eq!(link.next(Turn::Keep(4), 2, 3), next(5, 1, confirms(4, 1)));
        assert_eq!(link.next(Turn::Keep(5), 2, 3), next(5, 2, confirms(4, 1)));
        assert_eq!(link.next(Turn::Keep(9), 2, 3), next(9, 2, confirms(4, 1)));
    }

    #[test]
    fn nothing_refreshes_an_ended_idle_foreign_or_disabled_link() {
        let (now, id) = (DateTime::UNIX_EPOCH, ClientId("a".to_owned()));
        let deferred = policy(&id, true, Rotation::Deferred);
        let good = link(1, 0, now);
        let refused = |link: &Refreshable, policy: Policy<'_>, now| {
            matches!(link.decide(1, policy, now), Decision::Refuse(_))
        };
        assert!(refused(&good, deferred, good.idle_expires_at));
        let ended = Refreshable {
            state: LinkState::Ended,
            ..good.clone()
        };
        assert!(refused(&ended, deferred, now));
        let disabled = Refreshable {
            account_enabled: false,
            ..good.clone()
        };
        assert!(refused(&disabled, deferred, now));
        let other = ClientId("b".to_owned());
        let foreign = policy(&other, true, Rotation::Deferred);
        assert!(refused(&good, foreign, now));
    }
}
