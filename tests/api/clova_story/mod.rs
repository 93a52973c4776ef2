//! The whole story of a CLOVA chatbot, told by what the person hears: a stand-in for CLOVA keeps and
//! renews the tokens and sends signed requests, a stand-in for the chatbot builder calls actions, and
//! both know of Linkgate only what the documents say.

mod builder;
mod clova;

use linkgate::{
    chatbot::{action::NewAction, store},
    client::{RefusalAnswer, registration::Draft},
    foundation::clock::Clock,
};
use sqlx::PgPool;

use self::{builder::Builder, clova::Clova};
use crate::harness::{
    Browser, Person, Registered, TestApp,
    cek::{EXTENSION, SigningKey},
    draft, hours, minutes, preset, seconds,
};

const RELINK: &str = "클로바 앱에서 다시 연결해 주세요.";
const ACTIONS: [(&str, &str, Option<&str>); 4] = [
    ("points", "{{attributes.points}}점", None),
    ("member.hello", "{{name}}님 안녕하세요,", None),
    ("member.place", "{{args.0}} {{entity.city}}", None),
    (
        "member.point",
        "{{attributes.points}}",
        Some("points:NUMBER:EQ:NUMBER"),
    ),
];

/// A person with a speaker, and everybody between them and Linkgate.
struct Story {
    app: TestApp,
    person: Person,
    browser: Browser,
    clova: Clova,
    builder: Builder,
}

impl Story {
    async fn begin(db: PgPool, preset_id: &str) -> Self {
        // Tests share their machine, and the deadline has tests of its own.
        let app = TestApp::spawn_with(db, &[("LINKGATE_ACTION_DEADLINE", "10s")]).await;
        let client = register(&app, preset_id).await;
        Self {
            person: app.person("haneul@example.com").await,
            browser: app.browser(),
            clova: Clova::new(&app, &client),
            builder: Builder::new(&app.url, &client.id()),
            app,
        }
    }

    /// The person taps "link account" in the app.
    async fn link(&mut self) {
        self.clova.link(&self.browser, &self.person).await;
    }

    /// What the person hears, asking by action method v1.0, by v2.0, by launching the extension, and
    /// by an intent.
    async fn hear(&mut self) -> [String; 4] {
        let entities = [("city", "부산")];
        let token = self.clova.token().await;
        let token = token.as_deref();
        let one = self.builder.say("${points}", &entities, token).await;
        let several = "$2{member.hello} $2{member(서울).place}";
        let several = self.builder.say(several, &entities, token).await;
        let launch = self.clova.launch().await;
        let intent = self.clova.intent(("city", "부산")).await;
        [one, several, launch, intent]
    }

    #[track_caller]
    fn assert_well(heard: &[String; 4], points: u32) {
        let well = [
            format!("{points}점"),
            "김하늘님 안녕하세요, 서울 부산".to_owned(),
            format!("김하늘님, {points}점이에요."),
            format!("부산 김하늘님, {points}점이에요."),
        ];
        assert_eq!(heard, &well);
    }
}

/// A client as an operator sets it up by the guide.
async fn register(app: &TestApp, preset_id: &str) -> Registered {
    let client = Draft {
        preset: preset(preset_id),
        redirect_uris: Vec::new(),
        ..draft()
    };
    let client = app.register(client).await;
    app.change_client(&client, |client| {
        let settings = &mut client.settings;
        settings.refusal_answer = RefusalAnswer::Sentence;
        RELINK.clone_into(&mut settings.relink_sentence);
        settings.extension_id = Some(EXTENSION.to_owned());
        settings.cek.public_key = Some(SigningKey::of_the_platform().public_pem());
        "{{entity.city}} {{name}}님, {{attributes.points}}점이에요."
            .clone_into(&mut settings.cek.speech);
    })
    .await;
    for (name, template, variable) in ACTIONS {
        let action = NewAction {
            name: name.to_owned(),
            template: template.to_owned(),
            json_string: false,
            user_variable: variable.map(|variable| variable.parse().unwrap()),
        };
        let (action, now) = (action.check().unwrap(), app.clock.now());
        let saved = store::save_action(&app.db, &client.client.id, &action, now).await;
        assert!(saved.unwrap());
    }
    client
}

