//! What is not what the verb needs: a message that says what it is, the right code, the store untouched.

use crate::certificates::{Folder, der, pem};
use crate::keyward::{Keyward, Outcome, testdata};

fn add(source: &str, store: &str) -> Outcome {
    Keyward::new([
        "trust",
        "add",
        source,
        "--to",
        store,
        "--alias",
        "new",
        "--yes",
        "--password",
        "pass:changeit",
    ])
    .run()
}

/// A name, the bytes, and words of which the message needs one.
fn no_certificates() -> Vec<(&'static str, Vec<u8>, &'static [&'static str])> {
    let file = |name: &str| std::fs::read(testdata(name)).expect("a fixture");
    let root = file("pki/root.pem");
    vec![
        ("empty.pem", Vec::new(), &["empty"]),
        ("text.pem", b"hello, this is no certificate\n".to_vec(), &["not a certificate"]),
        ("garbage.der", vec![0xa7; 900], &["not a certificate"]),
        ("cut.pem", root[..root.len() / 2].to_vec(), &["END", "end", "cut"]),
        ("cut.der", der("root")[..100].to_vec(), &["cut", "end", "truncated", "short"]),
        ("key.pem", file("pki/localhost.key"), &["private key"]),
        ("request.csr", file("inputs/request.csr"), &["request"]),
        ("store.jks", file("stores/trust.jks"), &["JKS", "keystore"]),
        ("store.p12", file("stores/trust.p12"), &["PKCS12", "keystore"]),
        ("page.html", b"<!DOCTYPE html><html><body>Sign in</body></html>".to_vec(), &["HTML"]),
        ("zeros.der", vec![0; 4096], &[]),
        ("huge-length.der", vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x30], &[]),
        ("indefinite.der", [0x30, 0x80].repeat(5000), &[]),
    ]
}

#[test]
fn trust_add_says_what_a_source_is_when_it_is_no_certificate() {
    let folder = Folder::new();
    let store = folder.store("trust.p12");
    let before = folder.read("trust.p12");
    for (name, bytes, words) in no_certificates() {
        let outcome = add(&folder.with(name, &bytes), &store).exits(2);
        assert!(outcome.err.contains(name), "the file's name is due\n{outcome}");
        let said = words.iter().any(|word| outcome.err.contains(word));
        assert!(words.is_empty() || said, "one of {words:?} is due\n{outcome}");
        assert_eq!(folder.read("trust.p12"), before, "{name}");
    }
}

#[test]
fn stores_of_bouncy_castle_are_refused_with_the_command_that_converts_them() {
    let folder = Folder::new();
    // Version 2, twenty octets of salt, 1024 iterations, no entries, the HMAC.
    let bks = [&[0, 0, 0, 2, 0, 0, 0, 20][..], &[7; 20], &[0, 0, 4, 0], &[0], &[9; 20]].concat();
    let path = folder.with("old.bks", &bks);
    let as_source = add(&path, &folder.store("trust.p12")).exits(2);
    let as_store = add(&pem("root"), &path).exits(2);
    let listed = Keyward::new(["trust", "list", &path, "--password", "pass:changeit"]).run().exits(2);
    for outcome in [as_source, as_store, listed] {
        assert!(outcome.err.contains("Bouncy Castle keystore (BKS)"), "{outcome}");
        assert!(outcome.err.contains("keytool -importkeystore"), "the next step is due\n{outcome}");
        assert!(outcome.err.contains("-srcstoretype BKS"), "{outcome}");
        assert!(!outcome.err.contains("keyward trust"), "keyward cannot read it\n{outcome}");
    }
    assert_eq!(folder.read("old.bks"), bks);
}

