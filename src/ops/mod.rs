//! For those who run the server: health, metrics, the cleaner and other work in the background.

pub mod background;
pub mod health;
pub mod key_schedule;
pub mod store;
