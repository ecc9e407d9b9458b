//! `keyward identity try` and `keyward identity listen`, against servers and clients on loopback.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ::keyward::format::{pem, private_key};
use ::keyward::model::PrivateKey;
use ::keyward::serve::pki::{CLIENT_AUTH, CertificateAuthority, Draft};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem::PemObject};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, DistinguishedName, Error,
    RootCertStore, ServerConfig, ServerConnection, SignatureScheme, StreamOwned,
};
use serde_json::Value;
use time::macros::datetime;

use crate::certificates::{Folder, der};
use crate::keyward::{Keyward, binary, testdata};
use crate::{doubles, loopback, proxies};

const PASSWORD: [&str; 2] = ["--password", "env:PW"];

/// A client's key and chain below a root of its own, as PEM and as PKCS12.
struct Client {
    folder: Folder,
}

impl Client {
    fn new() -> Self {
        let folder = Folder::new();
        let draft =
            |name| Draft::new(name, 3, datetime!(2024-01-01 00:00 UTC), datetime!(2044-01-01 00:00 UTC));
        let root = CertificateAuthority::root(&draft("Client Root")).expect("a root");
        let mut leaf = draft("a client");
        leaf.purposes = vec![CLIENT_AUTH.to_vec()];
        let leaf = root.issue(&leaf).expect("a client");
        let block = |der: &[u8]| pem::encode("CERTIFICATE", der);
        let key = private_key::encode_pem(&PrivateKey::from_pkcs8(&leaf.key).expect("a key"));
        let text = format!("{}{}{}", *key, block(&leaf.certificate.der), block(&root.certificate.der));
        let identity = folder.with("client.pem", text.as_bytes());
        folder.with("client-ca.pem", block(&root.certificate.der).as_bytes());
        let client = Self { folder };
        keyward(&["convert", &identity, "-o", &client.store()]).run().exits(0);
        client
    }

    fn store(&self) -> String {
        self.folder.file("client.p12")
    }

    fn tries(&self, target: &str, options: &[&str]) -> Keyward {
        keyward(&["identity", "try", target, "--identity", &self.store()]).args(options)
    }
}

fn keyward(arguments: &[&str]) -> Keyward {
    Keyward::new(arguments).args(PASSWORD).env("PW", "changeit")
}

/// A running `identity listen`.
struct Listener {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
    address: String,
    first: Value,
}

impl Listener {
    fn start(options: &[&str]) -> Self {
        let mut child = Command::new(binary())
            .args(["identity", "listen", "--json"])
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("keyward starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
        let first = line(&mut lines);
        assert_eq!(
            (&first["schema"], &first["event"]),
            (&"keyward.identity-listen/1".into(), &"listening".into())
        );
        let address = first["address"].as_str().expect("an address").to_owned();
        Self { child, lines, address, first }
    }

    /// The next line.
    fn next(&mut self) -> Value {
        line(&mut self.lines)
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([name, &id]).status().expect("kill runs");
        assert!(sent.success());
    }

    /// Its exit code.
    fn code(&mut self) -> Option<i32> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                return status.code();
            }
            assert!(start.elapsed() < Duration::from_secs(20), "it ends");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn ends(mut self, code: i32) -> Value {
        assert_eq!(self.code(), Some(code));
        let mut rest = String::new();
        self.lines.read_to_string(&mut rest).expect("lines");
        serde_json::from_str(rest.lines().last().expect("a last line")).expect("JSON")
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn line(lines: &mut impl BufRead) -> Value {
    let mut text = String::new();
    lines.read_line(&mut text).expect("a line");
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{text:?}: {e}"))
}

/// A client of rustls that trusts this file; what it is answered.
fn call(
    address: &str,
    ca: &str,
    identity: Option<&str>,
    version: &'static rustls::SupportedProtocolVersion,
) -> String {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca).expect("an authority")).expect("a root");
    let builder = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[version])
        .expect("a version")
        .with_root_certificates(roots);
    let config = match identity {
        None => builder.with_no_client_auth(),
        Some(file) => {
            let chain =
                CertificateDer::pem_file_iter(file).expect("a file").map(|c| c.expect("one")).collect();
            builder
                .with_client_auth_cert(chain, PrivateKeyDer::from_pem_file(file).expect("a key"))
                .expect("fits")
        }
    };
    let name = "localhost".try_into().expect("a name");
    let session = ClientConnection::new(Arc::new(config), name).expect("a session");
    let mut stream = StreamOwned::new(session, TcpStream::connect(address).expect("a connection"));
    let mut answer = String::new();
    match stream.write_all(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody") {
        Ok(()) => match stream.read_to_string(&mut answer) {
            Ok(_) => answer,
            Err(error) => error.to_string(),
        },
        Err(error) => error.to_string(),
    }
}

