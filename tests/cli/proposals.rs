//! The commands that keyward proposes do what they are proposed for.

use crate::certificates::{Folder, pem};
use crate::keyward::{Keyward, Outcome};
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
