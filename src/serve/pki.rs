//! A private PKI made on the spot: certification authorities, servers, clients, sound or with a chosen flaw.

use std::net::IpAddr;

use rcgen::string::Ia5String;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    IsCa, Issuer, KeyPair, KeyUsagePurpose, RsaKeySize, SanType, SerialNumber,
};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::format::asn1;
use crate::model::EncodedCertificate;

/// Why a certificate could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the certificate of {subject} cannot be made: {reason}")]
pub struct PkiError {
    /// The common name of the draft.
    pub subject: String,
    /// The reason, in the words of the certificate library.
    pub reason: String,
}

/// The kind of key that a draft gets. Keys come from the system's randomness.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyKind {
    /// EC on secp256r1.
    #[default]
    P256,
    /// EC on secp384r1.
    P384,
    /// EC on secp521r1.
    P521,
    /// Ed25519.
    Ed25519,
    /// RSA of 2048 bits.
    Rsa2048,
    /// RSA of 3072 bits.
    Rsa3072,
}

/// A certificate to be made.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The common name, the only attribute of the subject.
    pub subject: String,
    /// The serial number.
    pub serial: u64,
    /// Start of the validity.
    pub not_before: OffsetDateTime,
    /// End of the validity.
    pub not_after: OffsetDateTime,
    /// Subject alternative names: an address where the text is one, else a DNS name.
    pub names: Vec<String>,
    /// Where the issuer's certificate is said to be (AIA).
    pub ca_issuers: Vec<String>,
    /// The purposes of the extended key usage, dotted; without any there is no such extension.
    pub purposes: Vec<Vec<u64>>,
    /// The key.
    pub key: KeyKind,
}

/// id-kp-serverAuth (RFC 5280 section 4.2.1.12).
pub const SERVER_AUTH: [u64; 9] = [1, 3, 6, 1, 5, 5, 7, 3, 1];

/// id-kp-clientAuth (RFC 5280 section 4.2.1.12).
pub const CLIENT_AUTH: [u64; 9] = [1, 3, 6, 1, 5, 5, 7, 3, 2];

impl Draft {
    /// A draft without names, addresses and purposes, with a P-256 key.
    #[must_use]
    pub fn new(subject: &str, serial: u64, not_before: OffsetDateTime, not_after: OffsetDateTime) -> Self {
        Self {
            subject: subject.to_owned(),
            serial,
            not_before,
            not_after,
            names: Vec::new(),
            ca_issuers: Vec::new(),
            purposes: Vec::new(),
            key: KeyKind::default(),
        }
    }

    /// The draft of a TLS server with these names.
    #[must_use]
    pub fn server(mut self, names: &[&str]) -> Self {
        self.names = names.iter().map(|&name| name.to_owned()).collect();
        self.purposes = vec![SERVER_AUTH.to_vec()];
        self
    }

    /// The draft with an address for the issuer's certificate.
    #[must_use]
    pub fn ca_issuers(mut self, address: &str) -> Self {
        self.ca_issuers.push(address.to_owned());
        self
    }

    /// The draft with this key.
    #[must_use]
    pub fn key(mut self, key: KeyKind) -> Self {
        self.key = key;
        self
    }

    /// Makes an end entity's certificate that its own key signs.
    ///
    /// # Errors
    ///
    /// [`PkiError`], as all that make certificates here.
    pub fn self_signed(&self) -> Result<Identity, PkiError> {
        let key = self.make_key()?;
        let certificate = self.parameters(IsCa::NoCa)?.self_signed(&key).map_err(|e| self.error(&e))?;
        Ok(Identity::new(certificate.der(), &key))
    }

    fn make_key(&self) -> Result<KeyPair, PkiError> {
        match self.key {
            KeyKind::P256 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256),
            KeyKind::P384 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384),
            KeyKind::P521 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512),
            KeyKind::Ed25519 => KeyPair::generate_for(&rcgen::PKCS_ED25519),
            KeyKind::Rsa2048 => KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_2048),
            KeyKind::Rsa3072 => KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_3072),
        }
        .map_err(|error| self.error(&error))
    }

    fn parameters(&self, is_ca: IsCa) -> Result<CertificateParams, PkiError> {
        let mut parameters = CertificateParams::default();
        parameters.not_before = self.not_before;
        parameters.not_after = self.not_after;
        parameters.serial_number = Some(SerialNumber::from(self.serial));
        parameters.distinguished_name = DistinguishedName::new();
        parameters.distinguished_name.push(DnType::CommonName, self.subject.as_str());
        for name in &self.names {
            parameters.subject_alt_names.push(match name.parse::<IpAddr>() {
                Ok(address) => SanType::IpAddress(address),
                Err(_) => {
                    let name = Ia5String::try_from(name.as_str()).map_err(|error| self.error(&error))?;
                    SanType::DnsName(name)
                }
            });
        }
        parameters.key_usages = match is_ca {
            IsCa::Ca(_) => vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign],
            _ => vec![KeyUsagePurpose::DigitalSignature],
        };
        parameters.is_ca = is_ca;
        parameters.extended_key_usages =
            self.purposes.iter().map(|oid| ExtendedKeyUsagePurpose::Other(oid.clone())).collect();
        if !self.ca_issuers.is_empty() {
            parameters.custom_extensions.push(access_to_issuers(&self.ca_issuers));
        }
        parameters.use_authority_key_identifier_extension = true;
        Ok(parameters)
    }

    fn error(&self, error: &impl ToString) -> PkiError {
        PkiError { subject: self.subject.clone(), reason: error.to_string() }
    }
}

