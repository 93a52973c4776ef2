//! What was measured, as a Markdown table that reads well in a terminal too.

use super::{Aims, Scenario, measure::Sample, process::Cpu};

/// All measurements of a scenario with so many connections.
pub struct Measured {
    /// What was done.
    pub scenario: Scenario,
    /// By so many connections.
    pub connections: u32,
    /// By Linkgate.
    pub linkgate: Sample,
    /// By what it is compared with in the same seconds.
    pub reference: Sample,
    /// By pgbench: transactions a second.
    pub pgbench: Option<f64>,
    /// By Linkgate at half of its own rate.
    pub paced: Option<Sample>,
    /// Linkgate's memory afterwards, MiB.
    pub resident: f64,
}

impl Measured {
    fn ratio(&self) -> f64 {
        self.linkgate.rate() / self.reference.rate().max(f64::EPSILON)
    }

    /// What went wrong, if anything did.
    pub fn failures(&self) -> Option<String> {
        let samples = [&self.linkgate, &self.reference];
        let failed: u64 = samples.iter().map(|sample| sample.failures).sum();
        let why = samples.iter().find_map(|sample| sample.failure.as_deref());
        let what = format!("{} on {}", self.scenario.name(), self.connections);
        (failed > 0).then(|| format!("{what}: {failed} failed, such as: {}", why.unwrap_or("?")))
    }

    fn rows(&mut self) -> Vec<Vec<String>> {
        let (ratio, resident) = (self.ratio(), self.resident);
        let reference = self.scenario.reference();
        let name = [
            self.scenario.name().to_owned(),
            self.connections.to_string(),
        ];
        let mut rows = vec![
            row(
                &name,
                "Linkgate",
                &mut self.linkgate,
                format!("{resident:.0}"),
                "",
            ),
            row(
                &name,
                reference,
                &mut self.reference,
                String::new(),
                &percent(ratio),
            ),
        ];
        if let Some(rate) = self.pgbench {
            let ratio = percent(self.linkgate.rate() / rate.max(f64::EPSILON));
            let [scenario, _] = &name;
            let known =
                [scenario.as_str(), "10", "pgbench", &format!("{rate:.0}")].map(str::to_owned);
            let unknown = std::iter::repeat_n(String::new(), HEAD.len() - known.len() - 1);
            rows.push(known.into_iter().chain(unknown).chain([ratio]).collect());
        }
        if let Some(paced) = &mut self.paced {
            rows.push(row(
                &name,
                "Linkgate at half its rate",
                paced,
                String::new(),
                "",
            ));
        }
        rows
    }

    /// How the aims for all that can be done on 32 connections were met.
    fn judge(&mut self) -> Vec<String> {
        let Aims { rate, p99, ratio } = self.scenario.aims();
        let mut lines = Vec::new();
        if self.connections != 32 {
            return lines;
        }
        let name = self.scenario.name();
        let mut say = |what: String, met: bool| {
            let mark = if met { "met" } else { "**missed**" };
            lines.push(format!("* {name}, 32 connections: {what}: {mark}"));
        };
        if let Some(aim) = rate {
            let found = self.linkgate.rate();
            say(format!("{found:.0}/s (aim: {aim:.0}/s)"), found >= aim);
        }
        if let Some(aim) = p99 {
            let found = self.linkgate.percentile(99);
            say(format!("p99 {found:.1} ms (aim: {aim} ms)"), found <= aim);
        }
        if let Some(aim) = ratio {
            let (found, reference) = (self.ratio(), self.scenario.reference());
            say(
                format!("{found:.2} × {reference} (aim: {aim} ×)"),
                found >= aim,
            );
        }
        lines
    }

    fn judgements(&mut self) -> Vec<String> {
        let name = self.scenario.name();
        let connections = self.connections;
        let mark = |met: bool| if met { "met" } else { "**missed**" };
        let (ratio, aim) = (self.ratio(), self.scenario.aim());
        let mut lines = vec![format!(
            "* {name}, {connections} connections: {:.0} % of {} (aim: {:.0} %): {}",
            ratio * 100.0,
            self.scenario.reference(),
            aim * 100.0,
            mark(ratio >= aim)
        )];
        if let Some(paced) = &mut self.paced {
            let (half, full) = (paced.percentile(99), self.linkgate.percentile(99));
            lines.push(format!(
                "* {name}, {connections} connections: p99 {half:.1} ms at half its rate, {full:.1} ms at all it can (aim: under 10 ms): {}",
                mark(half < 10.0)
            ));
        }
        lines.extend(self.judge());
        lines
    }
}

fn percent(ratio: f64) -> String {
    format!("{:.0} %", ratio * 100.0)
}

fn row(
    name: &[String; 2],
    who: &str,
    sample: &mut Sample,
    memory: String,
    ratio: &str,
) -> Vec<String> {
    let Cpu {
        server,
        database,
        load,
    } = sample.cpu;
    let mut cells = name.to_vec();
    cells.extend([who.to_owned(), format!("{:.0}", sample.rate())]);
    cells.extend([50, 95, 99].map(|share| format!("{:.1}", sample.percentile(share))));
    cells.extend([server, database, load].map(|seconds| format!("{seconds:.1}")));
    cells.extend([memory, ratio.to_owned()]);
    cells
}

const HEAD: [&str; 12] = [
    "scenario",
    "conn.",
    "by",
    "per second",
    "p50 ms",
    "p95 ms",
    "p99 ms",
    "server CPU s",
    "database CPU s",
    "load CPU s",
    "RSS MiB",
    "Linkgate is",
];

/// The table and what it says about the aims.
pub fn markdown(all: &mut [Measured]) -> String {
    if all.is_empty() {
        return String::new();
    }
    let mut rows: Vec<Vec<String>> = vec![HEAD.map(str::to_owned).to_vec()];
    rows.extend(all.iter_mut().flat_map(Measured::rows));
    let widths: Vec<usize> = (0..HEAD.len())
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        let cells = row
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(column, (cell, width))| {
                if column < 3 {
                    format!(" {cell:<width$} |")
                } else {
                    format!(" {cell:>width$} |")
                }
            });
        text.extend(["|", &cells.collect::<String>(), "\n"]);
        if number == 0 {
            let rules = widths.iter().enumerate().map(|(column, width)| {
                let end = if column < 3 { '-' } else { ':' };
                format!("{}{end}|", "-".repeat(width + 1))
            });
            text.extend(["|", &rules.collect::<String>(), "\n"]);
        }
    }
    text.push('\n');
    for line in all.iter_mut().flat_map(Measured::judgements) {
        text += &line;
        text.push('\n');
    }
    text
}
