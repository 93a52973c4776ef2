//! The console's door (ADM-01, CSR): who may open and post what.

use std::time::Duration;

use linkgate::admin::AdminRole::{Operator, Owner, Viewer};
use sqlx::PgPool;
use uuid::Uuid;

use crate::harness::{Browser, Form, Stage, TestApp};

/// What every admin may open.
const FOR_VIEWERS: [&str; 19] = [
    "/admin/invitations",
    "/admin/invitations/INVITATION",
    "/admin/attempts",
    "/admin/attempts/ATTEMPT",
    "/admin",
    "/admin/clients",
    "/admin/clients/CLIENT",
    "/admin/clients/CLIENT/actions",
    "/admin/clients/CLIENT/look",
    "/admin/clients/CLIENT/record",
    "/admin/clients/CLIENT/setup",
    "/admin/accounts",
    "/admin/accounts/ACCOUNT",
    "/admin/links",
    "/admin/links/LINK",
    "/admin/settings",
    "/admin/sign-in",
    "/admin/sign-in/app",
    "/admin/sign-in/codes",
];
/// What every admin may open where browsers make passkeys, or about one they have.
const OWN_PASSKEYS: [&str; 2] = [
    "/admin/sign-in/passkeys/new",
    "/admin/sign-in/passkeys/PASSKEY",
];
/// What only operators and owners may open.
const FOR_OPERATORS: [&str; 14] = [
    "/admin/invitations/new",
    "/admin/clients/new",
    "/admin/clients/CLIENT/edit",
    "/admin/clients/CLIENT/secret",
    "/admin/clients/CLIENT/delete",
    "/admin/accounts/new",
    "/admin/accounts/ACCOUNT/edit",
    "/admin/accounts/ACCOUNT/disable",
    "/admin/accounts/ACCOUNT/enable",
    "/admin/accounts/ACCOUNT/factors",
    "/admin/links/LINK/end",
    "/admin/settings/scopes/new",
    "/admin/settings/scopes/edit?scope=orders:read",
    "/admin/settings/scopes/delete?scope=orders:read",
];
/// What only owners may open.
const FOR_OWNERS: [&str; 10] = [
    "/admin/providers",
    "/admin/providers/new",
    "/admin/providers/PROVIDER",
    "/admin/providers/PROVIDER/delete",
    "/admin/admins",
    "/admin/admins/new",
    "/admin/admins/ADMIN",
    "/admin/admins/ADMIN/disable",
    "/admin/admins/ADMIN/enable",
    "/admin/admins/ADMIN/factors",
];
/// Where forms are posted to and no page is: they lead up to the page that has the form.
const WITHOUT_A_PAGE: [&str; 10] = [
    "/admin/invitations/INVITATION/send",
    "/admin/invitations/INVITATION/withdraw",
    "/admin/providers/PROVIDER/disable",
    "/admin/providers/PROVIDER/enable",
    "/admin/clients/CLIENT/call-secret",
    "/admin/clients/CLIENT/actions/delete",
    "/admin/clients/CLIENT/look/logo",
    "/admin/clients/CLIENT/record/adopt",
    "/admin/clients/CLIENT/disable",
    "/admin/clients/CLIENT/enable",
];
/// What every admin may post, about themselves.
const POSTS_OF_ALL: [&str; 4] = [
    "/admin/sign-in/app",
    "/admin/sign-in/codes",
    OWN_PASSKEYS[0],
    OWN_PASSKEYS[1],
];
/// What viewers may not post.
const POSTS_OF_OPERATORS: [&str; 27] = [
    "/admin/invitations/new",
    "/admin/invitations/INVITATION/send",
    "/admin/invitations/INVITATION/withdraw",
    "/admin/clients/CLIENT/call-secret",
    "/admin/clients/CLIENT/look",
    "/admin/clients/CLIENT/look/logo",
    "/admin/clients/new",
    "/admin/clients/CLIENT/edit",
    "/admin/clients/CLIENT/actions",
    "/admin/clients/CLIENT/actions/delete",
    "/admin/clients/CLIENT/record",
    "/admin/clients/CLIENT/record/adopt",
    "/admin/clients/CLIENT/setup",
    "/admin/clients/CLIENT/secret",
    "/admin/clients/CLIENT/disable",
    "/admin/clients/CLIENT/enable",
    "/admin/clients/CLIENT/delete",
    "/admin/accounts/new",
    "/admin/accounts/ACCOUNT/edit",
    "/admin/accounts/ACCOUNT/disable",
    "/admin/accounts/ACCOUNT/enable",
    "/admin/accounts/ACCOUNT/factors",
    "/admin/links/LINK/end",
    "/admin/settings",
    "/admin/settings/scopes/new",
    "/admin/settings/scopes/edit",
    "/admin/settings/scopes/delete",
];
/// What operators may not post either.
const POSTS_OF_OWNERS: [&str; 10] = [
    "/admin/providers/new",
    "/admin/providers/PROVIDER",
    "/admin/providers/PROVIDER/disable",
    "/admin/providers/PROVIDER/enable",
    "/admin/providers/PROVIDER/delete",
    "/admin/admins/new",
    "/admin/admins/ADMIN",
    "/admin/admins/ADMIN/disable",
    "/admin/admins/ADMIN/enable",
    "/admin/admins/ADMIN/factors",
];

