//! Events: what was learned of a user, and what a disabled extension ends.

use chrono::TimeDelta;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{RELINK, Scene, assert_not_admitted, assert_silent, spoken};
use crate::harness::cek::{Cek, EXTENSION, USER, event, launch};
use crate::harness::{days, minutes, seconds};

impl Scene {
    /// An event at that time from now.
    fn event(&self, name: &str, from_now: TimeDelta) -> Value {
        event(name, USER, &(self.app.now() + from_now).to_rfc3339())
    }

    /// Whether what the person linked first still works.
    async fn works(&self, token: &str) -> bool {
        self.platform.resolve(token).await.status == 200
    }
}

#[sqlx::test]
async fn a_disabled_extension_ends_the_links_its_user_spoke_through(db: PgPool) {
    let scene = Scene::new(db).await;
    let unspoken = scene.link_again().await;
    scene.cek.send(&launch(Some(scene.token()))).await;
    scene.app.clock.advance(seconds(1));
    assert_silent(
        &scene
            .cek
            .send(&scene.event("SkillDisabled", seconds(0)))
            .await,
    );

    assert!(!scene.works(&scene.tokens.access).await);
    assert_eq!(
        spoken(&scene.cek.send(&launch(Some(scene.token()))).await),
        RELINK
    );
    let ended = scene
        .app
        .count("link", "state = 'ended' and end_reason = 'platform'");
    assert_eq!(ended.await, 1);
    assert!(
        scene.works(&unspoken.access).await,
        "nothing tells whose that is"
    );
    // What was learned is deleted, and the history tells what happened.
    assert_eq!(scene.app.count("cek_user", "true").await, 0);
    let told = "select string_agg(kind || ':' || detail, ' ' order by kind) from event
                where kind in ('link_ended', 'extension_disabled')";
    let told = scene.app.value(told).await.unwrap();
    assert_eq!(
        told,
        "extension_disabled:links ended: 1 link_ended:platform"
    );
}

#[sqlx::test]
async fn an_event_of_another_user_or_client_ends_nothing(db: PgPool) {
    let scene = Scene::new(db).await;
    scene.cek.send(&launch(Some(scene.token()))).await;
    scene.app.clock.advance(seconds(1));
    let now = scene.app.now().to_rfc3339();
    let stranger = event("SkillDisabled", "U00000000000000000000000000000000", &now);
    assert_silent(&scene.cek.send(&stranger).await);
    assert!(scene.works(&scene.tokens.access).await);
    assert_eq!(scene.app.count("cek_user", "true").await, 1);
    // The id is kept as a hash: nobody needs to read it.
    let plain = format!("encode(user_hash, 'escape') like '%{USER}%'");
    assert_eq!(scene.app.count("cek_user", &plain).await, 0);
}

#[sqlx::test]
async fn an_event_ends_only_links_made_before_it(db: PgPool) {
    let scene = Scene::new(db).await;
    scene.app.clock.advance(minutes(10));
    let later = scene.link_again().await;
    scene.cek.send(&launch(Some(scene.token()))).await;
    scene.cek.send(&launch(Some(&later.access))).await;
    // It comes late: the person has linked again since.
    assert_silent(
        &scene
            .cek
            .send(&scene.event("SkillDisabled", minutes(-5)))
            .await,
    );
    assert!(!scene.works(&scene.tokens.access).await);
    assert!(scene.works(&later.access).await);
    assert_eq!(scene.app.count("cek_user", "true").await, 1);
    // The next one ends that link, too.
    scene.app.clock.advance(seconds(1));
    assert_silent(
        &scene
            .cek
            .send(&scene.event("SkillDisabled", seconds(0)))
            .await,
    );
    assert!(!scene.works(&later.access).await);
    assert_eq!(scene.app.count("cek_user", "true").await, 0);
}

