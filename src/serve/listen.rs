//! A TLS server that asks clients for their certificate and tells what comes.
//!
//! It sends the request that it is told to, to the byte. Whatever certificate comes is taken: the caller judges it. A
//! client without one is refused where one is required. After the handshake any request gets the same short answer
//! by HTTP.

mod gate;
mod request;
#[cfg(test)]
mod tests;
mod wire;
mod witness;

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{Acceptor, ServerSessionMemoryCache};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};
use rustls::{Error, ProtocolVersion, ServerConfig, ServerConnection, SupportedProtocolVersion};
use zeroize::Zeroizing;

use super::tls_server::ServerError;
use crate::limits;
use crate::model::{ClientAuthRequest, EncodedCertificate};
use gate::{Gate, Place};
use wire::Wire;
use witness::{Asked, Shown, Witness};

pub use request::RequestTooLong;
pub use witness::ClientKeyProof;

/// What a [`Listening`] server presents and asks.
#[derive(Debug)]
pub struct ListenOptions {
    /// The address to bind to; port 0 is a free one.
    pub address: SocketAddr,
    /// The server's certificates, in this order; nothing of them is checked.
    pub chain: Vec<EncodedCertificate>,
    /// Their private key, PKCS8 DER.
    pub key: Zeroizing<Vec<u8>>,
    /// What clients are asked on TLS 1.2; `None` where it is not spoken.
    pub tls12: Option<ClientAuthRequest>,
    /// What clients are asked on TLS 1.3; `None` where it is not spoken.
    pub tls13: Option<ClientAuthRequest>,
    /// Whether clients without a certificate are refused.
    pub required: bool,
}

/// What came of the request for a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// The connection ended before an answer.
    Unknown,
    /// A Certificate message without a certificate, of so many bytes with its header.
    Nothing {
        /// Bytes.
        bytes: usize,
    },
    /// Certificates, the client's own first, as they came.
    Chain {
        /// The certificates, unread.
        chain: Vec<EncodedCertificate>,
        /// Certificates beyond [`limits::PRESENTED_CERTIFICATES`], which are not in `chain`.
        omitted: usize,
        /// Bytes of the Certificate message, its header included; of TLS 1.3 with empty extensions. Without those of
        /// what was omitted.
        bytes: usize,
    },
}

/// One connection.
#[derive(Clone, Debug)]
pub struct Heard {
    /// The client's address.
    pub peer: SocketAddr,
    /// Whether a ClientHello came; without one, none of what follows is known.
    pub hello: bool,
    /// The server name that the client asked for (RFC 6066 section 3).
    pub sni: Option<String>,
    /// The application protocols that it offers.
    pub alpn: Vec<String>,
    /// The signature schemes that it lists, in its order.
    pub signature_algorithms: Vec<u16>,
    /// The version that was agreed on, such as `TLSv1.3`.
    pub protocol: Option<String>,
    /// The cipher suite by its registered name.
    pub cipher_suite: Option<String>,
    /// What it answered.
    pub certificate: Answered,
    /// Whether it showed that it holds the key.
    pub proof: ClientKeyProof,
    /// What ended the handshake; `None` where it was finished.
    pub ended: Option<ListenError>,
}

/// What ended a handshake.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListenError {
    /// The client closed or reset the connection.
    #[error("the client closed the connection")]
    Closed,
    /// It did not go on in time, or had to yield to others.
    #[error("the client did not finish the handshake in time")]
    Timeout,
    /// It refused, with this alert.
    #[error("the client ended the handshake with the alert {0}")]
    Alert(String),
    /// It was refused, because it sent no certificate.
    #[error("the client sent no certificate, and was refused")]
    Refused,
    /// Nothing in common, or no TLS: in the words of the TLS library.
    #[error("{0}")]
    Tls(String),
}

impl ListenError {
    /// The stable name, for scripts.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Closed => "connection-closed",
            Self::Timeout => "timeout",
            Self::Alert(_) => "tls-alert",
            Self::Refused => "no-certificate",
            Self::Tls(_) => "handshake-failed",
        }
    }
}

/// A server that listens. It ends when it is dropped.
#[derive(Debug)]
pub struct Listening {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    gate: Gate,
    accepting: Option<JoinHandle<()>>,
}

