//! The only code that listens: small servers on loopback for the demo, the tests and `identity listen`, and the private PKI
//! that they use.
//!
//! They bind to 127.0.0.1 and a free port (but for [`listen`], which binds where it is told to), bound their connections in number and time, and end when they
//! are dropped.

pub mod aia_server;
pub mod listen;
mod listener;
pub mod pki;
pub mod tls_server;

pub use aia_server::{AiaServer, Answer};
pub use pki::{CertificateAuthority, Draft, Identity, KeyKind, PkiError, PrivatePki};
pub use tls_server::{ClientAuth, ServerError, ServerOptions, TlsServer, Versions};
