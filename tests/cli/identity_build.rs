//! `keyward identity build`.

use std::os::unix::fs::PermissionsExt;

use keyward::format::pem as pem_text;
use keyward::serve::{AiaServer, Answer, pki};
use serde_json::Value;
use time::macros::datetime;

use crate::certificates::{Folder, path, pem, sha256};
use crate::keyward::{Keyward, Outcome, testdata};

const PASSWORD: [&str; 2] = ["--password", "pass:store-secret"];

fn key(name: &str) -> String {
    path(testdata(&format!("pki/{name}.key")))
}

/// A call without a network, with JSON.
fn build(out: &str, alias: &str, words: &[&str]) -> Outcome {
    let common = ["identity", "build", "-o", out, "--alias", alias, "--no-aia", "--json"];
    Keyward::new(common).args(PASSWORD).args(words).run()
}

/// The inputs of the fixture's identity.
fn localhost() -> Vec<String> {
    let [key, cert, root, issuing] = [key("localhost"), pem("localhost"), pem("root"), pem("issuing")];
    ["--key", &key, "--cert", &cert, "--chain", &root, &issuing].map(str::to_owned).to_vec()
}

fn built(out: &str, alias: &str, more: &[&str]) -> Outcome {
    let words = localhost();
    let words: Vec<&str> = words.iter().map(String::as_str).chain(more.iter().copied()).collect();
    build(out, alias, &words)
}

/// Alias, kind, SHA-256 of the chain, of each entry; opened with the store's password alone.
fn entries(store: &str) -> Vec<(String, String, Vec<String>)> {
    let outcome = Keyward::new(["inspect", store, "--json"]).args(PASSWORD).run().exits(0);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut entries: Vec<_> = outcome.json()["files"][0]["entries"]
        .as_array()
        .expect("entries")
        .iter()
        .map(|entry| {
            let chain = entry["chain"].as_array().expect("a chain");
            let chain = chain.iter().map(|certificate| text(&certificate["sha256"])).collect();
            (text(&entry["alias"]), text(&entry["kind"]), chain)
        })
        .collect();
    entries.sort();
    entries
}

fn refused(outcome: Outcome, id: &str) -> (Outcome, String) {
    let outcome = outcome.exits(2);
    let json = outcome.json();
    assert_eq!(json["schema"], "keyward.identity-build/1");
    assert_eq!(json["error"]["id"], id, "{outcome}");
    let hints = json["error"]["hints"].as_array().expect("hints").iter().map(|hint| hint.as_str().unwrap());
    let said = std::iter::once(json["error"]["message"].as_str().unwrap()).chain(hints);
    let said = said.collect::<Vec<_>>().join("\n");
    (outcome, said)
}

fn note<'a>(json: &'a Value, id: &str) -> Option<&'a Value> {
    json["notes"].as_array().expect("notes").iter().find(|note| note["id"] == id)
}

/// The exit code of the key's password being the store's: `identity build` reads it so.
fn opens_with(store: &str, password: &str) -> bool {
    let folder = Folder::new();
    let out = folder.file("key.pem");
    let given = format!("pass:{password}");
    let call = ["convert", store, "-o", &out, "--in-password", "pass:store-secret", "--key-password", &given];
    Keyward::new(call).run().code == 0
}

#[test]
fn identity_build_puts_files_in_order() {
    let folder = Folder::new();
    let chain = ["localhost", "issuing"].map(sha256).to_vec();
    for (name, format, alias) in
        [("id.p12", "PKCS12", "Client"), ("id.jks", "JKS", "client"), ("id.jceks", "JCEKS", "client")]
    {
        let out = folder.file(name);
        let outcome = built(&out, "Client", &[]).exits(0);
        let json = outcome.json();
        assert_eq!(json["schema"], "keyward.identity-build/1");
        assert_eq!((&json["format"], &json["alias"]), (&format.into(), &alias.into()), "{outcome}");
        assert_eq!((&json["created"], &json["action"]), (&true.into(), &"added".into()));
        assert_eq!(json["root"]["state"], "omitted");
        assert_eq!(json["root"]["certificate"]["sha256"], sha256("root"));
        assert_eq!(json["chain"][1]["from"], pem("issuing"));
        assert_eq!(json["key_password"], "store");
        assert!(json["next"].as_str().unwrap().starts_with("keyward identity check "), "{outcome}");
        assert_eq!(entries(&out), [(alias.to_owned(), "private-key".to_owned(), chain.clone())]);
        assert!(opens_with(&out, "store-secret"), "{name}");
        assert!(!format!("{outcome}").replace(&outcome.shown, "").contains("store-secret"));
        let mode = std::fs::metadata(&out).expect("the store").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name}");
    }
}

