//! `chain::rules::jsse` against the JVM's own trust manager: the same chains, the same words.
//!
//! [`cases`] and [`openssl_cases`] make the chains, [`write`](fn@write) puts them into folders for
//! `java/JudgeChain.java`, [`ask`] runs it, and [`compare`] compares.

mod edwards;
mod mutations;
mod planted;
mod policies;

#[path = "../api/chain/pki.rs"]
#[allow(dead_code, reason = "shared with the tests of the library")]
mod pki;

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use keyward::chain::names::PeerName;
use keyward::chain::revocation::Revocation;
use keyward::chain::rules::jsse::{self, Java, Security};
use keyward::chain::rules::{Purpose, Question};
use keyward::model::Certificate;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, DnValue, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, SanType,
};
use time::OffsetDateTime;

pub use self::edwards::{value, with_signature};
use self::pki::*;
use crate::jvm::scratch;
use crate::peers::jdks;

/// Every generated chain, judged by each JVM that is there and has rules of its own in keyward.
pub fn over_generated_chains() {
    let folder = scratch("verdicts");
    let mut all = cases();
    assert!(all.len() >= 500, "{} chains are too few", all.len());
    let made = folder.join("openssl");
    fs::create_dir_all(&made).unwrap();
    all.extend(openssl_cases(&made));
    let chains = folder.join("chains");
    write(&all, &chains);
    let program = program();
    for jdk in jdks() {
        let java = match jdk.feature {
            17 => Java::V17,
            25 => Java::V25,
            _ => continue,
        };
        let said = ask(Command::new(jdk.tool("java")), &program, &chains);
        let security = Security::default().with_version(&jdk.version);
        let comparison = compare(&all, &said, java, &security);
        println!("verdicts: {} of {} as JDK {}", comparison.agreeing, all.len(), jdk.version);
        assert!(comparison.differing.is_empty(), "JDK {}:\n{}", jdk.feature, comparison.differing.join("\n"));
        assert!(comparison.agreeing >= 500, "{} chains are too few", comparison.agreeing);
    }
}

/// Chains of old algorithms below a root that a JDK marks as its own, and under other security properties.
pub use planted::over_a_jdk_of_ones_own;

fn program() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/java/JudgeChain.java")
}

/// One chain, as a peer sends it, and who is to judge it.
pub struct Case {
    pub name: String,
    pub chain: Vec<Certificate>,
    pub trust: Vec<Certificate>,
    pub host: Option<String>,
    /// The chain is a client's, and a server judges it.
    pub client: bool,
}

/// Chains that rcgen can make: EC P-256 and Ed25519 keys.
pub fn cases() -> Vec<Case> {
    let mut all = Cases::default();
    paths(&mut all);
    dates(&mut all);
    constraints(&mut all);
    usages(&mut all);
    names(&mut all);
    string_types(&mut all);
    mutations::add(&mut all);
    policies::add(&mut all);
    all.0
}

