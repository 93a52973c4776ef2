//! Keeps the layout of `docs/architecture.md` true by reading the source: modules use only modules
//! above them, and SQL, HTML and the environment stay in their places.

mod abuse_cases;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

const MOST_LINES: usize = 400;
/// Lock files, which no person writes.
const WRITTEN_BY_TOOLS: [&str; 2] = ["package-lock.json", "requirements.txt"];
const VAGUE_NAMES: [&str; 8] = [
    "common", "helper", "helpers", "manager", "misc", "service", "util", "utils",
];
const SQL: [&str; 8] = [
    "query!(",
    "query_as!(",
    "query_scalar!(",
    "query_unchecked!(",
    "query_file!(",
    "sqlx::query",
    "raw_sql(",
    "QueryBuilder::",
];
const TAGS: [&str; 20] = [
    "!doctype", "html", "head", "title", "style", "script", "body", "main", "form", "div", "span",
    "p", "a", "h1", "ul", "table", "label", "input", "button", "br",
];

/// A file of the source with the parts of its path below the scanned folder: `["link", "store.rs"]`.
struct Source {
    path: PathBuf,
    parts: Vec<String>,
    text: String,
}

impl Source {
    /// The top-level module the file belongs to: `link` for `src/link/store.rs` and `src/link.rs`.
    fn module(&self) -> &str {
        self.parts
            .first()
            .map_or("", |part| part.trim_end_matches(".rs"))
    }

    fn is_in(&self, name: &str) -> bool {
        self.parts
            .iter()
            .any(|part| part.trim_end_matches(".rs") == name)
    }

    fn holds_unit_tests(&self) -> bool {
        self.path.file_stem().is_some_and(|stem| {
            let stem = stem.to_string_lossy();
            stem == "tests" || stem.ends_with("_tests")
        })
    }

    /// The code alone, without comments and without unit tests, be they below it or in a file beside it.
    fn product_code(&self) -> String {
        if self.holds_unit_tests() {
            return String::new();
        }
        let code = without_comments(&self.text);
        code.split("#[cfg(test)]\nmod ")
            .next()
            .unwrap_or_default()
            .to_owned()
    }
}

fn sources(folder: &str) -> io::Result<Vec<Source>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        if !folder.exists() {
            continue;
        }
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                let below = path.strip_prefix(&root).unwrap_or(&path);
                let parts = below
                    .iter()
                    .map(|part| part.to_string_lossy().into_owned())
                    .collect();
                found.push(Source { path, parts, text });
            }
        }
    }
    Ok(found)
}

fn without_comments(text: &str) -> String {
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The modules in the order `lib.rs` declares them.
fn declared_modules(lib: &str) -> Vec<String> {
    let declared = without_comments(lib);
    let names = declared.lines().filter_map(|line| {
        let line = line
            .trim()
            .trim_start_matches("pub ")
            .trim_start_matches("pub(crate) ");
        line.strip_prefix("mod ")?.split([';', ' ', '{']).next()
    });
    names.map(str::to_owned).collect()
}

/// The top-level modules a file mentions: `crate::x`, `use crate::{a, b::C}` and `super::super::x`.
fn mentioned_modules(code: &str) -> Vec<String> {
    let mut mentioned = Vec::new();
    for root in ["crate::", "super::super::"] {
        for (at, _) in code.match_indices(root) {
            let before = code.get(..at).and_then(|text| text.chars().next_back());
            if before.is_some_and(is_part_of_name) {
                continue;
            }
            let after = code.get(at + root.len()..).unwrap_or_default();
            match after.strip_prefix('{') {
                Some(group) => mentioned.extend(first_names_of_group(group)),
                None => mentioned.push(leading_name(after)),
            }
        }
    }
    mentioned.retain(|name| !name.is_empty());
    mentioned
}

/// The first name of each path in `a::{b, c}, d::E};…`, the text after the opening brace.
fn first_names_of_group(group: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0_usize;
    let mut path = String::new();
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => names.push(leading_name(std::mem::take(&mut path).trim())),
            '{' => depth += 1,
            '}' => depth -= 1,
            _ if depth == 0 => path.push(c),
            _ => {}
        }
    }
    names.push(leading_name(path.trim()));
    names
}

fn leading_name(text: &str) -> String {
    text.chars().take_while(|&c| is_part_of_name(c)).collect()
}

fn is_part_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == ':'
}

/// The mentions in `code`, a part of `module`, that lead to a module declared below it.
fn upward_mentions(order: &[String], module: &str, code: &str) -> Vec<String> {
    let position = |name: &str| order.iter().position(|declared| declared == name);
    let Some(own) = position(module) else {
        return Vec::new();
    };
    let mut below: Vec<String> = mentioned_modules(code)
        .iter()
        .map(|path| path.split(':').next().unwrap_or_default().to_owned())
        .filter(|name| position(name).is_some_and(|other| other > own))
        .collect();
    below.sort();
    below.dedup();
    below
}

