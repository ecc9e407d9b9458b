//! `keyward convert`.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use crate::certificates::{Folder, der, pem, sha256};
use crate::keyward::{Keyward, Outcome, testdata};
use crate::odd_certificates;

const PASSWORD: [&str; 2] = ["--password", "pass:changeit"];

fn convert(words: &[&str]) -> Outcome {
    Keyward::new(["convert"]).args(words).run()
}

fn key(name: &str) -> String {
    crate::certificates::path(testdata(&format!("pki/{name}.key")))
}

/// Alias, kind, SHA-256 of the key and of each certificate: what a store holds, by `keyward inspect`.
fn contents(file: &str, password: &str) -> Vec<(String, String, String, Vec<String>)> {
    let outcome = Keyward::new(["inspect", file, "--password", &format!("pass:{password}"), "--json"]);
    let outcome = outcome.run().exits(0);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut entries: Vec<_> = outcome.json()["files"][0]["entries"]
        .as_array()
        .expect("entries")
        .iter()
        .map(|entry| {
            let chain = entry["chain"].as_array().expect("chain");
            (
                text(&entry["alias"]).to_lowercase(),
                text(&entry["kind"]),
                text(&entry["key"]["pkcs8_sha256"]),
                chain.iter().map(|certificate| text(&certificate["sha256"])).collect(),
            )
        })
        .collect();
    entries.sort();
    entries
}

#[test]
fn convert_between_stores_keeps_entries_keys_and_chains() {
    let folder = Folder::new();
    let original = contents(&folder.store("rich.p12"), "changeit");
    let mut from = folder.store("rich.p12");
    for name in ["a.jceks", "b.p12", "c.jceks", "d.p12"] {
        let to = folder.file(name);
        convert(&[&[&from, "-o", &to][..], &PASSWORD].concat()).exits(0);
        assert_eq!(contents(&to, "changeit"), original, "{name}");
        from = to;
    }
}

/// As keytool makes one of none. A file of nothing that can be converted is another matter.
#[test]
fn convert_an_empty_store() {
    let folder = Folder::new();
    let mut from = folder.file("empty.jks");
    let root = crate::certificates::path(testdata("pki/root.pem"));
    let add = ["trust", "add", &root, "--to", &from, "--alias", "root", "--yes"];
    Keyward::new(add).args(PASSWORD).run().exits(0);
    Keyward::new(["trust", "remove", &from, "root"]).args(PASSWORD).run().exits(0);
    for name in ["a.p12", "b.jceks", "c.jks"] {
        let to = folder.file(name);
        convert(&[&[&from, "-o", &to][..], &PASSWORD].concat()).exits(0);
        assert!(contents(&to, "changeit").is_empty(), "{name}");
        from = to;
    }
    let request = crate::certificates::path(testdata("inputs/request.csr"));
    for (nothing, to) in [(&from, "out.pem"), (&request, "out.p12")] {
        let outcome = convert(&[&[nothing, "-o", &folder.file(to)][..], &PASSWORD].concat()).exits(2);
        assert!(outcome.err.contains("nothing to convert"), "{outcome}");
    }
}

#[test]
fn convert_says_what_jks_cannot_hold_before_it_writes() {
    let folder = Folder::new();
    let (from, to) = (folder.store("rich.p12"), folder.file("out.jks"));
    let call = [&[&from, "-o", &to][..], &PASSWORD].concat();
    let refused = convert(&call).exits(2);
    assert!(refused.err.contains("secret key \"secret\"") && refused.err.contains("--lossy"), "{refused}");
    assert!(!std::path::Path::new(&to).exists());
    let done = convert(&[&call[..], &["--lossy", "--json"]].concat()).exits(0);
    let json = done.json();
    assert_eq!(json["schema"], "keyward.convert/1");
    assert_eq!(json["losses"][0]["id"], "secret-key", "{done}");
    let mut expected = contents(&from, "changeit");
    expected.retain(|entry| entry.1 != "secret-key");
    assert_eq!(contents(&to, "changeit"), expected);
}

