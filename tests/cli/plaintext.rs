//! Servers with which the TLS library finds nothing common: their certificates are read in the clear.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::certificates::{Folder, der, pem, sha256};
use crate::fetched::{fetched, fingerprints};
use crate::keyward::Keyward;
use crate::loopback::{self, listen};

fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u16).to_be_bytes();
    [&[kind, 3, 1], &length[..], content].concat()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u32).to_be_bytes();
    [&[kind], &length[1..], body].concat()
}

fn hello(version: u16) -> Vec<u8> {
    // TLS_RSA_WITH_3DES_EDE_CBC_SHA.
    message(2, &[&version.to_be_bytes()[..], &[9; 32], &[0, 0, 0x0a, 0]].concat())
}

fn certificate(chain: &[&str]) -> Vec<u8> {
    let list: Vec<u8> = chain.iter().flat_map(|name| message(0, &der(name))[1..].to_vec()).collect();
    message(11, &message(0, &list)[1..])
}

/// The first flight of an old server.
fn flight(version: u16, chain: &[&str]) -> Vec<u8> {
    [hello(version), certificate(chain), message(14, b"")].concat()
}

/// Reads a ClientHello, and gives it without its record's header.
fn client_hello(connection: &mut TcpStream) -> Option<Vec<u8>> {
    let mut header = [0; 5];
    connection.read_exact(&mut header).ok()?;
    let mut content = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
    connection.read_exact(&mut content).ok()?;
    Some(content)
}

/// Answers every ClientHello with these bytes, and waits for the client to go.
fn answering(bytes: Vec<u8>) -> String {
    listen(move |mut connection| {
        if client_hello(&mut connection).is_some() && connection.write_all(&bytes).is_ok() {
            let _ = connection.read_to_end(&mut Vec::new());
        }
    })
}

fn old_server(version: u16, chain: &[&str]) -> String {
    answering(flight(version, chain).chunks(900).flat_map(|part| record(22, part)).collect())
}

#[test]
fn fetch_plaintext_reads_every_old_version() {
    for (version, name) in [(0x0300, "SSLv3"), (0x0301, "TLSv1.0"), (0x0302, "TLSv1.1")] {
        let server = old_server(version, &["localhost", "issuing"]);
        let told = fetched(&server, &[], 0);
        assert_eq!(fingerprints(&told), [sha256("localhost"), sha256("issuing")]);
        assert_eq!(told["protocol"], name);
        assert_eq!(told["cipher_suite"], "TLS_RSA_WITH_3DES_EDE_CBC_SHA");
        assert_eq!((&told["key_proved"], &told["possession_proved"]), (&false.into(), &false.into()));
        assert_eq!(told["reading"], "plaintext");
        assert_eq!(told["handshake_error"]["id"], "protocol", "{told}");
        assert_eq!(told["client_auth"]["status"], "none");
        let text = Keyward::new(["fetch", &server]).run().exits(0);
        assert!(text.text().contains("the server's possession of the key was not proved"), "{text}");
    }
}

#[test]
fn fetch_plaintext_comes_as_it_is_asked_for() {
    let old = old_server(0x0301, &["localhost"]);
    let refused = fetched(&old, &["--plaintext", "never"], 3);
    assert_eq!(refused["error"]["id"], "protocol");
    let new = loopback::tls(&["localhost", "issuing"]);
    let usual = fetched(&new, &[], 0);
    assert_eq!((&usual["reading"], &usual["possession_proved"]), (&"handshake".into(), &true.into()));
    let always = fetched(&new, &["--plaintext", "always"], 0);
    assert_eq!(fingerprints(&always), [sha256("localhost"), sha256("issuing")]);
    assert_eq!((&always["protocol"], &always["handshake_error"]), (&"TLSv1.2".into(), &Value::Null));
}

#[test]
fn fetch_plaintext_after_a_reset_and_with_an_older_hello() {
    // Hangs up on every hello that is newer than TLS 1.0.
    let flight = record(22, &flight(0x0301, &["localhost"]));
    let server = listen(move |mut connection| {
        let hello = client_hello(&mut connection).unwrap_or_default();
        if hello.get(4..6) == Some(&[3, 1]) && connection.write_all(&flight).is_ok() {
            let _ = connection.read_to_end(&mut Vec::new());
        }
    });
    let told = fetched(&server, &[], 0);
    assert_eq!(fingerprints(&told), [sha256("localhost")]);
    assert_eq!(told["handshake_error"]["id"], "connection-closed");
}

