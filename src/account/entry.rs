//! The one way into an account: whoever proved who they are, and however they did, comes through here.

pub(super) mod store;

use actix_web::{HttpResponse, cookie::Cookie};
use uuid::Uuid;

pub use self::store::{Without, stays_open};
use super::{
    knock,
    provider::pending::Pending,
    session,
    way_in::{Visit, with_flow},
};
use crate::{
    event::{Event, EventKind, Recorder, attempt::StepKind},
    factor::{
        self, Owner,
        ticket::{Fingerprint, FirstProof, Ticket},
    },
    foundation::ids::{AccountId, ConnectionId},
    mail::{self, Letter, Mailer, Recipient},
    web::{
        browser::Browser, flow::Flow, limits::login::Door, page, page_error::PageError,
        state::AppState, user_agent,
    },
};

/// Somebody who proved a moment ago who they are.
#[derive(Debug)]
pub struct Entrant {
    /// Whose account it is.
    pub id: AccountId,
    /// How they did. It has to hold still when the session is stored.
    pub proof: Proof,
}

/// How somebody proved who they are.
#[derive(Debug)]
pub enum Proof {
    /// By the password.
    Password {
        /// The hash it was checked against, as it is stored now.
        hash: String,
    },
    /// By reading the account's mail, and then giving the account this password, which its person hears
    /// of anyway.
    NewPassword {
        /// The hash of it, stored a moment ago.
        hash: String,
    },
    /// By signing in with a provider, to which the account is connected.
    Connection {
        /// The connection.
        id: ConnectionId,
    },
    /// By a passkey, whose device checked who holds it: that is a second factor, too.
    Passkey {
        /// The passkey's row.
        id: Uuid,
    },
}

impl Proof {
    /// The hash that has to be the account's when the session is stored, where a password proved it.
    pub fn password_hash(&self) -> Option<&str> {
        match self {
            Self::Password { hash } | Self::NewPassword { hash } => Some(hash),
            Self::Connection { .. } | Self::Passkey { .. } => None,
        }
    }

    /// As a ticket remembers it; `None` where it is enough by itself.
    fn first(&self) -> Option<FirstProof> {
        match self {
            Self::Password { hash } => Some(FirstProof::Password(Fingerprint::of(hash))),
            Self::NewPassword { hash } => Some(FirstProof::NewPassword(Fingerprint::of(hash))),
            Self::Connection { id } => Some(FirstProof::Connection(*id)),
            Self::Passkey { .. } => None,
        }
    }

    /// What a ticket remembers, if the password is still the same one.
    fn again(first: &FirstProof, hash: String) -> Option<Self> {
        match first {
            FirstProof::Password(proven) if proven.is_of(&hash) => Some(Self::Password { hash }),
            FirstProof::NewPassword(proven) if proven.is_of(&hash) => {
                Some(Self::NewPassword { hash })
            }
            _ => None,
        }
    }

    /// Whether the person has been told of something that led to this login.
    const fn is_told_of(&self) -> bool {
        match self {
            Self::Password { .. } | Self::Connection { .. } | Self::Passkey { .. } => false,
            Self::NewPassword { .. } => true,
        }
    }
}

impl Entrant {
    /// Lets them in, and leads them on to what they came for; who has a second factor is asked for that
    /// before. `None` where the proof stopped being one meanwhile, or the account is disabled.
    pub async fn enter(
        &self,
        flow: Option<&str>,
        heard_by: (&Recorder, &Mailer),
        visit: Visit<'_>,
    ) -> Result<Option<HttpResponse>, PageError> {
        let owner = Owner::Account(self.id);
        if let Some(first) = self.proof.first()
            && factor::store::has_any(&visit.state.db, owner).await?
        {
            return self.ask_for_factor(first, flow, visit).await.map(Some);
        }
        self.admit(flow, heard_by, visit).await
    }

