//! How CEK is told no: by status where a machine listens, in words where a person does.

use actix_web::HttpResponse;

use super::{
    Cek,
    admission::NotAdmitted,
    answer,
    extension::Extension,
    message::{Message, NotAMessage},
};
use crate::{
    client::cek::CekAnswer,
    foundation::random::Random,
    protocol::{OAuthError, ScopeSet},
    resolve::{Refused, endpoint::challenge_needing},
    web::json::{self, log_spoken},
};

/// Why a request gets nothing of an account.
#[derive(Debug)]
pub enum Declined {
    /// There is no such client.
    Unknown,
    /// It is not let in.
    NotAdmitted(NotAdmitted),
    /// It says nothing that is understood.
    NotUnderstood(NotAMessage),
    /// It brought no token, or one that is not good.
    Token(Option<Refused>),
    /// Its token may not see what would be said.
    Scope(Option<ScopeSet>),
    /// It could not be read, or nothing can be known now.
    Call(OAuthError),
}

impl Declined {
    /// The answer; how it is told depends on what was asked, as far as that was read.
    pub fn answer(
        self,
        cek: &Cek,
        random: &dyn Random,
        asked: Option<(&Message, &Extension)>,
    ) -> HttpResponse {
        let home_error = self.home_error();
        let (error, needs) = match self {
            Self::Unknown => return answer::unknown_client(),
            Self::NotAdmitted(why) => {
                cek.count_refused();
                return answer::not_admitted(why);
            }
            Self::NotUnderstood(why) => return answer::not_understood(why),
            Self::Token(refused) => (refused.map(OAuthError::from), None),
            Self::Scope(needs) => {
                let lacking = "the link does not grant what would be said";
                (Some(OAuthError::insufficient_scope(lacking)), needs)
            }
            Self::Call(error) => (Some(error), None),
        };
        let passes = error.as_ref().is_some_and(|error| error.status() >= 500);
        if passes {
            cek.count_busy();
        }
        match (asked, &error) {
            (Some((Message::Home(_), _)), _) => {
                log_spoken("a CEK request", error.as_ref());
                answer::home(home_error, random)
            }
            (Some((Message::Turn(turn), extension)), _)
                if extension.answer == CekAnswer::Speech =>
            {
                log_spoken("a CEK request", error.as_ref());
                let language = extension.language;
                let sentence = if passes {
                    answer::sentence(language, &extension.busy_sentence, "cek-busy")
                } else {
                    answer::sentence(language, &extension.relink_sentence, "cek-relink")
                };
                answer::speech(turn.version.as_deref(), language, &sentence)
            }
            (None | Some((Message::Event(_), _)), Some(error)) => json::oauth_error(error),
            _ => challenge_needing(error.as_ref(), needs.as_ref()),
        }
    }

    /// Only a token that is over is told to be so: then CEK can renew it, and the link is not to
    /// blame.
    fn home_error(&self) -> &'static str {
        match self {
            Self::Token(Some(Refused::Expired)) => "ExpiredAccessTokenError",
            Self::Token(_) | Self::Scope(_) => "InvalidAccessTokenError",
            _ => "DriverInternalError",
        }
    }
}

impl From<NotAdmitted> for Declined {
    fn from(why: NotAdmitted) -> Self {
        Self::NotAdmitted(why)
    }
}

impl From<sqlx::Error> for Declined {
    fn from(error: sqlx::Error) -> Self {
        Self::Call(error.into())
    }
}
