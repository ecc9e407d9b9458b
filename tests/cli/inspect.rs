//! `keyward inspect`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::certificates::{Folder, sha256};
use crate::keyward::{Keyward, Outcome, testdata};

fn inspect(words: &[&str]) -> Outcome {
    Keyward::new(["inspect"]).args(words).run()
}

fn store(name: &str) -> String {
    testdata("stores").join(name).display().to_string()
}

/// The only file of a report.
fn only(outcome: &Outcome) -> Value {
    let json = outcome.json();
    assert_eq!(json["schema"], "keyward.inspect/1", "{outcome}");
    assert_eq!(json["files"].as_array().map(Vec::len), Some(1), "{outcome}");
    json["files"][0].clone()
}

fn entry<'a>(file: &'a Value, alias: &str) -> &'a Value {
    let entries = file["entries"].as_array().expect("entries");
    entries.iter().find(|entry| entry["alias"] == alias).unwrap_or_else(|| panic!("{alias} in {file}"))
}

const PASSWORD: [&str; 2] = ["--password", "pass:changeit"];

#[test]
fn inspect_shows_a_store_as_the_contract_says() {
    for (name, format) in [("rich.p12", "PKCS12"), ("rich.jks", "JKS"), ("rich.jceks", "JCEKS")] {
        let outcome = inspect(&[&[&*store(name), "--json"][..], &PASSWORD].concat()).exits(0);
        let file = only(&outcome);
        assert_eq!((&file["format"], &file["integrity"]), (&format.into(), &"verified".into()), "{outcome}");
        assert_eq!((&file["path"], &file["error"]), (&store(name).into(), &Value::Null), "{outcome}");
        let server = entry(&file, "server");
        assert_eq!(
            (&server["kind"], &server["java_visible"]),
            (&"private-key".into(), &true.into()),
            "{outcome}"
        );
        assert!(server["created"].as_str().is_some_and(|date| date.ends_with('Z')), "{outcome}");
        assert_eq!(server["chain"][0]["sha256"], sha256("localhost"), "{outcome}");
        assert_eq!(server["chain"][1]["sha256"], sha256("issuing"), "{outcome}");
        assert_eq!(server["chain"][0]["extended_key_usage"][0], "serverAuth", "{outcome}");
        assert_eq!(server["chain"][0]["sha1"], "e92ebdd5439f1dfbcc46f1bddd7d18c138a3daf1", "{outcome}");
        let key = &server["key"];
        assert_eq!((&key["algorithm"], &key["bits"]), (&"EC".into(), &256.into()), "{outcome}");
        assert_eq!(
            key["pkcs8_sha256"], "fa5d4170ad6fff227f52bf212dfe289fd23fb0fbf80046868b1c9a98e35fbb61",
            "{outcome}"
        );
        assert_eq!((&key["fits_certificate"], &key["error"]), (&true.into(), &Value::Null), "{outcome}");
        let root = file["entries"].as_array().expect("entries").iter().find(|entry| {
            entry["kind"] == "trusted-certificate" && entry["chain"][0]["sha256"] == sha256("other-root")
        });
        let root = root.unwrap_or_else(|| panic!("{outcome}"));
        assert_eq!(
            (&root["key"], root["chain"].as_array().map(Vec::len)),
            (&Value::Null, Some(1)),
            "{outcome}"
        );
        if format != "JKS" {
            let secret = entry(&file, "secret");
            assert_eq!((&secret["kind"], &secret["key"]["algorithm"]), (&"secret-key".into(), &"AES".into()));
            assert_eq!(secret["key"]["pkcs8_sha256"], Value::Null, "{outcome}");
        }
    }
}

