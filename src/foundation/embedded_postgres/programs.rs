//! Finding PostgreSQL's server programs, which most packages leave out of `PATH`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::StartError;

/// The oldest major version with the features Linkgate uses.
const OLDEST: u32 = 14;

/// Where packages put the programs: a folder, how its versioned entries begin, and what follows.
const PLACES: [(&str, &str, &str); 9] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr/lib", "postgresql", "bin"),
    ("/usr/libexec", "postgresql", ""),
    ("/usr", "pgsql-", "bin"),
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql", "bin"),
    ("/usr/local", "pgsql", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
];

/// How to install the programs: what such a machine has, and the command.
const PACKAGES: [(&str, &str); 4] = [
    ("/sbin/apk", "apk add postgresql"),
    ("/usr/bin/dnf", "dnf install postgresql-server"),
    ("/usr/bin/zypper", "zypper install postgresql-server"),
    ("/usr/bin/pacman", "pacman -S postgresql"),
];

/// One installed version of the server programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Programs {
    bin: PathBuf,
    /// The major version, which decides whose data it can read.
    pub(super) major: u32,
}

impl Programs {
    /// The program that makes a new cluster.
    pub(super) fn initdb(&self) -> PathBuf {
        self.bin.join("initdb")
    }

    /// The server itself.
    pub(super) fn postgres(&self) -> PathBuf {
        self.bin.join("postgres")
    }

    fn in_folder(bin: &Path) -> Option<Self> {
        let postgres = bin.join("postgres");
        if !postgres.is_file() || !bin.join("initdb").is_file() {
            return None;
        }
        let answer = Command::new(&postgres)
            .arg("--version")
            .stdin(Stdio::null())
            .output()
            .ok()?;
        let major = major_version(&String::from_utf8_lossy(&answer.stdout))?;
        Some(Self {
            bin: bin.to_owned(),
            major,
        })
    }
}

/// All installed versions: those in `program_folders` first, as the operator ordered them, then the newest.
pub(super) fn installed(program_folders: &[PathBuf]) -> Vec<Programs> {
    let mut found: Vec<Programs> = program_folders
        .iter()
        .filter_map(|bin| Programs::in_folder(bin))
        .collect();
    let mut packaged: Vec<Programs> = PLACES
        .iter()
        .flat_map(|(parent, prefix, rest)| versioned(Path::new(parent), prefix, rest))
        .filter_map(|bin| Programs::in_folder(&bin))
        .collect();
    packaged.sort_by_key(|programs| std::cmp::Reverse(programs.major));
    found.append(&mut packaged);
    found
}

/// Picks the version that made the data in `cluster`, or the preferred one for new data.
pub(super) fn choose(
    installed: Vec<Programs>,
    made_by: Option<&str>,
    cluster: &Path,
) -> Result<Programs, StartError> {
    let newest = installed.iter().map(|programs| programs.major).max();
    match newest {
        Some(OLDEST..) => {}
        Some(newest) => {
            return Err(StartError::ProgramsTooOld {
                newest,
                oldest: OLDEST,
            });
        }
        None => {
            return Err(StartError::ProgramsMissing {
                oldest: OLDEST,
                install: install_command(),
            });
        }
    }
    let mut versions: Vec<String> = Vec::new();
    for programs in installed {
        if programs.major < OLDEST {
            continue;
        }
        let version = programs.major.to_string();
        if made_by.is_none_or(|made_by| made_by == version) {
            return Ok(programs);
        }
        if !versions.contains(&version) {
            versions.push(version);
        }
    }
    Err(StartError::OtherVersion {
        cluster: cluster.to_owned(),
        made_by: made_by.unwrap_or_default().to_owned(),
        installed: versions.join(", "),
    })
}

fn versioned(parent: &Path, prefix: &str, rest: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path().join(rest))
        .collect()
}

/// `postgres (PostgreSQL) 15.18 (Debian …)`, `postgres (PostgreSQL) 18beta1`
fn major_version(answer: &str) -> Option<u32> {
    let number = answer.split("(PostgreSQL)").nth(1)?.trim_start();
    let end = number
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(number.len());
    number.get(..end)?.parse().ok()
}

fn install_command() -> &'static str {
    if cfg!(target_os = "macos") {
        return "brew install postgresql";
    }
    PACKAGES
        .iter()
        .find(|(program, _)| Path::new(program).exists())
        .map_or("apt-get install postgresql", |(_, command)| command)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(major: u32) -> Programs {
        Programs {
            bin: PathBuf::from(format!("/usr/lib/postgresql/{major}/bin")),
            major,
        }
    }

    #[test]
    fn the_major_version_is_read_from_what_the_server_says() {
        assert_eq!(
            major_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(major_version("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major_version("postgres (Something) 3\n"), None);
    }

    #[test]
    fn existing_data_gets_the_version_that_made_it() {
        let cluster = Path::new("data/postgres");
        let installed = vec![version(17), version(15)];
        assert_eq!(
            choose(installed.clone(), None, cluster).unwrap(),
            version(17)
        );
        assert_eq!(choose(installed, Some("15"), cluster).unwrap(), version(15));
    }

    #[test]
    fn data_of_a_version_not_installed_names_the_way_out() {
        let error = choose(vec![version(17)], Some("15"), Path::new("data/postgres")).unwrap_err();
        let words = error.to_string();
        assert!(words.contains("made by PostgreSQL 15"), "{words}");
        assert!(words.contains("postgresql-15"), "{words}");
        assert!(words.contains("pg_upgrade"), "{words}");
    }

    #[test]
    fn programs_too_old_are_told_from_missing_ones() {
        let cluster = Path::new("data/postgres");
        let error = choose(vec![version(13), version(11)], None, cluster).unwrap_err();
        let words = error.to_string();
        assert!(words.contains("only version 13 is installed"), "{words}");
        assert!(words.contains(&OLDEST.to_string()), "{words}");
        let both = vec![version(13), version(17)];
        assert_eq!(choose(both, None, cluster).unwrap(), version(17));
    }

    #[test]
    fn missing_programs_name_the_package_in_one_line() {
        let error = choose(Vec::new(), None, Path::new("data/postgres")).unwrap_err();
        let words = error.to_string();
        assert!(words.contains("postgresql"), "{words}");
        assert_eq!(words.lines().count(), 1);
    }
}