impl Listening {
    /// Starts one. `heard` is called for each connection, on a thread of that connection, as soon as its handshake is
    /// finished or has failed. At most [`limits::LISTENED_CONNECTIONS`] are open at once: the oldest that has not
    /// finished its handshake yields to a newcomer.
    ///
    /// # Errors
    ///
    /// [`ServerError`] when the options make no server, or the address cannot be bound to.
    pub fn start(
        options: &ListenOptions,
        heard: impl Fn(Heard) + Send + Sync + 'static,
    ) -> Result<Self, ServerError> {
        let host = Arc::new(Host::new(options)?);
        let listener = TcpListener::bind(options.address)?;
        let address = listener.local_addr()?;
        let stop = Arc::new(AtomicBool::new(false));
        let gate = Gate::default();
        let (stopped, entrance) = (Arc::clone(&stop), gate.clone());
        let heard = Arc::new(heard);
        let accepting = thread::Builder::new().name("accept".to_owned()).spawn(move || {
            let mut number = 0_u64;
            for socket in listener.incoming() {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(socket) = socket else {
                    // Too many open files, most likely: they become fewer, but not by asking at once.
                    thread::sleep(Duration::from_millis(20));
                    continue;
                };
                number = number.saturating_add(1);
                let Some(place) = entrance.admit(number, &socket, limits::LISTENED_CONNECTIONS) else {
                    continue;
                };
                let (host, heard) = (Arc::clone(&host), Arc::clone(&heard));
                // Without a thread the socket is dropped, and so closed.
                let _ = thread::Builder::new().name("serve".to_owned()).spawn(move || {
                    host.serve(socket, &place, &*heard);
                });
            }
        })?;
        Ok(Self { address, stop, gate, accepting: Some(accepting) })
    }

    /// The address at which it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.gate.clear();
        // The accept loop sees the flag once something connects.
        let mut to = self.address;
        if to.ip().is_unspecified() {
            to.set_ip(match to {
                SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
            });
        }
        let woken = TcpStream::connect_timeout(&to, Duration::from_secs(1)).is_ok();
        if let Some(accepting) = self.accepting.take().filter(|_| woken) {
            let _ = accepting.join();
        }
    }
}

/// What the connections of a server share.
struct Host {
    provider: Arc<CryptoProvider>,
    versions: Vec<&'static SupportedProtocolVersion>,
    identity: Arc<SingleCertAndKey>,
    asked: Arc<Asked>,
    fragment: Option<usize>,
}

