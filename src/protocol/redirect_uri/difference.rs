//! Where a redirect URI that was presented differs from the registered one: for whoever has to mend
//! it. It decides nothing: a URI is equal byte for byte, or refused.

/// The one thing that differs, or that more than one does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// White space around it.
    WhiteSpace,
    /// Upper and lower case.
    LetterCase,
    /// One of them ends in a slash.
    TrailingSlash,
    /// One of them is percent-encoded (once more).
    PercentEncoding,
    /// `http` and `https`, usually.
    Scheme,
    /// The host, or what is written before it.
    Host,
    /// The port.
    Port,
    /// The path.
    Path,
    /// The query.
    Query,
    /// A fragment, which no redirect URI may have.
    Fragment,
    /// It is another address altogether.
    Address,
}

/// RFC 3986 appendix B, with the authority cut at its port.
#[derive(PartialEq, Eq)]
struct Parts<'a> {
    scheme: &'a str,
    host: &'a str,
    port: &'a str,
    path: &'a str,
    query: &'a str,
    fragment: &'a str,
}

impl Difference {
    /// The registered URI that comes closest, and what keeps it from being equal. `None` where none is
    /// registered.
    pub fn nearest<'a>(presented: &str, registered: &'a [String]) -> Option<(Self, &'a str)> {
        let compared = registered
            .iter()
            .map(|registered| (Self::between(presented, registered), registered.as_str()));
        compared.min_by_key(|(difference, _)| *difference == Self::Address)
    }

    /// What differs between the two.
    pub fn between(presented: &str, registered: &str) -> Self {
        if presented.trim() == registered {
            return Self::WhiteSpace;
        }
        if presented.trim_end_matches('/') == registered.trim_end_matches('/') {
            return Self::TrailingSlash;
        }
        if presented.eq_ignore_ascii_case(registered) {
            return Self::LetterCase;
        }
        if decoded(presented) == decoded(registered) {
            return Self::PercentEncoding;
        }
        let (theirs, ours) = (Parts::of(presented), Parts::of(registered));
        let differing = [
            (theirs.scheme != ours.scheme, Self::Scheme),
            (theirs.host != ours.host, Self::Host),
            (theirs.port != ours.port, Self::Port),
            (theirs.path != ours.path, Self::Path),
            (theirs.query != ours.query, Self::Query),
            (theirs.fragment != ours.fragment, Self::Fragment),
        ];
        let mut differing = differing.into_iter().filter(|(differs, _)| *differs);
        match (differing.next(), differing.next()) {
            (Some((_, only)), None) => only,
            _ => Self::Address,
        }
    }

    /// The name of what differs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WhiteSpace => "white_space",
            Self::LetterCase => "letter_case",
            Self::TrailingSlash => "trailing_slash",
            Self::PercentEncoding => "percent_encoding",
            Self::Scheme => "scheme",
            Self::Host => "host",
            Self::Port => "port",
            Self::Path => "path",
            Self::Query => "query",
            Self::Fragment => "fragment",
            Self::Address => "address",
        }
    }
}

impl<'a> Parts<'a> {
    fn of(uri: &'a str) -> Self {
        let (uri, fragment) = uri.split_once('#').unwrap_or((uri, ""));
        let (uri, query) = uri.split_once('?').unwrap_or((uri, ""));
        let (scheme, rest) = uri.split_once("://").unwrap_or(("", uri));
        let slash = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at(slash);
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => (host, port),
            _ => (authority, ""),
        };
        Self {
            scheme,
            host,
            port,
            path,
            query,
            fragment,
        }
    }
}

