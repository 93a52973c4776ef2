//! Gathers raw settings from file and environment, and every problem found on the way.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    fmt::Display,
    path::Path,
};

/// Where a raw value came from; problems name it the way its author wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    File,
    Environment,
}

/// Raw settings by their lower-case name, e.g. `public_url`.
#[derive(Default)]
pub(super) struct Reader {
    raw: BTreeMap<String, (Source, String)>,
    problems: Vec<String>,
    known: BTreeSet<String>,
}

const PREFIX: &str = "LINKGATE_";

impl Reader {
    /// Reads the TOML file, then the environment over it.
    pub(super) fn gather(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, Result<String, OsString>)>,
    ) -> Self {
        let mut reader = Self::default();
        if let Some(file) = file {
            reader.read_file(file);
        }
        for (name, value) in environment {
            let Some(name) = name.strip_prefix(PREFIX) else {
                continue;
            };
            // The test suite's own variables reach the servers it starts.
            if name.starts_with("TEST_") {
                continue;
            }
            let name = name.to_ascii_lowercase();
            match value {
                // An empty variable is how shells and unit files unset one: the file's value stands.
                Ok(value) if value.is_empty() => {}
                Ok(value) => drop(reader.raw.insert(name, (Source::Environment, value))),
                Err(_) => reader.problem(&name, "is not UTF-8 text"),
            }
        }
        reader
    }

    fn read_file(&mut self, file: &Path) {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) => return self.problems.push(format!("{}: {error}", file.display())),
        };
        let table = match text.parse::<toml::Table>() {
            Ok(table) => table,
            Err(error) => {
                return self
                    .problems
                    .push(format!("{}: {}", file.display(), error.message()));
            }
        };
        for (name, value) in table {
            match plain(&value) {
                Some(text) => drop(self.raw.insert(name, (Source::File, text))),
                None => self
                    .problems
                    .push(format!("{name}: must be a plain value or a list of them")),
            }
        }
    }

    /// Takes one setting. A value that does not parse is a problem, and `None`.
    pub(super) fn take<T, E: Display>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        self.known.insert(name.to_owned());
        let (source, text) = self.raw.remove(name)?;
        match parse(&text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.problems
                    .push(format!("{}: {error}", label(source, name)));
                None
            }
        }
    }

    /// Notes a problem of a variable, or of several settings together.
    pub(super) fn problem(&mut self, name: &str, text: impl Display) {
        self.problems
            .push(format!("{}: {text}", label(Source::Environment, name)));
    }

    /// The names of all settings asked for so far.
    #[cfg(test)]
    pub(super) fn known(&self) -> &BTreeSet<String> {
        &self.known
    }

    /// Every problem, unknown settings included.
    pub(super) fn finish(mut self) -> Vec<String> {
        for (name, (source, _)) in self.raw {
            self.problems.push(format!(
                "{}: there is no such setting",
                label(source, &name)
            ));
        }
        self.problems
    }
}

fn label(source: Source, name: &str) -> String {
    match source {
        Source::File => name.to_owned(),
        Source::Environment => format!("{PREFIX}{}", name.to_ascii_uppercase()),
    }
}

fn plain(value: &toml::Value) -> Option<String> {
    Some(match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Boolean(true) => "on".to_owned(),
        toml::Value::Boolean(false) => "off".to_owned(),
        toml::Value::Array(items) => items
            .iter()
            .map(plain)
            .collect::<Option<Vec<_>>>()?
            .join(","),
        _ => return None,
    })
}
