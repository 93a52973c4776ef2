//! Refreshing: the decision, without the database.
//!
//! A refresh token is a function of link and generation. The row remembers the last generation
//! issued and the last one presented, and that is enough to tell a lost answer from a stale token.

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
    /// Confirm the presented generation and issue the next one.
    Advance {
        /// The generation presented.
        confirmed: i32,
        /// The generation to issue.
        generation: i32,
    },
    /// The client keeps its token: note the use, issue the generation again.
    Keep {
        /// The generation presented and issued again.
        generation: i32,
    },
    /// The answer was lost, or two came at once: issue the same successor again.
    Repeat,
    /// Refuse. Why, for the answer and the history.
    Refuse(&'static str),
    /// Refuse and end the link: a public client's token is in two hands.
    End,
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
            // Above what was issued: the database came back from a backup.
            return Decision::Keep {
                generation: presented.max(self.generation),
            };
        }
        if presented == self.confirmed {
            let in_time = self.confirmed_at.is_some_and(|at| now - at < PUBLIC_REPEAT);
            return if policy.confidential || in_time {
                Decision::Repeat
            } else {
                Decision::End
            };
        }
        Decision::Advance {
            confirmed: presented,
            generation: presented.saturating_add(1),
        }
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
        assert_eq!(
            link.decide(5, deferred, now),
            Decision::Advance {
                confirmed: 5,
                generation: 6
            }
        );
        assert_eq!(
            link.decide(4, deferred, now + TimeDelta::days(30)),
            Decision::Repeat
        );
        assert!(matches!(link.decide(3, deferred, now), Decision::Refuse(_)));
        // Restored from a backup: a genuine token from the lost future is taken up.
        assert_eq!(
            link.decide(9, deferred, now),
            Decision::Advance {
                confirmed: 9,
                generation: 10
            }
        );
    }

    #[test]
    fn a_public_clients_stale_or_late_token_ends_the_link() {
        let (now, id) = (DateTime::UNIX_EPOCH, ClientId("a".to_owned()));
        let public = policy(&id, false, Rotation::Deferred);
        let link = link(5, 4, now);
        assert_eq!(
            link.decide(4, public, now + TimeDelta::seconds(59)),
            Decision::Repeat
        );
        assert_eq!(
            link.decide(4, public, now + TimeDelta::seconds(60)),
            Decision::End
        );
        assert_eq!(link.decide(3, public, now), Decision::End);
    }

    #[test]
    fn a_client_that_never_rotates_keeps_its_token() {
        let (now, id) = (DateTime::UNIX_EPOCH, ClientId("a".to_owned()));
        let never = policy(&id, true, Rotation::Never);
        assert_eq!(
            link(1, 0, now).decide(1, never, now),
            Decision::Keep { generation: 1 }
        );
        // It rotated until yesterday: both tokens it may hold are good.
        assert_eq!(
            link(5, 4, now).decide(4, never, now),
            Decision::Keep { generation: 5 }
        );
        assert!(matches!(
            link(5, 4, now).decide(3, never, now),
            Decision::Refuse(_)
        ));
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
        assert!(refused(
            &Refreshable {
                state: LinkState::Ended,
                ..good.clone()
            },
            deferred,
            now
        ));
        assert!(refused(
            &Refreshable {
                account_enabled: false,
                ..good.clone()
            },
            deferred,
            now
        ));
        let other = ClientId("b".to_owned());
        assert!(refused(
            &good,
            policy(&other, true, Rotation::Deferred),
            now
        ));
    }
}
