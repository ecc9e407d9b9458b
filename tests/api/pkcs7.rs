//! PKCS7: the bundles of others.

use keyward::format::{certificates, pem, pkcs7};
use keyward::model::Fingerprint;
use serde_json::Value;

use crate::corpora;

#[test]
fn the_bundles_of_others_give_their_certificates_in_order() {
    let Some(corpora) = corpora() else { return };
    let list = std::fs::read(corpora.join("pkcs7_expected.json")).unwrap();
    let list: Vec<Value> = serde_json::from_slice(&list).unwrap();
    let (mut agreed, mut all) = (0, 0);
    for item in &list {
        let name = item["file"].as_str().unwrap();
        let bytes = std::fs::read(corpora.join(name)).unwrap();
        all += 1;
        let Some(expected) = item["certs"].as_array() else {
            // No PKCS7, though it lies among them: it must not be read as such.
            let _ = certificates::read(&bytes);
            agreed += 1;
            continue;
        };
        let der = if bytes.starts_with(b"-----") {
            pem::blocks(&bytes).remove(0).unwrap().der.to_vec()
        } else {
            bytes.clone()
        };
        let found = pkcs7::certificates(&der).unwrap_or_default();
        let found: Vec<String> = found.iter().map(|c| c.fingerprint().to_string()).collect();
        let expected: Vec<&str> = expected.iter().map(|c| c.as_str().unwrap()).collect();
        assert_eq!(found, expected, "{name}");
        let read: Vec<String> = certificates::read(&bytes)
            .map(|reading| reading.certificates)
            .unwrap_or_default()
            .iter()
            .map(|found| Fingerprint::of(found.certificate.der()).to_string())
            .collect();
        assert_eq!(read, expected, "{name}");
        agreed += 1;
    }
    println!("PKCS7: {agreed} of {all} as expected");
    assert_eq!(agreed, all);
}

#[test]
fn bundles_of_others_cut_anywhere_are_refused() {
    let Some(corpora) = corpora() else { return };
    for name in ["boringssl/crypto/pkcs7/test/nss.p7c", "pyca/amazon-roots.der"] {
        let bytes = std::fs::read(corpora.join("pkcs7").join(name)).unwrap();
        for length in 0..bytes.len() {
            assert!(pkcs7::certificates(&bytes[..length]).is_err(), "{name} {length}");
        }
    }
}
