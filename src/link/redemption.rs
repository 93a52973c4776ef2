//! Redeeming a code: the decision, without the database.

use chrono::{DateTime, TimeDelta, Utc};

use super::LinkState;
use crate::{
    event::attempt::Reason,
    foundation::ids::{AccountId, ClientId, FlowId, LinkId},
    protocol::{
        OAuthError,
        pkce::{self, CodeChallenge},
    },
};

/// The wrong verifier that ends a pending link, counted from one (PKC-07).
pub const MAX_WRONG_VERIFIERS: i16 = 5;

/// A confidential client that repeats the exchange this soon lost the answer, or is two servers of
/// one platform; later it is a replay.
const INNOCENT_REPEAT: TimeDelta = TimeDelta::seconds(20);

/// A link as its code finds it.
#[derive(Debug, Clone)]
pub struct Redeemable {
    /// The link.
    pub link_id: LinkId,
    /// Who may redeem it.
    pub client_id: ClientId,
    /// Whom it is about.
    pub account_id: AccountId,
    /// Where it stands.
    pub state: LinkState,
    /// What the person approved.
    pub scopes: Vec<String>,
    /// When the code dies.
    pub code_expires_at: Option<DateTime<Utc>>,
    /// What the authorization request named.
    pub redirect_uri: Option<String>,
    /// What the authorization request challenged with.
    pub code_challenge: Option<CodeChallenge>,
    /// How many verifiers were wrong so far.
    pub wrong_verifiers: i16,
    /// When it was redeemed.
    pub linked_at: Option<DateTime<Utc>>,
    /// Raised when its access tokens were revoked.
    pub access_epoch: i32,
    /// The flow it came from, which the row forgets an hour after its code.
    pub flow_id: Option<FlowId>,
    /// Whether the account may be spoken for.
    pub account_enabled: bool,
}

/// What a platform sends with the code.
#[derive(Debug, Clone, Copy)]
pub struct Redemption<'a> {
    /// The client that was authenticated.
    pub client_id: &'a ClientId,
    /// Whether it has a secret.
    pub confidential: bool,
    /// Its `redirect_uri`.
    pub redirect_uri: Option<&'a str>,
    /// Its `code_verifier`.
    pub code_verifier: Option<&'a str>,
}

/// Why a code is not redeemed, and what that does to the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It was issued to another client.
    OtherClient,
    /// RFC 6749 §4.1.3.
    OtherRedirectUri,
    /// Challenge and verifier don't come together, and why.
    Verifier(&'static str),
    /// The verifier is wrong: counted, and the fifth ends the link.
    WrongVerifier,
    /// The platform asked twice.
    RedeemedJustNow,
    /// The code was redeemed before: the link ends.
    Replayed,
    /// The link is over.
    Ended,
    /// The code's time is over.
    Expired,
    /// The account is disabled.
    AccountDisabled,
}

impl Redeemable {
    /// Whether this redemption may go on. The order matters: only a replay that passes client,
    /// redirect URI and PKCE ends the link, so that a stranger with a code from a log can't.
    pub fn check(&self, redemption: &Redemption<'_>, now: DateTime<Utc>) -> Result<(), Refusal> {
        if self.client_id != *redemption.client_id {
            return Err(Refusal::OtherClient);
        }
        // RFC 6749 §4.1.3: identical to the one of the authorization request.
        if self
            .redirect_uri
            .as_deref()
            .is_none_or(|ours| redemption.redirect_uri != Some(ours))
        {
            return Err(Refusal::OtherRedirectUri);
        }
        if let Err(error) = pkce::check(self.code_challenge.as_ref(), redemption.code_verifier) {
            let guessed = self.code_challenge.is_some() && redemption.code_verifier.is_some();
            return Err(if guessed {
                Refusal::WrongVerifier
            } else {
                Refusal::Verifier(error.description())
            });
        }
        match self.state {
            LinkState::Pending => {}
            LinkState::Active if self.is_innocent_repeat(redemption, now) => {
                return Err(Refusal::RedeemedJustNow);
            }
            LinkState::Active => return Err(Refusal::Replayed),
            LinkState::Ended => return Err(Refusal::Ended),
        }
        if self
            .code_expires_at
            .is_none_or(|expires_at| now >= expires_at)
        {
            return Err(Refusal::Expired);
        }
        if self.account_enabled {
            Ok(())
        } else {
            Err(Refusal::AccountDisabled)
        }
    }

    fn is_innocent_repeat(&self, redemption: &Redemption<'_>, now: DateTime<Utc>) -> bool {
        redemption.confidential && self.linked_at.is_some_and(|at| now - at < INNOCENT_REPEAT)
    }
}

impl Refusal {
    /// The answer to the platform.
    pub fn error(self) -> OAuthError {
        OAuthError::invalid_grant(match self {
            Self::OtherClient => "the code was issued to another client",
            Self::OtherRedirectUri => {
                "the redirect_uri is not the one of the authorization request"
            }
            Self::Verifier(description) => description,
            Self::WrongVerifier => "the code_verifier does not match the code_challenge",
            Self::RedeemedJustNow => "the code was redeemed a moment ago",
            Self::Replayed => "the code was redeemed before; its link has been ended",
            Self::Ended => "the code was redeemed, and its link has ended",
            Self::Expired => "the code has expired",
            Self::AccountDisabled => "the account is disabled",
        })
    }

    /// What the history of the attempt says.
    pub const fn reason(self) -> Reason {
        match self {
            Self::OtherClient => Reason::CodeOfAnother,
            Self::OtherRedirectUri => Reason::CodeRedirectUri,
            Self::Verifier(_) => Reason::VerifierMissing,
            Self::WrongVerifier => Reason::VerifierWrong,
            Self::RedeemedJustNow => Reason::CodeRepeated,
            Self::Replayed => Reason::CodeReplayed,
            Self::Ended => Reason::CodeEnded,
            Self::Expired => Reason::CodeExpired,
            Self::AccountDisabled => Reason::AccountDisabled,
        }
    }
}
