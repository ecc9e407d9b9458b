//! Fetching from servers on loopback: sound, odd and hostile ones.

mod aia;
mod many;
mod raw;

use std::net::TcpListener;
use std::time::{Duration, Instant};

use keyward::fetch::{
    ClientCertificate, FetchCause, FetchError, Host, HostName, KeyProof, Options, Phase, Presented, Sni,
    Target, fetch,
};
use keyward::model::EncodedCertificate;
use keyward::serve::{ClientAuth, Draft, KeyKind, PrivatePki, ServerOptions, TlsServer, Versions};
use time::OffsetDateTime;
use time::macros::datetime;

const START: OffsetDateTime = datetime!(2020-01-01 00:00 UTC);
const END: OffsetDateTime = datetime!(2040-01-01 00:00 UTC);

fn pki() -> PrivatePki {
    PrivatePki::new("Test", &["localhost", "127.0.0.1"], None, START, END).unwrap()
}

fn options() -> Options {
    Options { timeout: Duration::from_secs(20), ..Options::default() }
}

fn brief() -> Options {
    Options { timeout: Duration::from_millis(400), ..Options::default() }
}

fn presented(server: &TlsServer) -> Presented {
    fetch(&server.address().into(), &options()).unwrap()
}

fn failed(target: &Target, options: &Options) -> FetchError {
    fetch(target, options).unwrap_err()
}

fn serving(pki: &PrivatePki) -> ServerOptions {
    ServerOptions::new(
        vec![pki.server.certificate.clone(), pki.intermediate.certificate.clone()],
        &pki.server.key,
    )
}

#[test]
fn the_chain_comes_as_it_was_sent() {
    let pki = pki();
    for versions in [Versions::Tls12, Versions::Tls13] {
        let mut serving = serving(&pki);
        // Out of order, and with a duplicate: nothing is put right.
        serving.chain.extend([pki.root.certificate.clone(), pki.intermediate.certificate.clone()]);
        serving.chain.swap(1, 2);
        serving.versions = versions;
        let server = TlsServer::start(&serving).unwrap();
        let presented = presented(&server);
        assert_eq!(presented.chain, serving.chain);
        assert_eq!(presented.key_proof, KeyProof::Proved);
        assert_eq!(presented.peer, server.address());
        assert_eq!(presented.client_certificate, ClientCertificate::NotRequested);
        assert_eq!(presented.ended, None);
        assert_eq!(presented.omitted, 0);
        assert_eq!(presented.group.as_deref(), Some("x25519"));
        assert!(presented.cipher_suite.as_deref().unwrap().starts_with("TLS_"));
        let protocol = if versions == Versions::Tls12 { "TLSv1.2" } else { "TLSv1.3" };
        assert_eq!(presented.protocol.as_deref(), Some(protocol));
    }
}

#[test]
fn every_kind_of_key_is_proved() {
    for (kind, versions) in [
        (KeyKind::P256, Versions::Tls12),
        (KeyKind::P384, Versions::Tls13),
        (KeyKind::P521, Versions::Tls12),
        (KeyKind::P521, Versions::Tls13),
        (KeyKind::Ed25519, Versions::Tls13),
        (KeyKind::Rsa2048, Versions::Tls12),
        (KeyKind::Rsa2048, Versions::Tls13),
    ] {
        let identity = Draft::new("odd", 1, START, END).key(kind).self_signed().unwrap();
        let mut serving = ServerOptions::new(vec![identity.certificate.clone()], &identity.key);
        serving.versions = versions;
        let server = TlsServer::start(&serving).unwrap();
        assert_eq!(presented(&server).key_proof, KeyProof::Proved, "{kind:?} {versions:?}");
    }
}

#[test]
fn a_certificate_without_its_key_is_shown_and_said_to_be_unproved() {
    let (pki, stranger) = (pki(), pki());
    for versions in [Versions::Tls12, Versions::Tls13] {
        let mut serving = serving(&pki);
        serving.key = ServerOptions::new(Vec::new(), &stranger.server.key).key;
        serving.versions = versions;
        let server = TlsServer::start(&serving).unwrap();
        let presented = presented(&server);
        assert_eq!(presented.chain, serving.chain);
        assert_eq!(presented.key_proof, KeyProof::Failed);
        assert!(!presented.key_proved());
    }
}