/// Chains that need openssl: MD5, SHA-1, SHA-224, small keys, DSA, PSS, version 1. `folder` is for its files.
pub fn openssl_cases(folder: &Path) -> Vec<Case> {
    let openssl = OpenSsl { folder: folder.to_owned() };
    let mut all = Cases::default();
    let kinds = [
        ("md5", "rsa:2048", "-md5"),
        ("sha1", "rsa:2048", "-sha1"),
        ("sha224", "rsa:2048", "-sha224"),
        ("sha512", "rsa:2048", "-sha512"),
        ("rsa512", "rsa:512", "-sha256"),
        ("rsa1024", "rsa:1024", "-sha256"),
        ("p192", "ec:prime192v1", "-sha256"),
        ("p224", "ec:secp224r1", "-sha256"),
        ("p521", "ec:secp521r1", "-sha512"),
        ("k256", "ec:secp256k1", "-sha256"),
        ("brainpool", "ec:brainpoolP256r1", "-sha256"),
        ("sha512-256", "rsa:2048", "-sha512-256"),
        ("pss", "rsa:2048", "-sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:20"),
        ("ed448", "ed448", ""),
        ("dsa1024", "dsa:1024:160", ""),
        ("dsa2048", "dsa:2048:256", ""),
    ];
    let (root, root_key) = openssl.root("root", "rsa:2048", "-sha256");
    let (inter, inter_key) = openssl.issue("inter", "rsa:2048", "-sha256", &root_key, true);
    for (kind, key, options) in kinds {
        let (weak_root, weak_root_key) = openssl.root(&format!("{kind}-root"), key, options);
        let (below, _) =
            openssl.issue(&format!("{kind}-below"), "rsa:2048", "-sha256", &weak_root_key, false);
        all.add(&format!("{kind}-root"), &[&below], &[&weak_root]);
        let signing = if key.starts_with("rsa") { options } else { "-sha256" };
        let (weak_inter, weak_inter_key) =
            openssl.issue(&format!("{kind}-inter"), key, signing, &root_key, true);
        let (leaf, _) = openssl.issue(&format!("{kind}-l1"), "rsa:2048", "-sha256", &weak_inter_key, false);
        all.add(&format!("{kind}-inter"), &[&leaf, &weak_inter], &[&root]);
        let (leaf, _) = openssl.issue(&format!("{kind}-l2"), key, signing, &inter_key, false);
        all.add(&format!("{kind}-leaf"), &[&leaf, &inter], &[&root]);
        all.add(&format!("{kind}-leaf-built"), &[&leaf, &root, &inter], &[&root]);
    }
    edwards::add(&openssl, &mut all);
    all.0
}

/// One folder a case below `folder`.
pub fn write(cases: &[Case], folder: &Path) {
    for case in cases {
        let folder = folder.join(&case.name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("chain.pem"), pem(&case.chain)).unwrap();
        fs::write(folder.join("trust.pem"), pem(&case.trust)).unwrap();
        if let Some(host) = &case.host {
            fs::write(folder.join("name"), host).unwrap();
        }
        if case.client {
            fs::write(folder.join("client"), "").unwrap();
        }
    }
}

/// What the JVM says of each case: `accepted`, or the exception.
pub fn ask(mut java: Command, program: &Path, folder: &Path) -> HashMap<String, String> {
    let output = java.arg(program).arg(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|line| line.split_once('\t')).map(|(a, b)| (a.into(), b.into())).collect()
}

/// How keyward and the JVM compare over many cases.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Cases with the same verdict and the same words.
    pub agreeing: usize,
    /// The others, each with what both said.
    pub differing: Vec<String>,
}

/// Compares keyward's verdicts with what the JVM said.
pub fn compare(
    cases: &[Case],
    said: &HashMap<String, String>,
    java: Java,
    security: &Security,
) -> Comparison {
    let mut comparison = Comparison::default();
    let now = OffsetDateTime::now_utc();
    for case in cases {
        let name = case.host.as_ref().map(|host| PeerName::parse(host).unwrap());
        let question = Question {
            chain: &case.chain,
            untrusted: &[],
            anchors: &case.trust.iter().collect(),
            name: name.as_ref(),
            now,
            purpose: if case.client { Purpose::Client } else { Purpose::Server },
            max_depth: None,
            revocation: Revocation::default(),
        };
        let verdict = jsse::judge_question(&question, java, security);
        let ours = match (&verdict.accepted, &verdict.reason) {
            (None, _) => format!("no verdict: {verdict:?}"),
            (Some(true), _) => "accepted".to_owned(),
            (_, Some(reason)) => plain(&reason.message),
            (_, None) => "refused without a reason".to_owned(),
        };
        let theirs = said.get(&case.name).map_or("nothing", String::as_str);
        let theirs = theirs.split_once(": ").map_or(theirs, |(_, message)| message);
        if ours == theirs {
            comparison.agreeing += 1;
        } else {
            let text = format!("{}:\n  keyward: {ours}\n  the JVM: {theirs}", case.name);
            comparison.differing.push(text);
        }
    }
    comparison
}

/// A message as the trust manager throws it: without what the handshake puts before it.
fn plain(message: &str) -> String {
    let text = message.split_once(": ").map_or(message, |(_, text)| text);
    match text.strip_prefix('(').and_then(|text| text.split_once(") ")) {
        Some((_, text)) => text.to_owned(),
        None => text.to_owned(),
    }
}