    /// To the page that asks for a second factor. There is no session yet.
    async fn ask_for_factor(
        &self,
        first: FirstProof,
        flow: Option<&str>,
        visit: Visit<'_>,
    ) -> Result<HttpResponse, PageError> {
        let Visit {
            request,
            state,
            now,
        } = visit;
        let browser = Browser::known_or_new(request, state);
        let owner = Owner::Account(self.id);
        let ticket = Ticket::issue(owner, first, browser.mark, state, now).await?;
        let next = with_flow("/login/factor", flow, &[("ticket", &ticket)]);
        page::with_cookie(page::see_other(&next), browser.cookie)
    }

    /// Who has given the second proof, too; `None` where the first one is none any more.
    pub async fn of_ticket(ticket: &Ticket, state: &AppState) -> sqlx::Result<Option<Self>> {
        let Owner::Account(id) = ticket.owner else {
            return Ok(None);
        };
        // Whether it is still there is looked at when the session is stored.
        if let FirstProof::Connection(connection) = ticket.first {
            let proof = Proof::Connection { id: connection };
            return Ok(Some(Self { id, proof }));
        }
        let hash = super::store::find_password_hash(&state.db, id).await?;
        let proof = hash.and_then(|hash| Proof::again(&ticket.first, hash));
        Ok(proof.map(|proof| Self { id, proof }))
    }

    /// The same for who has proven enough.
    pub async fn admit(
        &self,
        flow: Option<&str>,
        (recorder, mailer): (&Recorder, &Mailer),
        visit: Visit<'_>,
    ) -> Result<Option<HttpResponse>, PageError> {
        let Visit {
            request,
            state,
            now,
        } = visit;
        let Some(cookie) = session::begin(request, state, self, now).await? else {
            return Ok(None);
        };
        self.note_device(mailer, visit).await?;
        let next = self.lead_on(cookie, flow, recorder, visit).await?;
        Ok(Some(next))
    }

    /// Tells whose account it is that somebody logged in on a device that was not known, unless it is the
    /// first one, or they know already.
    async fn note_device(&self, mailer: &Mailer, visit: Visit<'_>) -> sqlx::Result<()> {
        let Visit {
            request,
            state,
            now,
        } = visit;
        let door = Door::People;
        if !self.proof.is_told_of()
            && knock::device(door, self.id.0, request, state, now)
                .await?
                .is_some()
        {
            return Ok(());
        }
        let known = store::note_login(&state.db, self.id, now).await?;
        let Some(known) = known.filter(|_| !self.proof.is_told_of()) else {
            return Ok(());
        };
        let letter = Letter::NewDevice {
            device: user_agent::spoken(&user_agent::presented(request)),
            at: now,
        };
        let recipient = Recipient {
            email: &known.email,
            language: &known.locale,
        };
        mail::post(&state.db, recipient, &letter, now).await?;
        mailer.wake();
        Ok(())
    }

    /// Where somebody goes on whose session has just begun; their device is known from now on.
    async fn lead_on(
        &self,
        session: Cookie<'static>,
        flow: Option<&str>,
        recorder: &Recorder,
        visit: Visit<'_>,
    ) -> Result<HttpResponse, PageError> {
        let Visit {
            request,
            state,
            now,
        } = visit;
        let (id, door) = (self.id, Door::People);
        let device = knock::remember_device(door, id.0, request, state, now).await?;
        recorder.record(Event::new(EventKind::LoggedIn, now).account(id));
        recorder.record_step_of(request, StepKind::LoggedIn, now, |step| step.account(id));
        let next = if Pending::waits(request, state, now).await? {
            // They wanted to sign in with a provider, and are asked now whether to connect it.
            with_flow("/login/connect", flow, &[])
        } else {
            flow.map_or_else(|| "/account".to_owned(), |flow| Flow::onward(flow, request))
        };
        let response = page::with_cookie(page::see_other(&next), Some(session))?;
        page::with_cookie(response, Some(device))
    }
}
