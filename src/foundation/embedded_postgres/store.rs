//! What a new cluster gets before anybody connects: run once, by the server in single-user mode.

/// The role Linkgate works as. No superuser: a hole in Linkgate must not become a shell.
pub(super) const ROLE: &str = "linkgate";

/// The database Linkgate works in.
pub(super) const DATABASE: &str = "linkgate";

/// The role of administrators (`psql`, `pg_dump`), whom the socket lets in besides.
pub(super) const SUPERUSER: &str = "postgres";

/// One statement a line, as single-user mode reads them.
pub(super) const PROVISION: &str = "\
CREATE ROLE linkgate LOGIN;
CREATE DATABASE linkgate OWNER linkgate;
";
