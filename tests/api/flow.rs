//! A flow on its way through the pages: bound to one browser, for a short time, and worth nothing
//! once the client has changed.

use linkgate::client::registration::Draft;
use sqlx::PgPool;

use crate::harness::{Redirect, Stage, TestApp, draft, minutes, preset, seconds};

/// The sealed flow in a form or an address.
fn flow_of(address: &str) -> String {
    let (_, flow) = address.split_once("flow=").unwrap();
    flow.to_owned()
}

#[sqlx::test]
async fn nothing_is_written_before_the_person_approves(db: PgPool) {
    let stage = Stage::set(db).await;
    let page = stage.consent_page(&[]).await;
    assert_eq!(stage.app.count("link", "true").await, 0);
    stage.browser.decide(&page, "approve").await;
    assert_eq!(stage.app.only_link().await, "pending");
}

#[sqlx::test]
async fn a_flow_can_be_finished_on_another_node(db: PgPool) {
    let stage = Stage::set(db).await;
    let second = stage.app.second_node().await;
    let login = stage.open(&[("state", "s")]).await;
    let browser = stage.browser.at(&second.url);
    let password = crate::harness::PASSWORD;
    let logged_in = browser
        .log_in_at(login.location(), &stage.person.email, password)
        .await;
    let page = stage.browser.get(logged_in.location()).await;
    let redirect = Redirect::of(&browser.decide(&page, "approve").await);
    assert_eq!(redirect.get("state"), Some("s"));
    assert_eq!(stage.redeem(redirect.code()).await.status, 200);
}

#[sqlx::test]
async fn a_flow_opened_in_another_browser_is_refused_with_a_page_that_says_what_to_do(db: PgPool) {
    let stage = Stage::set(db).await;
    let login = stage.open(&[]).await.location().to_owned();
    let consent = format!("/consent?flow={}", flow_of(&login));
    for browser in [stage.app.browser(), stage.app.browser()] {
        browser.log_in(&stage.person).await;
        for address in [&login, &consent] {
            let answer = browser.get(address).await;
            answer.assert_page(403);
            assert!(
                answer.text().contains("opened in another browser"),
                "{answer:?}"
            );
            assert!(answer.text().contains("go on there"), "{answer:?}");
        }
    }
    stage.app.browser().get(&login).await.assert_page(403);
}

#[sqlx::test]
async fn csr_04_an_attackers_flow_in_the_victims_own_form_links_nothing(db: PgPool) {
    let stage = Stage::set(db).await;
    let attackers = stage
        .open(&[("state", "attacker")])
        .await
        .location()
        .to_owned();
    let victim = stage.app.browser();
    let own_url = stage.platform.url_with(&[]);
    let page = victim.consent_page(&stage.person, &own_url).await;
    let form = page.form("/consent").with("flow", &flow_of(&attackers));
    let answer = victim.submit(&form.with("decision", "approve")).await;
    answer.assert_page(403);
    assert_eq!(stage.app.count("link", "true").await, 0);
}

#[sqlx::test]
async fn an_altered_or_invented_flow_is_refused(db: PgPool) {
    let stage = Stage::set(db).await;
    let flow = flow_of(stage.open(&[]).await.location());
    let mut altered = flow.clone().into_bytes();
    let middle = altered.len() / 2;
    *altered.get_mut(middle).unwrap() ^= 1;
    let altered = String::from_utf8(altered).unwrap();
    for flow in [
        altered,
        flow.get(4..).unwrap().to_owned(),
        format!("{flow}AAAA"),
        "x".to_owned(),
    ] {
        for path in ["/login", "/consent"] {
            let answer = stage.browser.get(&format!("{path}?flow={flow}")).await;
            answer.assert_page(400);
        }
    }
}

#[sqlx::test]
async fn an_address_without_its_flow_leads_nowhere(db: PgPool) {
    let stage = Stage::set(db).await;
    stage.browser.log_in(&stage.person).await;
    stage.browser.get("/consent").await.assert_page(404);
    stage.browser.get("/consent?flow=").await.assert_page(404);
    let page = stage.consent_page(&[]).await;
    let form = page
        .form("/consent")
        .without("flow")
        .with("decision", "approve");
    stage.browser.submit(&form).await.assert_page(400);
}