#[test]
fn inspect_says_how_a_file_is_protected_and_who_reads_it() {
    let outcome = inspect(&[&store("rich.p12"), "--json"]).exits(0);
    let file = only(&outcome);
    let mac = &file["protection"]["mac"];
    assert_eq!((&mac["algorithm"], &mac["iterations"]), (&"HmacSHA256".into(), &10_000.into()), "{outcome}");
    let parts = file["protection"]["parts"].as_array().expect("parts");
    assert_eq!((&parts[0]["encryption"], &parts[0]["bags"]), (&Value::Null, &3.into()), "{outcome}");
    let locked = &parts[1];
    assert_eq!(locked["bags"], Value::Null, "{outcome}");
    assert_eq!(locked["encryption"]["cipher"], "AES-256-CBC", "{outcome}");
    assert_eq!(locked["encryption"]["prf"], "HmacSHA256", "{outcome}");
    assert_eq!(file["readers"]["java17"]["reads"], "all", "{outcome}");
    assert_eq!(file["readers"]["java8"]["reads"], "nothing", "{outcome}");
    let legacy = only(&inspect(&[&store("openssl-legacy.p12"), "--json"]).exits(0));
    assert_eq!(legacy["readers"]["java8"]["reads"], "all", "{legacy}");
    let text = inspect(&[&store("rich.p12")]).exits(0);
    assert!(text.text().contains("PBES2, AES-256-CBC, HmacSHA256, 10000 iterations; LOCKED"), "{text}");
    assert!(text.text().contains("integrity NOT verified: no password was given"), "{text}");
}

#[test]
fn inspect_without_a_password_shows_what_needs_none() {
    let jks = only(&inspect(&[&store("rich.jks"), "--json"]).exits(0));
    assert_eq!((&jks["integrity"], jks["entries"].as_array().map(Vec::len)), (&"unchecked".into(), Some(4)));
    let key = &entry(&jks, "server")["key"];
    assert_eq!((&key["error"]["id"], &key["pkcs8_sha256"]), (&"locked".into(), &Value::Null), "{jks}");
    assert_eq!(key["encryption"]["scheme"], "JKS", "{jks}");
    let p12 = only(&inspect(&[&store("rich.p12"), "--json"]).exits(0));
    assert_eq!(p12["entries"].as_array().map(Vec::len), Some(3), "{p12}");
    assert_eq!(p12["notes"][0]["id"], "locked", "{p12}");
    let open = only(&inspect(&[&store("openssl-passwordless.p12"), "--json"]).exits(0));
    assert_eq!((&open["integrity"], &open["notes"]), (&"none".into(), &serde_json::json!([])), "{open}");
}

#[test]
fn inspect_shows_what_java_does_not_see() {
    let file =
        only(&inspect(&[&[&*store("openssl-no-trust-attribute.p12"), "--json"][..], &PASSWORD].concat()));
    let hidden = file["entries"].as_array().expect("entries").iter().find(|e| e["java_visible"] == false);
    let hidden = hidden.unwrap_or_else(|| panic!("{file}"));
    assert_eq!((&hidden["kind"], &hidden["hidden"]), (&"certificate".into(), &"no-trust-attribute".into()));
    let text = inspect(&[&[&*store("openssl-no-trust-attribute.p12")][..], &PASSWORD].concat());
    assert!(text.text().contains("Java does not show it: it lacks Java's trust attribute"), "{text}");
}

#[test]
fn inspect_with_a_key_password_of_its_own() {
    let path = store("other-key-password.jks");
    let closed = inspect(&[&[&*path, "--json"][..], &PASSWORD].concat()).exits(0);
    let file = only(&closed);
    let key = &entry(&file, "server")["key"];
    assert_eq!(
        (&key["error"]["id"], &key["algorithm"]),
        (&"wrong-key-password".into(), &Value::Null),
        "{closed}"
    );
    assert!(closed.err.contains("--key-password"), "{closed}");
    let open = |spec: &str| {
        let outcome =
            inspect(&[&[&*path, "--json", "--key-password", spec][..], &PASSWORD].concat()).exits(0);
        let file = only(&outcome);
        ["server", "second"].map(|alias| entry(&file, alias)["key"]["fits_certificate"] == true)
    };
    assert_eq!(open("pass:keypassword"), [true, true]);
    assert_eq!(open("SERVER=pass:keypassword"), [true, false]);
}

#[test]
fn inspect_tries_each_password() {
    let paths = [store("rich.p12"), store("rich.jks")];
    let specs = ["--in-password", "pass:wrong one", "--in-password", "pass:changeit"];
    let outcome = inspect(&[&[&*paths[0], &paths[1], "--json"][..], &specs].concat()).exits(0);
    for file in outcome.json()["files"].as_array().expect("files") {
        assert_eq!(file["integrity"], "verified", "{outcome}");
    }
}

