//! PKCS12: decoding, encoding, edits.

mod corpus;
mod damage;
mod edits;
mod fixture;
mod round_trips;
