//! How requests are read: every sample there is, and whose token counts.

use serde_json::json;

use super::*;

macro_rules! sample {
    ($name:literal) => {
        include_bytes!(concat!("../../tests/api/cek/data/", $name)).as_slice()
    };
}

fn turn(body: &[u8]) -> Turn {
    match Message::read(body) {
        Ok(Message::Turn(turn)) => turn,
        _ => panic!("no turn"),
    }
}

fn event(body: &[u8]) -> Event {
    match Message::read(body) {
        Ok(Message::Event(event)) => event,
        _ => panic!("no event"),
    }
}

/// Whose token counts where the session and the device name these.
fn counting(session: &Value, owner: &Value) -> (Option<String>, Option<String>) {
    let body = json!({
        "session": session,
        "context": { "System": { "user": owner } },
        "request": { "type": "LaunchRequest" },
    });
    let speaker = turn(body.to_string().as_bytes()).speaker;
    (speaker.user_id, speaker.token)
}

#[test]
fn every_real_turn_is_read() {
    let ours = Some("com.line.myApplication");
    let signed = turn(sample!("line-signed-intent.json"));
    assert_eq!(signed.application_id, None);
    assert_eq!(
        signed.speaker.user_id.as_deref(),
        Some("as-CA80nSomiFI-LAg2u6w")
    );
    let token = Some("5cc2949c-900c-48a0-a31b-c9544a042377");
    assert_eq!(signed.speaker.token.as_deref(), token);
    assert_eq!(signed.version.as_deref(), Some("1.0"));

    let intent = turn(sample!("line-intent.json"));
    assert_eq!(intent.application_id.as_deref(), ours);
    assert_eq!(intent.slot("Light").as_deref(), Some("電気"));
    assert_eq!(intent.slot("Nothing"), None);

    for (sample, is_over) in [
        (sample!("line-launch.json"), false),
        (sample!("line-session-ended.json"), true),
    ] {
        let turn = turn(sample);
        assert_eq!(
            (turn.application_id.as_deref(), turn.is_over),
            (ours, is_over)
        );
        assert!(turn.speaker.token.is_none());
    }
}

#[test]
fn every_real_event_is_read() {
    let disabled = event(sample!("line-event.json"));
    let enabled = event(sample!("line-event-from-skill-store.json"));
    for (event, is_enabled) in [(disabled, false), (enabled, true)] {
        assert_eq!(
            event.application_id.as_deref(),
            Some("com.line.myApplication")
        );
        let (Happening::Enabled(at) | Happening::Disabled(at)) = &event.what else {
            panic!("not read");
        };
        assert_eq!(matches!(event.what, Happening::Enabled(_)), is_enabled);
        assert_eq!(at.user_id, "U081234567890abcdef1234567890abcd");
        assert_eq!(at.timestamp.to_rfc3339(), "2018-04-04T04:04:04+00:00");
    }
}

#[test]
fn cek_07_the_sessions_token_counts_and_the_owners_only_for_the_owner() {
    let user = |id: &str, token: &str| json!({ "userId": id, "accessToken": token });
    let owner = user("owner", "owners");
    let named = |id: &str, token: Option<&str>| (Some(id.to_owned()), token.map(str::to_owned));
    for (session, expected) in [
        (
            json!({ "user": user("owner", "own") }),
            named("owner", Some("own")),
        ),
        (
            json!({ "user": user("guest", "guests") }),
            named("guest", Some("guests")),
        ),
        (
            json!({ "user": { "userId": "owner" } }),
            named("owner", Some("owners")),
        ),
        (
            json!({ "user": user("owner", "") }),
            named("owner", Some("owners")),
        ),
        (
            json!({ "user": { "userId": "owner", "accessToken": null } }),
            named("owner", Some("owners")),
        ),
        (Value::Null, named("owner", Some("owners"))),
        // A guest, or nobody who is known to be the owner.
        (
            json!({ "user": { "userId": "guest" } }),
            named("guest", None),
        ),
        (json!({ "user": {} }), (None, None)),
        (json!({ "user": null }), (None, None)),
        (json!({}), (None, None)),
        (json!("x"), (None, None)),
        (
            json!({ "user": { "userId": "", "accessToken": "" } }),
            (None, None),
        ),
        // Something that is no token is a wrong one, and the owner's does not stand in for it.
        (
            json!({ "user": { "userId": "owner", "accessToken": 1 } }),
            named("owner", Some("1")),
        ),
        (
            json!({ "user": user("owner", " ") }),
            named("owner", Some(" ")),
        ),
    ] {
        assert_eq!(counting(&session, &owner), expected, "{session}");
    }
    let nameless = json!({ "userId": "", "accessToken": "owners" });
    let session = json!({ "user": { "userId": "" } });
    assert_eq!(counting(&session, &nameless), (None, None));
}

#[test]
fn what_the_documents_say_otherwise_is_borne() {
    let body = json!({
        "version": "0.1.0", "session": null, "context": { "System": { "application": null } },
        "request": { "type": "IntentRequest", "intent": { "name": "a", "slots": null } },
    });
    let read = turn(body.to_string().as_bytes());
    assert_eq!((read.slot("a"), read.application_id), (None, None));
    let bare = turn(br#"{"request":{"type":"LaunchRequest"},"version":{"a":1}}"#);
    assert_eq!(bare.version, None);
    let other = turn(
        br#"{"request":{"type":"LaunchRequest"},"context":{"System":{"application":{"applicationId":7}}}}"#,
    );
    assert_eq!(other.application_id.as_deref(), Some("7"));
}

#[test]
fn what_is_nothing_of_cek_is_named() {
    for (body, reason) in [
        ("", NotAMessage::Json),
        ("{", NotAMessage::Json),
        ("\u{feff}{}", NotAMessage::Json),
        ("null", NotAMessage::Kind),
        ("[]", NotAMessage::Kind),
        ("{}", NotAMessage::Kind),
        (r#"{"request":{"type":"launchrequest"}}"#, NotAMessage::Kind),
        (
            r#"{"header":{"namespace":"ClovaHomes"}}"#,
            NotAMessage::Kind,
        ),
    ] {
        let read = Message::read(body.as_bytes());
        assert_eq!(read.err(), Some(reason), "{body}");
    }
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(
        Message::read(deep.as_bytes()).err(),
        Some(NotAMessage::Json)
    );
}

#[test]
fn an_event_needs_a_user_and_a_time() {
    let base: Value = serde_json::from_slice(sample!("line-event.json")).unwrap();
    for (pointer, value) in [
        ("/context/System/user/userId", json!(null)),
        ("/context/System/user/userId", json!("")),
        ("/request/timestamp", json!(null)),
        ("/request/timestamp", json!(1_522_814_644)),
        ("/request/timestamp", json!("yesterday")),
    ] {
        let mut body = base.clone();
        *body.pointer_mut(pointer).unwrap() = value;
        let read = Message::read(body.to_string().as_bytes());
        assert_eq!(read.err(), Some(NotAMessage::Event), "{body}");
    }
    let mut other = base;
    *other.pointer_mut("/request/event/namespace").unwrap() = json!("AudioPlayer");
    assert!(event(other.to_string().as_bytes()).what == Happening::Other);
}
