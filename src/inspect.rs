//! What is in a file: the picture of a keystore, or of the objects of another file, for `keyward inspect`.
//!
//! Nothing is decoded here and no key opened: the caller hands over what it read, and answers for each key
//! how it is protected and whether it opens.

pub mod readers;

use crate::model::key_store::pfx::Protection;
use crate::model::key_store::{
    EncodedCertificate, Entry, EntryKind, Integrity, KeyProtection, Pfx, StoreFormat,
};
use crate::model::public_key::PublicKey;
use crate::model::{
    Certificate, CertificateRequest, Crl, Fingerprint, KeyStore, Password, PrivateKey, SecretKey,
};
use crate::report::fetch::ErrorReport;
use crate::report::inspect::{FileNote, InspectedEntry, InspectedFile, InspectedKey};
use crate::report::protection::{EncryptionReport, FileProtection, MacReport, PartReport};

/// What is known of one key.
#[derive(Debug)]
pub struct KeyFacts {
    /// What protects it.
    pub protection: KeyProtection,
    /// Whether it opened.
    pub opening: Opening,
    /// Whether the password that opened it has characters besides printable ASCII.
    pub beyond_ascii: bool,
}

/// What came of opening a key.
#[derive(Debug)]
pub enum Opening {
    /// It was not tried: there is no password.
    Locked,
    /// A private key.
    Private(PrivateKey),
    /// A secret key.
    Secret(SecretKey),
    /// It does not open.
    Failed {
        /// A stable name of the reason.
        id: &'static str,
        /// The reason, a sentence.
        message: String,
    },
}

/// One object of a file that is no keystore.
#[derive(Debug)]
pub enum Object {
    /// A certificate, readable or not.
    Certificate(EncodedCertificate),
    /// A private key.
    PrivateKey(KeyFacts),
    /// A certificate request.
    Request(CertificateRequest),
    /// A CRL.
    Crl(Crl),
    /// A public key by itself.
    PublicKey(PublicKey),
    /// Something that should have been one of these and cannot be read.
    Damaged {
        /// What it should have been: a kind of [`InspectedEntry::kind`].
        kind: &'static str,
        /// What is wrong, a sentence.
        message: String,
    },
}

/// An object and where it stands, as `line 1` or `offset 0`.
#[derive(Debug)]
pub struct Placed {
    /// The place.
    pub place: String,
    /// The object.
    pub object: Object,
}