#[test]
fn expired_foreign_and_purposeless_certificates_are_shown() {
    let past = datetime!(2001-01-01 00:00 UTC);
    let future = datetime!(2039-01-01 00:00 UTC);
    for draft in [
        Draft::new("expired", 1, past, datetime!(2002-01-01 00:00 UTC)).server(&["localhost"]),
        Draft::new("not yet valid", 1, future, END).server(&["localhost"]),
        Draft::new("elsewhere", 1, START, END).server(&["elsewhere.example"]),
        Draft::new("no names, no purposes", 1, START, END),
    ] {
        let identity = draft.self_signed().unwrap();
        let serving = ServerOptions::new(vec![identity.certificate.clone()], &identity.key);
        let server = TlsServer::start(&serving).unwrap();
        assert_eq!(presented(&server).chain, [identity.certificate], "{}", draft.subject);
    }
}

#[test]
fn bytes_that_are_no_certificate_are_shown() {
    let pki = pki();
    for versions in [Versions::Tls12, Versions::Tls13] {
        let mut serving = serving(&pki);
        serving.chain = vec![EncodedCertificate::x509(b"no certificate at all")];
        serving.versions = versions;
        let server = TlsServer::start(&serving).unwrap();
        let presented = presented(&server);
        assert_eq!(presented.chain, serving.chain);
        assert!(matches!(presented.key_proof, KeyProof::NotJudged(_)), "{:?}", presented.key_proof);
    }
}

#[test]
fn an_endless_chain_is_cut() {
    let pki = pki();
    let mut serving = serving(&pki);
    serving.chain = (0..130).map(|_| EncodedCertificate::x509(b"filler")).collect();
    let server = TlsServer::start(&serving).unwrap();
    let presented = presented(&server);
    assert_eq!(presented.chain.len(), keyward::limits::PRESENTED_CERTIFICATES);
    assert_eq!(presented.omitted, 30);
}

#[test]
fn a_chain_beyond_the_protocol_is_refused_by_name() {
    let pki = pki();
    let mut serving = serving(&pki);
    serving.chain = (0..200).map(|_| EncodedCertificate::x509(&[0x30; 1000])).collect();
    let server = TlsServer::start(&serving).unwrap();
    assert_eq!(failed(&server.address().into(), &options()).id(), "too-large");
}

#[test]
fn a_wish_for_a_client_certificate_is_seen() {
    let pki = pki();
    let authorities = vec![pki.root.certificate.clone()];
    for versions in [Versions::Tls12, Versions::Tls13] {
        for (client_auth, expected) in [
            (ClientAuth::Optional(authorities.clone()), ClientCertificate::Optional),
            (ClientAuth::Required(authorities.clone()), ClientCertificate::Required),
        ] {
            let mut serving = serving(&pki);
            serving.versions = versions;
            serving.client_auth = client_auth;
            let server = TlsServer::start(&serving).unwrap();
            let presented = presented(&server);
            assert_eq!(presented.chain, serving.chain);
            assert!(presented.key_proved());
            assert_eq!(presented.client_certificate, expected, "{versions:?}");
            let alert = FetchCause::Alert { name: "certificate_required", number: 116 };
            let ended = (expected == ClientCertificate::Required).then_some(alert);
            assert_eq!(presented.ended, ended, "{versions:?}");
        }
    }
}

#[test]
fn the_server_name_is_sent_as_asked() {
    let name = |text: &str| HostName::parse(text).unwrap();
    let target = |host: &str| Target::new(Host::Name(name(host)), 1);
    for (target, sni, expected) in [
        (target("localhost"), Sni::FromTarget, Some("localhost")),
        (target("localhost."), Sni::FromTarget, Some("localhost")),
        (target("a_b.example"), Sni::FromTarget, Some("a_b.example")),
        (target("localhost"), Sni::None, None),
        (target("localhost"), Sni::Name(name("other.example")), Some("other.example")),
        (Target::parse("127.0.0.1:1").unwrap(), Sni::FromTarget, None),
        (Target::parse("127.0.0.1:1").unwrap(), Sni::Name(name("other.example")), Some("other.example")),
    ] {
        let (address, seen) = raw::server_name_seen();
        let options = Options { sni, connect: Some(address.into()), ..options() };
        let _ = fetch(&target, &options);
        assert_eq!(seen.recv().unwrap().as_deref(), expected, "{target}");
    }
}

#[test]
fn a_protocol_is_offered_and_reported() {
    let pki = pki();
    let (address, _server) = raw::with_alpn(&pki, b"h2");
    let options = Options { alpn: vec![b"h2".to_vec(), b"http/1.1".to_vec()], ..options() };
    assert_eq!(fetch(&address.into(), &options).unwrap().alpn.as_deref(), Some("h2"));
}

#[test]
fn an_abort_after_the_chain_leaves_the_chain() {
    let pki = pki();
    for versions in [Versions::Tls12, Versions::Tls13] {
        let serving = serving(&pki);
        let address = raw::abort_after_flight(&serving, versions);
        let presented = fetch(&address.into(), &options()).unwrap();
        assert_eq!(presented.chain, serving.chain, "{versions:?}");
        if versions == Versions::Tls12 {
            assert!(matches!(presented.ended, Some(FetchCause::Closed(_))), "{:?}", presented.ended);
        }
    }
}

