//! How an admin says what CEK's requests are checked with and answered by.

use linkgate::{
    admin::AdminRole,
    cek::platform_key::{Unfetched, keep_once},
    client::{
        self,
        cek::{CekAnswer, CekSettings, SpokenLanguage},
        registration::Draft,
    },
};
use sqlx::PgPool;

use crate::harness::{Registered, TestApp, cek::SigningKey, draft, minutes, preset};

const SHORT: &str = include_str!("data/rsa-1024-public-key.pem");
const ELLIPTIC: &str = include_str!("data/ec-public-key.pem");

async fn clova(app: &TestApp, preset_id: &str) -> Registered {
    app.register(Draft {
        preset: preset(preset_id),
        ..draft()
    })
    .await
}

async fn stored(app: &TestApp, client: &Registered) -> CekSettings {
    let known = client::store::find_client(&app.db, &client.client.id).await;
    known.unwrap().unwrap().settings.cek
}

#[sqlx::test]
async fn a_new_client_takes_no_request_and_speaks_its_platforms_language(db: PgPool) {
    let app = TestApp::spawn(db).await;
    for (preset, language) in [
        ("clova", SpokenLanguage::Ko),
        ("clova-line", SpokenLanguage::Ja),
        ("custom", SpokenLanguage::En),
    ] {
        let settings = stored(&app, &clova(&app, preset).await).await;
        assert_eq!(settings.language, language);
        let takes_nothing = settings.public_key.is_none() && !settings.fetch_key;
        assert!(takes_nothing && !settings.take_unsigned);
    }
}

#[sqlx::test]
async fn every_setting_can_be_changed_in_the_console(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let client = clova(&app, "clova").await;
    let desk = app.desk(AdminRole::Operator).await;
    let page = format!("/admin/clients/{}/edit", client.id());
    let pem = SigningKey::of_the_platform().public_pem();
    let form = desk.form(&page, &page).await;
    assert_eq!(form.value("cek_language"), "ko");
    let form = [
        ("cek_public_key", pem.as_str()),
        ("cek_fetch_key", "on"),
        ("cek_unsigned", "on"),
        ("cek_answer", "account"),
        ("cek_language", "ja"),
        ("cek_speech", "{{name}}さん"),
    ]
    .iter()
    .fold(form, |form, (name, value)| form.with(name, value));
    assert!(
        desk.browser
            .submit(&form)
            .await
            .location()
            .ends_with("?done=client-saved")
    );
    assert_eq!(
        stored(&app, &client).await,
        CekSettings {
            public_key: Some(pem.trim_end().to_owned()),
            fetch_key: true,
            take_unsigned: true,
            answer: CekAnswer::Account,
            language: SpokenLanguage::Ja,
            speech: "{{name}}さん".to_owned(),
        }
    );
    let shown = desk.browser.get(&page).await;
    let url = format!("{}/cek/{}", app.issuer(), client.id());
    assert!(shown.text().contains(&url), "{}", shown.text());
    // And the guide says it, for the builder.
    let guide = desk
        .browser
        .get(&format!("/admin/clients/{}", client.id()))
        .await;
    assert!(guide.text().contains(&url));
}

#[sqlx::test]
async fn a_setting_that_can_not_hold_is_refused_by_what_is_wrong(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let client = clova(&app, "clova").await;
    let desk = app.desk(AdminRole::Operator).await;
    let page = format!("/admin/clients/{}/edit", client.id());
    let form = desk.form(&page, &page).await;
    let pem = |label: &str| format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----");
    for (field, value, reason) in [
        (
            "cek_public_key",
            pem("PRIVATE KEY").as_str(),
            "is a private key",
        ),
        ("cek_public_key", &pem("CERTIFICATE"), "is a certificate"),
        ("cek_public_key", SHORT, "2048 to 8192 bits"),
        (
            "cek_public_key",
            ELLIPTIC,
            "must be a PEM of an RSA public key",
        ),
        ("cek_answer", "song", "Choose one of the options"),
        ("cek_language", "fr", "Choose one of the options"),
        (
            "cek_speech",
            "{{points}}",
            "{{points}} at character 1 is not a value",
        ),
        (
            "cek_speech",
            &"x".repeat(201),
            "at most 200 characters a sentence",
        ),
        ("cek_speech", &"x. ".repeat(334), "1000 in all"),
    ] {
        let answer = desk.browser.submit(&form.clone().with(field, value)).await;
        answer.assert_page(422);
        assert!(answer.text().contains(reason), "{field}: {}", answer.text());
        assert!(
            answer.body.contains(&format!("id=\"{field}-error\"")),
            "{field}"
        );
    }
    let settings = stored(&app, &client).await;
    assert_eq!(settings, client.client.settings.cek);

    // Only CLOVA publishes a key; elsewhere nothing is offered, and nothing is fetched.
    let other = clova(&app, "custom").await;
    let page = format!("/admin/clients/{}/edit", other.id());
    let form = desk.form(&page, &page).await.with("cek_fetch_key", "on");
    let answer = desk.browser.submit(&form).await;
    answer.assert_page(422);
    assert!(answer.text().contains("publishes no key to fetch"));
}

#[sqlx::test]
async fn the_console_tells_how_fetching_went(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let client = clova(&app, "clova").await;
    app.change_client(&client, |client| client.settings.cek.fetch_key = true)
        .await;
    let desk = app.desk(AdminRole::Operator).await;
    let page = format!("/admin/clients/{}/edit", client.id());
    let told = async || desk.browser.get(&page).await.text();
    assert!(told().await.contains("Never fetched yet."));
    keep_once(app.state(), async |_| Err(Unfetched::TooLarge))
        .await
        .unwrap();
    app.clock.advance(minutes(10));
    let text = told().await;
    assert!(
        text.contains("10 minutes ago, failed: the answer has more than 8192 bytes"),
        "{text}"
    );
    let pem = SigningKey::of_the_platform().public_pem();
    keep_once(app.state(), async |_| Ok(pem.clone()))
        .await
        .unwrap();
    app.clock.advance(minutes(2));
    assert!(told().await.contains("Fetched 2 minutes ago."));
}
