//! What the process's environment says beside the settings.

use std::path::PathBuf;

use crate::foundation::embedded_postgres::Surroundings;

/// What the private PostgreSQL needs to know of the machine.
#[expect(
    clippy::disallowed_methods,
    reason = "this module is where the environment is read"
)]
pub fn surroundings() -> Surroundings {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let runtime_dir = std::env::var_os("XDG_RUNTIME_DIR").filter(|path| !path.is_empty());
    Surroundings {
        program_folders: std::env::split_paths(&path).collect(),
        runtime_dir: runtime_dir.map(PathBuf::from),
        temp_dir: std::env::temp_dir(),
        system_data_dir: "/var/lib/linkgate".into(),
    }
}

/// The program that runs, for commands shown to be copied.
pub fn program() -> PathBuf {
    std::env::current_exe().unwrap_or_else(|_| "linkgate".into())
}
