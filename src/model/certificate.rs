//! One X.509 certificate (RFC 5280 section 4): its DER and what is read of it once.

mod java;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use std::sync::Arc;

use aws_lc_rs::digest;
use time::OffsetDateTime;
use x509_parser::prelude::{
    CRLDistributionPoint, DistributionPointName, FromDer, GeneralName as ParsedName, ParsedExtension,
    X509Certificate,
};

use super::hex;
use super::name::Name;
use super::object_identifier::dotted;
use super::public_key::{PublicKey, SignatureAlgorithm};
use super::revocation::{DistributionPoint, PointName};

pub use java::JavaRefusal;

/// The SHA-256 of a certificate's DER: how keyward tells certificates apart and pins them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// Hashes the DER of a certificate.
    #[must_use]
    pub fn of(der: &[u8]) -> Self {
        // SHA-256 has 32 octets.
        Self(digest::digest(&digest::SHA256, der).as_ref().try_into().unwrap_or_default())
    }

    /// Reads 64 hex digits of either case, with or without colons. `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits: Vec<u32> =
            text.chars().filter(|&c| c != ':').map(|c| c.to_digit(16)).collect::<Option<_>>()?;
        let mut bytes = [0u8; 32];
        if digits.len() != 64 {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = pair.iter().fold(0, |n, &digit| n << 4 | u8::try_from(digit).unwrap_or(0));
        }
        Some(Self(bytes))
    }

    /// The form in which `keytool` and `openssl x509 -fingerprint` print it: upper case, colons.
    #[must_use]
    pub fn colons(&self) -> String {
        self.0.iter().map(|b| format!("{b:02X}")).collect::<Vec<_>>().join(":")
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::lower(&self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Why bytes are no certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// The bytes are not the DER of a certificate.
    #[error("not an X.509 certificate: {0}")]
    Malformed(String),
    /// A certificate, and then more bytes.
    #[error("{0} bytes follow the certificate")]
    Trailing(usize),
    /// A date outside the calendar.
    #[error("the certificate's {0} is no date")]
    Date(&'static str),
}

/// A name of the subject alternative name extension (RFC 5280 section 4.2.1.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AlternativeName {
    /// dNSName.
    Dns(String),
    /// iPAddress of four or sixteen octets.
    Ip(IpAddr),
    /// rfc822Name.
    Email(String),
    /// uniformResourceIdentifier.
    Uri(String),
    /// Any other kind, described.
    Other(String),
}

impl fmt::Display for AlternativeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => write!(f, "DNS:{name}"),
            Self::Ip(address) => write!(f, "IP:{address}"),
            Self::Email(mail) => write!(f, "email:{mail}"),
            Self::Uri(uri) => write!(f, "URI:{uri}"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

/// Basic constraints (RFC 5280 section 4.2.1.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BasicConstraints {
    /// The subject is a certification authority.
    pub ca: bool,
    /// How many certificates that are not self-issued may follow before the end entity.
    pub path_length: Option<u32>,
}

/// Key usage bits (RFC 5280 section 4.2.1.3), bit 0 of the RFC being the lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUsage(pub u16);

impl KeyUsage {
    /// Bit 0, digitalSignature.
    #[must_use]
    pub fn digital_signature(self) -> bool {
        self.0 & 1 != 0
    }

    /// Bit 6, cRLSign.
    #[must_use]
    pub fn crl_sign(self) -> bool {
        self.0 & 1 << 6 != 0
    }

    /// Bit 5, keyCertSign.
    #[must_use]
    pub fn key_cert_sign(self) -> bool {
        self.0 & 1 << 5 != 0
    }

    /// The names of the bits that are set, as the RFC writes them.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        const NAMES: [&str; 9] = [
            "digitalSignature",
            "nonRepudiation",
            "keyEncipherment",
            "dataEncipherment",
            "keyAgreement",
            "keyCertSign",
            "cRLSign",
            "encipherOnly",
            "decipherOnly",
        ];
        NAMES.into_iter().enumerate().filter(move |(bit, _)| self.0 & (1 << bit) != 0).map(|(_, n)| n)
    }
}

/// What a certificate says, as far as keyward's operations ask.
#[derive(Debug)]
struct Facts {
    version: u32,
    subject: Name,
    issuer: Name,
    serial: Box<[u8]>,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
    key: PublicKey,
    signature_algorithm: SignatureAlgorithm,
    signature: Box<[u8]>,
    tbs_length: usize,
    tbs_offset: usize,
    basic_constraints: Option<BasicConstraints>,
    key_usage: Option<KeyUsage>,
    extended_key_usage: Option<Vec<String>>,
    alternative_names: Option<Vec<AlternativeName>>,
    subject_key_id: Option<Box<[u8]>>,
    authority_key_id: Option<Box<[u8]>>,
    ca_issuers: Vec<String>,
    ocsp: Vec<String>,
    distribution_points: Vec<DistributionPoint>,
    unknown_critical: Vec<String>,
    authority_serial: Option<Box<[u8]>>,
    extensions: Vec<(String, bool)>,
    algorithms_agree: bool,
}

