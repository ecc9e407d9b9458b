//! The library through its public items.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation
)]

mod chain;
mod fetch;
mod jks;
mod jsse;
mod layers;
mod pem;
mod pkcs12;
mod pkcs7;
mod save;
