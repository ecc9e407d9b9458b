//! Certificate revocation lists (RFC 5280 section 5).

use std::ops::Range;

use time::OffsetDateTime;

use super::certificate::Fingerprint;
use super::name::Name;
use super::public_key::SignatureAlgorithm;
use super::revocation::{PointName, RevocationReason};

/// A CRL. Its signature is not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crl {
    /// The whole encoding.
    pub der: Box<[u8]>,
    /// Who issued it.
    pub issuer: Name,
    /// When it was issued.
    pub this_update: OffsetDateTime,
    /// By when the next one is due, where it says so.
    pub next_update: Option<OffsetDateTime>,
    /// The octets of the CRL number (RFC 5280 section 5.2.3), big endian, where there is one.
    pub number: Option<Box<[u8]>>,
    /// How many certificates it revokes.
    pub revoked: usize,
    /// The algorithm of the signature.
    pub signature_algorithm: SignatureAlgorithm,
    /// Whether the algorithm inside the signed part is the one outside it.
    pub signature_algorithms_agree: bool,
    /// The signature's octets.
    pub signature: Box<[u8]>,
    /// The key identifier of the authority key identifier.
    pub authority_key_id: Option<Box<[u8]>>,
    /// Which certificates it is about, where it says so.
    pub scope: Option<CrlScope>,
    /// It tells only what has changed since another one (RFC 5280 section 5.2.4).
    pub is_delta: bool,
    /// Critical extensions, of the list or of an entry, that keyward does not process, dotted.
    pub unknown_critical: Vec<String>,
    /// Extensions that are marked critical and must not be (RFC 5280 section 5.2), dotted.
    pub wrongly_critical: Vec<String>,
    pub(crate) signed: Range<usize>,
    pub(crate) entries: Box<[Entry]>,
}

/// The issuing distribution point (RFC 5280 section 5.2.5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CrlScope {
    /// Only certificates that name this place.
    pub point: Option<PointName>,
    /// Only certificates of end entities.
    pub users_only: bool,
    /// Only certificates of CAs.
    pub authorities_only: bool,
    /// Only attribute certificates.
    pub attributes_only: bool,
    /// Only some reasons for a revocation.
    pub some_reasons: bool,
    /// Certificates of other issuers too.
    pub indirect: bool,
}

/// One entry, small because lists have millions: the serial number stays in the encoding of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Where the octets of the serial number begin.
    pub(crate) serial_offset: u32,
    /// How many there are.
    pub(crate) serial_length: u32,
    /// Seconds since 1970.
    pub(crate) date: i64,
    /// Why.
    pub(crate) reason: Option<RevocationReason>,
}

/// What a CRL says of one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrlEntry {
    /// Since when it is revoked.
    pub date: OffsetDateTime,
    /// Why, where the list says so.
    pub reason: Option<RevocationReason>,
}

impl Crl {
    /// The SHA-256 of the encoding.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.der)
    }

    /// The bytes that the issuer signed.
    #[must_use]
    pub fn signed(&self) -> &[u8] {
        self.der.get(self.signed.clone()).unwrap_or_default()
    }

    /// The entries for the certificate with this serial number, whatever its leading zeros. A list should have one
    /// at most.
    pub fn entries_of<'a>(&'a self, serial: &'a [u8]) -> impl Iterator<Item = CrlEntry> + 'a {
        let wanted = significant(serial);
        self.entries.iter().filter(move |entry| significant(self.serial(entry)) == wanted).filter_map(
            |entry| {
                let date = OffsetDateTime::from_unix_timestamp(entry.date).ok()?;
                Some(CrlEntry { date, reason: entry.reason })
            },
        )
    }

    fn serial(&self, entry: &Entry) -> &[u8] {
        let offset = usize::try_from(entry.serial_offset).unwrap_or(usize::MAX);
        let length = usize::try_from(entry.serial_length).unwrap_or_default();
        self.der.get(offset..offset.saturating_add(length)).unwrap_or_default()
    }
}

/// A number's octets without leading zeros.
pub(crate) fn significant(octets: &[u8]) -> &[u8] {
    let zeros = octets.iter().take_while(|&&octet| octet == 0).count();
    octets.get(zeros..).unwrap_or_default()
}
