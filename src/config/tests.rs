use super::*;

fn read(variables: &[(&str, &str)]) -> Result<Config, Problems> {
    Config::read(
        None,
        variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    )
}

#[test]
fn nothing_set_is_a_working_configuration_on_loopback() {
    let config = read(&[]).unwrap();
    assert!(config.is_loopback());
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.lifetimes, Lifetimes::default());
}

#[test]
fn every_problem_is_listed_at_once_and_named() {
    let problems = read(&[
        ("LINKGATE_PUBLIC_URL", "http://link.example.com"),
        ("LINKGATE_LISTEN", "nowhere"),
        ("LINKGATE_COLOUR", "green"),
        ("LINKGATE_SECRET_KEY", "c2hvcnQ="),
        ("LINKGATE_LIFETIME_CODE", "1w"),
        ("LINKGATE_ACTION_DEADLINE", "150"),
        ("LINKGATE_TRUSTED_PROXIES", "10.0.0.0/8, 0.0.0.0/0"),
        ("UNRELATED", "x"),
    ])
    .unwrap_err()
    .0;
    for name in [
        "PUBLIC_URL",
        "LISTEN",
        "COLOUR",
        "SECRET_KEY",
        "LIFETIME_CODE",
        "ACTION_DEADLINE",
        "TRUSTED_PROXIES",
    ] {
        let count = problems
            .iter()
            .filter(|line| line.starts_with(&format!("LINKGATE_{name}:")))
            .count();
        assert_eq!(count, 1, "{name} in {problems:?}");
    }
    assert_eq!(problems.len(), 7);
}

#[test]
fn a_database_of_ones_own_needs_a_secret_key_and_its_password_is_in_no_message() {
    let problems = read(&[("LINKGATE_DATABASE_URL", "postgres://u:hunter2@db/x")])
        .unwrap_err()
        .to_string();
    assert!(
        problems.starts_with("LINKGATE_SECRET_KEY:") && !problems.contains("hunter2"),
        "{problems}"
    );
    let problems = read(&[("LINKGATE_DATABASE_URL", "mysql://u:hunter2@db/x")])
        .unwrap_err()
        .to_string();
    assert!(
        problems.contains("LINKGATE_DATABASE_URL:") && !problems.contains("hunter2"),
        "{problems}"
    );
}

#[test]
fn the_environment_wins_over_the_file_and_unknown_keys_of_the_file_are_fatal() {
    let file = std::env::temp_dir().join(format!("linkgate-config-{}.toml", std::process::id()));
    std::fs::write(
        &file,
        "listen = \"127.0.0.1:1111\"\nworkers = 3\ntrusted_proxies = [\"10.0.0.0/8\"]\n",
    )
    .unwrap();
    let variables = [("LINKGATE_LISTEN".to_owned(), "127.0.0.1:2222".to_owned())];
    let config = Config::read(Some(&file), variables.into_iter()).unwrap();
    assert_eq!(
        (
            config.listen.port(),
            config.workers,
            config.trusted_proxies.len()
        ),
        (2222, 3, 1)
    );
    std::fs::write(&file, "liste = \"x\"\n[section]\na = 1\n").unwrap();
    let problems = Config::read(Some(&file), std::iter::empty()).unwrap_err().0;
    assert!(
        problems
            .iter()
            .any(|line| line == "liste: there is no such setting"),
        "{problems:?}"
    );
    assert!(
        problems.iter().any(|line| line.starts_with("section:")),
        "{problems:?}"
    );
    std::fs::remove_file(&file).unwrap();
}

#[test]
fn off_loopback_the_public_url_is_demanded_and_limits_stay_on() {
    assert!(read(&[("LINKGATE_LISTEN", "0.0.0.0:8080")]).is_err());
    let public = ("LINKGATE_PUBLIC_URL", "https://link.example.com");
    assert!(read(&[("LINKGATE_LISTEN", "0.0.0.0:8080"), public]).is_ok());
    assert!(read(&[("LINKGATE_RATE_LIMITS", "off")]).is_ok());
    assert!(read(&[("LINKGATE_RATE_LIMITS", "off"), public]).is_err());
    for url in [
        "https://h/path",
        "https://h/?q",
        "https://u@h/",
        "ftp://h",
        "http://10.0.0.1",
    ] {
        assert!(read(&[("LINKGATE_PUBLIC_URL", url)]).is_err(), "{url}");
    }
}

const EXAMPLE: &str = include_str!("../../linkgate.example.toml");

/// The example's settings, uncommented.
fn example_settings() -> Vec<&'static str> {
    let is_setting = |line: &&str| line.starts_with("# ") && line.contains(" = ");
    let settings = EXAMPLE.lines().filter(is_setting);
    settings.map(|line| line.trim_start_matches("# ")).collect()
}

fn read_file(name: &str, text: &str) -> Config {
    let file = std::env::temp_dir().join(format!("linkgate-{name}-{}.toml", std::process::id()));
    std::fs::write(&file, text).unwrap();
    let config = Config::read(Some(&file), std::iter::empty()).unwrap();
    std::fs::remove_file(&file).unwrap();
    config
}

#[test]
fn the_example_explains_every_setting_and_no_other() {
    read_file("example", EXAMPLE);
    let settings = example_settings();
    read_file("uncommented", &settings.join("\n"));

    let explained = settings
        .iter()
        .filter_map(|line| line.split(' ').next().map(str::to_owned));
    let mut reader = Reader::gather(None, std::iter::empty());
    let config = Config::take(&mut reader);
    config.check_together(Purpose::Serving, &mut reader);
    assert_eq!(*reader.known(), explained.collect());
}

#[test]
fn what_the_example_calls_a_default_is_the_default() {
    let of_the_machine = [
        "public_url",
        "trusted_proxies",
        "database_url",
        "secret_key",
        "smtp_url",
        "mail_from",
        "workers",
        "password_hashes",
    ];
    let mut defaults = example_settings();
    defaults.retain(|line| !of_the_machine.iter().any(|name| line.starts_with(name)));
    let written = read_file("defaults", &defaults.join("\n"));
    let unset = Config {
        log: Some("info".to_owned()),
        ..read(&[]).unwrap()
    };
    assert_eq!(format!("{written:?}"), format!("{unset:?}"));
}
