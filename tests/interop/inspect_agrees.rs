//! What `inspect` says of Java, against Java: which files a JVM reads, and which entries it shows.

use std::collections::BTreeSet;
use std::fs;

use ::keyward::format::key_store;
use ::keyward::format::pkcs12::Derivations;
use ::keyward::model::entropy::SystemEntropy;
use ::keyward::model::key_store::pfx::{
    Cipher, HashFunction, LegacyCipher, MacScheme, Pbes1Cipher, Pfx, Profile, Protection, Scheme,
};
use ::keyward::model::{EncodedCertificate, KeyStore, Password};
use serde_json::Value;
use time::OffsetDateTime;

use crate::importing::PASSWORD;
use crate::jvm::{Jvm, scratch, text};
use crate::keyward::{Keyward, testdata};
use crate::peers::jdk;

/// Stores of others that this JDK reads otherwise than `inspect` says, and why that stays so.
const BETTER: [(&str, &str); 1] = [(
    "boringssl/empty_password_ber_nested.p12",
    "17.0.21 refuses strings in pieces of pieces, more than 30 deep; earlier updates read it",
)];

const HASHES: [HashFunction; 8] = [
    HashFunction::Md5,
    HashFunction::Sha1,
    HashFunction::Sha224,
    HashFunction::Sha256,
    HashFunction::Sha384,
    HashFunction::Sha512,
    HashFunction::Sha512_224,
    HashFunction::Sha512_256,
];

fn inspected(arguments: &[&str]) -> Value {
    Keyward::new(["inspect", "--json", "--password", "pass:changeit"]).args(arguments).run().exits(0).json()
}

/// Each scheme that keyward writes, for a part; with the MAC of an old file, which every JVM verifies.
fn protections() -> Vec<(String, Profile)> {
    let mac = |hash| MacScheme::Pkcs12 { hash, iterations: 1000, salt_length: 8 };
    let with = |scheme: &Scheme| Profile {
        keys: scheme.clone(),
        certificates: Protection::Encrypted(scheme.clone()),
        mac: Some(mac(HashFunction::Sha1)),
    };
    let mut all = Vec::new();
    for cipher in [Cipher::Aes128, Cipher::Aes192, Cipher::Aes256, Cipher::TripleDes] {
        for prf in HASHES.into_iter().filter(|hash| *hash != HashFunction::Md5) {
            let scheme =
                Scheme::Pbes2 { cipher, prf, iterations: 1000, salt_length: 8, key_length_written: true };
            all.push((format!("PBES2 {cipher:?} {prf:?}"), with(&scheme)));
        }
    }
    for cipher in [
        LegacyCipher::TripleDes,
        LegacyCipher::TwoKeyTripleDes,
        LegacyCipher::Rc2With128Bits,
        LegacyCipher::Rc2With40Bits,
        LegacyCipher::Rc4With128Bits,
        LegacyCipher::Rc4With40Bits,
    ] {
        let scheme = Scheme::Pkcs12 { cipher, iterations: 1000, salt_length: 8 };
        all.push((format!("PKCS12 {cipher:?}"), with(&scheme)));
    }
    for (cipher, hash) in [
        (Pbes1Cipher::Des, HashFunction::Md5),
        (Pbes1Cipher::Des, HashFunction::Sha1),
        (Pbes1Cipher::Rc2, HashFunction::Md5),
        (Pbes1Cipher::Rc2, HashFunction::Sha1),
    ] {
        let scheme = Scheme::Pbes1 { cipher, hash, iterations: 1000 };
        all.push((format!("PBES1 {cipher:?} {hash:?}"), with(&scheme)));
    }
    let scrypt = Scheme::Scrypt {
        cipher: Cipher::Aes256,
        cost: 1024,
        block_size: 8,
        parallelization: 1,
        salt_length: 8,
        key_length_written: true,
    };
    all.push(("PBES2 scrypt".to_owned(), with(&scrypt)));
    for hash in HASHES {
        let profile = Profile { mac: Some(mac(hash)), ..Profile::passwordless() };
        all.push((format!("MAC {hash:?}"), profile));
    }
    let mac = MacScheme::Pbmac1 {
        hash: HashFunction::Sha256,
        prf: HashFunction::Sha256,
        iterations: 1000,
        salt_length: 8,
        key_length: 32,
    };
    all.push(("PBMAC1".to_owned(), Profile { mac: Some(mac), ..Profile::passwordless() }));
    all.push(("passwordless".to_owned(), Profile::passwordless()));
    all
}

