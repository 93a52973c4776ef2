//! Durations as people write them: `150ms`, `120s`, `10m`, `1h`, `400d`.

use std::time::Duration;

use chrono::TimeDelta;

/// Reads a whole number with a unit of `s`, `m`, `h` or `d`; more than zero.
pub fn parse_duration(text: &str) -> Result<TimeDelta, String> {
    let wrong = || format!("`{text}` is not a duration; write for example 90s, 10m, 1h or 400d");
    let text = text.trim();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let number = text
        .strip_suffix(unit)
        .and_then(|number| number.parse::<i64>().ok())
        .ok_or_else(wrong)?;
    let total = number
        .checked_mul(seconds)
        .filter(|total| (1..=3_153_600_000).contains(total));
    total.and_then(TimeDelta::try_seconds).ok_or_else(wrong)
}

/// Reads how long somebody may wait: a whole number of `ms` or `s` from 10 ms to 60 s.
pub(super) fn parse_patience(text: &str) -> Result<Duration, String> {
    let milliseconds = match text.trim().strip_suffix("ms") {
        Some(number) => number.parse().ok(),
        None => text
            .trim()
            .strip_suffix('s')
            .and_then(|number| number.parse::<u64>().ok()?.checked_mul(1000)),
    };
    match milliseconds {
        Some(milliseconds @ 10..=60_000) => Ok(Duration::from_millis(milliseconds)),
        _ => Err(format!(
            "`{text}` is not a time from 10ms to 60s; write for example 150ms or 2s"
        )),
    }
}

/// Writes whole seconds the way [`parse_duration`] reads them, in the largest unit that divides them.
pub fn write_duration(span: TimeDelta) -> String {
    let seconds = span.num_seconds();
    let units = [(86_400, 'd'), (3_600, 'h'), (60, 'm')];
    let whole = units
        .into_iter()
        .find(|(unit, _)| seconds >= *unit && seconds % unit == 0);
    let (unit, letter) = whole.unwrap_or((1, 's'));
    format!("{}{letter}", seconds / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_is_milliseconds_or_seconds() {
        for (text, milliseconds) in [("150ms", 150), ("10ms", 10), ("2s", 2000), ("60s", 60_000)] {
            let expected = Ok(Duration::from_millis(milliseconds));
            assert_eq!(parse_patience(text), expected, "{text}");
        }
        for text in ["", "150", "9ms", "0s", "61s", "-1s", "1.5s", "1m", "ms"] {
            assert!(parse_patience(text).is_err(), "{text}");
        }
    }

    #[test]
    fn durations_are_a_number_and_a_unit() {
        for (text, seconds) in [
            ("1s", 1),
            ("90s", 90),
            ("10m", 600),
            ("1h", 3600),
            ("400d", 34_560_000),
        ] {
            assert_eq!(
                parse_duration(text),
                Ok(TimeDelta::seconds(seconds)),
                "{text}"
            );
            assert_eq!(write_duration(TimeDelta::seconds(seconds)), text);
        }
        for text in [
            "",
            "s",
            "10",
            "-1s",
            "0s",
            "1.5h",
            "1w",
            "ten s",
            "99999999999999d",
        ] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
