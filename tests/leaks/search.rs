//! Finding secrets in what was left behind.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
};

use aho_corasick::AhoCorasick;

use crate::{
    forms,
    remains::{Remains, Secret, is_log},
};

/// The kind that is meant to be found.
pub const PLANTED: &str = "planted secret";
/// What our tokens, codes and sessions begin with.
const PREFIXES: [&str; 9] = ["ac", "at", "rt", "cs", "ck", "se", "as", "br", "dv"];
/// And how much follows at least.
const SHORTEST_TOKEN: usize = 30;

/// A secret where it must not be. Not which one: what is printed here is logged, too.
#[derive(Debug)]
pub struct Finding {
    pub test: String,
    pub place: &'static str,
    pub kind: String,
    pub form: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            test,
            place,
            kind,
            form,
        } = self;
        write!(f, "{test}: a {kind} stands in a {place} ({form})")
    }
}

/// What one process leaked, each kind once for each place.
pub fn findings(remains: &Remains) -> Vec<Finding> {
    let mut known = HashMap::new();
    for secret in &remains.secrets {
        for (form, bytes) in forms::of(&secret.value) {
            known.entry(bytes).or_insert((secret.kind.as_str(), form));
        }
    }
    let (patterns, meanings): (Vec<_>, Vec<_>) = known.into_iter().unzip();
    let patterns = AhoCorasick::new(patterns).unwrap();
    let mut findings = BTreeMap::new();
    for (name, content) in &remains.files {
        let place = if is_log(name) { "log" } else { "table" };
        let mut found = |kind: &str, form| {
            findings.entry((place, kind.to_owned())).or_insert(form);
        };
        for found_at in patterns.find_overlapping_iter(content) {
            if let Some((kind, form)) = meanings.get(found_at.pattern().as_usize()) {
                found(kind, *form);
            }
        }
        if words(content).any(is_token) {
            found("token of ours", "plain");
        }
    }
    let findings = findings.into_iter();
    findings
        .map(|((place, kind), form)| Finding {
            test: remains.test.clone(),
            place,
            kind,
            form,
        })
        .collect()
}

/// Which kinds of secrets are words of a text: enough for one in which every test may have left traces.
/// Passwords are the only ones of several words, and few.
pub fn in_words<'a>(
    text: &[u8],
    secrets: impl Iterator<Item = &'a Secret>,
) -> impl Iterator<Item = String> {
    let known: BTreeSet<_> = words(text).collect();
    let mut kinds = BTreeSet::new();
    let mut phrases = BTreeSet::new();
    for secret in secrets.filter(|secret| secret.kind != PLANTED) {
        if words(&secret.value).count() > 1 {
            phrases.insert((secret.value.as_slice(), secret.kind.as_str()));
        } else if known.contains(secret.value.as_slice()) {
            kinds.insert(secret.kind.clone());
        }
    }
    for (phrase, kind) in phrases {
        let phrase = AhoCorasick::new([phrase]).unwrap();
        if phrase.is_match(text) {
            kinds.insert(kind.to_owned());
        }
    }
    kinds.into_iter()
}

fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| !(byte.is_ascii_alphanumeric() || b"-_.~".contains(byte)))
}

/// Whether it looks like a token, a code or a session of ours, whoever got it.
fn is_token(word: &[u8]) -> bool {
    let parts = word
        .strip_prefix(b"lg_")
        .and_then(|rest| rest.split_at_checked(2));
    parts.is_some_and(|(kind, rest)| {
        PREFIXES.iter().any(|prefix| prefix.as_bytes() == kind)
            && rest.first() == Some(&b'_')
            && rest.len() > SHORTEST_TOKEN
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn remains(log: &str, dump: &str) -> Remains {
        let secret = |kind: &str, value: &str| Secret {
            kind: kind.to_owned(),
            value: value.into(),
        };
        Remains {
            test: "a_test".to_owned(),
            secrets: vec![
                secret("password", "correct horse battery"),
                secret(PLANTED, "planted-1234"),
            ],
            files: vec![
                ("log".to_owned(), log.into()),
                ("dump.x".to_owned(), dump.into()),
            ],
        }
    }

    fn found(log: &str, dump: &str) -> Vec<String> {
        let findings = findings(&remains(log, dump));
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_leak_names_the_test_the_place_and_the_kind() {
        let token = format!("token=lg_rt_{}&x", "A".repeat(40));
        assert_eq!(found("quiet", "(1,2)"), [""; 0]);
        for (log, form) in [
            ("password=correct horse battery!", "plain"),
            ("?password=correct+horse+battery", "as a form"),
            ("?password=correct%20horse%20battery", "percent-encoded"),
            ("636f727265637420686f7273652062617474657279", "hexadecimal"),
        ] {
            let expected = format!("a_test: a password stands in a log ({form})");
            assert_eq!(found(log, ""), [expected]);
        }
        assert_eq!(
            found("", &token),
            ["a_test: a token of ours stands in a table (plain)"]
        );
    }

    #[test]
    fn nothing_to_look_through_is_a_problem() {
        let problems = crate::problems(&[remains("", "")], Some(b"quiet".to_vec()));
        for expected in [
            "a_test logged nothing",
            "no test noted a refresh token",
            "what was planted in a log was not found",
            "what was planted in a table was not found",
        ] {
            assert!(
                problems.iter().any(|problem| problem == expected),
                "{problems:?}"
            );
        }
        let problems = crate::problems(&[remains("planted-1234", "planted-1234")], None);
        assert!(
            !problems
                .iter()
                .any(|problem| problem.contains("planted in"))
        );
        assert!(problems.contains(&"nobody said where PostgreSQL logs".to_owned()));
    }

    #[test]
    fn the_log_of_postgresql_is_looked_through_by_words() {
        let secrets = [("code", "lg_ac_x"), ("password", "correct horse")];
        let secrets = secrets.map(|(kind, value)| Secret {
            kind: kind.to_owned(),
            value: value.into(),
        });
        let kinds = |text: &[u8]| in_words(text, secrets.iter()).collect::<Vec<_>>();
        assert_eq!(kinds(b"DETAIL: Key (code)=(lg_ac_x) exists"), ["code"]);
        assert_eq!(kinds(b"DETAIL: Key (code)=(lg_ac_xy) exists"), [""; 0]);
        assert_eq!(kinds(b"STATEMENT: select 'correct horse'"), ["password"]);
    }
}