#[derive(Default)]
struct Cases(Vec<Case>);

impl Cases {
    fn add(&mut self, name: &str, chain: &[&Certificate], trust: &[&Certificate]) {
        self.named(name, chain, trust, Some(HOST));
    }

    fn named(&mut self, name: &str, chain: &[&Certificate], trust: &[&Certificate], host: Option<&str>) {
        self.0.push(Case {
            name: name.to_owned(),
            chain: chain.iter().map(|&c| c.clone()).collect(),
            trust: trust.iter().map(|&c| c.clone()).collect(),
            host: host.map(str::to_owned),
            client: false,
        });
    }
}

fn paths(all: &mut Cases) {
    let root = authority("Root", |_| {});
    let inter = root.authority("Inter", |_| {});
    let lower = inter.authority("Lower", |_| {});
    let leaf = inter.leaf(HOST, |_| {});
    let deep = lower.leaf(HOST, |_| {});
    let other = authority("Other", |_| {});
    let rekeyed = root.rekeyed();
    let renewed = root.renewed(|p| p.serial_number = Some(77.into()));
    let lone = self_signed(HOST, |_| {});
    let (r, i, l) = (&root.certificate, &inter.certificate, &lower.certificate);
    all.add("good", &[&leaf, i], &[r]);
    all.add("good-with-root", &[&leaf, i, r], &[r]);
    all.add("good-deep", &[&deep, l, i], &[r]);
    all.add("leaf-only", &[&leaf], &[r]);
    all.add("leaf-only-inter-trusted", &[&leaf], &[i]);
    all.add("leaf-only-inter-and-root-trusted", &[&leaf], &[r, i]);
    all.add("reversed", &[i, &leaf], &[r]);
    all.add("swapped", &[&leaf, r, i], &[r]);
    all.add("shuffled-deep", &[&deep, i, r, l], &[r]);
    all.add("stranger-between", &[&leaf, &other.certificate, i], &[r]);
    all.add("stranger-last", &[&leaf, i, &other.certificate], &[r]);
    all.add("duplicate", &[&leaf, &leaf, i, i], &[r]);
    all.add("unknown-root", &[&leaf, i], &[&other.certificate]);
    all.add("unknown-root-sent", &[&leaf, i, r], &[&other.certificate]);
    all.add("no-anchors", &[&leaf, i], &[]);
    all.add("self-signed", &[&lone], &[r]);
    all.add("self-signed-pinned", &[&lone], &[r, &lone]);
    all.add("leaf-pinned", &[&leaf], &[&leaf]);
    all.add("leaf-vouches", &[&leaf, &lone], &[&lone]);
    all.add("rekeyed-root", &[&leaf, i], &[&rekeyed.certificate]);
    all.add("rekeyed-root-sent", &[&leaf, i, r], &[&rekeyed.certificate]);
    all.add("rekeyed-and-right", &[&leaf, i], &[&rekeyed.certificate, r]);
    all.add("renewed-root", &[&leaf, i, r], &[&renewed.certificate]);
    all.add("renewed-root-not-sent", &[&leaf, i], &[&renewed.certificate]);
    let no_ids = authority("Plain Root", |p| p.use_authority_key_identifier_extension = false);
    let below = no_ids.leaf(HOST, |p| p.use_authority_key_identifier_extension = false);
    all.add("rekeyed-without-ids", &[&below], &[&no_ids.rekeyed().certificate]);
    all.add("rekeyed-without-ids-swapped", &[&below, i], &[&no_ids.rekeyed().certificate]);

    let old = authority("Old", |_| {});
    let bridge = old.cross(&root, |_| {});
    let dead_bridge = old.cross(&root, expired);
    all.add("cross-to-old", &[&leaf, i, &bridge], &[&old.certificate]);
    all.add("cross-to-new", &[&leaf, i, &bridge], &[r]);
    all.add("cross-expired-to-new", &[&leaf, i, &dead_bridge], &[r]);
    all.add("cross-expired-to-old", &[&leaf, i, &dead_bridge], &[&old.certificate]);
    all.add("cross-both", &[&leaf, i, &dead_bridge, &bridge], &[&old.certificate]);
    let edge = root.authority("Edge", |_| {});
    let client = edge.leaf("Edge", |_| {});
    all.add("ca-of-another-key", &[&client, &root.cross(&lower, |_| {})], &[r]);
    all.add("ca-as-server", &[&edge.certificate], &[r]);
    all.add("root-as-server", &[r], &[r]);
    let ping = inter.cross(&lower, |_| {});
    let pong = lower.cross(&inter, |_| {});
    all.add("loop", &[&deep, &ping, &pong], &[&other.certificate]);
    all.add("loop-with-way-out", &[&deep, &ping, &pong, i], &[r]);
}

