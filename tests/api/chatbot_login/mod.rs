//! The chatbot's OAuth authentication: people who came from a chat connect it to their account.

mod by_chat_user;
mod confirm;
mod connecting;
mod crafted;
mod elsewhere;
mod idle;
mod races;
mod settings;
mod telling;

use sqlx::PgPool;

use crate::harness::{
    Answer, Browser, PASSWORD, Person, Stage, TestApp,
    chatbot::{CHAT_USER, Chatbot, Inbox},
    draft,
};

/// A person, their browser, and a chatbot whose client connects chat users.
struct Scene {
    stage: Stage,
    chatbot: Chatbot,
}

impl Scene {
    async fn new(db: PgPool) -> Self {
        Self::on(TestApp::spawn(db).await).await
    }

    async fn on(app: TestApp) -> Self {
        let stage = Stage::on(app, draft()).await;
        stage.app.connect_chats(&stage.client).await;
        let chatbot = Chatbot::new(&stage.app.url, &stage.client.id());
        Self { stage, chatbot }
    }

    /// With a chatbot that is told, and answers with these statuses first.
    async fn telling(db: PgPool, answers: &[u16]) -> (Self, Inbox) {
        let settings = [("LINKGATE_OUTBOUND_PRIVATE", "allow")];
        let scene = Self::on(TestApp::spawn_with(db, &settings).await).await;
        let inbox = Inbox::open(answers);
        let (app, client) = (&scene.stage.app, &scene.stage.client);
        app.tell_at(client, &inbox.url).await;
        (scene, inbox)
    }

    /// The page that asks, after a login where there was none.
    async fn page(&self) -> Answer {
        let login = self.chatbot.login_for(CHAT_USER);
        page_for(&self.stage.browser, &self.stage.person, &login).await
    }

    /// Connects the chat to the person's account.
    async fn connect(&self) {
        let page = self.page().await;
        decide(&self.stage.browser, &page, "approve")
            .await
            .assert_page(200);
    }

    async fn links(&self) -> i64 {
        self.stage.app.count("link", "true").await
    }
}

/// Opens the address that a chat gave; gives the page that asks.
async fn page_for(browser: &Browser, person: &Person, login: &str) -> Answer {
    let begun = browser.get(login).await;
    let mut onward = begun.location().to_owned();
    if onward.starts_with("/login?flow=") {
        let answer = browser.log_in_at(&onward, &person.email, PASSWORD).await;
        answer.location().clone_into(&mut onward);
    }
    assert!(onward.starts_with("/connect?flow="), "{onward}");
    let page = browser.get(&onward).await;
    page.assert_page(200);
    page
}

/// Presses a button of that page.
async fn decide(browser: &Browser, page: &Answer, decision: &str) -> Answer {
    let form = page.form("/connect").with("decision", decision);
    browser.submit(&form).await
}