/// A URI as it may be kept and shown: without what a query, a fragment or a user could carry.
pub fn without_values(uri: &str) -> String {
    let (uri, fragment) = uri.split_once('#').unwrap_or((uri, ""));
    let (uri, query) = uri.split_once('?').unwrap_or((uri, ""));
    let mut shown = match uri.split_once("://") {
        Some((scheme, rest)) => {
            let slash = rest.find('/').unwrap_or(rest.len());
            let (authority, path) = rest.split_at(slash);
            match authority.rsplit_once('@') {
                Some((_, host)) => format!("{scheme}://…@{host}{path}"),
                None => format!("{scheme}://{authority}{path}"),
            }
        }
        None => uri.to_owned(),
    };
    let names = query.split('&').filter(|pair| !pair.is_empty());
    for (pair, separator) in names.zip(std::iter::once('?').chain(std::iter::repeat('&'))) {
        let name = pair.split_once('=').map_or("", |(name, _)| name);
        shown.push(separator);
        shown.push_str(name);
        shown.push_str("=…");
    }
    if !fragment.is_empty() {
        shown.push_str("#…");
    }
    shown
}

/// Percent-decoded as often as it takes, a few times at most.
fn decoded(uri: &str) -> Vec<u8> {
    let mut bytes = uri.as_bytes().to_vec();
    for _ in 0..3 {
        bytes = decoded_once(&bytes);
    }
    bytes
}

fn decoded_once(bytes: &[u8]) -> Vec<u8> {
    let hex = |digit: u8| char::from(digit).to_digit(16);
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if let (b'%', [high, low, beyond @ ..]) = (first, after)
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            plain.push(u8::try_from(high * 16 + low).unwrap_or_default());
            rest = beyond;
        } else {
            plain.push(*first);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "https://platform.test:444/Call/back?a=1";

    #[test]
    fn the_one_thing_that_differs_is_named() {
        for (presented, difference) in [
            (" https://platform.test:444/Call/back?a=1\n", "white_space"),
            ("https://platform.test:444/call/back?a=1", "letter_case"),
            ("https://platform.test:444/Call/back?a=1/", "trailing_slash"),
            (
                "https%3A%2F%2Fplatform.test:444/Call/back?a=1",
                "percent_encoding",
            ),
            (
                "https://platform.test:444/%2543all/back?a=1",
                "percent_encoding",
            ),
            ("http://platform.test:444/Call/back?a=1", "scheme"),
            ("https://platform.example:444/Call/back?a=1", "host"),
            ("https://x@platform.test:444/Call/back?a=1", "host"),
            ("https://platform.test/Call/back?a=1", "port"),
            ("https://platform.test:444/Call/back/x?a=1", "path"),
            ("https://platform.test:444/Call/back?a=2", "query"),
            ("https://platform.test:444/Call/back", "query"),
            ("https://platform.test:444/Call/back?a=1#x", "fragment"),
            ("http://platform.example:444/Call/back?a=1", "address"),
            ("", "address"),
            ("%", "address"),
        ] {
            let found = Difference::between(presented, OURS).as_str();
            assert_eq!(found, difference, "{presented}");
        }
        let with_password = "https://u:secret@platform.test/cb";
        let found = Difference::between(with_password, "https://platform.test/cb");
        assert_eq!(found, Difference::Host);
    }

    #[test]
    fn the_nearest_registered_one_is_named() {
        let registered = ["https://a.test/1", "https://b.test/2/"].map(str::to_owned);
        let nearest = Difference::nearest("https://b.test/2", &registered);
        assert_eq!(
            nearest,
            Some((Difference::TrailingSlash, "https://b.test/2/"))
        );
        let nearest = Difference::nearest("https://c.test/3", &registered);
        assert_eq!(nearest, Some((Difference::Address, "https://a.test/1")));
        assert_eq!(Difference::nearest("https://c.test/3", &[]), None);
    }

    #[test]
    fn what_a_uri_could_carry_is_left_out() {
        for (uri, shown) in [
            ("https://platform.test/cb", "https://platform.test/cb"),
            (
                "https://u:secret@platform.test/cb",
                "https://…@platform.test/cb",
            ),
            (
                "https://platform.test/cb?state=s&code=c#t",
                "https://platform.test/cb?state=…&code=…#…",
            ),
            ("https://platform.test?secret", "https://platform.test?=…"),
            ("cb?x=1", "cb?x=…"),
        ] {
            assert_eq!(without_values(uri), shown);
        }
    }
}