fn dates(all: &mut Cases) {
    let root = authority("Root", |_| {});
    let inter = root.authority("Inter", |_| {});
    let old_inter = root.authority("Old Inter", expired);
    let new_inter = root.authority("New Inter", future);
    let old_root = authority("Old Root", expired);
    let new_root = authority("New Root", future);
    let (r, i) = (&root.certificate, &inter.certificate);
    let old_leaf = inter.leaf(HOST, expired);
    let new_leaf = inter.leaf(HOST, future);
    all.add("expired-leaf", &[&old_leaf, i], &[r]);
    all.add("expired-leaf-swapped", &[&old_leaf, r, i], &[r]);
    all.add("expired-leaf-alone", &[&old_leaf], &[r]);
    all.add("expired-leaf-pinned", &[&old_leaf, i], &[&old_leaf]);
    all.add("future-leaf", &[&new_leaf, i], &[r]);
    all.add("future-leaf-pinned", &[&new_leaf], &[&new_leaf]);
    for (name, inter) in [("expired-inter", &old_inter), ("future-inter", &new_inter)] {
        let leaf = inter.leaf(HOST, |_| {});
        all.add(name, &[&leaf, &inter.certificate], &[r]);
        all.add(&format!("{name}-swapped"), &[&leaf, r, &inter.certificate], &[r]);
        all.add(&format!("{name}-trusted"), &[&leaf, &inter.certificate], &[&inter.certificate]);
        let both = inter.leaf(HOST, expired);
        all.add(&format!("{name}-and-leaf"), &[&both, &inter.certificate], &[r]);
    }
    for (name, root) in [("expired-root", &old_root), ("future-root", &new_root)] {
        let leaf = root.leaf(HOST, |_| {});
        all.add(name, &[&leaf], &[&root.certificate]);
        all.add(&format!("{name}-sent"), &[&leaf, &root.certificate], &[&root.certificate]);
        all.add(&format!("{name}-built"), &[&leaf, i], &[&root.certificate]);
    }
}

