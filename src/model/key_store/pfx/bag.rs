//! The bags of a PKCS12 file (RFC 7292 section 4.2) and their attributes.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::super::{EncodedCertificate, StoredKey, alias};

/// The content octets of Oracle's trustedKeyUsage value anyExtendedKeyUsage, tag and length included: what
/// Java writes for a trusted certificate.
const ANY_USAGE: [u8; 6] = [0x06, 0x04, 0x55, 0x1d, 0x25, 0x00];

/// One SafeBag. A clone shares the content, so that no key is ever copied.
#[derive(Clone, Debug, PartialEq)]
pub struct Bag {
    /// What it holds.
    pub content: Arc<BagContent>,
    /// Its attributes, in the order of the file.
    pub attributes: Vec<Attribute>,
}

/// The content of a [`Bag`].
#[derive(PartialEq)]
pub enum BagContent {
    /// A KeyBag: the `PrivateKeyInfo` in the clear, which Java passes over.
    Key(Zeroizing<Vec<u8>>),
    /// A PKCS8ShroudedKeyBag: its `EncryptedPrivateKeyInfo` to the byte.
    ShroudedKey(Vec<u8>),
    /// A CertBag with an X.509 certificate.
    Certificate(EncodedCertificate),
    /// A CertBag of another type, as the one for SDSI: the CertBag to the byte.
    OtherCertificate(Vec<u8>),
    /// A CRLBag to the byte.
    Crl(Vec<u8>),
    /// A SecretBag to the byte. Java keeps an `EncryptedPrivateKeyInfo` in it; others may not encrypt.
    Secret(Zeroizing<Vec<u8>>),
    /// A SafeContentsBag.
    Nested(Vec<Bag>),
    /// A bag of a type that keyward does not know.
    Other {
        /// The content octets of its OBJECT IDENTIFIER.
        kind: Vec<u8>,
        /// Its value to the byte, without the explicit tag.
        value: Vec<u8>,
    },
}

/// One attribute of a bag (RFC 7292 section 4.2 and appendix D).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// friendlyName with one value: UTF-16 units of a BMPString.
    FriendlyName(Vec<u16>),
    /// localKeyID with one value.
    LocalKeyId(Vec<u8>),
    /// Oracle's trustedKeyUsage with at least one OBJECT IDENTIFIER: the encoded values.
    TrustedKeyUsage(Vec<u8>),
    /// Any other, and one of these with values that mean nothing.
    Other {
        /// The content octets of its OBJECT IDENTIFIER.
        kind: Vec<u8>,
        /// The content octets of its SET of values.
        values: Vec<u8>,
    },
}

impl Bag {
    /// A bag without attributes.
    #[must_use]
    pub fn new(content: BagContent) -> Self {
        Self { content: Arc::new(content), attributes: Vec::new() }
    }

    /// The alias that the bag carries. The last one counts, as in Java; what is no UTF-16 becomes U+FFFD.
    #[must_use]
    pub fn friendly_name(&self) -> Option<String> {
        self.friendly_units().map(String::from_utf16_lossy)
    }

    fn friendly_units(&self) -> Option<&[u16]> {
        self.attributes.iter().rev().find_map(|attribute| match attribute {
            Attribute::FriendlyName(units) => Some(units.as_slice()),
            _ => None,
        })
    }

