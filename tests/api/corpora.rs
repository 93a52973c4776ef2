//! The corpora of the fuzz targets, replayed: what was ever found there holds on every run of the
//! tests. These bytes don't come over HTTP; the rules are those of `fuzz/src`.

#[path = "../../fuzz/src/lib.rs"]
mod rules;

use std::{fs, path::Path};

#[test]
fn every_parser_of_outside_bytes_keeps_its_rule_over_its_corpus() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (name, hold) in rules::TARGETS {
        let inputs = fs::read_dir(corpora.join(name)).unwrap();
        let mut replayed = 0;
        for input in inputs {
            let path = input.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            // The name of the input stands before what the rule says about it.
            println!("{}", path.display());
            hold(&bytes);
            replayed += 1;
        }
        assert!(replayed > 0, "{name} has no corpus");
    }
}

#[test]
fn every_fuzz_target_is_replayed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/fuzz_targets");
    let targets = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = targets
        .map(|target| target.unwrap().path().file_stem().unwrap().to_owned())
        .collect();
    names.sort();
    assert_eq!(names, rules::TARGETS.map(|(name, _)| name));
}