fn constraints(all: &mut Cases) {
    let root = authority("Root", |_| {});
    let r = &root.certificate;
    let mut below = |name: &str, issuer: &Authority, chain: &[&Certificate], trust: &[&Certificate]| {
        let leaf = issuer.leaf(HOST, |_| {});
        let mut sent = vec![&leaf];
        sent.extend(chain);
        all.add(name, &sent, trust);
        sent.insert(1, r);
        all.add(&format!("{name}-swapped"), &sent, trust);
    };
    let no_ca = root.authority("No CA", |p| p.is_ca = IsCa::ExplicitNoCa);
    below("not-a-ca", &no_ca, &[&no_ca.certificate], &[r]);
    below("not-a-ca-trusted", &no_ca, &[&no_ca.certificate], &[&no_ca.certificate]);
    below("not-a-ca-trusted-not-sent", &no_ca, &[], &[&no_ca.certificate]);
    let silent = root.authority("Silent", |p| p.is_ca = IsCa::NoCa);
    below("no-basic-constraints", &silent, &[&silent.certificate], &[r]);
    let no_sign = root.authority("No Sign", |p| p.key_usages = vec![KeyUsagePurpose::CrlSign]);
    below("no-cert-sign", &no_sign, &[&no_sign.certificate], &[r]);
    below("no-cert-sign-trusted", &no_sign, &[&no_sign.certificate], &[&no_sign.certificate]);
    let both = root.authority("Neither", |p| {
        p.is_ca = IsCa::ExplicitNoCa;
        p.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    });
    below("not-a-ca-and-no-cert-sign", &both, &[&both.certificate], &[r]);
    let zero = root.authority("Zero", |p| p.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)));
    below("path-length-kept", &zero, &[&zero.certificate], &[r]);
    let under = zero.authority("Under", |_| {});
    below("path-length-broken", &under, &[&under.certificate, &zero.certificate], &[r]);
    let same = zero.cross(&zero, |p| p.serial_number = Some(5.into()));
    below("path-length-self-issued", &zero, &[&same, &zero.certificate], &[r]);
    let tight = authority("Tight Root", |p| p.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)));
    let under = tight.authority("Under Tight", |_| {});
    below("path-length-of-anchor", &under, &[&under.certificate], &[&tight.certificate]);
    let odd = |critical: bool| {
        move |p: &mut CertificateParams| {
            let mut extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99_999, 1], vec![5, 0]);
            extension.set_criticality(critical);
            p.custom_extensions.push(extension);
        }
    };
    let critical = root.authority("Critical", odd(true));
    below("critical-inter", &critical, &[&critical.certificate], &[r]);
    let noted = root.authority("Noted", odd(false));
    below("odd-inter", &noted, &[&noted.certificate], &[r]);
    let critical_root = authority("Critical Root", odd(true));
    below("critical-root", &critical_root, &[], &[&critical_root.certificate]);
    let leaf = root.leaf(HOST, odd(true));
    all.add("critical-leaf", &[&leaf], &[r]);
    all.add("critical-leaf-swapped", &[&leaf, &no_ca.certificate], &[r]);
    all.add("critical-leaf-pinned", &[&leaf], &[&leaf]);
}

fn usages(all: &mut Cases) {
    let root = authority("Root", |_| {});
    let r = &root.certificate;
    let mut leaf = |name: &str, change: &dyn Fn(&mut CertificateParams)| {
        let leaf = root.leaf(HOST, |p| change(p));
        all.add(name, &[&leaf], &[r]);
        all.add(&format!("{name}-pinned"), &[&leaf], &[&leaf]);
    };
    leaf("eku-client", &|p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]);
    leaf("eku-any", &|p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::Any]);
    leaf("eku-none", &|p| p.extended_key_usages.clear());
    leaf("eku-step-up", &|p| {
        p.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(vec![2, 16, 840, 1, 113_730, 4, 1])];
    });
    leaf("ku-none", &|p| p.key_usages.clear());
    leaf("ku-encipherment", &|p| p.key_usages = vec![KeyUsagePurpose::KeyEncipherment]);
    leaf("ku-agreement", &|p| p.key_usages = vec![KeyUsagePurpose::KeyAgreement]);
    leaf("ku-decipher-only", &|p| p.key_usages = vec![KeyUsagePurpose::DecipherOnly]);
    leaf("ku-and-eku", &|p| {
        p.key_usages = vec![KeyUsagePurpose::KeyEncipherment];
        p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    });
    for (name, bits) in [("netscape-client", 0x80), ("netscape-server", 0x40)] {
        leaf(name, &|p| {
            let oid = [2, 16, 840, 1, 113_730, 1, 1];
            p.custom_extensions.push(CustomExtension::from_oid_content(&oid, vec![3, 2, 6, bits]));
        });
    }
    let edwards = authority_with("Ed Root", KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap(), |_| {});
    all.add("ed25519", &[&edwards.leaf(HOST, |_| {})], &[&edwards.certificate]);
    let quoted = authority("Quoted, \"Root\"", |p| p.is_ca = IsCa::ExplicitNoCa);
    all.add("quoted-anchor", &[&quoted.leaf(HOST, |_| {})], &[&quoted.certificate]);
}

