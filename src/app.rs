//! The server as one object: production and tests start the same.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    sync::Arc,
    sync::atomic::Ordering,
    time::Duration,
};

use actix_web::{App, HttpServer, dev::ServerHandle, middleware::from_fn, web::Data};
use anyhow::Context;
use futures_util::{FutureExt, future::join_all};
use sqlx::PgPool;
use tokio::task::JoinHandle;
use url::Url;
use webauthn_rs::Webauthn;

use crate::{
    account::{
        password::{Cost, Hasher},
        provider::directory::Directory,
    },
    authorize::lookup::Lookup,
    cek::{Cek, lookup::Requests},
    chatbot::{
        connect::{lookup::Questions, outbox::Outbox},
        lookup::Calls,
        manner::Manners,
    },
    client::authenticator::Authenticator,
    config::{AdminSecondFactor, Config},
    event::{Recorder, attempt::witness},
    foundation::{
        clock::Clock,
        coalesce::{Lanes, meter::Meter},
        db,
        keys::{Keys, SecretKeys},
        outbound::Outbound,
        random::Random,
    },
    link::{changes::Changes, usage::Usage},
    mail::Mailer,
    ops::{
        background::{self, Background},
        health::Stopping,
    },
    resolve::{self, Resolver},
    routes,
    simulate::Here,
    token,
    web::{
        branding::CurrentBranding,
        headers,
        limits::Limits,
        page_error, relying_party,
        state::{AppState, PublicUrl, WaysIn},
    },
};

/// More connections than there are lanes for the statements that several requests share: each of them
/// holds one, while it has work.
const SHARED_STATEMENTS: u32 = 128;

/// What a server is made from, beside its configuration.
pub struct Parts {
    /// The database, migrated.
    pub db: PgPool,
    /// What opens its keys.
    pub secret_keys: SecretKeys,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// How hard passwords are hashed.
    pub cost: Cost,
}

/// How long what is written behind waits for its connection.
const BEHIND: Duration = Duration::from_secs(5);
/// How long a shared statement does, whose requests wait with it.
const SHARED: Duration = Duration::from_secs(2);

/// A server that listens.
pub struct Running {
    /// Where people and platforms reach it.
    pub address: SocketAddr,
    /// Where balancers and monitors reach it.
    pub ops_address: SocketAddr,
    /// Its public URL.
    pub public_url: PublicUrl,
    handle: ServerHandle,
    ops_handle: ServerHandle,
    shared: Shared,
    behind: PgPool,
    statements: SharedStatements,
    background: Background,
    recording: JoinHandle<()>,
    serving: JoinHandle<std::io::Result<()>>,
}

/// Starts to listen and to serve.
pub async fn start(config: &Config, parts: Parts) -> anyhow::Result<Running> {
    let (listener, address) = bind(config.listen, "LINKGATE_LISTEN")?;
    let (ops_listener, ops_address) = bind(config.ops_listen, "LINKGATE_OPS_LISTEN")?;
    let public_url = public_url(config, address)?;
    let now = parts.clock.now();
    let secret_keys = parts.secret_keys.clone();
    let keys = Keys::open(parts.db.clone(), secret_keys, &*parts.random, now).await?;
    let hasher = Hasher::new(parts.cost, config.password_hashes, parts.random.clone())?;
    let behind = db::beside(&parts.db, 1, BEHIND);
    let (recorder, recording) = Recorder::start(behind.clone());
    let (recorder, usage) = (Data::new(recorder), Data::new(Usage::default()));
    let written = (&usage, &recorder);
    let (statements, machinery) = SharedStatements::start(&parts.db, config.workers, written);
    let state = Data::new(state(config, parts, keys, public_url.clone()).await?);
    let authenticator = Data::new(Authenticator::new(state.db.clone(), public_url.clone()));
    let cek = Data::new(Cek::new(config.action_deadline));
    let uses = (&usage, &authenticator);
    let outbox = Data::new(Outbox::new(state.outbound)?);
    let mailer = Data::new(Mailer::new(config)?);
    let directory = Directory::new(state.outbound, config.provider_stand_in.clone())?;
    directory.reload(&state.db).await?;
    let directory = Data::new(directory);
    let carriers = (&cek, &outbox, &mailer, &directory);
    let background = background::start(&state, uses, &recorder, carriers, &behind);
    let shared = Shared {
        state,
        hasher: Data::new(hasher),
        recorder,
        usage,
        authenticator,
        machinery,
        manners: Data::new(Manners::new(config.action_deadline)),
        cek,
        here: Data::new(Here(reach(address)?)),
        outbox,
        mailer,
        directory,
        stopping: Data::new(Stopping::default()),
    };
    let server = serve(&shared, listener, config.workers)?;
    let ops_server = serve_ops(&shared, ops_listener)?;
    let (handle, ops_handle) = (server.handle(), ops_server.handle());
    tokio::spawn(ops_server);
    Ok(Running {
        address,
        ops_address,
        public_url,
        handle,
        ops_handle,
        shared,
        behind,
        statements,
        background,
        recording,
        serving: tokio::spawn(server),
    })
}

