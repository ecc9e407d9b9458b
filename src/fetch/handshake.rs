//! One TLS handshake with rustls, for what the server presents in it.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use rustls::client::{ResolvesClientCert, Resumption};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::ServerName;
use rustls::{
    CipherSuite, ClientConfig, ClientConnection, Error, InvalidMessage, NamedGroup, PeerMisbehaved,
    ProtocolVersion, SupportedProtocolVersion,
};

use super::connection::{Connection, TooMuch};
use super::error::{FetchCause, Phase, quoted};
use super::group::Group;
use super::overheard::{self, Secret};
use super::path_request::{self, PathAnswer};
use super::target::{Host, Target};
use super::verifier::{KeyProof, Recorder};
use super::{ClientCertificate, Options, Sni, alert};
use crate::limits;
use crate::model::{ClientAuthRequest, EncodedCertificate};

/// What came of a handshake in which the chain was shown.
pub(super) struct Shown {
    pub(super) chain: Vec<EncodedCertificate>,
    pub(super) omitted: usize,
    pub(super) key_proof: KeyProof,
    pub(super) protocol: Option<String>,
    pub(super) cipher_suite: Option<String>,
    pub(super) group: Option<String>,
    pub(super) alpn: Option<String>,
    pub(super) ocsp: Option<Vec<u8>>,
    pub(super) scts: Option<Vec<u8>>,
    pub(super) client_certificate: ClientCertificate,
    pub(super) client_request: Option<ClientAuthRequest>,
    pub(super) request_unread: Option<String>,
    pub(super) path_answer: Option<PathAnswer>,
    pub(super) ended: Option<FetchCause>,
}

/// Shakes hands as far as the server goes along. It is an error only when no chain came.
pub(super) fn shake(
    connection: &mut Connection,
    target: &Target,
    options: &Options,
    versions: &[&'static SupportedProtocolVersion],
) -> Result<Shown, FetchCause> {
    let recorder = Recorder::new();
    let secret = Arc::new(Secret::default());
    let mut tls = client(&recorder, Arc::clone(&recorder) as _, &secret, target, options, versions)?;
    connection.keep_copy();
    let mut ended = drive(&mut tls, connection).err();
    if ended.is_none() {
        ended = last_word(&mut tls, connection, &recorder);
    }
    let mut path_answer = None;
    if ended.is_none() {
        if let Some(path) = &options.path {
            path_answer = Some(path_request::send(&mut tls, connection, target, options, path));
        }
        tls.send_close_notify();
        // The chain is here; whether the server hears the farewell matters to nobody.
        let _ = tls.write_tls(connection);
    }
    let mut record = recorder.record();
    if record.chain.is_empty() {
        return Err(ended.unwrap_or(FetchCause::NoCertificate));
    }
    let (client_request, request_unread) = match record.client_certificate_asked {
        false => (None, None),
        true => {
            let secret = secret.take();
            match overheard::certificate_request(connection.copy(), secret.as_ref().map(|s| s.as_slice())) {
                Ok(request) => (Some(request), None),
                Err(unread) => (None, Some(unread.to_string())),
            }
        }
    };
    Ok(Shown {
        client_request,
        request_unread,
        path_answer,
        scts: None,
        client_certificate: client_certificate(record.client_certificate_asked, &tls, ended.as_ref()),
        chain: std::mem::take(&mut record.chain),
        omitted: record.omitted,
        key_proof: record.key_proof.clone(),
        protocol: tls.protocol_version().map(protocol_name),
        cipher_suite: tls.negotiated_cipher_suite().map(|suite| suite_name(suite.suite())),
        group: tls.negotiated_key_exchange_group().map(|group| group_name(group.name())),
        alpn: tls.alpn_protocol().map(|name| name.escape_ascii().to_string()),
        ocsp: record.ocsp.take(),
        ended,
    })
}

/// A client that takes down what the server presents, and answers a request for a certificate as told.
pub(super) fn client(
    recorder: &Arc<Recorder>,
    identities: Arc<dyn ResolvesClientCert>,
    secret: &Arc<Secret>,
    target: &Target,
    options: &Options,
    versions: &[&'static SupportedProtocolVersion],
) -> Result<ClientConnection, FetchCause> {
    let internal = |error: Error| FetchCause::Internal(error.to_string());
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider(&options.groups)))
        .with_protocol_versions(versions)
        .map_err(internal)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(recorder) as _)
        .with_client_cert_resolver(identities);
    config.resumption = Resumption::disabled();
    config.key_log = Arc::clone(secret) as _;
    config.alpn_protocols.clone_from(&options.alpn);
    let name = match (&options.sni, target.host()) {
        (Sni::Name(name), _) | (Sni::FromTarget, Host::Name(name)) => {
            ServerName::try_from(name.as_str().to_owned())
                .map_err(|error| FetchCause::Internal(format!("{name} cannot be sent as SNI: {error}")))?
        }
        // An address is never sent (RFC 6066 section 3); rustls wants to be told of one all the same.
        (Sni::FromTarget, Host::Address(address)) => ServerName::from(*address),
        (Sni::None, _) => {
            config.enable_sni = false;
            ServerName::from(std::net::IpAddr::from([0, 0, 0, 0]))
        }
    };
    ClientConnection::new(Arc::new(config), name).map_err(internal)
}

