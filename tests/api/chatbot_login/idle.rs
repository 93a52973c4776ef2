//! A link that a chat made has no tokens to refresh: it lives by its uses.

use sqlx::PgPool;

use super::Scene;
use crate::harness::{chatbot::CHAT_USER, days, hours, minutes};

impl Scene {
    /// A day of the cleaner: it comes to every part of all links.
    async fn clean_all(&self) {
        for _ in 0..256 {
            self.stage.app.clean().await;
            self.stage.app.clock.advance(minutes(5));
        }
    }

    /// Asks once more, and has the use written.
    async fn use_and_write(&self) -> bool {
        let valid = self.chatbot.confirms(CHAT_USER).await;
        let app = &self.stage.app;
        if valid {
            let now = app.now().to_rfc3339();
            app.change(&format!("update link set last_used_at = '{now}'"))
                .await;
        }
        valid
    }
}

#[sqlx::test]
async fn a_chat_that_is_used_stays_connected_for_years(db: PgPool) {
    let scene = Scene::new(db).await;
    scene.connect().await;
    for _ in 0..4 {
        scene.stage.app.clock.advance(days(300));
        assert!(scene.use_and_write().await);
    }
    scene.clean_all().await;
    assert_eq!(scene.stage.app.only_link().await, "active");
    let slid = "select idle_expires_at > last_used_at + interval '399 days' from link";
    assert_eq!(scene.stage.app.value(slid).await.unwrap(), "true");
}

#[sqlx::test]
async fn a_chat_that_nobody_uses_is_ended_after_the_idle_time(db: PgPool) {
    let scene = Scene::new(db).await;
    scene.connect().await;
    scene.stage.app.clock.advance(days(200));
    assert!(scene.use_and_write().await);
    scene.stage.app.clock.advance(days(400) - hours(1));
    assert!(scene.chatbot.confirms(CHAT_USER).await);
    // That use was not written: from the one before it is 400 days now.
    scene.stage.app.clock.advance(hours(1));
    assert!(!scene.chatbot.confirms(CHAT_USER).await);
    scene.clean_all().await;
    assert_eq!(scene.stage.app.only_link().await, "ended by idle");
}

#[sqlx::test]
async fn a_link_that_nobody_used_for_too_long_gives_way_before_the_cleaner_comes(db: PgPool) {
    let scene = Scene::new(db).await;
    scene.connect().await;
    scene.stage.app.clock.advance(days(400));
    scene.connect().await;
    assert!(scene.chatbot.confirms(CHAT_USER).await);
    let idle = "state = 'ended' and end_reason = 'idle'";
    assert_eq!(scene.stage.app.count("link", idle).await, 1);
    assert_eq!(scene.stage.app.count("link", "state = 'active'").await, 1);
}
