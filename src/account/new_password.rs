//! What a person's new password must be (NIST SP 800-63B-4 §3.1.1.2): long enough, on no list of those
//! that attackers try first, and not made of what everybody knows about its owner. What letters it is
//! made of is nobody's business.

use zxcvbn::{
    Score,
    feedback::{Feedback, Warning},
    zxcvbn,
};

use super::password::{self, MIN_CHARACTERS, Unsuitable};
use crate::web::i18n::Words;

/// Enough to judge by; the estimate of longer ones takes long.
const JUDGED: usize = 64;
/// Shorter words are in too many passwords by chance.
const SHORTEST_WORD: usize = 4;

/// Why a new password is refused, and so what would be better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    /// It is too short.
    Short,
    /// It is too long to be hashed.
    Long,
    /// It is on the lists, or nearly.
    Common,
    /// It is the person's name or address, or the service's name.
    Personal,
    /// A row of keys, letters or numbers, or one thing repeated.
    Pattern,
    /// A date, or a year.
    Date,
    /// A word or a name.
    Word,
    /// It is easy to guess for no single reason.
    Guessable,
}

impl Weakness {
    /// The sentence that says so.
    pub fn sentence(self, words: Words) -> String {
        match self {
            Self::Short => words.say("password-short"),
            Self::Long => words.say("password-long"),
            Self::Common => words.say("password-common"),
            Self::Personal => words.say("password-personal"),
            Self::Pattern => words.say("password-pattern"),
            Self::Date => words.say("password-date"),
            Self::Word => words.say("password-word"),
            Self::Guessable => words.say("password-guessable"),
        }
    }
}

/// Checks a new password against what `about` says of its owner and the service. On a blocking thread,
/// because it takes a while.
pub async fn check(password: &str, about: &[&str]) -> Result<Result<(), Weakness>, anyhow::Error> {
    match password::check_new(password) {
        Ok(()) => {}
        Err(Unsuitable::Short) => return Ok(Err(Weakness::Short)),
        Err(Unsuitable::Long) => return Ok(Err(Weakness::Long)),
    }
    let password = zeroize::Zeroizing::new(password.to_owned());
    let about = words_of(about);
    let judged = tokio::task::spawn_blocking(move || judge(&password, &about)).await;
    judged.map_err(anyhow::Error::from)
}

/// The words somebody would try first.
fn words_of(about: &[&str]) -> Vec<String> {
    let all = about.iter().flat_map(|text| {
        let parts = text.split(|c: char| !c.is_alphanumeric());
        parts.chain(std::iter::once(*text))
    });
    let mut words: Vec<String> = all
        .map(str::to_lowercase)
        .filter(|word| word.chars().count() >= 2)
        .collect();
    // Longer ones first: what is left of a password shows better then.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words.dedup();
    words
}

fn judge(password: &str, about: &[String]) -> Result<(), Weakness> {
    let lower = password.to_lowercase();
    let long = about
        .iter()
        .filter(|word| word.chars().count() >= SHORTEST_WORD || !word.is_ascii());
    let rest = long.fold(lower.clone(), |rest, word| rest.replace(word.as_str(), ""));
    if rest != lower && rest.chars().count() < MIN_CHARACTERS {
        return Err(Weakness::Personal);
    }
    let judged: String = password.chars().take(JUDGED).collect();
    let inputs: Vec<&str> = about.iter().map(String::as_str).collect();
    let estimate = zxcvbn(&judged, &inputs);
    if estimate.score() >= Score::Two {
        return Ok(());
    }
    let warning = estimate.feedback().and_then(Feedback::warning);
    Err(match warning {
        Some(
            Warning::ThisIsATop10Password
            | Warning::ThisIsATop100Password
            | Warning::ThisIsACommonPassword
            | Warning::ThisIsSimilarToACommonlyUsedPassword,
        ) => Weakness::Common,
        Some(
            Warning::StraightRowsOfKeysAreEasyToGuess
            | Warning::ShortKeyboardPatternsAreEasyToGuess
            | Warning::RepeatsLikeAaaAreEasyToGuess
            | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess
            | Warning::SequencesLikeAbcAreEasyToGuess,
        ) => Weakness::Pattern,
        Some(Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess) => {
            Weakness::Date
        }
        Some(
            Warning::AWordByItselfIsEasyToGuess
            | Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
            | Warning::CommonNamesAndSurnamesAreEasyToGuess,
        ) => Weakness::Word,
        None => Weakness::Guessable,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(password: &str) -> Result<(), Weakness> {
        let about = ["김하늘", "haneul.kim@example.com", "Hangang Pizza"];
        judge(password, &words_of(&about))
    }

    #[test]
    fn what_attackers_try_first_is_refused_with_the_reason() {
        for (password, weakness) in [
            ("password", Weakness::Common),
            ("P@ssw0rd", Weakness::Common),
            ("drowssap", Weakness::Common),
            ("iloveyou1", Weakness::Common),
            ("qwertyuiop", Weakness::Common),
            ("aaaaaaaaaaaa", Weakness::Pattern),
            ("abcabcabcabc", Weakness::Pattern),
            ("abcdefghijkl", Weakness::Pattern),
            ("19900412", Weakness::Date),
            ("haneul.kim", Weakness::Personal),
            ("HangangPizza", Weakness::Personal),
            ("김하늘김하늘김하늘", Weakness::Personal),
            ("haneul1234", Weakness::Personal),
        ] {
            assert_eq!(verdict(password), Err(weakness), "{password}");
        }
    }

    #[test]
    fn what_is_hard_to_guess_is_fine_whatever_it_is_made_of() {
        for password in [
            "correct horse battery",
            "한강에서 치킨을 먹었다",
            "ochre tundra lamp",
            "zq8vkx2mph",
            "わたしのねこはさんさい",
            "haneul likes rainy tuesdays",
        ] {
            assert_eq!(verdict(password), Ok(()), "{password}");
        }
    }

    #[test]
    fn a_long_one_is_judged_in_bounded_time_and_never_panics() {
        for password in [
            "a1B2".repeat(32),
            "가".repeat(128),
            "\u{0}\u{1f469}\u{200d}".repeat(30),
        ] {
            assert_ne!(verdict(&password), Err(Weakness::Short));
        }
    }
}
