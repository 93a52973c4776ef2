//! Setting providers up.

use linkgate::admin::AdminRole::Operator;
use sqlx::PgPool;

use super::{CLIENT_SECRET, Scene};

#[sqlx::test]
async fn a_client_secret_is_sealed_and_never_shown_again(db: PgPool) {
    let scene = Scene::set(db).await;
    let page = scene.owner.get("/admin/providers/company").await;
    page.assert_page(200);
    assert!(!page.body.contains(CLIENT_SECRET));
    assert!(page.body.contains(&format!(
        "{}/login/with/company/callback",
        scene.app.issuer()
    )));
    let sealed = "select encode(client_secret, 'escape') from provider";
    let before = scene.app.value(sealed).await;
    assert!(
        before
            .as_ref()
            .is_some_and(|sealed| !sealed.contains(CLIENT_SECRET))
    );
    // Kept where none is typed, another one where one is.
    let edit = "/admin/providers/company";
    scene
        .owner
        .fill_in(edit, edit, &[("name_en", "Firm")])
        .await
        .location();
    assert_eq!(scene.app.value(sealed).await, before);
    scene
        .owner
        .fill_in(edit, edit, &[("client_secret", "another-secret-of-theirs")])
        .await
        .location();
    assert_ne!(scene.app.value(sealed).await, before);
    let login = scene.app.browser().get("/login").await;
    assert!(login.text().contains("Continue with Firm"), "{login:?}");
    let changed = "detail like 'Changed sign-in with company%'";
    while scene.app.count("event", changed).await < 2 {
        tokio::task::yield_now().await;
    }
}

#[sqlx::test]
async fn what_people_are_known_by_can_t_be_changed(db: PgPool) {
    let scene = Scene::set(db).await;
    let edit = "/admin/providers/company";
    let fields = [
        ("issuer", "https://evil.example"),
        ("id", "evil"),
        ("kind", "google"),
    ];
    scene.owner.fill_in(edit, edit, &fields).await.location();
    let stored = scene
        .app
        .value("select provider_id || kind || issuer from provider")
        .await;
    assert_eq!(stored.unwrap(), format!("companyoidc{}", scene.there.url));
    // A second one of the same id is none.
    let new = "/admin/providers/new";
    let page = "/admin/providers/new?kind=line";
    let fields = [
        ("id", "company"),
        ("client_id", "x"),
        ("client_secret", "y"),
    ];
    scene
        .owner
        .fill_in(page, new, &fields)
        .await
        .assert_page(422);
    assert_eq!(scene.app.count("provider", "true").await, 1);
}

#[sqlx::test]
async fn a_form_that_shows_an_older_provider_overwrites_nothing(db: PgPool) {
    let scene = Scene::set(db).await;
    let edit = "/admin/providers/company";
    let form = scene.owner.get(edit).await.form(edit);
    scene
        .owner
        .fill_in(edit, edit, &[("name_en", "First")])
        .await
        .location();
    let late = scene.owner.submit(&form.with("name_en", "Second")).await;
    late.assert_page(422);
    assert_eq!(
        scene
            .app
            .value("select name_en from provider")
            .await
            .unwrap(),
        "First"
    );
}

#[sqlx::test]
async fn adm_09_an_issuer_is_https_and_outside(db: PgPool) {
    let scene = Scene::bare(db, &[("LINKGATE_OUTBOUND_PRIVATE", "refuse")]).await;
    let page = "/admin/providers/new?kind=oidc";
    for issuer in [
        "http://issuer.example",
        "https://127.0.0.1",
        "https://localhost",
        "https://169.254.169.254/latest",
        "https://[::1]",
        "https://0x7f000001",
        "https://10.0.0.7",
        "https://user@issuer.example",
        "https://issuer.example/#x",
        "https://issuer.example/?x=1",
        scene.there.url.as_str(),
        "javascript:alert(1)",
        "",
    ] {
        let fields = [
            ("id", "x"),
            ("issuer", issuer),
            ("name_en", "X"),
            ("client_id", "x"),
            ("client_secret", "y"),
        ];
        let answer = scene
            .owner
            .fill_in(page, "/admin/providers/new", &fields)
            .await;
        answer.assert_page(422);
    }
    assert_eq!(scene.app.count("provider", "true").await, 0);
}

#[sqlx::test]
async fn adm_09_what_was_stored_before_is_not_called_either(db: PgPool) {
    let scene = Scene::set(db).await;
    let strict = scene
        .app
        .node_with(&[("LINKGATE_OUTBOUND_PRIVATE", "refuse")])
        .await;
    let browser = strict.browser();
    let answer = scene.tap(&browser, "/login", "company").await;
    answer.assert_page(503);
    assert_eq!(scene.there.count("/.well-known/openid-configuration"), 0);
}

#[sqlx::test]
async fn only_owners_set_providers_up(db: PgPool) {
    let scene = Scene::set(db).await;
    let operator = scene.app.console(Operator).await;
    operator.get("/admin/providers").await.assert_page(403);
    operator
        .get("/admin/providers/company")
        .await
        .assert_page(403);
}
