//! The commands that keyward proposes do what they are proposed for.

use crate::certificates::{Folder, pem, sha256};
use crate::keyward::{Keyward, Outcome, binary};
use crate::loopback;

/// Runs a proposed line. None of these has a word that needs a quote.
fn paste(line: &str) -> Outcome {
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(words.first(), Some(&"keyward"), "{line}");
    assert!(!line.contains(['\'', '"', '\\']), "{line}");
    Keyward::new(&words[1..]).run()
}

fn password(folder: &Folder) -> String {
    format!("file:{}", folder.with("password.txt", b"changeit\n"))
}

fn fixes(outcome: &Outcome) -> Vec<(String, Option<String>)> {
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let json = outcome.json();
    let findings = json["subjects"][0]["findings"].as_array().expect("findings").clone();
    findings.iter().map(|f| (text(&f["severity"]).expect("a severity"), text(&f["fix"]))).collect()
}

#[test]
fn diagnose_fixes_repair_a_trust_store_until_nothing_is_wrong() {
    let folder = Folder::new();
    let password = password(&folder);
    let (root, issuing) = (pem("root"), pem("issuing"));
    for name in ["trust.jks", "trust.p12"] {
        for chain in [&["localhost"][..], &["localhost", "issuing"], &["own-key"]] {
            let store = folder.store(name);
            let target = loopback::tls(chain);
            let diagnose = || {
                Keyward::new(["diagnose", &target, "--trust", &store, "--password", &password, "--json"])
                    .args(["--no-aia", "--untrusted", &root, "--untrusted", &issuing])
                    .run()
            };
            let mut rounds = 0;
            loop {
                let outcome = diagnose();
                let wrong = fixes(&outcome).into_iter().find(|(severity, _)| severity != "info");
                let Some((_, fix)) = wrong else {
                    outcome.exits(0);
                    break;
                };
                outcome.exits(1);
                paste(&fix.expect("a fix"));
                rounds += 1;
                assert!(rounds <= 3, "{name} {chain:?}: the fixes lead nowhere");
            }
            assert!(rounds > 0, "{name} {chain:?}");
        }
    }
}

#[test]
fn trust_add_of_what_is_below_a_root_leaves_the_way_to_the_root_open() {
    let folder = Folder::new();
    let password = password(&folder);
    for (number, (pick, sent)) in [
        ("leaf", &["localhost", "issuing", "root"][..]),
        ("issuer", &["localhost", "issuing", "root"]),
        ("all", &["localhost", "issuing"]),
    ]
    .into_iter()
    .enumerate()
    {
        let store = folder.file(&format!("new{number}.p12"));
        let target = loopback::tls(sent);
        let root = pem("root");
        let add = |pick: &str| {
            let add = ["trust", "add", &target, "--pick", pick, "--to", &store, "--password", &password];
            Keyward::new(add).args(["--yes", "--json", "--no-aia", "--untrusted", &root]).run()
        };
        let first = add(pick).exits(0).json();
        for way in ["issuer", "root"] {
            add(way).exits(0);
        }
        if pick == "leaf" {
            let note = &first["notes"][0];
            assert_eq!(note["id"], "leaf-pinned", "{first}");
            let again = paste(&format!("{} --json", note["fix"].as_str().expect("a command"))).exits(0);
            assert_eq!(again.json()["entries"][0]["action"], "kept", "{again}");
        }
        let listed =
            Keyward::new(["trust", "list", &store, "--password", &password, "--json"]).run().exits(0);
        assert!(listed.json().to_string().contains(&sha256("root")), "{pick}: {listed}");
    }
}