#[test]
fn convert_makes_an_identity_of_a_key_and_certificates_in_any_order() {
    let folder = Folder::new();
    let chain = ["localhost", "issuing", "root"].map(sha256).to_vec();
    for (name, format) in [("id.p12", "PKCS12"), ("id.jks", "JKS"), ("id.jceks", "JCEKS")] {
        let to = folder.file(name);
        let inputs = [pem("root"), key("localhost"), pem("issuing"), pem("localhost")];
        let words: Vec<&str> =
            inputs.iter().map(String::as_str).chain(["-o", &to, "--alias", "server"]).collect();
        let done = convert(&[&words[..], &PASSWORD, &["--json"]].concat()).exits(0);
        assert_eq!(done.json()["format"], format);
        let held = contents(&to, "changeit");
        assert_eq!(held.len(), 1, "{held:?}");
        assert_eq!((&*held[0].0, &*held[0].1, &held[0].3), ("server", "private-key", &chain));
        let mode = std::fs::metadata(&to).expect("the store").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name}");
    }
}

#[test]
fn convert_makes_a_trust_store_of_a_bundle_with_aliases_from_the_subjects() {
    let folder = Folder::new();
    let bundle = ["root", "other-root", "rekeyed-root", "root"]
        .map(|name| std::fs::read(pem(name)).expect("a fixture"))
        .concat();
    let from = folder.with("bundle.pem", &bundle);
    for name in ["trust.jks", "trust.p12"] {
        let to = folder.file(name);
        convert(&[&[&from, "-o", &to][..], &PASSWORD].concat()).exits(0);
        let held: Vec<_> =
            contents(&to, "changeit").into_iter().map(|entry| (entry.0, entry.1, entry.3)).collect();
        let trusted = |alias: &str, name: &str| {
            (alias.to_owned(), "trusted-certificate".to_owned(), vec![sha256(name)])
        };
        let expected = [
            trusted("example-root-ca", "root"),
            trusted("example-root-ca-2", "rekeyed-root"),
            trusted("other-root-ca", "other-root"),
        ];
        assert_eq!(held, expected, "{name}");
    }
}