/// Issuers' names as the issuers do not write them.
fn string_types(all: &mut Cases) {
    let root = authority("Root", |_| {});
    let inter = root.authority("Inter", |_| {});
    let stranger = authority("Stranger", |_| {});
    let (r, i, s) = (&root.certificate, &inter.certificate, &stranger.certificate);
    type Writer = fn(&str) -> DnValue;
    let kinds: [(&str, Writer); 6] = [
        ("bmp", |text| DnValue::BmpString(text.try_into().unwrap())),
        ("teletex", |text| DnValue::TeletexString(text.try_into().unwrap())),
        ("ia5", |text| DnValue::Ia5String(text.try_into().unwrap())),
        ("universal", |text| DnValue::UniversalString(text.try_into().unwrap())),
        ("printable", |text| DnValue::PrintableString(text.try_into().unwrap())),
        ("folded", |text| DnValue::Utf8String(format!("  {} ", text.to_uppercase()))),
    ];
    for (kind, value) in kinds {
        let written = |authority: &Authority, name: &str| {
            authority.renewed(|p| p.distinguished_name.push(DnType::CommonName, value(name)))
        };
        let leaf = written(&inter, "Inter").leaf(HOST, |_| {});
        all.add(&format!("name-{kind}-leaf"), &[&leaf, i], &[r]);
        all.add(&format!("name-{kind}-leaf-swapped"), &[&leaf, s, i], &[r]);
        all.add(&format!("name-{kind}-leaf-anchor"), &[&leaf], &[i]);
        let other_root = written(&root, "Root");
        let below = other_root.authority("Below", |_| {});
        let leaf = below.leaf(HOST, |_| {});
        all.add(&format!("name-{kind}-anchor"), &[&leaf, &below.certificate], &[r]);
        all.add(&format!("name-{kind}-anchor-swapped"), &[&leaf, s, &below.certificate], &[r]);
        let sent = [&leaf, &below.certificate, &other_root.certificate];
        all.add(&format!("name-{kind}-anchor-twin"), &sent, &[r]);
    }
}

fn names(all: &mut Cases) {
    let root = authority("Root", |_| {});
    let r = &root.certificate;
    let dns = |name: &str| SanType::DnsName(name.try_into().unwrap());
    let ip = |address: &str| SanType::IpAddress(address.parse().unwrap());
    let mail = SanType::Rfc822Name("a@example.org".try_into().unwrap());
    let sans: Vec<(&str, Vec<SanType>)> = vec![
        (HOST, vec![]),
        ("*.example.org", vec![]),
        ("127.0.0.1", vec![]),
        ("x", vec![dns(HOST)]),
        (HOST, vec![dns("other.example.org")]),
        (HOST, vec![mail]),
        (HOST, vec![ip("127.0.0.1")]),
        ("x", vec![dns("*.example.org")]),
        ("x", vec![dns("*.org")]),
        ("x", vec![dns("*")]),
        ("x", vec![dns("s*r.example.org")]),
        ("x", vec![dns("server.*.org")]),
        ("x", vec![dns("*.*.org")]),
        ("x", vec![dns("server.example.*")]),
        ("x", vec![dns("SERVER.Example.ORG")]),
        ("x", vec![dns("server.example.org.")]),
        ("x", vec![ip("127.0.0.1"), ip("2001:db8::1"), dns("localhost")]),
        ("x", vec![dns("127.0.0.1")]),
        ("x", vec![dns("under_score.example.org")]),
    ];
    let hosts = [
        HOST,
        "a.b.example.org",
        "localhost",
        "127.0.0.1",
        "10.0.0.1",
        "2001:db8::1",
        "under_score.example.org",
    ];
    for (i, (common_name, san)) in sans.iter().enumerate() {
        let leaf = root.leaf(common_name, |p| p.subject_alt_names.clone_from(san));
        for host in hosts {
            all.named(&format!("name-{i:02}-{}", host.replace(':', "_")), &[&leaf], &[r], Some(host));
        }
    }
    let leaf = root.leaf("x", |_| {});
    all.named("name-none", &[&leaf], &[r], None);
    all.named("name-pinned-wrong", &[&leaf], &[&leaf], Some("other.example.org"));
    let two = root.leaf("first.example.org", |p| {
        p.subject_alt_names.clear();
        p.distinguished_name.push(DnType::OrganizationalUnitName, "x");
    });
    all.named("name-cn-first", &[&two], &[r], Some("first.example.org"));
}

