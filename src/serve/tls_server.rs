//! A small TLS server that presents whatever chain it is given.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig, ServerConnection, SupportedProtocolVersion};
use zeroize::Zeroizing;

use super::listener::{Listener, Stop};
use crate::model::EncodedCertificate;

/// Whether the server asks for a client certificate, and of which authorities.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ClientAuth {
    /// It does not.
    #[default]
    None,
    /// It asks, and goes on without.
    Optional(Vec<EncodedCertificate>),
    /// It asks, and refuses to go on without.
    Required(Vec<EncodedCertificate>),
}

/// The protocol versions that the server speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Versions {
    /// TLS 1.2 and 1.3.
    #[default]
    Both,
    /// TLS 1.2 only.
    Tls12,
    /// TLS 1.3 only.
    Tls13,
}

/// How a [`TlsServer`] behaves.
#[derive(Debug)]
pub struct ServerOptions {
    /// The certificates to present, in this order, whatever they are: nothing is checked.
    pub chain: Vec<EncodedCertificate>,
    /// The private key, PKCS8 DER.
    pub key: Zeroizing<Vec<u8>>,
    /// Client certificates.
    pub client_auth: ClientAuth,
    /// Protocol versions.
    pub versions: Versions,
    /// Time that the server waits before it says its first word.
    pub delay: Duration,
}

impl ServerOptions {
    /// A server with this chain and key, both versions, without client certificates and delay.
    #[must_use]
    pub fn new(chain: Vec<EncodedCertificate>, key: &[u8]) -> Self {
        Self {
            chain,
            key: Zeroizing::new(key.to_vec()),
            client_auth: ClientAuth::default(),
            versions: Versions::default(),
            delay: Duration::ZERO,
        }
    }
}

/// Why a server could not be started.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The options do not make a server: a key that cannot be read, a client authority that is none.
    #[error("the server cannot be set up: {0}")]
    Setup(String),
    /// The socket.
    #[error("the server cannot listen: {0}")]
    Listen(#[from] io::Error),
}

/// A TLS server on 127.0.0.1. It shakes hands, answers a first line of HTTP with a short text, and closes.
/// It ends when it is dropped.
#[derive(Debug)]
pub struct TlsServer(Listener);

impl TlsServer {
    /// Starts one.
    ///
    /// # Errors
    ///
    /// [`ServerError`] when the options make no server, or the socket cannot be had.
    pub fn start(options: &ServerOptions) -> Result<Self, ServerError> {
        let config = Arc::new(config(options)?);
        let delay = options.delay;
        let listener = Listener::start(move |socket, stop| {
            stop.sleep(delay);
            // A client that breaks off, or sends nonsense, is not the server's failure.
            let _ = converse(socket, Arc::clone(&config), stop);
        })?;
        Ok(Self(listener))
    }

    /// The address at which it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.address()
    }
}

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 20\r\n\
Connection: close\r\n\r\nserved for a test.\r\n";

/// Bytes of a request that are read; what matters is that it has come.
const REQUEST: usize = 4096;

fn converse(mut socket: TcpStream, config: Arc<ServerConfig>, stop: &Stop) -> io::Result<()> {
    let mut tls = ServerConnection::new(config).map_err(io::Error::other)?;
    while tls.is_handshaking() && !stop.is_set() {
        tls.complete_io(&mut socket)?;
    }
    let mut stream = rustls::Stream::new(&mut tls, &mut socket);
    let mut request = [0u8; REQUEST];
    if stream.read(&mut request)? > 0 {
        stream.write_all(ANSWER)?;
    }
    tls.send_close_notify();
    tls.complete_io(&mut socket).map(|_| ())
}

fn config(options: &ServerOptions) -> Result<ServerConfig, ServerError> {
    let setup = |error: &dyn std::fmt::Display| ServerError::Setup(error.to_string());
    let provider = Arc::new(aws_lc_rs::default_provider());
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(options.key.as_slice()));
    let key = aws_lc_rs::sign::any_supported_type(&key).map_err(|error| setup(&error))?;
    let chain = options.chain.iter().map(|c| CertificateDer::from(c.der.to_vec())).collect();
    let versions: &[&SupportedProtocolVersion] = match options.versions {
        Versions::Both => &[&TLS13, &TLS12],
        Versions::Tls12 => &[&TLS12],
        Versions::Tls13 => &[&TLS13],
    };
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(versions)
        .map_err(|error| setup(&error))?;
    let (authorities, required) = match &options.client_auth {
        ClientAuth::None => (None, false),
        ClientAuth::Optional(authorities) => (Some(authorities), false),
        ClientAuth::Required(authorities) => (Some(authorities), true),
    };
    let builder = match authorities {
        None => builder.with_no_client_auth(),
        Some(authorities) => {
            let mut roots = RootCertStore::empty();
            for authority in authorities {
                let der = CertificateDer::from(authority.der.to_vec());
                roots.add(der).map_err(|error| setup(&error))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            let verifier = if required { verifier } else { verifier.allow_unauthenticated() };
            builder.with_client_cert_verifier(verifier.build().map_err(|error| setup(&error))?)
        }
    };
    Ok(builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(CertifiedKey::new(chain, key)))))
}
