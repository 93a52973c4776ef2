//! The console: registering clients, and what to paste where.

use linkgate::{
    admin::AdminRole,
    client::{
        guide::Guide,
        preset::{Preset, SHOWN_ONCE},
        store::{find_client, list_clients},
    },
    web::state::PublicUrl,
};
use sqlx::PgPool;

use crate::harness::{Answer, REDIRECT_URI, Stage, TestApp, seconds};

/// The secret a page shows, if it shows one.
pub fn secret_on(page: &Answer) -> Option<String> {
    let (_, rest) = page.body.split_once("<code>lg_cs_")?;
    let rest = rest.split('<').next().unwrap();
    Some(format!("lg_cs_{rest}"))
}

/// A value for what each preset has to be told.
fn answers(preset: &'static Preset) -> Vec<(&'static str, &'static str)> {
    let values = preset.values.iter().map(|value| (value.name, "hangang-1"));
    let mut fields: Vec<_> = values.chain([("name", "CLOVA 한강피자")]).collect();
    if preset.needs_redirect_uri() {
        fields.push(("redirect_uris", REDIRECT_URI));
    }
    fields
}

#[sqlx::test]
async fn every_preset_shows_every_field_of_its_console_and_the_secret_once(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let desk = app.desk(AdminRole::Operator).await;
    let public_url = PublicUrl::new(&app.issuer().parse().unwrap());
    for preset in Preset::all() {
        app.clock.advance(seconds(1));
        let created = desk.register(preset.id, &answers(preset)).await;
        created.assert_page(200);
        assert_eq!(created.header("cache-control"), Some("no-store"));
        let secret = secret_on(&created).unwrap();
        assert!(created.text().contains("You won’t see it again."));

        let client = list_clients(&app.db).await.unwrap().remove(0);
        assert_eq!(client.preset, preset.id);
        let guide = Guide {
            client: &client,
            public_url: &public_url,
            has_privacy_page: false,
            actions: &[],
        };
        let page = desk
            .browser
            .get(&format!("/admin/clients/{}", client.id))
            .await;
        let mut text = page.text();
        for field in guide
            .sections()
            .into_iter()
            .flat_map(|section| section.fields)
        {
            // Each is found at or after the one before: the order is the platform's.
            let parts = [field.label, field.label_en, field.value].into_iter();
            for part in parts.filter(|part| part != SHOWN_ONCE) {
                let found = text.find(&part);
                let at = found.unwrap_or_else(|| panic!("{}: no {part}", preset.id));
                text = text.split_off(at);
            }
        }
        assert_eq!(secret_on(&page), None, "{}", preset.id);
        assert!(!page.body.contains(&secret));
    }
}

#[sqlx::test]
async fn a_client_made_in_the_console_links(db: PgPool) {
    let mut stage = Stage::set(db).await;
    let desk = stage.app.desk(AdminRole::Operator).await;
    let fields = [("name", "Speaker"), ("redirect_uris", REDIRECT_URI)];
    let created = desk.register("custom", &fields).await;
    let newest = list_clients(&stage.app.db).await.unwrap();
    let client = newest
        .into_iter()
        .find(|client| client.id != stage.client.client.id);
    stage.client.client = client.unwrap();
    stage.client.secret = secret_on(&created);
    stage.platform = stage.app.platform(&stage.client);
    let tokens = stage.link().await;
    assert!(stage.resolves(&tokens).await);
}

#[sqlx::test]
async fn one_form_registers_one_client_however_often_it_is_posted(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let desk = app.desk(AdminRole::Operator).await;
    let new = "/admin/clients/new";
    let form = desk.form(&format!("{new}?preset=clova"), new).await;
    let form = form.with("name", "CLOVA");
    let created = desk.browser.submit(&form).await;
    assert!(secret_on(&created).is_some());
    let again = desk.browser.submit(&form).await;
    again.assert_page(422);
    assert_eq!(secret_on(&again), None);
    let client = list_clients(&app.db).await.unwrap().remove(0);
    let notice = "has registered its client already";
    assert!(again.text().contains(notice), "{again:?}");
    assert!(
        again
            .body
            .contains(&format!("/admin/clients/{}\"", client.id))
    );
    assert_eq!(app.count("client", "true").await, 1);
    assert_eq!(app.count("client_secret", "true").await, 1);

    for other in [
        "",
        "clova",
        "custom-aaaaaaaaaa",
        "clova-aaaaaaaaa!",
        "clova-aaaaaaaaaaa",
    ] {
        let answer = desk
            .browser
            .submit(&form.clone().with("client_id", other))
            .await;
        answer.assert_page(400);
    }
    assert_eq!(app.count("client", "true").await, 1);
}

