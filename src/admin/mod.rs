//! Admins: those who run Linkgate, and the console they do it in.

pub mod identity;
pub mod store;

pub use self::identity::{Admin, AdminRole};
