//! Addresses that people are sent to: https, and nothing that could break out of where they are shown.

/// The longest one, in bytes.
pub const MAX_BYTES: usize = 2000;

/// Whether the text is a whole https URL, in plain ASCII as browsers send it.
pub fn is_https_url(text: &str) -> bool {
    let plain = text.len() <= MAX_BYTES && text.chars().all(|c| c.is_ascii_graphic());
    plain && url::Url::parse(text).is_ok_and(|url| url.scheme() == "https" && url.has_host())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_and_whole_https_url_will_do() {
        for good in ["https://a.example", "https://a.example/b?c=%20#d"] {
            assert!(is_https_url(good), "{good}");
        }
        let long = format!("https://a.example/{}", "x".repeat(MAX_BYTES));
        for bad in [
            "",
            "/b",
            "http://a.example/",
            "javascript:alert(1)",
            "https:///",
            " https://a.example/",
            "https://a.example/\n b",
            "https://a.example/한",
            &long,
        ] {
            assert!(!is_https_url(bad), "{bad}");
        }
    }
}
