//! The first start and the later ones, and what is refused.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::process::Command;

use linkgate::foundation::embedded_postgres::{EmbeddedPostgres, Mode, StartError};
use nix::unistd::geteuid;
use sqlx::{ConnectOptions, Connection, Row};

use crate::harness::{Folder, notes, write_note};

#[tokio::test]
async fn a_restart_keeps_the_data() {
    let folder = Folder::new("restart");
    let postgres = folder.serve().await;
    write_note(&postgres, "kept").await;
    postgres.stop().await;
    assert_eq!(folder.server(), None);

    let postgres = folder.serve().await;
    assert_eq!(notes(&postgres).await, ["kept"]);
    assert_eq!(postgres.notice(), None);
    assert_eq!(postgres.data_dir(), folder.data());
    postgres.stop().await;
}

#[tokio::test]
async fn the_server_is_private_and_durable() {
    let folder = Folder::new("private");
    let postgres = folder.serve().await;
    let mut connection = postgres.connect_options().connect().await.unwrap();
    for (setting, value) in [
        ("listen_addresses", ""),
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("server_encoding", "UTF8"),
        ("data_checksums", "on"),
        ("is_superuser", "off"),
    ] {
        let row = sqlx::query("SELECT current_setting($1)")
            .bind(setting)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(row.get::<String, _>(0), value, "{setting}");
    }
    connection.close().await.unwrap();
    let socket_folder = fs::metadata(folder.data().join("run")).unwrap();
    assert_eq!(socket_folder.mode() & 0o777, 0o700);
    let cluster = fs::metadata(folder.cluster()).unwrap();
    assert_eq!(cluster.mode() & 0o777, 0o700);
    assert_ne!(cluster.uid(), 0, "PostgreSQL refuses root");
    postgres.stop().await;
}

#[tokio::test]
async fn a_second_serve_is_refused_and_told_who_has_the_data() {
    let folder = Folder::new("second");
    let postgres = folder.serve().await;
    let error = folder.start(Mode::Serve).await.unwrap_err();
    assert!(matches!(error, StartError::InUse { .. }), "{error}");
    let words = error.to_string();
    let process = format!("process {}", std::process::id());
    assert!(words.contains(&process), "{words}");
    assert!(words.contains(folder.data().to_str().unwrap()), "{words}");
    postgres.stop().await;
    folder.serve().await.stop().await;
}

#[tokio::test]
async fn a_path_too_long_for_a_socket_gets_a_short_one() {
    let folder = Folder::new("long");
    let long = folder.0.join("a-rather-long-name".repeat(6));
    let data = long.join("data, with a comma");
    for mode in [Mode::Serve, Mode::Command] {
        let postgres = EmbeddedPostgres::start(&data, mode, &folder.surroundings())
            .await
            .unwrap();
        let options = postgres.connect_options();
        let socket_folder = options.get_socket().unwrap();
        assert!(!socket_folder.starts_with(&folder.0), "{options:?}");
        let found = fs::symlink_metadata(socket_folder).unwrap();
        assert_eq!(found.mode() & 0o777, 0o700);
        write_note(&postgres, "reached").await;
        postgres.stop().await;
        fs::remove_dir_all(socket_folder).unwrap();
    }
}

#[tokio::test]
async fn a_comma_in_the_path_is_no_obstacle() {
    let folder = Folder::new("comma, and space");
    let postgres = folder.serve().await;
    let options = postgres.connect_options();
    assert_eq!(options.get_socket(), Some(&folder.data().join("run")));
    write_note(&postgres, "reached").await;
    postgres.stop().await;
}

#[tokio::test]
async fn data_of_another_major_version_is_refused_with_the_way_out() {
    let folder = Folder::new("version");
    folder.serve().await.stop().await;
    fs::write(folder.cluster().join("PG_VERSION"), "9\n").unwrap();
    for mode in [Mode::Serve, Mode::Command] {
        let words = folder.start(mode).await.unwrap_err().to_string();
        assert!(words.contains("made by PostgreSQL 9"), "{words}");
        assert!(words.contains("pg_dump"), "{words}");
    }
}

