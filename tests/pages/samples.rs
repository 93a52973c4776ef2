//! Pages filled with what a real one could hold.

use askama::Template;
use chrono::{DateTime, Duration, TimeZone, Utc};
use linkgate::account::pages::{LoginError, LoginNotice, LoginPage};
use linkgate::authorize::pages::ConsentPage;
use linkgate::chatbot::connect::pages::ConnectPage;
use linkgate::client::scope_sentence::ScopeLine;
use linkgate::self_service::pages::{LinkCard, LinkMood, LinkedAppsPage, Tab};
use linkgate::web::frame::{Bond, Frame, LanguageLink, mark, stylesheet};
use linkgate::web::i18n::{Lang, Words};
use linkgate::web::pages::{ErrorPage, HomePage, NoticePage, PrivacyPage, Problem};
use linkgate::web::time::{Day, TimeLeft, ago};

use crate::own_account;

pub fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 5, 4, 9, 30, 0).unwrap()
}

pub fn service(lang: Lang) -> &'static str {
    match lang {
        Lang::Ko => "한강피자",
        Lang::En => "Hangang Pizza",
        Lang::Ja => "漢江ピザ",
    }
}

pub fn frame(lang: Lang, bond: Option<&str>) -> Frame {
    Frame {
        words: Words::new(lang),
        service_name: service(lang).to_owned(),
        bond: bond.map(Bond::to),
        languages: LanguageLink::to_page("/login", &[("flow", "v1.sealed")], lang),
        privacy_url: Some("/privacy".to_owned()),
        stylesheet: stylesheet(),
        logo: None,
        terms_url: None,
        contact: None,
    }
}

pub fn login(lang: Lang) -> LoginPage {
    LoginPage {
        frame: frame(lang, Some("CLOVA")),
        email: String::new(),
        error: None,
        notice: None,
        client_name: Some("CLOVA".to_owned()),
        time_left: Some(TimeLeft::until(
            now() + Duration::seconds(290),
            now(),
            Words::new(lang),
        )),
        connect: None,
        buttons: crate::providers::buttons(lang),
        action: "/login".to_owned(),
        sign_up: Some("/signup?flow=v1.sealed".to_owned()),
        forgot: "/password/forgot?flow=v1.sealed".to_owned(),
        flow: Some("v1.sealed".to_owned()),
        passkey: None,
        csrf: "csrf-token".to_owned(),
    }
}

pub fn consent(lang: Lang) -> ConsentPage {
    let words = Words::new(lang);
    let scopes = ["account:id", "account:profile", "account:attributes"];
    ConsentPage {
        frame: frame(lang, Some("CLOVA")),
        client_name: "CLOVA".to_owned(),
        account_name: "김하늘".to_owned(),
        account_email: "haneul@example.com".to_owned(),
        scopes: scopes
            .iter()
            .filter_map(|scope| ScopeLine::built_in(scope, service(lang), words))
            .collect(),
        not_you_action: "/logout".to_owned(),
        return_host: "prod-ni-cic.clova.ai".to_owned(),
        time_left: TimeLeft::until(now() + Duration::seconds(250), now(), words),
        csrf: "csrf-token".to_owned(),
        flow: "v1.sealed".to_owned(),
        named: "v1.named".to_owned(),
    }
}

pub fn connect(lang: Lang) -> ConnectPage {
    let asked = consent(lang);
    ConnectPage {
        frame: frame(lang, Some("Guide bot")),
        client_name: "Guide bot".to_owned(),
        platform: "line".to_owned(),
        user_id: "U4f1a0001d2c34b5e96788f90a1b2c3d4e".to_owned(),
        account_name: asked.account_name,
        account_email: asked.account_email,
        scopes: asked.scopes,
        not_you_action: asked.not_you_action,
        time_left: asked.time_left,
        csrf: asked.csrf,
        flow: asked.flow,
        named: asked.named,
    }
}

pub fn card(lang: Lang, client: &str, days: i64, used: Option<i64>, state: LinkMood) -> LinkCard {
    let words = Words::new(lang);
    let sees = ["account:profile", "account:attributes"];
    LinkCard {
        link_id: format!("0198c2f0-0000-7000-8000-{days:012}"),
        client_name: client.to_owned(),
        mark: mark(client),
        since: Day::of(now() - Duration::days(days), words),
        last_used: used.map(|hours| ago(now() - Duration::hours(hours), now(), words)),
        state,
        sees: sees
            .iter()
            .filter_map(|scope| ScopeLine::built_in(scope, service(lang), words))
            .map(|line| line.sentence)
            .collect(),
        chat: None,
    }
}

pub fn account(lang: Lang, links: Vec<LinkCard>) -> LinkedAppsPage {
    LinkedAppsPage {
        frame: frame(lang, None),
        name: "김하늘".to_owned(),
        email: "haneul@example.com".to_owned(),
        links,
        unlinked: None,
        around: own_account::around(Tab::Apps),
    }
}

