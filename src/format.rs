//! Bytes to model and back. No disk, no network, no operation.

pub mod alternative_name;
pub mod asn1;
pub mod certificates;
pub mod crl;
pub mod detect;
mod extension;
pub mod jks;
pub mod key_protection;
pub mod key_store;
pub mod name;
pub mod objects;
pub mod ocsp;
pub mod pem;
pub mod pkcs12;
pub mod pkcs7;
pub mod private_key;
pub mod public_key;
pub mod request;
pub mod transparency;

/// What x509-parser says of bytes that it could not read.
fn parse_error(error: x509_parser::asn1_rs::Err<x509_parser::error::X509Error>) -> String {
    match error {
        x509_parser::asn1_rs::Err::Incomplete(_) => "it ends too early".to_owned(),
        x509_parser::asn1_rs::Err::Error(error) | x509_parser::asn1_rs::Err::Failure(error) => {
            error.to_string()
        }
    }
}
