//! Keeps `docs/security.md` true: each abuse case names the tests that try it, and each test that is
//! named after a case (`red_04_…`) stands beside it. `UPDATE=1 cargo test --test layout` writes that
//! column anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Source, sources};

/// Every case there is: a family and its numbers, from … to. A row that is lost from the table is
/// missed here.
const CASES: [(&str, &[(u8, u8)]); 20] = [
    ("RED", &[(1, 20)]),
    ("AUT", &[(1, 14)]),
    ("COD", &[(1, 10)]),
    ("PKC", &[(1, 7)]),
    ("RACE", &[(1, 6)]),
    ("CLI", &[(1, 12)]),
    ("GRA", &[(1, 3)]),
    ("TOK", &[(1, 8)]),
    ("REF", &[(1, 8)]),
    ("REV", &[(1, 5)]),
    ("RES", &[(1, 8)]),
    ("CEK", &[(1, 8)]),
    ("AUTH", &[(1, 5)]),
    ("SES", &[(1, 6)]),
    ("CSR", &[(1, 4)]),
    ("CLK", &[(1, 1)]),
    ("XSS", &[(1, 2)]),
    ("HDR", &[(1, 1)]),
    ("OPN", &[(1, 1)]),
    ("ADM", &[(1, 2), (8, 9), (12, 12)]),
];
/// What stands in place of tests where the thing to test is still missing; the reason follows.
const NOT_YET: &str = "Not yet: ";
const UPDATE: &str = "UPDATE=1 cargo test --test layout";

/// The tests of one case or one file, by the file they are in, such as `api/code.rs`.
type ByFile = BTreeMap<String, BTreeSet<String>>;

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/security.md")
}

/// The names of the tests in a file that is part of its test binary.
fn tests_of(source: &Source) -> BTreeSet<String> {
    let mut attributes: Vec<&str> = Vec::new();
    let mut names = BTreeSet::new();
    for line in source.text.lines().map(str::trim) {
        if line.starts_with("#[") {
            attributes.push(line);
            continue;
        }
        let function = line.trim_start_matches("async ").strip_prefix("fn ");
        if let Some(function) = function {
            let is_test = attributes.iter().any(|line| line.contains("test"));
            let is_skipped = attributes.iter().any(|line| line.starts_with("#[ignore"));
            let name = function.split('(').next().unwrap_or_default();
            if is_test && !is_skipped {
                names.insert(name.to_owned());
            }
        }
        attributes.clear();
    }
    names
}

/// Whether a file is compiled at all: a binary of its own, or declared beside or above it.
fn is_declared(source: &Source) -> bool {
    let stem = source.path.file_stem().unwrap_or_default();
    let stem = stem.to_string_lossy();
    if source.parts.len() == 1 || stem == "main" || stem == "mod" {
        return true;
    }
    let folder = source.path.parent().unwrap_or(Path::new(""));
    let declaration = format!("mod {stem};");
    ["main.rs", "mod.rs"].iter().any(|file| {
        fs::read_to_string(folder.join(file))
            .is_ok_and(|text| text.lines().any(|line| line.trim() == declaration))
    })
}

fn tests_by_file() -> io::Result<ByFile> {
    let compiled = sources("tests")?.into_iter().filter(|source| {
        let is_rust = source.path.extension().is_some_and(|kind| kind == "rs");
        is_rust && is_declared(source)
    });
    Ok(compiled
        .map(|source| (source.parts.join("/"), tests_of(&source)))
        .collect())
}

/// The case a test is named after: `RED-04` for `red_04_userinfo_never_redirects`.
fn case_of(test: &str) -> Option<String> {
    let mut parts = test.splitn(3, '_');
    let (family, number) = (parts.next()?, parts.next()?);
    parts.next()?;
    let is_family =
        (3..=4).contains(&family.len()) && family.bytes().all(|b| b.is_ascii_lowercase());
    let is_number = number.len() == 2 && number.bytes().all(|b| b.is_ascii_digit());
    (is_family && is_number).then(|| format!("{}-{number}", family.to_uppercase()))
}

fn tests_by_case(by_file: &ByFile) -> BTreeMap<String, ByFile> {
    let mut by_case: BTreeMap<String, ByFile> = BTreeMap::new();
    for (file, names) in by_file {
        for name in names {
            if let Some(case) = case_of(name) {
                let files = by_case.entry(case).or_default();
                files.entry(file.clone()).or_default().insert(name.clone());
            }
        }
    }
    by_case
}

/// The tests as the table shows them: each file once, as a link.
fn column(tests: &ByFile) -> String {
    let files = tests.iter().map(|(file, names)| {
        let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        format!("[{file}](../tests/{file}): {}", names.join(", "))
    });
    files.collect::<Vec<_>>().join("<br>")
}

/// Case, rule and tests, where the line is a row of the table.
fn row(line: &str) -> Option<(&str, &str, &str)> {
    let inside = line.strip_prefix("| ")?.strip_suffix(" |")?;
    let mut cells = inside.splitn(3, " | ");
    let (case, rule, tests) = (cells.next()?, cells.next()?, cells.next()?);
    let (family, number) = case.split_once('-')?;
    let is_case = family.bytes().all(|b| b.is_ascii_uppercase()) && number.parse::<u8>().is_ok();
    is_case.then_some((case, rule, tests))
}

