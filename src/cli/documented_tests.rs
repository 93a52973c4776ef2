//! `docs/commands.md` names every command, argument and flag there is, and no other.

use std::collections::{BTreeMap, BTreeSet};

use clap::{Arg, CommandFactory};

use super::Cli;

const PAGE: &str = include_str!("../../docs/commands.md");
/// Said once, for all.
const EVERYWHERE: [&str; 3] = ["config", "help", "version"];

/// The parts of the page by their headings.
fn sections() -> BTreeMap<&'static str, &'static str> {
    let parts = PAGE.split("\n## ").skip(1);
    parts.filter_map(|part| part.split_once('\n')).collect()
}

/// Every command without verbs below it, as it is typed.
fn commands() -> Vec<(String, clap::Command)> {
    let mut found = Vec::new();
    let mut ahead = vec![("linkgate".to_owned(), Cli::command())];
    while let Some((typed, command)) = ahead.pop() {
        if !command.has_subcommands() {
            found.push((typed, command));
            continue;
        }
        for verb in command.get_subcommands() {
            ahead.push((format!("{typed} {}", verb.get_name()), verb.clone()));
        }
    }
    found
}

/// How the page writes an argument.
fn written(argument: &Arg) -> String {
    match (argument.get_long(), argument.get_value_names()) {
        (Some(flag), _) => format!("`--{flag}"),
        (None, Some([name, ..])) => name.to_string(),
        (None, _) => argument.get_id().to_string().to_uppercase(),
    }
}

#[test]
fn every_command_and_flag_is_documented() {
    let sections = sections();
    let shared = sections["The settings of a client"];
    for (typed, command) in commands() {
        let section = sections.get(typed.as_str());
        let section = section.unwrap_or_else(|| panic!("docs/commands.md lacks ## {typed}"));
        let refers = section.contains("(#the-settings-of-a-client)");
        let ends = |text: &str, word: &str| {
            text.match_indices(word).any(|(at, _)| {
                let next = text[at + word.len()..].chars().next();
                next.is_none_or(|next| !next.is_alphanumeric() && next != '-' && next != '_')
            })
        };
        for argument in command.get_arguments() {
            let word = written(argument);
            let everywhere = EVERYWHERE.contains(&argument.get_id().as_str());
            let named = ends(section, &word) || (refers && ends(shared, &word));
            assert!(
                everywhere || named,
                "docs/commands.md: {typed} lacks {word}"
            );
        }
    }
}

#[test]
fn no_command_or_flag_is_documented_that_is_not_there() {
    let commands = commands();
    let flags: BTreeSet<_> = commands
        .iter()
        .flat_map(|(_, command)| command.get_arguments())
        .filter_map(Arg::get_long)
        .chain(EVERYWHERE)
        .collect();
    for heading in sections().into_keys() {
        let known = commands.iter().any(|(typed, _)| typed == heading);
        assert!(known || !heading.starts_with("linkgate"), "{heading}");
    }
    for named in PAGE.split("`--").skip(1) {
        let end = named.find(|c: char| !c.is_ascii_lowercase() && c != '-');
        let flag = &named[..end.unwrap_or(named.len())];
        assert!(flags.contains(flag), "docs/commands.md: --{flag}");
    }
}