impl Host {
    fn new(options: &ListenOptions) -> Result<Self, ServerError> {
        let setup = |error: &dyn std::fmt::Display| ServerError::Setup(error.to_string());
        let usual = aws_lc_rs::default_provider();
        let request = options.tls13.as_ref().or(options.tls12.as_ref());
        let Some(request) = request else { return Err(setup(&"no protocol version is to be spoken")) };
        let encoded = |request: &Option<ClientAuthRequest>| -> Result<Arc<[u8]>, ServerError> {
            let message = request.as_ref().map(request::encode).transpose().map_err(|error| setup(&error))?;
            Ok(message.unwrap_or_default().into())
        };
        let (tls12, tls13) = (encoded(&options.tls12)?, encoded(&options.tls13)?);
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(options.key.as_slice()));
        let key = aws_lc_rs::sign::any_supported_type(&key).map_err(|error| setup(&error))?;
        let chain = options.chain.iter().map(|c| CertificateDer::from(c.der.to_vec())).collect();
        let versions = [options.tls13.as_ref().map(|_| &TLS13), options.tls12.as_ref().map(|_| &TLS12)];
        Ok(Self {
            fragment: fragment(options.tls13.as_ref(), &tls13).map_err(|error| setup(&error))?,
            provider: Arc::new(request::provider(usual, &tls12, &tls13)),
            versions: versions.into_iter().flatten().collect(),
            identity: Arc::new(SingleCertAndKey::from(CertifiedKey::new(chain, key))),
            asked: Arc::new(Asked::new(request, options.required, tls12)),
        })
    }

    fn serve(&self, socket: TcpStream, place: &Place, heard: &dyn Fn(Heard)) {
        let Ok(peer) = socket.peer_addr() else { return };
        let mut wire = Wire::new(socket, limits::LISTENED_HANDSHAKE, Arc::clone(&self.asked.message));
        let witness = Arc::new(Witness::new(Arc::clone(&self.asked)));
        let mut told = Heard {
            peer,
            hello: false,
            sni: None,
            alpn: Vec::new(),
            signature_algorithms: Vec::new(),
            protocol: None,
            cipher_suite: None,
            certificate: Answered::Unknown,
            proof: ClientKeyProof::Absent,
            ended: None,
        };
        let shaken = self.shake(&mut wire, &witness, &mut told);
        let shown = std::mem::take(&mut *witness.shown());
        match shaken {
            Ok(mut tls) => {
                place.settle();
                told.certificate = answered(shown, &tls, &mut told.proof);
                heard(told);
                wire.end_in(limits::LISTENED_REQUEST);
                // A client that breaks off here has been heard.
                let _ = answer(&mut tls, &mut wire);
            }
            Err(broken) => {
                told.certificate = match (&broken.cause, shown.chain.is_empty()) {
                    (ListenError::Refused, _) => {
                        Answered::Nothing { bytes: message_bytes(broken.tls13, std::iter::empty()) }
                    }
                    (_, true) => Answered::Unknown,
                    (_, false) => chain(shown.chain, shown.omitted, broken.tls13),
                };
                told.proof = shown.proof;
                told.ended = Some(broken.cause);
                heard(told);
                wire.end_in(LINGER);
            }
        }
        wire.linger(limits::LISTENED_BYTES);
    }

    fn shake(
        &self,
        wire: &mut Wire,
        witness: &Arc<Witness>,
        told: &mut Heard,
    ) -> Result<ServerConnection, Broken> {
        let mut acceptor = Acceptor::default();
        let refused = |error: Error, mut alert: rustls::server::AcceptedAlert, wire: &mut Wire| {
            // Whoever does not hear it has left.
            let _ = alert.write_all(wire);
            Broken { cause: tls_cause(&error), tls13: false }
        };
        let accepted = loop {
            match acceptor.read_tls(wire) {
                Ok(0) => return Err(Broken { cause: ListenError::Closed, tls13: false }),
                Ok(_) => {}
                Err(error) => return Err(Broken { cause: cause(&error), tls13: false }),
            }
            match acceptor.accept() {
                Ok(Some(accepted)) => break accepted,
                Ok(None) => {}
                Err((error, alert)) => return Err(refused(error, alert, wire)),
            }
        };
        let hello = accepted.client_hello();
        told.hello = true;
        told.sni = hello.server_name().map(str::to_owned);
        told.alpn = hello.alpn().into_iter().flatten().map(|name| name.escape_ascii().to_string()).collect();
        told.signature_algorithms = hello.signature_schemes().iter().map(|&scheme| scheme.into()).collect();
        let config =
            self.config(witness).map_err(|error| Broken { cause: tls_cause(&error), tls13: false })?;
        let mut tls = match accepted.into_connection(Arc::new(config)) {
            Ok(tls) => tls,
            Err((error, alert)) => return Err(refused(error, alert, wire)),
        };
        while tls.is_handshaking() || tls.wants_write() {
            let done = tls.complete_io(wire);
            told.protocol = tls.protocol_version().map(protocol_name);
            told.cipher_suite = tls
                .negotiated_cipher_suite()
                .and_then(|suite| suite.suite().as_str())
                .map(|name| name.replacen("TLS13_", "TLS_", 1));
            if let Err(error) = done {
                // The alert, where there is one to send.
                while tls.wants_write() && tls.write_tls(wire).is_ok() {}
                let tls13 = tls.protocol_version() == Some(ProtocolVersion::TLSv1_3);
                return Err(Broken { cause: cause(&error), tls13 });
            }
        }
        Ok(tls)
    }

    /// One configuration a connection: its verifier is that connection's, and nothing is resumed.
    fn config(&self, witness: &Arc<Witness>) -> Result<ServerConfig, Error> {
        let mut config = ServerConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(&self.versions)?
            .with_client_cert_verifier(Arc::clone(witness) as _)
            .with_cert_resolver(Arc::clone(&self.identity) as _);
        // Tickets are given, since they say that a client was let in; the storage goes with the connection.
        config.session_storage = ServerSessionMemoryCache::new(1);
        config.max_fragment_size = self.fragment;
        Ok(config)
    }
}

/// A handshake that broke.
struct Broken {
    cause: ListenError,
    tls13: bool,
}

/// Time to read what a refused client has still to say.
const LINGER: Duration = Duration::from_secs(1);

