//! The secret key that seals all others: a wrong one destroys nothing, and it can be changed while
//! the nodes go on.

use linkgate::foundation::keys::KeyKind;
use sqlx::PgPool;

use crate::harness::{
    PASSWORD, Platform, SECRET_KEY, Stage, TestApp, Tokens, hours, minutes, seconds, tokens,
};

const NEW: &str = "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=";
const BOTH: [(&str, &str); 2] = [
    ("LINKGATE_SECRET_KEY", NEW),
    ("LINKGATE_SECRET_KEY_PREVIOUS", SECRET_KEY),
];
const ONLY_NEW: [(&str, &str); 1] = [("LINKGATE_SECRET_KEY", NEW)];

/// Refreshes here, and asks there whose the new access token is.
async fn used(here: &Platform, there: &Platform, held: &Tokens) -> Tokens {
    let next = tokens(&here.refresh_with(&held.refresh, &[]).await);
    assert_eq!(there.resolve(&next.access).await.status, 200);
    next
}

async fn sealed(app: &TestApp) -> Option<String> {
    let all =
        "select string_agg(key_id || encode(sealed_secret, 'hex'), ' ' order by key_id) from key";
    app.value(all).await
}

#[sqlx::test]
async fn a_damaged_key_is_told_from_a_wrong_secret_key(db: PgPool) {
    let stage = Stage::set(db).await;
    let damage = "update key set sealed_secret = sealed_secret || 'x'::bytea where kind = 'code'";
    stage.app.change(damage).await;
    let (pool, clock) = (stage.app.db.clone(), stage.app.clock.clone());
    let refused = TestApp::try_start(pool, clock, &[]).await.err();
    let said = refused.unwrap().to_string();
    assert!(said.contains("the code key"), "{said}");
}

#[sqlx::test]
async fn the_secret_key_changes_while_two_nodes_go_on(db: PgPool) {
    let stage = Stage::set(db).await;
    let mut held = stage.link().await;
    let old = stage.app.second_node().await;
    let (first, second) = (&stage.platform, old.platform(&stage.client));
    held = used(first, &second, &held).await;

    // The first node is given both; a key it makes now is one that the second can read.
    let both = stage.app.node_with(&BOTH).await;
    let first = both.platform(&stage.client);
    both.rotate(KeyKind::Access).await;
    both.rotate(KeyKind::Refresh).await;
    both.clock.advance(minutes(2));
    held = used(&first, &second, &held).await;
    held = used(&second, &first, &held).await;

    // Then the second one, too; both go on while the keys are resealed.
    let also_both = stage.app.node_with(&BOTH).await;
    let second = also_both.platform(&stage.client);
    old.stop().await;
    let before = sealed(&both).await;
    let (resealed, last) = tokio::join!(both.reseal(), async {
        let mut held = held.clone();
        for _ in 0..20 {
            held = used(&first, &second, &held).await;
            held = used(&second, &first, &held).await;
        }
        held
    });
    let () = resealed;
    held = last;
    assert_ne!(sealed(&both).await, before);
    both.rotate(KeyKind::Access).await;
    both.clock.advance(minutes(2));
    held = used(&first, &second, &held).await;

    // At last each is given the new one alone, while the other goes on.
    let new = stage.app.node_with(&ONLY_NEW).await;
    let first = new.platform(&stage.client);
    both.stop().await;
    held = used(&first, &second, &held).await;
    let also_new = stage.app.node_with(&ONLY_NEW).await;
    let second = also_new.platform(&stage.client);
    also_both.stop().await;
    held = used(&first, &second, &held).await;
    used(&second, &first, &held).await;
    let (pool, clock) = (stage.app.db.clone(), stage.app.clock.clone());
    assert!(TestApp::try_start(pool, clock, &[]).await.is_err());
}

#[sqlx::test]
async fn a_node_that_can_read_the_keys_no_more_refuses_nobody_for_good(db: PgPool) {
    let stage = Stage::set(db).await;
    let first = stage.link().await;
    let both = stage.app.node_with(&BOTH).await;
    both.reseal().await;
    both.rotate(KeyKind::Refresh).await;
    both.clock.advance(minutes(2));
    let platform = both.platform(&stage.client);
    let second = tokens(&platform.refresh_with(&first.refresh, &[]).await);
    // The old node was never given the new secret key. It may not say that the token is bad.
    let answer = stage.platform.refresh_with(&second.refresh, &[]).await;
    answer.assert_refused(503, "temporarily_unavailable");
    assert!(answer.header("retry-after").is_some());
    // Nor may it name a key in a link that may soon be gone.
    let other = stage.platform.refresh_with(&first.refresh, &[]).await;
    assert_eq!(other.status, 503, "{other:?}");
    both.clock.advance(hours(12) + seconds(1));
    let code = {
        let browser = stage.browser.at(&both.url);
        let url = platform.url_with(&[]);
        let page = browser.consent_page(&stage.person, &url).await;
        crate::harness::Redirect::of(&browser.decide(&page, "approve").await)
    };
    let answer = stage.platform.redeem(code.code(), &[]).await;
    assert_eq!(answer.status, 503, "{answer:?}");
    tokens(&platform.redeem(code.code(), &[]).await);
    tokens(&platform.refresh_with(&second.refresh, &[]).await);
}

#[sqlx::test]
async fn the_seed_of_an_authenticator_app_is_resealed_with_the_keys(db: PgPool) {
    let stage = Stage::set(db).await;
    stage.browser.log_in(&stage.person).await;
    let app = stage.app.add_app(&stage.browser).await;
    let seed = "select sealed_seed from totp";
    let before = stage.app.value(seed).await;
    let both = stage.app.node_with(&BOTH).await;
    both.reseal().await;
    assert_ne!(stage.app.value(seed).await, before);
    let new = stage.app.node_with(&ONLY_NEW).await;
    new.clock.advance(minutes(2));
    let browser = new.browser();
    let email = &stage.person.email;
    let asked = browser.log_in_at("/login", email, PASSWORD).await;
    let entered = browser.type_code(&asked, &app.code(new.now())).await;
    assert_eq!(entered.location(), "/account");
}