#[sqlx::test]
async fn a_flow_expires_after_ten_minutes_at_every_step(db: PgPool) {
    let stage = Stage::set(db).await;
    let login = stage.open(&[]).await.location().to_owned();
    let page = stage.consent_page(&[]).await;
    stage.app.clock.advance(minutes(10) - seconds(1));
    assert_eq!(stage.browser.get(&login).await.status, 200);
    stage.app.clock.advance(seconds(1));
    let consent = format!("/consent?flow={}", flow_of(&login));
    for address in [login, consent] {
        let answer = stage.browser.get(&address).await;
        answer.assert_page(400);
        assert!(
            answer.text().contains("time to link has passed"),
            "{answer:?}"
        );
    }
    stage
        .browser
        .decide(&page, "approve")
        .await
        .assert_page(400);
    stage.browser.decide(&page, "deny").await.assert_page(400);
    assert_eq!(stage.app.count("link", "true").await, 0);
}

#[sqlx::test]
async fn clova_gives_a_person_five_minutes_and_the_page_says_so(db: PgPool) {
    let clova = Draft {
        preset: preset("clova"),
        redirect_uris: Vec::new(),
        ..draft()
    };
    let stage = Stage::set_for(db, clova).await;
    let state = "s".repeat(300);
    let page = stage.consent_page(&[("state", &state)]).await;
    assert!(page.text().contains("5 minutes"), "{}", page.text());
    stage.app.clock.advance(minutes(5) - seconds(1));
    let in_time = stage.browser.decide(&page, "approve").await;
    assert_eq!(Redirect::of(&in_time).get("state"), Some(state.as_str()));

    let page = stage.consent_page(&[]).await;
    stage.app.clock.advance(minutes(5));
    stage
        .browser
        .decide(&page, "approve")
        .await
        .assert_page(400);
    assert_eq!(stage.app.count("link", "true").await, 1);
}

#[sqlx::test]
async fn a_client_that_was_disabled_meanwhile_is_a_page(db: PgPool) {
    let stage = Stage::set(db).await;
    let page = stage.consent_page(&[]).await;
    let flow = page.form("/consent").value("flow").to_owned();
    stage.app.disable_client(&stage.client).await;
    for decision in ["approve", "deny"] {
        stage.browser.decide(&page, decision).await.assert_page(400);
    }
    stage
        .browser
        .get(&format!("/consent?flow={flow}"))
        .await
        .assert_page(400);
    assert_eq!(stage.app.count("link", "true").await, 0);
}

#[sqlx::test]
async fn a_redirect_uri_that_was_removed_meanwhile_gets_no_answer(db: PgPool) {
    let stage = Stage::set(db).await;
    let page = stage.consent_page(&[]).await;
    let moved = |client: &mut linkgate::client::Client| {
        client.redirect_uris = vec!["https://platform.test/elsewhere".to_owned()];
    };
    stage.app.change_client(&stage.client, moved).await;
    for decision in ["approve", "deny"] {
        stage.browser.decide(&page, decision).await.assert_page(400);
    }
    assert_eq!(stage.app.count("link", "true").await, 0);
}

#[sqlx::test]
async fn a_scope_that_was_taken_away_meanwhile_is_told_to_the_platform(db: PgPool) {
    let stage = Stage::set(db).await;
    let asked = [("scope", "account:email"), ("state", "s")];
    let page = stage.consent_page(&asked).await;
    let fewer = |client: &mut linkgate::client::Client| {
        client.scopes = linkgate::protocol::ScopeSet::parse("account:id account:profile").unwrap();
    };
    stage.app.change_client(&stage.client, fewer).await;
    let answer = stage.browser.decide(&page, "approve").await;
    Redirect::of(&answer).assert_error("invalid_scope", Some("s"));
    assert_eq!(stage.app.count("link", "true").await, 0);
}

