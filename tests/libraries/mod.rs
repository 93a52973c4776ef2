//! Programs in other languages that tests run, with the libraries they need; the first test that asks
//! installs them.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use linkgate::foundation::random::{Random, SystemRandom};
use tokio::process::Command;

/// What a program is written in.
#[derive(Debug, Clone, Copy)]
pub enum Language {
    Node,
    Python,
}

/// What runs the scripts of a folder.
pub struct Runner {
    pub program: PathBuf,
    pub scripts: PathBuf,
    // Removed at the end; only Node.js needs one.
    temporary: Option<PathBuf>,
}

impl Runner {
    /// Ready to run the scripts of a folder of tests, which lie in one named for the language.
    pub async fn of(tests: &str, language: Language) -> Self {
        let name = match language {
            Language::Node => "node",
            Language::Python => "python",
        };
        let source = Path::new("tests").join(tests).join(name);
        let installed = install(&source).await;
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(source);
        match language {
            Language::Node => {
                let scripts = beside(&installed.join("node_modules"), &source);
                Self {
                    program: PathBuf::from("node"),
                    scripts: scripts.clone(),
                    temporary: Some(scripts),
                }
            }
            Language::Python => Self {
                program: installed.join("bin/python"),
                scripts: source,
                temporary: None,
            },
        }
    }

    /// The command that runs a script, with nothing of this environment but what finds programs.
    pub fn command(&self, script: &str) -> Command {
        let mut command = Command::new(&self.program);
        command
            .arg(self.scripts.join(script))
            .env_clear()
            .env("PATH", programs())
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .kill_on_drop(true);
        command
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        if let Some(folder) = &self.temporary {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "not a setting: programs are found with it"
)]
fn programs() -> OsString {
    env::var_os("PATH").unwrap_or_default()
}

async fn install(source: &Path) -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/install-libraries");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("libraries");
    let mut command = Command::new(script);
    let done = command.arg(source).arg(folder).output().await.unwrap();
    let complaint = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{complaint}");
    PathBuf::from(String::from_utf8(done.stdout).unwrap().trim_end())
}

/// Node.js looks for libraries beside a script, so the scripts go where the libraries can be too.
fn beside(libraries: &Path, scripts: &Path) -> PathBuf {
    let random: &dyn Random = &SystemRandom;
    let folder = env::temp_dir().join(format!("linkgate-scripts-{}", random.uuid()));
    fs::create_dir_all(&folder).unwrap();
    std::os::unix::fs::symlink(libraries, folder.join("node_modules")).unwrap();
    for entry in fs::read_dir(scripts).unwrap() {
        let script = entry.unwrap();
        if script.path().extension().is_some_and(|kind| kind == "mjs") {
            fs::copy(script.path(), folder.join(script.file_name())).unwrap();
        }
    }
    folder
}
