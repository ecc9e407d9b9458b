//! `keyward verify`: the rule sets side by side, their anchors, names, times, and the exit code.

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, RevocationReason, RevokedCertParams,
};
use serde_json::Value;
use time::macros::datetime;

use crate::certificates::{Folder, pem, sha256};
use crate::keyward::{Keyward, Outcome};
use crate::loopback;

const ALL: [&str; 5] = ["jsse17", "jsse25", "webpki", "rfc5280", "cabf"];

fn verify(subject: &str, more: &[&str]) -> Outcome {
    Keyward::new(["verify", subject, "--json"]).args(more).run()
}

/// Each rule set with its verdict, and the id of its reason.
fn verdicts(outcome: &Outcome) -> Vec<(String, Option<bool>, Option<String>)> {
    let json = outcome.json();
    assert_eq!(json["schema"], "keyward.verify/1", "{outcome}");
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let all = json["verdicts"].as_array().unwrap_or_else(|| panic!("no verdicts\n{outcome}"));
    all.iter()
        .map(|verdict| {
            (
                text(&verdict["rules"]).expect("rules"),
                verdict["accepted"].as_bool(),
                text(&verdict["reason"]["id"]),
            )
        })
        .collect()
}

#[track_caller]
fn reason(outcome: &Outcome, rules: &str) -> String {
    let all = verdicts(outcome);
    let found =
        all.iter().find(|(name, ..)| name == rules).unwrap_or_else(|| panic!("no {rules}\n{outcome}"));
    found.2.clone().unwrap_or_else(|| panic!("{rules} gives no reason\n{outcome}"))
}

fn bundle(folder: &Folder, name: &str, certificates: &[&str]) -> String {
    let bytes: Vec<u8> =
        certificates.iter().flat_map(|c| std::fs::read(pem(c)).expect("a fixture")).collect();
    folder.with(name, &bytes)
}

#[test]
fn verify_asks_all_rules_side_by_side() {
    let root = pem("root");
    let target = loopback::tls(&["localhost", "issuing"]);
    let outcome = verify(&target, &["--trust", &root]);
    let names: Vec<String> = verdicts(&outcome).into_iter().map(|(rules, ..)| rules).collect();
    assert_eq!(names, ALL, "{outcome}");
    let json = outcome.json();
    assert_eq!(json["subject"], target, "{outcome}");
    assert_eq!(json["name"], "localhost", "{outcome}");
    let accepts =
        |rules: &str| verdicts(&outcome).iter().any(|(r, accepted, _)| r == rules && *accepted == Some(true));
    assert!(accepts("jsse17") && accepts("jsse25") && accepts("webpki"), "{outcome}");
    // "localhost" is no name of the public network.
    assert!(!accepts("cabf"), "{outcome}");
    outcome.exits(1);
    verify(&target, &["--trust", &root, "--rules", "jsse17,jsse25,webpki"]).exits(0);
    let text = Keyward::new(["verify", &target, "--trust", &root]).run().exits(1);
    assert!(ALL.iter().all(|rules| text.text().contains(rules)), "{text}");
}

#[test]
fn verify_names_the_path() {
    let file = pem("localhost-chain");
    let outcome =
        verify(&file, &["--trust", &pem("root"), "--name", "localhost", "--rules", "webpki"]).exits(0);
    let path: Vec<String> = outcome.json()["verdicts"][0]["path"]
        .as_array()
        .expect("a path")
        .iter()
        .map(|certificate| certificate["sha256"].as_str().expect("sha256").to_owned())
        .collect();
    assert_eq!(path, [sha256("localhost"), sha256("issuing"), sha256("root")], "{outcome}");
}

