//! What commands print on stdout: text for people, or exactly one JSON value.

use std::io::{self, ErrorKind, Write};

use chrono::{DateTime, Utc};
use serde::Serialize;

/// How a command answers.
#[derive(clap::Args, Debug, Clone, Copy)]
pub struct Output {
    /// Print exactly one JSON value on stdout.
    #[arg(long)]
    json: bool,
}

impl Output {
    /// Whether JSON was asked for.
    pub const fn is_json(self) -> bool {
        self.json
    }

    /// Prints the value as JSON, or the text made for people. A reader who has seen enough, such as
    /// `head`, is no error.
    pub fn print(self, value: &impl Serialize, text: impl FnOnce() -> String) -> io::Result<()> {
        unless_closed(self.print_whole(value, text))
    }

    /// The same for what is shown once: an error if nobody reads it.
    pub fn print_whole(
        self,
        value: &impl Serialize,
        text: impl FnOnce() -> String,
    ) -> io::Result<()> {
        let text = if self.json {
            serde_json::to_string_pretty(value).map_err(io::Error::other)?
        } else {
            text()
        };
        print_line(&text)
    }
}

/// Prints text for people. A reader who has seen enough is no error.
pub fn write(text: &str) -> io::Result<()> {
    unless_closed(print_line(text))
}

fn print_line(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{}", text.trim_end())?;
    stdout.flush()
}

fn unless_closed(printed: io::Result<()>) -> io::Result<()> {
    match printed {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

/// An error and its causes, leaving out what the errors around them already repeat.
pub fn in_one_line(error: &anyhow::Error) -> String {
    let mut line = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if line.is_empty() {
            line = cause;
        } else if !line.contains(&cause) {
            line = format!("{line}: {cause}");
        }
    }
    line
}

/// A moment, as people read it.
pub fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// The same, or a dash.
pub fn time_or_dash(at: Option<DateTime<Utc>>) -> String {
    at.map_or_else(|| "-".to_owned(), time)
}

/// Lines of columns, each as wide as its widest cell.
pub fn table<const N: usize>(head: [&str; N], rows: Vec<[String; N]>) -> String {
    if rows.is_empty() {
        return "none".to_owned();
    }
    let rows: Vec<_> = std::iter::once(head.map(str::to_owned))
        .chain(rows)
        .collect();
    let mut widths = [0; N];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(columns(cell));
        }
    }
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(widths);
        let padded = cells.map(|(cell, width)| pad(cell, width));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Lines of `label  value`.
pub fn facts(facts: &[(&str, String)]) -> String {
    let width = facts
        .iter()
        .map(|(label, _)| columns(label))
        .max()
        .unwrap_or_default();
    let line = |(label, value): &(&str, String)| format!("{}  {value}", pad(label, width));
    facts.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A list in one line, or a dash.
pub fn list(items: &[String]) -> String {
    if items.is_empty() {
        "-".to_owned()
    } else {
        items.join(" ")
    }
}

fn pad(cell: &str, width: usize) -> String {
    let missing = width.saturating_sub(columns(cell));
    format!("{cell}{}", " ".repeat(missing))
}

/// How many columns of a terminal a text takes: Hangul, kana and ideographs take two.
fn columns(text: &str) -> usize {
    let wide = |c: char| {
        matches!(c, '\u{1100}'..='\u{115F}' | '\u{2E80}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7A3}'
            | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE6F}' | '\u{FF00}'..='\u{FF60}')
    };
    text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_said_once() {
        let error = anyhow::anyhow!("refused").context("no answer: refused");
        assert_eq!(
            in_one_line(&error.context("database")),
            "database: no answer: refused"
        );
    }

    #[test]
    fn columns_line_up_under_hangul_too() {
        let rows = vec![
            ["김하늘".to_owned(), "x".to_owned()],
            ["Kim".to_owned(), "y".to_owned()],
        ];
        assert_eq!(
            table(["NAME", "ID"], rows),
            "NAME    ID\n김하늘  x\nKim     y"
        );
        assert_eq!(table(["NAME"], Vec::new()), "none");
    }
}
