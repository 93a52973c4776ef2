//! The words of people's pages in Korean, English and Japanese, and whose language to speak.

use std::cmp::Reverse;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

/// A language people's pages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lang {
    /// Korean
    Ko,
    /// English
    En,
    /// Japanese
    Ja,
}

impl Lang {
    /// Every language, in the order in which pages offer them.
    pub const ALL: [Self; 3] = [Self::Ko, Self::Ja, Self::En];

    /// The language's tag, as `html lang`, the `lang` parameter and the cookie carry it.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Ko => "ko",
            Self::En => "en",
            Self::Ja => "ja",
        }
    }

    /// The language a BCP 47 tag such as `ko-KR` names, if pages are written in it.
    pub fn parse(tag: &str) -> Option<Self> {
        // Some platforms send the POSIX form, `ko_KR`.
        let primary = tag.trim().split(['-', '_']).next()?;
        Self::ALL
            .into_iter()
            .find(|lang| primary.eq_ignore_ascii_case(lang.tag()))
    }

    /// The first source that names a language pages are written in decides; without one, `default`.
    ///
    /// A source is one tag, a list (`ui_locales`), or an `Accept-Language` header with weights.
    pub fn pick(sources: &[Option<&str>], default: Self) -> Self {
        sources
            .iter()
            .flatten()
            .find_map(|source| Self::best_of(source))
            .unwrap_or(default)
    }

    fn best_of(source: &str) -> Option<Self> {
        let mut wanted: Vec<(u16, Self)> = source
            .split(if source.contains(',') { ',' } else { ' ' })
            .take(LONGEST_LIST)
            .filter_map(|range| {
                let mut parts = range.split(';');
                let lang = Self::parse(parts.next()?)?;
                Some((weight(parts.next()), lang))
            })
            .filter(|(weight, _)| *weight > 0)
            .collect();
        wanted.sort_by_key(|(weight, _)| Reverse(*weight)); // stable: equal weights keep their order
        wanted.first().map(|(_, lang)| *lang)
    }
}

/// Longer lists come from nobody's browser.
const LONGEST_LIST: usize = 32;

/// RFC 9110 §12.4.2: a weight in thousandths; 1 where none is given, 0 ("not acceptable") where it can't be read.
fn weight(parameter: Option<&str>) -> u16 {
    let Some(parameter) = parameter else {
        return 1000;
    };
    let value = parameter.trim().strip_prefix("q=").unwrap_or_default();
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    match whole {
        "1" => 1000,
        "0" if fraction.len() <= 3 => format!("{fraction:0<3}").parse().unwrap_or(0),
        _ => 0,
    }
}

/// Says the sentences of `locales/` in one language; cheap to copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words(Lang);

type Bundle = FluentBundle<FluentResource>;

static KO: LazyLock<Bundle> =
    LazyLock::new(|| bundle(Lang::Ko, include_str!("../../locales/ko.ftl")));
static EN: LazyLock<Bundle> =
    LazyLock::new(|| bundle(Lang::En, include_str!("../../locales/en.ftl")));
static JA: LazyLock<Bundle> =
    LazyLock::new(|| bundle(Lang::Ja, include_str!("../../locales/ja.ftl")));

/// Arguments that count something, so that sentences can choose between one and many.
/// All others stay text: a service called "007" keeps its zeros.
const COUNTS: [&str; 4] = ["count", "minutes", "month", "seconds"];

/// Stands in for an argument while [`Words::around`] cuts the sentence; no sentence contains it.
const PLACE: &str = "\u{FFFC}";

impl Words {
    /// The words of one language.
    pub fn new(lang: Lang) -> Self {
        Self(lang)
    }

    /// The language these words are in.
    pub fn lang(&self) -> Lang {
        self.0
    }

    /// The sentence called `key`.
    pub fn say(&self, key: &str) -> String {
        self.tell(key, &[])
    }

    /// The sentence called `key`, with its variables filled in; plain text, to be escaped by the template.
    pub fn tell(&self, key: &str, values: &[(&str, &str)]) -> String {
        let bundle = self.bundle();
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            // Tests hold every key in every language; should one slip through, its name is better than a failed page.
            tracing::error!(key, lang = self.0.tag(), "a sentence is missing");
            return key.to_owned();
        };
        let arguments: FluentArgs<'_> = values
            .iter()
            .map(|(name, value)| (*name, argument(name, value)))
            .collect();
        let mut errors = Vec::new();
        let sentence = bundle
            .format_pattern(pattern, Some(&arguments), &mut errors)
            .into_owned();
        if !errors.is_empty() {
            tracing::error!(
                key,
                lang = self.0.tag(),
                ?errors,
                "a sentence lacks a variable"
            );
        }
        sentence
    }

    /// What the sentence called `key` says before and after its variable `place`,
    /// so that a template can put a link there.
    pub fn around(&self, key: &str, place: &str) -> (String, String) {
        let sentence = self.tell(key, &[(place, PLACE)]);
        match sentence.split_once(PLACE) {
            Some((before, after)) => (before.to_owned(), after.to_owned()),
            None => (sentence, String::new()),
        }
    }

    /// How a sentence names the app a person came from; the app's name may be unknown.
    pub fn app(&self, client_name: Option<&str>) -> String {
        match client_name {
            Some(name) => self.tell("app-named", &[("client", name)]),
            None => self.say("app-unnamed"),
        }
    }

    fn bundle(self) -> &'static Bundle {
        match self.0 {
            Lang::Ko => &KO,
            Lang::En => &EN,
            Lang::Ja => &JA,
        }
    }
}

fn argument<'a>(name: &str, value: &'a str) -> FluentValue<'a> {
    if COUNTS.contains(&name) {
        FluentValue::try_number(value)
    } else {
        FluentValue::from(value)
    }
}

fn bundle(lang: Lang, text: &str) -> Bundle {
    let plural_rules_of: LanguageIdentifier = lang.tag().parse().unwrap_or_default();
    // What can be read of a broken file is kept: tests refuse broken files, a running server goes on.
    let resource =
        FluentResource::try_new(text.to_owned()).unwrap_or_else(|(resource, _)| resource);
    let mut bundle = Bundle::new_concurrent(vec![plural_rules_of]);
    bundle.set_use_isolating(false); // all three languages run left to right
    bundle.add_resource_overriding(resource);
    bundle
}

#[cfg(test)]
#[path = "i18n_tests.rs"]
mod tests;
