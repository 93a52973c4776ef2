//! What a change has to do with other accounts, other codes, and admins.

use linkgate::admin::AdminRole;
use sqlx::PgPool;

use super::{ASK, NEW, OLD, Scene, TYPE, ask, ask_with, is_logged_in, type_code};
use crate::harness::{Answer, Browser, PASSWORD};

/// Everything an address is answered with, up to the last guess at its code; without what is random.
async fn seen(browser: &Browser, email: &str) -> Vec<(u16, String)> {
    let plain = |answer: &Answer| (answer.status, answer.text().replace(email, "ADDRESS"));
    let posted = ask_with(browser, email, PASSWORD).await;
    let (path, query) = posted.location().split_once('?').unwrap();
    let mut headers: Vec<_> = posted.headers.keys().map(ToString::to_string).collect();
    headers.sort();
    let length = query.matches('=').count();
    let posted = (posted.status, format!("{path} {length} {headers:?}"));
    let page = browser.get(&format!("{path}?{query}")).await;
    let mut all = vec![posted, plain(&page)];
    for _ in 0..7 {
        all.push(plain(&type_code(browser, &page, "000000").await));
    }
    all
}

#[sqlx::test]
async fn auth_04_a_change_of_address_answers_alike_whoever_has_it(db: PgPool) {
    let scene = Scene::set(db).await;
    let app = scene.app();
    let known = app.person("known@example.com").await;
    let blocked = app.person("blocked@example.com").await;
    app.disable(&blocked).await;
    let free = seen(&scene.stage.browser, "nobody@example.com").await;
    for taken in [&known.email, &blocked.email] {
        assert_eq!(seen(&scene.stage.browser, taken).await, free);
        // Only who reads its mail is told.
        let letter = scene.mail.letter_to(taken).await;
        assert_eq!(letter.code(), None, "{letter:?}");
        assert!(letter.subject.contains("이미 있어요"), "{letter:?}");
    }
    assert_eq!(scene.address().await.as_deref(), Some(OLD));
}

#[sqlx::test]
async fn an_address_that_another_account_got_meanwhile_is_said_to_be_taken(db: PgPool) {
    let scene = Scene::set(db).await;
    let browser = &scene.stage.browser;
    let page = ask(browser, NEW).await;
    let code = scene.code_for(NEW).await;
    scene.app().person("New.Home@Example.com").await;
    let taken = type_code(browser, &page, &code).await;
    taken.assert_page(422);
    let text = browser.get("/account/you?lang=en").await.text();
    assert!(text.contains(OLD), "{text}");
    assert!(taken.body.contains("id=\"wrong\""), "{taken:?}");
    assert_eq!(taken.form(ASK).value("email"), NEW);
    assert_eq!(scene.app().count("account", "true").await, 2);
    assert!(is_logged_in(browser).await);
}

#[sqlx::test]
async fn codes_for_a_new_password_die_with_the_address_they_were_mailed_to(db: PgPool) {
    let scene = Scene::set(db).await;
    let mut pages = Vec::new();
    for typed in [false, true] {
        let browser = scene.app().browser();
        let form = browser.get("/password/forgot").await;
        let form = form.form("/password/forgot").with("email", OLD);
        let page = browser.submit(&form).await;
        let page = browser.get(page.location()).await;
        let form = page
            .form("/verify")
            .with("code", &scene.code_for(OLD).await);
        if typed {
            let open = browser.submit(&form).await;
            let page = browser.get(open.location()).await;
            pages.push((browser, page.form("/password/reset")));
        } else {
            pages.push((browser, form));
        }
    }
    scene.change_to(NEW).await;
    let [(first, code), (second, password)] = pages.as_slice() else {
        panic!("two");
    };
    assert_eq!(first.submit(code).await.status, 422);
    let password = password.clone().with("password", "ochre tundra lamp");
    let refused = second.submit(&password).await;
    assert_eq!(refused.location(), "/password/forgot?again=1");
    let new = scene.app().browser();
    let new = new.log_in_at("/login", NEW, PASSWORD).await;
    assert_eq!(new.location(), "/account");
}

#[sqlx::test]
async fn an_admin_who_changes_an_address_does_the_same(db: PgPool) {
    let scene = Scene::set(db).await;
    let (stage, app) = (&scene.stage, scene.app());
    let page = ask(&stage.browser, "other@example.com").await;
    let code = scene.code_for("other@example.com").await;
    let console = app.console(AdminRole::Operator).await;
    let edit = format!("/admin/accounts/{}/edit", stage.person.id);
    let form = console.get(&edit).await.form(&edit);
    // However it is written, it is the same address.
    let form = form.with("email", "Haneul@example.com");
    assert_eq!(console.submit(&form).await.status, 303);
    assert!(is_logged_in(&stage.browser).await);
    assert!(scene.letters().await.is_empty());

    let form = console.get(&edit).await.form(&edit).with("email", NEW);
    assert_eq!(console.submit(&form).await.status, 303);
    assert!(!is_logged_in(&stage.browser).await);
    let old = scene.mail.letter_to("Haneul@example.com").await;
    assert!(old.subject.contains("이메일 주소가 바뀌었어요"), "{old:?}");
    scene.mail.letter_to(NEW).await;
    // The code of before is dead, too.
    let login = stage.browser.log_in_at("/login", NEW, PASSWORD).await;
    assert_eq!(login.location(), "/account");
    let ticket = page.form(TYPE).value("ticket").to_owned();
    let page = stage.browser.get(&format!("{TYPE}?ticket={ticket}")).await;
    let late = type_code(&stage.browser, &page, &code).await;
    assert_eq!(late.status, 422);
}
