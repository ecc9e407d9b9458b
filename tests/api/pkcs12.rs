//! PKCS12: decoding, encoding, edits.

mod corpus;
mod damage;
mod edits;
pub(crate) mod fixture;
mod round_trips;
