//! The pages that belong to no slice: errors, notices, the start page, the privacy policy.

use askama::Template;

use super::frame::Frame;
use super::time::Day;
use crate::foundation::support_code::SupportCode;

/// Why a person gets an error page. `client` is the platform's name, where it is known and proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// No page has this address.
    NotFound,
    /// The address exists, but not for this method.
    MethodNotAllowed {
        /// The methods it takes, as `Allow` says.
        allowed: &'static str,
    },
    /// The body is larger than accepted.
    TooLarge,
    /// The address with its query is longer than accepted.
    LongAddress,
    /// The headers, cookies among them, are larger than accepted.
    LargeHeaders,
    /// The body did not arrive in time.
    Late,
    /// The form's CSRF token or origin is not this session's.
    StaleForm,
    /// The flow is older than its lifetime, or no longer readable.
    FlowExpired {
        /// Where to start again.
        client: Option<String>,
    },
    /// The flow was begun by a browser with another cookie.
    OtherBrowser {
        /// Where to go on.
        client: Option<String>,
    },
    /// The platform's request is wrong, and its redirect URI is not proven.
    BadRequest {
        /// Who sent it, where it is known.
        client: Option<String>,
        /// For the developer, our own words only: "`redirect_uri` is not registered for this client".
        reason: String,
    },
    /// No such client is registered.
    UnknownClient {
        /// For the developer, our own words only.
        reason: String,
    },
    /// An admin has switched the client off.
    ClientDisabled {
        /// Which one.
        client: Option<String>,
    },
    /// The server has more to do than it can.
    Busy {
        /// When to try again, as `Retry-After` says.
        seconds: u64,
    },
    /// This person or address has asked too often.
    TooMany {
        /// When to try again, as `Retry-After` says.
        seconds: u64,
    },
    /// The flow was approved and its code redeemed.
    AlreadyLinked {
        /// Where to go back to.
        client: Option<String>,
    },
    /// The flow was answered by another account.
    OtherAccount {
        /// Where to start again.
        client: Option<String>,
    },
    /// The client connects no chat users of that domain any more.
    ChatOff {
        /// Which one.
        client: Option<String>,
    },
    /// The chat user is connected to another account, whose owner has to end that first.
    ChatElsewhere {
        /// Whose chatbot it is.
        client: Option<String>,
    },
    /// A fault of ours.
    Internal,
}

impl Problem {
    /// The HTTP status the page is sent with.
    pub fn status(&self) -> u16 {
        match self {
            Self::BadRequest { .. }
            | Self::UnknownClient { .. }
            | Self::ClientDisabled { .. }
            | Self::ChatOff { .. }
            | Self::FlowExpired { .. } => 400,
            Self::StaleForm | Self::OtherBrowser { .. } => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed { .. } => 405,
            Self::Late => 408,
            Self::AlreadyLinked { .. } | Self::OtherAccount { .. } | Self::ChatElsewhere { .. } => {
                409
            }
            Self::TooLarge => 413,
            Self::LongAddress => 414,
            Self::TooMany { .. } => 429,
            Self::LargeHeaders => 431,
            Self::Internal => 500,
            Self::Busy { .. } => 503,
        }
    }

    /// What its three sentences are called: with `-title`, `-what` happened, and what to `-do`.
    fn key(&self) -> &'static str {
        match self {
            Self::NotFound => "error-not-found",
            Self::MethodNotAllowed { .. } => "error-method",
            Self::TooLarge | Self::LongAddress => "error-too-large",
            Self::LargeHeaders => "error-large-headers",
            Self::Late => "error-late",
            Self::StaleForm => "error-stale-form",
            Self::FlowExpired { .. } => "error-expired",
            Self::OtherBrowser { .. } => "error-other-browser",
            Self::BadRequest { .. } => "error-bad-request",
            Self::UnknownClient { .. } => "error-unknown-client",
            Self::ClientDisabled { .. } | Self::ChatOff { .. } => "error-disabled-client",
            Self::Busy { .. } => "error-busy",
            Self::TooMany { .. } => "error-too-many",
            Self::AlreadyLinked { .. } => "error-already-linked",
            Self::OtherAccount { .. } => "error-other-account",
            Self::ChatElsewhere { .. } => "error-chat-elsewhere",
            Self::Internal => "error-internal",
        }
    }

    fn client(&self) -> Option<&str> {
        match self {
            Self::FlowExpired { client }
            | Self::OtherBrowser { client }
            | Self::BadRequest { client, .. }
            | Self::ClientDisabled { client }
            | Self::AlreadyLinked { client }
            | Self::OtherAccount { client }
            | Self::ChatOff { client }
            | Self::ChatElsewhere { client } => client.as_deref(),
            Self::NotFound
            | Self::MethodNotAllowed { .. }
            | Self::TooLarge
            | Self::LongAddress
            | Self::LargeHeaders
            | Self::Late
            | Self::StaleForm
            | Self::UnknownClient { .. }
            | Self::Busy { .. }
            | Self::TooMany { .. }
            | Self::Internal => None,
        }
    }

    fn seconds(&self) -> u64 {
        match self {
            Self::Busy { seconds } | Self::TooMany { seconds } => *seconds,
            _ => 0,
        }
    }

    fn reason(&self) -> Option<&str> {
        match self {
            Self::BadRequest { reason, .. } | Self::UnknownClient { reason } => Some(reason),
            _ => None,
        }
    }

    fn leads_home(&self) -> bool {
        matches!(self, Self::NotFound | Self::MethodNotAllowed { .. })
    }

    /// Good news needs no warning mark.
    fn is_failure(&self) -> bool {
        !matches!(self, Self::AlreadyLinked { .. })
    }
}