#[test]
fn inspect_with_a_wrong_password_keeps_the_structure() {
    for name in ["rich.p12", "rich.jks"] {
        let outcome = inspect(&[&store(name), "--json", "--password", "pass:wrong one"]).exits(2);
        let file = only(&outcome);
        assert_eq!(file["error"]["id"], "wrong-password", "{outcome}");
        assert_eq!((&file["entries"], &file["integrity"]), (&serde_json::json!([]), &"unchecked".into()));
        assert!(file["protection"].is_object(), "{outcome}");
        assert!(outcome.err.contains("wrong password or damaged file"), "{outcome}");
    }
}

#[test]
fn inspect_shows_every_file_whatever_is_wrong_with_one() {
    let folder = Folder::new();
    let empty = folder.with("empty.jks", b"");
    let html = folder.with("page.crt", b"<!DOCTYPE html><html></html>");
    let root = testdata("pki/root.pem").display().to_string();
    let outcome = inspect(&["no such file", &empty, &html, &root, "--json"]).exits(2);
    let json = outcome.json();
    let ids: Vec<&Value> =
        json["files"].as_array().expect("files").iter().map(|file| &file["error"]["id"]).collect();
    assert_eq!(
        ids,
        ["no-such-file", "empty-file", "not-recognised", ""]
            .map(|id| { if id.is_empty() { Value::Null } else { id.into() } })
            .iter()
            .collect::<Vec<_>>(),
        "{outcome}"
    );
    assert_eq!(json["files"][3]["entries"][0]["chain"][0]["sha256"], sha256("root"), "{outcome}");
}

#[test]
fn inspect_reads_each_kind_of_object() {
    let read = |path: &str| testdata(path).display().to_string();
    let outcome = inspect(&[
        &read("inputs/request.csr"),
        &read("pki/root.key"),
        &read("inputs/chain.p7b"),
        &read("inputs/trusted-certificate.pem"),
        "--json",
    ])
    .exits(0);
    let json = outcome.json();
    let kinds: Vec<(&Value, &Value)> = json["files"]
        .as_array()
        .expect("files")
        .iter()
        .map(|file| (&file["format"], &file["entries"][0]["kind"]))
        .collect();
    let value = |text: &str| Value::from(text);
    assert_eq!(
        kinds,
        [
            (&value("PEM"), &value("request")),
            (&value("PEM"), &value("private-key")),
            (&value("PKCS7"), &value("certificate")),
            (&value("PEM"), &value("certificate")),
        ],
        "{outcome}"
    );
    assert_eq!(json["files"][0]["entries"][0]["request"]["subject"], "CN=localhost,O=Example", "{outcome}");
    assert_eq!(json["files"][1]["entries"][0]["java_visible"], Value::Null, "{outcome}");
    assert_eq!(json["files"][2]["entries"].as_array().map(Vec::len), Some(2), "{outcome}");
}

#[test]
fn inspect_says_which_certificate_of_a_file_a_key_fits() {
    let folder = Folder::new();
    let read = |path: &str| std::fs::read(testdata(path)).expect("the fixture");
    let both =
        folder.with("both.pem", &[read("pki/localhost-chain.pem"), read("pki/localhost.key")].concat());
    let file = only(&inspect(&[&both, "--json"]).exits(0));
    let key = file["entries"].as_array().and_then(|entries| entries.last()).expect("a key");
    assert_eq!(
        (&key["kind"], &key["key"]["fits_certificate"]),
        (&"private-key".into(), &true.into()),
        "{file}"
    );
    let other = folder.with("other.pem", &[read("pki/root.pem"), read("pki/localhost.key")].concat());
    let text = inspect(&[&other]).exits(0);
    assert!(text.text().contains("does NOT fit"), "{text}");
}

#[test]
fn inspect_names_what_is_damaged_and_shows_the_rest() {
    let folder = Folder::new();
    let good = std::fs::read_to_string(testdata("pki/root.pem")).expect("the fixture");
    let broken = good.replacen("\nMI", "\n!!", 1);
    let path = folder.with("bundle.pem", format!("{broken}{good}").as_bytes());
    let outcome = inspect(&[&path, "--json"]).exits(2);
    let file = only(&outcome);
    assert_eq!(
        (&file["error"]["id"], file["entries"].as_array().map(Vec::len)),
        (&"damaged".into(), Some(2))
    );
    assert_eq!(file["entries"][0]["error"]["id"], "damaged", "{outcome}");
    assert_eq!(file["entries"][1]["chain"][0]["sha256"], sha256("root"), "{outcome}");
}