/// One store of each scheme: JDK 17 loads those, and only those, of which `readers` says so.
pub fn readers() {
    let folder = scratch("inspect/readers");
    let der = fs::read(testdata("pki/root.pem")).expect("the fixture");
    let root = ::keyward::format::certificates::read(&der).expect("a certificate").certificates;
    let root = EncodedCertificate::from(&root.first().expect("one").certificate);
    let (mut agreed, mut wrong) = (0, Vec::new());
    for (name, profile) in protections() {
        let mut store = KeyStore::Pkcs12(Pfx::with_profile(&profile));
        store.add_trusted("root", &root, OffsetDateTime::UNIX_EPOCH).expect("an empty store");
        let password = Password::new(PASSWORD.to_owned());
        let bytes = key_store::encode(&store, Some(&password), &mut SystemEntropy, &mut Derivations::new())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let path = folder.join(format!("{}.p12", name.replace(' ', "-")));
        fs::write(&path, bytes).expect("the store is written");
        let java = Jvm::of(jdk()).list(&path, Some(PASSWORD));
        let said = inspected(&[text(&path)])["files"][0]["readers"]["java17"].clone();
        let loads = java.as_ref().is_ok_and(|listing| listing.entries.len() == 1);
        if loads == (said["reads"] == "all") {
            agreed += 1;
        } else {
            wrong.push(format!("{name}: keyward says {said}, Java {java:?}"));
        }
    }
    println!("JDK 17 reads what inspect says for {agreed} schemes");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The fixtures, and with `KEYWARD_CORPORA` the stores of others: Java lists the entries that are said to be
/// visible, with the same chains and the same keys.
pub fn entries() {
    let mut stores: Vec<(std::path::PathBuf, String)> = fs::read_dir(testdata("stores"))
        .expect("the fixtures")
        .map(|entry| (entry.expect("an entry").path(), PASSWORD.to_owned()))
        .collect();
    match std::env::var_os("KEYWARD_CORPORA") {
        None => println!("KEYWARD_CORPORA does not name the test data of others: the fixtures only"),
        Some(corpora) => {
            let folder = std::path::PathBuf::from(corpora).join("stores");
            let cases = fs::read(folder.join("expected.json")).expect("the expectations");
            let cases: Vec<Value> = serde_json::from_slice(&cases).expect("JSON");
            for case in cases.iter().filter(|case| case["verdict"] == "ok") {
                if let (Some("p12" | "jks" | "jceks"), Some(password)) =
                    (case["format"].as_str(), case["password"].as_str())
                {
                    let file = case["file"].as_str().expect("a path");
                    stores.push((folder.join(file), password.to_owned()));
                }
            }
        }
    }
    let (mut agreed, mut wrong) = (0, Vec::new());
    for (path, password) in &stores {
        let outcome =
            Keyward::new(["inspect", "--json", "--password", &format!("pass:{password}")]).arg(path).run();
        // Fixtures of other authors' situations may have passwords of their own.
        if outcome.code != 0 {
            println!("{}: not opened with the usual password", path.display());
            continue;
        }
        let file = outcome.json()["files"][0].clone();
        let java = Jvm::of(jdk()).list(path, Some(password));
        let loads = file["readers"]["java17"]["reads"] != "nothing";
        let listing = match java {
            Ok(listing) if loads => listing,
            Err(_) if !loads => {
                agreed += 1;
                continue;
            }
            java => {
                if let Some((_, reason)) = BETTER.iter().find(|(file, _)| path.ends_with(file)) {
                    println!("{}: {reason}", path.display());
                    continue;
                }
                wrong.push(format!("{}: {} {java:?}", path.display(), file["readers"]["java17"]));
                continue;
            }
        };
        let ours: BTreeSet<String> = file["entries"]
            .as_array()
            .expect("entries")
            .iter()
            .filter(|entry| entry["java_visible"] == true)
            .map(|entry| {
                let alias = entry["alias"].as_str().unwrap_or_default().to_lowercase();
                let chain: Vec<&str> = entry["chain"]
                    .as_array()
                    .expect("chain")
                    .iter()
                    .filter_map(|c| c["sha256"].as_str())
                    .collect();
                // Java tells a private key by its chain; one without any may pass for a secret one.
                let kind = match entry["kind"].as_str() {
                    Some("private-key" | "secret-key") if chain.is_empty() => "key",
                    kind => kind.unwrap_or_default(),
                };
                format!("{alias} {kind} {chain:?}")
            })
            .collect();
        let theirs: BTreeSet<String> = listing
            .entries
            .iter()
            .map(|entry| {
                let kind = match entry.kind.as_str() {
                    "trustedCertEntry" => "trusted-certificate",
                    _ if entry.chain.is_empty() => "key",
                    _ => "private-key",
                };
                format!("{} {kind} {:?}", entry.alias, entry.chain)
            })
            .collect();
        if ours == theirs {
            agreed += 1;
        } else {
            wrong.push(format!("{}:\n  keyward {ours:?}\n  Java    {theirs:?}", path.display()));
        }
    }
    println!("{agreed} of {} stores: Java shows what is said to be visible", stores.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
