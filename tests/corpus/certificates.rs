//! Certificates in PEM, DER and PKCS7.

use std::collections::HashSet;
use std::path::Path;

use keyward::format::pkcs7::{self, Pkcs7Error};
use keyward::format::{certificates, detect, pem};
use serde_json::Value;

use crate::agreement::{Agreement, files, list};
use crate::stores::same;

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

/// Files that no list describes, and how many certificates stand in each: CRLs, and as many as there are blocks.
const UNDESCRIBED: &[(&str, usize)] = &[
    ("certs/webpki/amazon/r2m02.crl", 0),
    ("certs/webpki/amazon/r2m03.crl", 0),
    ("pem/cfssl/bundler/testdata/ca-bundle.pem", 348),
    ("pem/cfssl/bundler/testdata/osx.pem", 228),
];

pub fn agree(corpora: &Path) -> Result<(), String> {
    let mut agreement = Agreement::over("certificates", DIFFERENT);
    for item in list(corpora, "certs_expected.json") {
        let name = item["file"].as_str().unwrap();
        agreement.count(name, check(&item, &std::fs::read(corpora.join(name)).unwrap()));
    }
    agreement.end(854)
}

fn check(item: &Value, bytes: &[u8]) -> Result<(), String> {
    let none = Vec::new();
    let expected: Vec<&str> = item["certs"]
        .as_array()
        .unwrap_or(&none)
        .iter()
        .filter(|held| held.get("pyca_error").is_none() && held.get("error").is_none())
        .map(|held| held["sha256"].as_str().unwrap())
        .collect();
    let found = fingerprints(bytes);
    // pyca was asked for blocks with the label CERTIFICATE only.
    let labels = item["labels"].as_array().unwrap_or(&none);
    let others = labels.iter().any(|label| label == "TRUSTED CERTIFICATE" || label == "PKCS7");
    if others && expected.is_empty() && found.len() >= labels.len() {
        return Ok(());
    }
    same("certificates", &found.iter().map(String::as_str).collect(), &expected)
}

/// The certificates of an input, in its order.
fn fingerprints(bytes: &[u8]) -> Vec<String> {
    let reading = certificates::read(bytes).unwrap_or_default();
    reading.certificates.iter().map(|found| found.certificate.fingerprint().to_string()).collect()
}

pub fn pkcs7_agrees(corpora: &Path) -> Result<(), String> {
    let mut agreement = Agreement::over("pkcs7", &[]);
    for item in list(corpora, "pkcs7_expected.json") {
        let name = item["file"].as_str().unwrap();
        agreement.count(name, check_pkcs7(&item, &std::fs::read(corpora.join(name)).unwrap()));
    }
    agreement.end(25)
}

fn check_pkcs7(item: &Value, bytes: &[u8]) -> Result<(), String> {
    let Some(expected) = item["certs"].as_array() else {
        // It lies among them, and is something else.
        return match detect::detect(bytes) {
            detect::Kind::Pkcs7 => Err("no PKCS7, and taken for it".to_owned()),
            _ => Ok(()),
        };
    };
    let expected: Vec<&str> = expected.iter().map(|hash| hash.as_str().unwrap()).collect();
    if detect::detect(bytes) != detect::Kind::Pkcs7 && !pem::has_block(bytes) {
        return Err(format!("it is taken for {}", detect::detect(bytes)));
    }
    let der = match pem::blocks(bytes).into_iter().next() {
        Some(block) => block.map_err(|error| error.to_string())?.der.to_vec(),
        None => bytes.to_vec(),
    };
    let held = match pkcs7::certificates(&der) {
        // Other readers give an empty list for a message that is only encrypted; here it is refused by name.
        Err(Pkcs7Error::ContentType("enveloped data")) if expected.is_empty() => return Ok(()),
        result => result.map_err(|error| error.to_string())?,
    };
    let found: Vec<String> = held.iter().map(|held| held.fingerprint().to_string()).collect();
    same("certificates", &found.iter().map(String::as_str).collect(), &expected)?;
    same("certificates of the input", &fingerprints(bytes).iter().map(String::as_str).collect(), &expected)
}

/// No file lies there that nothing looks at.
pub fn every_file_is_looked_at(corpora: &Path) -> Result<(), String> {
    let mut described: HashSet<String> = HashSet::new();
    for (folder, name) in
        [("stores/", "stores/expected.json"), ("", "certs_expected.json"), ("", "pkcs7_expected.json")]
    {
        described.extend(
            list(corpora, name).iter().map(|item| format!("{folder}{}", item["file"].as_str().unwrap())),
        );
    }
    let mut agreement = Agreement::over("files that no list describes", &[]);
    for folder in ["stores", "pkcs7", "pem", "certs"] {
        for path in files(&corpora.join(folder)) {
            let name = path.strip_prefix(corpora).unwrap().to_str().unwrap().to_owned();
            if described.contains(&name) || name == "stores/expected.json" {
                continue;
            }
            let known = UNDESCRIBED.iter().find(|(file, _)| *file == name).map(|(_, count)| *count);
            let found = fingerprints(&std::fs::read(path).unwrap()).len();
            agreement.count(&name, same("certificates", &Some(found), &known));
        }
    }
    agreement.end(UNDESCRIBED.len())
}
