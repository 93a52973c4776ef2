//! Admins: those who run Linkgate, and the console they do it in.

pub mod accounts;
pub mod admins;
pub mod attempts;
pub mod chrome;
pub mod clear_factors;
pub mod clients;
pub mod console;
pub mod field;
pub mod flash;
pub mod guard;
pub mod history;
pub mod home;
pub mod identity;
pub mod invitations;
pub mod links;
pub mod login;
pub mod own;
pub mod paging;
pub mod passwords;
pub mod providers;
pub mod second_step;
pub mod seen;
pub mod session;
pub mod settings;
pub mod store;
pub mod when;

pub use self::identity::{Admin, AdminRole};
