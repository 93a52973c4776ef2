//! Logos: what is taken, what is made of it, and what nobody can get past that.

use std::time::Duration;

use image::{GenericImageView, ImageFormat};
use sqlx::PgPool;

use super::{
    Studio,
    pictures::{SCRIPT, file, picture, talkative, zeros},
};

const JPEG: &[u8] = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00";
const SVG: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[sqlx::test]
async fn a_logo_is_drawn_anew_and_nothing_else_of_the_upload_is_kept(db: PgPool) {
    let studio = Studio::open(db).await;
    let upload = talkative(&picture(300, 150));
    assert!(contains(&upload, SCRIPT));
    let answer = studio.upload(&upload, "logo.png", "image/png").await;
    let saved = format!("{}?done=look-saved", studio.look());
    assert_eq!(answer.location(), saved);

    let address = studio.logo().await.unwrap();
    let logo = studio.bytes(&address).await;
    assert!(!contains(&logo, SCRIPT) && !contains(&logo, b"tEXt"));
    let drawn = image::load_from_memory_with_format(&logo, ImageFormat::Png).unwrap();
    assert_eq!(drawn.dimensions(), (192, 96));
    assert_eq!(drawn.get_pixel(150, 10).0, [11, 107, 84, 255]);
    let stored = studio.stage.app.value(
        "select count(*) from client_branding where position('<script>'::bytea in logo) > 0",
    );
    assert_eq!(stored.await.unwrap(), "0");

    let answer = studio.stage.app.browser().get(&address).await;
    for (name, value) in [
        ("content-type", "image/png"),
        ("cache-control", "public, max-age=31536000, immutable"),
        (
            "content-security-policy",
            "default-src 'none'; frame-ancestors 'none'",
        ),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), Some(value));
    }
}

#[sqlx::test]
async fn a_webp_is_taken_and_kept_as_a_png(db: PgPool) {
    let studio = Studio::open(db).await;
    let upload = file(&picture(100, 100), ImageFormat::WebP);
    // What it is called says nothing.
    let answer = studio.upload(&upload, "logo.svg", "image/svg+xml").await;
    assert_eq!(answer.status, 303, "{answer:?}");
    let logo = studio.bytes(&studio.logo().await.unwrap()).await;
    let drawn = image::load_from_memory_with_format(&logo, ImageFormat::Png).unwrap();
    assert_eq!(drawn.to_rgba8(), picture(100, 100));
}

#[sqlx::test]
async fn anything_else_is_refused_and_the_logo_of_before_stays(db: PgPool) {
    let studio = Studio::open(db).await;
    let good = file(&picture(64, 64), ImageFormat::Png);
    studio.upload(&good, "a.png", "image/png").await;
    let before = studio.logo().await.unwrap();
    let large = [good.clone(), vec![0; 1024 * 1024]].concat();
    let cut = &talkative(&picture(300, 300))[..120];
    for (upload, reason) in [
        (&b""[..], "Choose a file"),
        (
            SVG,
            "The logo is an SVG or another text; it must be a PNG or WebP picture.",
        ),
        (b"GIF89a\x01\x00\x01\x00", "The logo is a GIF;"),
        (JPEG, "The logo is a JPEG;"),
        (b"MZ\x90\x00", "no picture that is known here"),
        (cut, "The logo is damaged"),
        (&large, "The logo is too large: it may have 1 MiB."),
    ] {
        // Named as what it is not.
        let answer = studio.upload(upload, "logo.png", "image/png").await;
        answer.assert_page(422);
        assert!(answer.text().contains(reason), "{reason}: {answer:?}");
    }
    assert_eq!(studio.logo().await.unwrap(), before);
    let larger = vec![0; 3 * 1024 * 1024];
    let answer = studio.upload(&larger, "a.png", "image/png").await;
    answer.assert_page(413);
}

#[sqlx::test]
async fn a_picture_that_would_take_all_memory_is_refused_at_once(db: PgPool) {
    let studio = Studio::open(db).await;
    for (width, height, depth) in [
        (4097, 1, 8),
        (1, 4097, 8),
        (50_000, 50_000, 8),
        (u32::MAX / 2, u32::MAX / 2, 8),
        // Within both edges, and yet twice what may be taken.
        (4096, 4096, 16),
    ] {
        let header_only = width > 100_000;
        let bomb = if header_only {
            let mut bomb = zeros(4097, 1, 8);
            bomb.splice(16..24, [0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]);
            bomb
        } else {
            zeros(width, height, depth)
        };
        let answer = studio.upload(&bomb, "a.png", "image/png");
        let answer = tokio::time::timeout(Duration::from_secs(5), answer).await;
        let answer = answer.unwrap();
        answer.assert_page(422);
        let reason = if header_only {
            // The checksum of the header is not that of these numbers.
            "The logo is damaged"
        } else {
            "The logo has too many pixels"
        };
        assert!(answer.text().contains(reason), "{width}: {answer:?}");
    }
    assert_eq!(studio.stage.app.count("client_branding", "true").await, 0);
}

#[sqlx::test]
async fn csr_02_a_logo_needs_the_token_of_its_session(db: PgPool) {
    let studio = Studio::open(db).await;
    let good = file(&picture(64, 64), ImageFormat::Png);
    for token in ["", "1.AAAA"] {
        let answer = studio
            .upload_with(token, &good, ("a.png", "image/png"))
            .await;
        answer.assert_page(403);
    }
    // A form that breaks off is nobody's, too.
    let address = format!("{}/logo", studio.look());
    for body in [
        "--cut\r\nContent-Disposition: form-data; name=\"csrf\"",
        "",
        "--cut",
    ] {
        let request = studio.console.request("POST", &address);
        let request = request.header("content-type", "multipart/form-data; boundary=cut");
        let answer = studio.console.send(request.body(body)).await;
        assert!([400, 403].contains(&answer.status), "{answer:?}");
    }
    assert_eq!(studio.stage.app.count("client_branding", "true").await, 0);
}

#[sqlx::test]
async fn a_logo_that_is_removed_or_whose_client_is_deleted_is_gone(db: PgPool) {
    let studio = Studio::open(db).await;
    let app = &studio.stage.app;
    let good = file(&picture(64, 64), ImageFormat::Png);
    studio.upload(&good, "a.png", "image/png").await;
    studio.set(&[("name", "한강피자")]).await;
    let address = studio.logo().await.unwrap();
    assert!(studio.bytes(&address).await.starts_with(b"\x89PNG"));

    studio.set(&[("do", "remove_logo")]).await;
    assert_eq!(studio.logo().await, None);
    app.browser().get(&address).await.assert_page(404);
    assert!(studio.login_page().await.text().contains("한강피자"));

    studio.upload(&good, "a.png", "image/png").await;
    assert_eq!(studio.logo().await.as_ref(), Some(&address));
    app.change("delete from client").await;
    app.browser().get(&address).await.assert_page(404);
}