#[test]
fn fetch_plaintext_shows_the_request_for_a_client_certificate() {
    // TLS 1.1: rsa_sign and dss_sign, two names, the second one unreadable.
    let request =
        b"\x02\x01\x02\x00\x14\x00\x0e\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01a\x00\x02\x30\x05";
    let flight =
        [hello(0x0302), certificate(&["localhost"]), message(13, request), message(14, b"")].concat();
    let server = answering(record(22, &flight));
    let told = fetched(&server, &[], 0);
    assert_eq!(told["client_certificate"], "requested");
    let asked = &told["client_auth"];
    assert_eq!((&asked["status"], &asked["version"]), (&"requested".into(), &0x0302.into()));
    assert_eq!(asked["types"][1]["name"], "dss_sign");
    assert_eq!(asked["signature_algorithms"], Value::Null);
    assert_eq!(asked["authorities"][0]["name"], "CN=a");
    assert_eq!(asked["authorities"][1]["name"], Value::Null);
    assert_eq!(asked["authorities"][1]["der"], "MAU=");
}

#[test]
fn fetch_plaintext_names_an_alert_after_the_chain() {
    let flight = [
        record(22, &[hello(0x0301), certificate(&["localhost"])].concat()),
        record(21, &[1, 112]),
        record(21, &[2, 80]),
    ];
    let told = fetched(&answering(flight.concat()), &[], 0);
    assert_eq!(fingerprints(&told), [sha256("localhost")]);
    assert_eq!(told["ended"]["id"], "tls-alert");
    assert!(told["ended"]["message"].as_str().expect("a message").contains("internal_error"));
}

/// The TLS library looks at certificates when the server's flight is whole, which here it never is.
#[test]
fn fetch_plaintext_where_the_server_gives_up_after_its_certificates() {
    // TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, and no compression.
    let hello = message(2, &[&[3, 3][..], &[9; 32], &[0, 0xc0, 0x2b, 0]].concat());
    let flight = record(22, &[hello, certificate(&["localhost", "issuing"])].concat());
    let alert = record(21, &[2, 80]);
    let closing = flight.clone();
    let closing = listen(move |mut connection| {
        let _ = client_hello(&mut connection);
        let _ = connection.write_all(&closing);
    });
    let ended = answering([flight, alert].concat());
    for (server, first, last) in
        [(ended, "tls-alert", "tls-alert"), (closing, "connection-closed", "connection-closed")]
    {
        let told = fetched(&server, &[], 0);
        assert_eq!(fingerprints(&told), [sha256("localhost"), sha256("issuing")], "{told}");
        assert_eq!((&told["reading"], &told["possession_proved"]), (&"plaintext".into(), &false.into()));
        assert_eq!(
            (&told["handshake_error"]["id"], &told["ended"]["id"]),
            (&first.into(), &last.into()),
            "{told}"
        );
        assert_eq!(fetched(&server, &["--plaintext", "never"], 3)["error"]["id"], first);
    }
}

/// A server that answers hellos so that only the reader without keys is at stake.
fn hostile(bytes: Vec<u8>) -> (Value, Duration) {
    let server = answering(bytes);
    let start = Instant::now();
    let call = Keyward::new(["fetch", &server, "--json", "--plaintext", "always", "--timeout", "3s"]);
    let error = call.memory(400 << 20).run().exits(3).json()["targets"][0]["error"].clone();
    (error, start.elapsed())
}