#[test]
fn verify_says_why_not() {
    let root = pem("root");
    let trust: &[&str] = &["--trust", &root, "--name", "localhost"];
    let folder = Folder::new();
    let outcome = verify(&pem("localhost"), trust).exits(1);
    assert_eq!(reason(&outcome, "jsse17"), "no-path");
    assert_eq!(reason(&outcome, "webpki"), "no-path");
    assert_eq!(reason(&outcome, "rfc5280"), "missing-issuer");
    let outcome = verify(&bundle(&folder, "expired.pem", &["expired", "issuing"]), trust).exits(1);
    for rules in ALL {
        assert_eq!(reason(&outcome, rules), "expired", "{rules}");
    }
    let outcome = verify(&bundle(&folder, "elsewhere.pem", &["elsewhere", "issuing"]), trust).exits(1);
    for rules in ["jsse17", "jsse25", "webpki", "rfc5280"] {
        assert_eq!(reason(&outcome, rules), "name-mismatch", "{rules}");
    }
}

#[test]
fn verify_of_a_file_checks_no_name_and_says_so() {
    let file = pem("localhost-chain");
    let outcome = verify(&file, &["--trust", &pem("root"), "--rules", "jsse17"]).exits(0);
    assert_eq!(outcome.json()["name"], Value::Null, "{outcome}");
    let text = Keyward::new(["verify", &file, "--trust", &pem("root"), "--rules", "jsse17"]).run().exits(0);
    assert!(text.text().contains("no name checked"), "{text}");
    verify(&file, &["--trust", &pem("root"), "--rules", "jsse17", "--name", "127.0.0.1"]).exits(0);
    verify(&file, &["--trust", &pem("root"), "--rules", "jsse17", "--name", "192.0.2.1"]).exits(1);
}

#[test]
fn verify_takes_several_stores_as_one() {
    let (root, other) = (pem("root"), pem("other-root"));
    let file = pem("localhost-chain");
    verify(&file, &["--trust", &other, "--rules", "webpki"]).exits(1);
    verify(&file, &["--trust", &other, "--trust", &root, "--rules", "webpki"]).exits(0);
}

#[test]
fn verify_uses_untrusted_certificates() {
    let (root, issuing) = (pem("root"), pem("issuing"));
    let rules = ["--rules", "jsse17,jsse25,webpki"];
    verify(&pem("localhost"), &[&["--trust", &root], &rules[..]].concat()).exits(1);
    verify(&pem("localhost"), &[&["--trust", &root, "--untrusted", &issuing], &rules[..]].concat()).exits(0);
}

#[test]
fn verify_judges_at_a_time() {
    let file = pem("localhost-chain");
    let root = pem("root");
    let at = |time: &str| verify(&file, &["--trust", &root, "--rules", "rfc5280", "--at", time]);
    let late = at("2090-01-01").exits(1);
    assert_eq!(reason(&late, "rfc5280"), "expired");
    assert_eq!(late.json()["at"], "2090-01-01T00:00:00Z");
    assert_eq!(reason(&at("1999-12-31T12:00:00Z").exits(1), "rfc5280"), "not-yet-valid");
    at("tomorrow").exits(2);
}

#[test]
fn verify_for_another_purpose() {
    let file = pem("localhost-chain");
    let root = pem("root");
    let outcome =
        verify(&file, &["--trust", &root, "--rules", "webpki,rfc5280", "--purpose", "client"]).exits(1);
    assert_eq!(reason(&outcome, "webpki"), "no-server-auth");
    assert_eq!(reason(&outcome, "rfc5280"), "no-client-auth");
}

#[test]
fn verify_needs_something_to_judge() {
    verify("no-such-file.pem", &[]).exits(2);
    verify(&pem("root"), &["--trust", "no-such-store.p12"]).exits(2);
    verify(&pem("root"), &["--trust", &pem("root"), "--name", "no name"]).exits(2);
    verify(&loopback::closed(), &["--trust", &pem("root")]).exits(3);
}

/// A root, a server's certificate below it, and a CRL of the root, as files.
struct Revoking {
    folder: Folder,
    root: String,
    leaf: String,
    crl: String,
}

