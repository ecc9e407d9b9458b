//! What holds for the inputs of fuzzing, held for the project's fixtures and for every find there ever was.

use std::path::{Path, PathBuf};

#[path = "../../fuzz/src/codecs.rs"]
pub(crate) mod codecs;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn finds_stay_found() {
    for (target, _) in codecs::TARGETS {
        for file in files(&root().join("fuzz/finds").join(target)) {
            println!("{}", file.display());
            codecs::run(target, &std::fs::read(file).unwrap());
        }
    }
}

#[test]
fn fixtures_hold_in_every_target() {
    let fixtures = files(&root().join("testdata"));
    assert!(fixtures.len() > 50);
    for file in fixtures {
        println!("{}", file.display());
        let bytes = std::fs::read(file).unwrap();
        for (target, _) in codecs::TARGETS {
            codecs::run(target, &bytes);
        }
    }
}

/// Every target has a binary for libFuzzer, and every folder of finds a target.
#[test]
fn targets_and_folders_have_the_same_names() {
    let targets: Vec<&str> = codecs::TARGETS.iter().map(|(name, _)| *name).collect();
    let mut binaries: Vec<String> = files(&root().join("fuzz/fuzz_targets"))
        .iter()
        .map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    binaries.sort_by_key(|name| targets.iter().position(|target| target == name));
    assert_eq!(binaries, targets);
    for entry in std::fs::read_dir(root().join("fuzz/finds")).into_iter().flatten() {
        let name = entry.unwrap().file_name();
        assert!(targets.iter().any(|target| name == *target), "{}", name.display());
    }
}
