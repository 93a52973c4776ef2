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
