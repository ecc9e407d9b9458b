//! `keyward identity request`.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::certificates::Folder;
use crate::keyward::{Keyward, Outcome};

const PASSWORD: [&str; 2] = ["--password", "pass:store-secret"];

fn request(store: &str, csr: &str, words: &[&str]) -> Outcome {
    let common = ["identity", "request", "--alias", "client", "-o", store, "--csr", csr, "--json"];
    Keyward::new(common).args(PASSWORD).args(words).run()
}

fn refused(outcome: Outcome, id: &str) -> String {
    let outcome = outcome.exits(2);
    assert_eq!(outcome.json()["error"]["id"], id, "{outcome}");
    outcome.json()["error"].to_string()
}

#[test]
fn identity_request_makes_a_key_a_request_and_a_placeholder() {
    let folder = Folder::new();
    for (number, (kind, shown, name)) in [
        ("ec:p256", "EC secp256r1", "a.p12"),
        ("ec:p384", "EC secp384r1", "b.jks"),
        ("EC:P521", "EC secp521r1", "c.jceks"),
        ("ed25519", "Ed25519", "d.p12"),
        ("rsa:2048", "RSA 2048 bit", "e.p12"),
    ]
    .into_iter()
    .enumerate()
    {
        let (store, csr) = (folder.file(name), folder.file(&format!("{number}.csr")));
        let names = [
            "--san",
            "client.example",
            "--san",
            "192.0.2.7",
            "--san",
            "a@client.example",
            "--san",
            "urn:x:y",
        ];
        let subject = ["--subject", "cn=client+UID=7, OU=\"a, b\",O=Ex\\2C Inc.,C=DE", "--key-type", kind];
        let outcome = request(&store, &csr, &[&names[..], &subject].concat()).exits(0);
        let json = outcome.json();
        assert_eq!(json["schema"], "keyward.identity-request/1");
        assert_eq!(json["key"]["key"], shown, "{outcome}");
        assert!(!format!("{outcome}").replace(&outcome.shown, "").contains("store-secret"));
        let mode = std::fs::metadata(&store).expect("the store").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        let shown_csr = Keyward::new(["inspect", &csr, "--json"]).run().exits(0).json();
        let text = shown_csr.to_string();
        for said in ["DNS:client.example", "IP:192.0.2.7", "email:a@client.example", "URI:urn:x:y"] {
            assert!(text.contains(said), "{said}: {text}");
        }
        assert!(text.contains("OU=a\\\\, b,O=Ex\\\\, Inc.,C=DE"), "{text}");
        let held = Keyward::new(["inspect", &store, "--json"]).args(PASSWORD).run().exits(0).json();
        let entry = &held["files"][0]["entries"][0];
        assert_eq!((&entry["alias"], &entry["kind"]), (&"client".into(), &"private-key".into()));
        assert_eq!(entry["chain"][0]["sha256"], json["placeholder"]["sha256"]);
        assert_eq!(entry["chain"][0]["self_issued"], true);
        let next = json["next"].as_str().expect("a command");
        assert!(next.contains("identity build --from") && next.contains("--replace"), "{next}");
        // The placeholder itself is an identity: its signature is good.
        let json = Keyward::new(["identity", "build", "--from", &store, "--alias", "client", "-o", &store])
            .args(["--replace", "--json"])
            .args(PASSWORD)
            .run()
            .exits(0)
            .json();
        assert_eq!((&json["root"]["state"], &json["action"]), (&"self-signed".into(), &"unchanged".into()));
    }
}

