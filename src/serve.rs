//! The only code that listens: small servers on loopback for the demo and the tests, and the private PKI
//! that they use.
//!
//! They bind to 127.0.0.1 and a free port, bound their connections in number and time, and end when they
//! are dropped.

pub mod aia_server;
mod listener;
pub mod pki;
pub mod tls_server;

pub use aia_server::{AiaServer, Answer};
pub use pki::{CertificateAuthority, Draft, Identity, KeyKind, PkiError, PrivatePki};
pub use tls_server::{ClientAuth, ServerError, ServerOptions, TlsServer, Versions};
