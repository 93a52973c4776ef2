//! Keeps the server running for as long as Linkgate serves.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::sleep;

use super::data_lock::{ServeLock, UseLock};
use super::postmaster::{Launch, Postmaster};

/// The pause after a start that failed doubles from the first of these up to the second.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What `linkgate serve` holds: freed only when the server has ended.
#[derive(Debug)]
pub(super) struct Tenure {
    pub(super) _serve: ServeLock,
    pub(super) _use: UseLock,
}

/// Starts the server again whenever it dies, until `stop` is sent or its sender is gone; then
/// shuts it down.
pub(super) async fn supervise(
    launch: Launch,
    mut postmaster: Postmaster,
    mut stop: oneshot::Receiver<()>,
    _tenure: Tenure,
) {
    loop {
        tokio::select! {
            _ = &mut stop => {
                postmaster.shut_down().await;
                return;
            }
            status = postmaster.ended() => {
                let status = status.map(|status| status.to_string()).unwrap_or_default();
                tracing::warn!(
                    log = %launch.log.display(),
                    "the private PostgreSQL ended unexpectedly ({status}); starting it again"
                );
            }
        }
        tokio::select! {
            _ = &mut stop => return,
            again = until_it_runs(&launch) => postmaster = again,
        }
        tracing::info!("the private PostgreSQL runs again");
    }
}

async fn until_it_runs(launch: &Launch) -> Postmaster {
    let mut pause = FIRST_PAUSE;
    loop {
        match launch.run().await {
            Ok(postmaster) => return postmaster,
            Err(error) => tracing::error!("the private PostgreSQL can't be started again: {error}"),
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
