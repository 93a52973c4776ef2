//! The pages of second factors: on the way in, and among a person's own.

use askama::{Result, Template};
use linkgate::{
    account::{
        knock::Refused,
        pages::LoginPage,
        second_step::{SecondStepPage, StepError},
    },
    event::attempt::Reason,
    factor::{passkey::Question, qr::Drawing},
    self_service::{
        confirmation::{Asked, Confirmation},
        factors::pages::{
            AddAppPage, AddPasskeyPage, CodesPage, Done, FactorsPage, PasskeyPage, PasskeyRow,
            RemoveAppPage, RenewCodesPage,
        },
        pages::Tab,
    },
    web::{
        i18n::{Lang, Words},
        time::Day,
    },
};

use crate::{
    own_account::around,
    samples::{frame, login, now},
    way_in::way,
};

const URI: &str = "otpauth://totp/Cafe:haneul%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Cafe&algorithm=SHA1&digits=6&period=30";

fn step(lang: Lang) -> SecondStepPage {
    SecondStepPage {
        frame: frame(lang, Some("CLOVA")),
        way: way(lang),
        ticket: "v1.ticket".to_owned(),
        recovery: false,
        has_app: true,
        passkey: None,
        error: None,
    }
}

fn asks(asked: Asked, refused: Option<Refused>) -> Confirmation {
    Confirmation { asked, refused }
}

fn overview(lang: Lang) -> FactorsPage {
    FactorsPage {
        frame: frame(lang, None),
        around: around(Tab::Security),
        app_since: Some(Day::of(now(), Words::new(lang))),
        passkeys: vec![PasskeyRow {
            id: "0190f0f0".to_owned(),
            name: "iPhone".to_owned(),
            since: Day::of(now(), Words::new(lang)),
            used: Some("2".to_owned()),
        }],
        passkeys_work: true,
        codes_left: Some(9),
        done: Some(Done::AppAdded),
    }
}

fn add(lang: Lang, confirmation: Confirmation, wrong: bool) -> AddAppPage {
    AddAppPage {
        frame: frame(lang, None),
        around: around(Tab::Security),
        confirmation,
        qr: Drawing::of(URI).unwrap(),
        seed: "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ".to_owned(),
        uri: URI.to_owned(),
        enrolment: "v1.enrolment".to_owned(),
        wrong,
    }
}

fn question() -> Question {
    Question {
        options: r#"{"publicKey":{"challenge":"AAAA"}}"#.to_owned(),
        challenge: "v1.challenge".to_owned(),
    }
}

fn add_passkey(lang: Lang, failed: bool) -> AddPasskeyPage {
    AddPasskeyPage {
        frame: frame(lang, None),
        around: around(Tab::Security),
        confirmation: asks(Asked::Password, None),
        question: question(),
        enrolment: "v1.enrolment".to_owned(),
        failed,
    }
}

fn remove(lang: Lang, confirmation: Confirmation) -> RemoveAppPage {
    RemoveAppPage {
        frame: frame(lang, None),
        around: around(Tab::Security),
        confirmation,
    }
}

fn renew(lang: Lang, confirmation: Confirmation) -> RenewCodesPage {
    RenewCodesPage {
        frame: frame(lang, None),
        around: around(Tab::Security),
        confirmation,
        enrolment: "v1.enrolment".to_owned(),
    }
}

fn codes(lang: Lang) -> CodesPage {
    CodesPage {
        frame: frame(lang, None),
        around: around(Tab::Security),
        codes: vec!["abcd-efgh-2345-6789".to_owned(); 10],
        done: Some(Done::AppAdded),
    }
}

fn passkey_pages(lang: Lang) -> Vec<(&'static str, Result<String>)> {
    let passkey = |kept| PasskeyPage {
        frame: frame(lang, None),
        around: around(Tab::Security),
        confirmation: asks(Asked::Password, None),
        id: "0190f0f0".to_owned(),
        name: "iPhone".to_owned(),
        used: None,
        kept,
    };
    let by_passkey = |has_app, error| SecondStepPage {
        has_app,
        recovery: !has_app,
        passkey: Some(question()),
        error,
        ..step(lang)
    };
    let login = LoginPage {
        passkey: Some(question()),
        ..login(lang)
    };
    vec![
        ("login-passkey", login.render()),
        ("second-step-passkey", by_passkey(false, None).render()),
        (
            "second-step-passkey-wrong",
            by_passkey(true, Some(StepError::Passkey)).render(),
        ),
        ("factors-passkey-add", add_passkey(lang, false).render()),
        ("factors-passkey-failed", add_passkey(lang, true).render()),
        ("factors-passkey", passkey(false).render()),
        ("factors-passkey-kept", passkey(true).render()),
    ]
}

/// Every page of second factors, with its name.
pub fn pages(lang: Lang) -> Vec<(&'static str, Result<String>)> {
    let wrong = Some(Refused::Wrong(Reason::WrongPassword));
    let wait = Some(Refused::TooMany { seconds: 40 });
    let recovery = SecondStepPage {
        recovery: true,
        ..step(lang)
    };
    let wrong_recovery = SecondStepPage {
        recovery: true,
        error: Some(StepError::Wrong),
        ..step(lang)
    };
    let failed = |error| SecondStepPage {
        error: Some(error),
        ..step(lang)
    };
    let off = FactorsPage {
        app_since: None,
        passkeys: Vec::new(),
        codes_left: None,
        done: Some(Done::AppRemoved),
        ..overview(lang)
    };
    let renew = renew(lang, asks(Asked::Code, wrong));
    let asked = asks(Asked::Password, None);
    let mut pages = vec![
        ("second-step", step(lang).render()),
        ("second-step-wrong", failed(StepError::Wrong).render()),
        (
            "second-step-wait",
            failed(StepError::TooMany { seconds: 90 }).render(),
        ),
        ("second-step-recovery", recovery.render()),
        ("second-step-recovery-wrong", wrong_recovery.render()),
        ("factors", overview(lang).render()),
        ("factors-off", off.render()),
        ("factors-app-add", add(lang, asked, false).render()),
        (
            "factors-app-wrong",
            add(lang, asks(Asked::Nothing, None), true).render(),
        ),
        (
            "factors-app-mistaken",
            add(lang, asks(Asked::Password, wrong), false).render(),
        ),
        ("factors-app-remove", remove(lang, asked).render()),
        (
            "factors-app-remove-wait",
            remove(lang, asks(Asked::Password, wait)).render(),
        ),
        ("factors-codes-renew", renew.render()),
        ("factors-codes", codes(lang).render()),
    ];
    pages.extend(passkey_pages(lang));
    pages
}
