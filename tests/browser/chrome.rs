//! One Chromium window and the few things tests do with it.

use std::{process::Command, time::Duration};

use fantoccini::{
    Client, ClientBuilder, Locator,
    elements::Element,
    wd::{WebDriverCompatibleCommand, WindowHandle},
};
use hyper_util::client::legacy::connect::HttpConnector;
use oauth2::http::Method;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use url::Url;

use crate::chromedriver::Chromedriver;

/// Only this machine exists: `attacker.test` is another site on it, every other name but its own is unknown.
const RESOLVER: &str = "--host-resolver-rules=MAP attacker.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost";

const PATIENCE: Duration = Duration::from_secs(30);
const ENTER: &str = "\u{E007}";

/// What kind of browser it is.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// CSS pixels.
    pub width: u32,
    /// Whether pages may run JavaScript.
    pub scripts: bool,
}

impl Default for Kind {
    fn default() -> Self {
        Self {
            width: 390,
            scripts: true,
        }
    }
}

/// A Chromium with an empty profile. It ends when this is dropped.
pub struct Chrome {
    client: Client,
    kind: Kind,
    _driver: Chromedriver,
}

impl Chrome {
    /// The assistant's app on a phone.
    pub async fn open() -> Self {
        Self::open_as(Kind::default()).await
    }