#[test]
fn identity_build_with_the_root_in_the_chain() {
    let folder = Folder::new();
    let out = folder.file("id.p12");
    let outcome = built(&out, "client", &["--root", "include"]).exits(0);
    assert_eq!(outcome.json()["root"]["state"], "included");
    assert_eq!(entries(&out)[0].2, ["localhost", "issuing", "root"].map(sha256));
}

#[test]
fn identity_build_says_it_in_text() {
    let folder = Folder::new();
    let out = folder.file("id.jks");
    let words = localhost();
    let outcome =
        Keyward::new(["identity", "build", "-o", &out, "--alias", "client"]).args(PASSWORD).args(words).run();
    let outcome = outcome.exits(0);
    for said in ["the root is left out: CN=Example Root CA", "password of the store", "made (JKS)"] {
        assert!(outcome.text().contains(said), "{outcome}");
    }
    assert!(outcome.text().contains(&format!("next: keyward identity check '{out}#client'")), "{outcome}");
    assert!(outcome.err.contains("clientAuth"), "the fixture is a server's\n{outcome}");
}

#[test]
fn identity_build_key_of_another_certificate() {
    let folder = Folder::new();
    let out = folder.file("id.p12");
    let call = ["--key", &key("issuing"), "--cert", &pem("localhost"), "--chain", &pem("root")];
    let (outcome, said) = refused(build(&out, "client", &call), "other-key");
    // What `openssl x509 -ext subjectKeyIdentifier` shows of both.
    let identifiers: Vec<&str> =
        said.split("key identifier ").skip(1).map(|rest| &rest[..40]).collect::<Vec<_>>();
    assert_eq!(identifiers.len(), 2, "{outcome}");
    let inspected = |file: &str| {
        let json = Keyward::new(["inspect", file, "--json"]).run().exits(0).json();
        json["files"][0].to_string().to_lowercase()
    };
    assert_ne!(identifiers[0], identifiers[1]);
    for (identifier, file) in identifiers.iter().zip([pem("issuing"), pem("localhost")]) {
        assert!(identifier.chars().all(|c| c.is_ascii_hexdigit()), "{identifier}");
        // The same as in the certificate's own extension, which openssl wrote.
        let der =
            crate::certificates::der(std::path::Path::new(&file).file_stem().unwrap().to_str().unwrap());
        let hex: String = der.iter().map(|octet| format!("{octet:02x}")).collect();
        assert!(hex.contains(identifier), "{identifier} {file} {}", inspected(&file));
    }
    assert!(!std::path::Path::new(&out).exists());

    let many =
        ["--key", &key("issuing"), "--cert", &pem("localhost"), &pem("root"), "--chain", &pem("issuing")];
    let (_, said) = refused(build(&out, "client", &many), "other-key");
    assert!(said.contains("any of 2 certificates"), "{said}");
    assert!(said.contains(&format!("--cert {}", pem("issuing"))), "the one that fits is named\n{said}");
}

#[test]
fn identity_build_incomplete_chain() {
    let folder = Folder::new();
    let out = folder.file("id.p12");
    let alone = ["--key", &key("localhost"), "--cert", &pem("localhost")];
    let (_, said) = refused(build(&out, "client", &alone), "incomplete-chain");
    assert!(
        said.contains("\"CN=Example Issuing CA,O=Example,C=CH\", the issuer of \"CN=localhost,O=Example\""),
        "{said}"
    );
    assert!(said.contains("--allow-incomplete") && said.contains("--chain ISSUER.pem"), "{said}");
    assert!(!said.contains("store-secret") && !std::path::Path::new(&out).exists());
    let (_, said) = refused(
        build(&out, "client", &[&alone[..], &["--chain", &pem("issuing"), &pem("rekeyed-root")]].concat()),
        "incomplete-chain",
    );
    assert!(said.contains("its key did not sign \"CN=Example Issuing CA"), "{said}");
    let outcome = build(&out, "client", &[&alone[..], &["--allow-incomplete"]].concat()).exits(0);
    let json = outcome.json();
    assert_eq!(json["root"]["state"], "not-found");
    assert_eq!(json["missing"]["issuer"], "CN=Example Issuing CA,O=Example,C=CH");
    assert!(note(&json, "incomplete-chain").is_some(), "{outcome}");
    assert_eq!(entries(&out)[0].2, [sha256("localhost")]);
}

