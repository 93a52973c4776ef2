//! The page that asks before somebody's second factors are cleared.

use askama::Template;

use super::chrome::Chrome;

/// Asks first: whoever says that they lost a phone may be somebody else.
#[derive(Debug, Template)]
#[template(path = "admin/factors_clear.html")]
pub struct ClearPage {
    /// What surrounds it.
    pub chrome: Chrome,
    /// Whose page this is about; the form is posted below it.
    pub back: String,
    /// Whose they are.
    pub who: String,
    /// What it means.
    pub what: &'static str,
}
