//! Times in words that are true in every time zone: minutes left, how long ago, and days.

use chrono::{DateTime, Datelike, Utc};

use super::i18n::Words;

/// How much longer a page can be answered, ready to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeLeft {
    /// Whole seconds, for the script that counts down.
    pub seconds: i64,
    /// "4 minutes", rounded down, so that nobody is promised more than there is.
    pub text: String,
}

impl TimeLeft {
    /// The time from `now` to `deadline`; nothing is left after it.
    pub fn until(deadline: DateTime<Utc>, now: DateTime<Utc>, words: Words) -> Self {
        let left = (deadline - now).max(chrono::Duration::zero());
        let text = match left.num_minutes() {
            0 => words.say("time-last"),
            minutes => words.tell("time-minutes", &[("minutes", &minutes.to_string())]),
        };
        Self {
            seconds: left.num_seconds(),
            text,
        }
    }
}

/// A day as people write it, with the instant for the browser, which knows the person's time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// RFC 3339, for the `datetime` attribute.
    pub datetime: String,
    /// "3 March 2026", in UTC.
    pub text: String,
}

impl Day {
    /// The day of `at`.
    pub fn of(at: DateTime<Utc>, words: Words) -> Self {
        let (year, month, day) = (
            at.year().to_string(),
            at.month().to_string(),
            at.day().to_string(),
        );
        Self {
            datetime: at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            text: words.tell("day", &[("year", &year), ("month", &month), ("day", &day)]),
        }
    }
}

/// "2 hours ago": how long before `now` something was, in the largest unit that fits.
pub fn ago(at: DateTime<Utc>, now: DateTime<Utc>, words: Words) -> String {
    let past = now - at;
    let (key, count) = match (past.num_minutes(), past.num_hours(), past.num_days()) {
        (..1, _, _) => return words.say("ago-now"),
        (minutes, ..1, _) => ("ago-minutes", minutes),
        (_, hours, ..1) => ("ago-hours", hours),
        (_, _, days @ ..30) => ("ago-days", days),
        (_, _, days) => ("ago-months", days / 30),
    };
    words.tell(key, &[("count", &count.to_string())])
}

#[cfg(test)]
mod tests {
    use chrono::{Duration, TimeZone};

    use super::*;
    use crate::web::i18n::Lang;

    fn noon() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 3, 3, 12, 0, 0).unwrap()
    }

    #[test]
    fn time_left_never_promises_more_than_there_is() {
        for (seconds, text) in [
            (-5, "1분 미만"),
            (0, "1분 미만"),
            (59, "1분 미만"),
            (60, "1분"),
            (299, "4분"),
        ] {
            let left = TimeLeft::until(
                noon() + Duration::seconds(seconds),
                noon(),
                Words::new(Lang::Ko),
            );
            assert_eq!((left.seconds, left.text.as_str()), (seconds.max(0), text));
        }
    }

    #[test]
    fn a_day_reads_as_people_of_that_language_write_it() {
        let day = |lang| Day::of(noon(), Words::new(lang)).text;
        assert_eq!(
            [day(Lang::Ko), day(Lang::En), day(Lang::Ja)],
            ["2026년 3월 3일", "3 March 2026", "2026年3月3日"]
        );
    }

    #[test]
    fn how_long_ago_uses_the_largest_unit_that_fits() {
        for (minutes, text) in [
            (-3, "just now"),
            (0, "just now"),
            (1, "a minute ago"),
            (59, "59 minutes ago"),
            (60, "an hour ago"),
            (26 * 60, "a day ago"),
            (29 * 24 * 60, "29 days ago"),
            (150 * 24 * 60, "5 months ago"),
        ] {
            assert_eq!(
                ago(
                    noon() - Duration::minutes(minutes),
                    noon(),
                    Words::new(Lang::En)
                ),
                text
            );
        }
    }
}
