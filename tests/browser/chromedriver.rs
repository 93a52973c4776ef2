//! Debian's `chromedriver` as a child process, which takes its browser along when it goes.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};

const BROWSERS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

static STARTED: AtomicU32 = AtomicU32::new(0);

/// A running `chromedriver`, in a process group with its browser.
pub struct Chromedriver {
    pub url: String,
    /// The browser to drive.
    pub browser: PathBuf,
    /// An empty folder for the browser's profile, removed at the end.
    pub profile: PathBuf,
    child: Child,
    // Kept open: it may still have something to say.
    _said: BufReader<ChildStdout>,
}

impl Chromedriver {
    /// Starts one on a port that it finds itself.
    pub fn start() -> Self {
        let found = BROWSERS.into_iter().find_map(find_program);
        let (Some(driver), Some(browser)) = (find_program("chromedriver"), found) else {
            panic!(
                "the browser tests need Chromium: install the packages chromium and chromium-driver"
            );
        };
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let name = format!("linkgate-chromium-{}-{number}", std::process::id());
        let profile = env::temp_dir().join(name);
        fs::create_dir_all(&profile).unwrap();
        let mut child = Command::new(&driver)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let port = read_port(&mut said);
        Self {
            url: format!("http://127.0.0.1:{port}"),
            browser,
            profile,
            child,
            _said: said,
        }
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        let group = Pid::from_raw(self.child.id().cast_signed());
        let _ = killpg(group, Signal::SIGKILL);
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.profile);
    }
}

/// It says `… started successfully on port 12345.` once it listens.
fn read_port(said: &mut impl BufRead) -> u16 {
    let mut lines = said.lines().map_while(Result::ok);
    let line = lines.find(|line| line.contains(" on port ") && line.contains("success"));
    let line = line.unwrap_or_else(|| panic!("chromedriver did not start"));
    let port = line.rsplit(' ').next().unwrap().trim_end_matches('.');
    port.parse().unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "where programs are is no setting of Linkgate's"
)]
fn find_program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let places = env::split_paths(&path).map(|folder| folder.join(name));
    places.into_iter().find(|place| place.is_file())
}
