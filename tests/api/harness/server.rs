//! What serves a node: the server as an object in the test's own process, or a `linkgate serve` in a
//! process of its own, as operators run it.

use std::sync::Arc;

use linkgate::{
    app::Running,
    config,
    foundation::clock::{Clock, SystemClock},
};
use nix::sys::signal::Signal;
use sqlx::PgPool;

use super::{
    ManualClock, PASSWORD, TestApp, canary, capture,
    command::{Linkgate, SECRET_KEY, serving::Serving},
    fresh_folder,
};

/// What every node of a test is set to.
pub const FIXED: [(&str, &str); 5] = [
    ("LINKGATE_LISTEN", "127.0.0.1:0"),
    ("LINKGATE_OPS_LISTEN", "127.0.0.1:0"),
    ("LINKGATE_WORKERS", "2"),
    ("LINKGATE_DATABASE_CONNECTIONS", "8"),
    ("LINKGATE_SECRET_KEY", SECRET_KEY),
];

/// The same with what tests choose that have no other say: admins need no second factor, where a server
/// may leave that to them.
pub fn fixed<'a>(settings: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let ours = [("LINKGATE_ADMIN_SECOND_FACTOR", "optional")];
    let mut public = settings
        .iter()
        .filter(|(name, _)| *name == "LINKGATE_PUBLIC_URL");
    let loopback = public.all(|(_, url)| config::is_loopback(&url.parse().unwrap()));
    let ours = ours.iter().filter(|_| loopback);
    FIXED.iter().chain(ours).chain(settings).copied().collect()
}

pub enum Server {
    Instance(Box<Running>),
    Process(Serving, Linkgate),
}

impl Server {
    /// Stops it in order: what was to be written behind is written then.
    pub async fn stop(self) {
        match self {
            Self::Instance(running) => running.stop().await,
            Self::Process(serving, _folder) => {
                // The runtime goes on, and lets go of the connections that the process waits for.
                let stopping = tokio::task::spawn_blocking(|| serving.stop(Signal::SIGTERM));
                assert_eq!(stopping.await.unwrap(), Some(0));
            }
        }
    }
}

impl TestApp {
    /// A server in a process of its own, whose clock is the machine's. It bears many requests of one
    /// address; so do its other nodes, which are processes, too.
    pub async fn process(db: PgPool) -> Self {
        let clock = ManualClock::default();
        clock.advance(SystemClock.now() - clock.now());
        Self::start_process(db, Arc::new(clock), &[]).await
    }

    /// Another one with these settings.
    pub(super) async fn start_process(
        pool: PgPool,
        clock: Arc<ManualClock>,
        settings: &[(&str, &str)],
    ) -> Self {
        let (filter, log) = capture::of_a_process();
        let ours = [("LINKGATE_RATE_LIMITS", "off"), ("LINKGATE_LOG", filter)];
        let settings = [&ours, settings].concat();
        let given = fixed(&settings);
        let linkgate = given
            .iter()
            .fold(Linkgate::on(&pool), |linkgate, (name, value)| {
                linkgate.with(name, value)
            });
        canary::note(canary::Kind::SecretKey, SECRET_KEY);
        canary::note(canary::Kind::Password, PASSWORD);
        let mut command = linkgate.command(&["serve"]);
        command.stderr(log);
        let serving = Serving::of(command);
        let url = serving.url();
        let given = settings
            .iter()
            .find(|(name, _)| *name == "LINKGATE_PUBLIC_URL");
        Self {
            issuer: given.map_or(url.as_str(), |(_, given)| given).to_owned(),
            url,
            ops_url: String::new(),
            server: Some(Server::Process(serving, linkgate)),
            data: fresh_folder(),
            lease: Some(pool.acquire().await.unwrap()),
            db: pool,
            clock,
        }
    }
}