#[sqlx::test]
async fn what_another_node_learned_before_an_event_ends_when_it_is_written(db: PgPool) {
    let scene = Scene::new(db).await;
    scene.cek.send(&launch(Some(scene.token()))).await;
    scene.app.clock.advance(seconds(1));
    let node = scene.app.second_node().await;
    let there = Cek::new(&node.url, &scene.client.id());
    let disabled = scene.event("SkillDisabled", seconds(0));
    assert_silent(&there.send(&disabled).await);
    // The person links anew, before the first node writes what it learned.
    scene.app.clock.advance(seconds(1));
    let new = scene.link_again().await;
    scene.cek.send(&launch(Some(&new.access))).await;
    let Scene { app, tokens, .. } = scene;
    app.stop().await;

    let bearer = |token: &str| format!("Bearer {token}");
    let resolve = async |token: &str| {
        let browser = node.browser();
        let request = browser.request("GET", "/resolve");
        let request = request.header("authorization", bearer(token));
        browser.send(request).await.status
    };
    assert_eq!(resolve(&tokens.access).await, 401);
    assert_eq!(resolve(&new.access).await, 200);
    let ended = "kind = 'link_ended' and detail = 'platform'";
    assert_eq!(node.count("event", ended).await, 1);
    // An hour later nobody needs to know any more who disabled it.
    node.clock.advance(minutes(61));
    node.clean().await;
    assert_eq!(node.count("cek_disabled", "true").await, 0);
    assert_eq!(node.count("cek_user", "true").await, 1);
}

#[sqlx::test]
async fn cek_06_an_event_acts_once_and_a_turn_is_answered_afresh(db: PgPool) {
    let scene = Scene::new(db).await;
    scene.cek.send(&launch(Some(scene.token()))).await;
    // The platform's clock is a little ahead, so what is linked next is older than the event.
    let captured = scene.event("SkillDisabled", minutes(4)).to_string();
    assert_silent(&scene.cek.send_bytes(captured.as_bytes()).await);
    assert!(!scene.works(&scene.tokens.access).await);

    scene.app.clock.advance(seconds(1));
    let again = scene.link_again().await;
    let turn = launch(Some(&again.access));
    scene.cek.send(&turn).await;
    assert_silent(&scene.cek.send_bytes(captured.as_bytes()).await);
    assert!(scene.works(&again.access).await, "it was seen before");
    let node = scene.app.second_node().await;
    let there = Cek::new(&node.url, &scene.client.id());
    assert_silent(&there.send_bytes(captured.as_bytes()).await);
    assert!(scene.works(&again.access).await, "also by another node");

    // A turn that is played again says what is so now.
    assert_eq!(
        spoken(&scene.cek.send(&turn).await),
        "김하늘님, 12점이에요."
    );
    scene
        .app
        .change_account(&scene.person, |account| account.name = "이바다".to_owned())
        .await;
    assert_eq!(
        spoken(&scene.cek.send(&turn).await),
        "이바다님, 12점이에요."
    );
    scene.app.disable(&scene.person).await;
    assert_eq!(spoken(&scene.cek.send(&turn).await), RELINK);
    assert_eq!(scene.app.count("cek_event", "true").await, 1);

    // Long after, it is forgotten, and finds nothing that is older than itself.
    scene.app.enable(&scene.person).await;
    scene.app.clock.advance(days(31));
    scene.app.clean().await;
    assert_eq!(scene.app.count("cek_event", "true").await, 0);
    let new = scene.link_again().await;
    scene.cek.send(&launch(Some(&new.access))).await;
    assert_silent(&scene.cek.send_bytes(captured.as_bytes()).await);
    assert!(scene.works(&new.access).await);
}

