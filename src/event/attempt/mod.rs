//! Attempts to link, step by step: what answers "why did linking fail?" for one person.
//!
//! An attempt is known by its support code, which is derived from the flow. Steps are written behind,
//! like events. They never hold a `state`, a code, a secret or a token.

pub mod allowance;
pub mod course;
pub mod listing;
pub mod reason;
pub mod store;
pub mod story;
pub mod witness;

use actix_web::{HttpMessage, HttpRequest};
use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgPool;

pub use self::reason::Reason;
use crate::{
    event,
    foundation::{
        ids::{AccountId, ClientId, LinkId},
        support_code::SupportCode,
    },
    web::flow::FlowIdentity,
};

/// The most characters kept of anything that was presented or said.
const MOST_KEPT: usize = 300;

/// One kind of step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StepKind {
    /// The platform's request was accepted, and a flow began.
    Requested,
    /// Somebody came from a chat with a login link that was accepted, and a flow began.
    ChatRequested,
    /// The request of a platform or a chat was refused.
    RequestRefused,
    /// The login page was shown.
    LoginShown,
    /// A login failed.
    LoginFailed,
    /// The person logged in.
    LoggedIn,
    /// The person was asked.
    ConsentShown,
    /// The person said yes.
    Approved,
    /// The person said no.
    Denied,
    /// The browser was sent back to the platform with the code.
    CodeHandedOver,
    /// The chat user was connected; there is no code.
    ChatConnected,
    /// An error page was shown.
    PageFailed,
    /// A token request was refused.
    TokenRefused,
    /// The platform redeemed the code.
    CodeRedeemed,
    /// The platform refreshed its tokens for the first time.
    FirstRefresh,
    /// An access token was used for the first time.
    FirstUse,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Not yet, or it just stopped.
    Open,
    /// There is a link.
    Linked,
    /// The person said no.
    Declined,
    /// Something was refused.
    Failed,
}

/// Which attempt a step belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// The one of that code.
    Code(SupportCode),
    /// The one that made that link: the link forgets its flow soon after it was redeemed.
    Link(LinkId),
}

/// One step, on its way into the history.
#[derive(Debug, Clone)]
pub struct Step {
    /// Of which attempt.
    pub which: Which,
    /// When.
    pub at: DateTime<Utc>,
    /// When the attempt began.
    pub began_at: DateTime<Utc>,
    /// What.
    pub kind: StepKind,
    /// Why, where something failed.
    pub reason: Option<Reason>,
    /// At which client.
    pub client: Option<ClientId>,
    /// By whom.
    pub account: Option<AccountId>,
    /// Which link it led to.
    pub link: Option<LinkId>,
    /// More, in our own words.
    pub detail: String,
    /// What the platform presented.
    pub presented: String,
    /// What is registered instead.
    pub registered: String,
}

impl StepKind {
    const ALL: [Self; 16] = [
        Self::Requested,
        Self::ChatRequested,
        Self::RequestRefused,
        Self::LoginShown,
        Self::LoginFailed,
        Self::LoggedIn,
        Self::ConsentShown,
        Self::Approved,
        Self::Denied,
        Self::CodeHandedOver,
        Self::ChatConnected,
        Self::PageFailed,
        Self::TokenRefused,
        Self::CodeRedeemed,
        Self::FirstRefresh,
        Self::FirstUse,
    ];

    /// The name it is stored under.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::ChatRequested => "chat_requested",
            Self::ChatConnected => "chat_connected",
            Self::RequestRefused => "request_refused",
            Self::LoginShown => "login_shown",
            Self::LoginFailed => "login_failed",
            Self::LoggedIn => "logged_in",
            Self::ConsentShown => "consent_shown",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::CodeHandedOver => "code_handed_over",
            Self::PageFailed => "page_failed",
            Self::TokenRefused => "token_refused",
            Self::CodeRedeemed => "code_redeemed",
            Self::FirstRefresh => "first_refresh",
            Self::FirstUse => "first_use",
        }
    }

    /// The step of that name.
    pub fn stored(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether anybody can cause it as often as they like, without a password or a secret.
    pub const fn is_free(self) -> bool {
        match self {
            Self::Requested
            | Self::ChatRequested
            | Self::RequestRefused
            | Self::LoginShown
            | Self::LoginFailed
            | Self::ConsentShown
            | Self::Denied
            | Self::PageFailed
            | Self::TokenRefused => true,
            Self::LoggedIn
            | Self::Approved
            | Self::CodeHandedOver
            | Self::ChatConnected
            | Self::CodeRedeemed
            | Self::FirstRefresh
            | Self::FirstUse => false,
        }
    }
}