/// A certificate with its private key.
pub struct Identity {
    /// The certificate.
    pub certificate: EncodedCertificate,
    /// The key, PKCS8 DER, not encrypted.
    pub key: Zeroizing<Vec<u8>>,
}

impl Identity {
    fn new(der: &[u8], key: &KeyPair) -> Self {
        Self { certificate: EncodedCertificate::x509(der), key: Zeroizing::new(key.serialize_der()) }
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({:?}, key hidden)", self.certificate)
    }
}

/// A certification authority that signs.
pub struct CertificateAuthority {
    /// Its certificate.
    pub certificate: EncodedCertificate,
    issuer: Issuer<'static, KeyPair>,
}

impl std::fmt::Debug for CertificateAuthority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CertificateAuthority({:?}, key hidden)", self.certificate)
    }
}

impl CertificateAuthority {
    /// Makes a root: self-signed, CA, without a path length.
    ///
    /// # Errors
    ///
    /// [`PkiError`].
    pub fn root(draft: &Draft) -> Result<Self, PkiError> {
        let key = draft.make_key()?;
        let parameters = draft.parameters(IsCa::Ca(BasicConstraints::Unconstrained))?;
        let certificate = parameters.self_signed(&key).map_err(|error| draft.error(&error))?;
        Ok(Self {
            certificate: EncodedCertificate::x509(certificate.der()),
            issuer: Issuer::new(parameters, key),
        })
    }

    /// Makes an authority below this one.
    ///
    /// # Errors
    ///
    /// [`PkiError`].
    pub fn subordinate(&self, draft: &Draft) -> Result<Self, PkiError> {
        let key = draft.make_key()?;
        let parameters = draft.parameters(IsCa::Ca(BasicConstraints::Unconstrained))?;
        let certificate = parameters.signed_by(&key, &self.issuer).map_err(|error| draft.error(&error))?;
        Ok(Self {
            certificate: EncodedCertificate::x509(certificate.der()),
            issuer: Issuer::new(parameters, key),
        })
    }

    /// Makes an end entity's certificate.
    ///
    /// # Errors
    ///
    /// [`PkiError`].
    pub fn issue(&self, draft: &Draft) -> Result<Identity, PkiError> {
        let key = draft.make_key()?;
        let certificate = draft
            .parameters(IsCa::NoCa)?
            .signed_by(&key, &self.issuer)
            .map_err(|error| draft.error(&error))?;
        Ok(Identity::new(certificate.der(), &key))
    }
}

/// Root, intermediate and server: the usual PKI.
#[derive(Debug)]
pub struct PrivatePki {
    /// The trust anchor.
    pub root: CertificateAuthority,
    /// The authority that issues.
    pub intermediate: CertificateAuthority,
    /// The server.
    pub server: Identity,
}

impl PrivatePki {
    /// Makes a PKI whose subjects are `{name} root`, `{name} issuing CA` and the first of the server's
    /// names, all valid for the same time, with the serial numbers 1, 2 and 3. The server's certificate names
    /// `ca_issuers` as the place of the intermediate.
    ///
    /// # Errors
    ///
    /// [`PkiError`].
    pub fn new(
        name: &str,
        server_names: &[&str],
        ca_issuers: Option<&str>,
        not_before: OffsetDateTime,
        not_after: OffsetDateTime,
    ) -> Result<Self, PkiError> {
        let draft = |subject: &str, serial| Draft::new(subject, serial, not_before, not_after);
        let root = CertificateAuthority::root(&draft(&format!("{name} root"), 1))?;
        let intermediate = root.subordinate(&draft(&format!("{name} issuing CA"), 2))?;
        let mut server = draft(server_names.first().unwrap_or(&"server"), 3).server(server_names);
        server.ca_issuers.extend(ca_issuers.map(str::to_owned));
        let server = intermediate.issue(&server)?;
        Ok(Self { root, intermediate, server })
    }
}

/// Authority information access (RFC 5280 section 4.2.2.1) with id-ad-caIssuers only; rcgen has none.
fn access_to_issuers(addresses: &[String]) -> CustomExtension {
    const CA_ISSUERS: [u8; 8] = [0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x02];
    let descriptions: Vec<Vec<u8>> = addresses
        .iter()
        .map(|address| {
            let location = asn1::tlv(asn1::tag::context(6), address.as_bytes());
            asn1::sequence(&[asn1::object_identifier(&CA_ISSUERS), location])
        })
        .collect();
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], asn1::sequence(&descriptions))
}