#[sqlx::test]
async fn an_event_needs_the_configured_extension_and_a_time_that_has_come(db: PgPool) {
    let scene = Scene::new(db).await;
    scene.cek.send(&launch(Some(scene.token()))).await;
    scene.app.clock.advance(seconds(1));
    let good = scene.event("SkillDisabled", seconds(0));
    let mut other = good.clone();
    other["context"]["System"]["application"]["applicationId"] = json!("com.example.other");
    let mut nameless = good.clone();
    nameless["context"]["System"]["application"] = json!(null);
    for event in [&other, &nameless] {
        assert_not_admitted(&scene.cek.send(event).await);
    }
    let future = scene.event("SkillDisabled", minutes(6));
    assert_eq!(scene.cek.send(&future).await.status, 400);
    let mut timeless = good.clone();
    timeless["request"]["timestamp"] = json!(null);
    assert_eq!(scene.cek.send(&timeless).await.status, 400);

    scene
        .change(|client| client.settings.extension_id = None)
        .await;
    assert_not_admitted(&scene.cek.send(&good).await);
    assert!(scene.works(&scene.tokens.access).await);
    assert_eq!(scene.app.count("cek_event", "true").await, 0);
    scene
        .change(|client| client.settings.extension_id = Some(EXTENSION.to_owned()))
        .await;
    assert_silent(&scene.cek.send(&good).await);
    assert!(!scene.works(&scene.tokens.access).await);
}

#[sqlx::test]
async fn an_enabled_extension_is_noted_and_other_events_are_let_be(db: PgPool) {
    let scene = Scene::new(db).await;
    scene.cek.send(&launch(Some(scene.token()))).await;
    scene.app.clock.advance(seconds(1));
    let enabled = scene.event("SkillEnabled", seconds(0));
    assert_silent(&scene.cek.send(&enabled).await);
    assert_silent(&scene.cek.send(&enabled).await);
    assert_eq!(
        scene.app.count("event", "kind = 'extension_enabled'").await,
        1
    );
    for (namespace, name) in [("AudioPlayer", "SkillDisabled"), ("ClovaSkill", "Other")] {
        let mut other = enabled.clone();
        other["request"]["event"] = json!({ "namespace": namespace, "name": name });
        assert_silent(&scene.cek.send(&other).await);
    }
    assert!(scene.works(&scene.tokens.access).await);
    assert_eq!(scene.app.count("cek_event", "true").await, 1);
}

#[sqlx::test]
async fn only_a_signed_turn_that_names_the_extension_teaches_who_speaks(db: PgPool) {
    let scene = Scene::new(db).await;
    scene
        .change(|client| client.settings.cek.take_unsigned = true)
        .await;
    let mut nameless = launch(Some(scene.token()));
    nameless["context"]["System"]["application"] = json!(null);
    scene.cek.send(&nameless).await;
    scene.cek.send_unsigned(&launch(Some(scene.token()))).await;
    scene.cek.send(&launch(None)).await;
    scene.cek.send(&launch(Some("lg_at_x"))).await;
    scene.app.clock.advance(seconds(1));
    assert_silent(
        &scene
            .cek
            .send(&scene.event("SkillDisabled", seconds(0)))
            .await,
    );
    assert!(scene.works(&scene.tokens.access).await);
    assert_eq!(scene.traces().await, [0, 1, 0]);
}

#[sqlx::test]
async fn what_was_learned_goes_with_the_link_however_it_ends(db: PgPool) {
    let scene = Scene::new(db).await;
    scene.cek.send(&launch(Some(scene.token()))).await;
    let node = scene.app.second_node().await;
    let Scene { app, .. } = scene;
    app.stop().await;
    assert_eq!(node.count("cek_user", "true").await, 1);
    let now = node.now().to_rfc3339();
    let ended = format!("state = 'ended', end_reason = 'account', ended_at = '{now}'");
    node.change(&format!("update link set {ended}")).await;
    node.clean().await;
    assert_eq!(node.count("cek_user", "true").await, 0);
}

#[sqlx::test]
async fn an_event_that_could_not_be_written_is_not_reported_as_done(db: PgPool) {
    let scene = Scene::new(db).await;
    scene.cek.send(&launch(Some(scene.token()))).await;
    scene.app.clock.advance(seconds(1));
    let disabled = scene.event("SkillDisabled", seconds(0));
    scene
        .app
        .change_schema("alter table event rename to away")
        .await;
    assert_eq!(scene.cek.send(&disabled).await.status, 500);
    scene
        .app
        .change_schema("alter table away rename to event")
        .await;
    assert!(scene.works(&scene.tokens.access).await);
    assert_silent(&scene.cek.send(&disabled).await);
    assert!(!scene.works(&scene.tokens.access).await);
}
