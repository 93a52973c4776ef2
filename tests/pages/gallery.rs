//! The pages as files, for people and for other programs to look at.

use std::{fs, path::Path};

use linkgate::web::i18n::Lang;

use crate::{every_page, way_in};

/// Writes every page and letter in every language. Opened as files two folders below the project, or served
/// beside `/static`, they find their stylesheet.
pub fn write(folder: &Path) {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).unwrap();
    for (name, letter) in Lang::ALL.into_iter().flat_map(way_in::letters) {
        fs::write(folder.join(format!("{name}.html")), letter.html).unwrap();
        fs::write(folder.join(format!("{name}.txt")), letter.text).unwrap();
    }
    for (name, page) in every_page() {
        let page = page.replace("=\"/static/", "=\"../../static/");
        fs::write(folder.join(format!("{name}.html")), page).unwrap();
    }
}
