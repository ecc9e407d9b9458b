//! The 152 keystores.

use std::path::Path;

use keyward::format::key_store::{self, Opened, StoreError};
use keyward::format::pkcs12::Derivations;
use keyward::model::Password;
use keyward::model::key_store::{EntryKind, Integrity, KeyStore};
use serde_json::Value;

use crate::agreement::{Agreement, list};
use crate::{java_stores, pkcs12_stores};

/// What stands in a store that Java shows: alias, type, fingerprints of the chain.
type Listed = (String, String, Vec<String>);

pub fn agree(corpora: &Path) -> Result<(), String> {
    let mut agreement = Agreement::over("stores", &[]);
    for item in list(corpora, "stores/expected.json") {
        let name = item["file"].as_str().unwrap();
        let bytes = std::fs::read(corpora.join("stores").join(name)).unwrap();
        agreement.count(name, check(&item, &bytes));
    }
    agreement.end(152)
}

fn check(item: &Value, bytes: &[u8]) -> Result<(), String> {
    let verdict = item["verdict"].as_str().unwrap();
    let password = password(item).filter(|_| verdict != "integrity-unverified");
    let mut derivations = Derivations::new();
    let result = key_store::decode(bytes, password.as_ref(), &mut derivations);
    let unsupported =
        |name: &str| format!("the file is a Bouncy Castle keystore ({name}), which cannot be read");
    match (item["format"].as_str().unwrap(), verdict) {
        (format @ ("bks" | "uber" | "bcfks"), _) => refused(result, &unsupported(&format.to_uppercase())),
        (_, "mac-mismatch") => refused(result, "MAC of the PKCS12 file: wrong password or damaged file"),
        (_, "ok" | "integrity-unverified") => {
            let Opened { store, integrity, .. } = result.map_err(|error| error.to_string())?;
            let checked = if password.is_some() { Integrity::Verified } else { Integrity::Unchecked };
            if ![checked, Integrity::None].contains(&integrity) {
                return Err(format!("{verdict}, and integrity is {integrity:?}"));
            }
            same("entries", &listed(&store), &expected(item))?;
            match &store {
                KeyStore::Java(java) => java_stores::check(java, item, bytes, password.as_ref()),
                KeyStore::Pkcs12(pfx) => pkcs12_stores::check(pfx, item, password.as_ref(), &mut derivations),
            }
        }
        _ => {
            let name = item["file"].as_str().unwrap();
            let reason = REFUSED.iter().find(|(file, _)| *file == name).map_or("?", |(_, reason)| reason);
            refused(result, reason)
        }
    }
}

/// The password that is known to open the file, or its parts where its MAC fits none.
fn password(item: &Value) -> Option<Password> {
    let text = item["password"].as_str().or(item["decrypts_with"].as_str());
    let broken = !matches!(item["verdict"].as_str(), Some("ok" | "integrity-unverified"));
    text.or(broken.then_some("password")).map(|text| Password::new(text.to_owned()))
}

/// Stores that nobody can read as they are, and what the error about each has to say.
const REFUSED: &[(&str, &str)] = &[
    ("boringssl/bad1.p12", "PKCS12 file: AuthenticatedSafe at offset 18: the data ends too early"),
    ("boringssl/bad2.p12", "part 1 of the PKCS12 file: EncryptedData at offset 37: the data ends too early"),
    ("boringssl/bad3.p12", "part 1 of the PKCS12 file: SafeContents at offset 37: the data ends too early"),
    (
        "go-pkcs12/pbmac1-short-key-bypass.txt_L1.p12",
        "PBKDF2 key length at offset 974: 1 is outside the bounds",
    ),
    ("go-pkcs12/rfc9579-a6.txt_L1.p12", "PBKDF2 key length at offset 2624: it is missing"),
    ("pyjks/unknown_sealed_object_sealAlg.jceks", NOT_SEALED_BY_A_KEYSTORE),
    ("pyjks/unknown_type_inside_sealed_object.jceks", NOT_SEALED_BY_A_KEYSTORE),
    ("pyjks/unknown_type_of_sealed_object.jceks", "an object of class org.pyjks.DummyObject, which is no"),
];

/// Java refuses these too: it deserializes nothing but its own subclass.
const NOT_SEALED_BY_A_KEYSTORE: &str = "\"mykey\", secret key at offset 31: an object of class javax.crypto.SealedObject, which is no com.sun.crypto";

fn refused(result: Result<Opened, StoreError>, words: &str) -> Result<(), String> {
    match result {
        Ok(_) => Err(format!("read, and not refused with {words:?}")),
        Err(error) if error.to_string().contains(words) => Ok(()),
        Err(error) => Err(format!("refused with {:?} and not {words:?}", error.to_string())),
    }
}

/// What Java shows, sorted. Java folds aliases, and of two that fold alike shows the last.
fn listed(store: &KeyStore) -> Vec<Listed> {
    let java = matches!(store, KeyStore::Java(_));
    let mut found: Vec<Listed> = Vec::new();
    for entry in store.entries().iter().filter(|entry| java || entry.hidden.is_none()) {
        let kind = match entry.kind {
            EntryKind::PrivateKey => "key",
            EntryKind::SecretKey => "secret",
            _ => "cert",
        };
        let chain = entry.chain.iter().map(|held| held.fingerprint().to_string()).collect();
        let alias = if java { entry.alias.clone() } else { entry.alias.to_lowercase() };
        found.retain(|(known, ..)| *known != alias);
        found.push((alias, kind.to_owned(), chain));
    }
    found.sort();
    found
}

fn expected(item: &Value) -> Vec<Listed> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let entry = |entry: &Value| {
        let chain =
            entry["chain"].as_array().map(|chain| chain.iter().map(text).collect()).unwrap_or_default();
        (text(&entry["alias"]), text(&entry["type"]), chain)
    };
    let mut entries: Vec<Listed> = item["entries"].as_array().unwrap().iter().map(entry).collect();
    entries.sort();
    entries
}

/// Fails with both sides where they differ.
pub fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}: {found:?} where {expected:?} is expected")) }
}
