//! A request that no redirect may answer, because its client or its redirect URI is not proven: what
//! the person sees, and what the history tells the admin who has to mend it.

use actix_web::{HttpMessage, HttpRequest};
use chrono::{DateTime, Utc};

use crate::{
    client::Client,
    event::{
        Recorder,
        attempt::{Reason, Step, StepKind},
    },
    foundation::ids::ClientId,
    protocol::redirect_uri::difference::{Difference, without_values},
    web::{page_error::PageError, pages::Problem},
};

/// What every secret of this server begins with.
const OUR_SECRETS: &str = "lg_";

/// Why the person gets a page, and what was wrong.
#[derive(Debug)]
pub struct Unproven {
    error: PageError,
    /// Not where the fault is ours.
    wrong: Option<Box<Wrong>>,
}

#[derive(Debug)]
struct Wrong {
    reason: Reason,
    client: Option<ClientId>,
    presented: String,
    registered: String,
}

impl<E: Into<PageError>> From<E> for Unproven {
    /// A fault of ours, or a request that can't be read at all.
    fn from(error: E) -> Self {
        let error = error.into();
        let unreadable = matches!(
            error,
            PageError::Unreadable(_) | PageError::Problem(Problem::TooLarge)
        );
        Self {
            wrong: unreadable.then(|| Box::new(Wrong::new(Reason::RequestUnreadable))),
            error,
        }
    }
}

impl Wrong {
    const fn new(reason: Reason) -> Self {
        Self {
            reason,
            client: None,
            presented: String::new(),
            registered: String::new(),
        }
    }
}

impl Unproven {
    /// The request names nobody.
    pub fn without_client() -> Self {
        Self::at(None, Reason::ClientMissing, "client_id is missing")
    }

    /// A parameter that proves something is repeated.
    pub fn repeated(name: &str) -> Self {
        let reason = format!("{name} is given more than once");
        Self::at(None, Reason::RequestUnreadable, &reason)
    }

    /// The request names a client nobody registered.
    pub fn unknown_client(presented: &str) -> Self {
        let reason = "client_id names no registered client".to_owned();
        let mut wrong = Wrong::new(Reason::ClientUnknown);
        if presented.starts_with(OUR_SECRETS) {
            wrong.reason = Reason::ClientIdIsSecret;
        } else {
            presented.clone_into(&mut wrong.presented);
        }
        Self {
            error: Problem::UnknownClient { reason }.into(),
            wrong: Some(Box::new(wrong)),
        }
    }

    /// The request names no redirect URI.
    pub fn without_redirect_uri(client: &Client) -> Self {
        let reason = "redirect_uri is missing";
        Self::at(Some(client), Reason::RedirectMissing, reason)
    }

    /// The redirect URI is none of the client's.
    pub fn redirect_uri(client: &Client, presented: &str) -> Self {
        let reason = "redirect_uri is not registered for this client; it must be equal to a registered one byte for byte";
        let nearest = Difference::nearest(presented, &client.redirect_uris);
        let (difference, registered) = nearest.unwrap_or((Difference::Address, ""));
        let mut unproven = Self::at(Some(client), Reason::of_difference(difference), reason);
        if let Some(wrong) = &mut unproven.wrong {
            wrong.presented = without_values(presented);
            registered.clone_into(&mut wrong.registered);
        }
        unproven
    }

    /// The client is disabled.
    pub fn disabled(client: &Client) -> Self {
        let mut wrong = Wrong::new(Reason::ClientDisabled);
        wrong.client = Some(client.id.clone());
        Self {
            error: Problem::ClientDisabled {
                client: Some(client.name.clone()),
            }
            .into(),
            wrong: Some(Box::new(wrong)),
        }
    }

    fn at(client: Option<&Client>, reason: Reason, told: &str) -> Self {
        let mut wrong = Wrong::new(reason);
        wrong.client = client.map(|client| client.id.clone());
        Self {
            error: Problem::BadRequest {
                client: client.map(|client| client.name.clone()),
                reason: told.to_owned(),
            }
            .into(),
            wrong: Some(Box::new(wrong)),
        }
    }

    /// Writes it into the history, under a code that the error page will show.
    pub fn record(
        self,
        recorder: &Recorder,
        request: &HttpRequest,
        now: DateTime<Utc>,
    ) -> PageError {
        if let Some(wrong) = self.wrong {
            let (kind, client) = (StepKind::RequestRefused, wrong.client.as_ref());
            let step = Step::refused(client, kind, wrong.reason, &wrong.presented, now);
            let step = match self.error.problem() {
                Problem::BadRequest { reason, .. } => step.detail(&reason),
                _ => step,
            };
            if let Some(code) = step.code() {
                request.extensions_mut().insert(code.clone());
            }
            let step = step.presented(&wrong.presented);
            recorder.record_step(step.registered(&wrong.registered));
        }
        self.error
    }
}
