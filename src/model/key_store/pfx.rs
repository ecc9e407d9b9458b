//! PKCS12 in memory (RFC 7292): the file's own structure, so that what was not edited is written back to
//! the byte.

mod assemble;
pub mod bag;
mod edit;
mod private_key;
pub mod profile;
pub mod protection;
mod view;

use std::sync::Arc;

use super::{EncodedCertificate, Entry};
pub use bag::{Attribute, Bag, BagContent};
pub use profile::Profile;
pub use protection::{
    Cipher, HashFunction, LegacyCipher, MacScheme, PasswordForm, Pbes1Cipher, Protection, Scheme,
};
use view::View;

/// A PKCS12 file: its parts in order, and how it is protected.
///
/// Two are equal when they hold the same in the same order under the same schemes. Salts, initialization
/// vectors and the encoding of parts that could be opened do not count.
#[derive(Debug)]
pub struct Pfx {
    parts: Vec<Part>,
    mac: Option<MacScheme>,
    certificates: Protection,
    password_form: PasswordForm,
}

/// One ContentInfo of the AuthenticatedSafe.
#[derive(Clone, Debug)]
pub struct Part {
    protection: Protection,
    contents: Contents,
    original: Option<Arc<[u8]>>,
}

/// An entry with its bags.
#[derive(Clone, Debug)]
pub struct Held<'a> {
    /// The entry.
    pub entry: Entry<'a>,
    /// Its own bag.
    pub bag: &'a Bag,
    /// The bags of a private key's chain, end entity first; otherwise empty.
    pub chain: Vec<&'a Bag>,
}

/// What a [`Part`] holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Contents {
    /// Its bags.
    Open(Vec<Bag>),
    /// Nothing that can be seen: no password was given, or it takes more than a password.
    Locked,
}

impl Pfx {
    /// An empty store with the protection that JDK 17 gives a new one.
    #[must_use]
    pub fn empty() -> Self {
        Self::with_profile(&Profile::java17())
    }

    /// An empty store.
    #[must_use]
    pub fn with_profile(profile: &Profile) -> Self {
        Self {
            parts: Vec::new(),
            mac: profile.mac.clone(),
            certificates: profile.certificates.clone(),
            password_form: PasswordForm::default(),
        }
    }

    /// The store that a file holds. A part that certificates are added to later, if the file has none for
    /// them, is protected as the file's encrypted parts are; it stays plain where certificates stand in the
    /// clear or nothing has a password; else it gets what JDK 17 gives.
    #[must_use]
    pub fn from_parts(parts: Vec<Part>, mac: Option<MacScheme>, password_form: PasswordForm) -> Self {
        let encrypted =
            parts.iter().rev().map(Part::protection).find(|p| matches!(p, Protection::Encrypted(_)));
        let certificates = match encrypted {
            Some(protection) => protection.clone(),
            None if mac.is_none() || parts.iter().any(Part::holds_certificates) => Protection::Plain,
            None => Profile::java17().certificates,
        };
        Self { parts, mac, certificates, password_form }
    }

    /// The parts, in the order of the file.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// How integrity is protected.
    #[must_use]
    pub fn mac(&self) -> Option<&MacScheme> {
        self.mac.as_ref()
    }

    /// How a part is protected that certificates are added to, if the file has none for them.
    #[must_use]
    pub fn certificate_protection(&self) -> &Protection {
        &self.certificates
    }

    /// The octets that the file makes of its password.
    #[must_use]
    pub fn password_form(&self) -> PasswordForm {
        self.password_form
    }

    /// Whether nothing is protected by the store's password: no part is encrypted and there is no MAC
    /// (`PKCS12KeyStore.isPasswordless`). Private keys have passwords even so.
    #[must_use]
    pub fn is_passwordless(&self) -> bool {
        self.mac.is_none() && !self.parts.iter().any(|p| matches!(p.protection, Protection::Encrypted(_)))
    }

    pub(super) fn entries(&self) -> Vec<Entry<'_>> {
        View::of(&self.parts).into_entries()
    }

    /// Whether a bag may be what the folded alias names. Unlike the view it looks at no certificate.
    pub(super) fn may_have_alias(&self, folded: &str) -> bool {
        self.bags().any(|bag| bag.may_have_alias(folded))
    }

    pub(super) fn holds_keys(&self) -> bool {
        self.bags().any(Bag::holds_key)
    }

    fn bags(&self) -> impl Iterator<Item = &Bag> {
        self.parts.iter().filter_map(Part::bags).flatten()
    }

    /// All entries in the order of the file, each with the bags that it is made of.
    #[must_use]
    pub fn held(&self) -> Vec<Held<'_>> {
        View::of(&self.parts).into_held()
    }

    /// Whether a part is encrypted and was not opened, for want of a password.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.parts.iter().any(|part| {
            matches!(part.protection, Protection::Encrypted(_)) && part.contents == Contents::Locked
        })
    }
}

impl PartialEq for Pfx {
    fn eq(&self, other: &Self) -> bool {
        self.parts == other.parts && self.mac == other.mac
    }
}

impl Part {
    /// A part as it stands in a file, with the encoding of its ContentInfo.
    #[must_use]
    pub fn from_file(protection: Protection, contents: Contents, original: &[u8]) -> Self {
        Self { protection, contents, original: Some(original.into()) }
    }

    /// A new part.
    #[must_use]
    pub fn new(protection: Protection, bags: Vec<Bag>) -> Self {
        Self { protection, contents: Contents::Open(bags), original: None }
    }

    /// How it is protected.
    #[must_use]
    pub fn protection(&self) -> &Protection {
        &self.protection
    }

    /// Its bags, if it is open.
    #[must_use]
    pub fn bags(&self) -> Option<&[Bag]> {
        match &self.contents {
            Contents::Open(bags) => Some(bags),
            Contents::Locked => None,
        }
    }

    /// The encoding that it had in the file, as long as no edit has touched it.
    #[must_use]
    pub fn original(&self) -> Option<&[u8]> {
        self.original.as_deref()
    }

    /// The bags, to be changed: the part will be encoded anew.
    fn touch(&mut self) -> Option<&mut Vec<Bag>> {
        match &mut self.contents {
            Contents::Open(bags) => {
                self.original = None;
                Some(bags)
            }
            Contents::Locked => None,
        }
    }

    fn holds_certificates(&self) -> bool {
        self.bags().is_some_and(|bags| bags.iter().any(|bag| bag.certificate().is_some()))
    }
}

impl PartialEq for Part {
    fn eq(&self, other: &Self) -> bool {
        self.protection == other.protection
            && self.contents == other.contents
            && (self.contents != Contents::Locked || self.original == other.original)
    }
}
