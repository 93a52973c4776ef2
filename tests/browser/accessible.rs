//! Rules that every page people see has to keep, checked where the browser has worked it all out.

use chrono::TimeDelta;
use sqlx::PgPool;

use crate::{
    chrome::{Chrome, Kind},
    clova,
    harness::{Person, Registered, TestApp, tokens},
};

/// The narrowest phone, and text at 200 % on a common one.
const NARROW: Kind = Kind {
    width: 320,
    scripts: true,
};

/// What is wrong with the page, in words.
const FAULTS: &str = r"
    const faults = [];
    const shown = (it) => it.checkVisibility() && it.getClientRects().length > 0;
    const name = (it) => it.id || it.textContent.trim().slice(0, 40) || it.tagName;
    const all = (selector) => [...document.querySelectorAll(selector)].filter(shown);

    const width = document.documentElement.scrollWidth;
    if (width > screen.width) faults.push(`scrolls sideways: ${width} of ${screen.width}`);
    const scrolls = (it) => it && (getComputedStyle(it).overflowX !== 'visible' || scrolls(it.parentElement));
    for (const it of all('body *')) {
        if (scrolls(it.parentElement)) continue;
        const box = it.getBoundingClientRect();
        if (box.right > screen.width + 1 || (box.left < -1 && box.right > 0)) faults.push(`sticks out: ${it.tagName} ${name(it)}`);
    }
    for (const it of all('button, .button, summary, input:not([type=checkbox], [type=radio]), label:has(input), .foot a')) {
        const box = it.getBoundingClientRect();
        if (box.height < LEAST || box.width < LEAST) faults.push(`too small to tap: ${name(it)} ${box.width}x${box.height}`);
    }
    for (const it of all('button, a, summary')) {
        if (!it.textContent.trim()) faults.push(`says nothing: ${it.outerHTML}`);
    }
    for (const it of all('input, select, textarea')) {
        if (it.labels.length !== 1 || !it.labels[0].textContent.trim()) faults.push(`no label: ${it.outerHTML}`);
        // Smaller text makes phones zoom in when the field is tapped.
        if (!['checkbox', 'radio'].includes(it.type) && parseFloat(getComputedStyle(it).fontSize) < 16) faults.push(`small text: ${name(it)}`);
    }
    const headings = all('h1, h2, h3, h4, h5, h6').map((it) => Number(it.tagName[1]));
    if (headings.filter((level) => level === 1).length !== 1) faults.push(`not one h1: ${headings}`);
    headings.forEach((level, index) => {
        if (level > (headings[index - 1] ?? 0) + 1) faults.push(`a heading is left out: ${headings}`);
    });
    if (!document.documentElement.lang) faults.push('no language');
    if (all('main').length !== 1) faults.push('not one main');
    if (document.styleSheets.length !== 1) faults.push('not one stylesheet');

    const channel = (value) => { value /= 255; return value <= .04045 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4; };
    const luminance = (colour) => .2126 * channel(colour[0]) + .7152 * channel(colour[1]) + .0722 * channel(colour[2]);
    const parts = (text) => (text.match(/[\d.]+/g) ?? []).map(Number);
    const behind = (it) => {
        for (; it; it = it.parentElement) {
            const colour = parts(getComputedStyle(it).backgroundColor);
            if (colour[3] !== 0) return colour;
        }
        return [255, 255, 255];
    };
    for (const it of all('main *, footer *')) {
        const text = [...it.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
        if (!text || it.closest('[aria-hidden=true]')) continue;
        const [one, other] = [luminance(parts(getComputedStyle(it).color)), luminance(behind(it))];
        const contrast = (Math.max(one, other) + .05) / (Math.min(one, other) + .05);
        if (contrast < 4.5) faults.push(`hard to read: ${name(it)} ${contrast.toFixed(2)}`);
    }
    return faults";

async fn link(app: &TestApp, client: &Registered, person: &Person) {
    let url = clova::authorization_url(app, client, "s");
    let redirect = app.browser().approve(person, &url).await;
    let platform = app.platform(client);
    tokens(&platform.redeem(redirect.code(), &[]).await);
}

/// Checks a page of people's.
async fn check(chrome: &Chrome, page: &str, language: &str) {
    let shown: String = chrome.ask("return document.documentElement.lang").await;
    assert_eq!(shown, language, "{page}");
    find_faults(chrome, page, 44).await;
}

/// The same of whatever page is shown.
pub async fn check_shown(chrome: &Chrome) {
    let page = chrome.url().await;
    find_faults(chrome, page.path(), 44).await;
}

/// Checks a page of the console, where small buttons may stand in lines of text (WCAG 2.5.8).
pub async fn check_console(chrome: &Chrome) {
    let page = chrome.url().await;
    find_faults(chrome, page.path(), 24).await;
}

async fn find_faults(chrome: &Chrome, page: &str, least: u32) {
    let script = format!("const LEAST = {least};{FAULTS}");
    for scheme in ["light", "dark"] {
        chrome.prefer(scheme).await;
        let faults: Vec<String> = chrome.ask(&script).await;
        assert!(faults.is_empty(), "{page}, {scheme}: {faults:#?}");
    }
}

#[sqlx::test]
async fn every_page_fits_the_narrowest_phone_and_can_be_read_and_tapped(db: PgPool) {
    let app = TestApp::spawn(db).await;
    let client = clova::register(&app, "CLOVA").await;
    let long_name = clova::register(&app, "Speaker-of-the-living-room-and-the-kitchen").await;
    let email = "somebody.with.a.very.long.name@department.organisation.example.com";
    let person = app.person(email).await;
    link(&app, &client, &person).await;
    let chrome = Chrome::open_as(NARROW).await;
    for language in ["ko", "ja", "en"] {
        chrome
            .go(&format!("{}/login?lang={language}", app.url))
            .await;
        check(&chrome, "login", language).await;
        chrome.fill("#email", &person.email).await;
        chrome.fill("#password", "mistyped").await;
        chrome.tap_through(".fields button").await;
        check(&chrome, "login after a mistake", language).await;

        // Longer than the moment a failure locks an account for.
        app.clock.advance(TimeDelta::minutes(1));
        let url = clova::authorization_url(&app, &long_name, "s");
        chrome.go(&url).await;
        check(&chrome, "login in a flow", language).await;
        chrome.log_in(&person).await;
        check(&chrome, "consent", language).await;

        chrome.go(&format!("{}/account", app.url)).await;
        check(&chrome, "account", language).await;
        chrome.tap("summary").await;
        check(&chrome, "account with the question", language).await;
        chrome
            .go(&format!("{}/oauth/authorize?client_id=unknown", app.url))
            .await;
        check(&chrome, "error", language).await;
        chrome.go(&format!("{}/privacy", app.url)).await;
        check(&chrome, "privacy", language).await;

        chrome.go(&format!("{}/account", app.url)).await;
        chrome.tap_through("form[action='/logout'] button").await;
        check(&chrome, "logged out", language).await;
    }
}
