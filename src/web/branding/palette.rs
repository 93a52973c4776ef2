//! What becomes of an accent colour: the shades that pages are drawn with, in light and in dark, each
//! readable on what it stands on.

use std::fmt::Write;

use super::colour::Colour;

/// What a button needs to be found on its page (WCAG 2.2, 1.4.11).
pub const TO_BE_FOUND: f64 = 3.0;
/// What text needs to be read (WCAG 2.2, 1.4.3).
pub const TO_BE_READ: f64 = 4.5;

/// So near to black that it or white can be read on any colour.
const NEAR_BLACK: Colour = Colour::new(5, 5, 5);

/// How a page is drawn, as the browser asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// The accent of each scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Accents {
    /// On light pages.
    pub light: Colour,
    /// On dark ones.
    pub dark: Colour,
}

/// What an accent gives in one scheme.
#[derive(Debug, Clone, Copy)]
pub struct Shades {
    /// The accent itself: what buttons are filled with.
    pub fill: Colour,
    /// What is written on them.
    pub ink: Colour,
    /// Buttons under the pointer.
    pub deep: Colour,
    /// Links and marks: the accent, if need be so much deeper that it can be read.
    pub text: Colour,
    /// Behind marks.
    pub wash: Colour,
}

impl Scheme {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// `--paper` and `--card` of the stylesheet.
    pub const fn grounds(self) -> [Colour; 2] {
        match self {
            Self::Light => [Colour::new(0xfa, 0xf9, 0xf6), Colour::WHITE],
            Self::Dark => [Colour::new(0x10, 0x15, 0x13), Colour::new(0x17, 0x1e, 0x1b)],
        }
    }

    /// How well a colour stands out from its pages, wherever on them it is.
    pub fn contrast(self, colour: Colour) -> f64 {
        let ratios = self.grounds().map(|ground| colour.contrast(ground));
        ratios.into_iter().fold(f64::INFINITY, f64::min)
    }

    /// What a colour is mixed with to stand out more.
    const fn away(self) -> Colour {
        match self {
            Self::Light => Colour::BLACK,
            Self::Dark => Colour::WHITE,
        }
    }

    /// The colour, or as little away from it as is enough.
    fn until(self, colour: Colour, enough: impl Fn(Colour) -> bool) -> Colour {
        let mixed = (0..=100).map(|percent| colour.mixed(self.away(), percent));
        mixed
            .into_iter()
            .find(|mixed| enough(*mixed))
            .unwrap_or(self.away())
    }
}

impl Accents {
    /// With an own accent for dark pages, or the other one so much lighter that it is found there.
    pub fn new(light: Colour, dark: Option<Colour>) -> Self {
        let found = |colour: Colour| Scheme::Dark.contrast(colour) >= TO_BE_FOUND;
        let dark = dark.unwrap_or_else(|| Scheme::Dark.until(light, found));
        Self { light, dark }
    }

    /// What the pages of a scheme are drawn with.
    pub fn shades(self, scheme: Scheme) -> Shades {
        let fill = match scheme {
            Scheme::Light => self.light,
            Scheme::Dark => self.dark,
        };
        let (ink, other) = if fill.contrast(Colour::WHITE) >= fill.contrast(NEAR_BLACK) {
            (Colour::WHITE, Colour::BLACK)
        } else {
            (NEAR_BLACK, Colour::WHITE)
        };
        let [_, card] = scheme.grounds();
        let wash = card.mixed(fill, 12);
        let read = |colour: Colour| {
            scheme.contrast(colour) >= TO_BE_READ && colour.contrast(wash) >= TO_BE_READ
        };
        Shades {
            fill,
            ink,
            deep: fill.mixed(other, 18),
            text: scheme.until(fill, read),
            wash,
        }
    }

    /// What comes after the stylesheet that everybody has.
    pub fn rules(self) -> String {
        let mut rules = String::new();
        for (scheme, opened, closed) in [
            (Scheme::Light, "", ""),
            (Scheme::Dark, "@media (prefers-color-scheme: dark) { ", " }"),
        ] {
            let Shades {
                fill,
                ink,
                deep,
                text,
                wash,
            } = self.shades(scheme);
            // Writing into a text can't fail.
            let _ = writeln!(
                rules,
                "{opened}:root {{ --fill: {fill}; --accent: {text}; --accent-ink: {ink}; \
                 --accent-deep: {deep}; --accent-wash: {wash}; }}{closed}"
            );
        }
        rules
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::assets::STYLESHEET;

    /// Colours all over the cube.
    fn many() -> impl Iterator<Item = Colour> {
        let parts = || (0..=255).step_by(15);
        let pairs = parts().flat_map(move |red| parts().map(move |green| (red, green)));
        pairs.flat_map(move |(red, green)| parts().map(move |blue| Colour::new(red, green, blue)))
    }

    #[test]
    fn whatever_the_accent_is_everything_drawn_with_it_can_be_read() {
        for colour in many() {
            let accents = Accents::new(colour, None);
            for scheme in [Scheme::Light, Scheme::Dark] {
                let shades = accents.shades(scheme);
                assert!(shades.ink.contrast(shades.fill) >= TO_BE_READ, "{shades:?}");
                assert!(shades.ink.contrast(shades.deep) >= TO_BE_READ, "{shades:?}");
                assert!(scheme.contrast(shades.text) >= TO_BE_READ, "{shades:?}");
                assert!(
                    shades.text.contrast(shades.wash) >= TO_BE_READ,
                    "{shades:?}"
                );
            }
            assert!(Scheme::Dark.contrast(accents.dark) >= TO_BE_FOUND);
        }
    }

    #[test]
    fn a_dark_accent_is_derived_only_as_far_as_it_must_be() {
        let light: Colour = "#57c3a3".parse().unwrap();
        assert_eq!(Accents::new(light, None).dark, light);
        let navy: Colour = "#1a237e".parse().unwrap();
        let derived = Accents::new(navy, None).dark;
        assert!(derived != navy && Scheme::Dark.contrast(derived) < TO_BE_FOUND + 0.3);
        assert_eq!(Accents::new(light, Some(navy)).dark, navy);
    }

    #[test]
    fn the_grounds_are_those_of_the_stylesheet() {
        for scheme in [Scheme::Light, Scheme::Dark] {
            let [paper, card] = scheme.grounds();
            let written = format!("--paper: {paper}; --card: {card};");
            assert!(STYLESHEET.contains(&written), "{written}");
        }
    }
}
