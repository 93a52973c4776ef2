//! `linkgate key`, and changing the secret key.

use sqlx::PgPool;

use crate::harness::{Linkgate, SECRET_KEY};

const OTHER_SECRET_KEY: &str = "Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=";

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn a_new_key_is_used_after_every_node_has_it(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    assert_eq!(linkgate.json(&["key", "list"]).as_array().unwrap().len(), 5);
    let rotated = linkgate.json(&["key", "rotate", "access"]);
    let keys = linkgate.json(&["key", "list"]);
    let new = keys
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["key_id"] == rotated["key_id"]);
    assert_eq!(new.unwrap()["current"], false);
    linkgate
        .run(&["key", "rotate", "door"])
        .is_wrong_usage_of("access");
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn the_secret_key_changes_with_the_old_one_beside_it(db: PgPool) {
    let old = Linkgate::on(&db);
    old.json(&["key", "list"]);
    let new = Linkgate::on(&db).with("LINKGATE_SECRET_KEY", OTHER_SECRET_KEY);
    new.run(&["key", "list"])
        .fails_saying("not the key this database was sealed with");

    let both = Linkgate::on(&db)
        .with("LINKGATE_SECRET_KEY", OTHER_SECRET_KEY)
        .with("LINKGATE_SECRET_KEY_PREVIOUS", SECRET_KEY);
    assert_eq!(both.json(&["key", "reseal"])["resealed"], 5);
    assert_eq!(new.json(&["key", "list"]).as_array().unwrap().len(), 5);
    old.run(&["key", "list"])
        .fails_saying("not the key this database was sealed with");
}
