//! A database of its own with people, links and everything their tokens are made of.

use std::{cell::OnceCell, sync::Arc};

use anyhow::Context;
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use linkgate::{
    account::{
        self,
        entry::{Entrant, Proof},
        password::{Cost, Hasher},
    },
    client::{
        self, Client,
        preset::Preset,
        registration::{Draft, Rules, register},
    },
    config::Lifetimes,
    foundation::{
        clock::{Clock, SystemClock},
        db,
        ids::{AccountId, LinkId},
        keys::{KeyKind, Keys, SecretKey, SecretKeys},
        random::{Random, SystemRandom},
        secret::{BrowserKind, ClientSecretKind, Plain, SessionKind},
    },
    token::{
        access::{AccessToken, CarriedScope},
        opaque,
        refresh::RefreshToken,
    },
};
use sqlx::{ConnectOptions, Connection, PgPool, postgres::PgConnectOptions};
use url::Url;
use uuid::Uuid;

use super::{
    process,
    signed::{self, SigningKey, Turn},
};

/// How many people there are.
pub const ACCOUNTS: u32 = 2_000;
/// How many links they have together.
pub const LINKS: u32 = 20_000;
/// Everybody's password.
pub const PASSWORD: &str = "correct horse battery";
/// Where the platform gets its answers.
pub const REDIRECT_URI: &str = "https://platform.example/callback";
/// The action that is called by method v1.0.
pub const ACTION: &str = "points";
/// What is called by method v2.0.
pub const ACTIONS_V2: [&str; 2] = ["member.name", "member.point"];
/// What each of them says, and CEK's speech, too.
const TEMPLATE: &str = "{{name}}님, {{attributes.points}}점";
/// The body of such a call.
pub const SEVERAL: &str = r#"{"actionMethod":{"name":"member","methods":[{"variableName":"name","args":[]},{"variableName":"point","args":[]}]},"userInfo":{"id":"u","key":"k","query":"q","entities":{},"taskEntities":{},"userVariables":{}}}"#;

/// What the measurements work with.
pub struct Data {
    /// The server's database, as text.
    pub database_url: String,
    /// The pool of the preparations.
    pub db: PgPool,
    /// PostgreSQL's first process.
    pub postmaster: u32,
    /// What seals the keys.
    pub secret_key: SecretKey,
    /// The platform.
    pub client: Client,
    /// `Authorization` of the platform: a header line.
    pub basic: String,
    signing_key: SigningKey,
    turns: OnceCell<Vec<Turn>>,
    keys: Keys,
    /// A PHC string of [`PASSWORD`].
    pub password_hash: String,
    now: DateTime<Utc>,
    name: String,
    server: PgConnectOptions,
}

impl Data {
    /// Makes the database on the server at `url` and fills it.
    pub async fn make(url: &str) -> anyhow::Result<Self> {
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let now = SystemClock.now();
        let server: PgConnectOptions = url.parse()?;
        let name = format!("linkgate_bench_{}", std::process::id());
        let mut connection = server.connect().await?;
        sqlx::query(sqlx::AssertSqlSafe(format!("create database {name}")))
            .execute(&mut connection)
            .await?;
        let options = server.clone().database(&name);
        db::migrate(&options).await?;
        let db = db::connect(options.clone().disable_statement_logging(), 2);
        let postmaster = postmaster(&db).await?;
        let secret_key = SecretKey::random(&*random);
        let secret_keys = SecretKeys {
            current: secret_key.clone(),
            previous: None,
        };
        let keys = Keys::open(db.clone(), secret_keys, &*random, now).await?;
        let hasher = Hasher::new(Cost::default(), 1, random.clone())?;
        let password_hash = hasher.hash(PASSWORD.into()).await?;
        let signing_key = SigningKey::generate()?;
        let (client, basic) = make_client(&db, &*random, &signing_key, now).await?;
        let data = Self {
            database_url: {
                let mut url = Url::parse(url)?;
                url.set_path(&name);
                url.into()
            },
            db,
            postmaster,
            secret_key,
            client,
            basic,
            signing_key,
            turns: OnceCell::new(),
            keys,
            password_hash,
            now,
            name,
            server,
        };
        data.fill().await?;
        Ok(data)
    }

