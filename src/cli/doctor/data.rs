//! The database, its schema, the keys in it and the directory beside it.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use sqlx::PgPool;

use super::{Finding, keys};
use crate::{
    admin,
    cli::{
        database::{AHEAD, Database},
        output::in_one_line,
    },
    config::Config,
    foundation::{db::SchemaState, embedded_postgres::Mode},
};

pub async fn look(config: &Config) -> Vec<Finding> {
    // Reaching for the private database would make it.
    if config.database_url.is_none() && !config.data_dir.exists() {
        let none = format!("there is none yet in {}", config.data_dir.display());
        let next = "`linkgate serve` makes it at its first start";
        return vec![Finding::hint("database", none, next)];
    }
    let database = match Database::reach(config, Mode::Command).await {
        Ok(database) => database,
        Err(error) => return vec![unreachable(&error)],
    };
    let findings = look_into(config, &database).await;
    database.release().await;
    findings
}

async fn look_into(config: &Config, database: &Database) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(data_dir) = database.private_data_dir() {
        findings.push(directory(data_dir));
    }
    let schema = match database.schema().await {
        Ok(schema) => schema,
        Err(error) => {
            findings.push(unreachable(&error));
            return findings;
        }
    };
    let place = match database.private_data_dir() {
        Some(data_dir) => format!("private PostgreSQL in {}", data_dir.display()),
        None => "reached as LINKGATE_DATABASE_URL says".to_owned(),
    };
    findings.push(Finding::ok("database", place));
    findings.push(match schema {
        SchemaState::Current => Finding::ok("schema", "this version's"),
        SchemaState::Behind(missing) if config.migrate => Finding::hint(
            "schema",
            format!("{missing} migrations are missing"),
            "the next start of `linkgate serve` applies them, or `linkgate migrate` now",
        ),
        SchemaState::Behind(missing) => Finding::failed(
            "schema",
            format!("{missing} migrations are missing, and LINKGATE_MIGRATE is off"),
            "run `linkgate migrate`",
        ),
        SchemaState::Ahead => {
            Finding::failed("schema", AHEAD, "nothing is changed before that is decided")
        }
    });
    if schema == SchemaState::Current {
        let db = database.connect(2);
        findings.push(keys::look(config, database, &db).await);
        findings.push(admins(&db).await);
        db.close().await;
    }
    findings
}

fn unreachable(error: &anyhow::Error) -> Finding {
    Finding::failed(
        "database",
        in_one_line(error),
        "without it nothing works: start it, or set LINKGATE_DATABASE_URL right",
    )
}

fn directory(data_dir: &Path) -> Finding {
    const NAME: &str = "data";
    let open = |path: &Path, bits: u32| {
        let metadata = fs::metadata(path).ok();
        metadata.is_some_and(|metadata| metadata.permissions().mode() & bits != 0)
    };
    let secret_key = data_dir.join("secret.key");
    if open(&secret_key, 0o077) {
        return Finding::failed(
            NAME,
            format!("{} can be read by others", secret_key.display()),
            format!("chmod 600 {}", secret_key.display()),
        );
    }
    if open(data_dir, 0o006) {
        return Finding::hint(
            NAME,
            format!(
                "everybody on this machine can look into {}",
                data_dir.display()
            ),
            format!("chmod o-rw {}", data_dir.display()),
        );
    }
    Finding::ok(NAME, format!("{} is private", data_dir.display()))
}

async fn admins(db: &PgPool) -> Finding {
    const NAME: &str = "admins";
    match admin::store::has_admin(db).await {
        Ok(true) => Finding::ok(NAME, "somebody can sign in to the console"),
        Ok(false) => Finding::hint(
            NAME,
            "nobody can sign in to the console yet",
            "linkgate admin create --email YOU --role owner --password-stdin",
        ),
        Err(error) => unreachable(&error.into()),
    }
}
