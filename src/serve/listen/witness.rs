//! The verifier of client certificates that takes down what comes and refuses nothing but a false signature.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

use super::request;
use crate::limits;
use crate::model::{Certificate, ClientAuthRequest, EncodedCertificate};

/// Whether a client showed that it holds the key of its certificate: its signature over the handshake.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ClientKeyProof {
    /// The signature verifies with the first certificate's key.
    Proved,
    /// It does not.
    Failed,
    /// It cannot be judged, for the reason given.
    NotJudged(String),
    /// None came.
    #[default]
    Absent,
}

/// What is asked, made ready for the TLS library.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) required: bool,
    pub(super) names: Vec<DistinguishedName>,
    pub(super) schemes: Vec<SignatureScheme>,
    /// The message of TLS 1.2, which stands in the text that a client signs.
    pub(super) message: Arc<[u8]>,
}

impl Asked {
    pub(super) fn new(request: &ClientAuthRequest, required: bool, message: Arc<[u8]>) -> Self {
        let names = request.authorities.iter().filter(|name| !name.is_empty());
        Self {
            required,
            names: names.map(|name| DistinguishedName::from(name.clone())).collect(),
            schemes: request
                .signature_algorithms
                .iter()
                .flatten()
                .map(|&scheme| SignatureScheme::from(scheme))
                .collect(),
            message,
        }
    }
}

/// What one client showed.
#[derive(Debug, Default)]
pub(super) struct Shown {
    pub(super) chain: Vec<EncodedCertificate>,
    pub(super) omitted: usize,
    pub(super) proof: ClientKeyProof,
}

/// The verifier of one connection.
#[derive(Debug)]
pub(super) struct Witness {
    asked: Arc<Asked>,
    shown: Mutex<Shown>,
}

impl Witness {
    pub(super) fn new(asked: Arc<Asked>) -> Self {
        Self { asked, shown: Mutex::default() }
    }

    pub(super) fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A client that does not hold the key is refused, as by any server; what cannot be judged is let pass.
    fn judge(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let scheme = u16::from(signed.scheme);
        let proof = match Certificate::from_der(certificate) {
            Ok(certificate) => {
                match certificate.key().verifies_handshake(scheme, message, signed.signature()) {
                    Some(true) => ClientKeyProof::Proved,
                    Some(false) => ClientKeyProof::Failed,
                    None => ClientKeyProof::NotJudged(format!(
                        "scheme {scheme:#06x} with a key of {} is not verified here",
                        certificate.key()
                    )),
                }
            }
            Err(error) => ClientKeyProof::NotJudged(error.to_string()),
        };
        let failed = proof == ClientKeyProof::Failed;
        self.shown().proof = proof;
        if failed {
            return Err(CertificateError::BadSignature.into());
        }
        Ok(HandshakeSignatureValid::assertion())
    }
}

impl ClientCertVerifier for Witness {
    fn client_auth_mandatory(&self) -> bool {
        self.asked.required
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.asked.names
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let mut shown = self.shown();
        shown.chain = std::iter::once(end_entity)
            .chain(intermediates)
            .take(limits::PRESENTED_CERTIFICATES)
            .map(|der| EncodedCertificate::x509(der))
            .collect();
        shown.omitted = intermediates.len().saturating_add(1).saturating_sub(shown.chain.len());
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let message = request::replaced(message, &self.asked.message);
        self.judge(&message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.judge(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.asked.schemes.clone()
    }
}