/// Whether the code holds an HTML tag: `<form>` or `<form method=…`, but not the type `Vec<form::Field>`.
fn holds_html(code: &str) -> bool {
    TAGS.iter().any(|tag| {
        code.match_indices(&format!("<{tag}")).any(|(at, opening)| {
            code.get(at + opening.len()..)
                .is_some_and(|rest| rest.starts_with([' ', '>']))
        })
    })
}

fn reads_environment(code: &str) -> bool {
    ["std::env", "env::var", "env::vars", "option_env!"]
        .iter()
        .any(|needle| code.contains(needle))
}

fn is_vague(name: &str) -> bool {
    VAGUE_NAMES.contains(&name.trim_end_matches(".rs"))
}

/// The files below `folder` that break a rule, one line each.
fn offenders(folder: &str, breaks: impl Fn(&Source) -> bool) -> io::Result<String> {
    let broken = sources(folder)?.into_iter().filter(breaks);
    let paths = broken.map(|source| source.path.display().to_string());
    Ok(paths.collect::<Vec<_>>().join("\n"))
}

#[test]
fn a_module_uses_only_modules_above_it() -> io::Result<()> {
    let lib = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs");
    let order = declared_modules(&fs::read_to_string(lib)?);
    assert!(!order.is_empty(), "src/lib.rs declares no module");

    for source in sources("src")? {
        let upward = upward_mentions(&order, source.module(), &without_comments(&source.text));
        let path = source.path.display();
        assert!(
            upward.is_empty(),
            "{path} uses modules declared below its own: {upward:?}"
        );
    }
    Ok(())
}

#[test]
fn sql_is_only_in_stores_and_the_foundation() -> io::Result<()> {
    let found = offenders("src", |source| {
        let allowed = source.is_in("store") || source.is_in("foundation");
        !allowed && SQL.iter().any(|sql| source.product_code().contains(sql))
    })?;
    assert!(
        found.is_empty(),
        "move this SQL to the store.rs beside it:\n{found}"
    );
    Ok(())
}

#[test]
fn the_environment_is_read_only_by_the_configuration() -> io::Result<()> {
    let found = offenders("src", |source| {
        !["config", "main"].contains(&source.module()) && reads_environment(&source.product_code())
    })?;
    assert!(
        found.is_empty(),
        "let the configuration pass the environment on:\n{found}"
    );
    Ok(())
}

#[test]
fn html_is_only_in_templates() -> io::Result<()> {
    let found = offenders("src", |source| {
        let reads_pages = source.module() == "simulate"; // as a browser does
        !reads_pages && holds_html(&source.product_code())
    })?;
    assert!(found.is_empty(), "move this HTML to templates/:\n{found}");
    Ok(())
}

#[test]
fn files_are_short_enough_to_read() -> io::Result<()> {
    for folder in [
        "src",
        "tests",
        "benches",
        "templates",
        "static",
        "migrations",
        "scripts",
    ] {
        let found = offenders(folder, |source| {
            let locked = source.path.file_name();
            let locked =
                locked.is_some_and(|name| WRITTEN_BY_TOOLS.iter().any(|tool| name == *tool));
            !locked && source.text.lines().count() > MOST_LINES
        })?;
        assert!(
            found.is_empty(),
            "split these by what they are about:\n{found}"
        );
    }
    Ok(())
}

#[test]
fn modules_are_named_for_what_they_hold() -> io::Result<()> {
    for folder in ["src", "tests"] {
        let found = offenders(folder, |source| {
            source.parts.iter().any(|part| is_vague(part))
        })?;
        assert!(found.is_empty(), "these names say nothing:\n{found}");
    }
    Ok(())
}

#[test]
fn a_broken_order_is_seen_in_every_way_of_writing_it() {
    let order = declared_modules("//! Docs.\npub mod config;\nmod link;\npub(crate) mod token;\n");
    assert_eq!(order, ["config", "link", "token"]);

    for upward in [
        "use crate::token::Issuer;",
        "use crate::{config::Config, token};",
        "use crate::{\n    config::{self, Config},\n    token::{Issuer, Kind},\n};",
        "fn f() { crate::token::issue() }",
        "use super::super::token::Issuer;",
    ] {
        assert_eq!(
            upward_mentions(&order, "link", upward),
            ["token"],
            "{upward}"
        );
    }
    for allowed in [
        "use crate::config::Config;",
        "use crate::link::{token, store};",
        "use crate::{config::{token}, link};",
        "use othercrate::token;",
    ] {
        assert!(
            upward_mentions(&order, "link", allowed).is_empty(),
            "{allowed}"
        );
    }
    assert!(without_comments("  /// See [`crate::token`].\nfn f() {}").starts_with("fn"));
}

#[test]
fn html_and_the_environment_are_told_from_code_that_looks_like_them() {
    assert!(holds_html(r#"let page = "<form method=post>";"#));
    assert!(holds_html("format!(\"<p>{name}\")"));
    assert!(!holds_html(
        "fn fields() -> Vec<form::Field> { Vec::<P>::new() }"
    ));
    assert!(!holds_html("if a <b && c> d {}"));

    assert!(reads_environment("use std::env;"));
    assert!(!reads_environment(r#"env!("CARGO_PKG_VERSION")"#));
    assert!(is_vague("utils.rs") && is_vague("common") && !is_vague("services.rs"));
}
