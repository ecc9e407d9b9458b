//! `keyward demo`, `--help`, `--version`.

use crate::certificates::Folder;
use crate::keyward::Keyward;

#[test]
fn demo_tells_the_whole_story() {
    let folder = Folder::new();
    let outcome = Keyward::new(["demo"]).within(folder.root()).run().exits(0);
    let said = format!("{}{}", outcome.text(), outcome.err);
    for words in
        ["keyward fetch", "keyward diagnose", "keyward trust add", "demo.jks", "missing-intermediate"]
    {
        assert!(said.contains(words), "{words:?} is due\n{outcome}");
    }
}

#[test]
fn demo_twice_in_one_folder() {
    let folder = Folder::new();
    Keyward::new(["demo"]).within(folder.root()).run().exits(0);
    Keyward::new(["demo"]).within(folder.root()).run().exits(0);
}

#[test]
fn help_is_for_every_verb_and_goes_to_stdout() {
    for words in [
        &["--help"][..],
        &["fetch", "--help"],
        &["diagnose", "--help"],
        &["trust", "--help"],
        &["trust", "add", "--help"],
        &["trust", "list", "--help"],
        &["demo", "--help"],
    ] {
        let outcome = Keyward::new(words).run().exits(0);
        assert!(outcome.text().contains("Usage"), "{outcome}");
    }
}

#[test]
fn version_is_the_crates() {
    let outcome = Keyward::new(["--version"]).run().exits(0);
    assert_eq!(outcome.text().trim(), concat!("keyward ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn usage_errors_exit_2() {
    for words in
        [&[][..], &["no-such-verb"], &["trust"], &["trust", "add"], &["fetch", "--jobs", "0", "localhost"]]
    {
        let outcome = Keyward::new(words).run().exits(2);
        assert!(!outcome.err.trim().is_empty(), "{outcome}");
    }
}