/// Says what went wrong, what that means, and what to do.
#[derive(Debug, Template)]
#[template(path = "web/error.html")]
pub struct ErrorPage {
    /// The shared part.
    pub frame: Frame,
    /// The heading.
    pub title: String,
    /// What happened.
    pub explanation: String,
    /// What the person can do.
    pub what_to_do: String,
    /// The technical reason, for the client's developer.
    pub reason: Option<String>,
    /// Leads to the attempt or to the log line.
    pub support_code: Option<SupportCode>,
    /// Whether something failed, as opposed to being done already.
    pub failed: bool,
    /// The start page, where it is of any help.
    pub home: Option<&'static str>,
}

impl ErrorPage {
    /// The page for `problem`; its status is [`Problem::status`].
    pub fn new(frame: Frame, problem: &Problem, support_code: Option<SupportCode>) -> Self {
        let words = frame.words;
        let app = words.app(problem.client());
        let seconds = problem.seconds().to_string();
        let values = [
            ("service", frame.service_name.as_str()),
            ("app", app.as_str()),
            ("seconds", seconds.as_str()),
        ];
        let sentence = |part| words.tell(&format!("{}-{part}", problem.key()), &values);
        Self {
            title: sentence("title"),
            explanation: sentence("what"),
            what_to_do: sentence("do"),
            reason: problem.reason().map(str::to_owned),
            support_code: support_code.filter(|_| problem.is_failure()),
            failed: problem.is_failure(),
            home: problem.leads_home().then_some("/"),
            frame,
        }
    }
}

/// Something that ended well, with at most one thing to do next.
#[derive(Debug, Template)]
#[template(path = "web/notice.html")]
pub struct NoticePage {
    /// The shared part.
    pub frame: Frame,
    /// The heading.
    pub title: String,
    /// What it means.
    pub explanation: String,
    /// The label and the address of what can be done next.
    pub next: Option<(String, String)>,
    /// How the bond looks, where the frame has one: `made` or `cut`.
    pub bond: &'static str,
}

impl NoticePage {
    /// After the person logged out.
    pub fn logged_out(frame: Frame) -> Self {
        let words = frame.words;
        Self {
            title: words.say("logged-out-title"),
            explanation: words.tell(
                "logged-out-what",
                &[("service", frame.service_name.as_str())],
            ),
            next: Some((words.say("login-again"), "/login".to_owned())),
            bond: "",
            frame,
        }
    }

    /// After a chat user was connected.
    pub fn chat_connected(frame: Frame, client: &str) -> Self {
        let words = frame.words;
        let named = [("client", client), ("service", frame.service_name.as_str())];
        Self {
            title: words.say("connected-title"),
            explanation: words.tell("connected-what", &named),
            next: Some((words.say("home-account"), "/account".to_owned())),
            bond: "made",
            frame,
        }
    }

    /// After the person wanted no connection.
    pub fn chat_not_connected(frame: Frame, client: &str) -> Self {
        let words = frame.words;
        Self {
            title: words.say("not-connected-title"),
            explanation: words.tell("not-connected-what", &[("client", client)]),
            next: None,
            bond: "cut",
            frame,
        }
    }
}

/// `/`: what this server is.
#[derive(Debug, Template)]
#[template(path = "web/home.html")]
pub struct HomePage {
    /// The shared part.
    pub frame: Frame,
}

/// `/privacy`, where the operator wrote a text rather than an address.
#[derive(Debug, Template)]
#[template(path = "web/privacy.html")]
pub struct PrivacyPage {
    /// The shared part.
    pub frame: Frame,
    /// The operator's text, cut at its empty lines.
    pub paragraphs: Vec<String>,
    /// When the text was last changed.
    pub changed: Option<Day>,
}

impl PrivacyPage {
    /// The page for the operator's text, which may be empty.
    pub fn new(frame: Frame, text: &str, changed: Option<Day>) -> Self {
        let text = text.replace("\r\n", "\n");
        let paragraphs = text
            .split("\n\n")
            .map(str::trim)
            .filter(|paragraph| !paragraph.is_empty());
        Self {
            paragraphs: paragraphs.map(str::to_owned).collect(),
            frame,
            changed,
        }
    }
}
