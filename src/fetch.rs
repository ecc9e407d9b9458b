//! The only client of the network: the chain that a server presents, and the certificates that AIA
//! addresses give.
//!
//! [`fetch`] records and judges nothing. The chain is taken down inside the TLS verifier, so that it is there
//! for expired, self-signed, foreign and unreadable certificates, and also when the server goes on to
//! demand a client certificate or to abort.

mod address;
mod connection;
mod download;
mod error;
mod handshake;
mod issuers;
mod many;
mod revocation;
mod target;
mod verifier;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::limits;
use crate::model::EncodedCertificate;

pub use address::LocalClass;
pub use error::{FetchCause, FetchError, Phase};
pub use issuers::{AiaAnswers, AiaIssuers, AiaOptions, AiaReach};
pub use many::{Delivery, fetch_all};
pub use revocation::{RevocationAddresses, RevocationOptions};
pub use target::{Host, HostName, ListError, Target, TargetError, targets_from_list};
pub use verifier::KeyProof;

use connection::Connection;

/// The server name indication (RFC 6066 section 3) that a fetch sends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Sni {
    /// The target's host where it is a name, none where it is an address.
    #[default]
    FromTarget,
    /// None.
    None,
    /// This name.
    Name(HostName),
}

/// How chains are fetched.
#[derive(Clone, Debug)]
pub struct Options {
    /// The server name to send.
    pub sni: Sni,
    /// Where to connect, if not to the target itself: a node behind a load balancer, a forwarded port.
    pub connect: Option<Target>,
    /// Time for the whole fetch of one target: resolving, connecting, and the handshake. More than
    /// [`limits::TIME_MOST`] counts as that.
    pub timeout: Duration,
    /// Protocols to offer (RFC 7301); none sends no such extension.
    pub alpn: Vec<Vec<u8>>,
}

impl Default for Options {
    fn default() -> Self {
        Self { sni: Sni::default(), connect: None, timeout: limits::HANDSHAKE_TIME, alpn: Vec::new() }
    }
}

/// What a server wants of a client's certificate, as far as a handshake without one shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientCertificate {
    /// It does not ask, at least not in the handshake.
    NotRequested,
    /// It asks; whether it goes on without one did not show.
    Requested,
    /// It asks, and goes on without one.
    Optional,
    /// It asks, and refused to go on without one.
    Required,
}

/// What a server presented in a handshake.
#[derive(Clone, Debug)]
pub struct Presented {
    /// The certificates in the order in which they were sent, unread. Never empty.
    pub chain: Vec<EncodedCertificate>,
    /// Certificates sent beyond [`limits::PRESENTED_CERTIFICATES`], which are not in `chain`.
    pub omitted: usize,
    /// Whether the server holds the key of the first certificate.
    pub key_proof: KeyProof,
    /// The protocol version, such as `TLSv1.3`.
    pub protocol: Option<String>,
    /// The cipher suite by its registered name, such as `TLS_AES_256_GCM_SHA384`.
    pub cipher_suite: Option<String>,
    /// The key exchange group, such as `x25519`.
    pub group: Option<String>,
    /// The application protocol that the server chose.
    pub alpn: Option<String>,
    /// The address that answered.
    pub peer: SocketAddr,
    /// The stapled answer about revocation, unread (RFC 6066 section 8).
    pub ocsp: Option<Vec<u8>>,
    /// What the server wants of a client's certificate.
    pub client_certificate: ClientCertificate,
    /// What ended the handshake after the chain had come; `None` where it was finished.
    pub ended: Option<FetchCause>,
    /// The time of the whole fetch.
    pub elapsed: Duration,
}

impl Presented {
    /// Whether the server proved that it holds the key of the first certificate.
    #[must_use]
    pub fn key_proved(&self) -> bool {
        self.key_proof == KeyProof::Proved
    }
}

/// Fetches the chain that a target presents.
///
/// Neither names, dates, signatures of certificates nor trust are checked; the server's signature over the
/// handshake is checked and only recorded. TLS 1.2 and 1.3. A certificate message of more than 64 KiB is
/// refused by the TLS library ([`FetchCause::TooLarge`]).
///
/// # Errors
///
/// [`FetchError`] when no chain came. A handshake that breaks after the chain came is no error:
/// [`Presented::ended`] says how it did.
pub fn fetch(target: &Target, options: &Options) -> Result<Presented, FetchError> {
    let start = Instant::now();
    let mut tried = Vec::new();
    attempt(target, options, start, &mut tried).map_err(|cause| FetchError {
        target: target.clone(),
        tried: tried.into(),
        elapsed: start.elapsed(),
        cause,
    })
}

fn attempt(
    target: &Target,
    options: &Options,
    start: Instant,
    tried: &mut Vec<SocketAddr>,
) -> Result<Presented, FetchCause> {
    let deadline = address::deadline(start, options.timeout);
    let place = options.connect.as_ref().unwrap_or(target);
    let addresses = address::resolve(place.host(), place.port(), deadline)?;
    let (socket, attempts) = address::connect(&addresses, deadline);
    *tried = attempts;
    let mut connection = Connection::new(socket?, deadline);
    let peer = connection.peer().map_err(|error| FetchCause::Connection(error.to_string()))?;
    let shown = handshake::shake(&mut connection, target, options)?;
    Ok(Presented {
        chain: shown.chain,
        omitted: shown.omitted,
        key_proof: shown.key_proof,
        protocol: shown.protocol,
        cipher_suite: shown.cipher_suite,
        group: shown.group,
        alpn: shown.alpn,
        peer,
        ocsp: shown.ocsp,
        client_certificate: shown.client_certificate,
        ended: shown.ended,
        elapsed: start.elapsed(),
    })
}
