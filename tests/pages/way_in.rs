//! The pages of a sign-up and of a forgotten password, and every letter.

use askama::{Result, Template};
use chrono::{DateTime, Duration, TimeZone, Utc};
use linkgate::account::{
    address::{AddressError, AddressPage, closed_notice},
    finish::FinishPage,
    mailed_code::Purpose,
    new_password::Weakness,
    verify::{CodeError, CodePage, Sent},
    way_in::OnTheWay,
};
use linkgate::mail::letter::{Filled, Letter, StepChange, Written};
use linkgate::web::i18n::{Lang, Words};
use linkgate::web::state::PublicUrl;
use linkgate::web::time::TimeLeft;

use crate::samples::{frame, service};

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 5, 4, 9, 30, 0).unwrap()
}

pub fn way(lang: Lang) -> OnTheWay {
    let left = now() + Duration::seconds(250);
    OnTheWay {
        csrf: "csrf-token".to_owned(),
        flow: Some("v1.sealed".to_owned()),
        client_name: Some("CLOVA".to_owned()),
        time_left: Some(TimeLeft::until(left, now(), Words::new(lang))),
    }
}

pub fn address(lang: Lang, purpose: Purpose) -> AddressPage {
    AddressPage {
        frame: frame(lang, Some("CLOVA")),
        way: way(lang),
        purpose,
        invited_only: false,
        email: String::new(),
        error: None,
        again: false,
        buttons: crate::providers::buttons(lang),
    }
}

pub fn code(lang: Lang) -> CodePage {
    CodePage {
        frame: frame(lang, Some("CLOVA")),
        way: way(lang),
        ticket: "v1.ticket".to_owned(),
        purpose: Purpose::SignUp,
        email: "haneul@example.com".to_owned(),
        error: None,
        sent: None,
    }
}

pub fn finish(lang: Lang, purpose: Purpose) -> FinishPage {
    FinishPage {
        frame: frame(lang, Some("CLOVA")),
        way: way(lang),
        ticket: "v1.ticket".to_owned(),
        purpose,
        email: "haneul@example.com".to_owned(),
        name: String::new(),
        name_is_wrong: false,
        weakness: None,
    }
}

/// Every page on the way, with its name.
pub fn pages(lang: Lang) -> Vec<(&'static str, Result<String>)> {
    let (sign_up, recovery) = (Purpose::SignUp, Purpose::Recovery);
    let wrong = AddressPage {
        email: "haneul".to_owned(),
        error: Some(AddressError::Wrong),
        invited_only: true,
        ..address(lang, sign_up)
    };
    let many = AddressPage {
        error: Some(AddressError::TooMany { minutes: 40 }),
        ..address(lang, sign_up)
    };
    let again = AddressPage {
        again: true,
        ..address(lang, recovery)
    };
    let wrong_code = CodePage {
        error: Some(CodeError::Wrong),
        ..code(lang)
    };
    let over = CodePage {
        error: Some(CodeError::Over),
        ..code(lang)
    };
    let sent = |sent| CodePage {
        sent: Some(sent),
        ..code(lang)
    };
    let weak = FinishPage {
        name_is_wrong: true,
        weakness: Some(Weakness::Common),
        ..finish(lang, sign_up)
    };
    let closed = |purpose| closed_notice(purpose, frame(lang, None), None);
    vec![
        ("sign-up", address(lang, sign_up).render()),
        ("sign-up-wrong", wrong.render()),
        ("sign-up-too-many", many.render()),
        ("sign-up-closed", closed(sign_up).render()),
        ("forgot", address(lang, recovery).render()),
        ("forgot-again", again.render()),
        ("forgot-closed", closed(recovery).render()),
        ("code", code(lang).render()),
        ("code-wrong", wrong_code.render()),
        ("code-over", over.render()),
        ("code-sent-again", sent(Sent::Again).render()),
        ("code-sent-before", sent(Sent::Before).render()),
        ("finish", finish(lang, sign_up).render()),
        ("finish-weak", weak.render()),
        ("reset", finish(lang, recovery).render()),
    ]
}

fn every_letter() -> Vec<Letter> {
    let (at, client) = (now(), || "CLOVA".to_owned());
    let reasons = [
        "account",
        "admin",
        "platform",
        "idle",
        "password_change",
        "code_replayed",
    ];
    let ended = reasons.map(|reason| Letter::LinkEnded {
        client: client(),
        reason: reason.to_owned(),
        at,
    });
    let device = Some("Chrome · Android".to_owned());
    let mut letters = vec![
        Letter::SignUpCode,
        Letter::AddressTaken,
        Letter::NotInvited,
        Letter::Invitation { until: at },
        Letter::ResetCode,
        Letter::ResetUnknown,
        Letter::ResetPaused,
        Letter::PasswordChanged { at },
        Letter::NewDevice { device, at },
        Letter::NewDevice { device: None, at },
        Letter::LinkMade {
            client: client(),
            at,
        },
        Letter::SignInConnected {
            provider: "NAVER".to_owned(),
            at,
        },
        Letter::SignInDisconnected {
            provider: "NAVER".to_owned(),
            at,
        },
    ];
    let changes = [
        StepChange::AppAdded,
        StepChange::AppRemoved,
        StepChange::PasskeyAdded,
        StepChange::PasskeyRemoved,
        StepChange::CodesRenewed,
        StepChange::CodeUsed,
        StepChange::Cleared,
    ];
    letters.extend(changes.map(|change| Letter::SecondStep { change, at }));
    letters.extend(ended);
    letters.extend(account_letters(at));
    letters
}

fn account_letters(at: DateTime<Utc>) -> Vec<Letter> {
    vec![
        Letter::EmailCode,
        Letter::EmailTaken,
        Letter::EmailLeft {
            masked: "n…@example.com".to_owned(),
            at,
        },
        Letter::EmailHere { at },
        Letter::DeletionAsked {
            until: at + Duration::days(7),
            at,
        },
        Letter::DeletionCalledOff { at },
        Letter::AccountDeleted { at },
        Letter::ManyLinks { ended: false, at },
        Letter::ManyLinks { ended: true, at },
    ]
}

/// Every letter in one language, with its name.
pub fn letters(lang: Lang) -> Vec<(String, Written)> {
    let url = PublicUrl::new(&"https://link.example.com".parse().unwrap());
    let filled = Filled {
        words: Words::new(lang),
        service: service(lang),
        url: &url,
        code: Some("270418"),
        minutes_left: 10,
    };
    let letters = every_letter().into_iter().enumerate();
    letters
        .map(|(number, letter)| {
            let name = format!("mail-{number:02}-{}.{}", letter.name(), lang.tag());
            (name, letter.written(&filled).unwrap())
        })
        .collect()
}