/// The size of records that leaves room for what our request of TLS 1.3 is longer than rustls's.
fn fragment(request: Option<&ClientAuthRequest>, ours: &[u8]) -> Result<Option<usize>, RequestTooLong> {
    const MOST: usize = (1 << 14) + 5;
    let Some(request) = request else { return Ok(None) };
    let theirs = request::encode(&ClientAuthRequest {
        signature_algorithms_cert: None,
        oid_filters: Vec::new(),
        ..request.clone()
    })?;
    match ours.len().saturating_sub(theirs.len()) {
        0 => Ok(None),
        more if more < MOST / 2 => Ok(Some(MOST - more)),
        _ => Err(RequestTooLong("filters")),
    }
}

fn answered(shown: Shown, tls: &ServerConnection, proof: &mut ClientKeyProof) -> Answered {
    let tls13 = tls.protocol_version() == Some(ProtocolVersion::TLSv1_3);
    if shown.chain.is_empty() {
        return Answered::Nothing { bytes: message_bytes(tls13, std::iter::empty()) };
    }
    *proof = shown.proof;
    chain(shown.chain, shown.omitted, tls13)
}

fn chain(chain: Vec<EncodedCertificate>, omitted: usize, tls13: bool) -> Answered {
    let bytes = message_bytes(tls13, chain.iter().map(|certificate| certificate.der.len()));
    Answered::Chain { chain, omitted, bytes }
}

/// Bytes of a Certificate message with its header (RFC 5246 section 7.4.2, RFC 8446 section 4.4.2).
fn message_bytes(tls13: bool, certificates: impl Iterator<Item = usize>) -> usize {
    let (empty, each) = if tls13 { (8, 5) } else { (7, 3) };
    certificates.fold(empty, |bytes: usize, length| bytes.saturating_add(each).saturating_add(length))
}

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 28\r\n\
Connection: close\r\n\r\nkeyward has seen the client\n";

/// Bytes of the head of a request; what matters is that it has come.
const REQUEST: usize = 64 * 1024;

/// Waits for the head of a request, and answers.
fn answer(tls: &mut ServerConnection, wire: &mut Wire) -> io::Result<()> {
    let mut stream = rustls::Stream::new(tls, wire);
    let mut request = Vec::new();
    let mut more = [0; 4096];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") && request.len() < REQUEST {
        match stream.read(&mut more)? {
            0 => break,
            count => request.extend(more.iter().take(count)),
        }
        // A line that is no HTTP has nothing to follow.
        if !request.starts_with(b"HEAD ") && !looks_like_http(&request) {
            break;
        }
    }
    if request.is_empty() {
        return Ok(());
    }
    let body = ANSWER.windows(4).position(|end| end == b"\r\n\r\n").map_or(ANSWER.len(), |at| at + 4);
    let head_only = request.starts_with(b"HEAD ");
    stream.write_all(if head_only { ANSWER.get(..body).unwrap_or_default() } else { ANSWER })?;
    tls.send_close_notify();
    while tls.wants_write() {
        tls.write_tls(wire)?;
    }
    Ok(())
}

/// Whether what came may be the beginning of a request: its first line is not complete, or names HTTP.
fn looks_like_http(said: &[u8]) -> bool {
    match said.split(|&byte| byte == b'\n').next() {
        Some(line) if line.len() < said.len() => line.windows(5).any(|word| word == b"HTTP/"),
        _ => true,
    }
}

fn cause(error: &io::Error) -> ListenError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(error) => tls_cause(error),
        None if error.kind() == io::ErrorKind::TimedOut => ListenError::Timeout,
        None => ListenError::Closed,
    }
}

fn tls_cause(error: &Error) -> ListenError {
    match error {
        Error::NoCertificatesPresented => ListenError::Refused,
        Error::AlertReceived(alert) => {
            ListenError::Alert(alert.as_str().map_or_else(|| u8::from(*alert).to_string(), alert_name))
        }
        error => ListenError::Tls(error.to_string()),
    }
}

/// rustls writes `UnknownCA` where the registry has `unknown_ca`.
fn alert_name(name: &str) -> String {
    let mut out = String::new();
    let mut before = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && before {
            out.push('_');
        }
        before = c.is_ascii_lowercase();
        out.push(c.to_ascii_lowercase());
    }
    out
}

fn protocol_name(version: ProtocolVersion) -> String {
    match version {
        ProtocolVersion::TLSv1_2 => "TLSv1.2".to_owned(),
        ProtocolVersion::TLSv1_3 => "TLSv1.3".to_owned(),
        other => other.as_str().unwrap_or("unknown").to_owned(),
    }
}
