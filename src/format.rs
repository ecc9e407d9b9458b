//! Bytes to model and back. No disk, no network, no operation.

pub mod asn1;
pub mod certificates;
pub mod detect;
pub mod jks;
pub mod key_store;
pub mod pem;
pub mod pkcs12;
pub mod pkcs7;