#[test]
fn trust_add_says_where_no_jvm_would_load_the_store_and_proposes_one() {
    let folder = Folder::new();
    let password = password(&folder);
    let target = loopback::tls(&["localhost", "issuing", "root"]);
    let add = |store: &str, password: &str, options: &[&str]| {
        let add = ["trust", "add", &target, "--pick", "root", "--to", store, "--password", password];
        Keyward::new(add).args(["--yes", "--json", "--no-aia"]).args(options).run()
    };
    let modern = folder.file("modern.p12");
    let options = ["--profile", "modern", "--iterations", "1000"];
    // Each import into it, not the first alone.
    for options in [&options[..], &["--alias", "again"]] {
        let outcome = add(&modern, &password, options).exits(1);
        let json = outcome.json();
        assert!(json["verdict"].is_null(), "{outcome}");
        assert_eq!(json["notes"][0]["id"], "java-cannot-read", "{outcome}");
        assert!(
            json["notes"][0]["message"].as_str().is_some_and(|text| text.contains("PBMAC1")),
            "{outcome}"
        );
    }
    let outcome = add(&modern, &password, &["--alias", "third"]).exits(1);
    let fix = outcome.json()["notes"][0]["fix"].as_str().expect("a command").to_owned();
    paste(&fix).exits(0);
    let readable = add(&folder.file("modern-java17.p12"), &password, &["--alias", "fourth"]).exits(0);
    assert_eq!(readable.json()["verdict"]["accepted"], true, "{readable}");

    let beyond = format!("file:{}", folder.with("beyond.txt", "geheimnisü\n".as_bytes()));
    let outcome = add(&folder.file("beyond.p12"), &beyond, &[]).exits(1);
    assert_eq!(outcome.json()["notes"][0]["id"], "java-cannot-read", "{outcome}");
    // JKS takes any password.
    let outcome = add(&folder.file("beyond.jks"), &beyond, &[]).exits(0);
    assert_eq!(outcome.json()["verdict"]["accepted"], true, "{outcome}");
    // Who judges by such a store is told too.
    let call = ["verify", &target, "--rules", "jsse17", "--trust", &modern, "--password", &password];
    let outcome = Keyward::new(call).run();
    assert!(outcome.err.contains("cannot load"), "{outcome}");
}

#[test]
fn trust_add_unvouched_proposes_the_pin_with_all_that_it_was_told() {
    let folder = Folder::new();
    let password = password(&folder);
    let store = folder.file("new.store");
    let refused = Keyward::new(["trust", "add", &pem("root"), "--to", &store, "--password", &password])
        .args(["--alias", "company-root", "--format", "jks", "--json"])
        .run()
        .exits(2);
    let json = refused.json();
    let hints = json["error"]["hints"].as_array().expect("hints").clone();
    let line = hints.iter().filter_map(|hint| hint.as_str()).find(|hint| hint.contains("keyward trust add"));
    paste(line.expect("a command")).exits(0);
    let listed =
        Keyward::new(["trust", "list", &store, "--password", &password, "--json"]).run().exits(0).json();
    assert_eq!(listed["format"], "JKS");
    assert_eq!(listed["entries"][0]["alias"], "company-root");
}

#[test]
fn trust_add_still_refused_proposes_the_diagnosis() {
    let folder = Folder::new();
    let password = password(&folder);
    let store = folder.file("new.p12");
    let target = loopback::tls(&["localhost"]);
    let added = Keyward::new(["trust", "add", &pem("root"), "--to", &store, "--for", &target, "--yes"])
        .args(["--password", &password, "--json"])
        .run()
        .exits(1);
    let json = added.json();
    assert_eq!(json["notes"][0]["id"], "still-refused", "{added}");
    let diagnosis = paste(json["notes"][0]["fix"].as_str().expect("a command")).exits(1);
    assert!(diagnosis.text().contains("missing-intermediate"), "{diagnosis}");
}

#[test]
fn the_demand_for_a_client_certificate_is_said_by_every_verb_that_connects() {
    let folder = Folder::new();
    let target = loopback::tls_that_demands_a_client_certificate(&["localhost", "issuing"]);
    let diagnosed = Keyward::new(["diagnose", &target, "--trust", &pem("root")]).run().exits(0);
    assert!(diagnosed.text().contains("demands a client certificate"), "{diagnosed}");
    let json = Keyward::new(["diagnose", &target, "--trust", &pem("root"), "--json"]).run().exits(0).json();
    assert_eq!(json["subjects"][0]["client_certificate"], "required");
    let store = folder.file("new.p12");
    let added = Keyward::new(["trust", "add", &pem("root"), "--to", &store, "--for", &target, "--yes"])
        .args(["--password", "pass:changeit", "--json"])
        .run()
        .exits(0);
    assert_eq!(added.json()["verdict"]["accepted"], true);
    assert_eq!(added.json()["notes"][0]["id"], "client-certificate-required", "{added}");
}

/// Runs a proposed line in a shell as it stands.
fn paste_into_a_shell(line: &str, folder: &str) -> std::process::Output {
    let script = format!("keyward() {{ \"$KEYWARD\" \"$@\"; }}; cd \"$FOLDER\"; {line}");
    let mut shell = std::process::Command::new("/bin/sh");
    shell.args(["-c", &script]).env("KEYWARD", binary()).env("FOLDER", folder).output().expect("a shell")
}

