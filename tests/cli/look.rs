//! `linkgate client update`: how the pages of a client look.

use std::fs;

use image::{DynamicImage, ImageFormat, RgbaImage};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::harness::Linkgate;

const LOOK: [&str; 6] = [
    "brand_name",
    "brand_accent",
    "brand_accent_dark",
    "terms_url",
    "contact",
    "logo",
];

fn update(linkgate: &Linkgate, id: &str, flags: &[&str]) -> Value {
    linkgate.json(&[&["client", "update", id], flags].concat())
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn a_look_is_set_shown_and_taken_away(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    let made = linkgate.client();
    let id = made["client_id"].as_str().unwrap();
    let logo = linkgate.file("logo.png", "");
    let picture = DynamicImage::ImageRgba8(RgbaImage::new(300, 200));
    picture.save_with_format(&logo, ImageFormat::Png).unwrap();
    let flags = [
        "--brand-name",
        "한강피자",
        "--brand-accent",
        "#C2410C",
        "--brand-accent-dark",
        "#fb923c",
        "--terms-url",
        "https://pizza.example/terms",
        "--contact",
        "help@pizza.example",
        "--logo",
        &logo,
    ];
    let changed = update(&linkgate, id, &flags);
    let shown = linkgate.json(&["client", "show", id]);
    for (name, value) in [
        ("brand_name", "한강피자"),
        ("brand_accent", "#c2410c"),
        ("brand_accent_dark", "#fb923c"),
        ("terms_url", "https://pizza.example/terms"),
        ("contact", "help@pizza.example"),
    ] {
        assert_eq!(
            (&changed[name], &shown[name]),
            (&json!(value), &json!(value))
        );
    }
    let address = shown["logo"].as_str().unwrap();
    assert!(address.starts_with("/brand/"), "{address}");
    let text = linkgate.run(&["client", "show", id]).stdout;
    assert!(
        text.contains("한강피자") && text.contains(address),
        "{text}"
    );

    // What is not named stays.
    let changed = update(&linkgate, id, &["--contact", ""]);
    assert_eq!(changed["contact"], Value::Null);
    assert_eq!(changed["logo"], address);
    let changed = update(&linkgate, id, &["--logo", ""]);
    assert_eq!(changed["logo"], Value::Null);
    let empty = [
        "--brand-name",
        "",
        "--brand-accent",
        "",
        "--brand-accent-dark",
        "",
        "--terms-url",
        "",
    ];
    let changed = update(&linkgate, id, &empty);
    assert!(
        LOOK.iter().all(|name| changed[name] == Value::Null),
        "{changed}"
    );
}

#[sqlx::test(migrator = "linkgate::foundation::db::MIGRATIONS")]
async fn a_look_that_can_not_be_is_refused_and_changes_nothing(db: PgPool) {
    let linkgate = Linkgate::on(&db);
    let made = linkgate.client();
    let id = made["client_id"].as_str().unwrap();
    let svg = linkgate.file("logo.png", "<svg/>");
    let large = linkgate.file("large.png", "");
    fs::write(&large, vec![0; 2 * 1024 * 1024]).unwrap();
    for (flag, value, reason) in [
        (
            "--brand-accent",
            "#ffe812",
            "stands out from light pages by 1.18 : 1 only",
        ),
        ("--brand-accent", "red", "# and six hexadecimal digits"),
        (
            "--brand-accent-dark",
            "#ffffff",
            "needs one for light pages beside it",
        ),
        (
            "--terms-url",
            "http://a.example",
            "the terms URL must be an https URL",
        ),
        ("--contact", "nobody", "an e-mail address or an https URL"),
        (
            "--logo",
            &svg,
            "the logo is an SVG or another text; it must be a PNG or WebP picture",
        ),
        ("--logo", &large, "the logo is too large"),
        ("--logo", "missing.png", "--logo missing.png"),
    ] {
        let refused = linkgate.run(&["client", "update", id, "--name", "Other", flag, value]);
        refused.fails_saying(reason);
    }
    let shown = linkgate.json(&["client", "show", id]);
    assert_eq!(shown["name"], "C");
    assert!(
        LOOK.iter().all(|name| shown[name] == Value::Null),
        "{shown}"
    );
}