/// The picture of a keystore that was read. `password` is the one that opened it, if one did; `key` tells
/// of each key how it is protected and what came of opening it.
pub fn key_store(
    path: String,
    store: &KeyStore,
    integrity: Integrity,
    password: Option<&Password>,
    mut key: impl FnMut(&Entry<'_>) -> Option<KeyFacts>,
) -> InspectedFile {
    let mut file = structure(path, store, integrity);
    let mut readers = readers::of_store(store);
    let unreadable_password =
        readers::needs_ascii(store) && password.is_some_and(|p| !readers::is_plain_ascii(p));
    if unreadable_password {
        readers::without_password(&mut readers);
        let java25 = if readers::java25_takes_any_password(store) {
            "; Java 25 opens this one"
        } else {
            ", nor does Java 25 open this one"
        };
        let message = format!(
            "Java 17 opens no PKCS12 file with a password that has other characters than printable ASCII{java25}"
        );
        file.notes.push(FileNote { id: "non-ascii-password", message });
    }
    for entry in store.entries() {
        let facts = key(&entry);
        if let Some(facts) = &facts {
            let beyond_ascii = facts.beyond_ascii && !unreadable_password;
            readers::add_key(&mut readers, &entry.alias, &facts.protection, beyond_ascii);
        }
        let mut shown = shown(&entry, facts);
        if unreadable_password && shown.hidden.is_none() {
            shown.java_visible = Some(false);
            shown.hidden = Some("non-ascii-password");
        }
        file.entries.push(shown);
    }
    file.readers = Some(readers);
    if let KeyStore::Pkcs12(pfx) = store {
        file.notes.extend(locked(pfx));
    }
    file
}

/// Format, protection and integrity of a keystore, without its entries: what remains to be said of one that
/// the given passwords do not open.
#[must_use]
pub fn structure(path: String, store: &KeyStore, integrity: Integrity) -> InspectedFile {
    let mut file = InspectedFile::new(path);
    file.format = Some(match store.format() {
        StoreFormat::Jks => "JKS",
        StoreFormat::Jceks => "JCEKS",
        StoreFormat::Pkcs12 => "PKCS12",
    });
    file.integrity = integrity.id();
    file.readers = Some(readers::of_store(store));
    file.protection = Some(match store {
        KeyStore::Java(_) => FileProtection { mac: Some(MacReport::keyed_digest()), parts: Vec::new() },
        KeyStore::Pkcs12(pfx) => FileProtection {
            mac: pfx.mac().map(MacReport::from),
            parts: pfx
                .parts()
                .iter()
                .map(|part| PartReport {
                    encryption: EncryptionReport::of_part(part.protection()),
                    bags: part.bags().map(<[_]>::len),
                })
                .collect(),
        },
    });
    file
}

/// The picture of the objects of a file that is no keystore. Each is an entry of its own, in the order of the
/// file.
#[must_use]
pub fn objects(path: String, format: &'static str, objects: Vec<Placed>) -> InspectedFile {
    let mut file = InspectedFile::new(path);
    file.format = Some(format);
    let certificates: Vec<Certificate> = objects
        .iter()
        .filter_map(|placed| match &placed.object {
            Object::Certificate(encoded) => encoded.read().ok(),
            _ => None,
        })
        .collect();
    for Placed { place, object } in objects {
        let mut entry = match object {
            Object::Certificate(encoded) => {
                let mut entry = InspectedEntry::new("certificate");
                entry.chain.push((&encoded).into());
                entry
            }
            Object::PrivateKey(facts) => {
                let mut entry = InspectedEntry::new("private-key");
                entry.key = Some(inspected(facts, |key| fits_any(key, &certificates)));
                entry
            }
            Object::Request(request) => {
                let mut entry = InspectedEntry::new("request");
                entry.key = Some(public(&request.key));
                entry.request = Some((&request).into());
                entry
            }
            Object::Crl(crl) => {
                let mut entry = InspectedEntry::new("crl");
                entry.crl = Some((&crl).into());
                entry
            }
            Object::PublicKey(key) => {
                let mut entry = InspectedEntry::new("public-key");
                entry.key = Some(public(&key));
                entry
            }
            Object::Damaged { kind, message } => {
                let mut entry = InspectedEntry::new(kind);
                entry.error = Some(ErrorReport { id: "damaged".to_owned(), message });
                entry
            }
        };
        entry.place = Some(place);
        file.entries.push(entry);
    }
    file
}

fn shown(entry: &Entry<'_>, facts: Option<KeyFacts>) -> InspectedEntry {
    let mut shown = InspectedEntry::new(entry.kind.id());
    // Java takes an empty text for an alias like any other.
    shown.alias = Some(entry.alias.clone()).filter(|alias| !alias.is_empty() || entry.hidden.is_none());
    shown.java_visible = Some(entry.hidden.is_none());
    shown.hidden = entry.hidden.map(|hidden| hidden.id());
    shown.created = entry.created.map(crate::report::certificate::rfc3339);
    shown.chain = entry.chain.iter().map(|certificate| (*certificate).into()).collect();
    let end_entity = entry.chain.first().filter(|_| entry.kind == EntryKind::PrivateKey);
    let end_entity = end_entity.and_then(|encoded| encoded.read().ok());
    shown.key = facts.map(|facts| inspected(facts, |key| key.fits(end_entity.as_ref()?)));
    shown
}

fn inspected(facts: KeyFacts, fits: impl FnOnce(&PrivateKey) -> Option<bool>) -> InspectedKey {
    let mut shown = match facts.opening {
        Opening::Private(key) => {
            let summary = key.key();
            InspectedKey {
                pkcs8_sha256: Some(key.sha256().to_string()),
                fits_certificate: fits(&key),
                ..InspectedKey::with_size(&summary.algorithm, summary.bits, summary.curve.as_deref())
            }
        }
        Opening::Secret(key) => InspectedKey {
            algorithm: Some(key.algorithm().to_owned()),
            bits: u64::try_from(key.bits()).ok(),
            ..InspectedKey::default()
        },
        Opening::Locked => {
            let message = "the key was not opened: no password was given".to_owned();
            failed("locked", message)
        }
        Opening::Failed { id, message } => failed(id, message),
    };
    shown.encryption = EncryptionReport::of_key(&facts.protection);
    shown
}

fn failed(id: &str, message: String) -> InspectedKey {
    InspectedKey { error: Some(ErrorReport { id: id.to_owned(), message }), ..InspectedKey::default() }
}

fn public(key: &PublicKey) -> InspectedKey {
    InspectedKey {
        spki_sha256: Some(Fingerprint::of(&key.spki).to_string()),
        ..InspectedKey::with_size(&key.algorithm, key.bits, key.curve.as_deref())
    }
}

/// Whether the key belongs to one of the certificates; `None` without any, or where it cannot be told.
fn fits_any(key: &PrivateKey, certificates: &[Certificate]) -> Option<bool> {
    let answers: Vec<Option<bool>> = certificates.iter().map(|certificate| key.fits(certificate)).collect();
    if answers.contains(&Some(true)) {
        return Some(true);
    }
    (!answers.is_empty() && !answers.contains(&None)).then_some(false)
}

/// What of a PKCS12 file could not be seen.
fn locked(pfx: &Pfx) -> Option<FileNote> {
    let hidden = pfx.parts().iter().filter(|part| part.bags().is_none());
    let (mut password, mut other) = (0_usize, 0_usize);
    for part in hidden {
        match part.protection() {
            Protection::Other(_) => other += 1,
            _ => password += 1,
        }
    }
    let total = pfx.parts().len();
    if password > 0 {
        let message = format!("{password} of {total} parts of the file cannot be seen without the password");
        Some(FileNote { id: "locked", message })
    } else if other > 0 {
        let message = format!("{other} of {total} parts of the file take more than a password to be seen");
        Some(FileNote { id: "public-key-protected", message })
    } else {
        None
    }
}
