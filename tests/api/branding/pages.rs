//! Which pages wear a client's look, and what of it they show.

use linkgate::admin::AdminRole::Viewer;
use sqlx::PgPool;

use super::{Studio, pictures, stylesheet};
use crate::harness::{PASSWORD, minutes};

const OWN: [(&str, &str); 4] = [
    ("name", "한강피자 챗봇"),
    ("accent", "#c2410c"),
    ("terms_url", "https://pizza.example/terms"),
    ("contact", "help@pizza.example"),
];

#[sqlx::test]
async fn every_page_of_a_flow_looks_as_its_client_and_others_as_the_service(db: PgPool) {
    let studio = Studio::open(db).await;
    studio.set(&OWN).await;
    let (stage, person) = (&studio.stage, &studio.stage.person);
    let browser = stage.app.browser();
    let begun = browser.get(&stage.platform.url_with(&[])).await;
    let flow = begun.location().split_once("flow=").unwrap().1.to_owned();
    let login = browser.get(begun.location()).await;
    let form = login.form("/login").with("email", &person.email);
    let forgot = browser.get(&format!("/password/forgot?flow={flow}")).await;
    let entered = browser
        .submit(&form.clone().with("password", PASSWORD))
        .await;
    let consent = browser.get(entered.location()).await;
    let mismatch = browser.submit(&form.with("password", "wrong")).await;
    let elsewhere = stage.app.browser();
    let elsewhere = elsewhere.get(begun.location()).await;
    stage.app.clock.advance(minutes(11));
    let expired = browser.get(begun.location()).await;
    for (page, status) in [
        (login, 200),
        (mismatch, 422),
        (forgot, 200),
        (consent, 200),
        (elsewhere, 403),
        (expired, 400),
    ] {
        page.assert_page(status);
        let text = page.text();
        assert!(
            text.contains("한강피자 챗봇") && !text.contains("Linkgate"),
            "{text}"
        );
        assert!(stylesheet(&page).starts_with("/brand/c2410c-"), "{page:?}");
        for link in ["https://pizza.example/terms", "mailto:help@pizza.example"] {
            assert!(
                page.body.contains(&format!("<a href=\"{link}\">")),
                "{page:?}"
            );
        }
    }
    for path in ["/login", "/", "/missing", "/account"] {
        let page = browser.get(path).await;
        assert!(page.body.contains("Linkgate"), "{page:?}");
        assert!(stylesheet(&page).starts_with("/static/"), "{page:?}");
        assert!(!page.body.contains("pizza.example"), "{page:?}");
    }
}

#[sqlx::test]
async fn a_request_that_is_not_proven_to_be_a_clients_looks_as_the_service(db: PgPool) {
    let studio = Studio::open(db).await;
    studio.set(&OWN).await;
    let stage = &studio.stage;
    let page = stage
        .open(&[("redirect_uri", "https://evil.test/callback")])
        .await;
    page.assert_page(400);
    assert!(stylesheet(&page).starts_with("/static/"), "{page:?}");
    assert!(!page.body.contains("pizza.example"), "{page:?}");
}

#[sqlx::test]
async fn what_a_client_has_not_is_as_the_service_has_it(db: PgPool) {
    let studio = Studio::open(db).await;
    studio
        .set(&[("contact", "https://pizza.example/help")])
        .await;
    let page = studio.login_page().await;
    assert!(page.text().contains("Linkgate"), "{page:?}");
    assert!(stylesheet(&page).starts_with("/static/linkgate.css?v="));
    assert!(
        page.body
            .contains("<a href=\"https://pizza.example/help\">")
    );

    studio.set(&[("contact", "")]).await;
    assert_eq!(studio.stage.app.count("client_branding", "true").await, 0);
    let page = studio.login_page().await;
    assert!(!page.body.contains("pizza.example"), "{page:?}");
}

#[sqlx::test]
async fn a_policy_of_the_clients_own_is_linked_from_its_login_page_on(db: PgPool) {
    let studio = Studio::open(db).await;
    let url = "https://pizza.example/privacy";
    let page = format!("/admin/clients/{}/edit", studio.stage.client.id());
    let saved = studio
        .console
        .fill_in(&page, &page, &[("privacy_url", url)])
        .await;
    assert_eq!(saved.status, 303, "{saved:?}");
    let login = studio.login_page().await;
    assert!(
        login.body.contains(&format!("<a href=\"{url}\">")),
        "{login:?}"
    );
    let other = studio.stage.app.browser().get("/login").await;
    assert!(!other.body.contains(url), "{other:?}");
}

