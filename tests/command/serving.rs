//! A `serve` that listens.

use std::{
    io::{BufRead, BufReader},
    process::{Child, ChildStdout, Command},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// It is killed when it is dropped.
pub struct Serving {
    pub process: Child,
    /// What it printed up to then.
    pub said: String,
    // Open to the end, or it could not print.
    _stdout: BufReader<ChildStdout>,
}

impl Serving {
    /// Runs that command, a `serve`, and waits until it listens.
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
            _stdout: stdout,
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
        self.process.wait().unwrap().code()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
