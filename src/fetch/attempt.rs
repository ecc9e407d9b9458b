//! A handshake with a client identity: what the server asks, what is sent, what the server makes of it.
//!
//! The identity is sent whatever authorities the server lists, so that the server itself is heard; a JVM chooses by
//! the list. The server's certificate is not judged here, neither its names nor its dates nor whom it is from.

mod signing;

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustls::client::ResolvesClientCert;
use rustls::pki_types::CertificateDer;
use rustls::sign::CertifiedKey;
use rustls::{ClientConnection, ProtocolVersion, SignatureScheme};

use super::address;
use super::connection::Connection;
use super::error::FetchCause;
use super::overheard::{self, Secret};
use super::verifier::Recorder;
use super::{FetchError, Options, StartTls, Target, handshake, once, path_request, route};
use crate::limits;
use crate::model::{ClientAuthRequest, EncodedCertificate, PrivateKey};

pub use signing::UnusableKey;

/// How the server's word is waited for once the handshake is through. On TLS 1.3 a client is through before the
/// server has looked at its certificate: the next thing that is read tells (RFC 8446 section 4.4.2.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// An HTTP request without a body is sent, and its status is read. After STARTTLS it is held instead.
    Http {
        /// `HEAD` or `GET`.
        method: Method,
        /// The path.
        path: String,
    },
    /// Nothing is sent.
    Hold {
        /// Time that counts as silence.
        time: Duration,
    },
}

/// The method of an HTTP request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `HEAD`: no body is answered.
    Head,
    /// `GET`.
    Get,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Head => "HEAD",
            Self::Get => "GET",
        })
    }
}

/// What was sent in answer to the server's request for a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The server did not ask in the handshake.
    NotAsked,
    /// A Certificate message without a certificate: the key makes no signature of a kind that the server takes.
    Nothing {
        /// Bytes of the Certificate message, its header included.
        bytes: usize,
    },
    /// The chain, and a signature.
    Chain {
        /// Certificates.
        certificates: usize,
        /// Bytes of the Certificate message, its header included.
        bytes: usize,
        /// The signature scheme's number (RFC 8446 section 4.2.3).
        scheme: u16,
    },
}

/// What shows that a server went on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// It answered the HTTP request with this status.
    Status(u16),
    /// It said something that is no HTTP.
    Data,
    /// Its Finished came after our certificate (TLS 1.2).
    Finished,
    /// It sent a session ticket, as servers do once the client has been looked at (TLS 1.3).
    Ticket,
    /// It said nothing in this time, where a refusal would have come at once.
    Silence(Duration),
}

/// What the server made of the identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It went on.
    WentOn(Evidence),
    /// It went on to ask for a certificate in a new handshake, which the TLS library does not make (TLS 1.2).
    AskedAfterwards,
    /// It ended the connection: with an alert, or without a word.
    Ended(FetchCause),
}

/// An identity's handshake.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The server's certificates in the order in which they were sent, unread.
    pub server_chain: Vec<EncodedCertificate>,
    /// The protocol version, such as `TLSv1.3`.
    pub protocol: Option<String>,
    /// The cipher suite by its registered name.
    pub cipher_suite: Option<String>,
    /// The application protocol that the server chose.
    pub alpn: Option<String>,
    /// The address that answered: the proxy's, where there is one.
    pub peer: std::net::SocketAddr,
    /// The proxy, without its credentials.
    pub proxy: Option<String>,
    /// What was spoken before TLS.
    pub start_tls: Option<StartTls>,
    /// The server's request, complete and in its order.
    pub request: Option<ClientAuthRequest>,
    /// Why the request could not be read, where it came.
    pub request_unread: Option<String>,
    /// What was sent.
    pub sent: Sent,
    /// What came of it.
    pub outcome: Outcome,
    /// The start of what the server said after the handshake, at most [`limits::PROBE_BYTES`].
    pub said: Vec<u8>,
}

