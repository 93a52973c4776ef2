//! What surrounds every page people see: the service's name, the bond, the language links, the footer.

use url::form_urlencoded;

use super::i18n::{Lang, Words};

/// The part all of people's pages share.
#[derive(Debug, Clone)]
pub struct Frame {
    /// The language of the page.
    pub words: Words,
    /// The operator's service, as people know it.
    pub service_name: String,
    /// What is being connected; only on pages that are about one connection.
    pub bond: Option<Bond>,
    /// The same page in each language; empty where the page can't be opened again (after a POST).
    pub languages: Vec<LanguageLink>,
    /// The operator's privacy policy: `/privacy`, or an address that was checked to be https.
    pub privacy_url: Option<String>,
    /// What the page is drawn with.
    pub stylesheet: String,
    /// The address of the service's logo, which takes the place of its letter.
    pub logo: Option<String>,
    /// The terms of service: an address that was checked to be https.
    pub terms_url: Option<String>,
    /// Whom to ask: a `mailto:` of a checked address, or an address that was checked to be https.
    pub contact: Option<String>,
}

/// The stylesheet of pages without colours of their own. It changes with every release.
pub fn stylesheet() -> String {
    format!("/static/linkgate.css?v={}", env!("CARGO_PKG_VERSION"))
}

impl Frame {
    /// Changes with every release, so that browsers fetch the new stylesheet.
    pub fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    /// The letter that stands for the service.
    pub fn service_mark(&self) -> String {
        mark(&self.service_name)
    }
}

/// The platform's side of what is being connected; the service's side is the frame's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bond {
    /// The letter that stands for the platform.
    pub platform_mark: String,
    /// The platform, as people know it.
    pub platform_name: String,
}

impl Bond {
    /// The bond to the platform of that name.
    pub fn to(platform_name: impl Into<String>) -> Self {
        let platform_name = platform_name.into();
        Self {
            platform_mark: mark(&platform_name),
            platform_name,
        }
    }
}

/// The letter that stands for a name where others would show a logo.
pub fn mark(name: &str) -> String {
    let letter = name.chars().find(|letter| letter.is_alphanumeric());
    letter.map_or_else(|| "·".to_owned(), |letter| letter.to_uppercase().collect())
}

/// A link to the same page in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanguageLink {
    /// The language.
    pub lang: Lang,
    /// The language's name in itself.
    pub label: String,
    /// The page's own address with a `lang` parameter.
    pub href: String,
    /// Whether the page is in this language already.
    pub current: bool,
}

impl LanguageLink {
    /// One link for each language to the page at `path` with these query parameters, without `lang`.
    pub fn to_page(path: &str, query: &[(&str, &str)], current: Lang) -> Vec<Self> {
        Lang::ALL
            .into_iter()
            .map(|lang| {
                let mut pairs = form_urlencoded::Serializer::new(String::new());
                pairs.extend_pairs(query).append_pair("lang", lang.tag());
                Self {
                    lang,
                    label: Words::new(lang).say("language-name"),
                    href: format!("{path}?{}", pairs.finish()),
                    current: lang == current,
                }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_the_first_letter_or_digit_of_the_name() {
        for (name, letter) in [
            ("CLOVA", "C"),
            ("한강피자", "한"),
            ("alexa", "A"),
            ("“7eleven”", "7"),
            ("🍕", "·"),
            ("", "·"),
        ] {
            assert_eq!(mark(name), letter);
        }
    }

    #[test]
    fn a_language_link_keeps_the_flow_and_escapes_it() {
        let links = LanguageLink::to_page("/login", &[("flow", "a&b=c")], Lang::Ja);
        let hrefs: Vec<_> = links
            .iter()
            .map(|link| (link.href.as_str(), link.current))
            .collect();
        assert_eq!(hrefs[1], ("/login?flow=a%26b%3Dc&lang=ja", true));
        assert_eq!(hrefs[2], ("/login?flow=a%26b%3Dc&lang=en", false));
    }
}