#[test]
fn convert_to_files_and_back() {
    let folder = Folder::new();
    let store = folder.store("openssl-chain.p12");
    let original = contents(&store, "changeit");
    let text = folder.file("id.pem");
    let done = convert(&[&store, "--in-password", "pass:changeit", "-o", &text]).exits(0);
    assert!(done.err.contains("not encrypted"), "{done}");
    let written = String::from_utf8(folder.read("id.pem")).expect("text");
    assert!(written.starts_with("-----BEGIN PRIVATE KEY-----\n"), "{written}");
    assert_eq!(std::fs::metadata(&text).expect("a file").permissions().mode() & 0o777, 0o600);
    let back = folder.file("back.p12");
    let alias = original[0].0.clone();
    convert(&[&[&text, "-o", &back, "--alias", &alias][..], &PASSWORD].concat()).exits(0);
    assert_eq!(contents(&back, "changeit"), original);

    let sealed = folder.file("sealed.pem");
    convert(&[&[&store, "-o", &sealed][..], &PASSWORD].concat()).exits(0);
    let written = String::from_utf8(folder.read("sealed.pem")).expect("text");
    assert!(written.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"), "{written}");
    let again = folder.file("again.p12");
    convert(&[&[&sealed, "-o", &again, "--alias", &alias][..], &PASSWORD].concat()).exits(0);
    assert_eq!(contents(&again, "changeit"), original);
    convert(&[&sealed, "-o", &folder.file("no.p12"), "--password", "pass:another"]).exits(2);
}

#[test]
fn convert_to_one_certificate_and_to_p7b() {
    let folder = Folder::new();
    let one = folder.file("root.der");
    convert(&[&pem("root"), "-o", &one]).exits(0);
    assert_eq!(folder.read("root.der"), der("root"));
    let two = folder.file("two.der");
    let refused = convert(&[&pem("root"), &pem("issuing"), "-o", &two]).exits(2);
    assert!(refused.err.contains("DER holds one"), "{refused}");
    let p7b = folder.file("chain.p7b");
    convert(&[&pem("localhost-chain"), "-o", &p7b]).exits(0);
    let fixture = std::fs::read(testdata("inputs/chain.p7b")).expect("a fixture");
    assert_eq!(folder.read("chain.p7b"), fixture);
    let out = convert(&[&p7b]).exits(0);
    assert_eq!(out.text(), std::fs::read_to_string(pem("localhost-chain")).expect("a fixture"));
    convert(&[&pem("localhost"), &key("localhost"), "-o", &folder.file("key.p7b")]).exits(2);
}

#[test]
fn convert_does_not_write_over_a_file_unasked() {
    let folder = Folder::new();
    let (from, to) = (folder.store("trust.jks"), folder.with("out.p12", b"mine"));
    let call = [&[&from, "-o", &to][..], &PASSWORD].concat();
    let refused = convert(&call).exits(2);
    assert!(refused.err.contains("--force"), "{refused}");
    assert_eq!(folder.read("out.p12"), b"mine");
    let done = convert(&[&call[..], &["--force", "--backup", "--json"]].concat()).exits(0);
    assert_eq!(done.json()["created"], false);
    assert_eq!(folder.read("out.p12.bak"), b"mine");
    assert_eq!(contents(&to, "changeit"), contents(&from, "changeit"));
}

#[test]
fn convert_selects_and_renames() {
    let folder = Folder::new();
    let (from, to) = (folder.store("rich.jks"), folder.file("out.p12"));
    let call = [
        "--only",
        "SERVER",
        "--only",
        "other root",
        "--rename",
        "server=client",
        "--rename",
        "Other Root=a=b",
    ];
    convert(&[&[&from, "-o", &to][..], &PASSWORD, &call].concat()).exits(0);
    let aliases: Vec<String> = contents(&to, "changeit").into_iter().map(|entry| entry.0).collect();
    assert_eq!(aliases, ["a=b", "client"]);
    for (options, word) in [
        (&["--only", "nobody"][..], "there are "),
        (&["--only", "server", "--only", "nobody"], "'other root'"),
        (&["--rename", "nobody=x"], "nobody"),
        (&["--rename", "server"], "OLD=NEW"),
        (&["--rename", "server=second"], "second"),
        (&["--alias", "x"], "--rename"),
    ] {
        let outcome =
            convert(&[&[&from, "-o", &folder.file("no.p12")][..], &PASSWORD, options].concat()).exits(2);
        assert!(outcome.err.contains(word), "{word}\n{outcome}");
    }
}

#[test]
fn convert_several_stores_into_one_and_says_which_aliases_collide() {
    let folder = Folder::new();
    let (one, two, to) = (folder.store("trust.jks"), folder.store("rich.jceks"), folder.file("all.p12"));
    // The same certificate under the same alias is one entry; another one under it collides.
    let other = folder.file("other.jks");
    convert(&[&[&pem("issuing"), "-o", &other, "--alias", "other root"][..], &PASSWORD].concat()).exits(0);
    convert(&[&[&one, &two, "-o", &to][..], &PASSWORD].concat()).exits(0);
    assert_eq!(contents(&to, "changeit").len(), 6);
    let again = folder.file("again.p12");
    let call = [&[&one, &two, &other, "-o", &again][..], &PASSWORD].concat();
    let refused = convert(&call).exits(2);
    assert!(refused.err.contains("other root-2"), "{refused}");
    convert(&[&call[..], &["--lossy"]].concat()).exits(0);
    assert!(contents(&again, "changeit").iter().any(|entry| entry.0 == "other root-2"));
}

#[test]
fn convert_asks_for_the_password_of_a_key_by_its_alias() {
    let folder = Folder::new();
    let (from, to) = (folder.store("other-key-password.jks"), folder.file("out.jks"));
    let call = [&[&from, "-o", &to][..], &PASSWORD].concat();
    let refused = convert(&call).exits(2);
    assert!(refused.err.contains("--key-password"), "{refused}");
    let keys = ["--key-password", "server=pass:keypassword", "--key-password", "second=pass:keypassword"];
    convert(&[&call[..], &keys].concat()).exits(0);
    // The keys have the store's password now: the classic "Cannot recover key" is over.
    assert!(
        contents(&to, "changeit").iter().filter(|entry| entry.1 == "private-key").all(|e| !e.2.is_empty())
    );
}

#[test]
fn convert_refuses_a_key_and_certificates_of_other_keys() {
    let folder = Folder::new();
    let to = folder.file("out.p12");
    let refused =
        convert(&[&[&key("self-signed"), &pem("localhost"), "-o", &to][..], &PASSWORD].concat()).exits(2);
    assert!(refused.err.contains("self-signed.key"), "{refused}");
    assert!(!std::path::Path::new(&to).exists());
}

#[test]
fn convert_trusts_nothing_that_only_came_along_with_a_key() {
    let folder = Folder::new();
    let inputs = [key("localhost"), pem("localhost"), pem("other-root")];
    let words: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let refused = convert(&[&words[..], &["-o", &folder.file("out.jks")], &PASSWORD].concat()).exits(2);
    assert!(refused.err.contains("Other Root CA"), "{refused}");
    let to = folder.file("out.p12");
    convert(&[&words[..], &["-o", &to], &PASSWORD].concat()).exits(0);
    let kinds: Vec<String> = contents(&to, "changeit").into_iter().map(|entry| entry.1).collect();
    assert_eq!(kinds, ["certificate", "private-key"]);
}

#[test]
fn convert_profiles_protect_as_they_say() {
    let folder = Folder::new();
    for (profile, more, mac, iterations) in [
        ("java17", &[][..], "SHA256", 10_000),
        ("java8", &[], "SHA1", 100_000),
        ("openssl3", &[], "SHA256", 2_048),
        ("modern", &["--iterations", "1000"], "PBKDF2", 1_000),
        ("java17", &["--mac", "sha512", "--iterations", "3000"], "SHA512", 3_000),
    ] {
        let to = folder.file(&format!("{profile}-{iterations}.p12"));
        let call = [&pem("root"), "-o", &to, "--profile", profile];
        convert(&[&call[..], &PASSWORD, more].concat()).exits(0);
        let shown = Keyward::new(["inspect", &to, "--password", "pass:changeit", "--json"]).run().exits(0);
        let found = shown.json()["files"][0]["protection"]["mac"].to_string();
        assert!(found.contains(mac) && found.contains(&iterations.to_string()), "{profile}: {found}");
    }
    let bare = folder.file("bare.p12");
    convert(&[&pem("root"), "-o", &bare, "--profile", "passwordless"]).exits(0);
    assert_eq!(contents(&bare, "whatever").len(), 1);
    convert(&[&pem("root"), "-o", &folder.file("no.jks"), "--profile", "java8"]).exits(2);
    let new = folder.file("new.p12");
    let add = ["trust", "add", &pem("root"), "--to", &new, "--yes", "--profile", "passwordless"];
    Keyward::new(add).run().exits(0);
    assert_eq!(contents(&new, "").len(), 1);
}

#[test]
fn convert_reports_damage_among_good_certificates() {
    let folder = Folder::new();
    let mut text = std::fs::read_to_string(pem("root")).expect("a fixture");
    text.push_str("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
    let from = folder.with("bundle.pem", text.as_bytes());
    let to = folder.file("out.p12");
    let call = [&[&from, "-o", &to][..], &PASSWORD].concat();
    let refused = convert(&call).exits(2);
    assert!(refused.err.contains("line ") && refused.err.contains("--lossy"), "{refused}");
    convert(&[&call[..], &["--lossy"]].concat()).exits(0);
}

/// A target that can hold nothing of it is no target, whatever may be lost.
#[test]
fn convert_writes_nothing_where_nothing_is_left() {
    let folder = Folder::new();
    let from = folder.store("rich.jceks");
    for (name, more) in [
        ("x.pem", &[][..]),
        ("x.p7b", &[]),
        ("x.jks", &[]),
        ("x.pem", &["--lossy"]),
        ("x.p7b", &["--lossy"]),
        ("x.jks", &["--lossy"]),
    ] {
        let to = folder.file(name);
        let call = [&[&*from, "-o", &to, "--json", "--only", "secret"][..], &PASSWORD, more].concat();
        let outcome = convert(&call).exits(2);
        assert_eq!(outcome.json()["error"]["id"], "nothing-to-convert", "{outcome}");
        assert!(outcome.err.contains("no place for secret keys"), "{outcome}");
        assert!(!outcome.err.contains("--lossy") && !std::path::Path::new(&to).exists(), "{outcome}");
    }
}

/// No JVM of 17 would open it; others may be meant.
#[test]
fn convert_warns_of_a_password_that_java_does_not_take() {
    let folder = Folder::new();
    let from = folder.store("rich.p12");
    for (name, warned) in [("x.p12", true), ("x.jks", false)] {
        let words = [&*from, "-o", &folder.file(name), "--lossy", "--in-password", "pass:changeit"];
        let outcome = convert(&[&words[..], &["--password", "pass:Schlüssel"]].concat()).exits(0);
        assert_eq!(outcome.err.contains("printable ASCII"), warned, "{outcome}");
    }
}

#[test]
fn convert_refuses_calls_that_cannot_be_meant() {
    let folder = Folder::new();
    let root = pem("root");
    for words in [
        &["-o", "x"][..],
        &[&root, "-o", &folder.file("no-extension")],
        &[&root, "--json"],
        &["-", "-", "-o", "x.p12"],
        &[&folder.file("missing.pem"), "-o", "x.p12"],
        &[&root, "-o", &folder.file("x.p12")],
        &[&root, "-o", &folder.file("x.p12"), "--password", "pass:short"],
        &[&root, "-o", &folder.file("x.p12"), "--iterations", "0", "--password", "pass:changeit"],
    ] {
        let outcome = convert(words);
        assert_eq!(outcome.code, 2, "{outcome}");
    }
}

/// A certificate that no JVM reads stays out of a JKS store; a PKCS12 file has other readers too.
#[test]
fn convert_keeps_stores_loadable_for_java() {
    let folder = Folder::new();
    let (_, unread) = odd_certificates::all();
    let sm2 = unread.into_iter().find(|(name, _)| name == "SM2").expect("the case").1;
    let (odd, root) = (folder.with("odd.cer", &sm2), pem("root"));
    let (jks, p12) = (folder.file("out.jks"), folder.file("out.p12"));
    let call = [&[&*root, &odd, "-o", &jks][..], &PASSWORD].concat();
    let refused = convert(&call).exits(2);
    assert!(refused.err.contains("refuse the whole store") && refused.err.contains("--lossy"), "{refused}");
    convert(&[&call[..], &["--lossy"]].concat()).exits(0);
    assert_eq!(contents(&jks, "changeit").len(), 1);
    let call = [&[&*root, &odd, "-o", &p12][..], &PASSWORD].concat();
    let said = convert(&call).exits(0);
    assert!(said.err.contains("refuse the whole store"), "{said}");
    assert_eq!(contents(&p12, "changeit").len(), 2);
    let inspected = Keyward::new(["inspect", &p12, "--json"]).args(PASSWORD).run().exits(0).json();
    let java = &inspected["files"][0]["readers"]["java17"];
    assert_eq!(java["reads"], "nothing", "{java}");
    assert!(java["reasons"][0].as_str().expect("a reason").contains("1.2.156.10197.1.301"), "{java}");
}