    pub async fn open_as(kind: Kind) -> Self {
        let driver = Chromedriver::start();
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities(&driver, kind))
            .connect(&driver.url)
            .await
            .unwrap();
        Self {
            client,
            kind,
            _driver: driver,
        }
    }

    /// Opens an address.
    pub async fn go(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    /// What the address bar shows.
    pub async fn url(&self) -> Url {
        self.client.current_url().await.unwrap()
    }

    /// Waits for the first element that `selector` names.
    pub async fn find(&self, selector: &str) -> Element {
        let waiting = self.client.wait().at_most(PATIENCE);
        let found = waiting.for_element(Locator::Css(selector)).await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("no {selector} at {}: {error}", self.url().await),
        }
    }

    /// Whether the page has such an element now.
    pub async fn has(&self, selector: &str) -> bool {
        let found = self.client.find_all(Locator::Css(selector)).await;
        !found.unwrap().is_empty()
    }

    /// How many such elements can be seen.
    pub async fn find_all_shown(&self, selector: &str) -> usize {
        let found = self.client.find_all(Locator::Css(selector)).await.unwrap();
        let mut shown = 0;
        for element in found {
            shown += usize::from(element.is_displayed().await.unwrap());
        }
        shown
    }

    pub async fn text(&self, selector: &str) -> String {
        self.find(selector).await.text().await.unwrap()
    }

    /// Presses a button or follows a link.
    pub async fn tap(&self, selector: &str) {
        let target = self.find(selector).await;
        // Chromedriver can't tell where a finger goes while scripts are off; the key does the same.
        if self.kind.scripts {
            target.click().await.unwrap();
        } else {
            target.send_keys(ENTER).await.unwrap();
        }
    }

    /// Presses what leads to another page, and waits until that is there.
    pub async fn tap_through(&self, selector: &str) {
        let left: f64 = self.ask("return performance.timeOrigin").await;
        self.tap(selector).await;
        let what = format!("the page behind {selector}");
        self.until(&what, async || {
            let (came, state): (f64, String) = self
                .ask_if_still("return [performance.timeOrigin, document.readyState]")
                .await?;
            (came.total_cmp(&left).is_ne() && state == "complete").then_some(())
        })
        .await;
    }

    /// Types into a field, in place of what was in it.
    pub async fn fill(&self, selector: &str, text: &str) {
        let field = self.find(selector).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Runs a function body in the page and gives what it returns. Works with scripts off, too.
    pub async fn ask<T: DeserializeOwned>(&self, script: &str) -> T {
        let value = self.client.execute(script, Vec::new()).await.unwrap();
        serde_json::from_value(value).unwrap()
    }

    /// The same while the page may be on its way out.
    async fn ask_if_still<T: DeserializeOwned>(&self, script: &str) -> Option<T> {
        let value = self.client.execute(script, Vec::new()).await.ok()?;
        serde_json::from_value(value).ok()
    }

    /// The status the page came with.
    pub async fn status(&self) -> u16 {
        self.ask("return performance.getEntriesByType('navigation')[0].responseStatus")
            .await
    }

    /// Waits until the address bar shows an address that fits, and the page is there.
    pub async fn arrive(&self, what: &str, fits: impl Fn(&Url) -> bool) -> Url {
        self.until(what, async || {
            let url = self.url().await;
            let state: String = self.ask_if_still("return document.readyState").await?;
            (fits(&url) && state == "complete").then_some(url)
        })
        .await
    }

    /// Waits until `condition` gives something.
    pub async fn until<T>(&self, what: &str, mut condition: impl AsyncFnMut() -> Option<T>) -> T {
        let waiting = async {
            loop {
                if let Some(found) = condition().await {
                    return found;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if let Ok(found) = tokio::time::timeout(PATIENCE, waiting).await {
            return found;
        }
        panic!("never came: {what}; now at {}", self.url().await)
    }

    pub async fn active_element(&self) -> Element {
        self.client.active_element().await.unwrap()
    }

    /// Presses keys, wherever the focus is.
    pub async fn press(&self, keys: &str) {
        self.active_element().await.send_keys(keys).await.unwrap();
    }

    /// Goes on in the first frame of the page.
    pub async fn enter_frame(&self, index: u16) {
        self.client.enter_frame(index).await.unwrap();
    }

    pub async fn leave_frame(&self) {
        self.client.enter_parent_frame().await.unwrap();
    }

    /// The tab in use.
    pub async fn tab(&self) -> WindowHandle {
        self.client.window().await.unwrap()
    }

    /// Opens another tab and goes on there.
    pub async fn open_tab(&self) -> WindowHandle {
        let tab = self.client.new_window(true).await.unwrap().handle;
        self.switch_to(&tab).await;
        tab
    }

    pub async fn switch_to(&self, tab: &WindowHandle) {
        self.client.switch_to_window(tab.clone()).await.unwrap();
    }

    pub async fn back(&self) {
        self.client.back().await.unwrap();
    }

    /// Lets the person's device prefer `light` or `dark` pages.
    pub async fn prefer(&self, scheme: &str) {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        let parameters = json!({ "features": [feature] });
        self.command("Emulation.setEmulatedMedia", parameters).await;
    }

    /// As if the person had agreed. Writing needs no permission, and is refused once this is granted.
    pub async fn allow_reading_the_clipboard(&self) {
        let parameters = json!({ "permissions": ["clipboardReadWrite"] });
        self.command("Browser.grantPermissions", parameters).await;
    }

    /// Has that run before any script of a page, as in a browser that is made so.
    pub async fn before_each_page(&self, script: &str) {
        let parameters = json!({ "source": script });
        let name = "Page.addScriptToEvaluateOnNewDocument";
        self.command(name, parameters).await;
    }

    /// Gives the phone a place for passkeys, and a finger that is always right; gives its id.
    pub async fn add_authenticator(&self) -> String {
        let authenticator = json!({
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": true,
            "hasUserVerification": true,
            "isUserConsenting": true,
            "isUserVerified": true,
        });
        let path = "webauthn/authenticator".to_owned();
        let id = self.issue(path, authenticator).await;
        id.as_str().unwrap().to_owned()
    }

    /// Whether the finger is right from now on.
    pub async fn verify_people(&self, authenticator: &str, verified: bool) {
        let path = format!("webauthn/authenticator/{authenticator}/uv");
        self.issue(path, json!({ "isUserVerified": verified }))
            .await;
    }

    async fn command(&self, name: &'static str, parameters: Value) {
        let body = json!({ "cmd": name, "params": parameters });
        self.issue("goog/cdp/execute".to_owned(), body).await;
    }

    async fn issue(&self, path: String, body: Value) -> Value {
        let command = OwnCommand { path, body };
        self.client.issue_cmd(command).await.unwrap()
    }
}

/// A command that the driver knows and the client does not: of Chromium's own protocol, or of W3C Web
/// Authentication's section about automation.
#[derive(Debug)]
struct OwnCommand {
    path: String,
    body: Value,
}

impl WebDriverCompatibleCommand for OwnCommand {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        let session = session.unwrap_or_default();
        base.join(&format!("session/{session}/{}", self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

fn capabilities(driver: &Chromedriver, kind: Kind) -> Map<String, Value> {
    let profile = format!("--user-data-dir={}", driver.profile.display());
    let mut arguments = vec![
        "--headless",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-crash-reporter",
        "--disable-sync",
        // Colours and places are then what they will be, at once.
        "--force-prefers-reduced-motion",
        "--no-first-run",
        "--lang=en",
        "--window-size=390,844",
        RESOLVER,
        &profile,
    ];
    if !can_sandbox() {
        arguments.push("--no-sandbox");
    }
    let scripts = if kind.scripts { 1 } else { 2 };
    let screen = json!({ "width": kind.width, "height": 844, "pixelRatio": 1, "mobile": true, "touch": true });
    let capabilities = json!({
        "browserName": "chrome",
        "goog:chromeOptions": {
            "binary": driver.browser,
            "args": arguments,
            "mobileEmulation": { "deviceMetrics": screen },
            "prefs": {
                "intl.accept_languages": "en",
                "profile.managed_default_content_settings.javascript": scripts,
            },
        },
    });
    match capabilities {
        Value::Object(capabilities) => capabilities,
        _ => Map::new(),
    }
}

/// Chromium's sandbox refuses root, and some containers refuse the sandbox. The pages it opens here
/// are all our own.
fn can_sandbox() -> bool {
    let separate = Command::new("unshare").args(["--user", "true"]).output();
    !nix::unistd::geteuid().is_root() && separate.is_ok_and(|done| done.status.success())
}