#[sqlx::test]
async fn loopback_is_about_the_host_and_not_about_tls(db: PgPool) {
    let settings = [("LINKGATE_PUBLIC_URL", "https://localhost")];
    let app = TestApp::spawn_with(db, &settings).await;
    let desk = app.desk(AdminRole::Operator).await;
    let fields = [("name", "C"), ("redirect_uris", "http://127.0.0.1:3000/cb")];
    desk.register("custom", &fields).await.assert_page(200);
}

#[sqlx::test]
async fn a_secret_that_could_not_be_shown_does_not_count(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let desk = app.desk(AdminRole::Operator).await;
    let client = app.client().await;
    let new = "/admin/clients/new";
    let registering = desk.form(&format!("{new}?preset=clova"), new).await;
    let registering = registering.with("name", "CLOVA");
    let page = format!("/admin/clients/{}/secret", client.id());
    let replacing = desk.form(&page, &page).await.with("overlap", "0");
    let before = app
        .value("select encode(secret_hash, 'hex') from client_secret")
        .await;
    app.change_schema("alter table action rename to gone").await;
    for form in [&registering, &replacing] {
        assert_ne!(desk.browser.submit(form).await.status, 200);
    }
    assert_eq!(app.count("client", "true").await, 1);
    let after = app
        .value("select encode(secret_hash, 'hex') from client_secret")
        .await;
    assert_eq!(after, before);
}

#[sqlx::test]
async fn a_wrong_registration_says_why_at_its_field_and_keeps_what_was_typed(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let desk = app.desk(AdminRole::Operator).await;
    for (preset, field, value, reason) in [
        (
            "custom",
            "redirect_uris",
            "",
            "needs at least one redirect URI",
        ),
        (
            "custom",
            "redirect_uris",
            "http://app.test/",
            "http is accepted only for",
        ),
        (
            "custom",
            "redirect_uris",
            "https://app.test/#x",
            "must not have a fragment",
        ),
        (
            "custom",
            "redirect_uris",
            "https://*.app.test/",
            "must not contain a wildcard",
        ),
        ("google", "project_id", "a/../b", "Only letters, digits and"),
        ("google", "project_id", "", "Google needs it."),
        ("clova", "name", "", "must have 1 to 100 characters"),
    ] {
        let mut fields = vec![("name", "My speaker"), ("redirect_uris", REDIRECT_URI)];
        fields.retain(|(name, _)| *name != field);
        fields.push((field, value));
        let answer = desk.register(preset, &fields).await;
        answer.assert_page(422);
        let shown = answer.text();
        assert!(shown.contains(reason), "{field} {value:?}: {shown}");
        assert!(answer.body.contains(&format!("id=\"{field}-error\"")));
        let form = answer.form("/admin/clients/new");
        for (name, value) in fields {
            if form.fields.iter().any(|(known, _)| known == name) {
                assert_eq!(form.value(name), value, "{name}");
            }
        }
    }
    assert_eq!(app.count("client", "true").await, 0);
}

#[sqlx::test]
async fn a_preset_that_keeps_secrets_makes_no_public_client(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let desk = app.desk(AdminRole::Operator).await;
    let fields = [("name", "CLOVA"), ("kind", "public")];
    let answer = desk.register("clova", &fields).await;
    answer.assert_page(422);
    let fields = [
        ("name", "App"),
        ("kind", "public"),
        ("redirect_uris", REDIRECT_URI),
    ];
    let answer = desk.register("custom", &fields).await;
    answer.assert_page(200);
    assert_eq!(secret_on(&answer), None);
    assert_eq!(app.count("client_secret", "true").await, 0);
    let id = app.value("select client_id from client").await.unwrap();
    let page = desk
        .browser
        .get(&format!("/admin/clients/{id}/secret"))
        .await;
    page.assert_page(404);
}