/// The openssl command, with a folder for its files.
struct OpenSsl {
    folder: PathBuf,
}

/// The files of a key and its certificate.
struct KeyFiles {
    key: PathBuf,
    certificate: PathBuf,
}

impl OpenSsl {
    fn root(&self, name: &str, key: &str, options: &str) -> (Certificate, KeyFiles) {
        let files = self.key(name, key);
        let options = if key.starts_with("rsa") { options } else { "" };
        self.run(&format!(
            "req -x509 -new -key {} -out {} -days 3650 -subj /O=Keyward/CN={name} {options} \
             -addext keyUsage=critical,keyCertSign",
            files.key.display(),
            files.certificate.display()
        ));
        (read(&files.certificate), files)
    }

    fn issue(
        &self,
        name: &str,
        key: &str,
        options: &str,
        issuer: &KeyFiles,
        ca: bool,
    ) -> (Certificate, KeyFiles) {
        let files = self.key(name, key);
        let request = files.key.with_extension("csr");
        let extensions = files.key.with_extension("ext");
        let text = if ca {
            "basicConstraints=critical,CA:true\nkeyUsage=keyCertSign\nsubjectKeyIdentifier=hash\n".to_owned()
        } else {
            format!("keyUsage=digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:{HOST}\n")
        };
        let days = if name.ends_with("-expired") { -1 } else { 3650 };
        fs::write(&extensions, text).unwrap();
        self.run(&format!(
            "req -new -key {} -out {} -subj /O=Keyward/CN={name}",
            files.key.display(),
            request.display()
        ));
        let options = if is_edwards(issuer) { "" } else { options };
        self.run(&format!(
            "x509 -req -in {} -out {} -CA {} -CAkey {} -CAcreateserial -days {days} -extfile {} {options}",
            request.display(),
            files.certificate.display(),
            issuer.certificate.display(),
            issuer.key.display(),
            extensions.display()
        ));
        (read(&files.certificate), files)
    }

    fn key(&self, name: &str, key: &str) -> KeyFiles {
        let file = self.folder.join(format!("{name}.key"));
        let what = match key.split_once(':') {
            Some(("dsa", sizes)) => {
                let parameters = file.with_extension("dsa");
                let (bits, order) = sizes.split_once(':').unwrap();
                self.run(&format!(
                    "genpkey -genparam -algorithm DSA -pkeyopt dsa_paramgen_bits:{bits} \
                     -pkeyopt dsa_paramgen_q_bits:{order} -out {}",
                    parameters.display()
                ));
                format!("-paramfile {}", parameters.display())
            }
            Some(("rsa", bits)) => format!("-algorithm RSA -pkeyopt rsa_keygen_bits:{bits}"),
            Some((_, curve)) => format!("-algorithm EC -pkeyopt ec_paramgen_curve:{curve}"),
            None => format!("-algorithm {key}"),
        };
        self.run(&format!("genpkey {what} -out {}", file.display()));
        KeyFiles { certificate: file.with_extension("crt"), key: file }
    }

    fn run(&self, arguments: &str) {
        let output = Command::new("openssl").args(arguments.split_whitespace()).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "openssl {arguments}: {error}");
    }
}

/// Edwards keys sign without a digest option.
fn is_edwards(issuer: &KeyFiles) -> bool {
    read(&issuer.certificate).key().to_string().starts_with("Ed")
}

fn read(file: &Path) -> Certificate {
    let text = fs::read_to_string(file).unwrap();
    let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = base64::engine::general_purpose::STANDARD.decode(body).unwrap();
    Certificate::from_der(&der).unwrap()
}

pub fn pem(certificates: &[Certificate]) -> String {
    let mut text = String::new();
    for certificate in certificates {
        let body = base64::engine::general_purpose::STANDARD.encode(certificate.der());
        text.push_str("-----BEGIN CERTIFICATE-----\n");
        for line in body.as_bytes().chunks(64) {
            text.push_str(&String::from_utf8_lossy(line));
            text.push('\n');
        }
        text.push_str("-----END CERTIFICATE-----\n");
    }
    text
}