    /// Whether the bag, or one nested in it, may be what the folded alias names: `false` rules it out.
    pub(super) fn may_have_alias(&self, folded: &str) -> bool {
        let own = match self.friendly_units() {
            Some(units) => {
                let name = char::decode_utf16(units.iter().copied());
                alias::may_fold_to(name.map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)), folded)
            }
            // Java counts what has no name; what it does not show has an empty one.
            None => folded.bytes().all(|byte| byte.is_ascii_digit()),
        };
        let nested = || match &*self.content {
            BagContent::Nested(bags) => bags.iter().any(|bag| bag.may_have_alias(folded)),
            _ => false,
        };
        own || nested()
    }

    /// Whether the bag, or one nested in it, holds a private or a secret key.
    pub(super) fn holds_key(&self) -> bool {
        match &*self.content {
            BagContent::Key(_) | BagContent::ShroudedKey(_) | BagContent::Secret(_) => true,
            BagContent::Nested(bags) => bags.iter().any(Self::holds_key),
            BagContent::Certificate(_)
            | BagContent::OtherCertificate(_)
            | BagContent::Crl(_)
            | BagContent::Other { .. } => false,
        }
    }

    /// What binds a key to its certificate. The last one counts, as in Java.
    #[must_use]
    pub fn local_key_id(&self) -> Option<&[u8]> {
        self.attributes.iter().rev().find_map(|attribute| match attribute {
            Attribute::LocalKeyId(id) => Some(id.as_slice()),
            _ => None,
        })
    }

    /// Whether Java takes the certificate in it for a trust anchor.
    #[must_use]
    pub fn is_trusted(&self) -> bool {
        self.attributes.iter().any(|attribute| matches!(attribute, Attribute::TrustedKeyUsage(_)))
    }

    /// The X.509 certificate in it.
    #[must_use]
    pub fn certificate(&self) -> Option<&EncodedCertificate> {
        match &*self.content {
            BagContent::Certificate(certificate) => Some(certificate),
            _ => None,
        }
    }

    /// The key in it.
    pub(super) fn key(&self) -> Option<StoredKey<'_>> {
        match &*self.content {
            BagContent::Key(plain) => Some(StoredKey::Plain(plain)),
            BagContent::ShroudedKey(encrypted) => Some(StoredKey::Shrouded(encrypted)),
            BagContent::Secret(bag) => Some(StoredKey::Secret(bag)),
            _ => None,
        }
    }

    /// A trusted certificate with the attributes that Java writes, in its order.
    pub(super) fn trusted(alias: &str, certificate: &EncodedCertificate) -> Self {
        let mut bag = Self::new(BagContent::Certificate(certificate.clone()));
        bag.attributes.push(Attribute::FriendlyName(alias.encode_utf16().collect()));
        bag.attributes.push(Attribute::TrustedKeyUsage(ANY_USAGE.to_vec()));
        bag
    }

    /// An end entity's certificate, bound to its key.
    pub(super) fn end_entity(alias: &str, key_id: &[u8], certificate: &EncodedCertificate) -> Self {
        let mut bag = Self::new(BagContent::Certificate(certificate.clone()));
        bag.attributes.push(Attribute::FriendlyName(alias.encode_utf16().collect()));
        bag.attributes.push(Attribute::LocalKeyId(key_id.to_vec()));
        bag
    }

    /// A further certificate of a chain, which Java names after its subject.
    pub(super) fn issuer(certificate: &EncodedCertificate) -> Self {
        let mut bag = Self::new(BagContent::Certificate(certificate.clone()));
        if let Ok(read) = certificate.read() {
            let units = read.subject().rfc4514().encode_utf16().collect();
            bag.attributes.push(Attribute::FriendlyName(units));
        }
        bag
    }

    /// The same bag under another alias; its position among the attributes is kept.
    pub(super) fn renamed(&self, alias: &str) -> Self {
        let mut bag = self.clone();
        let name = Attribute::FriendlyName(alias.encode_utf16().collect());
        match bag.attributes.iter_mut().rev().find(|a| matches!(a, Attribute::FriendlyName(_))) {
            Some(old) => *old = name,
            None => bag.attributes.insert(0, name),
        }
        bag
    }

    /// The same bag with Java's trust attribute, which it may have already.
    pub(super) fn with_trust(mut self) -> Self {
        if !self.is_trusted() {
            self.attributes.push(Attribute::TrustedKeyUsage(ANY_USAGE.to_vec()));
        }
        self
    }

    /// The same bag as Java does not trust it.
    pub(super) fn without_trust(mut self) -> Self {
        self.attributes.retain(|attribute| !matches!(attribute, Attribute::TrustedKeyUsage(_)));
        self
    }

    /// Binds it to a key: its localKeyID is this one from now on.
    pub(super) fn set_local_key_id(&mut self, id: &[u8]) {
        let new = Attribute::LocalKeyId(id.to_vec());
        match self.attributes.iter_mut().rev().find(|a| matches!(a, Attribute::LocalKeyId(_))) {
            Some(old) => *old = new,
            None => {
                let after_name = self
                    .attributes
                    .iter()
                    .position(|a| matches!(a, Attribute::FriendlyName(_)))
                    .map_or(0, |position| position.saturating_add(1));
                self.attributes.insert(after_name, new);
            }
        }
    }

    /// The same attributes on another certificate.
    pub(super) fn with_certificate(&self, certificate: &EncodedCertificate) -> Self {
        Self {
            content: Arc::new(BagContent::Certificate(certificate.clone())),
            attributes: self.attributes.clone(),
        }
    }
}

impl fmt::Debug for BagContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(_) => f.write_str("Key(..)"),
            Self::ShroudedKey(_) => f.write_str("ShroudedKey(..)"),
            Self::Certificate(certificate) => write!(f, "{certificate:?}"),
            Self::OtherCertificate(_) => f.write_str("OtherCertificate(..)"),
            Self::Crl(_) => f.write_str("Crl(..)"),
            Self::Secret(_) => f.write_str("Secret(..)"),
            Self::Nested(bags) => f.debug_tuple("Nested").field(bags).finish(),
            Self::Other { kind, .. } => write!(f, "Other({kind:02x?}, ..)"),
        }
    }
}
