//! Several at once.

use futures_util::future::join_all;
use sqlx::PgPool;

use super::{Scene, decide, page_for};
use crate::harness::chatbot::CHAT_USER;

#[sqlx::test]
async fn taps_at_once_on_two_nodes_make_one_link_and_all_are_told_it_is_done(db: PgPool) {
    let (scene, inbox) = Scene::telling(db, &[]).await;
    let settings = [("LINKGATE_OUTBOUND_PRIVATE", "allow")];
    let second = scene.stage.app.node_with(&settings).await;
    let page = scene.page().await;
    let browsers = [
        scene.stage.browser.clone(),
        scene.stage.browser.at(&second.url),
    ];
    let taps = browsers
        .iter()
        .cycle()
        .take(8)
        .map(|browser| decide(browser, &page, "approve"));
    for answer in join_all(taps).await {
        answer.assert_page(200);
    }
    assert_eq!(scene.links().await, 1);
    inbox.until(1).await;
    let waiting = scene.stage.app.count("chatbot_notice", "true").await;
    assert!(waiting <= 1, "{waiting}");
    assert_eq!(inbox.calls().len(), 1);
}

#[sqlx::test]
async fn of_two_accounts_at_once_one_gets_the_chat(db: PgPool) {
    let scene = Scene::new(db).await;
    let app = &scene.stage.app;
    let second = app.second_node().await;
    for round in 0..10 {
        let user = format!("{CHAT_USER}-{round}");
        let login = scene.chatbot.login_for(&user);
        let mut asked = Vec::new();
        for (person, node) in [("a", &app.url), ("b", &second.url)] {
            let person = app.person(&format!("{person}{round}@example.com")).await;
            let browser = app.browser();
            let page = page_for(&browser, &person, &login).await;
            asked.push((browser.at(node), page));
        }
        let taps = asked.iter().map(|(at, page)| decide(at, page, "approve"));
        let mut statuses: Vec<_> = join_all(taps).await.iter().map(|a| a.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
        assert_eq!(scene.links().await, round + 1);
        assert!(scene.chatbot.confirms(&user).await);
    }
}
