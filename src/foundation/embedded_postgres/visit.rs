//! A command's use of the server: beside a running `serve`, or on a server started for the moment.

use std::path::PathBuf;

use tokio::time::{sleep, timeout};

use super::data_lock::{ChangeLock, GLANCE, PATIENCE, ServeLock, UseLock};
use super::placement::Placement;
use super::postmaster::{self, Postmaster};
use super::process::PidFile;
use super::{StartError, Surroundings, prepare};

/// Joins those who use the running server, or starts one; tells where its socket is.
pub(super) async fn begin(
    placement: &Placement,
    surroundings: &Surroundings,
) -> Result<(PathBuf, Visit), StartError> {
    let data_dir = &placement.data_dir;
    let find = async {
        loop {
            let change = ChangeLock::acquire(data_dir).await?;
            if let Some(found) = join(placement, &change).await? {
                return Ok((change, Some(found)));
            }
            // While a server is starting (or ending) under somebody else's hand, wait for it.
            let ours_to_start = !ServeLock::is_claimed(data_dir, &change)?
                && PidFile::of_running_server(&placement.cluster(), &placement.user)?.is_none();
            if ours_to_start {
                return Ok((change, None));
            }
            drop(change);
            sleep(GLANCE).await;
        }
    };
    let (change, found) = timeout(PATIENCE, find).await.unwrap_or_else(|_| {
        Err(StartError::Busy {
            data_dir: data_dir.clone(),
            log: placement.log(),
        })
    })?;
    if let Some(found) = found {
        return Ok(found);
    }
    let launch = prepare(placement, surroundings).await?;
    let postmaster = launch.run().await?;
    let visit = Visit::new(placement, postmaster, &change)?;
    Ok((launch.socket_folder, visit))
}

/// Joins those who use the running server, if one runs and answers.
async fn join(
    placement: &Placement,
    change: &ChangeLock,
) -> Result<Option<(PathBuf, Visit)>, StartError> {
    let cluster = placement.cluster();
    let Some(found) = PidFile::of_running_server(&cluster, &placement.user)? else {
        return Ok(None);
    };
    let Some(socket_folder) = found.socket_folder.filter(|_| found.ready) else {
        return Ok(None);
    };
    if let Err(error) = postmaster::answers(&postmaster::connect_options(&socket_folder)).await {
        tracing::debug!("the running PostgreSQL does not answer: {error}");
        return Ok(None);
    }
    let postmaster = Postmaster::found(found.pid, cluster, placement.user.clone());
    let visit = Visit::new(placement, postmaster, change)?;
    Ok(Some((socket_folder, visit)))
}

/// A command's use of the server.
#[derive(Debug)]
pub(super) struct Visit {
    data_dir: PathBuf,
    postmaster: Option<Postmaster>,
    using: Option<UseLock>,
}

impl Visit {
    fn new(
        placement: &Placement,
        postmaster: Postmaster,
        change: &ChangeLock,
    ) -> Result<Self, StartError> {
        Ok(Self {
            data_dir: placement.data_dir.clone(),
            postmaster: Some(postmaster),
            using: Some(UseLock::share(&placement.data_dir, change)?),
        })
    }

    /// Gives the server back, for the caller to stop; nothing if somebody else still uses it.
    fn last_out(&mut self) -> Option<Postmaster> {
        self.using = None;
        let postmaster = self.postmaster.take()?;
        if UseLock::is_free(&self.data_dir).is_ok_and(|free| free) {
            return Some(postmaster);
        }
        postmaster.release();
        None
    }

    /// Stops the server, unless somebody else still uses it.
    pub(super) async fn end(mut self) {
        if let Some(postmaster) = self.last_out() {
            postmaster.shut_down().await;
        }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        if let Some(postmaster) = self.last_out() {
            postmaster.dismiss();
        }
    }
}
