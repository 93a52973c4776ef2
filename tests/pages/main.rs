//! Every page people see, rendered from samples in every language and held against the rules all
//! pages keep.
//!
//! With `GALLERY=1` the pages are also written to `target/gallery`, to be looked at.
#![expect(
    clippy::unwrap_used,
    reason = "a sample that can't be rendered fails its test"
)]

mod factors;
mod gallery;
#[expect(dead_code, reason = "shared with the tests of third-party clients")]
#[path = "../libraries/mod.rs"]
mod libraries;
mod own_account;
mod providers;
mod samples;
mod tools;
mod way_in;

use std::collections::BTreeSet;
use std::path::Path;

use askama::Template;
use linkgate::account::mailed_code::Purpose;
use linkgate::account::pages::LoginPage;
use linkgate::authorize::pages::ConsentPage;
use linkgate::chatbot::connect::pages::ConnectPage;
use linkgate::client::scope_sentence::ScopeLine;
use linkgate::self_service::pages::{
    DeletionPage, DetailsPage, LinkMood, LinkedAppsPage, PasswordPage, SecurityPage,
};
use linkgate::web::frame::{Bond, Frame};
use linkgate::web::i18n::Lang;
use linkgate::web::pages::{ErrorPage, Problem};

use own_account::{deletion, details, password, security};
use samples::{account, card, connect, consent, frame, gallery, login, service};

const HOSTILE: &str = "<svg onload=alert(1)>\"'><script>javascript:</script>&";

fn every_page() -> Vec<(String, String)> {
    Lang::ALL.into_iter().flat_map(gallery).collect()
}

/// The opening tags of a page, each as `name attribute="value" …`.
fn tags(page: &str) -> Vec<&str> {
    page.split('<')
        .skip(1)
        .filter(|tag| tag.starts_with(|letter: char| letter.is_ascii_alphabetic()))
        .map(|tag| tag.split('>').next().unwrap())
        .collect()
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split('"').next()
}

#[test]
fn every_page_names_its_language_and_says_what_it_is() {
    for lang in Lang::ALL {
        for (name, page) in gallery(lang) {
            assert!(
                page.contains(&format!("<html lang=\"{}\">", lang.tag())),
                "{name}"
            );
            assert_eq!(page.matches("<h1>").count(), 1, "{name}");
            let title = page
                .split("<title>")
                .nth(1)
                .unwrap()
                .split("</title>")
                .next()
                .unwrap();
            assert!(
                title.ends_with(&format!(" – {}", service(lang))) && !title.starts_with(' '),
                "{name}: {title:?}"
            );
        }
    }
}

#[test]
fn no_page_has_inline_style_or_script_or_another_origin() {
    for (name, page) in every_page() {
        for tag in tags(&page) {
            assert!(!tag.starts_with("style"), "{name}: {tag}");
            assert!(
                !tag.starts_with("script") || attribute(tag, "src").is_some(),
                "{name}: {tag}"
            );
            assert!(
                attribute(tag, "style").is_none() && !tag.contains(" on"),
                "{name}: {tag}"
            );
            for reference in ["src", "href", "action"]
                .iter()
                .filter_map(|name| attribute(tag, name))
                // Opens the authenticator app on the phone itself.
                .filter(|reference| !reference.starts_with("otpauth://totp/"))
            {
                assert!(
                    reference.starts_with('/') && !reference.starts_with("//"),
                    "{name}: {reference}"
                );
            }
        }
    }
}

#[test]
fn every_form_is_posted_with_a_csrf_token() {
    for (name, page) in every_page() {
        for form in page.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap();
            assert!(form.contains("method=\"post\""), "{name}: {form}");
            assert!(
                form.contains("<input type=\"hidden\" name=\"csrf\" value=\"csrf-token\">"),
                "{name}: {form}"
            );
        }
    }
}

#[test]
fn every_visible_input_has_a_label_and_every_description_exists() {
    for (name, page) in every_page() {
        for tag in tags(&page) {
            if tag.starts_with("input ") && attribute(tag, "type") != Some("hidden") {
                let id = attribute(tag, "id").unwrap();
                assert!(
                    page.contains(&format!("<label for=\"{id}\">")),
                    "{name}: {tag}"
                );
            }
            for id in ["aria-describedby", "aria-labelledby"]
                .iter()
                .filter_map(|name| attribute(tag, name))
                .flat_map(str::split_whitespace)
            {
                assert!(page.contains(&format!(" id=\"{id}\"")), "{name}: {tag}");
            }
        }
    }
}

#[test]
fn ids_are_unique_within_a_page() {
    for (name, page) in every_page() {
        let ids: Vec<_> = tags(&page)
            .into_iter()
            .filter_map(|tag| attribute(tag, "id"))
            .collect();
        assert_eq!(
            ids.iter().collect::<BTreeSet<_>>().len(),
            ids.len(),
            "{name}: {ids:?}"
        );
    }
}

fn hostile_connect(lang: Lang, frame: Frame) -> ConnectPage {
    let text = || HOSTILE.to_owned();
    ConnectPage {
        frame,
        client_name: text(),
        platform: text(),
        user_id: text(),
        account_name: text(),
        account_email: text(),
        flow: text(),
        named: text(),
        ..connect(lang)
    }
}