#[sqlx::test]
async fn a_hostile_name_does_nothing_anywhere(db: PgPool) {
    const HOSTILE: &str = "<svg onload=alert(1)>\"'><script>x</script>&amp;{{7*7}}";
    let stage = Stage::set(db).await;
    let client = stage.client.id();
    stage
        .app
        .change_client(&stage.client, |client| client.name = HOSTILE.to_owned())
        .await;
    let desk = stage.app.desk(AdminRole::Operator).await;
    let here = format!("/admin/clients/{client}");
    let below = ["", "/edit", "/secret", "/delete", "/actions"];
    let pages = below.map(|below| format!("{here}{below}"));
    for page in pages.into_iter().chain(["/admin/clients".to_owned()]) {
        let answer = desk.browser.get(&page).await;
        answer.assert_page(200);
        assert!(!answer.body.contains("<svg onload"), "{page}");
        assert!(!answer.body.contains("<script>x"), "{page}");
        let shown = answer.text().contains("<svg onload=alert(1)>");
        assert!(shown || page.ends_with("/edit"), "{page}");
    }
    let consent = stage.consent_page(&[]).await;
    assert!(!consent.body.contains("<svg onload"));
}

#[sqlx::test]
async fn a_viewer_sees_clients_and_changes_nothing(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let client = app.client().await;
    let operator = app.desk(AdminRole::Operator).await;
    let viewer = app.desk(AdminRole::Viewer).await;
    let here = format!("/admin/clients/{}", client.id());
    let page = viewer.browser.get(&here).await;
    page.assert_page(200);
    assert!(!page.body.contains("/disable") && !page.body.contains("/secret"));
    viewer.browser.get("/admin/clients").await.assert_page(200);
    let actions = format!("{here}/actions");
    viewer.browser.get(&actions).await.assert_page(200);
    for below in ["/edit", "/secret", "/delete"] {
        let page = viewer.browser.get(&format!("{here}{below}")).await;
        page.assert_page(403);
    }
    viewer
        .browser
        .get("/admin/clients/new")
        .await
        .assert_page(403);
    for (page, action) in [
        (here.clone(), format!("{here}/disable")),
        (format!("{here}/edit"), format!("{here}/edit")),
        (format!("{here}/secret"), format!("{here}/secret")),
        (actions.clone(), actions.clone()),
        (
            "/admin/clients/new?preset=clova".to_owned(),
            "/admin/clients/new".to_owned(),
        ),
    ] {
        let form = operator.form(&page, &action).await;
        viewer.browser.submit(&form).await.assert_page(403);
    }
    let stored = find_client(&app.db, &client.client.id).await.unwrap();
    assert!(stored.unwrap().is_enabled());
    assert_eq!(app.count("client", "true").await, 1);
    assert_eq!(app.count("client_secret", "true").await, 1);
}

#[sqlx::test]
async fn a_forged_form_changes_no_client(db: PgPool) {
    let stage = Stage::set(db).await;
    let app = &stage.app;
    let desk = app.desk(AdminRole::Owner).await;
    stage.browser.log_in(&stage.person).await;
    let here = format!("/admin/clients/{}", stage.client.id());
    let pages = [
        (here.clone(), format!("{here}/disable")),
        (format!("{here}/edit"), format!("{here}/edit")),
        (format!("{here}/secret"), format!("{here}/secret")),
        (format!("{here}/actions"), format!("{here}/actions")),
    ];
    for (page, action) in pages {
        let form = desk.form(&page, &action).await.with("name", "Forged");
        let answer = desk.browser.submit(&form.clone().without("csrf")).await;
        answer.assert_page(403);
        let evil = [("origin", "https://evil.test")];
        let answer = desk.browser.submit_with(&form, &evil).await;
        answer.assert_page(403);
        // A person's own token is no admin's.
        let account = stage.browser.get("/account").await.form("/logout");
        let form = form.with("csrf", account.value("csrf"));
        let answer = desk.browser.submit(&form).await;
        answer.assert_page(403);
    }
    assert_eq!(app.count("client", "name = 'Forged'").await, 0);
    assert_eq!(app.count("client", "disabled_at is null").await, 1);
    assert_eq!(app.count("client_secret", "true").await, 1);
    assert_eq!(app.count("action", "true").await, 0);
}
