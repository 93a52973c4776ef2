//! A `serve` that listens.

use std::{
    io::{BufRead, BufReader},
    process::{Child, ChildStdout, Command},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::harness::Linkgate;

pub struct Serving {
    pub process: Child,
    /// What it printed up to then.
    pub said: String,
    stdout: BufReader<ChildStdout>,
}

impl Serving {
    pub fn start(linkgate: &Linkgate, flags: &[&str]) -> Self {
        Self::of(linkgate.command(&[&["serve"], flags].concat()))
    }

    /// Runs that command and waits until it listens.
    pub fn of(mut command: Command) -> Self {
        let mut process = command.spawn().unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let mut said = String::new();
        while !said.contains("Linkgate listens on http://") {
            let read = stdout.read_line(&mut said).unwrap();
            assert!(read > 0, "it ended before it listened: {said}");
        }
        Self {
            process,
            said,
            stdout,
        }
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        let (_, rest) = self.said.split_once("listens on ").unwrap();
        rest.split(' ').next().unwrap().to_owned()
    }

    /// Asks it to stop, and gives its exit code.
    pub fn stop(mut self, signal: Signal) -> Option<i32> {
        kill(Pid::from_raw(self.process.id().try_into().unwrap()), signal).unwrap();
        let code = self.process.wait().unwrap().code();
        drop(self.stdout);
        code
    }
}
