//! The way from a new client to a speaker that answers: its steps in the order an operator takes them,
//! each with what was seen of it.

use chrono::{DateTime, Utc};

use crate::{
    client::{Client, preset::Preset},
    event::milestone::{Milestone, store::StoredMilestone},
};

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Create the extension, and tell this client its id.
    Extension,
    /// Paste the addresses and the client id into the platform's console.
    Fields,
    /// Paste the secret there.
    Secret,
    /// Set what the chatbot says before and after linking.
    Messages,
    /// Say what the chatbot may ask.
    Actions,
    /// Tick that the token comes along, and ask.
    Token,
    /// Let your own server ask whose a token is.
    Resolve,
    /// See what the builder really sends.
    Record,
    /// Nothing: the platform does it by itself.
    Refresh,
    /// Let CEK send its signed requests.
    Cek,
    /// Let the chatbot ask whether somebody in a chat is connected.
    Confirm,
    /// Play the platform.
    Simulate,
}

/// What is known of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It was seen to work, first and last then.
    Seen(DateTime<Utc>, DateTime<Utc>),
    /// Only the simulator did it, last then.
    Played(DateTime<Utc>),
    /// What it needs here is stored; more of it can't be seen from here.
    Stored,
    /// Nothing yet.
    Missing,
}

/// A step and what is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// What to do.
    pub what: What,
    /// What was seen of it.
    pub mark: Mark,
    /// Whether linking is whole without it.
    pub optional: bool,
}

/// What the steps of a client are judged by.
pub struct Facts<'a> {
    /// The client.
    pub client: &'a Client,
    /// What was reached with it.
    pub reached: &'a [StoredMilestone],
    /// How many actions it has.
    pub actions: usize,
}

impl Step {
    /// Whether nothing is left to do for it.
    pub fn is_done(&self) -> bool {
        matches!(self.mark, Mark::Seen(..) | Mark::Stored)
    }
}

impl Facts<'_> {
    /// The steps for the client's platform.
    pub fn steps(&self) -> Vec<Step> {
        let preset = Preset::find(&self.client.preset);
        let is_of_clova = preset.is_some_and(|preset| preset.cek_key_url.is_some());
        if !is_of_clova {
            return vec![
                self.seen(What::Fields, Milestone::AuthorizeSeen),
                self.seen(What::Secret, Milestone::CodeRedeemed),
                self.seen(What::Resolve, Milestone::TokenResolved),
                self.seen(What::Refresh, Milestone::TokensRefreshed),
                self.simulate(),
            ];
        }
        let settings = &self.client.settings;
        let has_messages =
            !settings.login_guide_message.is_empty() && !settings.login_success_message.is_empty();
        let cek = self.seen(What::Cek, Milestone::CekSigned);
        let resolve = self.seen(What::Resolve, Milestone::TokenResolved);
        let token = self.seen(What::Token, Milestone::ActionCalled);
        // An extension with a server of its own may need no chatbot.
        let has_chatbot = token.is_done() || !(resolve.is_done() || cek.is_done());
        let of_chatbot = |step: Step| Step {
            optional: !has_chatbot,
            ..step
        };
        let optional = |step: Step| Step {
            optional: true,
            ..step
        };
        vec![
            stored(What::Extension, settings.extension_id.is_some()),
            self.seen(What::Fields, Milestone::AuthorizeSeen),
            self.seen(What::Secret, Milestone::CodeRedeemed),
            of_chatbot(stored(What::Messages, has_messages)),
            of_chatbot(stored(What::Actions, self.actions > 0)),
            of_chatbot(token),
            optional(self.seen(What::Record, Milestone::CallRecorded)),
            optional(resolve),
            self.seen(What::Refresh, Milestone::TokensRefreshed),
            optional(cek),
            optional(self.seen(What::Confirm, Milestone::ConfirmAsked)),
            self.simulate(),
        ]
    }

    fn seen(&self, what: What, milestone: Milestone) -> Step {
        let mark = match (self.find(milestone, false), self.find(milestone, true)) {
            (Some(seen), _) => Mark::Seen(seen.first_at, seen.last_at),
            (None, Some(played)) => Mark::Played(played.last_at),
            (None, None) => Mark::Missing,
        };
        step(what, mark)
    }

    /// The last thing it does before it takes all away again is to use a token.
    fn simulate(&self) -> Step {
        let played = self.find(Milestone::TokenResolved, true);
        let mark = played.map_or(Mark::Missing, |played| {
            Mark::Seen(played.first_at, played.last_at)
        });
        step(What::Simulate, mark)
    }

    fn find(&self, milestone: Milestone, simulated: bool) -> Option<&StoredMilestone> {
        let is_it =
            |one: &&StoredMilestone| one.milestone == milestone && one.simulated == simulated;
        self.reached.iter().find(is_it)
    }
}

fn stored(what: What, is_stored: bool) -> Step {
    step(
        what,
        if is_stored {
            Mark::Stored
        } else {
            Mark::Missing
        },
    )
}

fn step(what: What, mark: Mark) -> Step {
    Step {
        what,
        mark,
        optional: false,
    }
}
