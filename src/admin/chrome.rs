//! What surrounds every page of the console, and the two pages that stand at its door.

use askama::Template;

use super::{Admin, AdminRole, flash::Done};

/// Changes with every release, so that browsers fetch the new stylesheet.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A part of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// What is going on.
    Home,
    /// The registrations of platforms.
    Clients,
    /// People.
    Accounts,
    /// What ties the two together.
    Links,
    /// Why linking went as it did.
    Attempts,
    /// Those who run this.
    Admins,
    /// Whom people may sign in with.
    Providers,
    /// The service, its privacy policy and its scopes.
    Settings,
}

impl Section {
    /// In the order of the navigation.
    const ALL: [(Self, &'static str, &'static str, AdminRole); 8] = [
        (Self::Home, "Home", "/admin", AdminRole::Viewer),
        (
            Self::Clients,
            "Clients",
            "/admin/clients",
            AdminRole::Viewer,
        ),
        (
            Self::Accounts,
            "Accounts",
            "/admin/accounts",
            AdminRole::Viewer,
        ),
        (Self::Links, "Links", "/admin/links", AdminRole::Viewer),
        (
            Self::Attempts,
            "Attempts",
            "/admin/attempts",
            AdminRole::Viewer,
        ),
        (Self::Admins, "Admins", "/admin/admins", AdminRole::Owner),
        (
            Self::Providers,
            "Sign-in",
            "/admin/providers",
            AdminRole::Owner,
        ),
        (
            Self::Settings,
            "Settings",
            "/admin/settings",
            AdminRole::Viewer,
        ),
    ];
}

/// One entry of the navigation.
#[derive(Debug, Clone, Copy)]
pub struct NavigationLink {
    /// What it says.
    pub label: &'static str,
    /// Where it leads.
    pub href: &'static str,
    /// Whether the page is in this section.
    pub current: bool,
}

/// The part all pages of the console share.
#[derive(Debug, Clone)]
pub struct Chrome {
    /// The sections the admin may open.
    pub navigation: Vec<NavigationLink>,
    /// Who is signed in.
    pub email: String,
    /// As what.
    pub role: &'static str,
    /// Whether this admin may change clients, accounts, links and settings.
    pub operates: bool,
    /// Whether this admin may manage admins and providers, too.
    pub owns: bool,
    /// What was just done.
    pub done: Option<&'static str>,
    /// The CSRF token of every form on the page.
    pub csrf: String,
}

impl Chrome {
    /// The chrome for this admin.
    pub fn new(admin: &Admin, section: Option<Section>, done: Option<Done>, csrf: String) -> Self {
        let allowed = Section::ALL
            .into_iter()
            .filter(|entry| admin.role >= entry.3);
        let navigation = allowed.map(|(entry, label, href, _)| NavigationLink {
            label,
            href,
            current: section == Some(entry),
        });
        Self {
            navigation: navigation.collect(),
            email: admin.email.clone(),
            role: admin.role.as_str(),
            operates: admin.role >= AdminRole::Operator,
            owns: admin.role >= AdminRole::Owner,
            done: done.map(Done::sentence),
            csrf,
        }
    }
}

/// Tells an admin that another role is needed.
#[derive(Debug, Template)]
#[template(path = "admin/forbidden.html")]
pub struct ForbiddenPage {
    /// The shared part.
    pub chrome: Chrome,
    /// The least role that would do.
    pub needed: &'static str,
}

/// Tells whoever posted a form without a session that nothing happened.
#[derive(Debug, Template)]
#[template(path = "admin/signed_out.html")]
pub struct SignedOutPage {
    /// The sign-in page that leads back.
    pub sign_in: String,
}
