//! The pages of signing in with others.

use askama::Template;

use super::directory::Button;
use crate::{account::way_in::OnTheWay, web::frame::Frame};

/// Says why somebody is not signed in, and leads on.
#[derive(Debug, Template)]
#[template(path = "account/provider/trouble.html")]
pub struct TroublePage {
    /// The shared part.
    pub frame: Frame,
    /// What it carries.
    pub way: OnTheWay,
    /// The heading.
    pub title: String,
    /// What happened.
    pub explanation: String,
    /// What to do.
    pub what_to_do: String,
    /// Whether something failed.
    pub failed: bool,
    /// The provider again, where another try may help.
    pub buttons: Vec<Button>,
    /// What else can be done: its label and its address.
    pub back: (String, String),
}

/// `/login/connect`: asks whether this sign-in is to be this account's.
#[derive(Debug, Template)]
#[template(path = "account/provider/connect.html")]
pub struct ConnectPage {
    /// The shared part.
    pub frame: Frame,
    /// What it carries.
    pub way: OnTheWay,
    /// What people call the provider.
    pub provider: String,
    /// Whose sign-in it is there, as far as that is known.
    pub theirs: String,
    /// The account's name.
    pub account_name: String,
    /// The account's address.
    pub account_email: String,
}

/// `/signup/with`: makes an account for who signed in with a provider.
#[derive(Debug, Template)]
#[template(path = "account/provider/newcomer.html")]
pub struct NewcomerPage {
    /// The shared part.
    pub frame: Frame,
    /// What it carries.
    pub way: OnTheWay,
    /// What people call the provider.
    pub provider: String,
    /// The code that was typed for the address, if one was.
    pub ticket: Option<String>,
    /// The address.
    pub email: String,
    /// Whether it is proven, so that it can't be changed here.
    pub email_proven: bool,
    /// Whether it can't be one.
    pub email_is_wrong: bool,
    /// The name.
    pub name: String,
    /// Whether that won't do.
    pub name_is_wrong: bool,
    /// What stands above the form.
    pub above: Option<String>,
}
