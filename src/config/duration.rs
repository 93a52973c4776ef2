//! Durations as people write them: `120s`, `10m`, `1h`, `400d`.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_a_number_and_a_unit() {
        for (text, seconds) in [
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
