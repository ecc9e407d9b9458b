//! `keyward fetch`: what a server presents, whatever is wrong with it.

use std::time::Instant;

use crate::certificates::{Folder, sha256};
use crate::keyward::{Keyward, Outcome};
use crate::loopback;

fn fetch(targets: &[&str]) -> Keyward {
    Keyward::new(["fetch"]).args(targets)
}

fn fingerprints(outcome: &Outcome, target: usize) -> Vec<String> {
    let chain = outcome.json()["targets"][target]["chain"].clone();
    let chain = chain.as_array().unwrap_or_else(|| panic!("no chain\n{outcome}")).clone();
    chain.iter().map(|certificate| certificate["sha256"].as_str().expect("sha256").to_owned()).collect()
}

#[test]
fn fetch_json_is_the_contracts() {
    let target = loopback::tls(&["localhost", "issuing"]);
    let outcome = fetch(&[&target, "--json"]).run().exits(0);
    let json = outcome.json();
    assert_eq!(json["schema"], "keyward.fetch/1");
    assert_eq!(json["targets"][0]["target"], target);
    assert_eq!(json["targets"][0]["ok"], true);
    assert!(json["targets"][0]["error"].is_null());
    assert_eq!(fingerprints(&outcome, 0), [sha256("localhost"), sha256("issuing")]);
    let leaf = &json["targets"][0]["chain"][0];
    assert_eq!(leaf["subject"], "CN=localhost,O=Example");
    assert_eq!(leaf["issuer"], "CN=Example Issuing CA,O=Example,C=CH");
    assert_eq!(leaf["not_before"], "2024-01-01T00:00:00Z");
    assert_eq!(leaf["not_after"], "2044-01-01T00:00:00Z");
    assert_eq!(leaf["ca"], false);
    let serial = leaf["serial"].as_str().expect("serial");
    assert!(serial.len() == 32 && serial.starts_with('4'), "{serial}");
    assert_eq!(serial, serial.to_lowercase());
    assert_eq!(json["targets"][0]["chain"][1]["ca"], true);
}

#[test]
fn fetch_judges_nothing() {
    for chain in
        [&["expired"][..], &["own-key"], &["elsewhere"], &["not-yet-valid"], &["localhost", "other-root"]]
    {
        let target = loopback::tls(chain);
        let outcome = fetch(&[&target, "--json"]).run().exits(0);
        let expected: Vec<String> = chain.iter().map(|name| sha256(name)).collect();
        assert_eq!(fingerprints(&outcome, 0), expected);
    }
}

#[test]
fn fetch_from_a_server_that_demands_a_client_certificate() {
    let target = loopback::tls_that_demands_a_client_certificate(&["localhost", "issuing"]);
    let outcome = fetch(&[&target, "--json"]).run().exits(0);
    assert_eq!(fingerprints(&outcome, 0), [sha256("localhost"), sha256("issuing")]);
}

#[test]
fn fetch_target_spellings() {
    let target = loopback::tls(&["localhost"]);
    let port = target.strip_prefix("localhost:").expect("a port");
    for spelling in [
        target.clone(),
        format!("127.0.0.1:{port}"),
        format!("https://{target}"),
        format!("https://{target}/oauth/token?grant=x"),
    ] {
        let outcome = fetch(&[&spelling, "--json"]).run().exits(0);
        assert_eq!(fingerprints(&outcome, 0), [sha256("localhost")]);
    }
    let elsewhere = fetch(&["elsewhere.example:443", "--connect", &target, "--json"]).run().exits(0);
    assert_eq!(fingerprints(&elsewhere, 0), [sha256("localhost")]);
    let without_sni = fetch(&[&target, "--sni", "none", "--json"]).run().exits(0);
    assert_eq!(fingerprints(&without_sni, 0), [sha256("localhost")]);
}

