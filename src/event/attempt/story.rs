//! Attempts in plain words: what happened, and what to do about it.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Reason, StepKind,
    listing::{ListedAttempt, ListedStep, Standing},
};

/// What an attempt comes down to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// What happened, in a sentence or two.
    pub headline: String,
    /// What to do about it; empty where there is nothing to do.
    pub advice: String,
}

/// What an attempt of these steps comes down to, seen from `now`.
pub fn verdict(attempt: &ListedAttempt, steps: &[ListedStep], now: DateTime<Utc>) -> Verdict {
    let app = attempt.client_name.as_deref();
    let used = steps.iter().any(|step| step.kind == StepKind::FirstUse);
    let (headline, advice) = match attempt.standing(now) {
        Standing::Linked if used => ("Linked, and in use.", ""),
        Standing::Linked
            if steps
                .iter()
                .any(|step| step.kind == StepKind::ChatConnected) =>
        {
            (
                "Connected to a chat. The chatbot has not asked about it yet.",
                "If the chatbot says that nobody is connected, compare the authentication URL in its builder with the client’s page.",
            )
        }
        Standing::Linked => (
            "Linked. No token has been used yet.",
            "If {app} says that nothing is linked, see where its chatbot or extension puts the token.",
        ),
        Standing::Declined => (
            "The person said no.",
            "If many do, see what the consent page asks for: scopes that aren’t needed scare people off.",
        ),
        Standing::UnderWay => (
            "Still under way.",
            "Nothing has failed so far. Look again in a few minutes.",
        ),
        Standing::Failed => return failed(attempt, steps, app),
        Standing::Stopped if attempt.last_step == Some(StepKind::LoginFailed) => {
            return not_logged_in(steps, app);
        }
        Standing::Stopped => stopped(attempt.last_step),
    };
    Verdict {
        headline: named(headline, app),
        advice: named(advice, app),
    }
}

fn failed(attempt: &ListedAttempt, steps: &[ListedStep], app: Option<&str>) -> Verdict {
    let failing = |step: &&ListedStep| step.reason.is_some() && step.reason == attempt.reason;
    let kind = steps.iter().rfind(failing).map(|step| step.kind);
    let sentence = attempt.reason.map_or("", Reason::sentence);
    let begun = match kind {
        Some(StepKind::TokenRefused) if attempt.account_id.is_some() => {
            "{app} could not redeem the code. "
        }
        Some(StepKind::TokenRefused) => "A token request was refused. ",
        Some(StepKind::RequestRefused) => "{app}’s request was refused. ",
        _ => "",
    };
    Verdict {
        headline: named(&format!("{begun}{sentence}"), app),
        advice: named(attempt.reason.map_or("", Reason::remedy), app),
    }
}

/// Stopped at the login: why the last try failed.
fn not_logged_in(steps: &[ListedStep], app: Option<&str>) -> Verdict {
    let failed = steps
        .iter()
        .filter(|step| step.kind == StepKind::LoginFailed);
    let last = failed.max_by_key(|step| step.last_at);
    let reason = last.and_then(|step| step.reason);
    let why = reason.map_or("", Reason::sentence);
    let advice = reason.map_or(
        "Help them with the e-mail address or the password.",
        Reason::remedy,
    );
    Verdict {
        headline: format!("Stopped at the login. {why}").trim_end().to_owned(),
        advice: named(advice, app),
    }
}

/// An attempt that simply stops: where, and the likely reason.
fn stopped(last: Option<StepKind>) -> (&'static str, &'static str) {
    match last {
        Some(StepKind::Requested | StepKind::ChatRequested) => (
            "Stopped before the login page: the browser never opened it.",
            "The app’s web view did not follow the redirect, or the person closed it at once.",
        ),
        Some(StepKind::LoginShown) => (
            "Stopped at the login page: nothing was sent.",
            "Most likely the person closed it, or doesn’t know which account is meant. If many stop here, say so before linking begins.",
        ),
        Some(StepKind::LoggedIn) => (
            "Stopped after the login: the next page was never opened.",
            "The web view may lose its cookies between two pages, or the person closed it.",
        ),
        Some(StepKind::ConsentShown) => (
            "Stopped at the question: the person said neither yes nor no.",
            "Most likely they closed the page. If many do, see what it asks for.",
        ),
        Some(StepKind::Approved | StepKind::CodeHandedOver) => (
            "{app} never redeemed the code.",
            "The browser took the code back to the platform, and its servers did not come for the tokens. Check the token URL in its console, and that it can be reached from the internet with a valid certificate.",
        ),
        Some(StepKind::PageFailed) => (
            "Stopped at an error page.",
            "See the last step for what was wrong; the person has to start again in {app}.",
        ),
        _ => ("Stopped.", "See the last step for what was wrong."),
    }
}

/// What a kind of step is called.
pub fn step_in_words(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Requested => "Came from {app}",
        StepKind::ChatRequested => "Came from a chat with {app}",
        StepKind::ChatConnected => "Connected to the chat",
        StepKind::RequestRefused => "Request refused",
        StepKind::LoginShown => "Login page shown",
        StepKind::LoginFailed => "Login failed",
        StepKind::LoggedIn => "Logged in",
        StepKind::ConsentShown => "Asked for consent",
        StepKind::Approved => "Said yes",
        StepKind::Denied => "Said no",
        StepKind::CodeHandedOver => "Code handed to {app}",
        StepKind::PageFailed => "Error page shown",
        StepKind::TokenRefused => "Token request refused",
        StepKind::CodeRedeemed => "Code redeemed by {app}",
        StepKind::FirstRefresh => "First refresh",
        StepKind::FirstUse => "First use of the link",
    }
}

/// What a standing is called.
pub const fn standing_in_words(standing: Standing) -> &'static str {
    match standing {
        Standing::Linked => "Linked",
        Standing::Failed => "Failed",
        Standing::Declined => "Declined",
        Standing::Stopped => "Stopped",
        Standing::UnderWay => "Under way",
    }
}

/// A sentence about the platform, or about "the platform" where it isn't known.
pub fn named(sentence: &str, app: Option<&str>) -> String {
    let said = sentence.replace("{app}", app.unwrap_or("the platform"));
    let mut letters = said.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => said,
    }
}

/// How long after the beginning something was: "+38.4 s", "+2 min 5 s", "+3 h 1 min", "+2 days".
pub fn elapsed(span: TimeDelta) -> String {
    let seconds = span.num_seconds().max(0);
    match seconds {
        ..60 => {
            let tenths = span.num_milliseconds().max(0) / 100;
            format!("+{}.{} s", tenths / 10, tenths % 10)
        }
        60..3600 => format!("+{} min {} s", seconds / 60, seconds % 60),
        3600..172_800 => format!("+{} h {} min", seconds / 3600, seconds % 3600 / 60),
        _ => format!("+{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_since_the_beginning_is_as_fine_as_it_matters() {
        for (milliseconds, said) in [
            (0, "+0.0 s"),
            (38_449, "+38.4 s"),
            (125_000, "+2 min 5 s"),
            (10_860_000, "+3 h 1 min"),
            (172_800_000, "+2 days"),
        ] {
            assert_eq!(elapsed(TimeDelta::milliseconds(milliseconds)), said);
        }
    }

    #[test]
    fn the_platform_is_called_by_its_name_where_it_has_one() {
        let sentence = "{app} never redeemed the code.";
        assert_eq!(
            named(sentence, Some("CLOVA")),
            "CLOVA never redeemed the code."
        );
        assert_eq!(
            named(sentence, None),
            "The platform never redeemed the code."
        );
    }
}
