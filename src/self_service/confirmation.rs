//! What a person proves again, in the same form, before something about their sign-in changes: who sits at
//! a browser that was left open doesn't get further by that.

use actix_web::HttpResponse;
use chrono::TimeDelta;

use super::{store, visit::Visit};
use crate::{
    account::{
        self,
        knock::{self, Refused},
        login::Attempt,
        pages::LoginError,
        password::Hasher,
        session,
    },
    event::attempt::Reason,
    factor::{
        Owner,
        code::{Trying, Typed},
        store::has_any,
    },
    web::{form::PostedForm, i18n::Words, limits::login::Door, page_error::PageError},
};

/// How long a login alone proves who it is, where there is nothing else to ask for.
const FRESH: TimeDelta = TimeDelta::minutes(10);

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// The password.
    Password,
    /// A code, because the account has no password.
    Code,
    /// Nothing: there is nothing yet, and the person has only just logged in.
    Nothing,
    /// Another login, because there is nothing else to ask for.
    Login,
}

/// The question, and what was wrong with the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confirmation {
    /// What is asked for.
    pub asked: Asked,
    /// Why it was refused.
    pub refused: Option<Refused>,
}

impl Confirmation {
    /// What this person is asked for.
    pub async fn of(visit: &Visit<'_>) -> sqlx::Result<Self> {
        let (db, id) = (&visit.state.db, visit.account.id);
        let password = account::store::find_password_hash(db, id).await?;
        let asked = if password.is_some() {
            Asked::Password
        } else if has_any(db, Owner::Account(id)).await? {
            Asked::Code
        } else if is_fresh(visit).await? {
            Asked::Nothing
        } else {
            Asked::Login
        };
        Ok(Self {
            asked,
            refused: None,
        })
    }

    /// Looks at what was posted as `current`.
    pub async fn check(
        mut self,
        form: &PostedForm,
        hasher: &Hasher,
        visit: &Visit<'_>,
    ) -> Result<Self, PageError> {
        let (request, state, now) = (visit.request, visit.state, visit.now);
        let given = form.parameters.get("current").unwrap_or_default();
        self.refused = match self.asked {
            Asked::Nothing => None,
            Asked::Login => Some(Refused::Wrong(Reason::LoginClosed)),
            Asked::Password => {
                let attempt = Attempt {
                    email: &visit.account.email,
                    password: given,
                };
                let checked = attempt.check_password(request, state, hasher, now).await?;
                checked.err()
            }
            Asked::Code => {
                let id = visit.account.id;
                let trying = Trying {
                    owner: Owner::Account(id),
                    typed: given,
                    device: knock::device(Door::People, id.0, request, state, now).await?,
                };
                match trying.look(state, now).await? {
                    Typed::App | Typed::Recovery => None,
                    Typed::TooMany { seconds } => Some(Refused::TooMany { seconds }),
                    Typed::Passkey | Typed::Copied | Typed::Wrong | Typed::Over => {
                        Some(Refused::Wrong(Reason::WrongSecondFactor))
                    }
                }
            }
        };
        Ok(self)
    }

    /// Gives an answer the status that a refusal has.
    pub fn tell(self, response: &mut HttpResponse) {
        if let Some(refused) = self.refused {
            refused.tell(response);
        }
    }

    /// Whether the form asks for the password.
    pub fn asks_password(self) -> bool {
        self.asked == Asked::Password
    }

    /// Whether the form asks for a code.
    pub fn asks_code(self) -> bool {
        self.asked == Asked::Code
    }

    /// Whether the person has to log in again first.
    pub fn asks_login(self) -> bool {
        self.asked == Asked::Login
    }

    /// What stands above the form.
    pub fn above(self, words: Words) -> Option<String> {
        if self.asks_login() {
            return Some(words.say("confirm-login"));
        }
        let seconds = self.wait()?;
        Some(LoginError::TooMany { seconds }.sentence(words))
    }

    /// Whether the answer was wrong.
    pub const fn is_wrong(self) -> bool {
        matches!(self.refused, Some(Refused::Wrong(_)))
    }

    /// How many seconds to wait before another.
    pub const fn wait(self) -> Option<u32> {
        match self.refused {
            Some(Refused::TooMany { seconds }) => Some(seconds),
            _ => None,
        }
    }
}

/// Whether the session began a moment ago.
async fn is_fresh(visit: &Visit<'_>) -> sqlx::Result<bool> {
    let Some(session) = session::presented(visit.request, visit.state) else {
        return Ok(false);
    };
    let began = store::session_began_at(&visit.state.db, &session).await?;
    Ok(began.is_some_and(|began| visit.now - began < FRESH))
}
