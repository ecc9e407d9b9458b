//! The library through its public items.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation
)]

mod add_key;
mod chain;
mod convert;
mod fetch;
mod fuzz_replay;
mod hostile;
mod inspect;
mod jks;
mod jsse;
mod layers;
mod limbo;
mod other_readers;
mod pem;
mod pkcs12;
mod pkcs7;
mod private_key;
mod properties;
mod rfc5280;
mod save;
mod secrets;

/// The unpacked test data of others, if `KEYWARD_CORPORA` names it. A test without it says so and ends.
fn corpora() -> Option<std::path::PathBuf> {
    let folder = std::env::var_os("KEYWARD_CORPORA").map(std::path::PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: KEYWARD_CORPORA does not name the test data of others");
    }
    folder
}
