//! `linkgate link`

use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use crate::harness::{IDS, Linkgate, linked, names};

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn links_are_listed_as_documented_and_filtered(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    let (account, client) = linked(&linkgate, &db).await;
    let listed = linkgate.json(&[
        "link",
        "list",
        "--account",
        &account,
        "--client",
        &client,
        "--state",
        "active",
    ]);
    assert_eq!(listed.as_array().unwrap().len(), 3);
    assert_eq!(
        names(&listed[0]),
        [
            "account_id",
            "chat_user",
            "client_id",
            "end_reason",
            "ended_at",
            "idle_expires_at",
            "last_used_at",
            "link_id",
            "linked_at",
            "scopes",
            "state"
        ]
    );
    assert_eq!(listed[0]["state"], "active");
    assert_eq!(
        linkgate.json(&["link", "list", "--state", "ended"]),
        json!([])
    );
    let expiring = |within| linkgate.json(&["link", "list", "--expiring", within]);
    assert_eq!(expiring("14d").as_array().unwrap().len(), 3);
    assert_eq!(expiring("1h"), json!([]));
    linkgate
        .run(&["link", "list", "--expiring", "soon"])
        .is_wrong_usage_of("is not a duration");
    linkgate
        .run(&["link", "list", "--account", "b@example.com"])
        .fails_saying("there is no account");
    linkgate
        .run(&["link", "list", "--state", "gone"])
        .is_wrong_usage_of("active");
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn links_end_one_by_one_or_by_a_file_and_history_tells(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    linked(&linkgate, &db).await;
    let [first, second, third] = IDS.map(|id| id.to_string());
    assert_eq!(
        linkgate.json(&["link", "end", &first])["ended"],
        json!([first])
    );
    assert_eq!(
        linkgate.json(&["link", "end", &first])["already_ended"],
        json!([first])
    );
    let shown = linkgate.json(&["link", "show", &first]);
    assert_eq!(
        (&shown["state"], &shown["end_reason"]),
        (&json!("ended"), &json!("admin"))
    );
    assert_eq!(shown["events"][0]["kind"], "link_ended");

    let wrong = linkgate.file("wrong", &format!("{second}\n{third}x\n"));
    linkgate
        .run(&["link", "end", "--ids", &wrong])
        .fails_saying("line 2");
    let active = ["link", "list", "--state", "active"];
    assert_eq!(linkgate.json(&active).as_array().unwrap().len(), 2);
    let right = linkgate.file("right", &format!("{second}\n\n  {third}\r\n"));
    assert_eq!(
        linkgate.json(&["link", "end", "--ids", &right])["ended"],
        json!([second, third])
    );
    assert_eq!(linkgate.json(&active), json!([]));

    let unknown = Uuid::from_u128(9).to_string();
    let done = linkgate.run(&["link", "end", &unknown]);
    assert_eq!(done.code, 1);
    linkgate.run(&["link", "end"]).is_wrong_usage_of("--ids");
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn a_client_people_are_linked_to_goes_only_on_purpose(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    let (_, client) = linked(&linkgate, &db).await;
    linkgate
        .run(&["client", "delete", &client])
        .fails_saying("--yes");
    linkgate.json(&["client", "disable", &client]);
    assert_eq!(
        linkgate
            .json(&["link", "list", "--state", "active"])
            .as_array()
            .unwrap()
            .len(),
        3
    );
    linkgate.json(&["client", "delete", &client, "--yes"]);
    assert_eq!(linkgate.json(&["link", "list"]), json!([]));
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn a_failure_half_way_tells_what_ended_and_ends_nothing_untold(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    linked(&linkgate, &db).await;
    let [first, second, third] = IDS.map(|id| id.to_string());
    for statement in [
        "create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$"
            .to_owned(),
        format!(
            "create trigger refuse before insert on event for each row
             when (new.link_id = '{second}') execute function refuse()"
        ),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(statement))
            .execute(&db)
            .await
            .unwrap();
    }
    let file = linkgate.file("ids", &format!("{first}\n{second}\n{third}\n"));
    let done = linkgate.run(&["link", "end", "--ids", &file, "--json"]);
    assert_eq!(done.code, 1);
    let told: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(told["ended"], json!([first]));
    assert!(done.stderr.contains(&second), "{}", done.stderr);
    let ended = linkgate.json(&["link", "list", "--state", "ended"]);
    assert_eq!(ended.as_array().unwrap().len(), 1);
    assert_eq!(ended[0]["link_id"], first.as_str());
}
