//! Rules the locale files and the choice of language keep.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::*;

const FILES: [(&str, &str); 3] = [
    ("ko", include_str!("../../locales/ko.ftl")),
    ("en", include_str!("../../locales/en.ftl")),
    ("ja", include_str!("../../locales/ja.ftl")),
];

/// What the three sentences of an error page end in.
const PROBLEM_PARTS: [&str; 3] = ["-title", "-what", "-do"];

/// Each key with its variables.
fn sentences(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut key = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line
            .split_once(" = ")
            .filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase()))
        {
            key = name.to_owned();
            assert!(
                found.insert(key.clone(), BTreeSet::new()).is_none(),
                "{key} is defined twice"
            );
        }
        for variable in line.split('$').skip(1) {
            let name = variable
                .split(|c: char| !c.is_ascii_alphanumeric())
                .next()
                .unwrap();
            found.get_mut(&key).unwrap().insert(name.to_owned());
        }
    }
    found
}

fn files_under(folder: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files
}

/// Everything pages are made of, without the tests and the words themselves.
fn page_sources() -> String {
    let templates = files_under("templates").into_iter();
    let sources = files_under("src")
        .into_iter()
        .filter(|path| !path.ends_with("i18n_tests.rs"));
    templates
        .chain(sources)
        .map(|path| fs::read_to_string(path).unwrap())
        .collect()
}

#[test]
fn every_locale_file_reads_without_errors() {
    for (name, text) in FILES {
        let read = FluentResource::try_new(text.to_owned());
        assert!(
            read.is_ok(),
            "{name}: {:?}",
            read.err().map(|(_, errors)| errors)
        );
    }
}

#[test]
fn every_language_has_the_same_sentences_with_the_same_variables() {
    let korean = sentences(FILES[0].1);
    for (name, text) in FILES {
        let here = sentences(text);
        let differing: Vec<_> = korean
            .keys()
            .chain(here.keys())
            .filter(|key| korean.get(*key) != here.get(*key))
            .map(|key| (key, korean.get(key), here.get(key)))
            .collect();
        assert!(differing.is_empty(), "ko and {name} differ: {differing:?}");
    }
}

#[test]
fn every_sentence_a_page_says_exists() {
    let known = sentences(FILES[0].1);
    let sources = page_sources();
    for call in ["say(\"", "tell(\"", "around(\""] {
        for rest in sources.split(call).skip(1) {
            let key = rest.split('"').next().unwrap();
            assert!(known.contains_key(key), "no sentence is called {key:?}");
        }
    }
}

#[test]
fn every_problem_has_its_three_sentences() {
    let known = sentences(FILES[0].1);
    let pages = include_str!("pages.rs");
    let problems: Vec<_> = pages.split("=> \"error-").skip(1).collect();
    assert!(!problems.is_empty());
    for problem in problems {
        let name = problem.split('"').next().unwrap();
        for part in PROBLEM_PARTS {
            let key = format!("error-{name}{part}");
            assert!(known.contains_key(&key), "no sentence is called {key:?}");
        }
    }
}

#[test]
fn every_sentence_is_said_somewhere() {
    let sources = page_sources();
    let said = |key: &str| {
        let problem = PROBLEM_PARTS.iter().find_map(|part| key.strip_suffix(part));
        [Some(key), problem]
            .into_iter()
            .flatten()
            .any(|key| sources.contains(&format!("\"{key}\"")))
    };
    let unsaid: Vec<_> = sentences(FILES[0].1)
        .into_keys()
        .filter(|key| !said(key))
        .collect();
    assert!(unsaid.is_empty(), "{unsaid:?}");
}

#[test]
fn no_sentence_contains_markup() {
    for (name, text) in FILES {
        let marked: Vec<_> = text
            .lines()
            .filter(|line| line.contains(['<', '&', '`']))
            .collect();
        assert!(marked.is_empty(), "{name}: {marked:?}");
    }
}

#[test]
fn no_korean_particle_depends_on_an_inserted_name() {
    for particle in [
        "을",
        "를",
        "은 ",
        "는 ",
        "이 ",
        "가 ",
        "과 ",
        "와 ",
        "로 ",
        "으로",
        "이에요",
        "예요",
    ] {
        for name in ["service", "client", "host"] {
            let risky = format!("{{ ${name} }}{particle}");
            assert!(
                !FILES[0].1.contains(&risky),
                "{risky:?} reads wrong after half of all names"
            );
        }
    }
}

#[test]
fn a_language_is_known_by_its_tag_with_or_without_a_region() {
    for (tag, lang) in [
        ("ko", Some(Lang::Ko)),
        ("ko-KR", Some(Lang::Ko)),
        ("KO_kr", Some(Lang::Ko)),
        ("ja-JP", Some(Lang::Ja)),
        ("en-GB", Some(Lang::En)),
        ("fr", None),
        ("kok", None),
        ("", None),
        ("*", None),
    ] {
        assert_eq!(Lang::parse(tag), lang, "{tag:?}");
    }
}

#[test]
fn the_first_source_that_names_a_written_language_decides() {
    let pick = |sources: &[Option<&str>]| Lang::pick(sources, Lang::En);
    assert_eq!(pick(&[]), Lang::En);
    assert_eq!(pick(&[None, Some("ko-KR"), Some("ja")]), Lang::Ko);
    assert_eq!(pick(&[Some("fr"), Some("ja")]), Lang::Ja);
    assert_eq!(pick(&[Some("fr-CA ja ko")]), Lang::Ja);
    assert_eq!(pick(&[Some("<script>")]), Lang::En);
}

#[test]
fn weights_of_accept_language_are_obeyed() {
    let pick = |header: &str| Lang::pick(&[Some(header)], Lang::En);
    assert_eq!(pick("ko-KR,ko;q=0.9,en-US;q=0.8"), Lang::Ko);
    assert_eq!(pick("en;q=0.3, ja;q=0.75, ko;q=0.7"), Lang::Ja);
    assert_eq!(pick("ko;q=0, ja;q=0.1"), Lang::Ja);
    assert_eq!(pick("ko;q=much, ja;q=0.001"), Lang::Ja);
    assert_eq!(pick("fr, *;q=0.5"), Lang::En);
}

#[test]
fn counts_choose_the_plural_and_names_stay_as_they_are() {
    let words = Words::new(Lang::En);
    assert_eq!(words.tell("time-minutes", &[("minutes", "1")]), "1 minute");
    assert_eq!(words.tell("time-minutes", &[("minutes", "4")]), "4 minutes");
    assert_eq!(
        words.tell("login-heading", &[("service", "007")]),
        "Log in to 007"
    );
}

#[test]
fn a_sentence_can_be_cut_where_a_link_goes() {
    assert_eq!(
        Words::new(Lang::Ko).around("consent-unlink", "place"),
        ("언제든 ".to_owned(), "에서 끊을 수 있어요.".to_owned())
    );
}
