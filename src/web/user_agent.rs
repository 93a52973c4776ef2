//! What a browser says of itself, as people would say it.

use actix_web::{HttpRequest, http::header};

/// The most characters kept of it.
const MOST_KEPT: usize = 300;

/// A browser that names another one, too, for old web sites' sake comes before that one.
const BROWSERS: [(&str, &str); 14] = [
    ("NAVER(", "NAVER"),
    ("KAKAOTALK", "KakaoTalk"),
    (" Line/", "LINE"),
    ("Whale/", "Whale"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("EdgiOS/", "Edge"),
    ("EdgA/", "Edge"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
];

/// The request's `User-Agent`, as far as it can be kept; empty without one.
pub fn presented(request: &HttpRequest) -> String {
    let value = request.headers().get(header::USER_AGENT);
    let text = value.and_then(|value| value.to_str().ok());
    text.unwrap_or_default().chars().take(MOST_KEPT).collect()
}

/// The browser and the system it runs on, such as "Whale · Android"; `None` where neither is known.
pub fn spoken(user_agent: &str) -> Option<String> {
    let known = |table: &[(&str, &'static str)]| {
        let found = table.iter().find(|(sign, _)| user_agent.contains(sign));
        found.map(|(_, name)| *name)
    };
    match (known(&BROWSERS), known(&SYSTEMS)) {
        (Some(browser), Some(system)) => Some(format!("{browser} · {system}")),
        (one, other) => one.or(other).map(str::to_owned),
    }
}

/// What apps call themselves that show pages in a web view of their own.
const APPS: [&str; 10] = [
    "; wv)",
    "NAVER(",
    "KAKAOTALK",
    " Line/",
    "CLOVA",
    "FBAN/",
    "FBAV/",
    "Instagram",
    "DaumApps",
    "everytimeApp",
];
/// What browsers of iOS call themselves where they leave out `Safari/`.
const IOS_BROWSERS: [&str; 4] = ["Safari/", "CriOS/", "FxiOS/", "EdgiOS/"];

/// Whether an app shows the page in an embedded web view, as far as that can be told: sign-ins that
/// refuse to work there need not be offered. Nothing else depends on it.
pub fn is_web_view(user_agent: &str) -> bool {
    let says = |sign: &&str| user_agent.contains(*sign);
    let ios = ["iPhone", "iPad", "iPod"].iter().any(says);
    APPS.iter().any(says) || (ios && !IOS_BROWSERS.iter().any(says))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_web_view_is_told_from_a_browser() {
        let android =
            "Mozilla/5.0 (Linux; Android 14; SM-S918N) AppleWebKit/537.36 (KHTML, like Gecko)";
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
        for web_view in [
            "Mozilla/5.0 (Linux; Android 14; SM-S918N Build/UP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/131.0.0.0 Mobile Safari/537.36".to_owned(),
            format!("{android} Chrome/131.0.0.0 Mobile Safari/537.36 NAVER(inapp; search; 2000; 12.9.3)"),
            format!("{android} Chrome/131.0.0.0 Mobile Safari/537.36;KAKAOTALK 2410820"),
            format!("{android} Chrome/131.0.0.0 Mobile Safari/537.36 Line/14.19.1/IAB"),
            format!("{android} Chrome/131.0.0.0 Mobile Safari/537.36 CLOVA/3.26.0"),
            format!("{iphone} Mobile/15E148"),
            format!("{iphone} Version/18.1 Mobile/15E148 Safari/604.1 NAVER(inapp; search; 2000; 12.9.3; 15)"),
            format!("{iphone} Mobile/15E148 KAKAOTALK 25.1.0"),
            format!("{iphone} Mobile/15E148 Safari Line/14.19.0"),
            format!("{iphone} Mobile/15E148 [FBAN/FBIOS;FBAV/480.0]"),
        ] {
            assert!(is_web_view(&web_view), "{web_view}");
        }
        for browser in [
            format!("{android} Chrome/131.0.0.0 Mobile Safari/537.36"),
            format!("{android} Chrome/130.0.0.0 Whale/1.0.0.0 Crosswalk/30.130.0.20 Mobile Safari/537.36"),
            format!("{android} SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36"),
            format!("{iphone} Version/18.1 Mobile/15E148 Safari/604.1"),
            format!("{iphone} CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1"),
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15".to_owned(),
            "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0".to_owned(),
            String::new(),
        ] {
            assert!(!is_web_view(&browser), "{browser}");
        }
    }

    #[test]
    fn a_browser_is_called_what_people_call_it() {
        let android =
            "Mozilla/5.0 (Linux; Android 14; SM-S918N) AppleWebKit/537.36 (KHTML, like Gecko)";
        for (said, name) in [
            ("Chrome/131.0.0.0 Mobile Safari/537.36", "Chrome · Android"),
            (
                "Version/4.0 Chrome/131.0.0.0 Mobile Safari/537.36 NAVER(inapp; search; 2000; 12.9.3)",
                "NAVER · Android",
            ),
            (
                "Chrome/130.0.0.0 Whale/1.0.0.0 Crosswalk/30.130.0.20 Mobile Safari/537.36",
                "Whale · Android",
            ),
        ] {
            assert_eq!(spoken(&format!("{android} {said}")).as_deref(), Some(name));
        }
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
        let safari = format!("{iphone} Version/18.1 Mobile/15E148 Safari/604.1");
        assert_eq!(spoken(&safari).as_deref(), Some("Safari · iPhone"));
        let webview = format!("{iphone} Mobile/15E148");
        assert_eq!(spoken(&webview).as_deref(), Some("iPhone"));
        assert_eq!(spoken("curl/8.5.0"), None);
        assert_eq!(spoken(""), None);
    }
}
