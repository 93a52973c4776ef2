//! `make bench`: Linkgate beside a bare actix-web handler and pgbench with the same statements, in
//! the same run, on a PostgreSQL of their own that really writes to the disk.
//!
//! Linkgate and the bare handlers are processes of their own, measured in turns, so that whatever
//! else the machine does hits both alike. `BENCH_SECONDS` is how long each of them is measured for
//! each scenario and number of connections, `BENCH_ONLY` names scenarios (`resolve,refresh`), and
//! `BENCH_MARKDOWN` a file for the result, `BENCH_CHART` one for its chart. Two more, `storm` and
//! `forged`, look at what other traffic does to actions, and `open` offers a fixed load of everything
//! for a minute.
#![expect(
    clippy::disallowed_methods,
    reason = "a measurement reads the real clock and is told by the environment what to measure"
)]

mod argon;
mod bare;
mod beside;
mod chart;
mod data;
mod http;
mod instructions;
mod measure;
mod open;
mod pgbench;
mod players;
mod process;
mod report;
mod select;
mod signed;

use std::{
    env,
    net::SocketAddr,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::Context;

use self::{
    beside::{Beside, MeasuredBeside},
    data::Data,
    http::Connection,
    measure::{AFTER_REFUSAL, Crew, Sample},
    open::Open,
    players::{Player, Work},
    process::Server,
    report::Measured,
};

/// How many connections ask at once.
const CONNECTIONS: [u32; 2] = [16, 32];
/// How often Linkgate and its reference take turns.
const TURNS: u32 = 3;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// Authorize with a live session, post the consent form, redeem the code.
    Link,
    /// Refresh.
    Refresh,
    /// `/resolve`.
    Resolve,
    /// `/action`, method v1.0.
    Action,
    /// `/action`, method v2.0, with two values.
    ActionV2,
    /// `/cek` with a signature.
    Cek,
    /// `/oauth/introspect` with a client secret.
    Introspect,
    /// `/chatbot/…/confirm`.
    Confirm,
    /// The login form.
    Login,
}

impl Scenario {
    const ALL: [Self; 9] = [
        Self::Resolve,
        Self::Action,
        Self::ActionV2,
        Self::Cek,
        Self::Introspect,
        Self::Confirm,
        Self::Refresh,
        Self::Link,
        Self::Login,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Refresh => "refresh",
            Self::Resolve => "resolve",
            Self::Action => "action",
            Self::ActionV2 => "action-v2",
            Self::Cek => "cek",
            Self::Introspect => "introspect",
            Self::Confirm => "confirm",
            Self::Login => "login",
        }
    }

    /// Whether somebody may mean it by that.
    fn is_called(self, name: &str) -> bool {
        name == self.name() || (self == Self::Action && name == "action-v1")
    }

    /// What it is compared with.
    pub const fn reference(self) -> &'static str {
        match self {
            Self::Link => "bare insert",
            Self::Refresh => "bare update",
            Self::Resolve | Self::Action | Self::ActionV2 | Self::Introspect | Self::Confirm => {
                "bare select"
            }
            Self::Cek => "bare RSA check and select",
            Self::Login => "argon2 alone",
        }
    }

    /// The share of the reference's rate that is aimed at, on any number of connections.
    pub const fn aim(self) -> f64 {
        match self {
            Self::Link => 0.33,
            Self::Refresh => 0.6,
            Self::Login => 0.95,
            _ => 0.8,
        }
    }

    /// What is aimed at on 32 connections, on two cores shared with PostgreSQL and the load.
    pub fn aims(self) -> Aims {
        let aims = |rate, p99, ratio| Aims { rate, p99, ratio };
        match self {
            Self::Resolve | Self::Action => aims(Some(35_000.0), Some(3.0), Some(2.0)),
            Self::Refresh => aims(Some(15_000.0), Some(5.0), Some(1.2)),
            Self::Link => aims(Some(4_000.0), Some(20.0), None),
            Self::Introspect => aims(Some(25_000.0), None, None),
            Self::ActionV2 | Self::Cek | Self::Confirm | Self::Login => aims(None, None, None),
        }
    }

    /// Its statements for pgbench.
    pub const fn statements(self) -> Option<&'static str> {
        match self {
            Self::Link => Some(include_str!("pgbench/link.sql")),
            Self::Refresh => Some(include_str!("pgbench/refresh.sql")),
            Self::Resolve | Self::Introspect => Some(include_str!("pgbench/resolve.sql")),
            Self::Action => Some(include_str!("pgbench/action.sql")),
            Self::ActionV2 => Some(include_str!("pgbench/action-v2.sql")),
            Self::Cek => Some(include_str!("pgbench/cek.sql")),
            Self::Confirm => Some(include_str!("pgbench/confirm.sql")),
            Self::Login => None,
        }
    }
}