/// Who passkeys are made for; says so where browsers make none.
fn relying_party(public_url: &PublicUrl) -> anyhow::Result<Option<Webauthn>> {
    let party = relying_party::of(public_url)?;
    if party.is_none() {
        tracing::info!(
            "no passkeys: browsers make them for names such as localhost, and LINKGATE_PUBLIC_URL names an IP address"
        );
    }
    Ok(party)
}

/// What every handler may need.
async fn state(
    config: &Config,
    parts: Parts,
    keys: Keys,
    public_url: PublicUrl,
) -> anyhow::Result<AppState> {
    let relying_party = relying_party(&public_url)?;
    Ok(AppState {
        branding: CurrentBranding::open(&parts.db).await?,
        outbound: Outbound::new(config.outbound_private, public_url.is_loopback()),
        db: parts.db,
        clock: parts.clock,
        random: parts.random,
        keys: Arc::new(keys),
        public_url,
        limits: Limits::new(config),
        ways_in: WaysIn::new(config),
        admin_factor_required: config.admin_second_factor == AdminSecondFactor::Required,
        relying_party,
        lifetimes: config.lifetimes,
        key_intervals: config.key_intervals,
    })
}

impl Running {
    /// Finishes what is under way, writes what was to be written behind, and stops.
    pub async fn stop(self) {
        self.shared.stopping.0.store(true, Ordering::Relaxed);
        self.handle.stop(true).await;
        self.ops_handle.stop(false).await;
        self.background.stop().await;
        let (state, usage) = (self.shared.state.clone(), self.shared.usage.clone());
        usage.flush(&self.behind, &self.shared.recorder).await;
        let now = state.clock.now();
        self.shared.cek.flush(&self.behind, now).await;
        self.shared.authenticator.write_uses(&self.behind).await;
        // The recorder's task and the shared statements' end when everybody has let go of them.
        drop(self.shared);
        let last = join_all(self.statements.lanes).map(drop);
        let last = async { tokio::join!(self.recording, last).0 };
        if tokio::time::timeout(Duration::from_secs(5), last)
            .await
            .is_err()
        {
            tracing::warn!("some events were not stored before the stop");
        }
        self.statements.db.close().await;
        self.behind.close().await;
        state.db.close().await;
        drop(self.serving);
    }

    /// What the server works with, for tests.
    pub fn state(&self) -> &AppState {
        &self.shared.state
    }
}

/// What runs the statements that several requests share.
struct SharedStatements {
    db: PgPool,
    lanes: Vec<JoinHandle<()>>,
}

/// What hands requests to them.
#[derive(Clone)]
struct Machinery {
    lookup: Data<Lookup>,
    changes: Data<Changes>,
    resolver: Data<Resolver>,
    calls: Data<Calls>,
    requests: Data<Requests>,
    tokens: Data<token::lookup::Lookup>,
    questions: Data<Questions>,
    meters: Data<Vec<Arc<Meter>>>,
}

impl SharedStatements {
    fn start(
        db: &PgPool,
        cores: usize,
        (usage, recorder): (&Data<Usage>, &Data<Recorder>),
    ) -> (Self, Machinery) {
        let own = db::beside(db, SHARED_STATEMENTS, SHARED);
        let mut lanes = Lanes::for_cores(cores);
        let machinery = Machinery {
            lookup: Data::new(Lookup::start(&own, &mut lanes)),
            changes: Data::new(Changes::start(db, &own, &mut lanes)),
            resolver: Data::new(Resolver {
                lookup: resolve::lookup::Lookup::start(&own, &mut lanes),
                usage: usage.clone(),
                recorder: recorder.clone(),
            }),
            calls: Data::new(Calls::start(&own, &mut lanes)),
            requests: Data::new(Requests::start(&own, &mut lanes)),
            tokens: Data::new(token::lookup::Lookup::start(&own, &mut lanes)),
            questions: Data::new(Questions::start(&own, &mut lanes)),
            meters: Data::new(lanes.meters),
        };
        let lanes = lanes.tasks;
        (Self { db: own, lanes }, machinery)
    }
}

