//! What Linkgate is measured beside: actix-web handlers that do only the one statement (for a
//! refresh: the committed update; for a request of CEK: the read and one RSA verification) through
//! the same kind of pool. They trust their caller otherwise, parse nothing and
//! answer with a word.

use std::net::SocketAddr;

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    error::{ErrorForbidden, ErrorInternalServerError},
    web::{self, Bytes, Data, Path},
};
use anyhow::Context;
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use linkgate::{
    client::cek_key::CekKey,
    foundation::{
        clock::{Clock, SystemClock},
        db,
        ids::ClientId,
        random::{Random, SystemRandom},
    },
};
use sqlx::PgPool;
use uuid::Uuid;

use super::{data, select};

/// The pool and the client whose links there are.
struct Bare {
    db: PgPool,
    client: ClientId,
    scopes: Vec<String>,
    cek_key: CekKey,
}

/// Serves until it is ended.
pub async fn serve(address: SocketAddr, database: &str, client: &str) -> anyhow::Result<()> {
    let db = db::connect(database.parse()?, 10);
    let client = ClientId(client.to_owned());
    let known = linkgate::client::store::find_client(&db, &client).await?;
    let known = known.context("no such client")?;
    let cek_key = known.settings.cek.public_key.context("no CEK key")?;
    let bare = Data::new(Bare {
        db,
        client,
        scopes: known.scopes.to_names(),
        cek_key: CekKey::read(&cek_key)?,
    });
    HttpServer::new(move || {
        App::new()
            .app_data(bare.clone())
            .route("/", web::get().to(HttpResponse::Ok))
            .route("/resolve/{link}", web::get().to(read))
            .route("/action/{link}", web::get().to(act))
            .route("/action-v2/{link}", web::get().to(act_several))
            .route("/introspect/{link}", web::get().to(read))
            .route("/confirm/{link}", web::get().to(confirm))
            .route("/cek/{link}", web::post().to(hear))
            .route("/refresh/{link}", web::get().to(refresh))
            .route("/link/{link}", web::get().to(insert))
    })
    .workers(std::thread::available_parallelism()?.get())
    .bind(address)?
    .run()
    .await?;
    Ok(())
}

async fn read(bare: Data<Bare>, link: Path<Uuid>) -> actix_web::Result<&'static str> {
    found(select::link(&bare.db, link.into_inner()).await)
}

async fn act(bare: Data<Bare>, link: Path<Uuid>) -> actix_web::Result<&'static str> {
    let client = bare.client.as_str();
    found(select::called(&bare.db, client, &[data::ACTION], link.into_inner()).await)
}

async fn act_several(bare: Data<Bare>, link: Path<Uuid>) -> actix_web::Result<&'static str> {
    let client = bare.client.as_str();
    found(select::called(&bare.db, client, &data::ACTIONS_V2, link.into_inner()).await)
}

async fn confirm(bare: Data<Bare>, link: Path<Uuid>) -> actix_web::Result<&'static str> {
    let (client, now) = (bare.client.as_str(), SystemClock.now());
    let user = format!("user{}", data::number_of(link.into_inner()));
    found(select::connected(&bare.db, client, &user, now).await)
}

async fn hear(
    bare: Data<Bare>,
    link: Path<Uuid>,
    request: HttpRequest,
    body: Bytes,
) -> actix_web::Result<&'static str> {
    let signature = request.headers().get("SignatureCEK");
    let signature = signature.and_then(|value| STANDARD.decode(value.as_bytes()).ok());
    if !signature.is_some_and(|signature| bare.cek_key.signed(&body, &signature)) {
        return Err(ErrorForbidden("not signed"));
    }
    let client = bare.client.as_str();
    found(select::asked(&bare.db, client, link.into_inner()).await)
}

fn found(found: sqlx::Result<bool>) -> actix_web::Result<&'static str> {
    let found = found.map_err(ErrorInternalServerError)?;
    let none = || ErrorInternalServerError("no such link");
    found.then_some("found").ok_or_else(none)
}

async fn refresh(bare: Data<Bare>, link: Path<Uuid>) -> actix_web::Result<&'static str> {
    let now = SystemClock.now();
    // One row and one commit.
    let done = sqlx::query(
        "update link set generation = generation + 1, confirmed = generation, confirmed_at = $2,
             confirmed_key_id = refresh_key_id, idle_expires_at = $3
         where link_id = $1 and state = 'active'",
    )
    .bind(link.into_inner())
    .bind(now)
    .bind(now + TimeDelta::days(400))
    .execute(&bare.db)
    .await
    .map_err(ErrorInternalServerError)?;
    found(Ok(done.rows_affected() == 1))
}

async fn insert(bare: Data<Bare>) -> actix_web::Result<&'static str> {
    let random: &dyn Random = &SystemRandom;
    let now = SystemClock.now();
    let account = u32::from(u16::from_be_bytes(random.bytes())) % data::ACCOUNTS + 1;
    // One row and one commit, as a server without shared statements would.
    sqlx::query(
        "insert into link (link_id, client_id, account_id, state, scopes, flow_id, code_hash,
             code_expires_at, redirect_uri, approved_at)
         values ($1, $2, $3, 'pending', $4, $5, $6, $7, $8, $9)
         on conflict do nothing",
    )
    .bind(random.uuid())
    .bind(bare.client.as_str())
    .bind(data::account_id(account))
    .bind(&bare.scopes)
    .bind(random.uuid())
    .bind(random.bytes::<32>())
    .bind(now + TimeDelta::seconds(120))
    .bind(data::REDIRECT_URI)
    .bind(now)
    .execute(&bare.db)
    .await
    .map_err(ErrorInternalServerError)?;
    Ok("inserted")
}