#[test]
fn identity_build_completes_the_chain_by_aia() {
    let (from, until) = (datetime!(2024-01-01 0:00 UTC), datetime!(2044-01-01 0:00 UTC));
    let aia = AiaServer::start().expect("a server");
    let url = aia.url("/issuing.der");
    let pki = pki::PrivatePki::new("Aia", &["client.example"], Some(&url), from, until).expect("a PKI");
    aia.answer("/issuing.der", Answer::Body(pki.intermediate.certificate.der.to_vec()));
    let folder = Folder::new();
    let file =
        |name: &str, label: &str, der: &[u8]| folder.with(name, pem_text::encode(label, der).as_bytes());
    let key = file("client.key", "PRIVATE KEY", &pki.server.key);
    let cert = file("client.pem", "CERTIFICATE", &pki.server.certificate.der);
    let root = file("root.pem", "CERTIFICATE", &pki.root.certificate.der);
    let out = folder.file("id.p12");
    let call = ["--key", key.as_str(), "--cert", &cert, "--chain", &root];
    let (_, said) = refused(build(&out, "client", &call), "incomplete-chain");
    assert!(said.contains(&url), "without a network, the address is told\n{said}");
    assert_eq!(aia.requests(), Vec::<String>::new());
    let call = [&["identity", "build", "-o", &out, "--alias", "client", "--json"][..], &call].concat();
    let refused_local = Keyward::new(&call).args(PASSWORD).run().exits(2);
    assert!(refused_local.text().contains(&url), "{refused_local}");
    assert_eq!(aia.requests(), Vec::<String>::new(), "an address of this machine is not asked unasked");
    let outcome = Keyward::new(&call).args(PASSWORD).arg("--aia-local").run().exits(0);
    let json = outcome.json();
    assert_eq!(json["chain"][1]["from"], url, "{outcome}");
    assert_eq!(json["chain"][1]["subject"], "CN=Aia issuing CA");
    assert_eq!(json["root"]["state"], "omitted");
    assert_eq!(aia.requests(), ["/issuing.der"]);
}

#[test]
fn identity_build_of_a_store() {
    let folder = Folder::new();
    let (pfx, rich) = (folder.store("openssl-chain.p12"), folder.store("rich.p12"));
    let out = folder.file("id.jks");
    let opened = ["--in-password", "pass:changeit", "--allow-incomplete"];
    let from = format!("{pfx}#SERVER");
    build(&out, "client", &[&["--from", &from][..], &opened].concat()).exits(0);
    assert!(opens_with(&out, "store-secret"));
    assert_eq!(entries(&out)[0].2.len(), 2);
    build(&folder.file("only.p12"), "client", &[&["--from", &pfx][..], &opened].concat()).exits(0);
    // As --key, too.
    build(&folder.file("key.p12"), "client", &[&["--key", &pfx][..], &opened].concat()).exits(0);

    let (_, said) = refused(build(&out, "b", &[&["--from", &rich][..], &opened].concat()), "several-keys");
    assert!(
        said.contains(&format!("'{rich}#server'")) && said.contains(&format!("'{rich}#second'")),
        "{said}"
    );
    let none = format!("{rich}#nobody");
    let (_, said) = refused(build(&out, "b", &[&["--from", &none][..], &opened].concat()), "no-such-entry");
    assert!(said.contains("\"nobody\"") && said.contains("#server"), "{said}");
    let trust = folder.store("trust.p12");
    let (_, said) = refused(build(&out, "b", &[&["--from", &trust][..], &opened].concat()), "no-key");
    assert!(said.contains("trusted certificates alone"), "{said}");
    refused(build(&out, "b", &["--from", &pfx, "--in-password", "pass:wrong"]), "wrong-password");
    let own = folder.store("other-key-password.jks");
    let own = format!("{own}#server");
    let (_, said) =
        refused(build(&out, "b", &[&["--from", &own][..], &opened].concat()), "wrong-key-password");
    assert!(said.contains("--key-password server=env:NAME"), "{said}");
    let opened = [&["--from", &own][..], &opened, &["--key-password", "server=pass:keypassword"]].concat();
    build(&out, "b", &opened).exits(0);
    assert_eq!(entries(&out).len(), 2);
    assert!(opens_with(&out, "store-secret"), "the key's own password is gone");
}