#[test]
fn names_written_by_others_stay_text() {
    let text = || HOSTILE.to_owned();
    for lang in Lang::ALL {
        let hostile = Frame {
            service_name: text(),
            bond: Some(Bond::to(HOSTILE)),
            ..frame(lang, None)
        };
        let line = ScopeLine {
            sentence: text(),
            note: Some(text()),
        };
        let consent = ConsentPage {
            frame: hostile.clone(),
            client_name: text(),
            account_name: text(),
            account_email: text(),
            scopes: vec![line],
            return_host: text(),
            flow: text(),
            named: text(),
            ..consent(lang)
        };
        let connect = hostile_connect(lang, hostile.clone());
        let login = LoginPage {
            frame: hostile.clone(),
            email: text(),
            client_name: Some(text()),
            flow: Some(text()),
            ..login(lang)
        };
        let mut linked = card(lang, HOSTILE, 3, None, LinkMood::Quiet);
        linked.chat = Some((text(), text()));
        let account = LinkedAppsPage {
            frame: hostile.clone(),
            name: text(),
            email: text(),
            ..account(lang, vec![linked])
        };
        let problem = Problem::BadRequest {
            client: Some(text()),
            reason: text(),
        };
        let error = ErrorPage::new(hostile, &problem, None);
        for page in [
            consent.render(),
            connect.render(),
            login.render(),
            account.render(),
            error.render(),
        ] {
            assert_only_text(&page.unwrap());
        }
    }
}

#[track_caller]
fn assert_only_text(page: &str) {
    let marks_up = |sign| page.contains(sign);
    assert!(
        !["<svg", "<script>", "\"'>"].into_iter().any(marks_up),
        "{page}"
    );
}

#[test]
fn names_in_ones_own_account_stay_text() {
    let text = || HOSTILE.to_owned();
    for lang in Lang::ALL {
        let hostile = Frame {
            service_name: text(),
            ..frame(lang, None)
        };
        let security = SecurityPage {
            frame: hostile.clone(),
            ..security(lang, HOSTILE)
        };
        let details = DetailsPage {
            frame: hostile.clone(),
            name: text(),
            email: text(),
            ..details(lang)
        };
        let deletion = DeletionPage {
            frame: hostile,
            apps: vec![text()],
            ..deletion(lang)
        };
        let password = PasswordPage {
            frame: deletion.frame.clone(),
            apps: vec![text()],
            ..password(lang)
        };
        for page in [
            security.render(),
            details.render(),
            deletion.render(),
            password.render(),
        ] {
            assert_only_text(&page.unwrap());
        }
    }
}

#[test]
fn what_is_typed_on_the_way_in_stays_text() {
    for lang in Lang::ALL {
        let mut address = way_in::address(lang, Purpose::SignUp);
        let (mut code, mut finish) = (way_in::code(lang), way_in::finish(lang, Purpose::SignUp));
        for text in [
            &mut address.email,
            &mut code.email,
            &mut code.ticket,
            &mut finish.email,
            &mut finish.name,
        ] {
            HOSTILE.clone_into(text);
        }
        for page in [address.render(), code.render(), finish.render()] {
            let page = page.unwrap();
            assert!(
                !page.contains("<svg") && !page.contains("<script>") && !page.contains("\"'>"),
                "{page}"
            );
        }
    }
}

#[test]
fn every_letter_says_the_same_as_text_and_as_html_and_leads_only_to_our_pages() {
    for (name, letter) in Lang::ALL.into_iter().flat_map(way_in::letters) {
        assert!(
            letter.text.starts_with(&letter.subject),
            "{name}: {}",
            letter.text
        );
        assert!(!letter.subject.contains("270418"), "{name}");
        assert_eq!(
            letter.text.contains("270418"),
            letter.html.contains("270418"),
            "{name}"
        );
        for link in letter.html.split("href=\"").skip(1) {
            assert!(
                link.starts_with("https://link.example.com/"),
                "{name}: {link}"
            );
        }
        assert!(
            !letter.text.contains('{') && !letter.html.contains("<script"),
            "{name}"
        );
    }
}

#[test]
fn a_decision_is_one_of_two_buttons_and_never_the_default_of_another_form() {
    for lang in Lang::ALL {
        let page = consent(lang).render().unwrap();
        let deciding: Vec<_> = tags(&page)
            .into_iter()
            .filter(|tag| attribute(tag, "name") == Some("decision"))
            .collect();
        assert_eq!(
            deciding
                .iter()
                .filter_map(|tag| attribute(tag, "value"))
                .collect::<Vec<_>>(),
            ["approve", "deny"]
        );
        assert!(page.contains("action=\"/consent\"") && page.contains("action=\"/logout\""));
    }
}

#[test]
fn no_page_links_to_another_page_that_does_not_exist() {
    let known = [
        "/",
        "/account",
        "/account/delete",
        "/account/email",
        "/account/export",
        "/account/factors",
        "/account/factors/app",
        "/account/factors/codes",
        "/account/factors/passkeys/0190f0f0",
        "/account/factors/passkeys/new",
        "/account/password",
        "/account/security",
        "/account/you",
        "/admin",
        "/login",
        "/login/factor",
        "/password/forgot",
        "/privacy",
        "/signup",
    ];
    for (name, page) in every_page() {
        let links = |tag: &&str| tag.starts_with("a ") && !tag.contains("\"otpauth:");
        for tag in tags(&page).into_iter().filter(links) {
            let path = attribute(tag, "href").unwrap().split('?').next().unwrap();
            assert!(known.contains(&path), "{name}: {path}");
        }
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "asks the person who runs the tests, not the server's settings"
)]
fn the_gallery_is_written_when_asked_for() {
    if std::env::var_os("GALLERY").is_none() {
        return;
    }
    gallery::write(&Path::new(env!("CARGO_MANIFEST_DIR")).join("target/gallery"));
}