#[test]
fn identity_request_keeps_what_stands_in_a_store() {
    let folder = Folder::new();
    let store = folder.store("rich.jks");
    let call = |alias: &str, csr: &str| {
        Keyward::new(["identity", "request", "--subject", "CN=a", "--key-type", "ec:p256", "-o", &store])
            .args(["--alias", alias, "--csr", csr, "--password", "pass:changeit", "--json"])
            .run()
    };
    let list = || {
        let json =
            Keyward::new(["trust", "list", &store, "--password", "pass:changeit", "--json"]).run().json();
        json["entries"].as_array().expect("entries").clone()
    };
    let before = list();
    call("new", &folder.file("a.csr")).exits(0);
    let after = list();
    assert_eq!(after.len(), before.len() + 1);
    assert!(before.iter().all(|entry: &Value| after.contains(entry)));
    let said = refused(call("SERVER", &folder.file("b.csr")), "alias-exists");
    assert!(said.contains("another --alias"), "{said}");
    assert!(!std::path::Path::new(&folder.file("b.csr")).exists());
}

#[test]
fn identity_request_on_standard_output() {
    let folder = Folder::new();
    let store = folder.file("a.p12");
    let call =
        ["identity", "request", "--subject", "CN=a", "--key-type", "ec:p256", "--alias", "a", "-o", &store];
    let outcome = Keyward::new(call).args(["--csr", "-"]).args(PASSWORD).run().exits(0);
    let text = outcome.text();
    assert!(text.starts_with("-----BEGIN CERTIFICATE REQUEST-----\n"), "{outcome}");
    assert!(text.ends_with("-----END CERTIFICATE REQUEST-----\n"), "{outcome}");
    assert!(outcome.err.contains("identity build --from"), "{outcome}");
    refused(request(&folder.file("b.p12"), "-", &["--subject", "CN=a"]), "json-and-output");
}

#[test]
fn identity_request_of_a_bad_subject() {
    let folder = Folder::new();
    let (store, csr) = (folder.file("a.p12"), folder.file("a.csr"));
    for (subject, said) in [
        ("CN=a,Foo=b", "at character 6: the attribute type \\\"Foo\\\" is unknown"),
        ("CN=a,b", "at character 6: \\\"b\\\" is no attribute"),
        ("CN=a,", "at character 6"),
        ("CN=", "at character 4: the value of CN is empty"),
        ("CN=a\\q", "at character 5: a backslash"),
        ("CN=a<b", "at character 5: < has to be written as"),
        ("CN=\"a", "at character 4: a value in quotes"),
        ("CN=#zz", "at character 4: after #"),
        ("C=DE+EMAILADDRESS=ü@b", "outside ASCII"),
        ("  ", "the name is empty"),
        ("/CN=a/O=b", "openssl"),
    ] {
        let error = refused(request(&store, &csr, &["--subject", subject]), "not-a-name");
        assert!(error.contains(said), "{subject}: {error}");
    }
    let error =
        refused(request(&store, &csr, &["--subject", "CN=a", "--san", "a b"]), "not-an-alternative-name");
    assert!(error.contains("\\\"a b\\\""), "{error}");
    assert!(!std::path::Path::new(&store).exists() && !std::path::Path::new(&csr).exists());
}

#[test]
fn identity_request_of_other_bad_input() {
    let folder = Folder::new();
    let (store, csr) = (folder.file("a.p12"), folder.with("a.csr", b"mine"));
    refused(request(&store, &csr, &["--subject", "CN=a"]), "exists");
    assert_eq!(folder.read("a.csr"), b"mine");
    let csr = folder.file("none/b.csr");
    let said = refused(request(&store, &csr, &["--subject", "CN=a", "--key-type", "ec:p256"]), "no-folder");
    assert!(said.contains("trust remove"), "the key is there, its request is not: {said}");
    for words in [["--key-type", "rsa:1024"], ["--days", "0"], ["--days", "100000"]] {
        let call =
            ["identity", "request", "--subject", "CN=a", "--alias", "a", "-o", "b.p12", "--csr", "c.csr"];
        Keyward::new(call).args(words).run().exits(2);
    }
    let blank = ["identity", "request", "--subject", "CN=a", "--alias", " ", "-o", "b.p12", "--csr", "c.csr"];
    let outcome = Keyward::new(blank).run().exits(2);
    assert!(outcome.err.contains("blank"), "{outcome}");
}
