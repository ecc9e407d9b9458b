//! PKCS12 files (RFC 7292, PBMAC1 after RFC 9879): decoding, encoding, and encrypted private keys.
//!
//! ```text
//! PFX               ::= SEQUENCE { version INTEGER (3), authSafe ContentInfo, macData MacData OPTIONAL }
//! AuthenticatedSafe ::= SEQUENCE OF ContentInfo      -- Data, or EncryptedData under the password
//! SafeContents      ::= SEQUENCE OF SafeBag
//! SafeBag           ::= SEQUENCE { bagId, bagValue [0] EXPLICIT, bagAttributes SET OPTIONAL }
//! ```
//!
//! The model of a file is [`Pfx`](crate::model::key_store::Pfx).

mod algorithm;
mod cipher;
mod decode;
mod derivations;
mod encode;
mod error;
mod kdf;
mod key;
mod mac;
mod oid;
mod safe_contents;
mod secret;

#[cfg(test)]
mod tests;

pub(in crate::format) use cipher::decrypt_cbc;
pub use decode::{Decoded, decode};
pub use derivations::Derivations;
pub use encode::encode;
pub use error::{Pkcs12Error, Place};
pub(in crate::format) use kdf::bytes_to_key;
pub(in crate::format) use key::encrypt_key_for;
pub use key::{decrypt_key, encrypt_key, key_scheme};
pub use secret::{encode_secret, is_java_secret, open_secret};