/// Why no identity could be tried.
#[derive(Debug, thiserror::Error)]
pub enum AttemptError {
    /// Its key.
    #[error(transparent)]
    Key(#[from] UnusableKey),
    /// The server was not reached, or the handshake broke before a certificate was asked for.
    #[error(transparent)]
    Fetch(#[from] FetchError),
}

/// Shakes hands with a private key and its chain, and waits for the server's word.
///
/// # Errors
///
/// [`AttemptError`] when the key cannot sign, or the server did not come as far as asking for a certificate. A
/// refusal is no error: [`Attempt::outcome`] says it.
pub fn attempt(
    target: &Target,
    options: &Options,
    key: &PrivateKey,
    chain: &[EncodedCertificate],
    probe: &Probe,
) -> Result<Attempt, AttemptError> {
    let certified = Arc::new(CertifiedKey::new(
        chain.iter().map(|certificate| CertificateDer::from(certificate.der.to_vec())).collect(),
        signing::load(key)?,
    ));
    let start = Instant::now();
    let deadline = address::deadline(start, options.timeout);
    let mut log = route::Log::default();
    shake(target, options, deadline, &mut log, certified, probe).map_err(|cause| {
        AttemptError::Fetch(FetchError {
            target: target.clone(),
            tried: once(log.tried).into(),
            elapsed: start.elapsed(),
            cause,
        })
    })
}

fn shake(
    target: &Target,
    options: &Options,
    deadline: Instant,
    log: &mut route::Log,
    certified: Arc<CertifiedKey>,
    probe: &Probe,
) -> Result<Attempt, FetchCause> {
    let route::Opened { mut connection, peer, proxy, start_tls, .. } =
        route::open(target, options, deadline, log)?;
    let recorder = Recorder::new();
    let presenter = Arc::new(Presenter { certified, seen: Mutex::default() });
    let secret = Arc::new(Secret::default());
    let mut tls = handshake::client(
        &recorder,
        Arc::clone(&presenter) as _,
        &secret,
        target,
        options,
        options.versions.offered(),
    )?;
    connection.keep_copy();
    let mut said = Vec::new();
    let shaken = handshake::drive(&mut tls, &mut connection);
    let asked = presenter.seen();
    // After STARTTLS another protocol goes on, which an HTTP request would only disturb.
    let held = Probe::Hold { time: limits::HOLD_TIME };
    let probe = if start_tls.is_some() { &held } else { probe };
    let outcome = match shaken {
        Ok(()) => last_word(&mut tls, &mut connection, target, options, probe, &mut said),
        Err(cause) if asked.is_some() && speaks_of_the_client(&cause) => Outcome::Ended(cause),
        Err(cause) => return Err(cause),
    };
    tls.send_close_notify();
    // What was to be learned is learned; whether the server hears the farewell matters to nobody.
    let _ = tls.write_tls(&mut connection);
    let protocol = tls.protocol_version();
    let (request, request_unread) = match asked {
        None => (None, None),
        Some(_) => {
            let secret = secret.take();
            match overheard::certificate_request(connection.copy(), secret.as_ref().map(|s| s.as_slice())) {
                Ok(request) => (Some(request), None),
                Err(unread) => (None, Some(unread.to_string())),
            }
        }
    };
    Ok(Attempt {
        server_chain: std::mem::take(&mut recorder.record().chain),
        protocol: protocol.map(handshake::protocol_name),
        cipher_suite: tls.negotiated_cipher_suite().map(|suite| handshake::suite_name(suite.suite())),
        alpn: tls.alpn_protocol().map(|name| name.escape_ascii().to_string()),
        peer,
        proxy,
        start_tls,
        request,
        request_unread,
        sent: presenter.sent(protocol == Some(ProtocolVersion::TLSv1_3)),
        outcome,
        said,
    })
}

/// Answers the server's request with the one identity, and takes down what came of it.
#[derive(Debug)]
struct Presenter {
    certified: Arc<CertifiedKey>,
    seen: Mutex<Option<Option<SignatureScheme>>>,
}

impl Presenter {
    /// The scheme that the key signs with; nothing where the server did not ask.
    fn seen(&self) -> Option<Option<SignatureScheme>> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The Certificate message is the library's; its length follows from RFC 5246 section 7.4.2 and RFC 8446
    /// section 4.4.2.
    fn sent(&self, tls13: bool) -> Sent {
        const HEADER: usize = 4;
        const LENGTH: usize = 3;
        let (context, extensions) = if tls13 { (1, 2) } else { (0, 0) };
        let empty = HEADER + context + LENGTH;
        match self.seen() {
            None => Sent::NotAsked,
            Some(None) => Sent::Nothing { bytes: empty },
            Some(Some(scheme)) => Sent::Chain {
                certificates: self.certified.cert.len(),
                bytes: self.certified.cert.iter().fold(empty, |bytes, certificate| {
                    bytes.saturating_add(LENGTH + extensions).saturating_add(certificate.len())
                }),
                scheme: scheme.into(),
            },
        }
    }
}

impl ResolvesClientCert for Presenter {
    fn resolve(&self, _issuers: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let scheme = self.certified.key.choose_scheme(schemes).map(|signer| signer.scheme());
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(scheme);
        Some(Arc::clone(&self.certified))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// Whether a handshake that broke after the server had asked may have broken over the client's certificate.
fn speaks_of_the_client(cause: &FetchCause) -> bool {
    matches!(cause, FetchCause::Alert { .. } | FetchCause::Closed(_) | FetchCause::Connection(_))
}

/// Waits for what the server says next.
fn last_word(
    tls: &mut ClientConnection,
    connection: &mut Connection,
    target: &Target,
    options: &Options,
    probe: &Probe,
    said: &mut Vec<u8>,
) -> Outcome {
    let (patience, enough) = match probe {
        Probe::Http { method: Method::Head, .. } => (limits::REQUEST_TIME, STATUS_LINE),
        Probe::Http { method: Method::Get, .. } => (limits::REQUEST_TIME, limits::PROBE_BYTES),
        Probe::Hold { time } => (*time, 1),
    };
    connection.end_by(Instant::now() + patience);
    if let Probe::Http { method, path } = probe {
        let request = path_request::request(target, options, &method.to_string(), path);
        if let Err(error) = tls.writer().write_all(request.as_bytes()) {
            return Outcome::Ended(FetchCause::Internal(format!("the request cannot be sent: {error}")));
        }
    }
    let heard = listen(tls, connection, enough, said);
    if tls.protocol_version() == Some(ProtocolVersion::TLSv1_2)
        && path_request::begins_anew(connection.copy())
    {
        return Outcome::AskedAfterwards;
    }
    let through = match tls.protocol_version() {
        Some(ProtocolVersion::TLSv1_2) => Some(Evidence::Finished),
        _ if tls.tls13_tickets_received() > 0 => Some(Evidence::Ticket),
        _ => None,
    };
    match (path_request::status(said), heard) {
        (Some(status), _) => Outcome::WentOn(Evidence::Status(status)),
        (None, _) if !said.is_empty() => Outcome::WentOn(Evidence::Data),
        // An alert after the handshake is the server's word, whatever came before it.
        (None, Heard::Broken(cause @ FetchCause::Alert { .. })) => Outcome::Ended(cause),
        (None, heard) => match (through, heard) {
            (Some(evidence), _) => Outcome::WentOn(evidence),
            (None, Heard::Silence) => Outcome::WentOn(Evidence::Silence(patience)),
            (None, Heard::End) => Outcome::Ended(FetchCause::Closed(connection.received())),
            (None, Heard::Broken(cause)) => Outcome::Ended(cause),
        },
    }
}

/// Bytes that a status line may have.
const STATUS_LINE: usize = 64;

/// How listening ended.
enum Heard {
    /// Enough was said, or nothing more came in time.
    Silence,
    /// The server closed.
    End,
    /// The connection broke.
    Broken(FetchCause),
}

fn listen(
    tls: &mut ClientConnection,
    connection: &mut Connection,
    enough: usize,
    said: &mut Vec<u8>,
) -> Heard {
    loop {
        while tls.wants_write() {
            if let Err(error) = tls.write_tls(connection) {
                return Heard::Broken(handshake::cause(tls, connection, &error));
            }
        }
        if said.len() >= enough || (enough == STATUS_LINE && said.contains(&b'\n')) {
            return Heard::Silence;
        }
        match tls.read_tls(connection) {
            Ok(0) => return Heard::End,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::TimedOut => return Heard::Silence,
            Err(error) => return Heard::Broken(handshake::cause(tls, connection, &error)),
        }
        let state = match tls.process_new_packets() {
            Ok(state) => state,
            Err(error) => return Heard::Broken(handshake::tls_cause(&error)),
        };
        let mut more = [0; 1024];
        while let Ok(count @ 1..) = tls.reader().read(&mut more) {
            let room = limits::PROBE_BYTES.saturating_sub(said.len());
            said.extend(more.iter().take(count.min(room)));
        }
        if state.peer_has_closed() {
            return Heard::End;
        }
    }
}
