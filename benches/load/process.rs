//! The processes that are measured: what they cost, read from /proc, and how they start and end.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    ops::Sub,
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, bail};

use super::http::Connection;

/// /proc counts in hundredths of a second on every Linux.
const TICKS: f64 = 100.0;

/// Processor time so far, in seconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cpu {
    /// Of the server asked.
    pub server: f64,
    /// Of PostgreSQL, all processes together.
    pub database: f64,
    /// Of the load generator.
    pub load: f64,
}

impl Sub for Cpu {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            server: self.server - earlier.server,
            database: self.database - earlier.database,
            load: self.load - earlier.load,
        }
    }
}

impl std::ops::AddAssign for Cpu {
    fn add_assign(&mut self, more: Self) {
        self.server += more.server;
        self.database += more.database;
        self.load += more.load;
    }
}

/// A server under measurement; ends with this.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// Starts a command that listens on `address`, and waits until it answers.
    pub async fn start(command: &mut Command, address: SocketAddr) -> anyhow::Result<Self> {
        let child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut server = Self {
            child: child.context("the server does not start")?,
            address,
        };
        // Under valgrind it takes its time.
        for _ in 0..1_200 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            if let Some(status) = server.child.try_wait()? {
                bail!("the server at {address} ended at once: {status}");
            }
            let Ok(mut connection) = Connection::open(address).await else {
                continue;
            };
            if connection.get("/", "").await.is_ok() {
                return Ok(server);
            }
        }
        bail!("the server at {address} does not answer")
    }

    /// Its process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Its memory in MiB.
    pub fn resident(&self) -> f64 {
        self.memory("VmRSS:")
    }

    /// The most memory it has had, in MiB.
    pub fn most_resident(&self) -> f64 {
        self.memory("VmHWM:")
    }

    fn memory(&self, which: &str) -> f64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = fs::read_to_string(path).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(which));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
        kib.unwrap_or_default() / 1024.0
    }

    /// Processor time of it and of everything it needs.
    pub fn cpu(&self, postmaster: u32) -> Cpu {
        Cpu {
            server: seconds_of(self.child.id()),
            database: seconds_of_family(postmaster),
            load: seconds_of(std::process::id()),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let ended = self.child.kill().and_then(|()| self.child.wait());
        if let Err(error) = ended {
            eprintln!("a server could not be ended: {error}");
        }
    }
}

/// An address nobody listens on.
pub fn free_address() -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?)
}

/// The parent of a process.
pub fn parent_of(process: u32) -> Option<u32> {
    Stat::read(process).map(|stat| stat.parent)
}

struct Stat {
    parent: u32,
    own: f64,
    ended_children: f64,
}

impl Stat {
    fn read(process: u32) -> Option<Self> {
        let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        // The name before the last parenthesis may contain anything.
        let fields: Vec<_> = text.rsplit_once(") ")?.1.split(' ').collect();
        let number = |at: usize| fields.get(at)?.parse::<f64>().ok();
        Some(Self {
            parent: fields.get(1)?.parse().ok()?,
            own: (number(11)? + number(12)?) / TICKS,
            ended_children: (number(13)? + number(14)?) / TICKS,
        })
    }
}

fn seconds_of(process: u32) -> f64 {
    Stat::read(process).map_or(0.0, |stat| stat.own)
}

fn seconds_of_family(postmaster: u32) -> f64 {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = all.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let children = ids
        .filter_map(Stat::read)
        .filter(|stat| stat.parent == postmaster)
        .map(|stat| stat.own);
    let own = Stat::read(postmaster).map_or(0.0, |stat| stat.own + stat.ended_children);
    own + children.sum::<f64>()
}