#[test]
fn a_server_without_a_certificate_says_so() {
    let error = failed(&raw::empty_certificate_message().into(), &options());
    assert_eq!(error.cause, FetchCause::NoCertificate);
}

#[test]
fn an_old_protocol_is_told_from_a_broken_one() {
    let error = failed(&raw::says_tls_1_0().into(), &options());
    assert_eq!(error.id(), "protocol", "{error}");
    let alert = failed(&raw::says(&[21, 3, 3, 0, 2, 2, 40]).into(), &options());
    assert_eq!(alert.cause, FetchCause::Alert { name: "handshake_failure", number: 40 });
    let garbage = failed(&raw::says(&[22, 3, 3, 0, 5, 99, 0, 0, 1, 0]).into(), &options());
    assert_eq!(garbage.id(), "malformed-handshake", "{garbage}");
    let liar = failed(&raw::says(&[22, 3, 3, 0xff, 0xff, 2, 0xff, 0xff, 0xff]).into(), &options());
    assert!(matches!(liar.id(), "malformed-handshake" | "too-large"), "{liar}");
}

#[test]
fn a_plain_text_port_is_quoted() {
    for (words, quote) in [
        (&b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n"[..], "HTTP/1.1 400 Bad Request"),
        (b"220 mail.example ESMTP\r\n", "220 mail.example ESMTP"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH-2.0-OpenSSH_9.2"),
        (b"+OK\n", "+OK"),
        (b"\x1b[2Jhi\x07 there", "\\x1b[2Jhi\\x07 there"),
        (b"J\0\0\0\n8.0.36\0", "J\\x00\\x00\\x00"),
    ] {
        let error = failed(&raw::says(words).into(), &options());
        assert_eq!(error.cause, FetchCause::NotTls(quote.to_owned()));
    }
    // Four bytes and then silence: shorter than a record's head.
    let error = failed(&raw::says_and_waits(b"220\n").into(), &brief());
    assert_eq!(error.cause, FetchCause::NotTls("220".to_owned()));
}

#[test]
fn silence_ends_with_the_time() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let error = failed(&silent.local_addr().unwrap().into(), &brief());
    assert_eq!(error.cause, FetchCause::Timeout(Phase::Handshake));
    assert!(error.elapsed >= Duration::from_millis(400) && error.elapsed < Duration::from_secs(3));
}

#[test]
fn a_server_that_drips_gains_no_time() {
    let pki = pki();
    let start = Instant::now();
    let error = failed(&raw::drip(&serving(&pki), Duration::from_millis(50)).into(), &brief());
    assert_eq!(error.cause, FetchCause::Timeout(Phase::Handshake));
    assert!(start.elapsed() < Duration::from_secs(3));
}

#[test]
fn an_endless_handshake_is_cut() {
    // Empty records of a handshake, for ever.
    let error = failed(&raw::says_for_ever(&[22, 3, 3, 0, 1, 11]).into(), &options());
    assert!(error.elapsed < Duration::from_secs(15));
    assert!(matches!(error.id(), "malformed-handshake" | "too-large"), "{error}");
}

#[test]
fn a_closed_port_and_an_early_goodbye_differ() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = failed(&closed.into(), &options());
    assert_eq!(error.cause, FetchCause::Refused);
    assert_eq!(*error.tried, [closed]);
    assert!(
        error.to_string().starts_with(&format!("{closed}: the connection was refused (after ")),
        "{error}"
    );
    let error = failed(&raw::says(b"").into(), &options());
    assert_eq!(error.cause, FetchCause::Closed(0));
}

#[test]
fn a_name_that_does_not_resolve_is_named() {
    // RFC 6761 section 6.4: the name never exists. Without any resolver the wait is a time-out.
    let error = failed(&Target::parse("keyward.invalid:1").unwrap(), &options());
    assert!(matches!(error.cause, FetchCause::Resolve(_) | FetchCause::Timeout(Phase::Resolve)), "{error}");
    assert!(error.to_string().starts_with("keyward.invalid:1: "), "{error}");
}

#[test]
fn no_time_is_a_timeout_at_once() {
    let pki = pki();
    let server = TlsServer::start(&serving(&pki)).unwrap();
    let options = Options { timeout: Duration::ZERO, ..Options::default() };
    assert_eq!(failed(&server.address().into(), &options).id(), "timeout");
    let options = Options { timeout: Duration::MAX, ..Options::default() };
    assert!(fetch(&server.address().into(), &options).is_ok());
}
