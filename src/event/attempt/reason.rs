//! Why a step of an attempt failed: in words for admins, with what to do about it.

use crate::{
    protocol::{ErrorCode, OAuthError, redirect_uri::difference::Difference},
    web::pages::Problem,
};

macro_rules! reasons {
    ($($name:ident = $stored:literal: $what:literal, $remedy:literal;)+) => {
        /// Why something was refused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Reason {
            $(#[doc = $what] $name,)+
        }

        impl Reason {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The name it is stored under.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $stored,)+
                }
            }

            /// What was wrong: a sentence in which `{app}` stands for the platform.
            pub const fn sentence(self) -> &'static str {
                match self {
                    $(Self::$name => $what,)+
                }
            }

            /// What to do about it: sentences in which `{app}` stands for the platform.
            pub const fn remedy(self) -> &'static str {
                match self {
                    $(Self::$name => $remedy,)+
                }
            }
        }
    };
}

reasons! {
    ClientMissing = "client_missing": "The request names no client.",
        "The authorization URL in the platform’s console is incomplete. Copy it, and the client id, from the client’s page.";
    ClientUnknown = "client_unknown": "No client has the id that was sent.",
        "Paste the client id from the client’s page into the platform’s console. If the client was deleted here, register it anew.";
    ClientIdIsSecret = "client_id_is_secret": "A secret was sent as the client id.",
        "Two fields are mixed up in the platform’s console: put each value into its place. Then replace the secret, because browsers have seen it.";
    ClientDisabled = "client_disabled": "The client is disabled.",
        "Enable it on its page when people may link again. Its links are kept.";
    RedirectMissing = "redirect_missing": "{app} sent no redirect URI.",
        "Every authorization request has to name one. Tell the platform’s developer, and compare the authorization URL in its console.";
    RedirectWhiteSpace = "redirect_white_space": "The redirect URI has white space around it.",
        "Remove the space before or after it in {app}’s console: it has to be equal to the registered one byte for byte.";
    RedirectLetterCase = "redirect_letter_case": "The redirect URI differs from the registered one in upper and lower case.",
        "Register it on the client’s page exactly as {app} sends it, or correct it in the platform’s console.";
    RedirectTrailingSlash = "redirect_trailing_slash": "The redirect URI differs from the registered one at the trailing slash.",
        "Register it on the client’s page exactly as {app} sends it, or correct it in the platform’s console.";
    RedirectPercentEncoding = "redirect_percent_encoding": "The redirect URI differs from the registered one in its percent-encoding.",
        "It is encoded once too often or once too little: correct it in the platform’s console, or register it exactly as {app} sends it.";
    RedirectScheme = "redirect_scheme": "The redirect URI differs from the registered one in its scheme.",
        "Only https is safe here: correct it in the platform’s console, then register exactly that.";
    RedirectHost = "redirect_host": "The redirect URI differs from the registered one in its host.",
        "If {app} has another address now, register it on the client’s page. If you don’t know this host, somebody may be trying to steal codes: leave it refused.";
    RedirectPort = "redirect_port": "The redirect URI differs from the registered one in its port.",
        "Register it on the client’s page exactly as {app} sends it, or correct it in the platform’s console.";
    RedirectPath = "redirect_path": "The redirect URI differs from the registered one in its path.",
        "Register it on the client’s page exactly as {app} sends it. Some platforms have a path for each project or vendor.";
    RedirectQuery = "redirect_query": "The redirect URI differs from the registered one in its query.",
        "Register it on the client’s page exactly as {app} sends it, query included.";
    RedirectFragment = "redirect_fragment": "The redirect URI has a fragment.",
        "No redirect URI may have one (RFC 6749 §3.1.2). Remove it in {app}’s console.";
    RedirectUnknown = "redirect_unknown": "The redirect URI is not one of the client’s.",
        "If it is {app}’s, register it on the client’s page. If you don’t know it, somebody may be trying to steal codes: leave it refused.";
    RedirectRemoved = "redirect_removed": "The redirect URI was taken from the client while the person was linking.",
        "Add it on the client’s page again if it is still {app}’s.";
    RequestUnreadable = "request_unreadable": "The request could not be read.",
        "Tell the platform’s developer what is said beside it.";
    RequestInvalid = "request_invalid": "{app} sent a request that is not valid.",
        "{app} was told what is said beside it. Compare the settings in the platform’s console with the client’s page.";
    ScopeRefused = "scope_refused": "{app} asked for a scope the client may not ask for.",
        "Allow the scope on the client’s page, or take it out of the platform’s console.";
    WrongPassword = "wrong_password": "The password was wrong.",
        "Help the person with the password.";
    WrongSecondFactor = "wrong_second_factor": "The password was right, and the code of the second step was wrong.",
        "Codes of an app count once and for about a minute: the phone’s clock may be off. Recovery codes work, too; who has lost everything needs their second factors cleared on the account’s page.";
    WrongPasskey = "wrong_passkey": "A passkey did not lead in.",
        "It may have been removed from the account, or the account is disabled. Other ways in may work.";
    PasskeyLate = "passkey_late": "A passkey answered a question that was over, or had been answered before.",
        "The login page asks for a passkey for five minutes: the person only has to try again.";
    UnknownEmail = "unknown_email": "No account has the e-mail address that was typed.",
        "Ask which address the person uses with your service; it is not kept here, because people mistype passwords into that field.";
    LoginClosed = "login_closed": "The account is disabled, or has no password.",
        "Enable the account on its page if the person may log in, or give it a password.";
    LoginLocked = "login_locked": "Logins to the account had failed too often, so the password was not looked at.",
        "It eases by itself, after a quarter of an hour at most: the person waits and tries again.";
    ProviderFailed = "provider_failed": "Signing in with another provider failed.",
        "See what is said beside it. Compare the client id, the secret and the callback address under Sign-in with what is registered at the provider.";
    FlowExpired = "flow_expired": "The person took longer than the time there is for linking.",
        "They only have to start again in {app}. If many take too long, see what holds them up before it.";
    OtherBrowser = "other_browser": "The page was opened in another browser than linking began in.",
        "Often an app’s web view hands over to the phone’s browser, or cookies are blocked. The person has to start again in {app} and stay there.";
    StaleForm = "stale_form": "The form was out of date, or came from another site.",
        "The person only has to reload the page. If it happens often, the web view may be losing cookies.";
    FormUnreadable = "form_unreadable": "The form that was posted could not be read.",
        "If it happens more than once, something between the browser and this server changes forms.";
    AlreadyLinked = "already_linked": "The page was opened again after linking was done.",
        "Nothing: the account is linked.";
    OtherAccount = "other_account": "The request had been answered with another account already.",
        "To link this account instead, the person starts again in {app}.";
    ChatLink = "chat_link": "The login link of the chat can’t be used.",
        "See what is said beside it. The authentication service in the chatbot builder has to hold the URL from the client’s page, and the domain code there has to be the one stored with this client.";
    ChatElsewhere = "chat_elsewhere": "The chat user is connected to another account.",
        "Only the other account’s owner, or you, can end that link; then the person connects again. If they know of no other account, somebody may have sent them a link.";
    Busy = "busy": "The server was too busy, or the database didn’t answer.",
        "A moment later it may work. See the log of that time, and the metrics.";
    TooMany = "too_many": "There were too many tries from the same place.",
        "It eases by itself: the page says when to try again.";
    Internal = "internal": "Something went wrong in this server.",
        "The log has the cause, beside this support code.";
    SecretMissing = "secret_missing": "The client secret was missing at the token URL.",
        "Paste the client secret into {app}’s console. A client that can’t keep one has to be registered as public.";
    SecretWrong = "secret_wrong": "The client secret at the token URL was wrong.",
        "Paste the current secret into {app}’s console, without a space before or after it. If you no longer have it, replace it on the client’s page.";
    SecretUnexpected = "secret_unexpected": "A public client sent a secret.",
        "This client is registered without one: empty the field in {app}’s console, or register a confidential client.";
    AssertionMissing = "assertion_missing": "The client has keys, and sent no signed assertion at the token URL.",
        "A client with keys proves itself by them alone (private_key_jwt): {app} must not send a secret. For a secret instead, take the keys away on the client’s page.";
    AssertionUnexpected = "assertion_unexpected": "A client without keys sent a signed assertion.",
        "Register the JWK Set of its public keys on the client’s page, or let {app} send the client secret.";
    AssertionRefused = "assertion_refused": "The client’s signed assertion was refused.",
        "See what is said beside it. If nothing more is, none of the registered keys made it: compare the JWK Set on the client’s page with what {app} signs with.";
    CodeMissing = "code_missing": "The token request had no code.",
        "Tell the platform’s developer: the code goes into the body, as `code`.";
    CodeUnknown = "code_unknown": "No code is known that reads like the one presented.",
        "Usually the platform changes it on the way (decodes or cuts it), or comes more than an hour late. Is the token URL this server’s own, and not that of a test installation?";
    CodeOfAnother = "code_of_another": "The code was issued to another client.",
        "Two registrations are mixed up: the authorization URL and the token request have to use the same client id.";
    CodeRedirectUri = "code_redirect_uri": "The redirect URI of the token request is not the one of the authorization request.",
        "{app} has to send the very same redirect_uri both times (RFC 6749 §4.1.3).";
    VerifierMissing = "verifier_missing": "PKCE was begun and not finished, or finished and not begun.",
        "A code_challenge needs its code_verifier at the token URL, and the other way round (RFC 7636). Tell the platform’s developer.";
    VerifierWrong = "verifier_wrong": "The PKCE verifier does not match.",
        "If it happens to everybody, the platform hashes it wrongly. Once, somebody may have tried to use a stolen code: it didn’t work.";
    CodeRepeated = "code_repeated": "The code was redeemed a moment before.",
        "Nothing: the platform asked twice, and the first answer counts.";
    CodeReplayed = "code_replayed": "The code was presented again after it was redeemed, so the link was ended.",
        "Either the platform redeems every code twice, or the code was stolen. The person has to link again.";
    CodeEnded = "code_ended": "The code’s link had ended already.",
        "The person has to link again.";
    CodeExpired = "code_expired": "The code had expired.",
        "{app} came too late. If it always does, raise the code lifetime on the client’s page (RFC 6749 allows ten minutes).";
    AccountDisabled = "account_disabled": "The account is disabled.",
        "Enable the account on its page if the person may link.";
    TokenRequestInvalid = "token_request_invalid": "A token request could not be understood.",
        "The platform was told what is said beside it. Usually the body is not a form, or the parameters are in the URL.";
}

