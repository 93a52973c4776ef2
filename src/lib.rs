//! Linkgate: OAuth 2.0 account linking for voice assistants.
//!
//! One binary: pages where people log in and consent, the endpoints platforms talk to, the console
//! of those who run it. A module uses only modules above it; `tests/layout` keeps that true.

pub mod foundation;
pub mod config;
pub mod telemetry;
pub mod protocol;
pub mod web;
pub mod mail;
pub mod event;
pub mod template;
pub mod client;
pub mod factor;
pub mod account;
pub mod link;
pub mod self_service;
pub mod authorize;
pub mod token;
pub mod resolve;
pub mod chatbot;
pub mod cek;
pub mod simulate;
pub mod admin;
pub mod ops;
pub mod routes;
pub mod app;
pub mod cli;
