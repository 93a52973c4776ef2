//! What tools of others say of the pages: axe-core about WCAG 2.2 A and AA, html-validate about HTML.

use std::{env, path::Path};

use crate::{
    gallery,
    libraries::{Language, Runner},
};

#[tokio::test]
async fn axe_core_and_html_validate_find_nothing_wrong_with_any_page_in_any_language() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gallery");
    gallery::write(&folder);
    let runner = Runner::of("pages", Language::Node).await;
    let styles = Path::new(env!("CARGO_MANIFEST_DIR")).join("static");
    let mut check = runner.command("check.mjs");
    let checked = check.args([&folder, &styles]).output().await.unwrap();
    let said = String::from_utf8_lossy(&checked.stdout);
    let complaint = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success(), "{said}{complaint}");
}
