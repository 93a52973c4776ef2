//! The server as one object: production and tests start the same.

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
    sync::atomic::Ordering,
    time::Duration,
};

use actix_web::{App, HttpServer, dev::ServerHandle, middleware::from_fn, web::Data};
use anyhow::Context;
use sqlx::PgPool;
use tokio::task::JoinHandle;
use url::Url;

use crate::{
    account::password::{Cost, Hasher},
    chatbot::manner::Manners,
    config::Config,
    event::Recorder,
    foundation::{
        clock::Clock,
        db,
        keys::{Keys, SecretKeys},
        random::Random,
    },
    link::usage::Usage,
    ops::{
        background::{self, Background},
        health::Stopping,
    },
    routes,
    web::{
        branding::CurrentBranding,
        headers, page_error,
        state::{AppState, PublicUrl},
    },
};

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
    stopping: Data<Stopping>,
    state: Data<AppState>,
    usage: Data<Usage>,
    behind: PgPool,
    background: Background,
    recording: JoinHandle<()>,
    serving: JoinHandle<std::io::Result<()>>,
}

/// Starts to listen and to serve.
pub async fn start(config: &Config, parts: Parts) -> anyhow::Result<Running> {
    let (listener, address) = bind(config.listen, "LINKGATE_LISTEN")?;
    let (ops_listener, ops_address) = bind(config.ops_listen, "LINKGATE_OPS_LISTEN")?;
    let public_url = match &config.public_url {
        Some(url) => PublicUrl::new(url),
        None => PublicUrl::new(&Url::parse(&format!("http://{address}"))?),
    };
    let now = parts.clock.now();
    let keys = Keys::open(parts.db.clone(), parts.secret_keys, &*parts.random, now).await?;
    let hasher = Hasher::new(parts.cost, config.password_hashes, parts.random.clone())?;
    let behind = db::beside(&parts.db);
    let (recorder, recording) = Recorder::start(behind.clone());
    let branding = CurrentBranding::open(&parts.db).await?;
    let state = Data::new(AppState {
        db: parts.db,
        clock: parts.clock,
        random: parts.random,
        keys: Arc::new(keys),
        public_url: public_url.clone(),
        branding,
        lifetimes: config.lifetimes,
    });
    let usage = Data::new(Usage::default());
    let stopping = Data::new(Stopping::default());
    let background = background::start(&state, &usage, &behind);
    let shared = Shared {
        state,
        hasher: Data::new(hasher),
        recorder: Data::new(recorder),
        usage,
        manners: Data::new(Manners::new(config.action_deadline)),
        stopping,
    };
    let server = serve(&shared, listener, config.workers)?;
    let ops_server = serve_ops(&shared, ops_listener)?;
    let (handle, ops_handle) = (server.handle(), ops_server.handle());
    tokio::spawn(ops_server);
    let Shared {
        state,
        usage,
        stopping,
        ..
    } = shared;
    Ok(Running {
        address,
        ops_address,
        public_url,
        handle,
        ops_handle,
        stopping,
        state,
        usage,
        behind,
        background,
        recording,
        serving: tokio::spawn(server),
    })
}

impl Running {
    /// Finishes what is under way, writes what was to be written behind, and stops.
    pub async fn stop(self) {
        self.stopping.0.store(true, Ordering::Relaxed);
        self.handle.stop(true).await;
        self.ops_handle.stop(false).await;
        self.background.stop().await;
        self.usage.flush(&self.behind).await;
        // The recorder's task ends when the last worker has let go of it.
        if tokio::time::timeout(Duration::from_secs(5), self.recording)
            .await
            .is_err()
        {
            tracing::warn!("some events were not stored before the stop");
        }
        self.behind.close().await;
        self.state.db.close().await;
        drop(self.serving);
    }

    /// What the server works with, for tests.
    pub fn state(&self) -> &AppState {
        &self.state
    }
}

struct Shared {
    state: Data<AppState>,
    hasher: Data<Hasher>,
    recorder: Data<Recorder>,
    usage: Data<Usage>,
    manners: Data<Manners>,
    stopping: Data<Stopping>,
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
        manners,
        ..
    } = shared;
    let (state, hasher) = (state.clone(), hasher.clone());
    let (recorder, usage) = (recorder.clone(), usage.clone());
    let manners = manners.clone();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .app_data(hasher.clone())
            .app_data(recorder.clone())
            .app_data(usage.clone())
            .app_data(manners.clone())
            .wrap(from_fn(page_error::render))
            .wrap(from_fn(headers::add))
            .configure(routes::public)
    });
    Ok(server
        .workers(workers)
        .client_request_timeout(Duration::from_secs(5))
        .keep_alive(Duration::from_secs(75))
        .shutdown_timeout(30)
        .disable_signals()
        .listen(listener)?
        .run())
}

fn serve_ops(shared: &Shared, listener: TcpListener) -> std::io::Result<actix_web::dev::Server> {
    let (state, recorder) = (shared.state.clone(), shared.recorder.clone());
    let (manners, stopping) = (shared.manners.clone(), shared.stopping.clone());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .app_data(recorder.clone())
            .app_data(manners.clone())
            .app_data(stopping.clone())
            .wrap(from_fn(headers::add))
            .configure(routes::ops)
    });
    Ok(server.workers(1).disable_signals().listen(listener)?.run())
}