#[test]
fn fetch_plaintext_holds_against_hostile_servers() {
    let many = b"\x00\x00\x01x".repeat(400_000);
    let cases: [(&str, Vec<u8>, &str); 8] = [
        ("a record that lies", vec![22, 3, 1, 0x7f, 0xff], "too-large"),
        ("a message that lies", record(22, &[11, 0xff, 0xff, 0xff]), "too-large"),
        (
            "a list that lies",
            record(22, &[hello(0x0301), message(11, b"\x00\x00\x09\x00\x00\x03abc")].concat()),
            "malformed-handshake",
        ),
        (
            "too many certificates",
            [record(22, &hello(0x0301)), record(22, &message(11, &message(0, &many)[1..])[..4])].concat(),
            "too-large",
        ),
        ("warnings without end", record(21, &[1, 112]).repeat(10_000), "too-large"),
        ("empty records without end", record(22, b"").repeat(10_000), "too-large"),
        ("no TLS", b"220 smtp.example ESMTP\r\n".to_vec(), "not-tls"),
        ("silence", Vec::new(), "timeout"),
    ];
    for (name, bytes, id) in cases {
        let (error, time) = hostile(bytes);
        assert_eq!(error["id"], id, "{name}: {error}");
        assert!(time < Duration::from_secs(8), "{name}: {time:?}");
    }
}

#[test]
fn fetch_plaintext_reads_a_byte_a_record() {
    let bytes: Vec<u8> =
        flight(0x0302, &["localhost", "issuing"]).iter().flat_map(|byte| record(22, &[*byte])).collect();
    let told = fetched(&answering(bytes), &["--plaintext", "always"], 0);
    assert_eq!(fingerprints(&told), [sha256("localhost"), sha256("issuing")]);
}

#[test]
fn fetch_plaintext_keeps_a_hundred_of_ten_thousand_certificates() {
    let list = b"\x00\x00\x01x".repeat(10_000);
    let flight = [hello(0x0301), message(11, &message(0, &list)[1..]), message(14, b"")].concat();
    let bytes = flight.chunks(16_384).flat_map(|part| record(22, part)).collect();
    let told = fetched(&answering(bytes), &[], 0);
    assert_eq!(fingerprints(&told).len(), 100);
}

#[test]
fn fetch_plaintext_says_what_tls_13_hides() {
    let server = listen(|mut connection| {
        let hello = client_hello(&mut connection).unwrap_or_default();
        // A HelloRetryRequest for x448 to whom offers it, handshake_failure to others.
        let offered = hello.windows(4).any(|bytes| bytes == [0, 24, 0, 25]);
        let without_share = hello.windows(6).any(|bytes| bytes == [0, 51, 0, 2, 0, 0]);
        let answer = if offered && without_share {
            let random = b"\xcf\x21\xad\x74\xe5\x9a\x61\x11\xbe\x1d\x8c\x02\x1e\x65\xb8\x91\xc2\xa2\x11\x16\x7a\xbb\x8c\x5e\x07\x9e\x09\xe2\xc8\xa8\x33\x9c";
            let rest = b"\x00\x13\x01\x00\x00\x0c\x00\x2b\x00\x02\x03\x04\x00\x33\x00\x02\x00\x1e";
            record(22, &message(2, &[&[3, 3][..], random, rest].concat()))
        } else {
            record(21, &[2, 40])
        };
        let _ = connection.write_all(&answer);
        let _ = connection.read_to_end(&mut Vec::new());
    });
    let told = fetched(&server, &[], 3);
    assert_eq!(told["error"]["id"], "protocol");
    assert!(told["error"]["message"].as_str().expect("a message").contains("x448"), "{told}");
}

#[test]
fn diagnose_works_on_what_was_read_in_the_clear() {
    let server = old_server(0x0301, &["localhost"]);
    let outcome =
        Keyward::new(["diagnose", &server, "--json", "--no-aia", "--trust", &pem("root")]).run().exits(1);
    let finding = outcome.json()["subjects"][0]["findings"].to_string();
    assert!(finding.contains("missing-intermediate"), "{finding}");
}

