//! Looks through what the other tests left behind (see `tests/api/harness/canary.rs`): no secret of
//! theirs may stand in a log at any level, in any table, or in the log of PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod forms;
mod remains;
mod search;

use std::{collections::BTreeSet, env, fs, path::PathBuf};

use remains::Remains;
use search::{Finding, PLANTED};

/// Every kind has to occur among the tests, or the search for it is void.
const KINDS: [&str; 12] = [
    "code",
    "access token",
    "refresh token",
    "client secret",
    "password",
    "cookie",
    "state",
    "CSRF token",
    "flow",
    "code verifier",
    "secret key",
    PLANTED,
];

/// The last thing `scripts/test` runs: it names the folder that the other tests filled.
#[test]
#[ignore = "looks through what all the other tests left behind"]
#[expect(
    clippy::disallowed_methods,
    reason = "said to the tests, not to the server"
)]
fn no_secret_is_in_any_log_or_table() {
    let folder = env::var_os("LINKGATE_TEST_LEAKS").map(PathBuf::from);
    let folder = folder.unwrap_or_else(|| panic!("LINKGATE_TEST_LEAKS names no folder"));
    let database_log = env::var_os("LINKGATE_TEST_DATABASE_LOG").map(PathBuf::from);
    let all = remains::of_all(&folder);
    let problems = problems(&all, database_log.map(|log| fs::read(log).unwrap()));
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

/// What is wrong, a line each; a search that found nothing because there was nothing to look through is
/// wrong too.
fn problems(all: &[Remains], database_log: Option<Vec<u8>>) -> Vec<String> {
    let mut problems = Vec::new();
    let mut planted = BTreeSet::new();
    for remains in all {
        for finding in search::findings(remains) {
            if finding.kind == PLANTED {
                planted.insert(finding.place);
            } else {
                problems.push(finding.to_string());
            }
        }
        if remains.logs().next().is_none() || remains.logs().any(<[u8]>::is_empty) {
            problems.push(format!("{} logged nothing", remains.test));
        }
    }
    let secrets = || all.iter().flat_map(|remains| &remains.secrets);
    for kind in KINDS {
        if !secrets().any(|secret| secret.kind == kind) {
            problems.push(format!("no test noted a {kind}"));
        }
    }
    for place in ["log", "table"] {
        if !planted.contains(place) {
            problems.push(format!("what was planted in a {place} was not found"));
        }
    }
    let dumped = all.iter().filter(|remains| remains.dumps().count() > 0);
    if dumped.count() * 2 < all.len() {
        problems.push("most tests left no tables behind".to_owned());
    }
    match database_log {
        Some(log) => problems.extend(search::in_words(&log, secrets()).map(|kind| {
            let test = "all tests together".to_owned();
            Finding {
                test,
                place: "log of PostgreSQL",
                kind,
                form: "plain",
            }
            .to_string()
        })),
        None => problems.push("nobody said where PostgreSQL logs".to_owned()),
    }
    problems
}
