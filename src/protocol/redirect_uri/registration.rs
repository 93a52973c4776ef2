//! What a redirect URI must look like to be registered.

use super::host::{self, HostError};
use crate::protocol::parameters::{decode, hex_digit};

/// The longest redirect URI, in characters.
pub const MAX_LENGTH: usize = 2000;

/// Whether `http` to this very machine may be registered: for trying things out, while the server
/// itself is reached by a loopback address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoopbackHttp {
    /// `http://127.0.0.1:PORT/…` and `http://[::1]:PORT/…` are taken.
    Allowed,
    /// Only `https`.
    Refused,
}

/// Why a redirect URI can't be registered; the text tells the admin what to change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    /// Longer than [`MAX_LENGTH`].
    #[error("a redirect URI may have at most {MAX_LENGTH} characters, this one has {length}")]
    TooLong {
        /// Its length.
        length: usize,
    },
    /// A character that has no place in a URI, or none in a safe one.
    #[error("a redirect URI must not contain {character:?}")]
    ForbiddenCharacter {
        /// The first offender.
        character: char,
    },
    /// RFC 6749 §3.1.2 forbids fragments.
    #[error("a redirect URI must not have a fragment (#)")]
    Fragment,
    /// RFC 9700 §4.1.1: wildcards make open redirects.
    #[error("a redirect URI must not contain a wildcard (*): register each address")]
    Wildcard,
    /// Neither `https://` nor an allowed `http://`.
    #[error("a redirect URI must begin with https:// in lower case")]
    NotHttps,
    /// `http` beyond this machine, or where it is not allowed.
    #[error(
        "http is accepted only for http://127.0.0.1:PORT/ and http://[::1]:PORT/, by the custom \
         preset, while the public URL itself is a loopback address; use https"
    )]
    Http,
    /// `user@host` shows one host and leads to another.
    #[error("a redirect URI must not contain a user name or password (@ before the path)")]
    UserInfo,
    /// The host is not a public one.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The port is not a number from 1 to 65535.
    #[error("the port must be a number from 1 to 65535 without leading zeros")]
    Port,
    /// `.` or `..`, which a browser would resolve away.
    #[error("the path must not contain . or .. segments")]
    DotSegment,
    /// `//` in the path.
    #[error("the path must not contain empty segments (//)")]
    EmptySegment,
    /// An escape that is broken, hides a delimiter, or could have been the plain character.
    #[error("the escape {escape} is not accepted: {reason}")]
    Escape {
        /// The escape as it stands.
        escape: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The own query already has a parameter that the answer adds (RFC 6749 §4.1.2).
    #[error("the query must not contain {name}: the answer adds it")]
    ReservedParameter {
        /// The parameter.
        name: &'static str,
    },
}

/// The parameters of an authorization response: a second one would make the platform read a value
/// that is not ours.
const RESERVED: [&str; 6] = [
    "code",
    "state",
    "iss",
    "error",
    "error_description",
    "error_uri",
];

pub(super) fn check(text: &str, loopback: LoopbackHttp) -> Result<(), RegistrationError> {
    if text.len() > MAX_LENGTH {
        return Err(RegistrationError::TooLong {
            length: text.chars().count(),
        });
    }
    check_characters(text)?;

    let (rest, is_https) = if let Some(rest) = text.strip_prefix("https://") {
        (rest, true)
    } else if let Some(rest) = text.strip_prefix("http://") {
        (rest, false)
    } else {
        return Err(RegistrationError::NotHttps);
    };
    let (before_query, query) = rest
        .split_once('?')
        .map_or((rest, None), |(b, q)| (b, Some(q)));
    let (authority, path) = match before_query.find('/') {
        Some(slash) => before_query.split_at(slash),
        None => (before_query, ""),
    };

    if authority.contains('@') {
        return Err(RegistrationError::UserInfo);
    }
    let (host, port) = split_port(authority);
    if let Some(port) = port {
        check_port(port)?;
    }
    if is_https {
        host::check(host)?;
    } else {
        let is_this_machine = matches!(host, "127.0.0.1" | "[::1]") && port.is_some();
        if !(is_this_machine && loopback == LoopbackHttp::Allowed) {
            return Err(RegistrationError::Http);
        }
    }
    check_path(path)?;
    query.map_or(Ok(()), check_query)
}

