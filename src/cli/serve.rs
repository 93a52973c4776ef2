//! `linkgate serve`

use std::{path::Path, sync::Arc, time::Duration};

use futures_util::FutureExt;

use super::{database::Database, demo, output, secret_key_file, signals::Signals};
use crate::{
    account::password::Cost,
    app::{self, Parts, Running},
    config::{Config, Purpose},
    foundation::{clock::SystemClock, embedded_postgres::Mode, random::SystemRandom},
    telemetry,
};

/// What is logged unless `LINKGATE_LOG` says otherwise: the web server's own start is no news.
const LOG: &str = "info,actix_server=warn";

/// How soon after a signal another one is the same one, come by another way.
const ECHO: Duration = Duration::from_millis(500);

#[derive(clap::Args)]
pub struct Serve {
    /// On the first start, make an owner admin, a demo CLOVA client and a demo account, and print
    /// their credentials once; on every start, print what to try.
    #[arg(long)]
    demo: bool,
}

impl Serve {
    pub async fn run(self, file: Option<&Path>) -> anyhow::Result<()> {
        let config = Config::load(file, Purpose::Serving)?;
        telemetry::start(config.log.as_deref().unwrap_or(LOG), config.log_format);
        let mut signals = Signals::listen()?;
        let database = tokio::select! {
            reached = Database::reach(&config, Mode::Serve) => reached?,
            () = signals.next() => return Ok(()),
        };
        let served = self.serve(&config, &database, &mut signals, file).await;
        tokio::select! {
            () = database.release() => {}
            () = once_more(&mut signals) => tracing::warn!("stopped without waiting for the database"),
        }
        served
    }

    async fn serve(
        &self,
        config: &Config,
        database: &Database,
        signals: &mut Signals,
        file: Option<&Path>,
    ) -> anyhow::Result<()> {
        let start = async {
            let running = start(config, database).await?;
            let demonstrated = if self.demo {
                demo::prepare(config, &running, file).await
            } else {
                Ok(String::new())
            };
            match demonstrated {
                Ok(demo) => announce(database, &running, &demo).map(|()| running),
                Err(error) => {
                    running.stop().await;
                    Err(error)
                }
            }
        };
        let running = tokio::select! {
            running = start => running?,
            () = signals.next() => return Ok(()),
        };
        signals.next().await;
        tracing::info!("stopping; once more to stop at once");
        tokio::select! {
            () = running.stop() => tracing::info!("stopped"),
            () = once_more(signals) => tracing::warn!("stopped without finishing what was under way"),
        }
        Ok(())
    }
}

async fn start(config: &Config, database: &Database) -> anyhow::Result<Running> {
    database.make_current(config, true).await?;
    let db = database.connect(config.database_connections);
    let random = Arc::new(SystemRandom);
    let secret_keys =
        secret_key_file::open(config, database.private_data_dir(), &db, &*random).await?;
    let parts = Parts {
        db,
        secret_keys,
        clock: Arc::new(SystemClock),
        random,
        cost: Cost::default(),
    };
    app::start(config, parts).await
}

fn announce(database: &Database, running: &Running, demo: &str) -> anyhow::Result<()> {
    let notice = database.notice().map(|notice| format!("{notice}\n"));
    let url = running.public_url.issuer();
    let listens = format!(
        "Linkgate listens on http://{} (console: {url}/admin)\n",
        running.address
    );
    output::write(&format!("{}{demo}{listens}", notice.unwrap_or_default()))?;
    Ok(())
}

/// The next signal that is meant so: a process manager may tell a process and its group at once.
async fn once_more(signals: &mut Signals) {
    tokio::time::sleep(ECHO).await;
    while signals.next().now_or_never().is_some() {}
    signals.next().await;
}
