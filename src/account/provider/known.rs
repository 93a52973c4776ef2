//! What is known of the providers, as data: where they are, what they are asked for, and how what they
//! say about a person is read. Each fact is from the page that is named beside it.

use jsonwebtoken::Algorithm;
use serde::{Deserialize, Serialize};

/// What a provider speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// NAVER Login.
    Naver,
    /// LINE Login v2.1.
    Line,
    /// Kakao Login.
    Kakao,
    /// Google's OpenID Connect.
    Google,
    /// OpenID Connect with discovery, whoever provides it.
    OpenIdConnect,
}

/// What is known of one kind.
#[derive(Debug)]
pub struct Known {
    /// As it is stored, and the id that a provider of this kind gets.
    pub word: &'static str,
    /// What people call it; empty where that depends.
    pub names: Called,
    /// Where it is; none where discovery tells.
    pub place: Option<Place>,
    /// What is asked for beside the e-mail address.
    pub scopes: &'static [&'static str],
    /// What asks for the e-mail address.
    pub email_scope: Option<&'static str>,
    /// Whether it takes a PKCE challenge (RFC 7636).
    pub pkce: bool,
    /// How we prove who we are, where discovery doesn't tell.
    pub secret_in: SecretIn,
    /// The error it says when the person thought better of it.
    pub cancelled: &'static str,
    /// What it signs ID tokens with; none where it issues none. `HS256` means our client secret.
    pub signs_with: &'static [Algorithm],
    /// How an ID token's claims are read.
    pub claims: Reading,
    /// How what it answers about a person is read, where it has to be asked.
    pub answers: Option<Reading>,
    /// Whether it turns embedded web views away.
    pub refuses_web_views: bool,
    /// Where an application is registered there.
    pub console: &'static str,
}

/// A name in each language.
#[derive(Debug, Clone, Copy)]
pub struct Called {
    /// In Korean.
    pub ko: &'static str,
    /// In English.
    pub en: &'static str,
    /// In Japanese.
    pub ja: &'static str,
}

/// A provider's addresses.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// What ID tokens call it; the first one is what it is called today. None where there are none.
    pub issuers: &'static [&'static str],
    /// Where people are sent.
    pub authorize: &'static str,
    /// Where codes are exchanged.
    pub token: &'static str,
    /// Where it publishes its keys, if it does.
    pub keys: Option<&'static str>,
    /// Where it is asked about a person, if that is needed.
    pub about: Option<&'static str>,
}

/// Where a client secret goes (RFC 6749 §2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretIn {
    /// Into the body.
    Body,
    /// Into the `Authorization` header.
    Header,
}

/// Where a person's particulars stand in what a provider says, as JSON pointers (RFC 6901).
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// What has to be there, and what it has to be, or the answer is a refusal.
    pub success: Option<(&'static str, &'static str)>,
    /// Who it is: a text or a whole number.
    pub subject: &'static str,
    /// The e-mail address.
    pub email: &'static str,
    /// What has to be true for the address to be proven; none: it never is.
    pub email_proofs: &'static [&'static str],
    /// The name; the first one that is there.
    pub names: &'static [&'static str],
}

/// OpenID Connect Core §5.1.
const STANDARD: Reading = Reading {
    success: None,
    subject: "/sub",
    email: "/email",
    email_proofs: &["/email_verified"],
    names: &["/name", "/nickname", "/preferred_username"],
};

/// <https://developers.naver.com/docs/login/api/api.md> and
/// <https://developers.naver.com/docs/login/profile/profile.md>: OAuth 2.0 without scopes (what is
/// shared is set in its console) and without ID tokens. The profile is nested in `response` beside a
/// `resultcode`. The address is one that a person may have typed there, so it proves nothing here.
static NAVER: Known = Known {
    word: "naver",
    names: Called {
        ko: "네이버",
        en: "NAVER",
        ja: "NAVER",
    },
    place: Some(Place {
        issuers: &[],
        authorize: "https://nid.naver.com/oauth2.0/authorize",
        token: "https://nid.naver.com/oauth2.0/token",
        keys: None,
        about: Some("https://openapi.naver.com/v1/nid/me"),
    }),
    scopes: &[],
    email_scope: None,
    // Not documented.
    pkce: false,
    secret_in: SecretIn::Body,
    cancelled: "access_denied",
    signs_with: &[],
    claims: STANDARD,
    answers: Some(Reading {
        success: Some(("/resultcode", "00")),
        subject: "/response/id",
        email: "/response/email",
        email_proofs: &[],
        names: &["/response/name", "/response/nickname"],
    }),
    refuses_web_views: false,
    console: "https://developers.naver.com/apps",
};

/// <https://developers.line.biz/en/docs/line-login/integrate-line-login/>, …/integrate-pkce/ and
/// …/verify-id-token/: ID tokens of a web login are signed with the channel secret (HS256), others with
/// published keys (ES256). Asking for the address needs a permission; whether it was proven isn't said.
static LINE: Known = Known {
    word: "line",
    names: Called {
        ko: "LINE",
        en: "LINE",
        ja: "LINE",
    },
    place: Some(Place {
        issuers: &["https://access.line.me"],
        authorize: "https://access.line.me/oauth2/v2.1/authorize",
        token: "https://api.line.me/oauth2/v2.1/token",
        keys: Some("https://api.line.me/oauth2/v2.1/certs"),
        about: None,
    }),
    scopes: &["openid", "profile"],
    email_scope: Some("email"),
    pkce: true,
    secret_in: SecretIn::Body,
    cancelled: "access_denied",
    signs_with: &[Algorithm::HS256, Algorithm::ES256],
    claims: Reading {
        email_proofs: &[],
        ..STANDARD
    },
    answers: None,
    refuses_web_views: false,
    console: "https://developers.line.biz/console/",
};