#[sqlx::test]
async fn xss_01_what_an_admin_typed_stays_text(db: PgPool) {
    let studio = Studio::open(db).await;
    let name = "<svg onload=alert(1)>\"'><script>x</script>&";
    studio.set(&[("name", name), ("accent", "#0b6b54")]).await;
    let logo = pictures::file(&pictures::picture(60, 60), image::ImageFormat::Png);
    let uploaded = studio.upload(&logo, name, "image/png").await;
    assert_eq!(uploaded.status, 303, "{uploaded:?}");
    for page in [
        studio.login_page().await,
        studio.console.get(&studio.look()).await,
    ] {
        for sign in ["<svg onload", "<script>", "\"'>"] {
            assert!(!page.body.contains(sign), "{sign}: {page:?}");
        }
        assert!(page.text().contains(name), "{page:?}");
    }
}

#[sqlx::test]
async fn what_leads_nowhere_or_somewhere_else_is_refused_at_its_field(db: PgPool) {
    let studio = Studio::open(db).await;
    let long = "가".repeat(61);
    for (field, value, reason) in [
        (
            "name",
            long.as_str(),
            "The brand name must have 1 to 60 characters.",
        ),
        ("terms_url", "http://a.example/", "must be an https URL"),
        ("terms_url", "javascript:alert(1)", "must be an https URL"),
        ("terms_url", "//a.example", "must be an https URL"),
        (
            "contact",
            "javascript:alert(1)",
            "an e-mail address or an https URL",
        ),
        (
            "contact",
            "http://a.example",
            "an e-mail address or an https URL",
        ),
        (
            "contact",
            "a@a.example?bcc=b@b.example",
            "an e-mail address",
        ),
        ("accent", "red", "# and six hexadecimal digits"),
        ("accent", "#0b6b54;}", "# and six hexadecimal digits"),
        (
            "accent_dark",
            "#ffffff",
            "needs one for light pages beside it",
        ),
    ] {
        let answer = studio.save(&[(field, value)]).await;
        answer.assert_page(422);
        assert!(answer.text().contains(reason), "{value}: {answer:?}");
        assert_eq!(answer.form(&studio.look()).value(field), value);
    }
    assert_eq!(studio.stage.app.count("client_branding", "true").await, 0);
}

#[sqlx::test]
async fn a_change_that_the_form_did_not_show_is_not_overwritten(db: PgPool) {
    let studio = Studio::open(db).await;
    let form = studio
        .console
        .get(&studio.look())
        .await
        .form(&studio.look());
    studio.set(&[("name", "Theirs")]).await;
    let answer = studio.console.submit(&form.with("name", "Mine")).await;
    answer.assert_page(422);
    assert!(answer.text().contains("Somebody else changed the look"));
    assert!(studio.login_page().await.text().contains("Theirs"));
    let again = answer.form(&studio.look());
    assert_eq!(again.value("name"), "Mine");
    assert_eq!(studio.console.submit(&again).await.status, 303);
    assert!(studio.login_page().await.text().contains("Mine"));
}

#[sqlx::test]
async fn a_look_is_reset_in_one_and_the_history_tells_of_each_change(db: PgPool) {
    let studio = Studio::open(db).await;
    studio.set(&OWN).await;
    studio.set(&[("do", "reset")]).await;
    let page = studio.login_page().await;
    assert!(!page.body.contains("pizza.example"), "{page:?}");
    let app = &studio.stage.app;
    let details = "select string_agg(detail, ' | ' order by event_id) from event where detail like 'client changed%'";
    let told = async || app.value(details).await.unwrap_or_default();
    let all = "client changed: brand name, accent colour, terms address, contact";
    while told().await != format!("{all} | {all}") {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[sqlx::test]
async fn a_viewer_sees_the_look_and_no_form_to_change_it(db: PgPool) {
    let studio = Studio::open(db).await;
    studio.set(&OWN).await;
    let viewer = studio.stage.app.console(Viewer).await;
    let page = viewer.get(&studio.look()).await;
    page.assert_page(200);
    assert!(page.body.contains("한강피자 챗봇") && page.body.contains("#c2410c"));
    assert!(!page.body.contains("type=\"file\"") && !page.text().contains("Save"));
}
