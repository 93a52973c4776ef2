//! What everything stands on: time, randomness, secrets, ids, sealing, keys and the database.

pub mod clock;
pub mod coalesce;
pub mod db;
pub mod delivery;
pub mod embedded_postgres;
pub mod ids;
pub mod keys;
pub mod outbound;
pub mod owned_files;
pub mod random;
pub mod seal;
pub mod secret;
pub mod support_code;