#[test]
fn fetch_several_targets_keeps_their_order_and_the_highest_code() {
    let (good, closed, other) =
        (loopback::tls(&["localhost"]), loopback::closed(), loopback::tls(&["own-key"]));
    let outcome = fetch(&[&good, &closed, &other, "--json"]).run().exits(3);
    let json = outcome.json();
    let targets: Vec<&str> = json["targets"]
        .as_array()
        .expect("targets")
        .iter()
        .map(|t| t["target"].as_str().expect("target"))
        .collect();
    assert_eq!(targets, [&good, &closed, &other]);
    assert_eq!(fingerprints(&outcome, 0), [sha256("localhost")]);
    assert_eq!(json["targets"][1]["ok"], false);
    assert!(
        json["targets"][1]["error"]["id"].is_string() && json["targets"][1]["error"]["message"].is_string()
    );
    assert_eq!(fingerprints(&outcome, 2), [sha256("own-key")]);
}

#[test]
fn fetch_pem_is_leaf_first_and_first_is_one() {
    let target = loopback::tls(&["localhost", "issuing"]);
    let all = fetch(&[&target, "--pem"]).run().exits(0);
    assert_eq!(all.text().matches("-----BEGIN CERTIFICATE-----").count(), 2);
    let first = fetch(&[&target, "--pem", "--first"]).run().exits(0);
    assert_eq!(first.text().matches("-----BEGIN CERTIFICATE-----").count(), 1);
    let leaf = std::fs::read_to_string(crate::certificates::pem("localhost")).expect("a fixture");
    let bodies = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
    assert!(bodies(first.text()).ends_with(&bodies(&leaf)), "{first}");
    assert!(all.text().find(&leaf.lines().nth(1).expect("a line").to_owned()).is_some());
}

#[test]
fn fetch_into_a_file() {
    let folder = Folder::new();
    let target = loopback::tls(&["localhost", "issuing"]);
    let chain = folder.file("chain.pem");
    fetch(&[&target, "-o", &chain]).run().exits(0);
    let text = String::from_utf8(folder.read("chain.pem")).expect("PEM");
    assert_eq!(text.matches("-----BEGIN CERTIFICATE-----").count(), 2);
}

#[test]
fn fetch_closed_port_plain_text_and_silence_are_told_apart() {
    let closed = loopback::closed();
    let plain = loopback::plain_text("HTTP/1.1 400 Bad Request\r\n\r\n");
    let silent = loopback::silent();
    let mut ids = Vec::new();
    for target in [&closed, &plain, &silent] {
        let start = Instant::now();
        let outcome = fetch(&[target, "--timeout", "1", "--json"]).run().exits(3);
        assert!(start.elapsed().as_secs() < 10, "the time-out is kept");
        let error = outcome.json()["targets"][0]["error"].clone();
        ids.push(error["id"].as_str().expect("an id").to_owned());
        let message = error["message"].as_str().expect("a message");
        assert!(
            message.contains(target.as_str()) || message.contains("127.0.0.1"),
            "where is due: {message}"
        );
        let text = fetch(&[target, "--timeout", "1"]).run().exits(3);
        assert!(!text.err.trim().is_empty(), "{text}");
    }
    let mut distinct = ids.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), 3, "{ids:?}");
}

#[test]
fn fetch_unusable_calls_exit_2() {
    for arguments in [
        &["fetch"][..],
        &["fetch", "http://localhost:80"],
        &["fetch", "localhost:99999"],
        &["fetch", "--no-such-option"],
    ] {
        let outcome = Keyward::new(arguments).run().exits(2);
        assert!(!outcome.err.trim().is_empty(), "{outcome}");
        assert!(outcome.out.is_empty(), "stdout is for data\n{outcome}");
    }
}

#[test]
fn fetch_into_a_file_with_a_private_key_is_refused() {
    let folder = Folder::new();
    let target = loopback::tls(&["localhost", "issuing"]);
    let key = std::fs::read(crate::keyward::testdata("pki/localhost.key")).expect("a fixture");
    let leaf = std::fs::read(crate::certificates::pem("localhost")).expect("a fixture");
    for (name, bytes) in [("key.pem", key.clone()), ("both.pem", [leaf, key].concat())] {
        let file = folder.with(name, &bytes);
        let outcome = fetch(&[&target, "-o", &file]).run().exits(2);
        assert!(outcome.err.contains("private key"), "{outcome}");
        assert!(folder.read(name) == bytes, "{name} is as it was");
    }
}
