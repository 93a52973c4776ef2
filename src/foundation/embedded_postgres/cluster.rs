//! Making PostgreSQL's data directory: wholly, or not at all.

use std::fs;
use std::path::Path;
use std::process::{Command as StdCommand, Output, Stdio};

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::StartError;
use super::files;
use super::placement::Placement;
use super::programs::Programs;
use super::store::{PROVISION, SUPERUSER};
use super::system_user::SystemUser;

/// How the directories of clusters in the making begin.
const IN_THE_MAKING: &str = "postgres.new-";

/// The first version with locales of its own, which no upgrade of the C library can change.
const BUILTIN_LOCALES: u32 = 17;

/// The major version that made the cluster, or nothing where there is none yet.
pub(super) fn made_by(cluster: &Path) -> Result<Option<String>, StartError> {
    if let Some(version) = files::read_if_there(&cluster.join("PG_VERSION"))? {
        return Ok(Some(version.trim().to_owned()));
    }
    if cluster.exists() {
        return Err(StartError::Unexpected {
            path: cluster.to_owned(),
            expected: "a PostgreSQL data directory",
        });
    }
    Ok(None)
}

/// Makes the cluster with role and database in a directory of its own, synced to disk, and only
/// then gives it its name: killed half-way, the next start begins anew.
pub(super) async fn create(placement: &Placement, programs: &Programs) -> Result<(), StartError> {
    remove_unfinished(&placement.data_dir);
    let fresh = placement
        .data_dir
        .join(format!("{IN_THE_MAKING}{}", std::process::id()));
    initialise(&fresh, &placement.user, programs).await?;
    provision(&fresh, &placement.user, programs).await?;
    let cluster = placement.cluster();
    fs::rename(&fresh, &cluster).map_err(StartError::system("naming", &cluster))?;
    files::sync_dir(&placement.data_dir)
}

/// A command of PostgreSQL's that runs as `user`, in English and untouched by the environment.
pub(super) fn command(program: &Path, user: &SystemUser) -> Command {
    let mut command = StdCommand::new(program);
    command
        .env_clear()
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        .env("PATH", "/usr/bin:/bin")
        .current_dir("/")
        .stdin(Stdio::null());
    user.run(&mut command);
    let mut command = Command::from(command);
    // A group of its own: Ctrl-C in the terminal reaches it through Linkgate alone.
    command.process_group(0);
    command
}

async fn initialise(
    fresh: &Path,
    user: &SystemUser,
    programs: &Programs,
) -> Result<(), StartError> {
    let locales: &[&[&str]] = if programs.major >= BUILTIN_LOCALES {
        &[&[
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
        ]]
    } else {
        &[&["--locale=C.UTF-8"], &["--locale=C"]]
    };
    let mut refusal = String::new();
    for locale in locales {
        remove(fresh)?;
        user.own_private_dir(fresh)?;
        let mut initdb = command(&programs.initdb(), user);
        initdb
            .arg("-D")
            .arg(fresh)
            .arg(format!("--username={SUPERUSER}"))
            .args(["--encoding=UTF8", "--auth=peer", "--data-checksums"])
            .args(["--text-search-config=simple", "--no-instructions"])
            .args(*locale)
            .kill_on_drop(true);
        let output = initdb
            .output()
            .await
            .map_err(StartError::system("running", programs.initdb()))?;
        if output.status.success() {
            return Ok(());
        }
        refusal = words_of(&output);
        if !refusal.contains("locale") {
            break;
        }
    }
    Err(StartError::Failed {
        reason: "initdb refused".to_owned(),
        log: refusal,
    })
}

async fn provision(fresh: &Path, user: &SystemUser, programs: &Programs) -> Result<(), StartError> {
    let postgres = programs.postgres();
    let failed = || StartError::system("running", &postgres);
    let mut single = command(&postgres, user);
    single
        .args(["--single", "-c", "exit_on_error=true", "-D"])
        .arg(fresh)
        .arg("template1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut child = single.spawn().map_err(failed())?;
    if let Some(mut input) = child.stdin.take() {
        // A server that ended early has said why; its words matter more than the broken pipe.
        let _ = input.write_all(PROVISION.as_bytes()).await;
    }
    let output = child.wait_with_output().await.map_err(failed())?;
    if output.status.success() {
        return Ok(());
    }
    Err(StartError::Failed {
        reason: "the new cluster could not be prepared".to_owned(),
        log: words_of(&output),
    })
}

fn words_of(output: &Output) -> String {
    let words = files::last_lines(&output.stderr);
    if words.is_empty() {
        format!("{} without a word", output.status)
    } else {
        words
    }
}

/// What a killed start left is only in the way of the disk's space, so failing here is no error.
fn remove_unfinished(data_dir: &Path) {
    let Ok(entries) = fs::read_dir(data_dir) else {
        return;
    };
    for entry in entries.flatten() {
        if entry
            .file_name()
            .to_string_lossy()
            .starts_with(IN_THE_MAKING)
            && let Err(error) = remove(&entry.path())
        {
            tracing::warn!("an unfinished database stays behind: {error}");
        }
    }
}

fn remove(path: &Path) -> Result<(), StartError> {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => {
            fs::remove_dir_all(path).map_err(StartError::system("removing", path))
        }
        Ok(_) => files::remove_if_there(path),
        Err(_) => Ok(()),
    }
}
