//! The pages on which people look after their own accounts.

use askama::Template;
use chrono::Duration;
use linkgate::account::{knock::Refused, new_password::Weakness, verify::CodeError};
use linkgate::event::attempt::Reason;
use linkgate::self_service::confirmation::{Asked, Confirmation};
use linkgate::self_service::email::pages::{EmailCodePage, EmailMistake, EmailPage};
use linkgate::self_service::pages::{
    Around, Changed, DeletionPage, DetailsPage, LanguageChoice, PasswordMistake, PasswordPage,
    SecurityPage, SessionRow, Tab,
};
use linkgate::web::i18n::{Lang, Words};
use linkgate::web::time::{Day, ago};

use crate::samples::{frame, now};

pub fn around(tab: Tab) -> Around {
    Around {
        tab,
        leaves: None,
        csrf: "csrf-token".to_owned(),
    }
}

pub fn security(lang: Lang, device: &str) -> SecurityPage {
    let words = Words::new(lang);
    let session = |id: &str, device: &str, here, days| SessionRow {
        id: id.to_owned(),
        device: device.to_owned(),
        here,
        since: Day::of(now() - Duration::days(days), words),
        seen: ago(now() - Duration::hours(days * 5), now(), words),
    };
    SecurityPage {
        frame: frame(lang, None),
        around: around(Tab::Security),
        sessions: vec![
            session("AAAAAAAAAAAAAAAAAAAAAA", "NAVER · Android", true, 0),
            session("AAAAAAAAAAAAAAAAAAAAAB", device, false, 3),
        ],
        ended: false,
        changed: false,
        connected: crate::providers::connected(lang),
    }
}

pub fn password(lang: Lang) -> PasswordPage {
    PasswordPage {
        frame: frame(lang, None),
        around: around(Tab::Security),
        apps: vec!["CLOVA".to_owned(), "Alexa".to_owned()],
        mistake: None,
    }
}

pub fn details(lang: Lang) -> DetailsPage {
    let choice = |other: Lang| LanguageChoice {
        tag: other.tag().to_owned(),
        label: Words::new(other).say("language-name"),
        chosen: other == lang,
    };
    DetailsPage {
        frame: frame(lang, None),
        around: around(Tab::You),
        name: "김하늘".to_owned(),
        name_refused: false,
        email: "haneul@example.com".to_owned(),
        email_changes: true,
        languages: Lang::ALL.into_iter().map(choice).collect(),
        changed: None,
    }
}

pub fn deletion(lang: Lang) -> DeletionPage {
    DeletionPage {
        frame: frame(lang, None),
        around: around(Tab::You),
        day: Day::of(now() + Duration::days(7), Words::new(lang)),
        apps: vec!["CLOVA".to_owned(), "Alexa".to_owned()],
        confirmation: confirmation(Asked::Password, None),
    }
}

fn confirmation(asked: Asked, refused: Option<Refused>) -> Confirmation {
    Confirmation { asked, refused }
}

pub fn email(lang: Lang) -> EmailPage {
    EmailPage {
        frame: frame(lang, None),
        around: around(Tab::You),
        confirmation: confirmation(Asked::Password, None),
        current: "haneul@example.com".to_owned(),
        email: String::new(),
        mistake: None,
        again: false,
    }
}

fn email_code(lang: Lang) -> EmailCodePage {
    EmailCodePage {
        frame: frame(lang, None),
        around: around(Tab::You),
        ticket: "v1.ticket".to_owned(),
        email: "new.home@example.com".to_owned(),
        error: None,
        sent_before: false,
    }
}

/// The pages of another e-mail address.
pub fn email_pages(lang: Lang) -> Vec<(&'static str, askama::Result<String>)> {
    let mistaken = |mistake| {
        let page = EmailPage {
            email: "new.home@example.com".to_owned(),
            mistake: Some(mistake),
            ..email(lang)
        };
        page.render()
    };
    let asked = |asked, refused| {
        let page = EmailPage {
            confirmation: confirmation(asked, refused),
            ..email(lang)
        };
        page.render()
    };
    let again = EmailPage {
        again: true,
        ..email(lang)
    };
    let typed = |error| EmailCodePage {
        error: Some(error),
        ..email_code(lang)
    };
    let before = EmailCodePage {
        sent_before: true,
        ..email_code(lang)
    };
    vec![
        ("email", email(lang).render()),
        ("email-again", again.render()),
        ("email-wrong", mistaken(EmailMistake::Wrong)),
        ("email-own", mistaken(EmailMistake::Own)),
        ("email-taken", mistaken(EmailMistake::Taken)),
        (
            "email-too-many",
            mistaken(EmailMistake::TooMany { seconds: 2400 }),
        ),
        ("email-password-wrong", asked(Asked::Password, Some(WRONG))),
        ("email-code-wanted", asked(Asked::Code, None)),
        ("email-login-wanted", asked(Asked::Login, None)),
        ("email-code", email_code(lang).render()),
        ("email-code-wrong", typed(CodeError::Wrong).render()),
        ("email-code-over", typed(CodeError::Over).render()),
        ("email-code-before", before.render()),
    ]
}

const WRONG: Refused = Refused::Wrong(Reason::WrongPassword);
const WAIT: Refused = Refused::TooMany { seconds: 10 };

/// The pages about one's own account, in each of their moods.
pub fn pages(lang: Lang) -> Vec<(&'static str, askama::Result<String>)> {
    let ended = SecurityPage {
        ended: true,
        ..security(lang, "Safari · iPhone")
    };
    let leaving = DetailsPage {
        around: Around {
            leaves: Some(Day::of(now() + Duration::days(7), Words::new(lang))),
            ..around(Tab::You)
        },
        ..details(lang)
    };
    let refused = DetailsPage {
        name_refused: true,
        name: String::new(),
        ..details(lang)
    };
    let mistaken = |mistake| {
        let page = PasswordPage {
            mistake: Some(mistake),
            ..password(lang)
        };
        page.render()
    };
    let wrong = DeletionPage {
        confirmation: confirmation(Asked::Password, Some(WRONG)),
        apps: Vec::new(),
        ..deletion(lang)
    };
    let wait = DeletionPage {
        confirmation: confirmation(Asked::Password, Some(WAIT)),
        ..deletion(lang)
    };
    let login = DeletionPage {
        confirmation: confirmation(Asked::Login, None),
        ..deletion(lang)
    };
    let moved = DetailsPage {
        changed: Some(Changed::Address),
        ..details(lang)
    };
    vec![
        ("security", security(lang, "Whale · Windows").render()),
        ("security-ended", ended.render()),
        ("you", details(lang).render()),
        ("you-leaving", leaving.render()),
        ("you-refused", refused.render()),
        ("password", password(lang).render()),
        ("password-wrong", mistaken(PasswordMistake::Current(WRONG))),
        ("password-wait", mistaken(PasswordMistake::Current(WAIT))),
        (
            "password-weak",
            mistaken(PasswordMistake::Weak(Weakness::Word)),
        ),
        ("delete", deletion(lang).render()),
        ("delete-wrong", wrong.render()),
        ("delete-wait", wait.render()),
        ("delete-login", login.render()),
        ("you-moved", moved.render()),
    ]
}