fn check_characters(text: &str) -> Result<(), RegistrationError> {
    for character in text.chars() {
        match character {
            '#' => return Err(RegistrationError::Fragment),
            '*' => return Err(RegistrationError::Wildcard),
            // RFC 3986's characters without `;`, which some servers cut a path at ("..;/").
            '-' | '.' | '_' | '~' | ':' | '/' | '?' | '[' | ']' | '@' | '!' | '$' | '&' | '\''
            | '(' | ')' | '+' | ',' | '=' | '%' => {}
            _ if character.is_ascii_alphanumeric() => {}
            _ => return Err(RegistrationError::ForbiddenCharacter { character }),
        }
    }
    Ok(())
}

/// Parts `host:port`; the colons inside the brackets of an IPv6 address are its own.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    }
}

fn check_port(port: &str) -> Result<(), RegistrationError> {
    let is_canonical = port.bytes().all(|b| b.is_ascii_digit()) && !port.starts_with('0');
    match port.parse::<u16>() {
        Ok(_) if is_canonical => Ok(()),
        _ => Err(RegistrationError::Port),
    }
}

fn check_path(path: &str) -> Result<(), RegistrationError> {
    check_escapes(path, |byte| match byte {
        b'/' | b'\\' | b'?' | b'#' | b';' | b'%' | b'@' | b':' => {
            Some("it hides a character that means something in a URI")
        }
        b'-' | b'.' | b'_' | b'~' => Some("write the character itself"),
        _ if byte.is_ascii_alphanumeric() => Some("write the character itself"),
        _ => None,
    })?;
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        match segment {
            "." | ".." => return Err(RegistrationError::DotSegment),
            // The last one is empty where the path ends with a slash.
            "" if segments.peek().is_some() => return Err(RegistrationError::EmptySegment),
            _ => {}
        }
    }
    if let Some(character) = path.chars().find(|c| matches!(c, '[' | ']')) {
        return Err(RegistrationError::ForbiddenCharacter { character });
    }
    Ok(())
}

fn check_query(query: &str) -> Result<(), RegistrationError> {
    check_escapes(query, |_| None)?;
    for pair in query.split('&') {
        let name = pair.split_once('=').map_or(pair, |(name, _)| name);
        let name = decode(name.as_bytes()).unwrap_or_default();
        // `code[]=x` is `code` to some frameworks.
        let stem = name.split(|byte| *byte == b'[').next().unwrap_or_default();
        let reserved = RESERVED
            .iter()
            .find(|name| stem.eq_ignore_ascii_case(name.as_bytes()));
        if let Some(name) = reserved {
            return Err(RegistrationError::ReservedParameter { name });
        }
    }
    Ok(())
}