/// A link to look at, a scope, and the addresses with their ids filled in.
struct Scene {
    stage: Stage,
    owner: Browser,
    ids: [(&'static str, String); 7],
}

impl Scene {
    async fn set(db: PgPool) -> Self {
        let stage = Stage::set(db).await;
        stage.link().await;
        let owner = stage.app.console(Owner).await;
        let sentences = "'orders:read', '주문', 'Orders', '注文', now()";
        let scope = format!("insert into scope values ({sentences})");
        stage.app.change(&scope).await;
        let provider = "insert into provider (provider_id, kind, client_id, client_secret, created_at, updated_at)
             values ('line', 'line', 'x', 'x', now(), now())";
        stage.app.change(provider).await;
        let invitation = "insert into invitation (email_key, email, invited_at, expires_at)
             values ('guest@example.com', 'guest@example.com', now(), now())";
        stage.app.change(invitation).await;
        let id = async |sql: &str| stage.app.value(sql).await.unwrap();
        // Written behind the link.
        let mut attempt = None;
        while attempt.is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let sql = "select support_code from attempt limit 1";
            attempt = stage.app.value(sql).await;
        }
        let attempt = attempt.unwrap();
        let ids = [
            ("CLIENT", stage.client.id()),
            ("ACCOUNT", stage.person.id.to_string()),
            ("LINK", id("select link_id from link").await),
            ("ATTEMPT", attempt),
            (
                "INVITATION",
                id("select invitation_id from invitation").await,
            ),
            ("PROVIDER", "line".to_owned()),
            ("ADMIN", id("select admin_id from admin").await),
        ];
        Self { stage, owner, ids }
    }

    fn address(&self, template: &str) -> String {
        let filled = self.ids.iter();
        filled.fold(template.to_owned(), |address, (name, id)| {
            address.replace(name, id)
        })
    }

    /// Everything an admin could have changed, in one value.
    async fn everything(&self) -> String {
        let tables = [
            "account",
            "client",
            "client_branding",
            "client_secret",
            "scope",
            "admin",
            "provider",
            "invitation",
        ];
        let mut seen = String::new();
        for table in tables {
            let sql =
                format!("select md5(string_agg(t::text, '' order by t::text)) from {table} t");
            seen += &self.stage.app.value(&sql).await.unwrap_or_default();
        }
        let more = "select (select name from service) || (select state::text from link)";
        seen + &self.stage.app.value(more).await.unwrap()
    }
}

/// A form that a browser could post with the token of a page it can see.
async fn form(browser: &Browser, action: &str) -> Form {
    let page = browser.get("/admin").await;
    Form {
        action: action.to_owned(),
        ..page.form("/admin/logout")
    }
}

#[test]
fn adm_01_every_address_of_the_console_is_tried_here() {
    let routes = include_str!("../../src/routes.rs");
    let console: Vec<_> = routes
        .lines()
        .filter(|line| line.contains("page(\"/admin"))
        .filter(|line| !line.contains("/admin/login") && !line.contains("/admin/logout"))
        .collect();
    assert!(
        console.len() > 20,
        "the console has another table of addresses now"
    );
    let pages = [&FOR_VIEWERS[..], &FOR_OPERATORS, &FOR_OWNERS];
    let others = [&OWN_PASSKEYS[..], &WITHOUT_A_PAGE];
    let opened = [pages.concat(), others.concat()].concat();
    let posted = [&POSTS_OF_ALL[..], &POSTS_OF_OPERATORS, &POSTS_OF_OWNERS].concat();
    for line in console {
        let path = line.split('"').nth(1).unwrap();
        for (method, tried) in [(".get(", &opened), (".post(", &posted)] {
            let known = tried.iter().any(|template| is_at(template, path));
            assert!(
                known || !line.contains(method),
                "add {path} to a list of those with {method}"
            );
        }
    }
}

/// Whether a template of these lists leads to that address of the table of URLs.
fn is_at(template: &str, path: &str) -> bool {
    let template = template.split('?').next().unwrap_or_default();
    let id = |part: &str| part.starts_with(|first: char| first.is_ascii_uppercase());
    let (ours, theirs) = (template.split('/'), path.split('/'));
    let same =
        |(ours, theirs): (&str, &str)| ours == theirs || (id(ours) && theirs.starts_with('{'));
    ours.clone().count() == theirs.clone().count() && ours.zip(theirs).all(same)
}

#[sqlx::test]
async fn adm_01_nobody_sees_or_changes_anything_without_signing_in(db: PgPool) {
    let scene = Scene::set(db).await;
    let before = scene.everything().await;
    let person = scene.stage.browser.clone();
    for browser in [scene.stage.app.browser(), person] {
        let pages = FOR_VIEWERS.iter().chain(&FOR_OPERATORS).chain(&FOR_OWNERS);
        for template in pages.chain(&OWN_PASSKEYS).chain(&WITHOUT_A_PAGE) {
            let answer = browser.get(&scene.address(template)).await;
            let login = answer.location();
            assert!(login.starts_with("/admin/login"), "{template}: {answer:?}");
            assert_eq!(answer.body, "", "{template}");
        }
        let posts = OWN_PASSKEYS.iter().chain(&POSTS_OF_OPERATORS);
        for template in posts.chain(&POSTS_OF_OWNERS) {
            let request = browser.request("POST", &scene.address(template));
            let request = request.form(&[("name", "changed"), ("email", "x@y.test")]);
            browser.send(request).await.assert_page(403);
        }
    }
    assert_eq!(scene.everything().await, before);
}

#[sqlx::test]
async fn adm_01_a_viewer_sees_and_changes_nothing(db: PgPool) {
    let scene = Scene::set(db).await;
    let viewer = scene.stage.app.console(Viewer).await;
    let before = scene.everything().await;
    for template in &FOR_VIEWERS {
        let page = viewer.get(&scene.address(template)).await;
        page.assert_page(200);
        assert!(!page.text().contains("Admins"), "{template}");
    }
    for template in FOR_OPERATORS.iter().chain(&FOR_OWNERS) {
        viewer.get(&scene.address(template)).await.assert_page(403);
    }
    for template in POSTS_OF_OPERATORS.iter().chain(&POSTS_OF_OWNERS) {
        let form = form(&viewer, &scene.address(template)).await;
        viewer.submit(&form).await.assert_page(403);
    }
    assert_eq!(scene.everything().await, before);
}

#[sqlx::test]
async fn adm_01_only_owners_meet_other_admins(db: PgPool) {
    let scene = Scene::set(db).await;
    let operator = scene.stage.app.console(Operator).await;
    let before = scene.everything().await;
    for template in FOR_VIEWERS.iter().chain(&FOR_OPERATORS) {
        operator
            .get(&scene.address(template))
            .await
            .assert_page(200);
    }
    for template in FOR_OWNERS {
        operator
            .get(&scene.address(template))
            .await
            .assert_page(403);
        scene
            .owner
            .get(&scene.address(template))
            .await
            .assert_page(200);
    }
    for template in POSTS_OF_OWNERS {
        let form = form(&operator, &scene.address(template)).await;
        operator.submit(&form).await.assert_page(403);
    }
    assert_eq!(scene.everything().await, before);
}

#[sqlx::test]
async fn csr_01_no_other_site_can_post_for_an_admin(db: PgPool) {
    let scene = Scene::set(db).await;
    let before = scene.everything().await;
    let foreign = [
        ("origin", "https://evil.test"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("referer", "https://evil.test/page"),
    ];
    for template in POSTS_OF_OPERATORS.iter().chain(&POSTS_OF_OWNERS) {
        let form = form(&scene.owner, &scene.address(template)).await;
        for header in foreign {
            let answer = scene.owner.submit_with(&form, &[header]).await;
            answer.assert_page(403);
        }
    }
    assert_eq!(scene.everything().await, before);
}

#[sqlx::test]
async fn csr_02_a_form_needs_the_token_of_its_own_session(db: PgPool) {
    let scene = Scene::set(db).await;
    let action = scene.address("/admin/accounts/ACCOUNT/disable");
    let owner = &scene.owner;
    let right = form(owner, &action).await;
    let operator = form(&scene.stage.app.console(Operator).await, &action).await;
    let before = scene.everything().await;
    let signing_in = scene.stage.app.browser().get("/admin/login").await;
    let of_login = signing_in.form("/admin/login");
    for token in ["", "1.AAAA", operator.value("csrf"), of_login.value("csrf")] {
        let answer = owner.submit(&right.clone().with("csrf", token)).await;
        answer.assert_page(403);
    }
    owner.submit(&right.without("csrf")).await.assert_page(403);
    assert_eq!(scene.everything().await, before);

    // A token of before this sign-in is another session's.
    let old = form(owner, &action).await;
    let browser = owner.clone();
    browser.forget_cookie("adm");
    browser.sign_in("owner@example.com").await;
    browser.submit(&old).await.assert_page(403);
    assert_eq!(scene.everything().await, before);
}

#[sqlx::test]
async fn what_does_not_exist_is_a_page_that_says_so(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let owner = app.console(Owner).await;
    let nobody = Uuid::nil();
    for kind in ["accounts", "links", "admins", "clients"] {
        for id in ["x", "%27", "%2e%2e", &nobody.to_string()] {
            let page = owner.get(&format!("/admin/{kind}/{id}")).await;
            page.assert_page(404);
        }
    }
    owner.get("/admin/nothing").await.assert_page(404);
    let page = owner.get("/admin/settings/scopes/edit?scope=no").await;
    page.assert_page(404);
    for broken in [
        "q=%00",
        "q=%ff",
        "page=-1",
        "page=99999999999999999999",
        "page=x",
    ] {
        owner
            .get(&format!("/admin/accounts?{broken}"))
            .await
            .assert_page(200);
    }
}
