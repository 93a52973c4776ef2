//! The pages on which people look after their own accounts.

use askama::Template;
use chrono::Duration;
use linkgate::account::{knock::Refused, new_password::Weakness};
use linkgate::event::attempt::Reason;
use linkgate::self_service::pages::{
    Around, DeletionPage, DetailsPage, LanguageChoice, PasswordMistake, PasswordPage, SecurityPage,
    SessionRow, Tab,
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
        languages: Lang::ALL.into_iter().map(choice).collect(),
        saved: false,
    }
}

pub fn deletion(lang: Lang) -> DeletionPage {
    DeletionPage {
        frame: frame(lang, None),
        around: around(Tab::You),
        day: Day::of(now() + Duration::days(7), Words::new(lang)),
        apps: vec!["CLOVA".to_owned(), "Alexa".to_owned()],
        wrong: false,
        wait: None,
        has_password: true,
    }
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
        wrong: true,
        apps: Vec::new(),
        ..deletion(lang)
    };
    let wait = DeletionPage {
        wait: Some(10),
        ..deletion(lang)
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
    ]
}