/// Links, talks for hours, and sees the account change.
async fn talk(story: &mut Story) {
    assert_eq!(story.hear().await, [RELINK; 4], "nothing is linked yet");
    story.link().await;
    Story::assert_well(&story.hear().await, 12);
    assert_eq!(story.clova.renewals, 0);

    // What the chatbot keeps of its user is there for its next answers.
    let token = story.clova.token().await;
    let kept = "$2{member.point}점, 기억할게요.";
    let said = story.builder.say(kept, &[], token.as_deref()).await;
    assert_eq!(said, "12점, 기억할게요.");
    assert_eq!(story.builder.variable("points"), Some(12.into()));

    let person = story.person.clone();
    story
        .app
        .change_account(&person, |account| {
            account.attributes.insert("points".to_owned(), 40.into());
        })
        .await;
    Story::assert_well(&story.hear().await, 40);

    // A guest at the same speaker has linked nothing, and hears nothing of the owner.
    assert_eq!(story.clova.launch_by_guest().await, RELINK);

    for renewals in 1..=3 {
        story.app.clock.advance(hours(1) + seconds(1));
        Story::assert_well(&story.hear().await, 40);
        assert_eq!(story.clova.renewals, renewals, "once for all that is asked");
    }
    // An answer is lost on its way, and CLOVA asks again with what it has.
    story.app.clock.advance(hours(1) + seconds(1));
    story.clova.loses_next_answer = true;
    Story::assert_well(&story.hear().await, 40);
    story.app.clock.advance(hours(1) + seconds(1));
    Story::assert_well(&story.hear().await, 40);
}

/// Disconnects on the page of linked apps, and links again.
async fn relink(story: &mut Story) {
    story.browser.log_in(&story.person).await;
    let page = story.browser.get("/account").await;
    let unlinked = story.browser.submit(&page.form("/account/unlink")).await;
    assert_eq!(unlinked.status, 200);
    assert_eq!(
        story.hear().await,
        [RELINK; 4],
        "CLOVA still has its tokens"
    );
    story.app.clock.advance(hours(1) + seconds(1));
    assert_eq!(story.hear().await, [RELINK; 4]);
    assert!(!story.clova.is_linked(), "the renewal was refused for good");

    story.link().await;
    Story::assert_well(&story.hear().await, 40);
}

/// Disables the extension in the store, enables it and links again.
async fn disable(story: &mut Story) {
    let before = story.clova.token().await;
    story.app.clock.advance(minutes(1));
    let disabled_at = story.app.now();
    story.clova.disable(disabled_at).await;
    assert_eq!(story.hear().await, [RELINK; 4]);
    let said = story.builder.say("${points}", &[], before.as_deref()).await;
    assert_eq!(said, RELINK, "whoever kept the token");
    assert_eq!(story.app.count("link", "state = 'active'").await, 0);
    assert_eq!(story.app.count("cek_user", "true").await, 0);

    story.app.clock.advance(minutes(1));
    story.clova.tell("SkillEnabled", story.app.now()).await;
    story.link().await;
    Story::assert_well(&story.hear().await, 40);
    // Events may be told twice, and late.
    story.clova.tell("SkillDisabled", disabled_at).await;
    Story::assert_well(&story.hear().await, 40);
}

async fn tell_whole(db: PgPool, preset_id: &str) {
    let mut story = Story::begin(db, preset_id).await;
    talk(&mut story).await;
    relink(&mut story).await;
    disable(&mut story).await;
    let ends = "select string_agg(end_reason::text, ' ' order by ended_at) from link";
    let ends = story.app.value(ends).await;
    assert_eq!(ends.as_deref(), Some("account platform"));
}

#[sqlx::test]
async fn a_person_hears_what_is_theirs_from_linking_to_disabling(db: PgPool) {
    tell_whole(db, "clova").await;
}

#[sqlx::test]
async fn the_same_with_line(db: PgPool) {
    tell_whole(db, "clova-line").await;
}
