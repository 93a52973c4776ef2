//! Why somebody who wanted to sign in with a provider did not, and what they can do now. What they were
//! doing goes on from here.

use actix_web::{HttpResponse, http::StatusCode};

use super::{Provider, directory, pages::TroublePage};
use crate::{
    account::way_in::{Visit, with_flow},
    web::{i18n::Words, page, page_error::PageError},
};

/// Where somebody was when it went wrong.
#[derive(Clone, Copy, Default)]
pub struct Stopped<'a> {
    /// Whom they wanted to sign in with.
    pub provider: Option<&'a Provider>,
    /// What the sign-in interrupted.
    pub flow: Option<&'a str>,
    /// Whether they wanted to connect it to the account they are signed in to.
    pub connecting: bool,
}

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// They thought better of it there.
    Cancelled,
    /// It said no, or what it said proves nothing.
    Failed,
    /// It does not answer.
    Down,
    /// They took too long, or came back twice.
    Over,
    /// It is switched off, or was never set up.
    Off,
    /// It turns embedded web views away.
    WebView,
    /// The account is disabled.
    Paused,
    /// It is connected to another account.
    Elsewhere,
}

impl Trouble {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Cancelled,
        Self::Failed,
        Self::Down,
        Self::Over,
        Self::Off,
        Self::WebView,
        Self::Paused,
        Self::Elsewhere,
    ];

    fn status(self) -> StatusCode {
        match self {
            Self::Cancelled => StatusCode::OK,
            Self::Failed | Self::Over | Self::WebView => StatusCode::BAD_REQUEST,
            Self::Off | Self::Paused => StatusCode::FORBIDDEN,
            Self::Elsewhere => StatusCode::CONFLICT,
            Self::Down => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The heading, what it means, and what to do.
    pub fn sentences(self, words: Words, provider: &str, service: &str) -> [String; 3] {
        let named = [("provider", provider), ("service", service)];
        let tell = |key: &str| words.tell(key, &named);
        match self {
            Self::Cancelled => [
                tell("with-cancelled-title"),
                tell("with-cancelled-what"),
                tell("with-cancelled-do"),
            ],
            Self::Failed => [
                tell("with-failed-title"),
                tell("with-failed-what"),
                tell("with-failed-do"),
            ],
            Self::Down => [
                tell("with-down-title"),
                tell("with-down-what"),
                tell("with-down-do"),
            ],
            Self::Over => [
                tell("with-over-title"),
                tell("with-over-what"),
                tell("with-over-do"),
            ],
            Self::Off => [
                tell("with-off-title"),
                tell("with-off-what"),
                tell("with-off-do"),
            ],
            Self::WebView => [
                tell("with-web-view-title"),
                tell("with-web-view-what"),
                tell("with-web-view-do"),
            ],
            Self::Paused => [
                tell("with-paused-title"),
                tell("with-paused-what"),
                tell("with-paused-do"),
            ],
            Self::Elsewhere => [
                tell("with-elsewhere-title"),
                tell("with-elsewhere-what"),
                tell("with-elsewhere-do"),
            ],
        }
    }

    /// Whether trying again may help.
    fn may_pass(self) -> bool {
        matches!(
            self,
            Self::Cancelled | Self::Failed | Self::Down | Self::Over
        )
    }

    /// The page that says so, and leads on.
    pub async fn page(
        self,
        stopped: Stopped<'_>,
        visit: Visit<'_>,
    ) -> Result<HttpResponse, PageError> {
        let Stopped {
            provider,
            flow,
            connecting,
        } = stopped;
        let (mut frame, way, browser) = visit.page("/login", &[], (flow, false)).await?;
        // In another language it would be the login page.
        frame.languages.clear();
        let words = frame.words;
        let name = provider.map(|provider| provider.name(words.lang()));
        let name = name.unwrap_or_else(|| words.say("with-unknown"));
        let [title, explanation, what_to_do] = self.sentences(words, &name, &frame.service_name);
        let (buttons, targets) = directory::offered(visit.request, words);
        let again = provider.filter(|_| self.may_pass() && !connecting);
        let page = TroublePage {
            title,
            explanation,
            what_to_do,
            failed: self != Self::Cancelled,
            buttons: buttons
                .into_iter()
                .filter(|button| again.is_some_and(|again| button.id == again.id.as_str()))
                .collect(),
            back: if connecting {
                (words.say("with-back"), "/account/security".to_owned())
            } else {
                let login = with_flow("/login", flow, &[]);
                (words.say("with-other-ways"), login)
            },
            way,
            frame,
        };
        let targets: Vec<_> = targets.iter().map(String::as_str).collect();
        let mut response = page::html(&page, &targets, visit.request, visit.state)?;
        *response.status_mut() = self.status();
        page::with_cookie(response, browser.cookie)
    }
}
