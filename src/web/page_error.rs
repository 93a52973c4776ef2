//! Errors of pages: what a person sees, and what the log says.

use actix_web::{
    Error, HttpMessage, HttpRequest, HttpResponse, ResponseError,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use tracing::{error, info};

use super::{
    body::Unread,
    csrf::Forged,
    flow::{FlowError, FlowIdentity},
    page,
    pages::{ErrorPage, Problem},
    state::AppState,
};
use crate::{
    foundation::support_code::SupportCode,
    protocol::{OAuthError, parameters::ParameterError},
};

/// How long a person should wait before trying again, seconds.
const BUSY_SECONDS: u64 = 2;

/// Why a person gets an error page instead of what they wanted.
#[derive(Debug)]
pub enum PageError {
    /// One of the problems people are told of.
    Problem(Problem),
    /// A form that doesn't come from a page of ours.
    Forged(Forged),
    /// A form that can't be read; our own words say why.
    Unreadable(String),
    /// The database can't answer now.
    Unavailable(anyhow::Error),
    /// A fault of ours.
    Internal(anyhow::Error),
}

impl PageError {
    /// A fault of ours.
    pub fn internal(cause: impl Into<anyhow::Error>) -> Self {
        Self::Internal(cause.into())
    }

    /// Too many passwords at once.
    pub fn busy() -> Self {
        Problem::Busy {
            seconds: BUSY_SECONDS,
        }
        .into()
    }

    /// What the person is told.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Problem(problem) => problem.clone(),
            Self::Forged(_) => Problem::StaleForm,
            Self::Unreadable(reason) => Problem::BadRequest {
                client: None,
                reason: reason.clone(),
            },
            Self::Unavailable(_) => Problem::Busy {
                seconds: BUSY_SECONDS,
            },
            Self::Internal(_) => Problem::Internal,
        }
    }

    /// Logs the cause, once, beside the code a person can quote.
    fn log(&self, support_code: Option<&SupportCode>) {
        let support_code = support_code.map(tracing::field::display);
        match self {
            Self::Problem(problem) => {
                info!(
                    status = problem.status(),
                    ?problem,
                    support_code,
                    "a page was refused"
                );
            }
            Self::Forged(forged) => {
                info!(reason = %forged, support_code, "a form was refused");
            }
            Self::Unreadable(reason) => {
                info!(reason, support_code, "a form could not be read");
            }
            Self::Unavailable(cause) => {
                error!(
                    cause = format!("{cause:#}"),
                    support_code, "the database could not answer a page"
                );
            }
            Self::Internal(cause) => {
                error!(cause = format!("{cause:#}"), support_code, "a page failed");
            }
        }
    }

    /// What a person can quote: the code of the attempt the request is part of, or, where a page failed
    /// outside of any, one that leads to the log.
    fn support_code(&self, request: &HttpRequest, state: &AppState) -> Option<SupportCode> {
        let known = request.extensions().get::<SupportCode>().cloned();
        known.or_else(|| {
            let failed = matches!(self, Self::Internal(_));
            failed.then(|| SupportCode::random(&*state.random))
        })
    }
}

impl From<Problem> for PageError {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Forged> for PageError {
    fn from(forged: Forged) -> Self {
        Self::Forged(forged)
    }
}

impl From<sqlx::Error> for PageError {
    fn from(error: sqlx::Error) -> Self {
        // Whose fault it is, or only a moment's weakness, is told in one place for all.
        let refusal = OAuthError::from(error);
        let (status, description) = (refusal.status(), refusal.description());
        let cause = refusal.into_cause();
        let cause = cause.unwrap_or_else(|| anyhow::anyhow!(description));
        match status {
            503 => Self::Unavailable(cause),
            400 => Self::Unreadable(description.to_owned()),
            _ => Self::Internal(cause),
        }
    }
}

impl From<ParameterError> for PageError {
    /// In our own words: a name that a stranger chose could say anything on a page of ours.
    fn from(error: ParameterError) -> Self {
        Self::Unreadable(OAuthError::from(error).description().to_owned())
    }
}

impl From<anyhow::Error> for PageError {
    fn from(error: anyhow::Error) -> Self {
        match error.downcast::<sqlx::Error>() {
            Ok(error) => error.into(),
            Err(error) => Self::Internal(error),
        }
    }
}

impl From<Unread> for PageError {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::TooLarge => Problem::TooLarge.into(),
            Unread::Late => Problem::Late.into(),
            Unread::Broken => Self::Unreadable(unread.to_string()),
        }
    }
}

impl From<FlowError> for PageError {
    fn from(error: FlowError) -> Self {
        match error {
            FlowError::Unavailable(error) => error.into(),
            FlowError::OtherBrowser(platform) => Problem::OtherBrowser {
                client: Some(platform),
            }
            .into(),
            FlowError::Expired(platform) => Problem::FlowExpired {
                client: Some(platform),
            }
            .into(),
            FlowError::Unreadable => Problem::FlowExpired { client: None }.into(),
        }
    }
}

impl std::fmt::Display for PageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.problem())
    }
}

impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.problem().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Empty: [`render`] draws the page, because only it knows the person's language.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

/// The language a platform named: of the flow, or in a request that was refused before there was one.
fn named_by_platform(request: &HttpRequest) -> Option<String> {
    let extensions = request.extensions();
    let flow = extensions.get::<FlowIdentity>();
    flow.and_then(|flow| flow.language.clone())
        .or_else(|| page::query_value(request, "user_locale"))
        .or_else(|| page::query_value(request, "ui_locales"))
}

/// Draws the page of every [`PageError`] that a handler gave.
pub async fn render<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let response = next.call(request).await?;
    let page = response
        .response()
        .error()
        .and_then(|error| error.as_error::<PageError>())
        .and_then(|error| {
            let state = response.request().app_data::<Data<AppState>>()?;
            let support_code = error.support_code(response.request(), state);
            error.log(support_code.as_ref());
            let problem = error.problem();
            let language = named_by_platform(response.request());
            let frame = page::frame(response.request(), state, language.as_deref());
            let mut page = ErrorPage::new(frame, &problem, support_code);
            if response.request().path().starts_with("/admin/") {
                page.home = page.home.map(|_| "/admin");
            }
            let mut page = page::html(&page, &[], response.request(), state).ok()?;
            *page.status_mut() = error.status_code();
            let said = match problem {
                Problem::Busy { seconds } | Problem::TooMany { seconds } => {
                    Some((header::RETRY_AFTER, HeaderValue::from(seconds)))
                }
                // RFC 9110 §15.5.6: the answer names what would be allowed.
                Problem::MethodNotAllowed { allowed } => {
                    Some((header::ALLOW, HeaderValue::from_static(allowed)))
                }
                _ => None,
            };
            if let Some((name, value)) = said {
                page.headers_mut().insert(name, value);
            }
            Some(page)
        });
    Ok(match page {
        Some(page) => response.into_response(page).map_into_right_body(),
        None => response.map_into_left_body(),
    })
}