    async fn fill(&self) -> anyhow::Result<()> {
        sqlx::query(
            "insert into account (account_id, email, email_key, name, attributes, password_hash, created_at, updated_at)
             select ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'person' || n || '@example.com',
                    'person' || n || '@example.com', 'Person ' || n, jsonb_build_object('points', n, 'tier', 'gold'), $2, $3, $3
             from generate_series(1, $1) n",
        )
        .bind(i32::try_from(ACCOUNTS)?)
        .bind(&self.password_hash)
        .bind(self.now)
        .execute(&self.db)
        .await?;
        sqlx::query(
            "insert into link (link_id, client_id, account_id, state, scopes, approved_at, linked_at, refresh_key_id,
                 generation, idle_expires_at)
             select ('00000000-0000-4000-9000-' || lpad(to_hex(n), 12, '0'))::uuid, $2,
                    ('00000000-0000-4000-8000-' || lpad(to_hex(n % $3 + 1), 12, '0'))::uuid, 'active', $4, $5, $5, $6, 1, $7
             from generate_series(1, $1) n",
        )
        .bind(i32::try_from(LINKS)?)
        .bind(self.client.id.as_str())
        .bind(i32::try_from(ACCOUNTS)?)
        .bind(self.client.scopes.to_names())
        .bind(self.now)
        .bind(self.keys.current(KeyKind::Refresh, self.now).id)
        .bind(self.now + TimeDelta::days(400))
        .execute(&self.db)
        .await?;
        for name in [ACTION].into_iter().chain(ACTIONS_V2) {
            sqlx::query(
                "insert into action (client_id, name, template, updated_at) values ($1, $2, $3, $4)",
            )
            .bind(self.client.id.as_str())
            .bind(name)
            .bind(TEMPLATE)
            .bind(self.now)
            .execute(&self.db)
            .await?;
        }
        self.connect_chats().await?;
        // What pgbench logs in with.
        sqlx::query(
            "insert into session (session_hash, account_id, created_at, last_seen_at, expires_at)
             select sha256(('session' || n)::bytea), ('00000000-0000-4000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
                    $2, $2, $2 + interval '12 hours'
             from generate_series(1, $1) n",
        )
        .bind(i32::try_from(ACCOUNTS)?)
        .bind(self.now)
        .execute(&self.db)
        .await?;
        // What a link costs is measured; a letter about each is another thing, and no rival sends one.
        sqlx::query("update service set link_mails = false")
            .execute(&self.db)
            .await?;
        sqlx::query("vacuum analyze").execute(&self.db).await?;
        sqlx::query("checkpoint").execute(&self.db).await?;
        Ok(())
    }

    /// Everybody's chat is connected, too.
    async fn connect_chats(&self) -> anyhow::Result<()> {
        sqlx::query("update client set chatbot_domain_code = 'bench'")
            .execute(&self.db)
            .await?;
        sqlx::query(
            "insert into chatbot_user (client_id, domain_code, platform, user_id, link_id, connected_at)
             select $2, 'bench', 'bench', 'user' || n,
                    ('00000000-0000-4000-9000-' || lpad(to_hex(n), 12, '0'))::uuid, $3
             from generate_series(1, $1) n",
        )
        .bind(i32::try_from(LINKS)?)
        .bind(self.client.id.as_str())
        .bind(self.now)
        .execute(&self.db)
        .await?;
        Ok(())
    }

    /// The access token of a link, good for a day.
    pub fn access_token(&self, link: u32) -> String {
        let token = AccessToken {
            link_id: LinkId(link_id(link)),
            access_epoch: 0,
            issued_at: self.now.timestamp(),
            expires_at: self.now.timestamp() + 86_400,
            scope: CarriedScope::Bits(u32::MAX),
            named: None,
        };
        let key = self.keys.current(KeyKind::Access, self.now);
        opaque::encode(&token, u32::MAX, &key, &SystemRandom)
    }