impl Reason {
    /// The reason of that name.
    pub fn stored(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|reason| reason.as_str() == name)
    }

    /// Whether it passes by itself or changes nothing, so that the attempt may still succeed.
    pub const fn passes(self) -> bool {
        matches!(
            self,
            Self::StaleForm | Self::AlreadyLinked | Self::Busy | Self::TooMany | Self::CodeRepeated
        )
    }

    /// Why a redirect URI is refused.
    pub const fn of_difference(difference: Difference) -> Self {
        match difference {
            Difference::WhiteSpace => Self::RedirectWhiteSpace,
            Difference::LetterCase => Self::RedirectLetterCase,
            Difference::TrailingSlash => Self::RedirectTrailingSlash,
            Difference::PercentEncoding => Self::RedirectPercentEncoding,
            Difference::Scheme => Self::RedirectScheme,
            Difference::Host => Self::RedirectHost,
            Difference::Port => Self::RedirectPort,
            Difference::Path => Self::RedirectPath,
            Difference::Query => Self::RedirectQuery,
            Difference::Fragment => Self::RedirectFragment,
            Difference::Address => Self::RedirectUnknown,
        }
    }

    /// Why a request is refused that has a proven redirect URI.
    pub fn of_refusal(refusal: &OAuthError) -> Self {
        match refusal.code() {
            ErrorCode::InvalidScope => Self::ScopeRefused,
            ErrorCode::ServerError => Self::Internal,
            ErrorCode::TemporarilyUnavailable => Self::Busy,
            _ => Self::RequestInvalid,
        }
    }

    /// Why an error page was shown in the middle of a flow.
    pub const fn of_problem(problem: &Problem) -> Self {
        match problem {
            Problem::FlowExpired { .. } => Self::FlowExpired,
            Problem::OtherBrowser { .. } => Self::OtherBrowser,
            Problem::StaleForm => Self::StaleForm,
            Problem::UnknownClient { .. } => Self::ClientUnknown,
            Problem::ClientDisabled { .. } => Self::ClientDisabled,
            Problem::AlreadyLinked { .. } => Self::AlreadyLinked,
            Problem::OtherAccount { .. } => Self::OtherAccount,
            Problem::ChatOff { .. } => Self::ChatLink,
            Problem::ChatElsewhere { .. } => Self::ChatElsewhere,
            Problem::Busy { .. } => Self::Busy,
            Problem::TooMany { .. } => Self::TooMany,
            Problem::Internal => Self::Internal,
            // Within a flow, a request of a known client can only have lost its redirect URI.
            Problem::BadRequest {
                client: Some(_), ..
            } => Self::RedirectRemoved,
            Problem::BadRequest { client: None, .. }
            | Problem::NotFound
            | Problem::MethodNotAllowed { .. }
            | Problem::LongAddress
            | Problem::LargeHeaders
            | Problem::Late
            | Problem::TooLarge => Self::FormUnreadable,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_reason_is_stored_under_a_name_of_its_own_and_says_what_to_do() {
        let names: HashSet<_> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
        assert_eq!(names.len(), Reason::ALL.len());
        for reason in Reason::ALL {
            assert_eq!(Reason::stored(reason.as_str()), Some(*reason));
            for said in [reason.sentence(), reason.remedy()] {
                assert!(
                    said.ends_with('.') || said.ends_with('?') || said.ends_with(')'),
                    "{said}"
                );
            }
        }
    }
}
