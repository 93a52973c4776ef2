//! What other sites can do to a person who is signed in here: nothing.

use std::collections::BTreeMap;

use sqlx::PgPool;

use crate::{
    chrome::Chrome,
    clova,
    harness::{PASSWORD, TestApp},
    site::Site,
};

/// How a form is sent from elsewhere.
#[derive(Debug, Clone, Copy)]
enum From {
    /// Another site: our cookies stay behind.
    AnotherSite,
    /// Another port of our host: our cookies come along.
    SameSite,
    /// The same with `Origin: null`, as our own pages' posts could look in some browsers.
    SameSiteUnnamed,
    /// A frame without an origin.
    Sandbox,
}

const EVERYWHERE: [From; 4] = [
    From::AnotherSite,
    From::SameSite,
    From::SameSiteUnnamed,
    From::Sandbox,
];

/// The values of the form that is shown, as somebody who has stolen all of them would post them.
async fn fields_of(chrome: &Chrome, form: &str) -> BTreeMap<String, String> {
    let script =
        format!("return Object.fromEntries(new FormData(document.querySelector({form:?})))");
    chrome.ask(&script).await
}

/// Opens a page of another origin that posts these fields by itself; gives the status of the answer.
async fn post_from(
    chrome: &Chrome,
    from: From,
    action: &str,
    fields: &BTreeMap<String, String>,
) -> u16 {
    let inputs: Vec<_> = fields
        .iter()
        .map(|(name, value)| format!("<input name='{name}' value='{value}'>"))
        .collect();
    let inputs = inputs.concat();
    let form = format!(
        "<form method='post' action='{action}'>{inputs}</form><script>document.forms[0].submit()</script>"
    );
    let page = match from {
        From::AnotherSite | From::SameSite => form,
        From::SameSiteUnnamed => format!("<meta name='referrer' content='no-referrer'>{form}"),
        From::Sandbox => format!(
            "<iframe sandbox='allow-scripts allow-forms allow-top-navigation' srcdoc=\"{}\"></iframe>",
            form.replace("method='post'", "method='post' target='_top'")
        ),
    };
    let site = Site::with_page(&page).await;
    let address = match from {
        From::AnotherSite => site.on_another_site(),
        From::SameSite | From::SameSiteUnnamed | From::Sandbox => site.on_the_same_site(),
    };
    chrome.go(&address).await;
    let what = format!("the answer to a form posted from {from:?}");
    chrome.arrive(&what, |url| url.as_str() == action).await;
    chrome.status().await
}

#[sqlx::test]
async fn a_consent_form_posted_by_another_origin_links_nothing(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let client = clova::register(&app, "CLOVA").await;
    let person = app.person("haneul@example.com").await;
    let chrome = Chrome::open().await;
    let url = clova::authorization_url(&app, &client, "s");
    chrome.come_to_consent(&person, &url).await;
    let mut fields = fields_of(&chrome, "form[action='/consent']").await;
    fields.insert("decision".to_owned(), "approve".to_owned());

    let own = chrome.tab().await;
    chrome.open_tab().await;
    let action = format!("{}/consent", app.url);
    for from in EVERYWHERE {
        assert_eq!(
            post_from(&chrome, from, &action, &fields).await,
            403,
            "{from:?}"
        );
        assert_eq!(app.count("link", "true").await, 0, "{from:?}");
    }

    // The person's own tap still counts: the form was as good as the attacker's.
    chrome.switch_to(&own).await;
    chrome.tap("button[value=approve]").await;
    chrome.come_back_to(clova::REDIRECT_URI).await.code();
}

#[sqlx::test]
async fn nobody_is_logged_in_or_out_by_another_origin(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let attacker = app.person("attacker@example.com").await;
    let person = app.person("haneul@example.com").await;
    let chrome = Chrome::open().await;
    let login = format!("{}/login", app.url);
    chrome.go(&login).await;
    let mut fields = fields_of(&chrome, "form[action='/login']").await;
    fields.insert("email".to_owned(), attacker.email);
    fields.insert("password".to_owned(), PASSWORD.to_owned());
    for from in EVERYWHERE {
        assert_eq!(
            post_from(&chrome, from, &login, &fields).await,
            403,
            "{from:?}"
        );
        assert_eq!(app.count("session", "true").await, 0, "{from:?}");
    }

    chrome.go(&login).await;
    chrome.log_in(&person).await;
    let fields = fields_of(&chrome, "form[action='/logout']").await;
    let logout = format!("{}/logout", app.url);
    for from in EVERYWHERE {
        assert_eq!(
            post_from(&chrome, from, &logout, &fields).await,
            403,
            "{from:?}"
        );
        assert_eq!(app.count("session", "true").await, 1, "{from:?}");
    }
}

#[sqlx::test]
async fn no_page_of_ours_shows_inside_another_page(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let client = clova::register(&app, "CLOVA").await;
    let person = app.person("haneul@example.com").await;
    let chrome = Chrome::open().await;
    let url = clova::authorization_url(&app, &client, "s");
    chrome.come_to_consent(&person, &url).await;

    let consent = chrome.url().await;
    let framed = [consent.to_string(), format!("{}/account", app.url), url];
    let frames: Vec<_> = framed
        .iter()
        .map(|url| format!("<iframe src=\"{}\"></iframe>", url.replace('&', "&amp;")))
        .collect();
    let harmless = "<iframe srcdoc='<h1>A page that may be framed</h1>'></iframe>";
    let site = Site::with_page(&format!("{}{harmless}", frames.concat())).await;
    for address in [site.on_the_same_site(), site.on_another_site()] {
        chrome.go(&address).await;
        for index in 0..3 {
            chrome.enter_frame(index).await;
            let shown: (bool, String) = chrome
                .ask("return [!!document.querySelector('form, main'), location.protocol]")
                .await;
            assert_eq!(shown, (false, "chrome-error:".to_owned()), "frame {index}");
            chrome.leave_frame().await;
        }
        chrome.enter_frame(3).await;
        assert_eq!(chrome.text("h1").await, "A page that may be framed");
        chrome.leave_frame().await;
    }
}
