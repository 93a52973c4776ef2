//! `make bench-instructions`: how many instructions a request costs the server, counted by Callgrind.
//! Time depends on what else a machine does; this hardly does, so two versions can be compared.

use std::{
    fmt::Write as _,
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context, ensure};

use super::{
    Scenario,
    data::Data,
    http::Connection,
    linkgate_command,
    players::{Player, Work},
    process::{self, Server},
};

/// What is counted.
const COUNTED: [Scenario; 5] = [
    Scenario::Resolve,
    Scenario::Action,
    Scenario::Introspect,
    Scenario::Refresh,
    Scenario::Link,
];
/// So many requests warm up and are not counted.
const WARM_UP: u32 = 300;
/// So many are.
const REQUESTS: u32 = 1_000;

/// Counts, and says what was found as Markdown.
pub async fn count(data: &Data) -> anyhow::Result<String> {
    let folder = std::env::temp_dir().join(format!("linkgate-callgrind-{}", std::process::id()));
    fs::create_dir(&folder)?;
    let counted = count_in(&folder, data).await;
    fs::remove_dir_all(&folder)?;
    counted
}

async fn count_in(folder: &Path, data: &Data) -> anyhow::Result<String> {
    let address = process::free_address()?;
    let out = folder.join("out");
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--quiet"]);
    command.arg(format!("--callgrind-out-file={}", out.display()));
    let mut command = linkgate_command(command, data, address)?;
    command.env("LINKGATE_WORKERS", "1");
    let server = Server::start(&mut command, address)
        .await
        .context("Linkgate does not start under valgrind: is it installed?")?;
    let mut text = String::from(
        "| scenario | instructions of the server per request |\n|----------|-------------:|\n",
    );
    for (number, scenario) in (1..).zip(COUNTED) {
        let connection = Connection::open(address).await?;
        let player = Player::of_linkgate(Work::Of(scenario), data, connection, (0, 1));
        let mut player = player.await?;
        for _ in 0..WARM_UP {
            player.play(Instant::now()).await?;
        }
        control("--zero", server.process())?;
        for _ in 0..REQUESTS {
            player.play(Instant::now()).await?;
        }
        control("--dump", server.process())?;
        let dump = folder.join(format!("out.{number}"));
        let each = total(&dump)? / u64::from(REQUESTS);
        writeln!(text, "| {:<8} | {each} |", scenario.name())?;
    }
    Ok(text)
}

fn control(what: &str, process: u32) -> anyhow::Result<()> {
    let done = Command::new("callgrind_control")
        .args([what, &process.to_string()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    ensure!(
        done.context("callgrind_control is missing")?.success(),
        "callgrind_control {what} failed"
    );
    Ok(())
}

/// What a dump counted, all threads together.
fn total(dump: &Path) -> anyhow::Result<u64> {
    let text = fs::read_to_string(dump).with_context(|| format!("no {}", dump.display()))?;
    let line = text.lines().rev().find_map(|line| {
        line.strip_prefix("totals:")
            .or_else(|| line.strip_prefix("summary:"))
    });
    let number = line.context("the dump has no total")?.trim();
    Ok(number.parse()?)
}
