//! Colours as operators give them, and how well two can be told apart (WCAG 2.2).

use std::{fmt, str::FromStr};

/// An sRGB colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Colour([u8; 3]);

/// A text that is no colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a colour is # and six hexadecimal digits, such as #0b6b54")]
pub struct NotAColour;

impl Colour {
    /// `#ffffff`
    pub const WHITE: Self = Self([255; 3]);
    /// `#000000`
    pub const BLACK: Self = Self([0; 3]);

    /// The colour of these parts.
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self([red, green, blue])
    }

    /// WCAG 2.2, relative luminance: 0 is black, 1 is white.
    pub fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// WCAG 2.2, contrast ratio: from 1, the same, to 21, black on white.
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// With that many percent of another colour in it, 100 at most.
    #[must_use]
    pub fn mixed(self, other: Self, percent: u16) -> Self {
        let percent = percent.min(100);
        let mut mixed = self.0;
        for (part, other) in mixed.iter_mut().zip(other.0) {
            let sum = u16::from(*part) * (100 - percent) + u16::from(other) * percent;
            *part = u8::try_from((sum + 50) / 100).unwrap_or(u8::MAX);
        }
        Self(mixed)
    }

    /// The six digits without `#`, as addresses carry them.
    pub fn digits(self) -> String {
        let [red, green, blue] = self.0;
        format!("{red:02x}{green:02x}{blue:02x}")
    }

    /// The colour of six digits.
    pub fn from_digits(digits: &str) -> Result<Self, NotAColour> {
        let plain = digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let number = u32::from_str_radix(digits, 16).map_err(|_| NotAColour)?;
        let [_, red, green, blue] = number.to_be_bytes();
        plain.then_some(Self([red, green, blue])).ok_or(NotAColour)
    }
}

impl FromStr for Colour {
    type Err = NotAColour;

    fn from_str(text: &str) -> Result<Self, NotAColour> {
        Self::from_digits(text.strip_prefix('#').ok_or(NotAColour)?)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.digits())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(text: &str) -> Colour {
        text.parse().unwrap()
    }

    #[test]
    fn contrast_is_as_others_measure_it() {
        for (one, other, ratio) in [
            ("#000000", "#ffffff", 21.0),
            ("#ffffff", "#ffffff", 1.0),
            // The pairs that WCAG's own tools and texts are known by.
            ("#777777", "#ffffff", 4.48),
            ("#767676", "#ffffff", 4.54),
            ("#949494", "#ffffff", 3.03),
            ("#ff0000", "#ffffff", 4.00),
            ("#0000ff", "#ffffff", 8.59),
            ("#ffff00", "#ffffff", 1.07),
            ("#ff0000", "#0000ff", 2.15),
        ] {
            let (one, other) = (colour(one), colour(other));
            let found = one.contrast(other);
            assert!((found - ratio).abs() < 0.005, "{one} {other}: {found}");
            assert!((found - other.contrast(one)).abs() < f64::EPSILON);
        }
    }

    #[test]
    fn a_colour_is_written_as_it_is_read() {
        assert_eq!(colour("#0B6b54").to_string(), "#0b6b54");
        for text in [
            "",
            "#",
            "0b6b54",
            "#0b6b5",
            "#0b6b544",
            "#0b6b5g",
            "#+b6b54",
            "red",
            "#0b6",
            "#가가",
            "rgb(0,0,0)",
            "#0b6b54;",
            " #0b6b54",
        ] {
            assert!(text.parse::<Colour>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_mixture_lies_between_the_two() {
        let (black, white) = (Colour::BLACK, Colour::WHITE);
        assert_eq!(black.mixed(white, 0), black);
        assert_eq!(black.mixed(white, 100), white);
        assert_eq!(black.mixed(white, 50).to_string(), "#808080");
        assert_eq!(black.mixed(white, 900), white);
    }
}