/// Every case of [`CASES`].
fn known_cases() -> impl Iterator<Item = String> {
    CASES.iter().flat_map(|(family, spans)| {
        let numbers = spans.iter().flat_map(|(first, last)| *first..=*last);
        numbers.map(move |number| format!("{family}-{number:02}"))
    })
}

/// The page as it should be, and what is wrong with it that writing it anew can't mend.
fn rewritten(page: &str, by_case: &BTreeMap<String, ByFile>) -> (String, Vec<String>) {
    let mut mistakes = Vec::new();
    let mut rows = BTreeSet::new();
    let lines = page.lines().map(|line| {
        let Some((case, rule, tests)) = row(line) else {
            return line.to_owned();
        };
        if !rows.insert(case.to_owned()) {
            mistakes.push(format!("{case} has two rows"));
        }
        if let Some(tests) = by_case.get(case) {
            return format!("| {case} | {rule} | {} |", column(tests));
        }
        if tests.strip_prefix(NOT_YET).is_none_or(str::is_empty) {
            mistakes.push(format!("{case} has no test, nor a reason for having none"));
        }
        line.to_owned()
    });
    let rewritten = lines.collect::<Vec<_>>().join("\n") + "\n";
    let tested = by_case.keys().cloned();
    let missing = known_cases()
        .chain(tested)
        .filter(|case| !rows.contains(case));
    mistakes.extend(missing.map(|case| format!("{case} has no row")));
    (rewritten, mistakes)
}

/// Every test the page names, with its file: what stands between backticks after a link to the file.
fn mentioned_tests(page: &str) -> Vec<(String, String)> {
    let mut mentioned = Vec::new();
    for mention in page.split("](../tests/").skip(1) {
        let Some((file, rest)) = mention.split_once("): ") else {
            continue;
        };
        let end = rest.find(['\n', '[', '<']).unwrap_or(rest.len());
        let quoted = rest.get(..end).unwrap_or_default().split('`');
        let names = quoted.skip(1).step_by(2);
        mentioned.extend(names.map(|name| (file.to_owned(), name.to_owned())));
    }
    mentioned
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the test says whether it may write"
)]
fn every_abuse_case_names_its_tests() -> io::Result<()> {
    let text = fs::read_to_string(page())?;
    let (expected, mistakes) = rewritten(&text, &tests_by_case(&tests_by_file()?));
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
    if std::env::var_os("UPDATE").is_some() {
        return fs::write(page(), expected);
    }
    let differing: Vec<_> = text.lines().zip(expected.lines()).collect();
    let differing = differing.into_iter().filter(|(is, should)| is != should);
    let rows: Vec<_> = differing.map(|(_, should)| should).collect();
    assert!(
        rows.is_empty(),
        "run `{UPDATE}`, which writes:\n{}",
        rows.join("\n")
    );
    Ok(())
}

#[test]
fn every_test_the_security_page_names_is_there() -> io::Result<()> {
    let by_file = tests_by_file()?;
    let mentioned = mentioned_tests(&fs::read_to_string(page())?);
    assert!(!mentioned.is_empty());
    for (file, test) in mentioned {
        let there = by_file
            .get(&file)
            .is_some_and(|tests| tests.contains(&test));
        assert!(there, "tests/{file} has no test {test}");
    }
    Ok(())
}

#[test]
fn a_lost_row_a_lost_test_and_a_new_test_are_noticed() {
    let code = "#[sqlx::test]\nasync fn red_01_a(db: PgPool) {\n\n#[test]\n#[ignore]\nfn red_02_b() {\n\n\
                fn red_03_no_test() {\n#[test]\nfn plain() {";
    let source = Source {
        path: PathBuf::new(),
        parts: Vec::new(),
        text: code.to_owned(),
    };
    let names: Vec<_> = tests_of(&source).into_iter().collect();
    assert_eq!(names, ["plain", "red_01_a"]);
    assert_eq!(case_of("race_04_after_a"), Some("RACE-04".to_owned()));
    assert_eq!(case_of("the_2018_form"), None);

    let by_file = ByFile::from([("api/a.rs".to_owned(), tests_of(&source))]);
    let by_case = tests_by_case(&by_file);
    let complete = known_cases().map(|case| format!("| {case} | A rule. | Not yet: because. |"));
    let complete = complete.collect::<Vec<_>>().join("\n");
    let (page, mistakes) = rewritten(&complete, &by_case);
    assert_eq!(mistakes, Vec::<String>::new());
    assert!(page.starts_with("| RED-01 | A rule. | [api/a.rs](../tests/api/a.rs): `red_01_a` |\n"));
    let expected = ("api/a.rs".to_owned(), "red_01_a".to_owned());
    assert_eq!(mentioned_tests(&page), [expected]);

    let lost = page.replace("| RED-02 | A rule. | Not yet: because. |\n", "");
    assert_eq!(rewritten(&lost, &by_case).1, ["RED-02 has no row"]);
    let (_, mistakes) = rewritten(&page, &BTreeMap::new());
    assert_eq!(
        mistakes,
        ["RED-01 has no test, nor a reason for having none"]
    );
    let new = BTreeMap::from([("DOS-01".to_owned(), ByFile::new())]);
    let (_, mistakes) = rewritten(&complete, &new);
    assert_eq!(mistakes, ["DOS-01 has no row"]);
}