impl Outcome {
    /// The name it is stored under.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Linked => "linked",
            Self::Declined => "declined",
            Self::Failed => "failed",
        }
    }

    /// The outcome of that name.
    pub fn stored(name: &str) -> Self {
        match name {
            "linked" => Self::Linked,
            "declined" => Self::Declined,
            "failed" => Self::Failed,
            _ => Self::Open,
        }
    }
}

impl Step {
    /// A step of that attempt, of which nothing else is known yet.
    pub fn new(which: Which, kind: StepKind, at: DateTime<Utc>) -> Self {
        Self {
            which,
            at,
            began_at: at,
            kind,
            reason: None,
            client: None,
            account: None,
            link: None,
            detail: String::new(),
            presented: String::new(),
            registered: String::new(),
        }
    }

    /// A step of the attempt that the request is part of: of the flow that was opened for it.
    pub fn of_request(request: &HttpRequest, kind: StepKind, at: DateTime<Utc>) -> Option<Self> {
        let extensions = request.extensions();
        let flow = extensions.get::<FlowIdentity>()?;
        let step = Self::new(Which::Code(flow.code.clone()), kind, at);
        Some(Self {
            began_at: flow.began_at,
            client: Some(flow.client_id.clone()),
            ..step
        })
    }

    /// A refusal that no flow is known of. All with the same reason at the same client within an hour
    /// are one attempt, or one of eight by what tells them `apart`: a flood of ever new mistakes must not
    /// fill the table.
    pub fn refused(
        client: Option<&ClientId>,
        kind: StepKind,
        reason: Reason,
        apart: &str,
        at: DateTime<Utc>,
    ) -> Self {
        let hour = at.timestamp().div_euclid(3600).to_string();
        let part = (apart.bytes().fold(0_u8, u8::wrapping_add) % 8).to_string();
        let id = client.map(ClientId::as_str).unwrap_or_default();
        let code = SupportCode::shared(&[kind.as_str(), id, reason.as_str(), &hour, &part]);
        Self {
            reason: Some(reason),
            client: client.cloned(),
            ..Self::new(Which::Code(code), kind, at)
        }
    }

    /// The code the person can be told.
    pub fn code(&self) -> Option<&SupportCode> {
        match &self.which {
            Which::Code(code) => Some(code),
            Which::Link(_) => None,
        }
    }

    /// Says why it failed.
    #[must_use]
    pub fn because(mut self, reason: Reason) -> Self {
        self.reason = Some(reason);
        self
    }

    /// Names the client.
    #[must_use]
    pub fn client(mut self, id: &ClientId) -> Self {
        self.client = Some(id.clone());
        self
    }

    /// Names the account.
    #[must_use]
    pub fn account(mut self, id: AccountId) -> Self {
        self.account = Some(id);
        self
    }

    /// Names the link.
    #[must_use]
    pub fn link(mut self, id: LinkId) -> Self {
        self.link = Some(id);
        self
    }

    /// Says more, in our own words.
    #[must_use]
    pub fn detail(mut self, detail: &str) -> Self {
        self.detail = kept(detail);
        self
    }

    /// Names what the platform presented; never a secret, a code or a token.
    #[must_use]
    pub fn presented(mut self, presented: &str) -> Self {
        self.presented = kept(presented);
        self
    }

    /// Names what is registered instead of what was presented.
    #[must_use]
    pub fn registered(mut self, registered: &str) -> Self {
        self.registered = kept(registered);
        self
    }

    /// What it decides about the attempt, if anything.
    pub fn outcome(&self) -> Option<Outcome> {
        match self.kind {
            StepKind::Approved => Some(Outcome::Open),
            StepKind::Denied => Some(Outcome::Declined),
            StepKind::ChatConnected
            | StepKind::CodeRedeemed
            | StepKind::FirstRefresh
            | StepKind::FirstUse => Some(Outcome::Linked),
            StepKind::RequestRefused | StepKind::PageFailed | StepKind::TokenRefused => {
                let passes = self.reason.is_some_and(Reason::passes);
                (!passes).then_some(Outcome::Failed)
            }
            StepKind::Requested
            | StepKind::ChatRequested
            | StepKind::LoginShown
            | StepKind::LoginFailed
            | StepKind::LoggedIn
            | StepKind::ConsentShown
            | StepKind::CodeHandedOver => None,
        }
    }
}

/// Stores steps, all of them or none.
pub async fn keep(db: &PgPool, steps: &[Step]) -> sqlx::Result<()> {
    let mut transaction = event::store::begin_behind(db).await?;
    store::insert_steps(&mut transaction, steps).await?;
    transaction.commit().await
}

/// What may be kept of a text from outside: a part, and only what can be printed and stored.
fn kept(text: &str) -> String {
    let printable = text.chars().filter(|c| !c.is_control());
    printable.take(MOST_KEPT).collect()
}
