//! `serve` and the other commands on a private PostgreSQL.

use std::{
    fs,
    io::{Read as _, Write},
    os::unix::fs::PermissionsExt,
    process::Child,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::json;

use crate::{
    command::serving::Serving,
    harness::{Done, Linkgate},
};

fn linkgate() -> Linkgate {
    Linkgate::without_database()
        .with("LINKGATE_LISTEN", "127.0.0.1:0")
        .with("LINKGATE_OPS_LISTEN", "127.0.0.1:0")
}

/// Whether the private PostgreSQL's process is there.
fn database_runs(linkgate: &Linkgate) -> bool {
    let pid_file = linkgate.folder.join("data/postgres/postmaster.pid");
    let pid = fs::read_to_string(pid_file)
        .ok()
        .and_then(|text| text.lines().next()?.parse().ok());
    pid.is_some_and(|pid| kill(Pid::from_raw(pid), None).is_ok())
}

#[test]
fn what_was_acknowledged_outlives_a_kill_and_one_serve_is_enough() {
    let linkgate = linkgate();
    let serving = Serving::of(linkgate.command(&["serve"]));
    linkgate.account("a@example.com");
    linkgate
        .run(&["serve"])
        .fails_saying("in use by another `linkgate serve`");
    serving.stop(Signal::SIGKILL);
    assert!(database_runs(&linkgate));

    let serving = Serving::of(linkgate.command(&["serve"]));
    assert_eq!(
        linkgate.json(&["account", "show", "a@example.com"])["name"],
        "김하늘"
    );
    assert_eq!(serving.stop(Signal::SIGTERM), Some(0));
    assert!(!database_runs(&linkgate));
    assert_eq!(
        linkgate
            .json(&["account", "list"])
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert!(
        !database_runs(&linkgate),
        "started for the moment, it must not stay"
    );
}

#[test]
fn the_demo_is_made_once_and_its_simulation_works_as_printed() {
    let linkgate = linkgate();
    let file = linkgate.file("linkgate.toml", "log = \"warn\"\n");
    let serving = Serving::of(linkgate.command(&["serve", "--demo"]));
    let printed = serving
        .said
        .lines()
        .find(|line| line.trim().starts_with("echo '"));
    let played = std::process::Command::new("sh")
        .args(["-c", printed.unwrap().trim()])
        .current_dir("/")
        .output()
        .unwrap();
    let steps = String::from_utf8(played.stdout).unwrap();
    assert!(
        played.status.success() && steps.contains("김하늘님, 1200점"),
        "{steps}"
    );
    assert!(steps.contains("✓ cek:disabled"), "{steps}");
    assert!(serving.said.contains("/admin"));
    assert!(
        serving
            .said
            .contains(&format!(" --config {file} simulate "))
    );
    assert_eq!(serving.stop(Signal::SIGINT), Some(0));

    let key = linkgate.folder.join("data/secret.key");
    let secret_key = fs::read_to_string(&key).unwrap();
    assert_eq!(
        fs::metadata(&key).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let again = Serving::of(linkgate.command(&["serve", "--demo"]));
    assert!(again.said.contains("echo 'PASSWORD' |"), "{}", again.said);
    assert!(!again.said.contains("lg_cs_") && !again.said.contains("only now"));
    again.stop(Signal::SIGINT);
    assert_eq!(fs::read_to_string(&key).unwrap(), secret_key);
    assert_eq!(
        linkgate.json(&["admin", "list"]).as_array().unwrap().len(),
        1
    );

    fs::remove_file(&key).unwrap();
    linkgate
        .run(&["key", "list"])
        .fails_saying("secret.key is gone");
    assert!(!key.exists());
}

#[test]
fn a_stop_in_order_says_nothing_alarming() {
    let linkgate = linkgate();
    let mut serving = Serving::of(linkgate.command(&["serve", "--demo"]));
    let mut stderr = serving.process.stderr.take().unwrap();
    linkgate.account("a@example.com");
    assert_eq!(serving.stop(Signal::SIGTERM), Some(0));
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    assert!(said.contains("stopped"), "{said}");
    assert!(!said.contains("WARN") && !said.contains("ERROR"), "{said}");
}

#[test]
fn an_interrupted_start_and_a_command_that_fails_leave_no_database_behind() {
    let linkgate = linkgate();
    let begin = Instant::now();
    let starting = linkgate.command(&["serve"]).spawn().unwrap();
    while !database_runs(&linkgate) {
        assert!(begin.elapsed() < Duration::from_secs(30));
        std::thread::sleep(Duration::from_millis(5));
    }
    kill(
        Pid::from_raw(starting.id().try_into().unwrap()),
        Signal::SIGINT,
    )
    .unwrap();
    assert_eq!(Done::of(starting).code, 0);
    while database_runs(&linkgate) {
        assert!(begin.elapsed() < Duration::from_mins(1));
        std::thread::sleep(Duration::from_millis(50));
    }
    linkgate
        .run(&["account", "show", "nobody@example.com"])
        .fails_saying("there is no account");
    assert!(!database_runs(&linkgate));
    assert_eq!(linkgate.json(&["link", "list"]), json!([]));
}

/// An import that has made an account of what it read so far, and waits for more.
fn importing(linkgate: &Linkgate, email: &str) -> Child {
    let mut child = linkgate
        .command(&["account", "import", "-"])
        .spawn()
        .unwrap();
    // More lines than are read ahead, or none would be done yet.
    let lines = (0..64).map(|n| format!("{{\"email\":\"{n}{email}\",\"name\":\"A\"}}\n"));
    let lines = lines.collect::<String>();
    let stdin = child.stdin.as_mut().unwrap();
    stdin.write_all(lines.as_bytes()).unwrap();
    stdin.flush().unwrap();
    let begin = Instant::now();
    while linkgate
        .run(&["account", "show", &format!("0{email}")])
        .code
        != 0
    {
        assert!(begin.elapsed() < Duration::from_mins(1));
    }
    child
}

fn until_no_database_runs(linkgate: &Linkgate) {
    let begin = Instant::now();
    while database_runs(linkgate) {
        assert!(begin.elapsed() < Duration::from_mins(1));
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn stop(child: Child, signal: Signal) {
    kill(Pid::from_raw(child.id().try_into().unwrap()), signal).unwrap();
    Done::of(child).fails_saying("interrupted");
}

#[test]
fn a_signal_stops_the_database_that_was_started_for_the_moment() {
    let linkgate = linkgate();
    for (signal, email) in [(Signal::SIGTERM, "a@b.cd"), (Signal::SIGINT, "e@f.gh")] {
        let child = importing(&linkgate, email);
        assert!(database_runs(&linkgate));
        stop(child, signal);
        until_no_database_runs(&linkgate);
    }
}

#[test]
fn of_two_commands_the_last_one_stops_the_database_whoever_started_it() {
    let linkgate = linkgate();
    let mut first = importing(&linkgate, "a@b.cd");
    let second = importing(&linkgate, "e@f.gh");
    drop(first.stdin.take());
    assert_eq!(Done::of(first).code, 0);
    assert!(database_runs(&linkgate));
    stop(second, Signal::SIGTERM);
    until_no_database_runs(&linkgate);
}