/// One certificate: its exact DER, and what it says. Cloning shares both.
///
/// Reading checks the encoding only. It does not check the signature, the dates, nor that the extensions
/// make sense together; an extension that cannot be read counts as an unknown one.
#[derive(Clone)]
pub struct Certificate {
    der: Arc<[u8]>,
    facts: Arc<Facts>,
    fingerprint: Fingerprint,
}

/// The identifier octet of a certificate.
const SEQUENCE: u8 = 0x30;

impl Certificate {
    /// Reads one certificate from its DER.
    ///
    /// # Errors
    ///
    /// [`CertificateError`] when the bytes are no certificate, or more than one.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let (rest, parsed) = X509Certificate::from_der(der).map_err(|error| {
            CertificateError::Malformed(match error {
                x509_parser::asn1_rs::Err::Incomplete(_) => "it ends too early".to_owned(),
                x509_parser::asn1_rs::Err::Error(e) | x509_parser::asn1_rs::Err::Failure(e) => e.to_string(),
            })
        })?;
        if !rest.is_empty() {
            return Err(CertificateError::Trailing(rest.len()));
        }
        // The parser takes the number of a tag for the whole of it.
        if der.first() != Some(&SEQUENCE) {
            return Err(CertificateError::Malformed("it is no SEQUENCE".to_owned()));
        }
        let facts = Facts::read(der, &parsed)?;
        Ok(Self { fingerprint: Fingerprint::of(der), der: der.into(), facts: Arc::new(facts) })
    }

    /// The DER, to the byte as it was read.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The SHA-256 of the DER.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// 1, 2 or 3.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.facts.version
    }

    /// The subject's distinguished name.
    #[must_use]
    pub fn subject(&self) -> &Name {
        &self.facts.subject
    }

    /// The issuer's distinguished name.
    #[must_use]
    pub fn issuer(&self) -> &Name {
        &self.facts.issuer
    }

    /// The serial number's octets, as encoded (two's complement, big endian).
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        &self.facts.serial
    }

    /// The serial number in lower-case hex of its octets, without the octet that only keeps it positive.
    #[must_use]
    pub fn serial_hex(&self) -> String {
        let octets = match &*self.facts.serial {
            [0, rest @ ..] if !rest.is_empty() => rest,
            all => all,
        };
        hex::lower(octets)
    }

    /// Start of the validity, inclusive.
    #[must_use]
    pub fn not_before(&self) -> OffsetDateTime {
        self.facts.not_before
    }

    /// End of the validity, inclusive.
    #[must_use]
    pub fn not_after(&self) -> OffsetDateTime {
        self.facts.not_after
    }

    /// The subject's public key.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.facts.key
    }

    /// The algorithm of the issuer's signature, from the outer field. That the inner one is the same is
    /// for the verifier to check.
    #[must_use]
    pub fn signature_algorithm(&self) -> &SignatureAlgorithm {
        &self.facts.signature_algorithm
    }

    /// The bytes that the issuer signed.
    #[must_use]
    pub fn tbs(&self) -> &[u8] {
        let end = self.facts.tbs_offset.saturating_add(self.facts.tbs_length);
        self.der.get(self.facts.tbs_offset..end).unwrap_or_default()
    }

    /// The signature's octets.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.facts.signature
    }

    /// Basic constraints, where the extension is there.
    #[must_use]
    pub fn basic_constraints(&self) -> Option<BasicConstraints> {
        self.facts.basic_constraints
    }

    /// Whether basic constraints call the subject a CA. A version 1 certificate says nothing and is none.
    #[must_use]
    pub fn is_ca(&self) -> bool {
        self.facts.basic_constraints.is_some_and(|b| b.ca)
    }

    /// Key usage, where the extension is there.
    #[must_use]
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.facts.key_usage
    }

    /// The purposes of the extended key usage extension as dotted numbers, where it is there.
    #[must_use]
    pub fn extended_key_usage(&self) -> Option<&[String]> {
        self.facts.extended_key_usage.as_deref()
    }

    /// Whether the extended key usage lets it stand for a TLS client: it is absent, or has id-kp-clientAuth or
    /// anyExtendedKeyUsage (RFC 5280 section 4.2.1.12). The key usage is not looked at.
    #[must_use]
    pub fn is_for_tls_clients(&self) -> bool {
        let names_clients = |purpose: &String| purpose == "1.3.6.1.5.5.7.3.2" || purpose == "2.5.29.37.0";
        self.extended_key_usage().is_none_or(|purposes| purposes.iter().any(names_clients))
    }

    /// The subject alternative names, where the extension is there.
    #[must_use]
    pub fn alternative_names(&self) -> Option<&[AlternativeName]> {
        self.facts.alternative_names.as_deref()
    }

    /// The subject key identifier.
    #[must_use]
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        self.facts.subject_key_id.as_deref()
    }

    /// The key identifier of the authority key identifier.
    #[must_use]
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        self.facts.authority_key_id.as_deref()
    }

    /// The addresses at which the issuer's certificate is said to be (AIA, RFC 5280 section 4.2.2.1).
    #[must_use]
    pub fn ca_issuers(&self) -> &[String] {
        &self.facts.ca_issuers
    }

    /// The addresses of OCSP responders.
    #[must_use]
    pub fn ocsp(&self) -> &[String] {
        &self.facts.ocsp
    }

    /// The places where CRLs are said to be (RFC 5280 section 4.2.1.13).
    #[must_use]
    pub fn distribution_points(&self) -> &[DistributionPoint] {
        &self.facts.distribution_points
    }

    /// Critical extensions, by number, that keyward does not process.
    #[must_use]
    pub fn unknown_critical(&self) -> &[String] {
        &self.facts.unknown_critical
    }

    /// The serial number of the authority key identifier: that of the issuer's certificate, as encoded.
    #[must_use]
    pub fn authority_serial(&self) -> Option<&[u8]> {
        self.facts.authority_serial.as_deref()
    }

    /// All extensions by number, in the order of the encoding, with whether they are marked critical.
    #[must_use]
    pub fn extensions(&self) -> &[(String, bool)] {
        &self.facts.extensions
    }

    /// Whether the extension of this number is there.
    #[must_use]
    pub fn has_extension(&self, oid: &str) -> bool {
        self.facts.extensions.iter().any(|(id, _)| id == oid)
    }

    /// Whether the signature algorithm inside the signed part is the one outside it (RFC 5280 section
    /// 4.1.1.2 demands so).
    #[must_use]
    pub fn signature_algorithms_agree(&self) -> bool {
        self.facts.algorithms_agree
    }

    /// Whether subject and issuer are the same name. That the signature verifies with the certificate's
    /// own key is another matter ([`crate::chain::signature::is_self_signed`]).
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.facts.subject == self.facts.issuer
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