/// What is aimed at with all that can be done.
#[derive(Debug, Clone, Copy)]
pub struct Aims {
    /// Operations a second.
    pub rate: Option<f64>,
    /// The time within which 99 % of the requests are answered, in milliseconds.
    pub p99: Option<f64>,
    /// How many times the reference's rate.
    pub ratio: Option<f64>,
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    if let ["bare", address, database, client] = arguments[..] {
        let serving = bare::serve(address.parse()?, database, client);
        return actix_web::rt::System::new().block_on(serving);
    }
    // One thread, so that the load takes at most one core from what is measured.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    if arguments.contains(&"instructions") {
        return runtime.block_on(count_instructions());
    }
    runtime.block_on(bench())
}

async fn count_instructions() -> anyhow::Result<()> {
    let data = Data::make(&database_url()?).await?;
    let counted = instructions::count(&data).await;
    data.remove().await?;
    println!("\n{}", counted?);
    Ok(())
}

fn database_url() -> anyhow::Result<String> {
    env::var("DATABASE_URL").context("DATABASE_URL must name a PostgreSQL; use `make bench`")
}

async fn bench() -> anyhow::Result<()> {
    let seconds: u32 = env::var("BENCH_SECONDS").map_or(Ok(6), |text| text.parse())?;
    let only = env::var("BENCH_ONLY").unwrap_or_default();
    let data = Data::make(&database_url()?).await?;
    let measured = measure(&data, Duration::from_secs(seconds.into()), &only).await;
    data.remove().await?;
    let (mut measured, mut beside, mut open) = measured?;
    let text = report::markdown(&mut measured)
        + &beside::markdown(&mut beside)
        + &open.as_mut().map(open::markdown).unwrap_or_default();
    println!("\n{text}");
    for failures in measured.iter().filter_map(Measured::failures) {
        println!("{failures}");
    }
    let files = [
        ("BENCH_MARKDOWN", text),
        ("BENCH_CHART", chart::svg(&measured)),
    ];
    for (name, content) in files {
        if let Ok(path) = env::var(name) {
            std::fs::write(&path, content).with_context(|| format!("{path} can't be written"))?;
        }
    }
    Ok(())
}

async fn measure(
    data: &Data,
    span: Duration,
    only: &str,
) -> anyhow::Result<(Vec<Measured>, Vec<MeasuredBeside>, Option<Open>)> {
    let linkgate = start_linkgate(data).await?;
    let bare = start_bare(data).await?;
    let mut measured = Vec::new();
    for scenario in Scenario::ALL {
        let named = only.split(',').any(|name| scenario.is_called(name));
        if !(only.is_empty() || named) || !is_served(scenario, data, linkgate.address).await? {
            continue;
        }
        let pgbench = pgbench::run(scenario, data, span).unwrap_or_else(|error| {
            eprintln!("without pgbench: {error:#}");
            None
        });
        for connections in CONNECTIONS {
            eprintln!("{} on {connections} connections …", scenario.name());
            let servers = [&linkgate, &bare];
            let mut one = compare(scenario, connections, data, servers, span).await?;
            one.pgbench = pgbench;
            measured.push(one);
        }
    }
    let mut beside = Vec::new();
    for what in Beside::ALL {
        if only.is_empty() || only.split(',').any(|name| name == what.name()) {
            beside.push(beside::measure(what, data, &linkgate, span).await?);
        }
    }
    let wanted = only.is_empty() || only.split(',').any(|name| name == "open");
    let open = if wanted {
        Some(open::measure(data, &linkgate).await?)
    } else {
        None
    };
    Ok((measured, beside, open))
}