#[sqlx::test]
async fn a_client_that_was_deleted_meanwhile_is_a_page(db: PgPool) {
    let stage = Stage::set(db).await;
    let page = stage.consent_page(&[]).await;
    let deleted = linkgate::client::store::delete_client(&stage.app.db, &stage.client.client.id);
    assert!(deleted.await.unwrap());
    stage
        .browser
        .decide(&page, "approve")
        .await
        .assert_page(400);
}

#[sqlx::test]
async fn two_tabs_with_two_flows_dont_mix(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let person = app.person("haneul@example.com").await;
    let browser = app.browser();
    let other = Draft {
        name: "Other".to_owned(),
        redirect_uris: vec!["https://other.test/done".to_owned()],
        ..draft()
    };
    let (first, second) = (app.client().await, app.register(other).await);
    let (first, second) = (app.platform(&first), app.platform(&second));
    let first_url = first.url_with(&[("state", "first"), ("scope", "account:email")]);
    let second_url = second.url_with(&[("state", "second"), ("scope", "account:profile")]);
    let first_tab = browser.consent_page(&person, &first_url).await;
    let second_tab = browser.consent_page(&person, &second_url).await;

    let one = Redirect::of(&browser.decide(&first_tab, "approve").await);
    let two = Redirect::of(&browser.decide(&second_tab, "approve").await);
    assert_eq!(
        (one.target.as_str(), one.get("state")),
        ("https://platform.test/callback", Some("first"))
    );
    assert_eq!(
        (two.target.as_str(), two.get("state")),
        ("https://other.test/done", Some("second"))
    );
    let one = crate::harness::tokens(&first.redeem(one.code(), &[]).await);
    let two = crate::harness::tokens(&second.redeem(two.code(), &[]).await);
    assert_eq!(one.scope, "account:id account:email");
    assert_eq!(two.scope, "account:id account:profile");
}

#[sqlx::test]
async fn what_one_tab_named_approves_nothing_in_another(db: PgPool) {
    let stage = Stage::set(db).await;
    let first = stage.consent_page(&[("scope", "account:id")]).await;
    let second = stage.consent_page(&[("scope", "account:attributes")]).await;
    let named = first.form("/consent").value("named").to_owned();
    for named in [named.as_str(), "", "1.AAAA", "x"] {
        let form = second
            .form("/consent")
            .with("named", named)
            .with("decision", "approve");
        let answer = stage.browser.submit(&form).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_ne!(answer.form("/consent").value("named"), named);
    }
    assert_eq!(stage.app.count("link", "true").await, 0);
}

#[sqlx::test]
async fn a_key_that_cant_be_looked_up_is_503_and_no_refusal(db: PgPool) {
    let stage = Stage::set(db).await;
    let flow = flow_of(stage.open(&[]).await.location());
    let form = stage.consent_page(&[]).await.form("/consent");
    let form = form.with("decision", "approve");
    // Key ids that this node has never heard of: another node may have made them just now.
    let sealed = format!("/consent?flow=f___{}", &flow[4..]);
    let unknown = "32767.AAAA";
    stage.app.clock.advance(seconds(2));
    let mut locking = stage.app.db.begin().await.unwrap();
    let lock = sqlx::query("lock table key in access exclusive mode");
    lock.execute(&mut *locking).await.unwrap();
    for answer in [
        stage.browser.get(&sealed).await,
        stage
            .browser
            .submit(&form.clone().with("csrf", unknown))
            .await,
        stage
            .browser
            .submit(&form.clone().with("named", unknown))
            .await,
    ] {
        answer.assert_page(503);
        assert!(answer.header("retry-after").is_some());
    }
    locking.rollback().await.unwrap();
    Redirect::of(&stage.browser.submit(&form).await).code();
}

#[sqlx::test]
async fn what_was_appended_to_a_pages_address_on_the_way_changes_nothing(db: PgPool) {
    let stage = Stage::set(db).await;
    let page = stage.consent_page(&[]).await;
    let form = page.form("/consent");
    let flow = form.value("flow");
    for appended in ["x=%zz", "utm_source=%ff", "x=1&x=2"] {
        let address = format!("/consent?{appended}&flow={flow}");
        let again = stage.browser.get(&address).await;
        assert!(again.body.contains("김하늘"), "{appended}");
    }
}