#[test]
fn identity_build_certificates_of_a_store_for_another_key() {
    let folder = Folder::new();
    // The issuers stand in a trust store of the caller's, the key elsewhere.
    let bundle = ["root", "issuing"].map(|name| std::fs::read(pem(name)).unwrap()).concat();
    let bundle = folder.with("bundle.pem", &bundle);
    let trust = folder.file("trust.p12");
    Keyward::new(["convert", &bundle, "-o", &trust, "--password", "pass:changeit"]).run().exits(0);
    let out = folder.file("id.p12");
    let call = ["--key", &key("localhost"), "--cert", &pem("localhost"), "--from", &trust];
    let outcome = build(&out, "client", &[&call[..], &["--in-password", "pass:changeit"]].concat()).exits(0);
    assert_eq!(outcome.json()["root"]["certificate"]["from"], trust);
    assert_eq!(entries(&out)[0].2, ["localhost", "issuing"].map(sha256));
}

#[test]
fn identity_build_into_a_store_that_exists() {
    let folder = Folder::new();
    let out = folder.file("id.p12");
    built(&out, "first", &[]).exits(0);
    let before = entries(&out);
    built(&out, "second", &[]).exits(0);
    let after = entries(&out);
    assert_eq!((after.len(), &after[0]), (2, &before[0]));

    let (_, said) = refused(built(&out, "FIRST", &[]), "alias-exists");
    assert!(said.contains("keyward identity build") && said.contains("--replace"), "{said}");
    let same = built(&out, "first", &["--replace"]).exits(0).json();
    assert_eq!((&same["action"], &same["changed"]), (&"unchanged".into(), &false.into()));
    let (_, said) = refused(built(&out, "first", &["--replace", "--root", "include"]), "chain-of-another");
    assert!(said.contains("the chain of \"second\" would become one of 3"), "{said}");

    let other = ["--key", &key("self-signed"), "--cert", &pem("self-signed"), "--replace"];
    let bytes = folder.read("id.p12");
    let (_, said) = refused(build(&out, "second", &other), "other-key");
    assert!(said.contains("would be lost") && said.contains("--new-key"), "{said}");
    assert_eq!(folder.read("id.p12"), bytes);
    let json = build(&out, "second", &[&other[..], &["--new-key"]].concat()).exits(0).json();
    assert_eq!((&json["action"], &json["root"]["state"]), (&"replaced".into(), &"self-signed".into()));
    assert_eq!(entries(&out)[1].2, [sha256("self-signed")]);
    assert!(opens_with(&out, "store-secret"));

    let longer = built(&out, "first", &["--replace", "--root", "include"]).exits(0).json();
    assert_eq!((&longer["action"], &longer["changed"]), (&"replaced".into(), &true.into()));

    let (_, said) = refused(built(&out, "nobody", &["--replace"]), "no-such-entry");
    assert!(!said.lines().any(|line| line.contains("--replace")), "{said}");
    for (option, value) in [("--profile", "java8"), ("--format", "jks")] {
        refused(built(&out, "third", &[option, value]), "exists");
    }
}

#[test]
fn identity_build_never_takes_the_place_of_something_else() {
    let folder = Folder::new();
    let trust = folder.store("trust.p12");
    let words = localhost();
    for more in [&[][..], &["--replace", "--new-key"]] {
        let call = ["identity", "build", "-o", &trust, "--alias", "other root", "--no-aia", "--json"];
        let outcome = Keyward::new(call).args(&words).args(["--password", "pass:changeit"]).args(more).run();
        let id = if more.is_empty() { "alias-exists" } else { "wrong-kind" };
        let (_, said) = refused(outcome, id);
        assert!(said.contains("trusted certificate") && said.contains("keyward trust remove"), "{said}");
    }
}

