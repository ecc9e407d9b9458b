//! `keyward diagnose`: findings, their severities, and the exit code that follows from them.

use std::process::Command;

use serde_json::Value;

use crate::certificates::{Folder, der, pem, sha256};
use crate::keyward::{Keyward, Outcome, binary};
use crate::loopback;

/// A file with these certificates, in this order, as PEM.
fn bundle(folder: &Folder, name: &str, certificates: &[&str]) -> String {
    let bytes: Vec<u8> =
        certificates.iter().flat_map(|c| std::fs::read(pem(c)).expect("a fixture")).collect();
    folder.with(name, &bytes)
}

/// A trust store with the root of the fixtures.
fn trusts_root(folder: &Folder) -> String {
    let store = folder.file("root.p12");
    Keyward::new(["trust", "add", &pem("root"), "--to", &store, "--alias", "root", "--yes"])
        .args(["--password", "pass:changeit"])
        .run()
        .exits(0);
    store
}

fn diagnose(subject: &str, trust: &str) -> Outcome {
    Keyward::new(["diagnose", subject, "--trust", trust, "--password", "pass:changeit", "--json"]).run()
}

fn findings(outcome: &Outcome) -> Vec<(String, String, Option<String>)> {
    let json = outcome.json();
    assert_eq!(json["schema"], "keyward.diagnose/1", "{outcome}");
    let text = |value: &Value| value.as_str().map(str::to_owned);
    json["subjects"][0]["findings"]
        .as_array()
        .unwrap_or_else(|| panic!("no findings\n{outcome}"))
        .iter()
        .map(|finding| {
            assert!(finding["message"].is_string(), "{finding}");
            (
                text(&finding["id"]).expect("an id"),
                text(&finding["severity"]).expect("a severity"),
                text(&finding["certificate"]),
            )
        })
        .collect()
}

fn ids(outcome: &Outcome) -> Vec<String> {
    findings(outcome).into_iter().map(|(id, ..)| id).collect()
}

#[track_caller]
fn has(outcome: &Outcome, id: &str, severity: &str, certificate: &str) {
    let wanted = (id.to_owned(), severity.to_owned(), Some(sha256(certificate)));
    assert!(findings(outcome).contains(&wanted), "{wanted:?} is due\n{outcome}");
}

#[test]
fn diagnose_a_whole_chain_finds_nothing() {
    let folder = Folder::new();
    let trust = trusts_root(&folder);
    let outcome = diagnose(&pem("localhost-chain"), &trust).exits(0);
    assert!(findings(&outcome).iter().all(|(_, severity, _)| severity == "info"), "{outcome}");
    let subject = outcome.json()["subjects"][0].clone();
    assert_eq!(subject["anchors"][&trust], true, "{outcome}");
    let path: Vec<&str> =
        subject["path"].as_array().expect("path").iter().filter_map(|c| c["sha256"].as_str()).collect();
    assert_eq!(path[..2], [sha256("localhost"), sha256("issuing")]);
}

#[test]
fn diagnose_a_live_server() {
    let folder = Folder::new();
    let trust = trusts_root(&folder);
    let whole = loopback::tls(&["localhost", "issuing"]);
    let outcome = diagnose(&whole, &trust).exits(0);
    assert_eq!(outcome.json()["subjects"][0]["subject"], whole);
    let leaf_only = loopback::tls(&["localhost"]);
    has(&diagnose(&leaf_only, &trust).exits(1), "missing-intermediate", "error", "localhost");
    let expired = loopback::tls(&["expired", "issuing"]);
    has(&diagnose(&expired, &trust).exits(1), "expired", "error", "expired");
    let elsewhere = loopback::tls(&["elsewhere", "issuing"]);
    has(&diagnose(&elsewhere, &trust).exits(1), "name-mismatch", "error", "elsewhere");
    let early = loopback::tls(&["not-yet-valid", "issuing"]);
    has(&diagnose(&early, &trust).exits(1), "not-yet-valid", "error", "not-yet-valid");
    let own = loopback::tls(&["own-key"]);
    assert!(ids(&diagnose(&own, &trust).exits(1)).contains(&"self-signed".to_owned()));
    Keyward::new(["diagnose", &loopback::closed(), "--json"]).run().exits(3);
}

