//! Servers that want to be asked for TLS.

use std::time::{Duration, Instant};

use crate::certificates::{Folder, sha256};
use crate::doubles::{self, PROTOCOLS};
use crate::fetched::{fails, fetched, fingerprints};
use crate::keyward::Keyward;
use crate::loopback;

#[test]
fn fetch_starttls_reaches_every_protocol() {
    for protocol in PROTOCOLS {
        let target = doubles::server(protocol, &["localhost", "issuing"]);
        let url = format!("{protocol}://{target}");
        for (target, options) in [(&target, &["--starttls", protocol][..]), (&url, &[])] {
            let told = fetched(target, options, 0);
            assert_eq!(fingerprints(&told), [sha256("localhost"), sha256("issuing")], "{told}");
            assert_eq!((&told["starttls"], &told["target"]), (&protocol.into(), &target.as_str().into()));
            assert!(told["phases"]["starttls"].is_f64(), "{told}");
        }
    }
}

#[test]
fn fetch_starttls_goes_by_the_port_unless_told_otherwise() {
    let target = doubles::server("smtp", &["localhost"]);
    for asked in ["mail.example:25", "mail.example:587", "smtp://mail.example:2525"] {
        assert_eq!(fetched(asked, &["--connect", &target], 0)["starttls"], "smtp", "{asked}");
    }
    let tls = loopback::tls(&["localhost"]);
    for (asked, options) in [
        ("mail.example:25", &["--starttls", "none"][..]),
        ("tls://mail.example:25", &[]),
        ("https://mail.example:25", &[]),
    ] {
        let told = fetched(asked, &[options, &["--connect", &tls]].concat(), 0);
        assert!(told["starttls"].is_null(), "{told}");
    }
    Keyward::new(["fetch", "h", "--starttls", "gopher"]).run().exits(2);
}

#[test]
fn fetch_starttls_refused_in_the_servers_words() {
    for (protocol, last, words) in [
        ("smtp", &b"454 4.7.0 TLS not available\x1b[2J\r\n"[..], "454 4.7.0 TLS not available"),
        ("imap", b"@ NO [ALERT] not today\r\n", "NO [ALERT] not today"),
        ("pop3", b"-ERR no\r\n", "-ERR no"),
        ("nntp", b"580 cannot\r\n", "580 cannot"),
        ("irc", b":x 691 * :STARTTLS failed\r\n", "691"),
        ("sieve", b"NO {8}\r\nno way!!\r\n", "no way!!"),
        (
            "ldap",
            b"\x30\x12\x02\x01\x01\x78\x0d\x0a\x01\x34\x04\x00\x04\x06closed",
            "unavailable (52): closed",
        ),
        ("postgres", b"N", "does not offer TLS"),
        ("postgres", b"E\0\0\0\x11Mtoo many\0\0\0\0", "too many"),
        ("mysql", b"\x0b\0\0\0\xff\x10\x04too many", "too many"),
        ("telnet", b"\xff\xfe\x2e", "DONT"),
        ("xmpp", b"<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", "failure"),
    ] {
        let target = doubles::ending(protocol, last);
        let message = fails(&target, &["--starttls", protocol], "starttls-refused", words);
        assert!(!message.contains('\u{1b}'), "{protocol}: {message}");
    }
}

#[test]
fn fetch_starttls_plain_text_after_the_consent_is_an_injection() {
    for (protocol, last) in [
        ("smtp", &b"220 go\r\n250 injected\r\n"[..]),
        ("pop3", b"+OK go\r\n+OK injected\r\n"),
        ("ftp", b"234 go\r\ninjected"),
        ("sieve", b"OK \"go\"\r\ninjected"),
        ("postgres", b"Sinjected"),
        ("xmpp", b"<proceed/>injected"),
    ] {
        let target = doubles::ending(protocol, last);
        fails(&target, &["--starttls", protocol], "starttls-injection", "injected");
    }
}

#[test]
fn fetch_starttls_endless_and_slow_servers_are_left() {
    let endless = doubles::endless(b"220-more and more\r\n", Duration::ZERO);
    fails(&endless, &["--starttls", "smtp"], "too-large", "more than");
    for (target, protocol) in [
        (doubles::endless(b"2", Duration::from_millis(300)), "smtp"),
        (doubles::endless(b" ", Duration::from_millis(100)), "imap"),
        (loopback::silent(), "ftp"),
    ] {
        let start = Instant::now();
        fails(&target, &["--starttls", protocol, "--timeout", "1"], "timeout", "did not come to TLS");
        assert!(start.elapsed() < Duration::from_secs(5), "{protocol}: {:?}", start.elapsed());
    }
}

#[test]
fn fetch_starttls_where_it_is_not_spoken() {
    let tls = loopback::tls(&["localhost"]);
    let error = fetched(&tls, &["--starttls", "postgres", "--timeout", "2"], 3)["error"].clone();
    assert!(
        matches!(error["id"].as_str(), Some("starttls-protocol" | "connection-closed" | "timeout")),
        "{error}"
    );
    let http = loopback::plain_text("HTTP/1.1 400 Bad Request\r\n\r\n");
    fails(&http, &["--starttls", "ldap"], "starttls-protocol", "HTTP/1.1 400");
    let outcome = Keyward::new(["fetch", &http, "--starttls", "ldap"]).run().exits(3);
    assert!(outcome.err.contains("--starttls none"), "a hint is due\n{outcome}");
    // The other way round: no --starttls where one is due.
    let smtp = loopback::plain_text("220 mail.example ESMTP\r\n");
    let outcome = Keyward::new(["fetch", &smtp]).run().exits(3);
    assert!(outcome.err.contains("--starttls smtp"), "a hint is due\n{outcome}");
}

#[test]
fn diagnose_and_trust_add_take_targets_with_starttls() {
    let target = format!("smtp://{}", doubles::server("smtp", &["localhost"]));
    let outcome = Keyward::new(["diagnose", &target, "--json", "--no-aia"]).run().exits(1);
    let subject = outcome.json()["subjects"][0].clone();
    assert_eq!(subject["subject"], target);
    assert!(subject["error"].is_null(), "{outcome}");
    let folder = Folder::new();
    let store = folder.file("trust.p12");
    let add = [
        "trust",
        "add",
        &target,
        "--to",
        &store,
        "--yes",
        "--json",
        "--no-aia",
        "--password",
        "pass:changeit",
    ];
    let outcome = Keyward::new(add).run();
    let report = outcome.json();
    assert_eq!(report["entries"][0]["certificate"]["sha256"], sha256("localhost"), "{outcome}");
    // What is proposed leads to the same server.
    let proposed = format!("{}", outcome.json());
    assert!(!proposed.contains("keyward diagnose localhost"), "{proposed}");
}
