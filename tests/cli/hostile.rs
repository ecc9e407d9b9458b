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
    hostile_key_stores_are_refused(&["trust", "list"], &[]);
}

#[test]
fn inspect_refuses_hostile_key_stores_in_64_mb() {
    hostile_key_stores_are_refused(&["inspect"], &[]);
}

#[test]
fn convert_refuses_hostile_key_stores_in_64_mb() {
    let folder = Folder::new();
    let output = folder.file("out.p12");
    hostile_key_stores_are_refused(&["convert"], &["-o", &output]);
    assert!(!std::path::Path::new(&output).exists());
}

#[track_caller]
fn hostile_key_stores_are_refused(verb: &[&str], options: &[&str]) {
    let folder = Folder::new();
    for file in hostile_files::key_stores().into_iter().chain(hostile_files::costly_key_stores()) {
        let store = folder.with(file.name, &file.bytes);
        let arguments = [verb, &[&store, "--password", "pass:changeit"], options].concat();
        let outcome = within_limits(&arguments).exits(2);
        assert!(outcome.err.contains(file.name), "{outcome}");
        // The message may be broken into lines.
        let said = outcome.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(&file.message), "{:?} is due\n{outcome}", file.message);
    }
}

/// Every fixture cut in some places: as commands, since starting them takes the time.
#[test]
fn truncated_files_are_refused_or_shown_in_64_mb() {
    let folder = Folder::new();
    for name in ["stores/rich.jks", "stores/rich.jceks", "stores/rich.p12", "keys/rsa.pem"] {
        let bytes = std::fs::read(crate::keyward::testdata(name)).expect("the fixture is there");
        let file = name.rsplit('/').next().expect("a name");
        for cut in (0..bytes.len()).step_by(bytes.len() / 6) {
            let truncated = folder.with(file, &bytes[..cut]);
            let (inspected, converted) = (
                within_limits(&["inspect", &truncated, "--password", "pass:changeit"]),
                within_limits(&[
                    "convert",
                    &truncated,
                    "--password",
                    "pass:changeit",
                    "--format",
                    "jks",
                    "-o",
                    "-",
                ]),
            );
            assert!(
                name.ends_with(".pem") || [inspected.code, converted.code] == [2, 2],
                "{inspected}\n{converted}"
            );
        }
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