#[test]
fn every_fix_of_one_diagnosis_works_after_the_others() {
    let folder = Folder::new();
    let password = password(&folder);
    let store = folder.store("trust.p12");
    let target = loopback::tls(&["localhost"]);
    let (root, issuing) = (pem("root"), pem("issuing"));
    let diagnose = || {
        Keyward::new(["diagnose", &target, "--trust", &store, "--password", &password, "--json"])
            .args(["--no-aia", "--untrusted", &root, "--untrusted", &issuing])
            .run()
    };
    let fixes = fixes(&diagnose().exits(1));
    assert_eq!(fixes.len(), 2, "{fixes:?}");
    for (_, fix) in fixes {
        paste(&fix.expect("a fix")).exits(0);
    }
    diagnose().exits(0);
}

#[test]
fn a_wrong_order_is_repaired_by_the_server_not_by_trust() {
    let folder = Folder::new();
    let password = password(&folder);
    let store = folder.store("trust.p12");
    Keyward::new(["trust", "add", &pem("root"), "--to", &store, "--yes", "--password", &password])
        .run()
        .exits(0);
    let text = ["issuing", "localhost"].map(|name| std::fs::read(pem(name)).expect("a fixture")).concat();
    let file = folder.with("chain.pem", &text);
    let outcome =
        Keyward::new(["diagnose", &file, "--trust", &store, "--password", &password, "--json"]).run();
    let json = outcome.json();
    let finding = &json["subjects"][0]["findings"][0];
    assert_eq!(finding["id"], "wrong-order", "{outcome}");
    let fix = finding["fix"].as_str().expect("a fix");
    assert!(fix.starts_with("keyward diagnose ") && !fix.contains("trust add"), "{fix}");
}

#[test]
fn fixes_of_odd_files_are_words_of_a_shell_and_overwrite_nothing() {
    let folder = Folder::new();
    let here = folder.file("");
    let text = ["localhost", "issuing", "issuing", "root"].map(|n| std::fs::read(pem(n)).expect("a fixture"));
    let text = text.concat();
    folder.with("chain.pem", &text);
    folder.with("-c.pem", &text);
    folder.store("trust.p12");
    for name in ["chain.pem", "-c.pem"] {
        folder.with("-s.p12", &folder.read("trust.p12"));
        let line = format!("keyward diagnose --trust=-s.p12 --password pass:changeit --json -- {name}");
        let diagnosed = paste_into_a_shell(&line, &here);
        let json: serde_json::Value = serde_json::from_slice(&diagnosed.stdout).expect("JSON");
        let findings = json["subjects"][0]["findings"].as_array().expect("findings").clone();
        assert_eq!(findings.len(), 3, "{json}");
        for finding in &findings {
            let Some(fix) = finding["fix"].as_str() else { continue };
            let done = paste_into_a_shell(&format!("{fix} --password pass:changeit"), &here);
            assert_ne!(done.status.code(), Some(2), "{fix}\n{}", String::from_utf8_lossy(&done.stderr));
        }
        assert_eq!(folder.read("chain.pem"), text);
    }
    assert!(!folder.read("repaired.pem").is_empty());
}

#[test]
fn the_chain_of_a_keystore_is_trusted_through_its_export() {
    let folder = Folder::new();
    let here = folder.file("");
    let store = folder.store("trust.p12");
    let inputs = [pem("localhost"), pem("issuing"), pem("root")];
    let key = pem("localhost").replace("localhost.pem", "localhost.key");
    let [leaf, issuing, root] = &inputs;
    Keyward::new(["convert", &key, leaf, issuing, root, "-o", &folder.file("key.p12")])
        .args(["--password", "pass:changeit"])
        .run()
        .exits(0);
    let password = password(&folder);
    let line = format!(
        "keyward diagnose key.p12 --in-password {password} --trust {store} --password {password} --json"
    );
    let diagnosed = paste_into_a_shell(&line, &here);
    let json: serde_json::Value = serde_json::from_slice(&diagnosed.stdout).expect("JSON");
    let fix = json["subjects"][0]["findings"][0]["fix"].as_str().expect("a fix").to_owned();
    let done = paste_into_a_shell(&fix, &here);
    assert_eq!(done.status.code(), Some(0), "{fix}\n{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(paste_into_a_shell(&line, &here).status.code(), Some(0));
}

#[test]
fn a_bundle_that_nothing_is_added_to_gets_no_fix() {
    let outcome =
        Keyward::new(["diagnose", &pem("localhost-chain"), "--trust", &pem("other-root"), "--json"])
            .args(["--untrusted", &pem("root")])
            .run()
            .exits(1);
    assert!(fixes(&outcome).iter().all(|(_, fix)| fix.is_none()), "{outcome}");
}
