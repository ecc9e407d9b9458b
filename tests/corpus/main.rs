//! Every file of the corpora of others, and how far keyward agrees with what independent readers found in it.
//!
//! `KEYWARD_CORPORA` names the unpacked corpora; without it each test reports itself as ignored, and why. Each test
//! prints its agreement as N of M, whether it passes or not, and fails for a file that is neither as expected nor
//! in a list with the reason why keyward differs.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod agreement;
mod certificates;
mod java_stores;
mod pkcs12_stores;
mod seeds;
mod stores;
mod truncated;

use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Failed, Trial};

type Test = fn(&Path) -> Result<(), String>;

const TESTS: &[(&str, Test)] = &[
    ("stores", stores::agree),
    ("pkcs7", certificates::pkcs7_agrees),
    ("certificates", certificates::agree),
    ("every_file_is_looked_at", certificates::every_file_is_looked_at),
    ("seeds_of_fuzzers", seeds::are_survived),
    ("truncated_files", truncated::are_refused_soon),
];

fn main() {
    let mut arguments = Arguments::from_args();
    // One after the other: the lines are read, and memory is measured for the whole process.
    arguments.test_threads = Some(1);
    let corpora = std::env::var_os("KEYWARD_CORPORA").map(PathBuf::from);
    let trial = |&(name, test): &(&str, Test)| match corpora.clone() {
        Some(corpora) => Trial::test(name, move || test(&corpora).map_err(Failed::from)),
        None => Trial::test(name, || Ok(()))
            .with_kind("KEYWARD_CORPORA does not name the files of others")
            .with_ignored_flag(true),
    };
    libtest_mimic::run(&arguments, TESTS.iter().map(trial).collect()).exit();
}
