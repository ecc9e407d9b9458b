//! The PKCS12 files of the corpora against what other readers found in them.

use std::path::PathBuf;

use keyward::format::pkcs12::{Derivations, decode, decrypt_key};
use keyward::model::key_store::pfx::BagContent;
use keyward::model::key_store::{Entry, EntryKind, KeyStore};
use keyward::model::{Fingerprint, Password};
use serde_json::Value;

/// What a key entry or a trusted one is to the corpus: alias, type, fingerprints of the chain.
type Listed = (String, String, Vec<String>);

#[test]
fn agrees_with_the_corpus() {
    let Some(corpora) = std::env::var_os("KEYWARD_CORPORA").map(PathBuf::from) else {
        println!("skipped: agrees_with_the_corpus (KEYWARD_CORPORA is not set)");
        return;
    };
    let stores = corpora.join("stores");
    let expected: Value =
        serde_json::from_slice(&std::fs::read(stores.join("expected.json")).unwrap()).unwrap();
    let files: Vec<&Value> =
        expected.as_array().unwrap().iter().filter(|file| file["format"] == "p12").collect();
    let mut disagreements = Vec::new();
    for file in &files {
        let name = file["file"].as_str().unwrap();
        let bytes = std::fs::read(stores.join(name)).unwrap();
        if let Err(why) = agree(file, &bytes) {
            disagreements.push(format!("{name}: {why}"));
        }
    }
    println!("PKCS12 corpus: agreement {} of {}", files.len() - disagreements.len(), files.len());
    assert_eq!(files.len(), 110);
    assert_eq!(disagreements, Vec::<String>::new());
}

#[test]
fn no_fuzz_seed_panics() {
    let Some(corpora) = std::env::var_os("KEYWARD_CORPORA").map(PathBuf::from) else {
        println!("skipped: no_fuzz_seed_panics (KEYWARD_CORPORA is not set)");
        return;
    };
    let mut folders = vec![corpora.join("fuzz")];
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(path).unwrap();
            count += 1;
            for password in [None, Some(""), Some("foo")] {
                let password = password.map(|text| Password::new(text.to_owned()));
                if let Ok(decoded) = decode(&bytes, password.as_ref(), &mut Derivations::new()) {
                    let _ = KeyStore::Pkcs12(decoded.pfx).entries();
                }
            }
        }
    }
    assert_eq!(count, 998);
}

fn agree(file: &Value, bytes: &[u8]) -> Result<(), String> {
    let password = Password::new(file["password"].as_str().unwrap_or("password").to_owned());
    let verdict = file["verdict"].as_str().unwrap();
    let mut derivations = Derivations::new();
    let decoded = match decode(bytes, Some(&password), &mut derivations) {
        Ok(decoded) if verdict == "ok" => decoded,
        Ok(_) => return Err(format!("read, where the verdict is {verdict}")),
        Err(error) if verdict == "ok" => return Err(error.to_string()),
        Err(error) => {
            println!("{}: {verdict}: {error}", file["file"].as_str().unwrap());
            return Ok(());
        }
    };
    for key in decoded.pfx.parts().iter().filter_map(|part| part.bags()).flatten() {
        if let BagContent::ShroudedKey(bytes) = &*key.content {
            let der = decrypt_key(bytes, &password, &mut derivations).map_err(|error| error.to_string())?;
            let hash = Fingerprint::of(&der).to_string();
            let keys = file["bags"].as_array().unwrap();
            if !keys.iter().any(|bag| bag["pkcs8_sha256"] == hash.as_str()) {
                return Err(format!("no key {hash} is expected"));
            }
        }
    }
    let store = KeyStore::Pkcs12(decoded.pfx);
    let mut found: Vec<Listed> =
        store.entries().iter().filter(|entry| entry.hidden.is_none()).map(listed).collect();
    let mut wanted: Vec<Listed> = file["entries"].as_array().unwrap().iter().map(expected_entry).collect();
    found.sort();
    wanted.sort();
    if found == wanted { Ok(()) } else { Err(format!("{found:?} where {wanted:?} is expected")) }
}

fn listed(entry: &Entry<'_>) -> Listed {
    let kind = match entry.kind {
        EntryKind::PrivateKey => "key",
        EntryKind::SecretKey => "secret",
        _ => "cert",
    };
    let chain = entry.chain.iter().map(|certificate| certificate.fingerprint().to_string()).collect();
    (entry.alias.to_lowercase(), kind.to_owned(), chain)
}

fn expected_entry(entry: &Value) -> Listed {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let chain = entry["chain"].as_array().map(|chain| chain.iter().map(text).collect()).unwrap_or_default();
    (text(&entry["alias"]), text(&entry["type"]), chain)
}
