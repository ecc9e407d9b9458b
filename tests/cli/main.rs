//! The command, from outside: exit codes, JSON, messages. One function a behaviour, named `<verb>_<situation>`.
//!
//! Nothing here needs another tool than keyward, nor a network but loopback.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation
)]

mod bad_input;
mod certificates;
mod convert;
mod demo;
mod diagnose;
mod doubles;
mod fetch;
#[path = "../fetched.rs"]
mod fetched;
mod hostile;
#[path = "../hostile_files.rs"]
mod hostile_files;
mod identities;
mod identity_build;
mod identity_check;
mod identity_explain;
mod identity_net;
mod identity_request;
mod inspect;
#[path = "../keyward.rs"]
mod keyward;
mod loopback;
mod manual;
mod many;
#[path = "../odd_certificates.rs"]
mod odd_certificates;
mod passwords;
mod plaintext;
mod proposals;
mod proxies;
mod saving;
#[path = "../secrets.rs"]
mod secrets;
mod starttls;
mod terminal;
mod trust_add;
mod trust_edit;
mod verify;