/// aws-lc-rs with these groups.
fn provider(groups: &[Group]) -> CryptoProvider {
    CryptoProvider {
        kx_groups: groups.iter().map(|group| group.exchange()).collect(),
        ..aws_lc_rs::default_provider()
    }
}

/// Shakes hands up to our last flight, which is sent.
pub(super) fn drive(tls: &mut ClientConnection, connection: &mut Connection) -> Result<(), FetchCause> {
    while tls.is_handshaking() {
        if let Err(error) = tls.complete_io(connection) {
            return Err(cause(tls, connection, &error));
        }
    }
    // The last flight: the certificate, which may be empty, and Finished.
    while tls.wants_write() {
        if let Err(error) = tls.write_tls(connection) {
            return Err(cause(tls, connection, &error));
        }
    }
    Ok(())
}

/// In TLS 1.3 the client is through before the server has looked at its (empty) certificate: only the next
/// read tells whether the server goes on without one. A ticket says that it does.
fn last_word(
    tls: &mut ClientConnection,
    connection: &mut Connection,
    recorder: &Recorder,
) -> Option<FetchCause> {
    if tls.protocol_version() != Some(ProtocolVersion::TLSv1_3) || !recorder.record().client_certificate_asked
    {
        return None;
    }
    connection.end_by(Instant::now() + limits::CLIENT_CERTIFICATE_TIME);
    while tls.tls13_tickets_received() == 0 {
        match tls.read_tls(connection) {
            // Silence is how a server waits for a request.
            Err(error) if error.kind() == io::ErrorKind::TimedOut => return None,
            Err(error) => return Some(cause(tls, connection, &error)),
            Ok(0) => return Some(FetchCause::Closed(connection.received())),
            Ok(_) => {}
        }
        match tls.process_new_packets() {
            Err(error) => return Some(tls_cause(&error)),
            Ok(state) if state.plaintext_bytes_to_read() > 0 || state.peer_has_closed() => return None,
            Ok(_) => {}
        }
    }
    None
}

/// What the handshake shows of the server's wish for a client certificate.
fn client_certificate(asked: bool, tls: &ClientConnection, ended: Option<&FetchCause>) -> ClientCertificate {
    let through = ended.is_none() && !tls.is_handshaking();
    let settled =
        tls.protocol_version() == Some(ProtocolVersion::TLSv1_2) || tls.tls13_tickets_received() > 0;
    match ended {
        _ if !asked => ClientCertificate::NotRequested,
        // handshake_failure is OpenSSL's word on TLS 1.2, bad_certificate JSSE's, access_denied seen of
        // appliances; certificate_required is that of RFC 8446.
        Some(FetchCause::Alert { number: 40 | 42 | 49 | 116, .. }) => ClientCertificate::Required,
        None if through && settled => ClientCertificate::Optional,
        _ => ClientCertificate::Requested,
    }
}

