//! PKCS12: decoding, encoding, edits.

mod damage;
mod edits;
pub(crate) mod fixture;
mod round_trips;
