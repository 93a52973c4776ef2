//! The pages of signing in with others.

use askama::Template;
use chrono::Duration;
use linkgate::account::provider::{
    Kind,
    directory::Button,
    pages::{ConnectPage, NewcomerPage, TroublePage},
    trouble::Trouble,
};
use linkgate::self_service::pages::{Connected, ConnectedRow, SecurityPage};
use linkgate::web::frame::mark;
use linkgate::web::i18n::{Lang, Words};
use linkgate::web::time::{Day, ago};

use crate::own_account::security;
use crate::samples::{frame, login, now, service};
use crate::way_in::way;

/// One of each kind that is known.
pub fn buttons(lang: Lang) -> Vec<Button> {
    let kinds = [Kind::Naver, Kind::Kakao, Kind::Line, Kind::Google];
    let button = |kind: Kind| {
        let names = kind.known().names;
        let name = match lang {
            Lang::Ko => names.ko,
            Lang::En => names.en,
            Lang::Ja => names.ja,
        };
        Button {
            id: kind.as_str().to_owned(),
            kind: kind.as_str(),
            mark: mark(name),
            name: name.to_owned(),
        }
    };
    kinds.into_iter().map(button).collect()
}

/// Two that are connected, one of them switched off.
pub fn connected(lang: Lang) -> Connected {
    let words = Words::new(lang);
    let row = |button: Button, enabled: bool| ConnectedRow {
        id: format!("0198c2f0-0000-7000-8000-00000000000{}", u8::from(enabled)),
        kind: button.kind,
        mark: button.mark,
        name: button.name,
        email: enabled.then(|| "haneul@example.com".to_owned()),
        since: Day::of(now() - Duration::days(40), words),
        used: enabled.then(|| ago(now() - Duration::hours(30), now(), words)),
        enabled,
    };
    let mut offers = buttons(lang);
    let rows = offers.split_off(2).into_iter().zip([true, false]);
    Connected {
        rows: rows.map(|(button, enabled)| row(button, enabled)).collect(),
        offers,
        has_password: true,
        kept: false,
    }
}

fn trouble(lang: Lang, trouble: Trouble) -> TroublePage {
    let frame = frame(lang, Some("CLOVA"));
    let words = frame.words;
    let [title, explanation, what_to_do] = trouble.sentences(words, "NAVER", service(lang));
    TroublePage {
        frame,
        way: way(lang),
        title,
        explanation,
        what_to_do,
        failed: trouble != Trouble::Cancelled,
        buttons: buttons(lang).into_iter().take(1).collect(),
        back: (
            words.say("with-other-ways"),
            "/login?flow=v1.sealed".to_owned(),
        ),
    }
}

/// What somebody else wrote may stand in each place of it.
pub fn newcomer(lang: Lang, text: &str) -> NewcomerPage {
    NewcomerPage {
        frame: frame(lang, Some("CLOVA")),
        way: way(lang),
        provider: text.to_owned(),
        ticket: None,
        email: text.to_owned(),
        email_proven: true,
        email_is_wrong: false,
        name: text.to_owned(),
        name_is_wrong: false,
        above: None,
    }
}

/// The same, of who signs in to an account.
pub fn connect(lang: Lang, text: &str) -> ConnectPage {
    ConnectPage {
        frame: frame(lang, Some("CLOVA")),
        way: way(lang),
        provider: text.to_owned(),
        theirs: text.to_owned(),
        account_name: text.to_owned(),
        account_email: text.to_owned(),
    }
}

/// Each page, in each of its moods.
pub fn pages(lang: Lang) -> Vec<(&'static str, askama::Result<String>)> {
    let troubles = [
        "with-cancelled",
        "with-failed",
        "with-down",
        "with-over",
        "with-off",
        "with-web-view",
        "with-paused",
        "with-elsewhere",
    ];
    let troubles = troubles.into_iter().zip(Trouble::ALL);
    let mut pages: Vec<_> = troubles
        .map(|(name, kind)| (name, trouble(lang, kind).render()))
        .collect();
    let existing = linkgate::account::pages::LoginPage {
        email: "haneul@example.com".to_owned(),
        connect: Some(("NAVER".to_owned(), "haneul@example.com".to_owned())),
        ..login(lang)
    };
    let proven = NewcomerPage {
        name: "김하늘".to_owned(),
        email: "haneul@example.com".to_owned(),
        ..newcomer(lang, "Google")
    };
    let unproven = NewcomerPage {
        email: "haneul".to_owned(),
        email_proven: false,
        email_is_wrong: true,
        name: String::new(),
        name_is_wrong: true,
        ..newcomer(lang, "LINE")
    };
    let asked = ConnectPage {
        theirs: "haneul@naver.com".to_owned(),
        account_name: "김하늘".to_owned(),
        account_email: "haneul@example.com".to_owned(),
        ..connect(lang, "NAVER")
    };
    let kept = SecurityPage {
        connected: Connected {
            has_password: false,
            kept: true,
            ..connected(lang)
        },
        ..security(lang, "Safari · iPhone")
    };
    pages.extend([
        ("login-connect", existing.render()),
        ("with-new", proven.render()),
        ("with-new-wrong", unproven.render()),
        ("with-connect", asked.render()),
        ("security-kept", kept.render()),
    ]);
    pages
}

#[test]
fn what_a_provider_says_of_somebody_stays_text() {
    for lang in Lang::ALL {
        let pages = [
            newcomer(lang, crate::HOSTILE).render(),
            connect(lang, crate::HOSTILE).render(),
        ];
        for page in pages {
            crate::assert_only_text(&page.unwrap());
        }
    }
}