/// A server that finds this wrong with every client certificate, and takes these signatures.
#[derive(Debug)]
struct Refusing(Option<Error>, Vec<SignatureScheme>);

impl ClientCertVerifier for Refusing {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.0.clone().map_or_else(|| Ok(ClientCertVerified::assertion()), Err)
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<rustls::client::danger::HandshakeSignatureValid, Error> {
        Ok(rustls::client::danger::HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.1.clone()
    }
}

fn asking(wrong: Option<Error>, versions: &[&'static rustls::SupportedProtocolVersion]) -> Arc<ServerConfig> {
    asking_for(Refusing(wrong, vec![SignatureScheme::ECDSA_NISTP256_SHA256]), versions)
}

fn asking_for(
    verifier: Refusing,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> Arc<ServerConfig> {
    let chain = vec![CertificateDer::from(der("localhost"))];
    let key = PrivateKeyDer::from_pem_file(testdata("pki/localhost.key")).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(versions)
        .expect("versions")
        .with_client_cert_verifier(Arc::new(verifier))
        .with_single_cert(chain, key)
        .expect("a key that fits");
    Arc::new(config)
}

const TLS12: &rustls::SupportedProtocolVersion = &rustls::version::TLS12;
const TLS13: &rustls::SupportedProtocolVersion = &rustls::version::TLS13;

#[test]
fn identity_try_tells_each_alert() {
    let client = Client::new();
    let cases = [
        (CertificateError::Expired, "certificate_expired", "expired"),
        (CertificateError::Revoked, "certificate_revoked", "revoked"),
        (CertificateError::UnknownIssuer, "unknown_ca", "unknown-authority"),
        (CertificateError::InvalidPurpose, "unsupported_certificate", "unsupported-certificate"),
        (CertificateError::ApplicationVerificationFailure, "access_denied", "access-denied"),
        (CertificateError::BadSignature, "decrypt_error", "proof-failed"),
    ];
    for version in [TLS12, TLS13] {
        for (wrong, alert, id) in &cases {
            let config = asking(Some(wrong.clone().into()), &[version]);
            let target = loopback::listen(move |connection| loopback::hold(connection, &config));
            for options in [&["--json"][..], &["--json", "--hold"]] {
                let json = client.tries(&target, options).run().exits(1).json();
                assert_eq!(json["schema"], "keyward.identity-try/1");
                assert_eq!(json["outcome"], "refused", "{alert}: {json}");
                assert_eq!(json["refusal"]["alert"]["name"], *alert, "{json}");
                assert_eq!(json["refusal"]["id"], *id, "{json}");
                assert_eq!(json["sent"]["certificates"], 2, "{json}");
            }
        }
    }
}

#[test]
fn identity_try_and_listen_tell_the_same() {
    let client = Client::new();
    let ca = client.folder.file("client-ca.pem");
    for (version, protocol) in [("1.2", "TLSv1.2"), ("1.3", "TLSv1.3")] {
        let mut listener = Listener::start(&["--ca", &ca, "--require", "--tls", version, "--count", "1"]);
        let tried = client.tries(&listener.address, &["--json"]).run().exits(0).json();
        assert_eq!((&tried["outcome"], &tried["status"]), (&"accepted".into(), &200.into()), "{tried}");
        assert_eq!(tried["server_verified"], false);
        let seen = listener.next();
        assert_eq!(seen["protocol"], protocol, "{seen}");
        assert_eq!((&seen["certificate"], &seen["key_proof"]), (&"chain".into(), &"proved".into()), "{seen}");
        assert_eq!(seen["bytes"], tried["sent"]["bytes"]);
        assert_eq!(seen["chain"], tried["identity"]["chain"]);
        assert_eq!(seen["issuer_listed"], true);
        assert!(
            seen["verdicts"].as_array().expect("verdicts").iter().all(|v| v["accepted"] == true),
            "{seen}"
        );
        // What was asked is what came.
        let asked = listener.first["client_auth"][0].clone();
        for field in ["version", "types", "signature_algorithms", "authorities"] {
            assert_eq!(tried["client_auth"][field], asked[field], "{field}");
        }
        let end = listener.ends(0);
        assert_eq!(
            (&end["event"], &end["reason"], &end["connections"]),
            (&"end".into(), &"count".into(), &1.into())
        );
    }
}

#[test]
fn identity_try_goes_through_a_proxy_and_speaks_before_tls() {
    let client = Client::new();
    let mut listener = Listener::start(&["--require", "--count", "1"]);
    let (proxy, heard) = proxies::http(None);
    let proxy = format!("http://{proxy}");
    let json = client.tries(&listener.address, &["--json", "--proxy", &proxy]).run().exits(0).json();
    assert_eq!(json["outcome"], "accepted", "{json}");
    assert_eq!(listener.next()["certificate"], "chain");
    assert!(heard.lock().expect("notes")[0].contains(&listener.address));

    let target = doubles::server("smtp", &["localhost", "issuing"]);
    let json = client.tries(&target, &["--json", "--starttls", "smtp"]).run().exits(1).json();
    assert_eq!(json["outcome"], "not-asked", "{json}");
}

#[test]
fn identity_try_without_the_alias_names_all() {
    let store = testdata("stores/rich.p12");
    let store = store.to_str().expect("a path");
    let outcome = keyward(&["identity", "try", "localhost:1", "--identity", store, "--json"]).run().exits(2);
    let error = outcome.json()["error"].clone();
    assert_eq!(error["id"], "several-identities");
    let message = error["message"].as_str().expect("a message");
    assert!(message.contains("\"server\"") && message.contains("\"second\""), "{message}");
    let with = format!("{store}#nobody");
    let outcome = keyward(&["identity", "try", "localhost:1", "--identity", &with, "--json"]).run().exits(2);
    assert_eq!(outcome.json()["error"]["id"], "no-such-alias");
}

#[test]
fn identity_try_a_server_that_does_not_ask() {
    let client = Client::new();
    let target = loopback::tls(&["localhost", "issuing"]);
    let json = client.tries(&target, &["--json"]).run().exits(1).json();
    assert_eq!(json["outcome"], "not-asked", "{json}");
    assert!(json["sent"].is_null() && json["client_auth"]["status"] == "none", "{json}");
}

#[test]
fn identity_try_servers_out_of_reach() {
    let client = Client::new();
    for (target, id) in [
        (loopback::closed(), "connection-refused"),
        (loopback::plain_text("garbage\r\n"), "not-tls"),
        (loopback::silent(), "timeout"),
    ] {
        let json = client.tries(&target, &["--json", "--timeout", "1"]).run().exits(3).json();
        assert_eq!(json["error"]["id"], id, "{json}");
    }
}

/// On TLS 1.3 a server that ends without an alert once it has the certificate.
#[test]
fn identity_try_a_server_that_resets() {
    let client = Client::new();
    let config = asking(None, &[TLS13]);
    let target = loopback::listen(move |mut connection| {
        let mut session = ServerConnection::new(Arc::clone(&config)).expect("a session");
        let _ = session.read_tls(&mut connection);
        session.process_new_packets().expect("a hello");
        while session.wants_write() {
            session.write_tls(&mut connection).expect("a flight");
        }
        let _ = connection.read(&mut [0; 1]);
        // Unread bytes make the close a reset.
    });
    let json = client.tries(&target, &["--json"]).run().exits(1).json();
    assert_eq!(json["outcome"], "refused", "{json}");
    assert_eq!(
        (&json["refusal"]["id"], &json["refusal"]["alert"]),
        (&"closed".into(), &Value::Null),
        "{json}"
    );
}

#[test]
fn identity_try_nothing_is_sent_where_no_algorithm_fits() {
    let folder = Folder::new();
    let store = folder.store("own-key.p12");
    // The store's key is of the curve P-256.
    for version in [TLS12, TLS13] {
        let config = asking_for(Refusing(None, vec![SignatureScheme::RSA_PSS_SHA256]), &[version]);
        let target = loopback::listen(move |connection| loopback::hold(connection, &config));
        let json =
            keyward(&["identity", "try", &target, "--identity", &store, "--json"]).run().exits(1).json();
        assert_eq!(json["outcome"], "refused", "{json}");
        assert_eq!(
            (&json["sent"]["certificates"], &json["refusal"]["id"]),
            (&0.into(), &"no-certificate".into())
        );
        assert_eq!(json["causes"][0]["id"], "no-common-signature-algorithm", "{json}");
        assert_eq!(json["client_auth"]["status"], "required");
    }
}

#[test]
fn identity_listen_tells_with_from_without() {
    let client = Client::new();
    let (own, ca) = (client.folder.file("client.pem"), client.folder.file("listener.pem"));
    for version in [TLS12, TLS13] {
        for required in [false, true] {
            let mut options = vec!["--write-ca", ca.as_str(), "--count", "2"];
            options.extend(required.then_some("--require"));
            let mut listener = Listener::start(&options);
            let answer = call(&listener.address, &ca, None, version);
            let seen = listener.next();
            assert_eq!((&seen["certificate"], &seen["sni"]), (&"none".into(), &"localhost".into()), "{seen}");
            assert_eq!(seen["finished"], !required, "{seen}");
            assert_eq!(answer.contains("200 OK"), !required, "{answer}");
            if required {
                let alert =
                    if version.version == TLS12.version { "HandshakeFailure" } else { "CertificateRequired" };
                assert!(answer.contains(alert), "{answer}");
            }
            let answer = call(&listener.address, &ca, Some(&own), version);
            assert!(answer.contains("keyward has seen the client"), "{answer}");
            let seen = listener.next();
            assert_eq!((&seen["certificate"], &seen["finished"]), (&"chain".into(), &true.into()), "{seen}");
            assert_eq!(seen["chain"][0]["subject"], "CN=a client");
            assert_eq!(seen["key_proof"], "proved", "{seen}");
            listener.ends(0);
        }
    }
}

#[test]
fn identity_listen_a_client_that_does_not_trust_it() {
    let client = Client::new();
    let mut listener = Listener::start(&["--count", "1"]);
    let answer = call(&listener.address, &client.folder.file("client-ca.pem"), None, TLS13);
    assert!(!answer.contains("200"), "{answer}");
    let seen = listener.next();
    assert_eq!(
        (&seen["certificate"], &seen["ended"]["id"]),
        (&"unknown".into(), &"tls-alert".into()),
        "{seen}"
    );
    listener.ends(0);
}

#[test]
fn identity_listen_serves_beside_half_open_clients() {
    let client = Client::new();
    let (own, ca) = (client.folder.file("client.pem"), client.folder.file("listener.pem"));
    let mut listener = Listener::start(&["--write-ca", &ca]);
    // More than it holds at once; half of them say the beginning of a record, and no more.
    let mut held = Vec::new();
    for number in 0..400 {
        let mut connection = TcpStream::connect(&listener.address).expect("a connection");
        if number % 2 == 0 {
            let _ = connection.write_all(&[22, 3, 1, 2]);
        }
        held.push(connection);
    }
    let start = Instant::now();
    assert!(call(&listener.address, &ca, Some(&own), TLS13).contains("200 OK"));
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    while listener.next()["certificate"] != "chain" {}
    drop(held);
    // Nobody reads the lines of the others, and it ends all the same.
    listener.signal("-TERM");
    assert_eq!(listener.code(), Some(0));
}

#[test]
fn identity_listen_garbage_and_health_checks_do_not_count() {
    let client = Client::new();
    let (own, ca) = (client.folder.file("client.pem"), client.folder.file("listener.pem"));
    let mut listener = Listener::start(&["--write-ca", &ca, "--count", "1"]);
    drop(TcpStream::connect(&listener.address).expect("a connection"));
    assert_eq!(listener.next()["ended"]["id"], "connection-closed");
    let mut connection = TcpStream::connect(&listener.address).expect("a connection");
    connection.write_all(b"GET / HTTP/1.1\r\n\r\n").expect("garbage");
    assert_eq!(listener.next()["ended"]["id"], "handshake-failed");
    assert!(call(&listener.address, &ca, Some(&own), TLS12).contains("200 OK"));
    assert_eq!(listener.next()["certificate"], "chain");
    assert_eq!(listener.ends(0)["connections"], 3);
}

#[test]
fn identity_listen_ends_on_signals_and_on_a_closed_pipe() {
    for signal in ["-INT", "-TERM"] {
        let listener = Listener::start(&[]);
        listener.signal(signal);
        assert_eq!(listener.ends(0)["reason"], "signal");
    }
    let mut child = Command::new(binary())
        .args(["identity", "listen"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("keyward starts");
    let mut pipe = BufReader::new(child.stdout.take().expect("a pipe"));
    pipe.read_line(&mut String::new()).expect("a line");
    drop(pipe);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn identity_listen_like_another_server() {
    let client = Client::new();
    let target = loopback::tls_that_demands_a_client_certificate(&["localhost", "issuing"]);
    let auth = |target: &str| {
        let json = Keyward::new(["fetch", target, "--json"]).run().exits(0).json();
        json["targets"][0]["client_auth"].clone()
    };
    let mut listener = Listener::start(&["--like", &target]);
    assert_eq!(listener.first["like"], target);
    assert_eq!(auth(&listener.address), auth(&target));
    assert_eq!(listener.next()["certificate"], "none");
    let json = client.tries(&listener.address, &["--json"]).run().exits(0).json();
    assert_eq!(json["outcome"], "accepted", "{json}");
    // A server that does not ask has no double.
    let silent = loopback::tls(&["localhost"]);
    let outcome = Keyward::new(["identity", "listen", "--like", &silent, "--json"]).run().exits(2);
    assert_eq!(outcome.json()["error"]["id"], "not-asked");
}

#[test]
fn identity_listen_unusable_calls() {
    let folder = Folder::new();
    let (cert, key) = (testdata("pki/issuing.pem"), testdata("pki/localhost.key"));
    let (cert, key) = (cert.to_str().expect("a path"), key.to_str().expect("a path"));
    let outcome = Keyward::new(["identity", "listen", "--cert", cert, "--key", key, "--json"]).run().exits(2);
    assert_eq!(outcome.json()["error"]["id"], "key-mismatch");
    let held = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = held.local_addr().expect("an address").to_string();
    let outcome = Keyward::new(["identity", "listen", "--listen", &address, "--json"]).run().exits(3);
    assert_eq!(outcome.json()["error"]["id"], "listen-failed");
    let no = folder.file("no.pem");
    Keyward::new(["identity", "listen", "--ca", &no]).run().exits(2);
}
