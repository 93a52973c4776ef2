//! Colours: which are taken, and what pages are drawn with.

use sqlx::PgPool;

use super::{Studio, stylesheet};

#[sqlx::test]
async fn a_colour_that_is_hard_to_see_is_refused_with_its_contrast(db: PgPool) {
    let studio = Studio::open(db).await;
    for (accent, dark, reason) in [
        (
            "#ffe812",
            "",
            "The accent colour #ffe812 stands out from light pages by 1.18 : 1 only, and a button needs 3 : 1; take a darker one.",
        ),
        (
            "#0b6b54",
            "#1a237e",
            "The accent colour for dark pages #1a237e stands out from dark pages by 1.2",
        ),
    ] {
        let fields = [("accent", accent), ("accent_dark", dark)];
        let answer = studio.save(&fields).await;
        answer.assert_page(422);
        assert!(answer.text().contains(reason), "{answer:?}");
    }
    assert_eq!(studio.stage.app.count("client_branding", "true").await, 0);
}

#[sqlx::test]
async fn the_stylesheet_draws_both_schemes_in_the_accent(db: PgPool) {
    let studio = Studio::open(db).await;
    studio.set(&[("accent", "#1A237E")]).await;
    let page = studio.login_page().await;
    let address = stylesheet(&page);
    let sheet = studio.stage.app.browser().get(address).await;
    let (light, dark) = sheet
        .body
        .rsplit_once("@media (prefers-color-scheme: dark)")
        .unwrap();
    let (_, light) = light.rsplit_once(":root").unwrap();
    assert!(light.contains("--fill: #1a237e;") && light.contains("--accent-ink: #ffffff;"));
    assert!(
        dark.contains("--fill: #") && !dark.contains("#1a237e"),
        "{dark}"
    );
    assert!(sheet.body.contains(".button {"), "the whole stylesheet");

    studio
        .set(&[("accent", "#1a237e"), ("accent_dark", "#9fa8da")])
        .await;
    let page = studio.login_page().await;
    let sheet = studio.stage.app.browser().get(stylesheet(&page)).await;
    assert!(sheet.body.contains("--fill: #9fa8da;"));
}