/// <https://developers.kakao.com/docs/latest/en/kakaologin/rest-api> and …/utilize#oidc: with OpenID
/// Connect switched on in its console, an ID token comes beside the access token. The address is shared
/// only if the person agrees, and is proven when it is both valid and verified.
static KAKAO: Known = Known {
    word: "kakao",
    names: Called {
        ko: "카카오",
        en: "Kakao",
        ja: "Kakao",
    },
    place: Some(Place {
        issuers: &["https://kauth.kakao.com"],
        authorize: "https://kauth.kakao.com/oauth/authorize",
        token: "https://kauth.kakao.com/oauth/token",
        keys: Some("https://kauth.kakao.com/.well-known/jwks.json"),
        about: Some("https://kapi.kakao.com/v2/user/me"),
    }),
    scopes: &["openid", "profile_nickname"],
    email_scope: Some("account_email"),
    pkce: true,
    secret_in: SecretIn::Body,
    cancelled: "access_denied",
    signs_with: &[Algorithm::RS256],
    claims: Reading {
        email_proofs: &[],
        ..STANDARD
    },
    answers: Some(Reading {
        success: None,
        subject: "/id",
        email: "/kakao_account/email",
        email_proofs: &[
            "/kakao_account/is_email_valid",
            "/kakao_account/is_email_verified",
        ],
        names: &["/kakao_account/profile/nickname", "/properties/nickname"],
    }),
    refuses_web_views: false,
    console: "https://developers.kakao.com/console/app",
};

/// <https://developers.google.com/identity/openid-connect/reference>: both spellings of the issuer are
/// in use. <https://developers.google.com/identity/protocols/oauth2/policies>: embedded web views are
/// turned away (`disallowed_useragent`).
static GOOGLE: Known = Known {
    word: "google",
    names: Called {
        ko: "Google",
        en: "Google",
        ja: "Google",
    },
    place: Some(Place {
        issuers: &["https://accounts.google.com", "accounts.google.com"],
        authorize: "https://accounts.google.com/o/oauth2/v2/auth",
        token: "https://oauth2.googleapis.com/token",
        keys: Some("https://www.googleapis.com/oauth2/v3/certs"),
        about: None,
    }),
    scopes: &["openid", "profile"],
    email_scope: Some("email"),
    pkce: true,
    secret_in: SecretIn::Body,
    cancelled: "access_denied",
    signs_with: &[Algorithm::RS256],
    claims: STANDARD,
    answers: None,
    refuses_web_views: true,
    console: "https://console.cloud.google.com/auth/clients",
};

/// OpenID Connect Core 1.0 and Discovery 1.0. It is asked about a person where the ID token leaves out
/// the address (Core §5.4).
static OPENID_CONNECT: Known = Known {
    word: "oidc",
    names: Called {
        ko: "",
        en: "",
        ja: "",
    },
    place: None,
    scopes: &["openid", "profile"],
    email_scope: Some("email"),
    pkce: true,
    secret_in: SecretIn::Header,
    cancelled: "access_denied",
    signs_with: &[
        Algorithm::RS256,
        Algorithm::PS256,
        Algorithm::ES256,
        Algorithm::ES384,
        Algorithm::EdDSA,
    ],
    claims: STANDARD,
    answers: Some(STANDARD),
    refuses_web_views: false,
    console: "",
};

impl Kind {
    /// Every one, in the order in which they are offered to owners.
    pub const ALL: [Self; 5] = [
        Self::Naver,
        Self::Kakao,
        Self::Line,
        Self::Google,
        Self::OpenIdConnect,
    ];

    /// What is known of it.
    pub fn known(self) -> &'static Known {
        match self {
            Self::Naver => &NAVER,
            Self::Line => &LINE,
            Self::Kakao => &KAKAO,
            Self::Google => &GOOGLE,
            Self::OpenIdConnect => &OPENID_CONNECT,
        }
    }

    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        self.known().word
    }

    /// The one that is stored so.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// What owners call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::OpenIdConnect => "OpenID Connect",
            known => known.known().names.en,
        }
    }

    /// The letter on the button where others would show a logo.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Naver => "N",
            Self::Line => "L",
            Self::Kakao => "K",
            Self::Google => "G",
            Self::OpenIdConnect => "·",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_known_by_the_word_it_is_stored_as() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(Kind::parse("apple"), None);
    }

    #[test]
    fn every_kind_proves_who_somebody_is_in_some_way() {
        for kind in Kind::ALL {
            let known = kind.known();
            assert!(
                !known.signs_with.is_empty() || known.answers.is_some(),
                "{kind:?}"
            );
            if let Some(place) = known.place {
                assert_eq!(known.signs_with.is_empty(), place.issuers.is_empty());
                assert_eq!(known.answers.is_some(), place.about.is_some(), "{kind:?}");
            }
        }
    }
}
