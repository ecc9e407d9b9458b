//! The picture of a file, over the keystores of others.

use std::path::Path;

use keyward::format::key_protection;
use keyward::format::key_store::{self as codec, StoreError};
use keyward::format::pkcs12::Derivations;
use keyward::inspect::{self, KeyFacts, Opening};
use keyward::model::Password;
use keyward::model::key_store::EntryKind;
use keyward::report::inspect::{InspectedEntry, InspectedFile};
use serde_json::Value;

use crate::corpora;

/// Where the expectation is wrong, and why.
const BETTER: [(&str, &str); 1] = [(
    "boringssl/unicode_password.p12",
    "OpenJDK 17 refuses the password (\"Password is not ASCII\"), so that it shows no entry",
)];

fn inspected(bytes: &[u8], password: Option<&Password>) -> Result<InspectedFile, StoreError> {
    let mut derivations = Derivations::new();
    let opened = codec::decode(bytes, password, &mut derivations)?;
    let passwords: Vec<&Password> = password.into_iter().collect();
    Ok(inspect::key_store("store".to_owned(), &opened.store, opened.integrity, password, |entry| {
        let protection = key_protection::of_stored(entry.key?);
        let opening = match entry.kind {
            EntryKind::SecretKey => {
                codec::secret_key_of(entry, &passwords, &mut derivations).map(Opening::Secret)
            }
            _ => codec::private_key_of(entry, &passwords, &mut derivations).map(Opening::Private),
        };
        let opening =
            opening.unwrap_or_else(|error| Opening::Failed { id: "test", message: error.to_string() });
        Some(KeyFacts { protection, opening, beyond_ascii: false })
    }))
}

/// Alias, kind and chain, as the expectations name them.
type Shown = (String, String, Vec<String>);

fn shown(entry: &InspectedEntry) -> Shown {
    let kind = match entry.kind {
        "private-key" => "key",
        "trusted-certificate" | "certificate" => "cert",
        "secret-key" => "secret",
        other => other,
    };
    let chain = entry.chain.iter().map(|certificate| certificate.certificate.sha256.clone()).collect();
    (entry.alias.clone().unwrap_or_default().to_lowercase(), kind.to_owned(), chain)
}

fn expected(entry: &Value) -> Shown {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let chain = entry["chain"].as_array().map(|chain| chain.iter().map(text).collect()).unwrap_or_default();
    (text(&entry["alias"]).to_lowercase(), text(&entry["type"]), chain)
}

fn sorted<T: Ord>(mut all: Vec<T>) -> Vec<T> {
    all.sort();
    all
}

/// What differs between a picture and what is expected of the file.
fn difference(case: &Value, file: &InspectedFile) -> Option<String> {
    let visible: Vec<&InspectedEntry> =
        file.entries.iter().filter(|entry| entry.java_visible == Some(true)).collect();
    let java = sorted(case["entries"].as_array()?.iter().map(expected).collect());
    let ours = sorted(visible.iter().map(|entry| shown(entry)).collect());
    if ours != java {
        return Some(format!("Java shows {java:?}, visible are {ours:?}"));
    }
    if let Some(raw) = case["entries_raw"].as_array() {
        // A certificate without a name has none here; the expectation makes one up.
        let nameless = |(_, kind, chain): Shown| (kind, chain);
        let raw = sorted(raw.iter().map(expected).map(nameless).collect());
        let ours = sorted(file.entries.iter().map(shown).map(nameless).collect());
        if ours != raw {
            return Some(format!("the file holds {raw:?}, shown are {ours:?}"));
        }
    }
    for entry in case["entries"].as_array()? {
        let (alias, kind, _) = expected(entry);
        let Some(sha256) = entry["key_sha256"].as_str().filter(|_| kind == "key") else { continue };
        let key =
            visible.iter().find(|shown| shown.alias.as_deref().map(str::to_lowercase) == Some(alias.clone()));
        let key = key.and_then(|entry| entry.key.as_ref());
        let opened = key.and_then(|key| key.pkcs8_sha256.as_deref());
        // Java gives its own encoding of a key, without the attributes that Windows writes; a bag has the file's.
        let in_bag = |opened| {
            case["bags"].as_array().is_some_and(|bags| bags.iter().any(|b| b["pkcs8_sha256"] == opened))
        };
        if opened.is_some_and(|opened| opened != sha256 && !in_bag(opened)) {
            return Some(format!("the key of {alias:?} is {opened:?}, not {sha256}"));
        }
    }
    None
}

#[test]
fn the_stores_of_others_are_shown_as_java_and_their_bags_have_them() {
    let Some(corpora) = corpora() else { return };
    let stores = corpora.join("stores");
    let cases: Vec<Value> =
        serde_json::from_slice(&std::fs::read(stores.join("expected.json")).unwrap()).unwrap();
    let (mut right, mut wrong, mut better) = (0, Vec::new(), 0);
    for case in &cases {
        let name = case["file"].as_str().unwrap();
        let bytes = std::fs::read(stores.join(Path::new(name))).unwrap();
        let good = matches!(case["verdict"].as_str(), Some("ok" | "integrity-unverified"));
        // A store that is to be refused has no password; one is given, so that there is something to refuse.
        let password = case["password"].as_str().or(case["decrypts_with"].as_str());
        let password = password.or((!good).then_some("password"));
        let password = password.map(|text| Password::new(text.to_owned()));
        let read = inspected(&bytes, password.as_ref());
        let known = matches!(case["format"].as_str(), Some("p12" | "jks" | "jceks"));
        let problem = match (&read, known && good) {
            (Ok(file), true) => difference(case, file),
            (Err(StoreError::Unsupported { .. }), false) if !known => None,
            (Err(error), true) => Some(format!("it is not read: {error}")),
            (Ok(_), false) => Some("it is read".to_owned()),
            (Err(_), false) => None,
        };
        match (problem, BETTER.iter().find(|(file, _)| *file == name)) {
            (None, None) => right += 1,
            (Some(_), Some((_, reason))) => {
                println!("{name}: {reason}");
                better += 1;
            }
            (None, Some(_)) => wrong.push(format!("{name}: differs no longer")),
            (Some(problem), None) => wrong.push(format!("{name}: {problem}")),
        }
    }
    println!("{right} of {} stores are shown as expected, {better} better", cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(better, BETTER.len());
}

#[test]
fn without_a_password_no_good_store_is_refused() {
    let Some(corpora) = corpora() else { return };
    let stores = corpora.join("stores");
    let cases: Vec<Value> =
        serde_json::from_slice(&std::fs::read(stores.join("expected.json")).unwrap()).unwrap();
    let mut seen = 0;
    for case in cases.iter().filter(|case| case["verdict"] == "ok") {
        if !matches!(case["format"].as_str(), Some("p12" | "jks" | "jceks")) {
            continue;
        }
        let name = case["file"].as_str().unwrap();
        let file = inspected(&std::fs::read(stores.join(name)).unwrap(), None)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_ne!(file.integrity, "verified", "{name}");
        assert!(file.protection.is_some() && file.readers.is_some(), "{name}");
        let locked = file.protection.iter().flat_map(|p| &p.parts).any(|part| part.bags.is_none());
        assert_eq!(locked, file.notes.iter().any(|note| note.id == "locked"), "{name}");
        for entry in file.entries.iter().filter(|entry| entry.kind == "private-key") {
            let key = entry.key.as_ref().unwrap();
            assert_eq!(key.encryption.is_none(), key.pkcs8_sha256.is_some(), "{name}: {entry:?}");
        }
        seen += 1;
    }
    assert!(seen > 100, "{seen} stores");
}
