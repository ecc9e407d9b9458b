//! The one picture of names, certificates, secrets and keystores in memory.
//!
//! Everything here is read from bytes by [`crate::format`] and worked on by the operations. The model
//! knows no disk, no network and no clock.

pub mod certificate;
pub mod client_auth;
pub mod crl;
pub mod entropy;
pub(crate) mod hex;
pub mod key_store;
pub mod name;
pub(crate) mod object_identifier;
pub mod ocsp;
pub mod password;
pub mod private_key;
pub mod public_key;
pub mod request;
pub mod revocation;
pub mod secret_key;
pub mod timestamp;

pub use certificate::{Certificate, CertificateError, Fingerprint};
pub use client_auth::{ClientAuthRequest, OidFilter};
pub use crl::Crl;
pub use entropy::Entropy;
pub use key_store::{EncodedCertificate, KeyStore};
pub use name::Name;
pub use password::Password;
pub use private_key::{KeySummary, PrivateKey, PrivateKeyError};
pub use public_key::PublicKey;
pub use request::CertificateRequest;
pub use secret_key::SecretKey;
pub use timestamp::SignedCertificateTimestamp;