impl Hash for Certificate {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.fingerprint.hash(state);
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({}, {})", self.subject(), self.fingerprint)
    }
}

impl Facts {
    fn read(der: &[u8], parsed: &X509Certificate<'_>) -> Result<Self, CertificateError> {
        let tbs = &parsed.tbs_certificate;
        let signed: &[u8] = tbs.as_ref();
        let tbs_offset = der.windows(signed.len().max(1)).take(16).position(|w| w == signed).unwrap_or(0);
        let mut facts = Self {
            version: tbs.version().0.saturating_add(1),
            subject: Name::from_parsed(tbs.subject()),
            issuer: Name::from_parsed(tbs.issuer()),
            serial: tbs.raw_serial().into(),
            not_before: date(tbs.validity.not_before, "notBefore")?,
            not_after: date(tbs.validity.not_after, "notAfter")?,
            key: PublicKey::from_parsed(&tbs.subject_pki),
            signature_algorithm: SignatureAlgorithm::from_parsed(&parsed.signature_algorithm),
            signature: parsed.signature_value.data.as_ref().into(),
            tbs_length: signed.len(),
            tbs_offset,
            basic_constraints: None,
            key_usage: None,
            extended_key_usage: None,
            alternative_names: None,
            subject_key_id: None,
            authority_key_id: None,
            ca_issuers: Vec::new(),
            ocsp: Vec::new(),
            distribution_points: Vec::new(),
            unknown_critical: Vec::new(),
            authority_serial: None,
            extensions: Vec::with_capacity(tbs.extensions().len()),
            algorithms_agree: tbs.signature == parsed.signature_algorithm,
        };
        for extension in tbs.extensions() {
            let number = dotted(extension.oid.as_bytes());
            let known = facts.read_extension(extension.parsed_extension());
            if extension.critical && !known {
                facts.unknown_critical.push(number.clone());
            }
            facts.extensions.push((number, extension.critical));
        }
        Ok(facts)
    }

