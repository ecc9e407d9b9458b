//! PKCS12: decoding, encoding, edits.

mod damage;
mod edits;
mod fixture;
mod round_trips;