    /// Signed turns of that many links, made when they are first asked for.
    pub fn turns(&self) -> anyhow::Result<&[Turn]> {
        if self.turns.get().is_none() {
            let sign = |link| self.signing_key.turn(link, &self.access_token(link));
            let signed = (1..=signed::TURNS).map(sign).collect::<Result<_, _>>()?;
            drop(self.turns.set(signed));
        }
        self.turns.get().map(Vec::as_slice).context("no turns")
    }

    /// The refresh token that the link's row issued last.
    pub async fn refresh_token(&self, link: u32) -> anyhow::Result<String> {
        let generation = sqlx::query_scalar("select generation from link where link_id = $1")
            .bind(link_id(link))
            .fetch_one(&self.db)
            .await?;
        let token = RefreshToken {
            link_id: LinkId(link_id(link)),
            generation,
        };
        Ok(token.encode(&self.keys.current(KeyKind::Refresh, self.now)))
    }

    /// The cookies of somebody who is logged in: a header line.
    pub async fn cookies(&self, account: u32) -> anyhow::Result<String> {
        let random: &dyn Random = &SystemRandom;
        let session = Plain::<SessionKind>::random(random);
        let browser = Plain::<BrowserKind>::random(random);
        let entrant = Entrant {
            id: AccountId(account_id(account)),
            proof: Proof::Password {
                hash: self.password_hash.clone(),
            },
        };
        let until = self.now + TimeDelta::hours(12);
        account::store::insert_session(&self.db, &session.hash(), &entrant, "", (self.now, until))
            .await?;
        let (session, browser) = (session.expose(), browser.expose());
        Ok(format!("Cookie: sid={session}; txn={browser}\r\n"))
    }

    /// Drops the database.
    pub async fn remove(self) -> anyhow::Result<()> {
        self.db.close().await;
        let mut connection = self.server.connect().await?;
        let drop = format!("drop database {} with (force)", self.name);
        sqlx::query(sqlx::AssertSqlSafe(drop))
            .execute(&mut connection)
            .await?;
        connection.close().await?;
        Ok(())
    }
}

/// The id of the nth link.
pub fn link_id(n: u32) -> Uuid {
    Uuid::from_u128(0x4000_9000_0000_0000_0000 | u128::from(n))
}

/// Which link has that id.
pub fn number_of(link: Uuid) -> u128 {
    link.as_u128() & 0xffff_ffff
}

/// The id of the nth account.
pub fn account_id(n: u32) -> Uuid {
    Uuid::from_u128(0x4000_8000_0000_0000_0000 | u128::from(n))
}

async fn make_client(
    db: &PgPool,
    random: &dyn Random,
    signing_key: &SigningKey,
    now: DateTime<Utc>,
) -> anyhow::Result<(Client, String)> {
    let draft = Draft {
        name: "Bench".to_owned(),
        preset: Preset::find("custom").context("no custom preset")?,
        preset_values: std::collections::BTreeMap::new(),
        redirect_uris: vec![REDIRECT_URI.to_owned()],
        scopes: Vec::new(),
        public: false,
    };
    let rules = Rules {
        lifetimes: &Lifetimes::default(),
        on_loopback: true,
        defined_scopes: &[],
        outbound: linkgate::foundation::outbound::Outbound::new(false, true),
    };
    let mut client = register(draft, rules, random, now)?;
    client.settings.extension_id = Some(signed::EXTENSION.to_owned());
    client.settings.cek.public_key = Some(signing_key.public_pem()?);
    TEMPLATE.clone_into(&mut client.settings.cek.speech);
    client::store::insert_client(db, &client).await?;
    let secret = Plain::<ClientSecretKind>::random(random);
    let mut connection = db.acquire().await?;
    client::secret::store::replace_secret(
        &mut connection,
        &client.id,
        (random.uuid(), &secret.hash()),
        now,
        now,
    )
    .await?;
    let credentials = STANDARD.encode(format!("{}:{}", client.id, secret.expose()));
    Ok((client, format!("Authorization: Basic {credentials}\r\n")))
}

async fn postmaster(db: &PgPool) -> anyhow::Result<u32> {
    let backend: i32 = sqlx::query_scalar("select pg_backend_pid()")
        .fetch_one(db)
        .await?;
    // Zero where the database is on another machine: its processor time is then not known.
    Ok(process::parent_of(u32::try_from(backend)?).unwrap_or_default())
}