/// Linkgate and its reference in turns, after each has been asked for a moment.
async fn compare(
    scenario: Scenario,
    connections: u32,
    data: &Data,
    [linkgate, bare]: [&Server; 2],
    span: Duration,
) -> anyhow::Result<Measured> {
    let mut ours = crew(data, linkgate);
    let mut theirs = crew(data, bare);
    for index in 0..connections {
        let place = (index, connections);
        let connection = Connection::open(linkgate.address).await?;
        let player = Player::of_linkgate(Work::Of(scenario), data, connection, place);
        ours.players.push(player.await?);
        let connection = Connection::open(bare.address).await?;
        let player = Player::of_bare(scenario, data, connection, place)?;
        theirs.players.push(player);
    }
    let turn = span / TURNS;
    let (mut sample, mut reference) = (Sample::default(), Sample::default());
    for number in 0..=TURNS {
        // The first turn warms up and does not count.
        let turn = if number == 0 { turn / 2 } else { turn };
        let ours = ours.run(turn).await;
        let theirs = if scenario == Scenario::Login {
            argon::run(&data.password_hash, turn)?
        } else {
            theirs.run(turn).await
        };
        if number > 0 {
            sample.add(ours);
            reference.add(theirs);
        }
    }
    // Requests under full load wait for each other, however fast the server is: with 32 connections
    // its rate alone decides. So how long one takes is looked at again with room to breathe.
    let paced = if connections == 32 && scenario != Scenario::Login {
        Some(ours.run_paced(sample.rate() / 2.0, turn).await)
    } else {
        None
    };
    Ok(Measured {
        scenario,
        connections,
        linkgate: sample,
        reference,
        pgbench: None,
        paced,
        resident: linkgate.resident(),
    })
}

fn crew<'a>(data: &Data, server: &'a Server) -> Crew<'a> {
    Crew {
        players: Vec::new(),
        server,
        postmaster: data.postmaster,
        after_refusal: AFTER_REFUSAL,
        from_due: false,
    }
}

async fn is_served(scenario: Scenario, data: &Data, address: SocketAddr) -> anyhow::Result<bool> {
    let connection = Connection::open(address).await?;
    let mut player = Player::of_linkgate(Work::Of(scenario), data, connection, (0, 1)).await?;
    let tried = player.play(std::time::Instant::now()).await;
    if let Err(error) = &tried {
        eprintln!("{} is left out: {error:#}", scenario.name());
    }
    Ok(tried.is_ok())
}

async fn start_linkgate(data: &Data) -> anyhow::Result<Server> {
    let address = process::free_address()?;
    let command = Command::new(env!("CARGO_BIN_EXE_linkgate"));
    Server::start(&mut serving(command, data, address)?, address).await
}

/// The command of a server under measurement: Linkgate itself, or what runs it.
fn linkgate_command(
    mut runner: Command,
    data: &Data,
    address: SocketAddr,
) -> anyhow::Result<Command> {
    runner.arg(env!("CARGO_BIN_EXE_linkgate"));
    serving(runner, data, address)
}

fn serving(mut command: Command, data: &Data, address: SocketAddr) -> anyhow::Result<Command> {
    let ops = process::free_address()?;
    let inherited =
        env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("LINKGATE_"));
    for (name, _) in inherited {
        command.env_remove(name);
    }
    command
        .arg("serve")
        .env("LINKGATE_LISTEN", address.to_string())
        .env("LINKGATE_OPS_LISTEN", ops.to_string())
        .env("LINKGATE_DATABASE_URL", &data.database_url)
        .env("LINKGATE_SECRET_KEY", data.secret_key.expose().as_str())
        .env("LINKGATE_ADMIN_SECOND_FACTOR", "optional")
        .env("LINKGATE_RATE_LIMITS", "off")
        .stdout(Stdio::null());
    Ok(command)
}

async fn start_bare(data: &Data) -> anyhow::Result<Server> {
    let address = process::free_address()?;
    let mut command = Command::new(env::current_exe()?);
    let (listen, client) = (address.to_string(), data.client.id.as_str());
    command.args(["bare", &listen, &data.database_url, client]);
    Server::start(&mut command, address).await
}
