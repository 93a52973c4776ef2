//! Scopes (RFC 6749 §3.3): parsed once, ordered, without duplicates, few enough for a bitmap.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

/// One scope, such as `account:email`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Scope(String);

/// The longest scope, in characters.
pub const MAX_LENGTH: usize = 64;

/// The largest set: an access token names its scopes as the bits of a `u32` over its link's.
pub const MAX_SCOPES: usize = 32;

/// Why a scope or a list of scopes was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// A scope must not be empty.
    #[error("a scope must not be empty")]
    Empty,
    /// Longer than [`MAX_LENGTH`].
    #[error("a scope may have at most {MAX_LENGTH} characters, {length} were given")]
    TooLong {
        /// How long it was, in bytes.
        length: usize,
    },
    /// RFC 6749 §3.3 allows printable ASCII without space, quote and backslash.
    #[error("a scope must not contain {character:?}")]
    ForbiddenCharacter {
        /// The first offender.
        character: char,
    },
    /// More than [`MAX_SCOPES`].
    #[error("at most {MAX_SCOPES} scopes may be listed")]
    TooMany,
}

impl Scope {
    /// The scope as it stands in a request.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        if text.is_empty() {
            return Err(ScopeError::Empty);
        }
        // RFC 6749 §3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
        let permitted = |c: &char| matches!(c, '\x21' | '\x23'..='\x5B' | '\x5D'..='\x7E');
        if let Some(character) = text.chars().find(|c| !permitted(c)) {
            return Err(ScopeError::ForbiddenCharacter { character });
        }
        if text.len() > MAX_LENGTH {
            return Err(ScopeError::TooLong { length: text.len() });
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Scopes in the order they were first named, each once, at most [`MAX_SCOPES`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ScopeSet(Vec<Scope>);

impl ScopeSet {
    /// Parses the `scope` parameter; text without a scope gives the empty set, which a caller
    /// treats as if the parameter was absent.
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        Self::from_names(text.split(' ').filter(|name| !name.is_empty()))
    }

    /// Parses scopes that already stand apart, such as a database array or repeated flags.
    pub fn from_names<Name: AsRef<str>>(
        names: impl IntoIterator<Item = Name>,
    ) -> Result<Self, ScopeError> {
        let mut scopes = Self::default();
        for name in names {
            scopes.insert(name.as_ref().parse()?)?;
        }
        Ok(scopes)
    }

    /// Adds a scope at the end unless it is there already.
    pub fn insert(&mut self, scope: Scope) -> Result<(), ScopeError> {
        if self.0.contains(&scope) {
            return Ok(());
        }
        if self.0.len() == MAX_SCOPES {
            return Err(ScopeError::TooMany);
        }
        self.0.push(scope);
        Ok(())
    }

    /// Whether this scope, by its name, is in the set.
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|scope| scope.as_str() == name)
    }

    /// Whether every scope of this set is in the other.
    pub fn is_subset_of(&self, other: &Self) -> bool {
        self.first_outside(other).is_none()
    }

    /// The first scope that the other set lacks, to be named in a refusal or a log line.
    pub fn first_outside(&self, other: &Self) -> Option<&Scope> {
        self.0.iter().find(|scope| !other.0.contains(scope))
    }

    /// The scopes in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Scope> {
        self.0.iter()
    }

    /// The scopes in order as strings, for a database array.
    pub fn to_names(&self) -> Vec<String> {
        self.0.iter().map(|scope| scope.0.clone()).collect()
    }

    /// How many scopes there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no scope is named.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The scopes of `other`, in its order, that are in this set too.
    #[must_use]
    pub fn within(&self, other: &Self) -> Self {
        let common = other.0.iter().filter(|scope| self.0.contains(scope));
        Self(common.cloned().collect())
    }

    /// One bit for each scope of `of`, lowest first, set where this set has it too; what `of`
    /// lacks is not in the answer.
    pub fn bitmap(&self, of: &Self) -> u32 {
        of.0.iter()
            .zip(0..)
            .filter(|(scope, _)| self.0.contains(scope))
            .fold(0, |bits, (_, place)| bits | (1_u32 << place))
    }

    /// The scopes of `of` whose bit is set: the inverse of [`Self::bitmap`].
    #[must_use]
    pub fn from_bitmap(bits: u32, of: &Self) -> Self {
        let named =
            of.0.iter()
                .zip(0..)
                .filter(|(_, place)| bits & (1_u32 << place) != 0);
        Self(named.map(|(scope, _)| scope.clone()).collect())
    }
}