#[test]
fn a_store_with_an_unknown_cipher_is_not_called_damaged() {
    let folder = Folder::new();
    let mut bytes = std::fs::read(testdata("stores/trust.p12")).expect("a fixture");
    // AES-256-CBC, 2.16.840.1.101.3.4.1.42, becomes AES-128-GCM, which ends with 6.
    let cbc = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a];
    let at = bytes.windows(cbc.len()).position(|window| window == cbc).expect("AES-256-CBC");
    bytes[at + cbc.len() - 1] = 6;
    let store = folder.with("gcm.p12", &bytes);
    let outcome = Keyward::new(["trust", "list", &store, "--json"]).run().exits(2);
    let error = &outcome.json()["error"];
    assert_eq!(error["id"], "unsupported-keystore", "{outcome}");
    assert!(error["message"].as_str().is_some_and(|text| text.contains("not supported")), "{outcome}");
}

#[test]
fn what_is_no_store_gets_a_hint_that_leads_on() {
    let bundle = crate::certificates::path(testdata("pki/localhost-chain.pem"));
    for (file, verbs) in [
        (bundle, &["diagnose", "trust add"][..]),
        (crate::certificates::path(testdata("pki/localhost.key")), &["inspect"]),
        (crate::certificates::path(testdata("inputs/request.csr")), &["inspect"]),
    ] {
        let listed = Keyward::new(["trust", "list", &file, "--password", "pass:changeit"]).run().exits(2);
        for verb in ["diagnose", "trust add", "inspect"] {
            let said = listed.err.contains(&format!("keyward {verb} "));
            assert_eq!(said, verbs.contains(&verb), "{verb}\n{listed}");
        }
        if verbs == ["inspect"] {
            Keyward::new(["inspect", &file]).run().exits(0);
        }
    }
}

#[test]
fn diagnose_says_what_a_file_is_when_it_is_no_certificate() {
    let folder = Folder::new();
    for (name, bytes, _) in no_certificates() {
        let outcome = Keyward::new(["diagnose", &folder.with(name, &bytes)]).run();
        // A keystore is a file with certificates, whose password is wanting here.
        assert_eq!(outcome.code, 2, "{outcome}");
        assert!(!outcome.err.trim().is_empty(), "{outcome}");
    }
}

#[test]
fn trust_verbs_say_what_a_file_is_when_it_is_no_keystore() {
    let folder = Folder::new();
    let certificate = std::fs::read(pem("root")).expect("a fixture");
    let others =
        [("cert.pem", certificate, &["certificate"][..]), ("root.der", der("root"), &["certificate"])];
    for (name, bytes, words) in no_certificates().into_iter().chain(others) {
        if name.starts_with("store") {
            continue;
        }
        let store = folder.with(name, &bytes);
        let list = Keyward::new(["trust", "list", &store, "--password", "pass:changeit"]).run().exits(2);
        assert!(list.err.contains(name), "the file's name is due\n{list}");
        let added = add(&pem("root"), &store).exits(2);
        assert_eq!(folder.read(name), bytes, "{name}");
        let certificate = name.starts_with("cert") || name.starts_with("root");
        let said = words.iter().any(|word| added.err.contains(word));
        assert!(!certificate || said, "one of {words:?} is due\n{added}");
    }
}

#[test]
fn trust_list_survives_every_cut_of_a_keystore() {
    let folder = Folder::new();
    for name in ["rich.jks", "rich.jceks", "trust.p12"] {
        let whole = std::fs::read(testdata(&format!("stores/{name}"))).expect("a fixture");
        for part in (0..16).map(|sixteenth| whole.len() * sixteenth / 16).chain([whole.len() - 1]) {
            let store = folder.with("cut", &whole[..part]);
            Keyward::new(["trust", "list", &store, "--password", "pass:changeit"]).run().exits(2);
        }
    }
}

#[test]
fn missing_files_and_directories_are_named() {
    let folder = Folder::new();
    let store = folder.store("trust.p12");
    for source in [folder.file("no-such-file.pem"), folder.root().to_str().expect("UTF-8").to_owned()] {
        let outcome = add(&source, &store);
        assert!(matches!(outcome.code, 2 | 3), "{outcome}");
        assert!(outcome.err.contains(&source), "{outcome}");
    }
}