#[test]
fn inspect_reads_standard_input_once() {
    let bytes = std::fs::read(testdata("stores/trust.jks")).expect("the fixture");
    let outcome = Keyward::new(["inspect", "-", "--json"]).args(PASSWORD).stdin(&bytes).run().exits(0);
    assert_eq!(only(&outcome)["path"], "-", "{outcome}");
    let twice = inspect(&["-", "-"]).exits(2);
    assert!(twice.err.contains("once"), "{twice}");
    let taken = inspect(&["-", "--password", "stdin"]).exits(2);
    assert!(taken.out.is_empty() && taken.err.contains("error:"), "{taken}");
}

#[test]
fn inspect_refuses_stores_of_bouncy_castle_by_name() {
    let folder = Folder::new();
    // Version 2, twenty octets of salt, 1024 iterations, no entries, the HMAC.
    let bks = [&[0, 0, 0, 2, 0, 0, 0, 20][..], &[7; 20], &[0, 0, 4, 0], &[0], &[9; 20]].concat();
    let outcome = inspect(&[&folder.with("old.bks", &bks), "--json"]).exits(2);
    let file = only(&outcome);
    assert_eq!((&file["format"], &file["error"]["id"]), (&"BKS".into(), &"unsupported-keystore".into()));
}

#[test]
fn inspect_opens_a_keystore_in_base64() {
    let folder = Folder::new();
    let text = STANDARD.encode(std::fs::read(testdata("stores/trust.p12")).expect("the fixture"));
    let path = folder.with("secret.txt", text.as_bytes());
    let file = only(&inspect(&[&[&*path, "--json"][..], &PASSWORD].concat()).exits(0));
    assert_eq!((&file["format"], &file["notes"][0]["id"]), (&"PKCS12".into(), &"base64".into()), "{file}");
}

#[test]
fn inspect_tells_an_empty_alias_from_none() {
    use keyward::format::{certificates, key_store, pkcs12::Derivations};
    use keyward::model::key_store::StoreFormat;
    use keyward::model::{EncodedCertificate, KeyStore, Password, entropy::SystemEntropy};
    let folder = Folder::new();
    let root = certificates::read(&std::fs::read(testdata("pki/root.pem")).expect("a fixture")).expect("one");
    let root = EncodedCertificate::from(&root.certificates[0].certificate);
    for format in [StoreFormat::Jks, StoreFormat::Pkcs12] {
        let mut store = KeyStore::empty(format);
        store.add_trusted("", &root, time::OffsetDateTime::UNIX_EPOCH).expect("an empty store");
        let password = Password::new("changeit".to_owned());
        let bytes = key_store::encode(&store, Some(&password), &mut SystemEntropy, &mut Derivations::new());
        let path = folder.with("empty-alias", &bytes.expect("a store"));
        let file = only(&inspect(&[&[&*path, "--json"][..], &PASSWORD].concat()).exits(0));
        assert_eq!(file["entries"][0]["alias"], "", "{format:?}: {file}");
        let text = inspect(&[&*path, PASSWORD[0], PASSWORD[1]]).exits(0);
        assert!(text.text().contains("\n\"\"  trusted certificate"), "{text}");
    }
}

#[test]
fn inspect_names_keys_of_openssh_and_how_to_open_others() {
    let folder = Folder::new();
    let text =
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END OPENSSH PRIVATE KEY-----\n";
    let file = only(&inspect(&[&folder.with("id_ed25519", text.as_bytes()), "--json"]).exits(0));
    let error = &file["entries"][0]["key"]["error"]["message"];
    assert!(error.as_str().expect("a sentence").contains("OpenSSH"), "{file}");
    // A key of a file has no alias: the option takes none.
    let der = std::fs::read(testdata("keys/secp256r1.pem")).expect("the fixture");
    let wrong = inspect(&[&folder.with("other.key", &der), "--password", "pass:wrong-one"]);
    assert!(wrong.err.contains("--key-password SPEC"), "{wrong}");
}