impl<'a> IntoIterator for &'a ScopeSet {
    type Item = &'a Scope;
    type IntoIter = std::slice::Iter<'a, Scope>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { " " };
            write!(formatter, "{separator}{scope}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> ScopeSet {
        ScopeSet::parse(text).unwrap()
    }

    #[test]
    fn a_list_is_ordered_and_names_each_scope_once() {
        for (given, kept) in [
            ("account:id", "account:id"),
            ("listen_music basic_profile", "listen_music basic_profile"),
            ("b a b", "b a"),
            (" a  b ", "a b"),
            ("a,b", "a,b"),
            ("", ""),
            ("  ", ""),
        ] {
            assert_eq!(set(given).to_string(), kept);
        }
        assert!(set(" ").is_empty());
    }

    #[test]
    fn a_refusal_names_what_was_wrong() {
        let long = "x".repeat(MAX_LENGTH + 1);
        let many = (0..=MAX_SCOPES)
            .map(|n| format!("s{n}"))
            .collect::<Vec<_>>()
            .join(" ");
        for (given, error) in [
            ("a\"b", ScopeError::ForbiddenCharacter { character: '"' }),
            ("a\\b", ScopeError::ForbiddenCharacter { character: '\\' }),
            ("a\tb", ScopeError::ForbiddenCharacter { character: '\t' }),
            ("a\0", ScopeError::ForbiddenCharacter { character: '\0' }),
            ("점수", ScopeError::ForbiddenCharacter { character: '점' }),
            (
                &long,
                ScopeError::TooLong {
                    length: MAX_LENGTH + 1,
                },
            ),
            (&many, ScopeError::TooMany),
        ] {
            assert_eq!(ScopeSet::parse(given), Err(error));
        }
        assert_eq!("".parse::<Scope>(), Err(ScopeError::Empty));
        assert!("x".repeat(MAX_LENGTH).parse::<Scope>().is_ok());
    }

    #[test]
    fn a_wider_request_is_not_a_subset() {
        let granted = set("a b c");
        for (asked, outside) in [("", None), ("c a", None), ("a d e", Some("d"))] {
            let asked = set(asked);
            assert_eq!(asked.first_outside(&granted).map(Scope::as_str), outside);
            assert_eq!(asked.is_subset_of(&granted), outside.is_none());
        }
    }

    #[test]
    fn a_bitmap_follows_the_links_order_and_comes_back() {
        let link = set("a b c d");
        for (scopes, bits) in [
            ("", 0),
            ("a", 1),
            ("d a", 0b1001),
            ("a b c d", 0b1111),
            ("x b", 2),
        ] {
            assert_eq!(set(scopes).bitmap(&link), bits, "{scopes}");
        }
        assert_eq!(ScopeSet::from_bitmap(0b1010, &link), set("b d"));
        assert_eq!(ScopeSet::from_bitmap(u32::MAX, &link), link);

        let full = ScopeSet::from_names((0..MAX_SCOPES).map(|n| format!("s{n}"))).unwrap();
        assert_eq!(full.bitmap(&full), u32::MAX);
        assert_eq!(ScopeSet::from_bitmap(u32::MAX, &full), full);
        assert_eq!(ScopeSet::from_bitmap(1 << 31, &full), set("s31"));
    }

    #[test]
    fn a_set_is_a_json_list() {
        assert_eq!(serde_json::to_string(&set("a b")).unwrap(), r#"["a","b"]"#);
        assert_eq!(set("a b").to_names(), ["a", "b"]);
        assert!(set("a b").contains("b") && !set("a b").contains("B"));
    }

    #[test]
    fn a_set_is_counted_gone_through_and_cut_to_another() {
        for (text, len) in [("", 0), ("a", 1), ("a b c", 3)] {
            let scopes = set(text);
            assert_eq!((scopes.len(), scopes.is_empty()), (len, len == 0));
            let named: Vec<_> = (&scopes).into_iter().map(Scope::as_str).collect();
            assert_eq!(named.join(" "), text);
        }
        assert_eq!(set("c x a").within(&set("a b c")), set("a c"));
        assert_eq!(set("x").within(&set("a")), set(""));
    }
}