#[test]
fn identity_build_where_a_trusted_root_would_join_the_chain() {
    let folder = Folder::new();
    for (name, joins) in [("both.p12", true), ("both.jks", false)] {
        let out = folder.file(name);
        let add = ["trust", "add", &pem("root"), "--to", &out, "--alias", "root", "--yes"];
        Keyward::new(add).args(PASSWORD).run().exits(0);
        let outcome = built(&out, "client", &[]);
        if !joins {
            assert_eq!(outcome.exits(0).json()["root"]["state"], "omitted");
            continue;
        }
        let (_, said) = refused(outcome, "other-chain");
        assert!(said.contains("of 3 certificates") && said.contains("--root include"), "{said}");
        built(&out, "client", &["--root", "include"]).exits(0);
        assert_eq!(entries(&out)[0].2.len(), 3);
    }
}

#[test]
fn identity_build_of_several_certificates_takes_the_one_that_lasts() {
    let folder = Folder::new();
    let out = folder.file("id.p12");
    let chain =
        [pem("expired"), pem("localhost"), pem("renewed"), pem("own-key"), pem("issuing"), pem("root")];
    let mut call = vec!["--key".to_owned(), key("localhost"), "--chain".to_owned()];
    call.extend(chain);
    let call: Vec<&str> = call.iter().map(String::as_str).collect();
    let outcome = build(&out, "client", &call).exits(0);
    let json = outcome.json();
    assert_eq!(json["chain"][0]["sha256"], sha256("renewed"), "{outcome}");
    let said = note(&json, "certificate-passed-over").expect("a note")["message"].as_str().unwrap();
    assert!(said.contains("renewed.pem until 2045-01-01"), "{said}");
    let outcome =
        build(&folder.file("named.p12"), "client", &[&call[..], &["--cert", &pem("expired")]].concat());
    let json = outcome.exits(0).json();
    assert_eq!(json["chain"][0]["sha256"], sha256("expired"));
    assert!(note(&json, "expired").is_some() && note(&json, "certificate-passed-over").is_none());
    let outcome =
        build(&folder.file("soon.p12"), "client", &[&call[..], &["--cert", &pem("not-yet-valid")]].concat());
    assert!(note(&outcome.exits(0).json(), "not-yet-valid").is_some());
}

#[test]
fn identity_build_odd_aliases() {
    let folder = Folder::new();
    refused(built(&folder.file("a.p12"), " ", &[]), "bad-alias");
    refused(built(&folder.file("a.p12"), "", &[]), "bad-alias");
    let json = built(&folder.file("a.p12"), "1", &[]).exits(0).json();
    assert!(note(&json, "alias-one").is_some() && json["alias"] == "1");
    Keyward::new(["identity", "build", "--key", "a", "-o", "b.p12"]).run().exits(2);
}

#[test]
fn identity_build_key_with_a_password_of_its_own() {
    let folder = Folder::new();
    for name in ["id.jks", "id.p12"] {
        let out = folder.file(name);
        let outcome = built(&out, "client", &["--out-key-password", "pass:key-secret"]).exits(0);
        let json = outcome.json();
        assert_eq!(json["key_password"], "own");
        assert!(note(&json, "own-key-password").is_some(), "{outcome}");
        assert!(opens_with(&out, "key-secret") && !opens_with(&out, "nothing"), "{name}");
        // Built anew without it, the key has the store's password again.
        let json = built(&out, "client", &["--replace", "--key-password", "pass:key-secret"]).exits(0).json();
        assert_eq!((&json["action"], &json["key_password"]), (&"replaced".into(), &"store".into()));
        assert!(opens_with(&out, "store-secret"), "{name}");
    }
    refused(
        built(&folder.file("no.jks"), "client", &["--out-key-password", "pass:short"]),
        "password-too-short",
    );
}

#[test]
fn identity_build_for_old_middleware() {
    let folder = Folder::new();
    let out = folder.file("id.p12");
    let outcome = built(&out, "client", &["--profile", "java8"]).exits(0);
    assert_eq!(outcome.json()["profile"], "java8");
    let shown = Keyward::new(["inspect", &out]).args(PASSWORD).run().exits(0);
    assert!(shown.text().contains("3DES") || shown.text().contains("DESede"), "{shown}");
    refused(built(&folder.file("id.jks"), "client", &["--profile", "java8"]), "no-profile");
}