impl Revoking {
    fn new(revoked: bool) -> Self {
        let mut root = CertificateParams::default();
        root.distinguished_name.push(DnType::CommonName, "Revoking Root");
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let root_key = KeyPair::generate().unwrap();
        let root_certificate = root.self_signed(&root_key).unwrap();
        let issuer = Issuer::from_params(&root, &root_key);
        let mut leaf = CertificateParams::new(vec!["server.example.org".to_owned()]).unwrap();
        leaf.serial_number = Some(4711.into());
        leaf.use_authority_key_identifier_extension = true;
        let leaf = leaf.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap();
        let entry = RevokedCertParams {
            serial_number: if revoked { 4711.into() } else { 4712.into() },
            revocation_time: datetime!(2024-01-01 00:00:00 UTC),
            reason_code: Some(RevocationReason::KeyCompromise),
            invalidity_date: None,
        };
        let crl = CertificateRevocationListParams {
            this_update: datetime!(2024-01-01 00:00:00 UTC),
            next_update: datetime!(2990-01-01 00:00:00 UTC),
            crl_number: 1.into(),
            issuing_distribution_point: None,
            revoked_certs: vec![entry],
            key_identifier_method: rcgen::KeyIdMethod::Sha256,
        };
        let crl = crl.signed_by(&issuer).unwrap();
        let folder = Folder::new();
        let root = folder.with("root.pem", root_certificate.pem().as_bytes());
        let leaf = folder.with("leaf.pem", leaf.pem().as_bytes());
        let crl = folder.with("root.crl", crl.der());
        Self { folder, root, leaf, crl }
    }

    fn verify(&self, more: &[&str]) -> Outcome {
        verify(
            &self.leaf,
            &[&["--trust", &self.root, "--rules", "rfc5280", "--at", "2026-01-01"], more].concat(),
        )
    }
}

#[test]
fn verify_reads_crls() {
    let fine = Revoking::new(false);
    fine.verify(&["--crl", &fine.crl, "--revocation", "hard"]).exits(0);
    fine.verify(&["--revocation", "soft"]).exits(0);
    assert_eq!(reason(&fine.verify(&["--revocation", "hard"]).exits(1), "rfc5280"), "revocation-unknown");
    let revoked = Revoking::new(true);
    revoked.verify(&[]).exits(0);
    assert_eq!(reason(&revoked.verify(&["--crl", &revoked.crl]).exits(1), "rfc5280"), "revoked");
    revoked.verify(&["--crl", &revoked.crl, "--revocation", "off"]).exits(0);
    // That of a stranger with the same name is no answer.
    assert_eq!(reason(&fine.verify(&["--crl", &revoked.crl]).exits(1), "rfc5280"), "revocation-unusable");
    fine.verify(&["--crl", &fine.root]).exits(2);
    drop(fine.folder);
}

#[test]
fn verify_takes_security_properties() {
    let folder = Folder::new();
    let strict =
        folder.with("strict.security", b"jdk.certpath.disabledAlgorithms=MD5, \\\n   EC keySize < 384\n");
    let file = pem("localhost-chain");
    let ask = |properties: &str| {
        verify(&file, &["--trust", &pem("root"), "--rules", "jsse17,jsse25", "--java-security", properties])
    };
    let outcome = ask(&strict).exits(1);
    assert_eq!(reason(&outcome, "jsse17"), "weak-key", "{outcome}");
    assert_eq!(reason(&outcome, "jsse25"), "weak-key", "{outcome}");
    ask(&folder.with("other.security", b"keystore.type=pkcs12\n")).exits(0);
    ask(&folder.with("wrong.security", b"jdk.tls.disabledAlgorithms=RSA keySize about 1024\n")).exits(2);
}

#[test]
fn verify_judges_a_client_without_a_name() {
    let file = pem("localhost-chain");
    let trust = pem("root");
    let outcome =
        verify(&file, &["--trust", &trust, "--rules", "jsse17", "--purpose", "client", "--name", "x"]);
    assert_eq!(reason(&outcome.exits(1), "jsse17"), "no-client-auth");
    verify(&file, &["--trust", &trust, "--rules", "jsse17,webpki", "--purpose", "any"]).exits(0);
}
