//! The command line: one file or folder per command, each a few steps over the functions the server uses, too.

mod account;
mod action;
mod admin;
mod attempt;
mod check_config;
mod client;
mod context;
mod database;
mod demo;
mod doctor;
#[cfg(test)]
mod documented_tests;
mod key;
mod link;
mod migrate;
mod output;
mod password;
mod scope;
mod secret_key_file;
mod serve;
mod signals;
mod simulate;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::bail;
use clap::{Parser, Subcommand};
use tokio::runtime::Runtime;

use self::signals::Signals;
use crate::config::Problems;

/// How long work on other threads may keep a command from ending.
const LAST_WORK: Duration = Duration::from_millis(500);
/// What is said of a command that a signal stopped.
const INTERRUPTED: &str = "interrupted";

/// OAuth 2.0 account linking for voice assistants.
#[derive(Parser)]
#[command(name = "linkgate", version, disable_help_subcommand = true)]
struct Cli {
    /// The settings' file [default: linkgate.toml where it exists]; the environment wins over it.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server.
    Serve(serve::Serve),
    /// Bring the database's schema up to date.
    Migrate(migrate::Migrate),
    /// Check the settings: prints `ok`, or every problem at once.
    CheckConfig(check_config::CheckConfig),
    /// Check everything a start needs, and say how to mend what is wrong.
    Doctor(doctor::Doctor),
    /// Admins: those who use the console.
    #[command(subcommand)]
    Admin(admin::Verb),
    /// Clients: the registrations of assistant platforms.
    #[command(subcommand)]
    Client(client::Verb),
    /// Accounts: the people links speak for.
    #[command(subcommand)]
    Account(account::Verb),
    /// Links: an account at a client.
    #[command(subcommand)]
    Link(link::Verb),
    /// Attempts to link, step by step: why did linking fail?
    #[command(subcommand)]
    Attempt(attempt::Verb),
    /// Actions: templates that the chatbot calls by name.
    #[command(subcommand)]
    Action(action::Verb),
    /// Scopes beyond the built-in ones, each with its sentences for the consent page.
    #[command(subcommand)]
    Scope(scope::Verb),
    /// Keys behind tokens, codes and sealed texts.
    #[command(subcommand)]
    Key(key::Verb),
    /// Play an assistant platform against the running server, from login to a resolved action.
    Simulate(simulate::Simulate),
}

/// Runs what the command line says. Exit code 0: done; 1: failed, and stderr says why; 2: wrong usage.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return report(&error.into()),
    };
    let done = runtime.block_on(run(cli));
    runtime.shutdown_timeout(LAST_WORK);
    done.map_or_else(|error| report(&error), |()| ExitCode::SUCCESS)
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    let file = cli.config.as_deref();
    if cli.command.stops_itself() {
        return cli.command.run(file).await;
    }
    // Not killed but dropped, so that a database started for the moment is stopped again.
    let mut signals = Signals::listen()?;
    tokio::select! {
        done = cli.command.run(file) => done,
        () = signals.next() => bail!(INTERRUPTED),
    }
}

impl Command {
    /// Whether it has an end of its own to bring about when it is interrupted.
    fn stops_itself(&self) -> bool {
        matches!(self, Self::Serve(_) | Self::Simulate(_))
    }

    async fn run(self, file: Option<&Path>) -> anyhow::Result<()> {
        match self {
            Self::Serve(command) => command.run(file).await,
            Self::Migrate(command) => command.run(file).await,
            Self::CheckConfig(command) => command.run(file),
            Self::Doctor(command) => command.run(file).await,
            Self::Admin(verb) => verb.run(file).await,
            Self::Client(verb) => verb.run(file).await,
            Self::Account(verb) => verb.run(file).await,
            Self::Link(verb) => verb.run(file).await,
            Self::Attempt(verb) => verb.run(file).await,
            Self::Action(verb) => verb.run(file).await,
            Self::Scope(verb) => verb.run(file).await,
            Self::Key(verb) => verb.run(file).await,
            Self::Simulate(command) => command.run(file).await,
        }
    }
}

/// A mistake in how a command was written that only its own rules can tell.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct WrongUsage(String);

fn report(error: &anyhow::Error) -> ExitCode {
    if let Some(Problems(problems)) = error.downcast_ref() {
        for problem in problems {
            eprintln!("linkgate: {problem}");
        }
    } else {
        eprintln!("linkgate: {}", output::in_one_line(error));
    }
    ExitCode::from(if error.is::<WrongUsage>() { 2 } else { 1 })
}
