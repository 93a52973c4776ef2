//! What is at `/brand/`, how long browsers may keep it, and what a page weighs with it.

use image::{Rgba, RgbaImage};
use sqlx::PgPool;

use super::{Studio, pictures::file, stylesheet};

const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";
const FOR_GOOD: &str = "public, max-age=31536000, immutable";

/// What a phone may have to fetch before it shows the login page.
const MOST_BYTES: u64 = 30_000;

#[sqlx::test]
async fn a_stylesheet_is_kept_for_good_and_loads_nothing(db: PgPool) {
    let studio = Studio::open(db).await;
    studio.set(&[("accent", "#0b6b54")]).await;
    let page = studio.login_page().await;
    let sheet = studio.stage.app.browser().get(stylesheet(&page)).await;
    assert_eq!(sheet.status, 200);
    for (name, value) in [
        ("content-type", "text/css; charset=utf-8"),
        ("cache-control", FOR_GOOD),
        ("content-security-policy", NOTHING),
        ("x-content-type-options", "nosniff"),
        ("vary", "accept-encoding"),
    ] {
        assert_eq!(sheet.header(name), Some(value));
    }
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("style-src 'self';") && policy.contains("img-src 'self';"));
}

#[sqlx::test]
async fn any_node_has_the_stylesheet_and_another_release_asks_again(db: PgPool) {
    let studio = Studio::open(db).await;
    studio.set(&[("accent", "#0b6b54")]).await;
    let page = studio.login_page().await;
    let address = stylesheet(&page);
    // A node that has not read the change yet: no client it knows has these accents.
    studio.stage.app.change("delete from client_branding").await;
    let node = studio.stage.app.second_node().await;
    let sheet = node.browser().get(address).await;
    let known = studio.stage.app.browser().get(address).await;
    assert_eq!((sheet.status, &sheet.body), (200, &known.body));

    let (accents, _) = address.rsplit_once('-').unwrap();
    let other = format!("{accents}-00000000.css");
    let sheet = node.browser().get(&other).await;
    let kept = sheet.header("cache-control");
    assert_eq!((sheet.status, kept), (200, Some("no-cache")));
}

#[sqlx::test]
async fn what_is_no_file_of_a_look_is_not_found(db: PgPool) {
    let studio = Studio::open(db).await;
    for name in [
        "unknown",
        "unknown.png",
        "%00.png",
        "%27.png",
        "a.b.png",
        ".png",
        ".css",
        "linkgate.css",
        "0b6b54.css",
        "0b6b54-0b6b54.css",
        "0b6b54-0b6b54-.css",
        "0b6b54-0b6b54-x.css",
        "0b6b5g-0b6b54-00000000.css",
        "red-0b6b54-00000000.css",
        "0b6b54-0b6b54-00000000.css.svg",
        "0b6b54-%7d%2a%7bcolor-00000000.css",
        "..%2f..%2fCargo.toml",
    ] {
        let answer = studio
            .stage
            .app
            .browser()
            .get(&format!("/brand/{name}"))
            .await;
        answer.assert_page(404);
    }
}

/// How many bytes are sent for an address to a browser that takes gzip.
async fn weight(studio: &Studio, address: &str) -> u64 {
    let request = studio.stage.app.browser().request("GET", address);
    let request = request.header("accept-encoding", "gzip, deflate, br, zstd");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200, "{address}");
    u64::try_from(answer.bytes().await.unwrap().len()).unwrap()
}

#[sqlx::test]
async fn the_login_page_weighs_30_kilobytes_at_most_with_any_logo(db: PgPool) {
    let studio = Studio::open(db).await;
    let name = "가".repeat(60);
    studio.set(&[("name", &name), ("accent", "#c2410c")]).await;
    // The worst there is: nothing in it can be compressed.
    let mut random = 1_u32;
    let noise = RgbaImage::from_fn(500, 500, |_, _| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Rgba(random.to_be_bytes())
    });
    let noise = file(&noise, image::ImageFormat::Png);
    let uploaded = studio.upload(&noise, "a.png", "image/png").await;
    assert_eq!(uploaded.status, 303, "{uploaded:?}");

    let page = studio.login_page().await;
    let mut fetched = Vec::new();
    for start in ["href=\"", "src=\""] {
        let addresses = page.body.split(start).skip(1);
        let addresses = addresses.map(|rest| rest.split('"').next().unwrap());
        let files = addresses
            .filter(|address| address.starts_with("/static/") || address.starts_with("/brand/"));
        fetched.extend(files);
    }
    let count = |kind: &str| fetched.iter().filter(|file| file.contains(kind)).count();
    assert_eq!(
        (count(".css"), count(".png"), count("/")),
        (1, 1, 4),
        "{fetched:?}"
    );
    let mut bytes = u64::try_from(page.body.len()).unwrap();
    for address in &fetched {
        bytes += weight(&studio, address).await;
    }
    assert!(bytes <= MOST_BYTES, "{bytes} bytes: {fetched:?}");
}
