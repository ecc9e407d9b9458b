//! Certificates from the files of others, and what fuzzers found.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use keyward::format::pkcs12::Derivations;
use keyward::format::{certificates, detect, jks, pem, pkcs7};
use keyward::model::{Certificate, Fingerprint, Password};
use serde_json::Value;

use crate::corpora;

/// Files of which our reader of certificates says something else than pyca's, with the reason.
const DIFFERENT: &[(&str, &str)] = &[
    ("pem/kse/CryptoFileUtilTest/cert.spc", "PKCS7, which pyca's reader of certificates passes over"),
    ("pem/cfssl/helpers/testsuite/testdata/initCA/cfssl_output.pem", "PEM in a JSON string, which is read"),
    ("certs/pyca-x509/custom/dsa_null_alg_params.pem", "parameters are for the verifier to judge"),
    ("certs/pyca-x509/custom/ecdsa_null_alg.pem", "parameters are for the verifier to judge"),
    ("certs/pyca-x509/custom/invalid_version.pem", "a version of the future is for the verifier to judge"),
    (
        "certs/pyca-x509/ed25519/ed25519-rfc8410.pem",
        "it spells a default out, which keytool and openssl read too",
    ),
];

#[test]
fn the_files_of_others_give_their_certificates() {
    let Some(corpora) = corpora() else { return };
    let list = std::fs::read(corpora.join("certs_expected.json")).unwrap();
    let list: Vec<Value> = serde_json::from_slice(&list).unwrap();
    let (mut agreed, mut different, mut wrong) = (0, 0, Vec::new());
    for item in &list {
        let name = item["file"].as_str().unwrap();
        let bytes = std::fs::read(corpora.join(name)).unwrap();
        let none = Vec::new();
        let expected: Vec<&str> = item["certs"]
            .as_array()
            .unwrap_or(&none)
            .iter()
            .filter(|c| c.get("pyca_error").is_none() && c.get("error").is_none())
            .map(|c| c["sha256"].as_str().unwrap())
            .collect();
        let result = certificates::read(&bytes);
        let found: Vec<String> = match &result {
            Ok(reading) => {
                reading.certificates.iter().map(|f| f.certificate.fingerprint().to_string()).collect()
            }
            Err(_) => Vec::new(),
        };
        // pyca was asked for blocks with the label CERTIFICATE only.
        let labels = item["labels"].as_array().unwrap_or(&none);
        let others = labels.iter().any(|l| l == "TRUSTED CERTIFICATE" || l == "PKCS7");
        if found == expected || others && expected.is_empty() && found.len() >= labels.len() {
            agreed += 1;
        } else if DIFFERENT.iter().any(|(file, _)| *file == name) && !found.is_empty() {
            different += 1;
        } else {
            let notes = match result {
                Ok(reading) => reading.notes.iter().map(ToString::to_string).collect(),
                Err(error) => vec![error.to_string()],
            };
            wrong.push(format!("{name}: {} of {}: {notes:?}", found.len(), expected.len()));
        }
    }
    println!("certificates: {agreed} of {} as expected, {different} read though pyca does not", list.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(different, DIFFERENT.len());
}

/// Every seed through every decoder: an error or not, but no panic, and soon.
#[test]
fn seeds_of_fuzzers_are_survived() {
    let Some(corpora) = corpora() else { return };
    let password = Password::new("changeit".to_owned());
    let (mut count, mut slowest) = (0, Duration::ZERO);
    for file in files(&corpora.join("fuzz")) {
        let bytes = std::fs::read(&file).unwrap();
        let start = Instant::now();
        for start in [0, 1, 4] {
            let bytes = bytes.get(start..).unwrap_or_default();
            let _ = detect::detect(bytes);
            let _ = certificates::read(bytes);
            let _ = pkcs7::certificates(bytes);
            let _ = jks::decode(bytes, None);
            let _ = jks::recover_key(bytes, &password, &mut Derivations::new());
            let _ = Certificate::from_der(bytes);
            let _ = pem::blocks(bytes);
        }
        for magic in [jks::JKS_MAGIC, jks::JCEKS_MAGIC] {
            let _ = jks::decode(&[&magic[..], &[0, 0, 0, 2], &bytes].concat(), Some(&password));
        }
        slowest = slowest.max(start.elapsed());
        count += 1;
    }
    println!("{count} seeds, the slowest in {slowest:?}");
    assert!(count > 900);
    assert!(slowest < Duration::from_secs(2));
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

#[test]
fn every_store_of_others_is_detected() {
    let Some(corpora) = corpora() else { return };
    let list = std::fs::read(corpora.join("stores/expected.json")).unwrap();
    let list: Vec<Value> = serde_json::from_slice(&list).unwrap();
    for item in &list {
        let name = item["file"].as_str().unwrap();
        let bytes = std::fs::read(corpora.join("stores").join(name)).unwrap();
        let expected = match item["format"].as_str().unwrap() {
            "jks" => detect::Kind::Jks,
            "jceks" => detect::Kind::Jceks,
            "bks" => detect::Kind::Bks,
            "uber" => detect::Kind::Uber,
            "bcfks" => detect::Kind::Bcfks,
            _ => detect::Kind::Pkcs12,
        };
        if item["verdict"] != "malformed" {
            assert_eq!(detect::detect(&bytes), expected, "{name}");
        }
    }
    println!("{} stores detected", list.len());
}

#[test]
fn a_fingerprint_is_of_the_der() {
    let der = b"\x30\x00";
    let text = pem::encode("CERTIFICATE", der);
    let block = pem::blocks(text.as_bytes()).remove(0).unwrap();
    assert_eq!(Fingerprint::of(&block.der), Fingerprint::of(der));
}
