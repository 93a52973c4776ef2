//! `linkgate client`

use serde_json::json;
use sqlx::PgPool;

use crate::harness::{Done, Linkgate, names};

/// What CLOVA publishes looks like this.
const RSA_PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----\n\
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAwjLq2OwktNkX6BukQHI1\n\
gbUv7SnZky7fsSvzGO1z5EVfOMfJGd/8j6ox130c0wFih0WqS8IbGB1YCi031xWk\n\
Lk7S6SbhIiCHvE3yidZDQg17Q/iVcEJ6IlxfadHlAR54f/PzGt+iGYHymLObne0V\n\
OSyWsSbHl2pP0rREArJKF3YGsiYjUAdvpv7Usa/MyVGanRnCs/CrbvD/zmJGSHTq\n\
OHIzY1ugyYv8CHVk+1f2i9Har0dxUM9aI3v/6dcpa8N34Kl417TagvyXcItT/a8N\n\
XfPdtot95PgGHUzji6AcPeDv2rQPuhydP65HaamnZiAcxI6Fc8u+Hf3P3McY8uTG\n\
HwIDAQAB\n\
-----END PUBLIC KEY-----\n";

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn a_new_client_is_answered_with_all_its_console_needs(db: PgPool) {
    let linkgate = Linkgate::on(&db).with("LINKGATE_PUBLIC_URL", "https://link.example.com");
    let made = linkgate.json(&["client", "create", "--name", "CLOVA", "--preset", "clova"]);
    assert_eq!(
        names(&made),
        [
            "authorize_url",
            "client_id",
            "client_secret",
            "console_fields",
            "preset",
            "redirect_uris",
            "scopes",
            "token_url"
        ]
    );
    assert_eq!(
        made["authorize_url"],
        "https://link.example.com/oauth/authorize"
    );
    assert_eq!(
        made["redirect_uris"],
        json!(["https://prod-ni-cic.clova.ai/v1/al/token/"])
    );
    let field = |label: &str| {
        let fields = made["console_fields"].as_array().unwrap();
        let found = fields.iter().find(|field| field["label"] == label);
        found.unwrap_or_else(|| panic!("{label} in {fields:?}"))["value"].clone()
    };
    assert_eq!(field("로그인 URL (Login URL)"), made["authorize_url"]);
    assert_eq!(
        field("클라이언트 secret (Client secret)"),
        made["client_secret"]
    );

    let id = made["client_id"].as_str().unwrap();
    let shown = linkgate.run(&["client", "show", id]);
    assert!(
        !shown
            .stdout
            .contains(made["client_secret"].as_str().unwrap())
    );
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn what_a_preset_must_be_told_is_wrong_usage_when_missing(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    let google = ["client", "create", "--name", "G", "--preset", "google"];
    linkgate.run(&google).is_wrong_usage_of("project_id");
    linkgate
        .run(&["client", "create", "--name", "C", "--preset", "custom"])
        .is_wrong_usage_of("--redirect-uri");
    linkgate
        .run(&["client", "create", "--name", "C", "--preset", "siri"])
        .is_wrong_usage_of("clova-line");
    let told = [&google[..], &["--preset-value", "project_id=abc"]].concat();
    let made = linkgate.json(&told);
    assert_eq!(
        made["redirect_uris"][0],
        "https://oauth-redirect.googleusercontent.com/r/abc"
    );
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn a_redirect_uri_in_the_clear_is_only_for_trials_on_this_machine(db: PgPool) {
    let create = |linkgate: &Linkgate, preset, uri| {
        linkgate.run(&[
            "client",
            "create",
            "--name",
            "C",
            "--preset",
            preset,
            "--redirect-uri",
            uri,
        ])
    };
    let on_loopback = Linkgate::on(&db);
    assert_eq!(
        create(&on_loopback, "custom", "http://127.0.0.1:9/cb").code,
        0
    );
    create(&on_loopback, "clova", "http://127.0.0.1:9/cb").fails_saying("http://127.0.0.1:9/cb");
    create(&on_loopback, "custom", "http://localhost.test/cb").fails_saying("the redirect URI");
    let public = Linkgate::on(&db).with("LINKGATE_PUBLIC_URL", "https://link.example.com");
    create(&public, "custom", "http://127.0.0.1:9/cb").fails_saying("the redirect URI");
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn every_setting_has_a_flag_and_the_others_stay(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    let made = linkgate.client();
    let id = made["client_id"].as_str().unwrap();
    let key_file = linkgate.file("cek.pem", RSA_PUBLIC_KEY);
    let before = linkgate.json(&["client", "show", id]);
    for (flags, name, value) in [
        (&["--name", "Other"][..], "name", json!("Other")),
        (
            &["--redirect-uri", "https://b.test/"],
            "redirect_uris",
            json!(["https://b.test/"]),
        ),
        (
            &["--scope", "account:email"],
            "scopes",
            json!(["account:id", "account:email"]),
        ),
        (&["--rotation", "never"], "rotation", json!("never")),
        (&["--token-format", "jwt"], "token_format", json!("jwt")),
        (
            &["--token-algorithm", "rs256"],
            "token_algorithm",
            json!("rs256"),
        ),
        (
            &["--token-audience", "https://api.test"],
            "token_audience",
            json!("https://api.test"),
        ),
        (&["--token-audience", ""], "token_audience", json!(null)),
        (&["--send-iss", "off"], "send_iss", json!(false)),
        (&["--introspect-all"], "introspect_all", json!(true)),
        (&["--introspect-all=off"], "introspect_all", json!(false)),
        (
            &["--code-lifetime", "120s"],
            "code_lifetime_seconds",
            json!(120),
        ),
        (
            &["--access-lifetime", "2h"],
            "access_lifetime_seconds",
            json!(7200),
        ),
        (
            &["--refresh-idle", "30d"],
            "refresh_idle_seconds",
            json!(2_592_000),
        ),
        (
            &["--token-place", "json:/a", "--token-place", "bearer"],
            "token_places",
            json!(["json:/a", "bearer"]),
        ),
        (
            &["--relink-sentence", "다시 연결해 주세요."],
            "relink_sentence",
            json!("다시 연결해 주세요."),
        ),
        (
            &["--busy-sentence", "잠시 후에."],
            "busy_sentence",
            json!("잠시 후에."),
        ),
        (
            &["--refusal-answer", "sentence"],
            "refusal_answer",
            json!("sentence"),
        ),
        (
            &["--login-guide-message", "로그인"],
            "login_guide_message",
            json!("로그인"),
        ),
        (
            &["--login-success-message", "됐어요"],
            "login_success_message",
            json!("됐어요"),
        ),
        (
            &["--extension-id", "com.example.bot"],
            "extension_id",
            json!("com.example.bot"),
        ),
        (
            &["--cek-public-key-file", &key_file],
            "cek_public_key",
            json!(RSA_PUBLIC_KEY),
        ),
        (
            &["--cek-public-key-file", ""],
            "cek_public_key",
            json!(null),
        ),
        (&["--cek-unsigned"], "cek_unsigned", json!(true)),
        (&["--cek-unsigned=off"], "cek_unsigned", json!(false)),
        (&["--cek-answer", "account"], "cek_answer", json!("account")),
        (&["--cek-language", "ja"], "cek_language", json!("ja")),
        (
            &["--cek-speech", "{{name}}님"],
            "cek_speech",
            json!("{{name}}님"),
        ),
        (
            &["--privacy-url", "https://p.test/"],
            "privacy_url",
            json!("https://p.test/"),
        ),
        (&["--privacy-url", ""], "privacy_url", json!(null)),
    ] {
        let changed = linkgate.json(&[&["client", "update", id][..], flags].concat());
        assert_eq!(changed[name], value, "{flags:?}");
    }
    let after = linkgate.json(&["client", "show", id]);
    assert_eq!(after["secrets"], before["secrets"]);
    assert_eq!(after["created_at"], before["created_at"]);

    let refuse = |flags: &[&str], reason| {
        linkgate
            .run(&[&["client", "update", id][..], flags].concat())
            .fails_saying(reason);
    };
    refuse(&["--code-lifetime", "1h"], "between 10s and 10m");
    refuse(&["--privacy-url", "http://p.test/"], "https");
    refuse(&["--scope", "orders:read"], "not defined");
    refuse(&["--token-place", "cookie:x"], "not a token place");
    linkgate
        .run(&["client", "update", id, "--code-lifetime", "soon"])
        .is_wrong_usage_of("not a duration");
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn an_old_secret_works_on_only_for_the_overlap(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    let made = linkgate.client();
    let id = made["client_id"].as_str().unwrap();
    let rotated = linkgate.json(&["client", "rotate-secret", id, "--overlap", "7d"]);
    assert_ne!(rotated["client_secret"], made["client_secret"]);
    assert_eq!(
        linkgate.json(&["client", "show", id])["secrets"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    linkgate.json(&["client", "rotate-secret", id]);
    assert_eq!(
        linkgate.json(&["client", "show", id])["secrets"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn a_scope_of_ones_own_is_defined_before_a_client_asks_for_it(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    let made = linkgate.client();
    let id = made["client_id"].as_str().unwrap();
    linkgate.json(&[
        "scope",
        "set",
        "orders:read",
        "--ko",
        "주문",
        "--en",
        "Orders",
        "--ja",
        "注文",
    ]);
    assert_eq!(linkgate.json(&["scope", "list"])[0]["ko"], "주문");
    linkgate.json(&["client", "update", id, "--scope", "orders:read"]);
    linkgate
        .run(&["scope", "delete", "orders:read"])
        .fails_saying(id);
    linkgate.json(&["client", "delete", id]);
    linkgate.json(&["scope", "delete", "orders:read"]);
    linkgate
        .run(&[
            "scope",
            "set",
            "account:email",
            "--ko",
            "a",
            "--en",
            "b",
            "--ja",
            "c",
        ])
        .fails_saying("built in");
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn a_secret_that_nobody_saw_replaces_none(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    let made = linkgate.client();
    let id = made["client_id"].as_str().unwrap();
    let secrets = async || {
        let hashes = "select array_agg(secret_hash) from client_secret";
        let hashes = sqlx::query_scalar::<_, Vec<Vec<u8>>>(hashes);
        hashes.fetch_one(&db).await.unwrap()
    };
    let before = secrets().await;
    let create = ["client", "create", "--name", "C", "--preset", "clova"];
    for arguments in [&["client", "rotate-secret", id][..], &create] {
        let mut unread = linkgate.command(arguments).spawn().unwrap();
        drop(unread.stdout.take());
        assert_eq!(Done::of(unread).code, 1);
        assert_eq!(secrets().await, before);
    }
    sqlx::query("alter table event rename to gone")
        .execute(&db)
        .await
        .unwrap();
    for arguments in [&["client", "rotate-secret", id][..], &create] {
        assert_eq!(linkgate.run(arguments).code, 1);
        assert_eq!(secrets().await, before);
    }
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn access_tokens_for_alexa_live_as_long_as_alexa_demands(db: PgPool) {
    let linkgate = Linkgate::on(&db).with("LINKGATE_LIFETIME_ACCESS_TOKEN", "60s");
    let create = [
        "client",
        "create",
        "--name",
        "A",
        "--preset",
        "alexa",
        "--preset-value",
        "vendor_id=M1",
    ];
    let made = linkgate.json(&create);
    let id = made["client_id"].as_str().unwrap();
    let shown = linkgate.json(&["client", "show", id]);
    assert_eq!(shown["access_lifetime_seconds"], 360);
    linkgate
        .run(&["client", "update", id, "--access-lifetime", "5m"])
        .fails_saying("Alexa demands access tokens that live 6m at least");
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn a_client_with_keys_has_no_secret(db: PgPool) {
    const SET: &str = r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"a","use":"sig",
        "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;
    let linkgate = Linkgate::on(&db);
    let keys = linkgate.file("keys.json", SET);
    let create = ["client", "create", "--name", "API", "--preset", "custom"];
    let create = [&create[..], &["--redirect-uri", "https://api.example/cb"]].concat();
    let made = linkgate.json(&[&create[..], &["--jwks-file", &keys]].concat());
    assert_eq!(made["client_secret"], json!(null));
    let id = made["client_id"].as_str().unwrap();
    let shown = linkgate.json(&["client", "show", id]);
    assert_eq!(shown["authentication"], "private_key_jwt");
    assert_eq!(shown["jwks"]["keys"][0]["kid"], "a");
    assert_eq!(shown["secrets"], json!([]));
    let refused = linkgate.run(&["client", "rotate-secret", id]);
    refused.fails_saying("keys instead of a secret");

    let private = linkgate.file(
        "private.json",
        &SET.replace(r#""use":"sig""#, r#""d":"jpsQnnGQmL""#),
    );
    let refused = linkgate.run(&["client", "update", id, "--jwks-file", &private]);
    refused.fails_saying("private part (d)");
    let public = [&create[..], &["--public", "--jwks-file", &keys]].concat();
    linkgate.run(&public).fails_saying("public client");

    let without = linkgate.json(&["client", "update", id, "--jwks-file", ""]);
    assert_eq!(without["authentication"], "client_secret");
    let secret = linkgate.json(&["client", "rotate-secret", id]);
    assert!(
        secret["client_secret"]
            .as_str()
            .unwrap()
            .starts_with("lg_cs_")
    );
    let shown = linkgate.json(&["client", "show", id]);
    assert_eq!(shown["secrets"][0]["last_used_at"], json!(null));
}
