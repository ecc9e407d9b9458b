//! Recording what a server presents, without judging it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{DigitallySignedStruct, Error, SignatureScheme};

use crate::limits;
use crate::model::{Certificate, EncodedCertificate};

/// Whether the server showed that it holds the key of the certificate that it presents: its signature over
/// the handshake (RFC 8446 section 4.4.3, RFC 5246 section 7.4.3). This is no judgement of the certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyProof {
    /// The signature verifies with the first certificate's key.
    Proved,
    /// It does not: whoever answered does not hold that key.
    Failed,
    /// It cannot be judged, for the reason given: the certificate cannot be read, or key and scheme are
    /// of a kind that is not verified here (Ed448, RSA below 2048 bits with PSS).
    NotJudged(String),
    /// The handshake broke before a signature was looked at.
    Absent,
}

/// What a handshake has shown so far.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) chain: Vec<EncodedCertificate>,
    pub(super) omitted: usize,
    pub(super) key_proof: KeyProof,
    pub(super) client_certificate_asked: bool,
    pub(super) ocsp: Option<Vec<u8>>,
}

/// Takes down what rustls hands to a verifier and to a holder of client certificates, and accepts
/// everything. One serves one connection.
#[derive(Debug)]
pub(super) struct Recorder(Mutex<Record>);

impl Recorder {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Record {
            chain: Vec::new(),
            omitted: 0,
            key_proof: KeyProof::Absent,
            client_certificate_asked: false,
            ocsp: None,
        })))
    }

    pub(super) fn record(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_proof(&self, message: &[u8], certificate: &CertificateDer<'_>, signed: &DigitallySignedStruct) {
        self.record().key_proof = prove(message, certificate, signed.scheme, signed.signature());
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let mut record = self.record();
        record.ocsp = (!ocsp_response.is_empty()).then(|| ocsp_response.to_vec());
        record.chain = std::iter::once(end_entity)
            .chain(intermediates)
            .take(limits::PRESENTED_CERTIFICATES)
            .map(|der| EncodedCertificate::x509(der))
            .collect();
        record.omitted = intermediates.len().saturating_add(1).saturating_sub(record.chain.len());
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.take_proof(message, certificate, signed);
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.take_proof(message, certificate, signed);
        Ok(HandshakeSignatureValid::assertion())
    }

    /// Everything that a server may be able to sign with, in the order of OpenSSL and JSSE: a server with
    /// several certificates chooses by it.
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![
            SignatureScheme::ECDSA_NISTP256_SHA256,
            SignatureScheme::ECDSA_NISTP384_SHA384,
            SignatureScheme::ECDSA_NISTP521_SHA512,
            SignatureScheme::ED25519,
            SignatureScheme::ED448,
            RSA_PSS_PSS_SHA256,
            RSA_PSS_PSS_SHA384,
            RSA_PSS_PSS_SHA512,
            SignatureScheme::RSA_PSS_SHA256,
            SignatureScheme::RSA_PSS_SHA384,
            SignatureScheme::RSA_PSS_SHA512,
            SignatureScheme::RSA_PKCS1_SHA256,
            SignatureScheme::RSA_PKCS1_SHA384,
            SignatureScheme::RSA_PKCS1_SHA512,
            SignatureScheme::ECDSA_SHA1_Legacy,
            SignatureScheme::RSA_PKCS1_SHA1,
        ]
    }
}

impl ResolvesClientCert for Recorder {
    fn resolve(&self, _issuers: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.record().client_certificate_asked = true;
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

/// The schemes of RFC 8446 section 4.2.3 for keys that are restricted to PSS; rustls has no names for them.
const RSA_PSS_PSS_SHA256: SignatureScheme = SignatureScheme::Unknown(0x0809);
const RSA_PSS_PSS_SHA384: SignatureScheme = SignatureScheme::Unknown(0x080a);
const RSA_PSS_PSS_SHA512: SignatureScheme = SignatureScheme::Unknown(0x080b);

fn prove(message: &[u8], certificate: &[u8], scheme: SignatureScheme, signature: &[u8]) -> KeyProof {
    let certificate = match Certificate::from_der(certificate) {
        Ok(certificate) => certificate,
        Err(error) => return KeyProof::NotJudged(error.to_string()),
    };
    let key = certificate.key();
    match key.verifies_handshake(scheme.into(), message, signature) {
        Some(true) => KeyProof::Proved,
        Some(false) => KeyProof::Failed,
        None => KeyProof::NotJudged(format!("{} with a key of {key} is not verified here", name_of(scheme))),
    }
}

fn name_of(scheme: SignatureScheme) -> String {
    scheme.as_str().map_or_else(|| format!("scheme {:#06x}", u16::from(scheme)), str::to_owned)
}
