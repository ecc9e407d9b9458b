//! Small files that ask for much: an error soon, in little memory.

use std::time::{Duration, Instant};

use crate::certificates::Folder;
use crate::hostile_files;
use crate::keyward::{Keyward, Outcome};

const MEMORY: u64 = 64 * 1024 * 1024;

/// What a refusal may take, the start of the process included. A build for debugging only must not hang.
const SOON: Duration = Duration::from_millis(if cfg!(debug_assertions) { 10_000 } else { 150 });

fn within_limits(arguments: &[&str]) -> Outcome {
    let started = Instant::now();
    let outcome = Keyward::new(arguments).memory(MEMORY).run();
    assert!(started.elapsed() < SOON, "{:?}\n{outcome}", started.elapsed());
    outcome
}

#[test]
fn trust_list_refuses_hostile_key_stores_in_64_mb() {
    let folder = Folder::new();
    for file in hostile_files::key_stores() {
        let store = folder.with(file.name, &file.bytes);
        let outcome = within_limits(&["trust", "list", &store, "--password", "pass:changeit"]).exits(2);
        assert!(outcome.err.contains(file.name), "{outcome}");
        // The message may be broken into lines.
        let said = outcome.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(&file.message), "{:?} is due\n{outcome}", file.message);
    }
}

#[test]
fn diagnose_refuses_values_in_values_in_64_mb() {
    let folder = Folder::new();
    for (name, tag) in [("sequences", 0x30), ("octets", 0x24), ("tagged", 0xa0)] {
        let nested = folder.with(&format!("{name}.der"), &hostile_files::nested(tag, 1_000_000));
        within_limits(&["diagnose", &nested]).exits(2);
        let open = folder.with(&format!("open-{name}.der"), &[tag, 0x80].repeat(1_000_000));
        within_limits(&["diagnose", &open]).exits(2);
    }
}

/// The bound that the others run under is one.
#[test]
fn a_store_of_more_than_64_mb_does_not_fit() {
    let folder = Folder::new();
    let store = folder.file("large.jks");
    std::fs::File::create(&store).expect("a new file").set_len(2 * MEMORY).expect("a sparse file");
    let arguments = ["trust", "list", &store, "--password", "pass:changeit"];
    Keyward::new(arguments).run().exits(2);
    let outcome = Keyward::new(arguments).memory(MEMORY).run().exits(3);
    assert!(outcome.err.contains("out of memory"), "{outcome}");
}