#[tokio::test]
async fn a_failing_start_shows_the_last_lines_of_the_log() {
    let folder = Folder::new("log");
    folder.serve().await.stop().await;
    let settings = folder.data().join("postgres-settings/postgresql.conf");
    fs::write(settings, "shared_bufers = 1GB\n").unwrap();
    let words = folder.start(Mode::Serve).await.unwrap_err().to_string();
    assert!(words.contains("shared_bufers"), "{words}");
}

#[tokio::test]
async fn a_strangers_process_id_in_the_lock_files_does_not_block() {
    let folder = Folder::new("stranger");
    folder.serve().await.stop().await;
    let mut sleep = Command::new("sleep");
    sleep.arg("60");
    if geteuid().is_root() {
        sleep.uid(fs::metadata(folder.cluster()).unwrap().uid());
    }
    let mut stranger = sleep.spawn().unwrap();
    let lines = format!(
        "{}\n{}\n1700000000\n5432\n",
        stranger.id(),
        folder.cluster().display()
    );
    fs::write(folder.cluster().join("postmaster.pid"), &lines).unwrap();
    fs::write(folder.data().join("run/.s.PGSQL.5432.lock"), &lines).unwrap();

    folder.serve().await.stop().await;
    assert_eq!(stranger.try_wait().unwrap(), None, "nobody ended it");
    stranger.kill().unwrap();
    stranger.wait().unwrap();
}

#[tokio::test]
async fn as_root_data_out_of_reach_goes_to_the_system_directory_and_stays_there() {
    if !geteuid().is_root() {
        return;
    }
    let folder = Folder::new("reach");
    let closed = folder.0.join("closed");
    fs::create_dir(&closed).unwrap();
    for mode in [0o700, 0o755] {
        fs::set_permissions(&closed, fs::Permissions::from_mode(mode)).unwrap();
        let data = closed.join("data");
        let postgres = EmbeddedPostgres::start(&data, Mode::Serve, &folder.surroundings())
            .await
            .unwrap();
        assert_eq!(postgres.data_dir(), folder.0.join("system"));
        let notice = postgres.notice().unwrap();
        assert!(notice.contains("can't enter"), "{notice}");
        assert!(!notice.contains("already"), "{notice}");
        write_note(&postgres, "kept").await;
        postgres.stop().await;
    }
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    let another = closed.join("another");
    let postgres = EmbeddedPostgres::start(&another, Mode::Serve, &folder.surroundings())
        .await
        .unwrap();
    let notice = postgres.notice().unwrap();
    assert!(
        notice.contains("the database that is there already"),
        "{notice}"
    );
    postgres.stop().await;
}

#[tokio::test]
async fn as_root_data_that_became_unreachable_is_not_silently_replaced() {
    if !geteuid().is_root() {
        return;
    }
    let folder = Folder::new("closed");
    folder.serve().await.stop().await;
    fs::set_permissions(&folder.0, fs::Permissions::from_mode(0o700)).unwrap();
    let error = folder.start(Mode::Serve).await.unwrap_err();
    assert!(matches!(error, StartError::OutOfReach { .. }), "{error}");
}

#[tokio::test]
async fn as_root_a_note_or_a_link_laid_by_another_user_leads_nowhere() {
    if !geteuid().is_root() {
        return;
    }
    let folder = Folder::new("trap");
    folder.serve().await.stop().await;
    let elsewhere = folder.0.join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o700)).unwrap();
    let before = fs::metadata(&elsewhere).unwrap();

    let note = folder.data().join("moved-to");
    fs::write(&note, elsewhere.as_os_str().as_encoded_bytes()).unwrap();
    chown(&note, Some(4_711), None).unwrap();
    let postgres = folder.serve().await;
    assert_eq!(postgres.data_dir(), folder.data());
    postgres.stop().await;

    let settings = folder.data().join("postgres-settings");
    fs::remove_dir_all(&settings).unwrap();
    symlink(&elsewhere, &settings).unwrap();
    let words = folder.start(Mode::Serve).await.unwrap_err().to_string();
    assert!(
        words.contains("postgres-settings: it is a symbolic link"),
        "{words}"
    );

    let after = fs::metadata(&elsewhere).unwrap();
    assert_eq!((after.mode(), after.gid()), (before.mode(), before.gid()));
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
}