fn problems() -> Vec<(&'static str, Problem)> {
    let client = || Some("CLOVA".to_owned());
    let reason = "redirect_uri is not registered for this client".to_owned();
    vec![
        ("not-found", Problem::NotFound),
        (
            "method-not-allowed",
            Problem::MethodNotAllowed { allowed: "GET" },
        ),
        ("too-large", Problem::TooLarge),
        ("long-address", Problem::LongAddress),
        ("large-headers", Problem::LargeHeaders),
        ("late", Problem::Late),
        ("stale-form", Problem::StaleForm),
        ("flow-expired", Problem::FlowExpired { client: client() }),
        (
            "flow-expired-unknown-app",
            Problem::FlowExpired { client: None },
        ),
        ("other-browser", Problem::OtherBrowser { client: client() }),
        (
            "bad-request",
            Problem::BadRequest {
                client: client(),
                reason,
            },
        ),
        (
            "unknown-client",
            Problem::UnknownClient {
                reason: "client_id is not registered here".to_owned(),
            },
        ),
        (
            "client-disabled",
            Problem::ClientDisabled { client: client() },
        ),
        ("busy", Problem::Busy { seconds: 2 }),
        ("too-many", Problem::TooMany { seconds: 10 }),
        (
            "already-linked",
            Problem::AlreadyLinked { client: client() },
        ),
        ("other-account", Problem::OtherAccount { client: client() }),
        ("chat-off", Problem::ChatOff { client: client() }),
        (
            "chat-elsewhere",
            Problem::ChatElsewhere { client: client() },
        ),
        ("internal", Problem::Internal),
    ]
}

/// The login page in each of its moods.
fn logins(lang: Lang) -> Vec<(&'static str, askama::Result<String>)> {
    let wrong = LoginPage {
        email: "haneul@example.com".to_owned(),
        error: Some(LoginError::Mismatch),
        ..login(lang)
    };
    let waiting = LoginPage {
        error: Some(LoginError::TooMany { seconds: 10 }),
        ..login(lang)
    };
    let busy = LoginPage {
        error: Some(LoginError::Busy { seconds: 1 }),
        ..login(lang)
    };
    let other = LoginPage {
        notice: Some(LoginNotice::OtherAccount),
        ..login(lang)
    };
    let own = LoginPage {
        frame: frame(lang, None),
        client_name: None,
        time_left: None,
        flow: None,
        ..login(lang)
    };
    vec![
        ("login", login(lang).render()),
        ("login-wrong", wrong.render()),
        ("login-too-many", waiting.render()),
        ("login-busy", busy.render()),
        ("login-other-account", other.render()),
        ("login-own", own.render()),
    ]
}

fn is_about_a_link(problem: &Problem) -> bool {
    !matches!(
        problem,
        Problem::NotFound
            | Problem::MethodNotAllowed { .. }
            | Problem::TooLarge
            | Problem::LongAddress
            | Problem::LargeHeaders
            | Problem::Late
            | Problem::UnknownClient { .. }
            | Problem::Internal
    )
}

/// Links in each of their moods.
fn linked(lang: Lang) -> Vec<LinkCard> {
    vec![
        card(lang, "CLOVA", 62, Some(2), LinkMood::Working),
        card(lang, "Alexa", 358, Some(24 * 150), LinkMood::Quiet),
        card(lang, "SmartThings", 1, None, LinkMood::Waiting),
        card(lang, "Yandex Alice", 90, Some(30), LinkMood::Paused),
        LinkCard {
            chat: Some((
                "line".to_owned(),
                "U4f1a0001d2c34b5e96788f90a1b2c3d4e".to_owned(),
            )),
            ..card(lang, "Guide bot", 12, Some(1), LinkMood::Working)
        },
    ]
}

/// Every page in one language, with its name.
pub fn gallery(lang: Lang) -> Vec<(String, String)> {
    let unlinked = LinkedAppsPage {
        unlinked: Some("Alexa".to_owned()),
        ..account(lang, Vec::new())
    };
    let policy =
        "우리는 이메일과 이름만 보관해요.\r\n\r\n연결을 끊으면 바로 지워요.\n두 번째 줄이에요.";
    let policy = PrivacyPage::new(
        frame(lang, None),
        policy,
        Some(Day::of(now(), Words::new(lang))),
    );
    let mut pages = logins(lang);
    pages.extend(own_account::pages(lang));
    pages.extend(own_account::email_pages(lang));
    pages.extend(crate::way_in::pages(lang));
    pages.extend(crate::factors::pages(lang));
    pages.extend(crate::providers::pages(lang));
    pages.extend([
        ("consent", consent(lang).render()),
        ("connect", connect(lang).render()),
        (
            "chat-connected",
            NoticePage::chat_connected(frame(lang, Some("Guide bot")), "Guide bot").render(),
        ),
        (
            "chat-not-connected",
            NoticePage::chat_not_connected(frame(lang, Some("Guide bot")), "Guide bot").render(),
        ),
        ("account", account(lang, linked(lang)).render()),
        ("account-empty", unlinked.render()),
        (
            "logged-out",
            NoticePage::logged_out(frame(lang, None)).render(),
        ),
        (
            "home",
            HomePage {
                frame: frame(lang, None),
            }
            .render(),
        ),
        ("privacy", policy.render()),
        (
            "privacy-empty",
            PrivacyPage::new(frame(lang, None), " \n", None).render(),
        ),
    ]);
    for (name, problem) in problems() {
        let frame = frame(lang, is_about_a_link(&problem).then_some("CLOVA"));
        let code = (problem.status() != 404).then(|| "7K2M-9QXD".parse().unwrap());
        pages.push((name, ErrorPage::new(frame, &problem, code).render()));
    }
    pages
        .into_iter()
        .map(|(name, page)| (format!("{name}.{}", lang.tag()), page.unwrap()))
        .collect()
}
