//! The one picture of names, certificates, secrets and keystores in memory.
//!
//! Everything here is read from bytes by [`crate::format`] and worked on by the operations. The model
//! knows no disk, no network and no clock.

pub mod certificate;
pub mod entropy;
pub mod key_store;
pub mod name;
pub mod password;
pub mod public_key;

pub use certificate::{Certificate, CertificateError, Fingerprint};
pub use entropy::Entropy;
pub use key_store::{EncodedCertificate, KeyStore};
pub use name::Name;
pub use password::Password;
