//! What the token endpoint tells the history of attempts.

use chrono::{DateTime, Utc};

use super::grants::Asked;
use crate::{
    client::authenticate::{self, Credentials},
    event::{
        Recorder,
        attempt::{Reason, Step, StepKind, Which},
    },
    foundation::{ids::ClientId, support_code::SupportCode},
    link::redemption::{Redeemable, Refusal},
    protocol::{ErrorCode, OAuthError},
};

/// What every secret of this server begins with.
const OUR_SECRETS: &str = "lg_";

/// The request could not be understood.
pub(super) fn record_invalid(recorder: &Recorder, refusal: &OAuthError, now: DateTime<Utc>) {
    let (told, reason) = (refusal.description(), Reason::TokenRequestInvalid);
    let step = Step::refused(None, StepKind::TokenRefused, reason, told, now);
    recorder.record_step(step.detail(told));
}

impl Asked<'_> {
    /// The client could not be authenticated. With the attempt of the code it brought, where that is
    /// known.
    pub(super) fn record_unauthenticated(
        &self,
        known: Option<&Credentials>,
        link: Option<&Redeemable>,
        refusal: &OAuthError,
    ) {
        if refusal.code() != ErrorCode::InvalidClient {
            return;
        }
        let reason = authenticate::reason(self.presented, known);
        let id = self.presented.client_id().unwrap_or_default();
        let step = match (link, known) {
            (Some(link), _) => self.step_of(link, StepKind::TokenRefused).because(reason),
            (None, Some(_)) => self.refused(Some(&ClientId(id.to_owned())), reason),
            (None, None) if id.starts_with(OUR_SECRETS) => {
                self.refused(None, Reason::ClientIdIsSecret)
            }
            (None, None) => self.refused(None, reason).presented(id),
        };
        // What is wrong with an assertion is said by its refusal alone.
        let detail = match reason {
            Reason::AssertionRefused => refusal.description(),
            _ => self.presented.method(),
        };
        self.recorder.record_step(step.detail(detail));
    }

    /// The code is none of ours.
    pub(super) fn record_unknown_code(&self, client: &ClientId, shaped: bool) {
        let step = self.refused(Some(client), Reason::CodeUnknown);
        let detail = if shaped {
            "it has the form of a code of this server"
        } else {
            "it does not have the form of a code of this server"
        };
        self.recorder.record_step(step.detail(detail));
    }

    /// The request had no code.
    pub(super) fn record_missing_code(&self, client: &ClientId) {
        let step = self.refused(Some(client), Reason::CodeMissing);
        self.recorder.record_step(step);
    }

    /// The code was known and refused.
    pub(super) fn record_refused_code(&self, link: &Redeemable, refusal: Refusal) {
        let step = self.step_of(link, StepKind::TokenRefused);
        let step = step.because(refusal.reason());
        let step = match refusal {
            Refusal::Verifier(description) => step.detail(description),
            _ => step,
        };
        self.recorder.record_step(step);
    }

    /// The code was redeemed.
    pub(super) fn record_redeemed(&self, link: &Redeemable) {
        let step = self.step_of(link, StepKind::CodeRedeemed);
        self.recorder
            .record_step(step.detail(self.presented.method()));
    }

    fn refused(&self, client: Option<&ClientId>, reason: Reason) -> Step {
        Step::refused(client, StepKind::TokenRefused, reason, "", self.now)
    }

    fn step_of(&self, link: &Redeemable, kind: StepKind) -> Step {
        let which = link.flow_id.map_or(Which::Link(link.link_id), |flow| {
            Which::Code(SupportCode::of_flow(flow))
        });
        Step::new(which, kind, self.now)
            .client(&link.client_id)
            .account(link.account_id)
            .link(link.link_id)
    }
}
