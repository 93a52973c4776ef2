//! What was measured on 32 connections, as a chart beside what rivals did on a machine of this size.

use std::fmt::Write as _;

use super::{Scenario, report::Measured};

/// Linkgate's scenarios with what rivals do instead, in their best configuration: PostgreSQL, or where
/// one has it, its own store that does not wait for the disk; 16 connections, two cores shared with
/// database and load.
const RIVALS: [(Scenario, &[(&str, f64)]); 3] = [
    (
        Scenario::Resolve,
        &[
            ("Rauthy, own store (userinfo)", 8_914.0),
            ("Rauthy, PostgreSQL (userinfo)", 6_860.0),
            ("node-oidc-provider", 5_406.0),
            ("django-oauth-toolkit", 891.0),
            ("Glewlwyd", 480.0),
        ],
    ),
    (
        Scenario::Refresh,
        &[
            ("node-oidc-provider", 1_543.0),
            ("Rauthy, own store", 936.0),
            ("Rauthy, PostgreSQL", 694.0),
            ("Glewlwyd", 341.0),
            ("django-oauth-toolkit", 186.0),
        ],
    ),
    (
        Scenario::Link,
        &[
            ("node-oidc-provider (consent remembered)", 890.0),
            ("Rauthy, own store", 756.0),
            ("Rauthy, PostgreSQL", 451.0),
            ("django-oauth-toolkit", 110.0),
            ("Glewlwyd", 85.0),
        ],
    ),
];

/// Where bars begin, and how long the longest is.
const LEFT: f64 = 290.0;
const LONGEST: f64 = 330.0;

struct Bar {
    label: String,
    rate: f64,
    ours: bool,
}

/// The chart: a group for each scenario that was measured, each with a scale of its own.
pub fn svg(measured: &[Measured]) -> String {
    let mut body = String::new();
    let mut top = 30.0;
    for (scenario, rivals) in RIVALS {
        let found = measured
            .iter()
            .find(|one| one.scenario == scenario && one.connections == 32);
        let Some(found) = found else { continue };
        let bar = |label: &str, rate, ours| Bar {
            label: label.to_owned(),
            rate,
            ours,
        };
        let mut bars = vec![
            bar("Linkgate", found.linkgate.rate(), true),
            bar(scenario.reference(), found.reference.rate(), false),
        ];
        bars.extend(rivals.iter().map(|(label, rate)| bar(label, *rate, false)));
        top = group(&mut body, scenario.name(), &bars, top);
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 {top:.0}\" width=\"720\" \
         font-family=\"system-ui, sans-serif\" font-size=\"13\" role=\"img\">\n\
         <title>Operations a second</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n{body}</svg>\n"
    )
}

fn group(body: &mut String, name: &str, bars: &[Bar], top: f64) -> f64 {
    let most = bars.iter().map(|bar| bar.rate).fold(1.0, f64::max);
    // Writing to a String can't fail.
    let _ = writeln!(
        body,
        "<text x=\"16\" y=\"{top:.0}\" font-weight=\"600\" fill=\"#222\">{name}, a second</text>"
    );
    let mut middle = top + 24.0;
    for Bar { label, rate, ours } in bars {
        let (width, colour) = (
            rate / most * LONGEST,
            if *ours { "#0b7a4b" } else { "#a9b4bd" },
        );
        let _ = writeln!(
            body,
            "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\" fill=\"#222\">{label}</text>\
             <rect x=\"{LEFT}\" y=\"{:.0}\" width=\"{width:.1}\" height=\"16\" fill=\"{colour}\"/>\
             <text x=\"{:.1}\" y=\"{:.0}\" fill=\"#222\">{rate:.0}</text>",
            LEFT - 8.0,
            middle + 4.0,
            middle - 8.0,
            LEFT + width + 6.0,
            middle + 4.0
        );
        middle += 22.0;
    }
    middle + 20.0
}