#[test]
fn diagnose_order_duplicates_strangers_and_roots() {
    let folder = Folder::new();
    let trust = trusts_root(&folder);
    for (certificates, id) in [
        (&["issuing", "localhost"][..], "wrong-order"),
        (&["localhost", "issuing", "issuing"], "duplicate-certificate"),
        (&["localhost", "issuing", "other-root"], "unrelated-certificate"),
        (&["localhost", "issuing", "root"], "root-sent"),
    ] {
        let file = bundle(&folder, &format!("{id}.pem"), certificates);
        let outcome = diagnose(&file, &trust);
        assert!(ids(&outcome).contains(&id.to_owned()), "{id} is due\n{outcome}");
        let worst = findings(&outcome).iter().any(|(_, severity, _)| severity != "info");
        assert_eq!(outcome.code, i32::from(worst), "{outcome}");
    }
    let sent = bundle(&folder, "sent.pem", &["localhost", "issuing", "root"]);
    let sent = diagnose(&sent, &trust).exits(0);
    has(&sent, "root-sent", "info", "root");
}

#[test]
fn diagnose_a_missing_root_names_a_command_that_pins_it() {
    let folder = Folder::new();
    let store = folder.store("trust.p12");
    let file = bundle(&folder, "all.pem", &["localhost", "issuing", "root"]);
    let outcome = diagnose(&file, &store).exits(1);
    let json = outcome.json();
    assert_eq!(json["subjects"][0]["anchors"][&store], false, "{outcome}");
    let findings = json["subjects"][0]["findings"].as_array().expect("findings").clone();
    let missing = findings.iter().find(|f| f["id"] == "missing-root").unwrap_or_else(|| panic!("{outcome}"));
    let fix = missing["fix"].as_str().expect("a fix");
    assert!(fix.starts_with("keyward ") && fix.contains(&format!("sha256:{}", sha256("root"))), "{fix}");
    // The command is exact: a shell runs it as it stands, but for the password.
    let password = if fix.contains("--password") { "" } else { " --password pass:changeit" };
    let script = format!("keyward() {{ \"$KEYWARD\" \"$@\"; }}; {fix}{password}");
    let run =
        Command::new("/bin/sh").args(["-c", &script]).env("KEYWARD", binary()).output().expect("a shell");
    assert!(run.status.success(), "{script}\n{}", String::from_utf8_lossy(&run.stderr));
    diagnose(&file, &store).exits(0);
}

#[test]
fn diagnose_writes_the_repaired_chain() {
    let folder = Folder::new();
    let trust = trusts_root(&folder);
    let file = bundle(&folder, "shuffled.pem", &["other-root", "issuing", "localhost"]);
    let repaired = folder.file("repaired.pem");
    Keyward::new(["diagnose", &file, "--trust", &trust, "--password", "pass:changeit", "-o", &repaired])
        .run()
        .exits(1);
    diagnose(&repaired, &trust).exits(0);
}

#[test]
fn diagnose_reads_der() {
    let folder = Folder::new();
    let trust = trusts_root(&folder);
    let file = folder.with("leaf.der", &der("localhost"));
    assert!(ids(&diagnose(&file, &trust).exits(1)).contains(&"missing-intermediate".to_owned()));
}

#[test]
fn diagnose_of_a_pinned_leaf_says_that_its_trust_ends() {
    let outcome = diagnose(&loopback::tls(&["localhost", "issuing"]), &pem("localhost")).exits(0);
    has(&outcome, "leaf-pinned", "info", "localhost");
    let outcome = diagnose(&loopback::tls(&["localhost", "issuing"]), &pem("root")).exits(0);
    assert!(ids(&outcome).is_empty(), "{outcome}");
}
