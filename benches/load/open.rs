//! Everything at once at a fixed rate, for a minute: requests come whether or not earlier ones were
//! answered, and each counts from when it was due.

use std::{fmt::Write as _, time::Duration};

use super::{
    Scenario,
    beside::hire,
    data::Data,
    measure::Sample,
    players::{TURNED_AWAY, Work},
    process::Server,
};

/// How long.
const SPAN: Duration = Duration::from_mins(1);
/// How many tokens are resolved a second, on how many connections.
const RESOLVES: (f64, u32) = (5_000.0, 100);
/// How many links are refreshed a second, on how many connections.
const REFRESHES: (f64, u32) = (500.0, 50);
/// How many people log in at once, over and over.
const LOGINS: u32 = 200;
/// What one login's argon2 holds, in MiB.
const ARGON2: f64 = 19.0;

/// What was measured.
pub struct Open {
    resolves: Sample,
    refreshes: Sample,
    logins: Sample,
    /// The most memory the server has had, MiB.
    memory: f64,
    permits: usize,
}

/// Measures it.
pub async fn measure(data: &Data, linkgate: &Server) -> anyhow::Result<Open> {
    eprintln!("everything at once, for a minute …");
    // Each of these logs in once beforehand: seconds, after which the server would close the connections of
    // others that have asked nothing.
    let mut logging_in = hire(Work::Of(Scenario::Login), LOGINS, data, linkgate).await?;
    let mut resolving = hire(Work::Of(Scenario::Resolve), RESOLVES.1, data, linkgate).await?;
    let mut refreshing = hire(Work::Of(Scenario::Refresh), REFRESHES.1, data, linkgate).await?;
    (resolving.from_due, refreshing.from_due) = (true, true);
    // Those who are turned away come again when they were told to.
    logging_in.after_refusal = Duration::from_secs(1);
    let (resolves, refreshes, logins) = tokio::join!(
        resolving.run_paced(RESOLVES.0, SPAN),
        refreshing.run_paced(REFRESHES.0, SPAN),
        logging_in.run(SPAN)
    );
    Ok(Open {
        resolves,
        refreshes,
        logins,
        memory: linkgate.most_resident(),
        permits: std::thread::available_parallelism()?.get(),
    })
}

/// The table and what it says about the aims.
pub fn markdown(open: &mut Open) -> String {
    let Open {
        resolves,
        refreshes,
        logins,
        memory,
        permits,
    } = open;
    let mark = |met: bool| if met { "met" } else { "**missed**" };
    let mut text = String::from(
        "\n| open loop, 60 s     | per second | p50 ms | p95 ms | p99 ms | max ms | turned away | failed |\n\
         |---------------------|-----------:|-------:|-------:|-------:|-------:|------------:|-------:|\n",
    );
    for (name, sample) in [
        ("resolve, 5000/s", &mut *resolves),
        ("refresh, 500/s", &mut *refreshes),
        ("200 people logging in", &mut *logins),
    ] {
        let [p50, p95, p99] = [50, 95, 99].map(|share| sample.percentile(share));
        let (rate, max) = (sample.rate(), sample.longest());
        let (away, failed) = sample.turned_away_and_failed(TURNED_AWAY);
        // Writing to a String can't fail.
        let _ = writeln!(
            text,
            "| {name:<19} | {rate:>10.0} | {p50:>6.1} | {p95:>6.1} | {p99:>6.1} | {max:>6.1} | {away:>11} | {failed:>6} |"
        );
    }
    let (p99, longest) = (resolves.percentile(99), resolves.longest());
    let failed = [resolves, refreshes, logins]
        .into_iter()
        .map(|sample| sample.turned_away_and_failed(TURNED_AWAY).1)
        .sum::<u64>();
    let permitted = ARGON2 * f64::from(u32::try_from(*permits).unwrap_or(u32::MAX));
    let rest = *memory - permitted;
    text + &format!(
        "\n* open loop: resolve p99 {p99:.1} ms, longest {longest:.1} ms (aim: 10 ms, none over 100 ms): {}\n\
         * open loop: {failed} errors beside logins that were told to come again (aim: 0): {}\n\
         * memory: at most {memory:.0} MiB in the whole run, {rest:.0} MiB without argon2's {permits} permits of {ARGON2} MiB (aim: 80 MiB): {}\n",
        mark(p99 <= 10.0 && longest <= 100.0),
        mark(failed == 0),
        mark(rest <= 80.0)
    )
}