#[test]
fn trust_add_asks_about_what_was_read_in_the_clear() {
    let folder = Folder::new();
    let store = folder.file("trust.p12");
    let add = |source: &str, options: &[&str]| {
        Keyward::new([
            "trust",
            "add",
            source,
            "--to",
            &store,
            "--password",
            "pass:changeit",
            "--json",
            "--no-aia",
        ])
        .args(options)
        .run()
    };
    add(&pem("root"), &["--yes", "--alias", "root"]).exits(0);
    let server = old_server(0x0301, &["issuing"]);
    let refused = add(&server, &[]).exits(2).json();
    assert_eq!(refused["error"]["id"], "possession-not-proved", "{refused}");
    let hints = refused["error"]["hints"].to_string();
    assert!(hints.contains(&sha256("issuing")), "{hints}");
    // A pin is enough, and the same from a handshake needs no question.
    let pinned = add(&server, &["--pick", &format!("sha256:{}", sha256("issuing"))]).json();
    assert_eq!(pinned["entries"][0]["basis"], "pinned");
    let other = folder.file("other.p12");
    let add = |source: &str, options: &[&str]| {
        Keyward::new([
            "trust",
            "add",
            source,
            "--to",
            &other,
            "--password",
            "pass:changeit",
            "--json",
            "--no-aia",
        ])
        .args(options)
        .run()
    };
    add(&pem("root"), &["--yes", "--alias", "root"]).exits(0);
    let yes = add(&server, &["--yes"]).json();
    assert_eq!(yes["entries"][0]["basis"], "unverified", "{yes}");
}

#[test]
fn an_old_server_is_not_called_good_by_who_only_read_it_in_the_clear() {
    let folder = Folder::new();
    let server = old_server(0x0301, &["localhost", "issuing"]);
    let diagnosed = Keyward::new(["diagnose", &server, "--trust", &pem("root"), "--json"]).run().exits(1);
    let finding = diagnosed.json()["subjects"][0]["findings"][0].clone();
    assert_eq!(
        (&finding["id"], &finding["severity"]),
        (&"no-handshake".into(), &"error".into()),
        "{diagnosed}"
    );
    let store = folder.file("new.p12");
    let added = Keyward::new(["trust", "add", &server, "--pick", "issuer", "--to", &store, "--yes"])
        .args(["--password", "pass:changeit", "--json"])
        .run();
    assert_eq!(added.json()["notes"][0]["id"], "no-handshake", "{added}");
}

#[test]
fn verify_a_server_that_clients_have_no_protocol_with() {
    let folder = Folder::new();
    let refused_by = |protocol: u16, options: &[&str]| -> Vec<String> {
        let server = old_server(protocol, &["localhost", "issuing"]);
        let verified =
            Keyward::new(["verify", &server, "--trust", &pem("root"), "--at", "2026-01-01T00:00:00Z"])
                .args(["--name", "localhost", "--rules", "jsse17,jsse25,webpki,rfc5280", "--json"])
                .args(options)
                .run();
        let verdicts = verified.json()["verdicts"].as_array().cloned().unwrap_or_default();
        assert_eq!(verdicts.len(), 4, "{verified}");
        let refused = verdicts.iter().filter(|verdict| verdict["accepted"] == false);
        refused
            .map(|verdict| format!("{} {}", verdict["rules"], verdict["reason"]["id"]).replace('"', ""))
            .collect()
    };
    let all = ["jsse17 no-handshake", "jsse25 no-handshake", "webpki no-handshake"];
    for protocol in [0x0301, 0x0302] {
        assert_eq!(refused_by(protocol, &[]), all, "{protocol:#x}");
    }
    let lenient = folder.file("java.security");
    std::fs::write(&lenient, "jdk.tls.disabledAlgorithms=SSLv3, RC4\n").unwrap();
    assert_eq!(refused_by(0x0301, &["--java-security", &lenient]), ["webpki no-handshake"]);
    assert!(refused_by(0x0303, &[]).is_empty());
}

#[test]
fn trust_add_from_a_server_that_jvms_have_no_protocol_with() {
    let folder = Folder::new();
    let server = old_server(0x0301, &["localhost", "issuing"]);
    let add = |options: &[&str]| {
        let store = folder.file("new.p12");
        Keyward::new(["trust", "add", &server, "--pick", "issuer", "--to", &store, "--yes"])
            .args(["--password", "pass:changeit"])
            .args(options)
            .run()
            .exits(1)
    };
    let added = add(&["--json"]).json();
    assert_eq!((&added["verdict"]["accepted"], &added["changed"]), (&false.into(), &true.into()), "{added}");
    assert_eq!(added["verdict"]["reason"]["id"], "no-handshake", "{added}");
    let again = add(&[]);
    assert!(again.text().contains("still REFUSES"), "{again}");
    assert!(again.text().contains("speaks TLSv1.0 at most"), "{again}");
}
