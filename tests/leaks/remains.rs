//! What a process of tests left behind.

use std::{fs, path::Path};

/// A secret that a test handed out or was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    pub kind: String,
    pub value: Vec<u8>,
}

/// One process's.
pub struct Remains {
    pub test: String,
    pub secrets: Vec<Secret>,
    /// By name: `log`, `log.` with the number of another process, and `dump.` with the name of a database.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Remains {
    pub fn logs(&self) -> impl Iterator<Item = &[u8]> {
        let logs = self.files.iter().filter(|(name, _)| is_log(name));
        logs.map(|(_, log)| log.as_slice())
    }

    pub fn dumps(&self) -> impl Iterator<Item = &[u8]> {
        let dumps = self.files.iter().filter(|(name, _)| !is_log(name));
        dumps.map(|(_, dump)| dump.as_slice())
    }
}

/// Whether a file of that name is a log.
pub fn is_log(name: &str) -> bool {
    name == "log" || name.starts_with("log.")
}

/// Those of every process.
pub fn of_all(folder: &Path) -> Vec<Remains> {
    let folders = fs::read_dir(folder).unwrap();
    folders.map(|entry| read(&entry.unwrap().path())).collect()
}

fn read(folder: &Path) -> Remains {
    let mut remains = Remains {
        test: folder.file_name().unwrap().to_string_lossy().into_owned(),
        secrets: Vec::new(),
        files: Vec::new(),
    };
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().to_string_lossy().into_owned();
        let content = fs::read(entry.path()).unwrap();
        if name == "secrets" {
            let text = String::from_utf8(content).unwrap();
            // The last line of a process that was killed may be half a line.
            remains.secrets = text.lines().filter_map(secret).collect();
        } else {
            remains.files.push((name, content));
        }
    }
    remains
}

fn secret(line: &str) -> Option<Secret> {
    let (kind, hex) = line.split_once('\t')?;
    let digits = hex.as_bytes().chunks(2);
    let value = digits.map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok());
    Some(Secret {
        kind: kind.to_owned(),
        value: value.collect::<Option<_>>()?,
    })
}
