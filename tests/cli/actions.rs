//! `linkgate action`

use serde_json::json;
use sqlx::PgPool;

use crate::harness::Linkgate;

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn an_action_is_saved_if_its_template_can_be_answered(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    let made = linkgate.client();
    let id = made["client_id"].as_str().unwrap();
    let template = "{{name}}님, {{attributes.points}}점";
    let set = |template| ["action", "set", id, "points", "--template", template];
    let saved = linkgate.json(&set(template));
    assert_eq!(
        saved["url"],
        format!("http://127.0.0.1:8080/action/{id}/points")
    );
    linkgate.run(&set("{{colour}}")).fails_saying("{{colour}}");
    linkgate
        .run(&["action", "set", "nobody", "points", "--template", "x"])
        .fails_saying("there is no client nobody");

    let listed = linkgate.json(&["action", "list", id]);
    assert_eq!(listed[0]["template"], template);
    let guide = linkgate.run(&["client", "show", id]);
    assert_eq!(guide.code, 0);
    linkgate.json(&["action", "delete", id, "points"]);
    assert_eq!(linkgate.json(&["action", "list", id]), json!([]));
    linkgate
        .run(&["action", "delete", id, "points"])
        .fails_saying("has no action points");
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn an_action_of_method_v2_has_the_clients_url_and_may_keep_its_answer(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    let made = linkgate.client();
    let id = made["client_id"].as_str().unwrap();
    let set = [
        "action",
        "set",
        id,
        "member.point",
        "--template",
        "{{attributes.points}}",
    ];
    let saved =
        linkgate.json(&[&set[..], &["--user-variable", "points:number:eq:number"]].concat());
    assert_eq!(saved["url"], format!("http://127.0.0.1:8080/action/{id}"));
    let kept = json!({"name": "points", "type": "NUMBER", "action": "EQ", "valueType": "NUMBER"});
    assert_eq!(saved["user_variable"], kept);
    assert_eq!(
        linkgate.json(&["action", "list", id])[0]["user_variable"],
        kept
    );
    let listed = linkgate.run(&["action", "list", id]);
    assert!(
        listed.stdout.contains("points:NUMBER:EQ:NUMBER"),
        "{}",
        listed.stdout
    );

    let one = ["action", "set", id, "point", "--template", "x"];
    let variable = ["--user-variable", "points:NUMBER:EQ:NUMBER"];
    linkgate
        .run(&[&one[..], &variable].concat())
        .fails_saying("METHOD.VARIABLE");
    linkgate
        .run(&[&set[..], &["--json-string"]].concat())
        .fails_saying("METHOD.VARIABLE");
}