#[test]
fn identity_build_of_what_is_no_input() {
    let folder = Folder::new();
    let out = folder.file("id.p12");
    let key = key("localhost");
    let cert = pem("localhost");
    let empty = folder.with("empty.pem", b"");
    let page = folder.with("page.pem", b"<html><body>no</body></html>");
    let cut = folder.with("cut.pem", &std::fs::read(&cert).unwrap()[..200]);
    let two =
        folder.with("two.pem", &[std::fs::read(&key).unwrap(), std::fs::read(super_key()).unwrap()].concat());
    for (call, id) in [
        (&["--key", &cert, "--cert", &cert][..], "no-key"),
        (&["--key", &key, "--cert", &key], "no-certificate"),
        (&["--key", &key], "no-certificate"),
        (&["--key", &empty, "--cert", &cert], "empty-file"),
        (&["--key", &key, "--cert", &page], "not-recognised"),
        (&["--key", &key, "--cert", &cut], "damaged"),
        (&["--key", &two, "--cert", &cert], "several-keys"),
        (&["--key", "absent.key", "--cert", &cert], "no-such-file"),
        (&["--key", "-", "--cert", "-"], "input-taken"),
    ] {
        refused(build(&out, "client", call), id);
    }
    let not_a_store = format!("{key}#client");
    refused(build(&out, "client", &["--from", &not_a_store]), "not-a-keystore");
    assert!(!std::path::Path::new(&out).exists());
    Keyward::new(["identity", "build", "--cert", &cert, "--alias", "a", "-o", &out]).run().exits(2);
}

fn super_key() -> String {
    key("root")
}

#[test]
fn identity_build_with_an_encrypted_key() {
    let folder = Folder::new();
    let sealed = folder.file("sealed.pem");
    Keyward::new(["convert", &key("localhost"), "-o", &sealed, "--password", "pass:key-secret"])
        .run()
        .exits(0);
    let out = folder.file("id.p12");
    let rest = ["--cert", &pem("localhost"), "--chain", &pem("issuing"), &pem("root")];
    let call = [&["--key", &sealed][..], &rest].concat();
    let (outcome, said) = refused(build(&out, "client", &call), "wrong-key-password");
    assert!(said.contains("--key-password") && !said.contains("secret"), "{outcome}");
    build(&out, "client", &[&call[..], &["--key-password", "pass:key-secret"]].concat()).exits(0);
    assert!(opens_with(&out, "store-secret"));
    let proposed = Keyward::new(["identity", "build", "-o", &out, "--alias", "client"])
        .args(call)
        .args(["--password", "env:STORE", "--key-password", "client=env:KEY"])
        .env("STORE", "store-secret")
        .env("KEY", "key-secret")
        .run()
        .exits(2);
    for words in ["--password env:STORE", "--key-password client=env:KEY", "--replace"] {
        assert!(proposed.err.contains(words) || proposed.err.contains("wrong"), "{proposed}");
    }
}

/// What is proposed can be pasted whatever the alias is.
#[test]
fn identity_build_an_alias_that_looks_like_something_else() {
    let folder = Folder::new();
    for (i, alias) in ["-dash it", "#", "it's #1", "--replace"].into_iter().enumerate() {
        let out = folder.file(&format!("odd#{i}.p12"));
        let words = localhost();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let call = [&["identity", "build", "-o", &out, "--no-aia", "--json"][..], &words].concat();
        let name = format!("--alias={alias}");
        let made = || Keyward::new(&call).args([name.as_str()]).args(["--password", "env:KEYPASS"]);
        made().env("KEYPASS", "store-secret").run().exits(0);
        let again = made().env("KEYPASS", "store-secret").run().exits(2).json();
        let hints = again["error"]["hints"].as_array().expect("hints");
        let fix = hints.iter().filter_map(Value::as_str).find(|hint| hint.trim().starts_with("keyward "));
        let fix = fix.expect("a command").to_owned();
        let copy = folder.file(&format!("copy#{i}.p12"));
        let from = format!("{out}#{alias}");
        build(&copy, "copy", &["--from", &from, "--chain", &pem("root")]).exits(0);
        let script = format!("keyward() {{ \"$KEYWARD\" \"$@\"; }}; {fix}");
        let pasted = std::process::Command::new("/bin/sh")
            .args(["-c", &script])
            .env("KEYWARD", env!("CARGO_BIN_EXE_keyward"))
            .env("KEYPASS", "store-secret")
            .output()
            .expect("a shell");
        assert!(pasted.status.success(), "{script}\n{}", String::from_utf8_lossy(&pasted.stderr));
    }
}