struct Shared {
    state: Data<AppState>,
    hasher: Data<Hasher>,
    recorder: Data<Recorder>,
    usage: Data<Usage>,
    authenticator: Data<Authenticator>,
    machinery: Machinery,
    manners: Data<Manners>,
    cek: Data<Cek>,
    here: Data<Here>,
    outbox: Data<Outbox>,
    mailer: Data<Mailer>,
    directory: Data<Directory>,
    stopping: Data<Stopping>,
}

/// The configured one, or while there is none, where the server listens.
fn public_url(config: &Config, address: SocketAddr) -> anyhow::Result<PublicUrl> {
    Ok(match &config.public_url {
        Some(url) => PublicUrl::new(url),
        None => PublicUrl::new(&Url::parse(&format!("http://{address}"))?),
    })
}

/// How this machine reaches what listens there.
fn reach(mut address: SocketAddr) -> anyhow::Result<Url> {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    Ok(Url::parse(&format!("http://{address}"))?)
}

fn bind(address: SocketAddr, setting: &str) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address)
        .with_context(|| format!("{setting}: can't listen on {address}"))?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

fn serve(
    shared: &Shared,
    listener: TcpListener,
    workers: usize,
) -> std::io::Result<actix_web::dev::Server> {
    let Shared {
        state,
        hasher,
        recorder,
        usage,
        authenticator,
        machinery,
        manners,
        cek,
        here,
        outbox,
        mailer,
        directory,
        ..
    } = shared;
    let (state, hasher) = (state.clone(), hasher.clone());
    let (recorder, usage) = (recorder.clone(), usage.clone());
    let (machinery, manners) = (machinery.clone(), manners.clone());
    let (cek, authenticator, here) = (cek.clone(), authenticator.clone(), here.clone());
    let (outbox, mailer) = (outbox.clone(), mailer.clone());
    let directory = directory.clone();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .app_data(hasher.clone())
            .app_data(recorder.clone())
            .app_data(usage.clone())
            .app_data(authenticator.clone())
            .app_data(machinery.lookup.clone())
            .app_data(machinery.changes.clone())
            .app_data(machinery.resolver.clone())
            .app_data(machinery.calls.clone())
            .app_data(machinery.requests.clone())
            .app_data(machinery.tokens.clone())
            .app_data(machinery.questions.clone())
            .app_data(manners.clone())
            .app_data(cek.clone())
            .app_data(here.clone())
            .app_data(outbox.clone())
            .app_data(mailer.clone())
            .app_data(directory.clone())
            .wrap(from_fn(witness::watch))
            .wrap(from_fn(page_error::render))
            .wrap(from_fn(headers::add))
            .configure(routes::public)
    });
    Ok(server
        .workers(workers)
        .client_request_timeout(Duration::from_secs(5))
        .keep_alive(Duration::from_secs(75))
        // Without it a small answer may wait for the other side's delayed acknowledgement, 40 ms long.
        .tcp_nodelay(true)
        .shutdown_timeout(30)
        .disable_signals()
        .listen(listener)?
        .run())
}

fn serve_ops(shared: &Shared, listener: TcpListener) -> std::io::Result<actix_web::dev::Server> {
    let (state, recorder) = (shared.state.clone(), shared.recorder.clone());
    let (manners, cek) = (shared.manners.clone(), shared.cek.clone());
    let meters = shared.machinery.meters.clone();
    let (mailer, stopping) = (shared.mailer.clone(), shared.stopping.clone());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .app_data(recorder.clone())
            .app_data(manners.clone())
            .app_data(cek.clone())
            .app_data(mailer.clone())
            .app_data(stopping.clone())
            .app_data(meters.clone())
            .wrap(from_fn(headers::add))
            .configure(routes::ops)
    });
    Ok(server.workers(1).disable_signals().listen(listener)?.run())
}