/// Checks every escape: two digits, no control or non-ASCII byte, and the part's own objections.
fn check_escapes(
    part: &str,
    objection: impl Fn(u8) -> Option<&'static str>,
) -> Result<(), RegistrationError> {
    for after in part.split('%').skip(1) {
        let mut digits = after.bytes().map(hex_digit);
        let (escape, reason) = match (digits.next().flatten(), digits.next().flatten()) {
            (Some(high), Some(low)) => {
                let byte = high << 4 | low;
                let reason = if byte.is_ascii_control() {
                    Some("it hides a control character")
                } else if byte.is_ascii() {
                    objection(byte)
                } else {
                    Some("it hides a character that is not ASCII")
                };
                (after.chars().take(2).collect::<String>(), reason)
            }
            _ => (
                after.chars().take(2).collect(),
                Some("% needs two hexadecimal digits"),
            ),
        };
        if let Some(reason) = reason {
            return Err(RegistrationError::Escape {
                escape: format!("%{escape}"),
                reason,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        match check(text, LoopbackHttp::Refused) {
            Ok(()) => "accepted".into(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn every_platforms_form_is_accepted() {
        for text in [
            "https://prod-ni-cic.clova.ai/v1/al/token/",
            "https://prod-ni-cic.clova.ai/v1/al/token/?vendorId=com.example~bot",
            "https://pitangui.amazon.com/api/skill/link/M2AAAAAAAAAAAA",
            "https://oauth-redirect.googleusercontent.com/r/my-project_1",
            "https://bot.example:8443/callback?next=https%3A%2F%2Fbot.example%2F&x=a+b",
            "https://bot.example/a%20b/@me/(x)",
            "https://8.8.8.8/callback",
            "https://[2001:4860:4860::8888]/callback",
        ] {
            assert_eq!(refusal(text), "accepted", "{text}");
        }
    }

    #[test]
    fn each_refusal_says_why() {
        for (text, reason) in [
            ("", "https://"),
            ("bot.example/x", "https://"),
            ("//bot.example/x", "https://"),
            ("https:/bot.example", "https://"),
            ("https:bot.example", "https://"),
            ("HTTPS://bot.example/", "https://"),
            ("JaVaScRiPt:alert(1)", "https://"),
            ("data:text/html,x", "https://"),
            ("file:///etc/passwd", "https://"),
            ("com.example.app:/oauth", "https://"),
            ("http://bot.example/", "http is accepted only"),
            ("http://127.0.0.1:9000/", "http is accepted only"),
            ("https://bot.example/#x", "fragment"),
            ("https://bot.example/#", "fragment"),
            ("https://*.bot.example/", "wildcard"),
            ("https://bot.example/*", "wildcard"),
            ("https://bot.example@evil.test/", "user name"),
            ("https://bot.example:443@evil.test", "user name"),
            ("https://a@b@evil.test/", "user name"),
            ("https:///x", "the host is missing"),
            ("https://?x", "the host is missing"),
            ("https://:443/x", "the host is missing"),
            ("https://bot.example:/x", "port"),
            ("https://bot.example:0/x", "port"),
            ("https://bot.example:0443/x", "port"),
            ("https://bot.example:65536/x", "port"),
            ("https://bot.example:+1/x", "port"),
            ("https://bot.example/a/../x", "segments"),
            ("https://bot.example/./x", "segments"),
            ("https://bot.example/..", "segments"),
            ("https://bot.example//evil.test", "empty segments"),
            ("https://bot.example/a//", "empty segments"),
        ] {
            assert!(refusal(text).contains(reason), "{text}: {}", refusal(text));
        }
        let longest = format!("{:x<MAX_LENGTH$}", "https://bot.example/");
        assert_eq!(refusal(&longest), "accepted");
        assert!(refusal(&format!("{longest}x")).contains("at most 2000"));
    }

    #[test]
    fn characters_outside_a_safe_uri_are_refused() {
        for character in " \t\r\n\0\\;<>\"{}|^`\u{7f}。ﬀ\u{200b}한".chars() {
            let text = format!("https://bot.example/a{character}b");
            let error = check(&text, LoopbackHttp::Refused).unwrap_err();
            assert_eq!(error, RegistrationError::ForbiddenCharacter { character });
        }
        assert!(refusal("https://bot.example/a[b]").contains("'['"));
    }

    #[test]
    fn an_escape_must_not_hide_anything() {
        for escape in [
            "%", "%2", "%zz", "%00", "%0d", "%0A", "%7f", "%2e", "%2F", "%5c", "%252e", "%3B",
            "%63",
        ] {
            assert!(
                refusal(&format!("https://bot.example/{escape}")).contains("escape"),
                "{escape}"
            );
        }
        for escape in ["%", "%zz", "%00", "%0d%0a", "%ff", "%EF%BC%8E"] {
            assert!(refusal(&format!("https://bot.example/?x={escape}")).contains("escape"));
        }
    }

    #[test]
    fn the_own_query_must_not_contain_what_the_answer_adds() {
        for query in [
            "code=x",
            "a=1&state",
            "iss=",
            "error=x",
            "error_description=x",
            "%63ode=x",
            "Code=x",
            "code[]=x",
        ] {
            let text = format!("https://bot.example/?{query}");
            assert!(refusal(&text).contains("the answer adds it"), "{query}");
        }
        for query in ["", "vendorId=x", "codes=x", "x=code", "mycode=1"] {
            assert_eq!(
                refusal(&format!("https://bot.example/?{query}")),
                "accepted",
                "{query}"
            );
        }
    }

    #[test]
    fn http_reaches_this_machine_only_and_only_where_allowed() {
        for (text, accepted) in [
            ("http://127.0.0.1:9000/callback", true),
            ("http://[::1]:9000/callback?x=1", true),
            ("http://127.0.0.1/callback", false),
            ("http://127.0.0.1:0/", false),
            ("http://127.0.0.2:9000/", false),
            ("http://localhost:9000/", false),
            ("http://127.0.0.1.evil.test:9000/", false),
            ("http://127.0.0.1:9000@evil.test/", false),
            ("http://0x7f000001:9000/", false),
            ("http://10.0.0.1:9000/", false),
            ("https://127.0.0.1:9000/", false),
        ] {
            assert_eq!(
                check(text, LoopbackHttp::Allowed).is_ok(),
                accepted,
                "{text}"
            );
        }
    }
}