/// The most specific cause of a failed read or write.
pub(super) fn cause(
    tls: &mut ClientConnection,
    connection: &mut Connection,
    error: &io::Error,
) -> FetchCause {
    if let Some(words) = connection.first_words_unlike_tls() {
        return FetchCause::NotTls(quoted(words));
    }
    if let Some(inner) = error.get_ref() {
        if let Some(error) = inner.downcast_ref::<Error>() {
            return tls_cause(error);
        }
        if inner.is::<TooMuch>() {
            return FetchCause::TooLarge(inner.to_string());
        }
    }
    match error.kind() {
        io::ErrorKind::TimedOut => FetchCause::Timeout(Phase::Handshake),
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => {
            unread_alert(tls, connection).unwrap_or(FetchCause::Closed(connection.received()))
        }
        io::ErrorKind::UnexpectedEof => FetchCause::Closed(connection.received()),
        _ => FetchCause::Connection(error.to_string()),
    }
}

/// A server that sends its alert and closes makes our write fail; the alert may wait to be read.
fn unread_alert(tls: &mut ClientConnection, connection: &mut Connection) -> Option<FetchCause> {
    while matches!(tls.read_tls(connection), Ok(count) if count > 0) {
        if let Err(error) = tls.process_new_packets() {
            return Some(tls_cause(&error));
        }
    }
    connection.first_words_unlike_tls().map(|words| FetchCause::NotTls(quoted(words)))
}

pub(super) fn tls_cause(error: &Error) -> FetchCause {
    match error {
        Error::NoCertificatesPresented => FetchCause::NoCertificate,
        Error::AlertReceived(description) => alert::cause(u8::from(*description)),
        Error::PeerIncompatible(_) => FetchCause::Incompatible(error.to_string()),
        // We offer more schemes than rustls knows for TLS 1.2, so this is no fault of the server's.
        Error::PeerMisbehaved(PeerMisbehaved::SignedKxWithWrongAlgorithm) => FetchCause::Incompatible(
            "the TLS library cannot go on with the server's signature scheme".to_owned(),
        ),
        // Servers that do not look at what is offered.
        Error::PeerMisbehaved(
            PeerMisbehaved::SelectedUnofferedCipherSuite
            | PeerMisbehaved::SelectedUnofferedKxGroup
            | PeerMisbehaved::IllegalHelloRetryRequestWithUnofferedNamedGroup
            | PeerMisbehaved::IllegalHelloRetryRequestWithUnofferedCipherSuite,
        ) => FetchCause::Incompatible(error.to_string()),
        Error::InvalidMessage(
            InvalidMessage::HandshakePayloadTooLarge
            | InvalidMessage::CertificatePayloadTooLarge
            | InvalidMessage::MessageTooLarge,
        )
        | Error::PeerSentOversizedRecord => FetchCause::TooLarge(error.to_string()),
        _ => FetchCause::Broken(error.to_string()),
    }
}

pub(super) fn protocol_name(version: ProtocolVersion) -> String {
    match version {
        ProtocolVersion::TLSv1_2 => "TLSv1.2".to_owned(),
        ProtocolVersion::TLSv1_3 => "TLSv1.3".to_owned(),
        other => name_of(other.as_str()),
    }
}

/// rustls writes `TLS13_` where the registry of cipher suites has `TLS_`.
pub(super) fn suite_name(suite: CipherSuite) -> String {
    name_of(suite.as_str()).replacen("TLS13_", "TLS_", 1)
}

fn group_name(group: NamedGroup) -> String {
    match group {
        NamedGroup::X25519 => "x25519".to_owned(),
        other => name_of(other.as_str()),
    }
}

fn name_of(name: Option<&'static str>) -> String {
    name.unwrap_or("unknown").to_owned()
}
