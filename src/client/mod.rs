//! Clients: one registration of one assistant platform each.

pub mod preset;
