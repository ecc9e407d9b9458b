//! One TLS handshake with rustls, for what the server presents in it.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::ServerName;
use rustls::{
    CipherSuite, ClientConfig, ClientConnection, Error, InvalidMessage, NamedGroup, PeerMisbehaved,
    ProtocolVersion,
};

use super::connection::{Connection, TooMuch};
use super::error::{FetchCause, Phase, quoted};
use super::target::{Host, Target};
use super::verifier::{KeyProof, Recorder};
use super::{ClientCertificate, Options, Sni};
use crate::limits;
use crate::model::EncodedCertificate;

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
    pub(super) client_certificate: ClientCertificate,
    pub(super) ended: Option<FetchCause>,
}

/// Shakes hands as far as the server goes along. It is an error only when no chain came.
pub(super) fn shake(
    connection: &mut Connection,
    target: &Target,
    options: &Options,
) -> Result<Shown, FetchCause> {
    let recorder = Recorder::new();
    let mut tls = client(&recorder, target, options)?;
    let mut ended = drive(&mut tls, connection).err();
    if ended.is_none() {
        ended = last_word(&mut tls, connection, &recorder);
        tls.send_close_notify();
        // The chain is here; whether the server hears the farewell matters to nobody.
        let _ = tls.write_tls(connection);
    }
    let mut record = recorder.record();
    if record.chain.is_empty() {
        return Err(ended.unwrap_or(FetchCause::NoCertificate));
    }
    Ok(Shown {
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

fn client(
    recorder: &Arc<Recorder>,
    target: &Target,
    options: &Options,
) -> Result<ClientConnection, FetchCause> {
    let internal = |error: Error| FetchCause::Internal(error.to_string());
    let mut config = ClientConfig::builder_with_provider(Arc::new(provider()))
        .with_safe_default_protocol_versions()
        .map_err(internal)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(recorder) as _)
        .with_client_cert_resolver(Arc::clone(recorder) as _);
    config.resumption = Resumption::disabled();
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

/// aws-lc-rs with X25519 first: the ClientHello with a post-quantum share does not fit one packet, and old
/// middleboxes drop it. The hybrid group stays on offer for servers that ask for it.
fn provider() -> CryptoProvider {
    CryptoProvider {
        kx_groups: vec![
            aws_lc_rs::kx_group::X25519,
            aws_lc_rs::kx_group::SECP256R1,
            aws_lc_rs::kx_group::SECP384R1,
            aws_lc_rs::kx_group::X25519MLKEM768,
        ],
        ..aws_lc_rs::default_provider()
    }
}

fn drive(tls: &mut ClientConnection, connection: &mut Connection) -> Result<(), FetchCause> {
    while tls.is_handshaking() {
        if let Err(error) = tls.complete_io(connection) {
            return Err(cause(tls, connection, &error));
        }
    }
    // The last flight: an empty certificate and Finished.
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
fn cause(tls: &mut ClientConnection, connection: &mut Connection, error: &io::Error) -> FetchCause {
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

fn tls_cause(error: &Error) -> FetchCause {
    match error {
        Error::NoCertificatesPresented => FetchCause::NoCertificate,
        Error::AlertReceived(description) => alert(u8::from(*description)),
        Error::PeerIncompatible(_) => FetchCause::Incompatible(error.to_string()),
        // We offer more schemes than rustls knows for TLS 1.2, so this is no fault of the server's.
        Error::PeerMisbehaved(PeerMisbehaved::SignedKxWithWrongAlgorithm) => FetchCause::Incompatible(
            "the TLS library cannot go on with the server's signature scheme".to_owned(),
        ),
        Error::InvalidMessage(
            InvalidMessage::HandshakePayloadTooLarge
            | InvalidMessage::CertificatePayloadTooLarge
            | InvalidMessage::MessageTooLarge,
        )
        | Error::PeerSentOversizedRecord => FetchCause::TooLarge(error.to_string()),
        _ => FetchCause::Broken(error.to_string()),
    }
}

/// Alerts by number, as the registry of TLS alerts spells them.
const ALERTS: [(u8, &str); 34] = [
    (0, "close_notify"),
    (10, "unexpected_message"),
    (20, "bad_record_mac"),
    (21, "decryption_failed"),
    (22, "record_overflow"),
    (30, "decompression_failure"),
    (40, "handshake_failure"),
    (41, "no_certificate"),
    (42, "bad_certificate"),
    (43, "unsupported_certificate"),
    (44, "certificate_revoked"),
    (45, "certificate_expired"),
    (46, "certificate_unknown"),
    (47, "illegal_parameter"),
    (48, "unknown_ca"),
    (49, "access_denied"),
    (50, "decode_error"),
    (51, "decrypt_error"),
    (60, "export_restriction"),
    (70, "protocol_version"),
    (71, "insufficient_security"),
    (80, "internal_error"),
    (86, "inappropriate_fallback"),
    (90, "user_canceled"),
    (100, "no_renegotiation"),
    (109, "missing_extension"),
    (110, "unsupported_extension"),
    (111, "certificate_unobtainable"),
    (112, "unrecognized_name"),
    (113, "bad_certificate_status_response"),
    (114, "bad_certificate_hash_value"),
    (115, "unknown_psk_identity"),
    (116, "certificate_required"),
    (120, "no_application_protocol"),
];

fn alert(number: u8) -> FetchCause {
    let name = ALERTS.iter().find(|(known, _)| *known == number).map_or("unknown", |(_, name)| name);
    FetchCause::Alert { name, number }
}

fn protocol_name(version: ProtocolVersion) -> String {
    match version {
        ProtocolVersion::TLSv1_2 => "TLSv1.2".to_owned(),
        ProtocolVersion::TLSv1_3 => "TLSv1.3".to_owned(),
        other => name_of(other.as_str()),
    }
}

/// rustls writes `TLS13_` where the registry of cipher suites has `TLS_`.
fn suite_name(suite: CipherSuite) -> String {
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
