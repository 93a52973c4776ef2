//! What CLOVA speaks at once: so many characters a sentence, and so many in all (`clova.md` 3.4).

use super::registration::MAX_SENTENCE;

/// The most characters of a whole answer.
pub const MAX_SPEECH: usize = 1000;

/// The sentences of a text, each with what parts it from the next one.
pub fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (sentence, after) = rest.split_at(end_of_first(rest));
        rest = after;
        (!sentence.is_empty()).then_some(sentence)
    })
}

/// A full stop ends a sentence only before a space: `3.5` goes on.
fn end_of_first(text: &str) -> usize {
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let is_last = characters
            .peek()
            .is_none_or(|(_, next)| next.is_whitespace());
        let ends = match character {
            '\n' | '。' | '！' | '？' => true,
            '.' | '!' | '?' => is_last,
            _ => false,
        };
        if ends {
            let after = text.get(at..).unwrap_or_default();
            let spaces = after.chars().skip(1).take_while(|c| c.is_whitespace());
            return at + character.len_utf8() + spaces.map(char::len_utf8).sum::<usize>();
        }
    }
    text.len()
}

/// A text as CLOVA takes it: what is too long is cut, a sentence at its end, the whole between two.
pub fn fitted(text: &str) -> String {
    let plain = |c: char| if c.is_control() && c != '\n' { ' ' } else { c };
    let text: String = text.trim().chars().map(plain).collect();
    let (mut spoken, mut length) = (String::new(), 0);
    for sentence in sentences(&text) {
        let sentence = cut(sentence);
        length += sentence.chars().count();
        if length > MAX_SPEECH {
            break;
        }
        spoken.push_str(&sentence);
    }
    spoken.truncate(spoken.trim_end().len());
    spoken
}

fn cut(sentence: &str) -> String {
    if sentence.chars().count() <= MAX_SENTENCE {
        return sentence.to_owned();
    }
    let kept: String = sentence.chars().take(MAX_SENTENCE - 2).collect();
    format!("{kept}. ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_taken_apart_where_its_sentences_end() {
        for (text, parts) in [
            ("", &[][..]),
            ("하나", &["하나"]),
            ("하나. 둘! 셋?", &["하나. ", "둘! ", "셋?"]),
            ("3.5점이에요. 네", &["3.5점이에요. ", "네"]),
            ("はい。いいえ？", &["はい。", "いいえ？"]),
            ("a\n\nb", &["a\n\n", "b"]),
        ] {
            assert_eq!(sentences(text).collect::<Vec<_>>(), parts, "{text}");
        }
    }

    #[test]
    fn what_is_spoken_never_has_more_than_200_characters_a_sentence_and_1000_in_all() {
        assert_eq!(fitted(" 김하늘님, 12점.\t네\0 "), "김하늘님, 12점. 네");
        let texts = [
            "가".repeat(5000),
            format!("{}. ", "a".repeat(199)).repeat(9),
            "짧아요. ".repeat(500),
            format!("짧아요. {}", "가 ".repeat(300)),
            "x.".repeat(400),
        ];
        for text in texts {
            let spoken = fitted(&text);
            assert!(!spoken.is_empty());
            assert!(spoken.chars().count() <= MAX_SPEECH, "{spoken}");
            let longest = sentences(&spoken).map(|part| part.chars().count()).max();
            assert!(longest <= Some(MAX_SENTENCE), "{spoken}");
        }
    }
}
