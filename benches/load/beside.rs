//! What other traffic does to actions: they come at a fixed rate, first alone, then beside it.

use std::{fmt::Write as _, time::Duration};

use super::{
    Scenario, crew,
    data::Data,
    http::Connection,
    measure::{Crew, Sample},
    players::{Player, Work},
    process::Server,
};

/// How many actions a second, on how many connections.
const ACTIONS: (f64, u32) = (500.0, 32);

/// The other traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// Many people log in at once, and who is turned away comes again.
    Storm,
    /// Somebody sends CEK requests that nobody signed.
    Forged,
}

/// Both measurements, and what was done beside the second.
pub struct MeasuredBeside {
    what: Beside,
    alone: Sample,
    under: Sample,
    other: Sample,
}

impl Beside {
    /// All of it.
    pub const ALL: [Self; 2] = [Self::Storm, Self::Forged];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Storm => "storm",
            Self::Forged => "forged",
        }
    }

    /// On how many connections it comes.
    const fn connections(self) -> u32 {
        match self {
            Self::Storm => 200,
            Self::Forged => 32,
        }
    }

    /// How many requests a second; without, everybody goes on as they are answered.
    const fn rate(self) -> Option<f64> {
        match self {
            Self::Storm => None,
            Self::Forged => Some(1000.0),
        }
    }

    const fn work(self) -> Work {
        match self {
            Self::Storm => Work::Of(Scenario::Login),
            Self::Forged => Work::Forge,
        }
    }
}

/// Measures one of them.
pub async fn measure(
    what: Beside,
    data: &Data,
    linkgate: &Server,
    span: Duration,
) -> anyhow::Result<MeasuredBeside> {
    eprintln!("actions alone and beside {} …", what.name());
    let (rate, connections) = ACTIONS;
    let mut actions = hire(Work::Of(Scenario::Action), connections, data, linkgate).await?;
    actions.run_paced(rate, span / 3).await;
    let alone = actions.run_paced(rate, span).await;
    let mut others = hire(what.work(), what.connections(), data, linkgate).await?;
    // Those who are turned away come again when they were told to.
    others.after_refusal = Duration::from_secs(1);
    let other = async {
        match what.rate() {
            Some(rate) => others.run_paced(rate, span).await,
            None => others.run(span).await,
        }
    };
    let (under, other) = tokio::join!(actions.run_paced(rate, span), other);
    Ok(MeasuredBeside {
        what,
        alone,
        under,
        other,
    })
}

/// Players who do that to Linkgate, one on each connection.
pub async fn hire<'a>(
    work: Work,
    connections: u32,
    data: &Data,
    linkgate: &'a Server,
) -> anyhow::Result<Crew<'a>> {
    let mut hired = crew(data, linkgate);
    for index in 0..connections {
        let connection = Connection::open(linkgate.address).await?;
        let player = Player::of_linkgate(work, data, connection, (index, connections));
        hired.players.push(player.await?);
    }
    Ok(hired)
}

impl MeasuredBeside {
    fn row(who: &str, sample: &mut Sample) -> String {
        let [p50, p95, p99] = [50, 95, 99].map(|share| sample.percentile(share));
        let (rate, max) = (sample.rate(), sample.longest());
        format!(
            "| {who:<28} | {rate:>10.0} | {p50:>6.1} | {p95:>6.1} | {p99:>6.1} | {max:>6.1} |\n"
        )
    }

    fn judgement(&mut self) -> String {
        let mark = |met: bool| if met { "met" } else { "**missed**" };
        let (before, p99, max) = (
            self.alone.percentile(99),
            self.under.percentile(99),
            self.under.longest(),
        );
        let name = self.what.name();
        match self.what {
            Beside::Storm => format!(
                "* {name}: action p99 {p99:.1} ms, longest {max:.1} ms (aim: under 50 ms, nothing over 150 ms): {}",
                mark(p99 < 50.0 && max <= 150.0)
            ),
            Beside::Forged => format!(
                "* {name}: action p99 {p99:.1} ms beside forged requests, {before:.1} ms without (aim: under 10 ms, and at most 2 ms more): {}",
                mark(p99 < 10.0 && p99 <= before + 2.0)
            ),
        }
    }
}

/// The table, where there is anything to tell.
pub fn markdown(all: &mut [MeasuredBeside]) -> String {
    if all.is_empty() {
        return String::new();
    }
    let mut text = String::from(
        "\n| who                          | per second | p50 ms | p95 ms | p99 ms | max ms |\n\
         |------------------------------|-----------:|-------:|-------:|-------:|-------:|\n",
    );
    for one in &mut *all {
        let name = one.what.name();
        text += &MeasuredBeside::row("actions alone", &mut one.alone);
        text += &MeasuredBeside::row(&format!("actions beside {name}"), &mut one.under);
        text += &MeasuredBeside::row(name, &mut one.other);
    }
    text.push('\n');
    for one in all {
        let line = one.judgement();
        let turned_away = one.other.failures;
        // Writing to a String can't fail.
        let _ = writeln!(text, "{line}");
        if turned_away > 0 {
            let why = one.other.failure.as_deref().unwrap_or("?");
            let _ = writeln!(
                text,
                "  ({turned_away} of {} were turned away: {why})",
                one.what.name()
            );
        }
        if one.under.failures > 0 {
            let why = one.under.failure.as_deref().unwrap_or("?");
            let _ = writeln!(text, "  ({} actions failed: {why})", one.under.failures);
        }
    }
    text
}