    /// Takes what an extension says; `false` for one that keyward does not process.
    fn read_extension(&mut self, extension: &ParsedExtension<'_>) -> bool {
        match extension {
            ParsedExtension::BasicConstraints(b) => {
                self.basic_constraints =
                    Some(BasicConstraints { ca: b.ca, path_length: b.path_len_constraint });
            }
            ParsedExtension::KeyUsage(usage) => self.key_usage = Some(KeyUsage(usage.flags)),
            ParsedExtension::ExtendedKeyUsage(usage) => {
                self.extended_key_usage = Some(purposes(usage));
            }
            ParsedExtension::SubjectAlternativeName(san) => {
                self.alternative_names = Some(san.general_names.iter().map(alternative_name).collect());
            }
            ParsedExtension::SubjectKeyIdentifier(id) => self.subject_key_id = Some(id.0.into()),
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                self.authority_key_id = id.key_identifier.as_ref().map(|k| k.0.into());
                self.authority_serial = id.authority_cert_serial.map(Into::into);
            }
            ParsedExtension::AuthorityInfoAccess(access) => {
                for description in access.iter() {
                    let ParsedName::URI(uri) = &description.access_location else { continue };
                    match dotted(description.access_method.as_bytes()).as_str() {
                        "1.3.6.1.5.5.7.48.2" => self.ca_issuers.push((*uri).to_owned()),
                        "1.3.6.1.5.5.7.48.1" => self.ocsp.push((*uri).to_owned()),
                        _ => {}
                    }
                }
            }
            ParsedExtension::CRLDistributionPoints(points) => {
                self.distribution_points = points.iter().map(distribution_point).collect();
            }
            ParsedExtension::NameConstraints(_)
            | ParsedExtension::CertificatePolicies(_)
            | ParsedExtension::PolicyMappings(_)
            | ParsedExtension::PolicyConstraints(_)
            | ParsedExtension::InhibitAnyPolicy(_)
            | ParsedExtension::IssuerAlternativeName(_)
            | ParsedExtension::NSCertType(_) => {}
            _ => return false,
        }
        true
    }
}

fn date(time: x509_parser::time::ASN1Time, field: &'static str) -> Result<OffsetDateTime, CertificateError> {
    OffsetDateTime::from_unix_timestamp(time.timestamp()).map_err(|_| CertificateError::Date(field))
}

fn purposes(usage: &x509_parser::extensions::ExtendedKeyUsage<'_>) -> Vec<String> {
    let known = [
        (usage.any, "2.5.29.37.0"),
        (usage.server_auth, "1.3.6.1.5.5.7.3.1"),
        (usage.client_auth, "1.3.6.1.5.5.7.3.2"),
        (usage.code_signing, "1.3.6.1.5.5.7.3.3"),
        (usage.email_protection, "1.3.6.1.5.5.7.3.4"),
        (usage.time_stamping, "1.3.6.1.5.5.7.3.8"),
        (usage.ocsp_signing, "1.3.6.1.5.5.7.3.9"),
    ];
    let mut oids: Vec<String> =
        known.iter().filter(|(set, _)| *set).map(|(_, oid)| (*oid).to_owned()).collect();
    oids.extend(usage.other.iter().map(|oid| dotted(oid.as_bytes())));
    oids
}

fn distribution_point(point: &CRLDistributionPoint<'_>) -> DistributionPoint {
    DistributionPoint {
        name: point.distribution_point.as_ref().map(|name| match name {
            DistributionPointName::FullName(names) => {
                PointName::Full(names.iter().map(alternative_name).collect())
            }
            DistributionPointName::NameRelativeToCRLIssuer(_) => PointName::Relative,
        }),
        some_reasons: point.reasons.is_some(),
        other_issuer: point.crl_issuer.is_some(),
    }
}

/// A name as x509-parser reads it.
pub(crate) fn alternative_name(name: &ParsedName<'_>) -> AlternativeName {
    match name {
        ParsedName::DNSName(text) => AlternativeName::Dns((*text).to_owned()),
        ParsedName::RFC822Name(text) => AlternativeName::Email((*text).to_owned()),
        ParsedName::URI(text) => AlternativeName::Uri((*text).to_owned()),
        ParsedName::IPAddress(octets) => {
            let v4 = <[u8; 4]>::try_from(*octets).map(IpAddr::from);
            let v6 = <[u8; 16]>::try_from(*octets).map(IpAddr::from);
            v4.or(v6).map_or_else(|_| AlternativeName::Other("IP:invalid".to_owned()), AlternativeName::Ip)
        }
        ParsedName::DirectoryName(name) => {
            AlternativeName::Other(format!("DirName:{}", Name::from_parsed(name)))
        }
        ParsedName::RegisteredID(oid) => AlternativeName::Other(format!("RID:{}", dotted(oid.as_bytes()))),
        ParsedName::OtherName(oid, _) => {
            AlternativeName::Other(format!("othername:{}", dotted(oid.as_bytes())))
        }
        _ => AlternativeName::Other("unreadable".to_owned()),
    }
}
