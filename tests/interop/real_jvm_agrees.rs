//! A JSSE client with the trust store that keyward wrote: refused before, accepted after, and keyward said so.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::importing::{Format, PASSWORD, trust_add};
use crate::jvm::{Jvm, scratch, text};
use crate::keyward::{Keyward, testdata};
use crate::peers::{Jdk, jdks};

/// A TLS server that ends with the test.
struct Server {
    jvm: &'static Jvm,
    port: u16,
}

impl Server {
    fn start(jdk: &Jdk, key: &str, chain: &str) -> Self {
        let jvm = Jvm::of(jdk);
        let port = jvm.serve(&testdata(&format!("pki/{key}.key")), &testdata(&format!("pki/{chain}.pem")));
        Self { jvm, port }
    }

    fn target(&self) -> String {
        format!("localhost:{}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.jvm.stop(self.port);
    }
}

/// Runs a story with each JDK and each format, on a copy of a store that trusts others only.
fn each(name: &str, story: impl Fn(&Jdk, &Jvm, Format, PathBuf)) {
    for jdk in jdks() {
        for format in Format::BOTH {
            let extension = format.extension();
            let store = scratch(&format!("jvm/{name}-{}", jdk.feature)).join(format!("trust.{extension}"));
            std::fs::copy(testdata(&format!("stores/trust.{extension}")), &store).expect("the fixture");
            story(jdk, Jvm::of(jdk), format, store);
        }
    }
}

fn refused(jvm: &Jvm, server: &Server, store: &Path, with: &str) {
    let handshake = jvm.connect(server.port, store, PASSWORD);
    assert!(!handshake.accepted && handshake.reason.contains(with), "{handshake:?} where {with:?} is due");
}

fn accepted(jvm: &Jvm, server: &Server, store: &Path) {
    let handshake = jvm.connect(server.port, store, PASSWORD);
    assert!(handshake.accepted, "{handshake:?}");
}

/// `keyward trust add` of a file's certificate; its verdict on the server.
fn add(server: &Server, source: &str, store: &Path, format: Format) -> Value {
    let outcome = trust_add(&testdata(&format!("pki/{source}.pem")), store, format)
        .args(["--alias", source, "--yes", "--json", "--for", &server.target()])
        .run();
    let report = outcome.json();
    assert_eq!(report["schema"], "keyward.trust-add/1", "{outcome}");
    assert_eq!(report["changed"], true, "{outcome}");
    assert!(report["verdict"].is_object(), "a verdict is due\n{outcome}");
    report["verdict"].clone()
}

fn says_accepted(verdict: &Value) -> bool {
    verdict["accepted"].as_bool().unwrap_or_else(|| panic!("no \"accepted\" in {verdict}"))
}

const UNKNOWN: &str = "PKIX path building failed";

pub fn leaf_only() {
    each("leaf-only", |jdk, jvm, format, store| {
        let server = Server::start(jdk, "localhost", "localhost");
        refused(jvm, &server, &store, UNKNOWN);
        // The root alone does not help a server that leaves its intermediate out.
        assert!(!says_accepted(&add(&server, "root", &store, format)));
        refused(jvm, &server, &store, UNKNOWN);
        assert!(says_accepted(&add(&server, "issuing", &store, format)));
        accepted(jvm, &server, &store);
    });
}

pub fn with_intermediate() {
    each("with-intermediate", |jdk, jvm, format, store| {
        let server = Server::start(jdk, "localhost", "localhost-chain");
        refused(jvm, &server, &store, UNKNOWN);
        assert!(says_accepted(&add(&server, "root", &store, format)));
        accepted(jvm, &server, &store);
    });
}

/// The certificate is taken from the server itself, pinned by what `fetch` showed.
pub fn self_signed() {
    each("self-signed", |jdk, jvm, format, store| {
        let server = Server::start(jdk, "localhost", "own-key");
        refused(jvm, &server, &store, UNKNOWN);
        let shown = Keyward::new(["fetch", &server.target(), "--json"]).run().exits(0).json();
        let pin = shown["targets"][0]["chain"][0]["sha256"].as_str().expect("a fingerprint").to_owned();
        let outcome = Keyward::new(["trust", "add", &server.target(), "--to", text(&store)])
            .args(["--format", format.name(), "--password", "pass:changeit", "--alias", "server"])
            .args(["--pick", &format!("sha256:{pin}"), "--json"])
            .run()
            .exits(0);
        let report = outcome.json();
        assert_eq!(report["entries"][0]["basis"], "pinned", "{outcome}");
        assert!(says_accepted(&report["verdict"]), "{outcome}");
        accepted(jvm, &server, &store);
    });
}

pub fn expired() {
    each("expired", |jdk, jvm, format, store| {
        let server = Server::start(jdk, "localhost", "expired");
        refused(jvm, &server, &store, UNKNOWN);
        let verdict = add(&server, "issuing", &store, format);
        assert!(!says_accepted(&verdict), "{verdict}");
        assert!(verdict.to_string().contains("validity check failed"), "the JVM's words are due: {verdict}");
        refused(jvm, &server, &store, "validity check failed");
    });
}

pub fn wrong_name() {
    each("wrong-name", |jdk, jvm, format, store| {
        let server = Server::start(jdk, "localhost", "elsewhere");
        let verdict = add(&server, "issuing", &store, format);
        assert!(!says_accepted(&verdict), "{verdict}");
        const WORDS: &str = "No subject alternative DNS name matching localhost found";
        assert!(verdict.to_string().contains(WORDS), "the JVM's words are due: {verdict}");
        refused(jvm, &server, &store, WORDS);
    });
}
