//! The JVM's verdict. The words here were measured; `tests/interop/jsse_verdict.rs` measures them again.

use std::path::PathBuf;

use keyward::chain::names::PeerName;
use keyward::chain::names::ServerName;
use keyward::chain::revocation::Revocation;
use keyward::chain::rules::jsse::{Java, Security, judge, judge_question};
use keyward::chain::rules::{Purpose, Question};
use keyward::chain::signature;
use keyward::model::Certificate;
use keyward::report::verdict::Verdict;
use rcgen::{GeneralSubtree, IsCa, NameConstraints, SanType};

use crate::chain::pki::*;

fn ask(chain: &[&Certificate], trusted: &[&Certificate], host: &str, java: Java) -> Verdict {
    let own = |list: &[&Certificate]| list.iter().map(|&c| c.clone()).collect::<Vec<_>>();
    judge(&own(chain), &own(trusted), Some(&ServerName::parse(host).unwrap()), NOW, java)
}

fn ask_with(chain: &[Certificate], root: &Certificate, java: Java, security: &Security) -> Verdict {
    let question = Question {
        chain,
        untrusted: &[],
        anchors: &[root].into_iter().collect(),
        name: Some(&PeerName::parse(HOST).unwrap()),
        now: NOW,
        purpose: Purpose::Server,
        max_depth: None,
        revocation: Revocation::default(),
    };
    judge_question(&question, java, security)
}

fn refused(verdict: &Verdict) -> (&'static str, &str) {
    assert_eq!(verdict.accepted, Some(false), "{verdict:?}");
    let reason = verdict.reason.as_ref().unwrap();
    (reason.id, reason.message.as_str())
}

#[test]
fn a_good_chain_is_accepted_with_its_anchor() {
    let root = authority("Root", |_| {});
    let inter = root.authority("Inter", |_| {});
    let leaf = inter.leaf(HOST, |_| {});
    for java in [Java::V17, Java::V25] {
        let verdict = ask(&[&leaf, &inter.certificate], &[&root.certificate], HOST, java);
        assert!(verdict.is_accepted(), "{verdict:?}");
        assert_eq!(verdict.path.len(), 3);
        assert_eq!(verdict.rules, java.rules());
        assert!(verdict.not_judged.iter().any(|text| text.starts_with("revocation")));
    }
}

#[test]
fn a_missing_link_or_root_has_one_text() {
    let root = authority("Root", |_| {});
    let inter = root.authority("Inter", |_| {});
    let leaf = inter.leaf(HOST, |_| {});
    let other = authority("Other", |_| {});
    let text = "PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable \
                to find valid certification path to requested target";
    for (chain, anchor) in
        [(&[&leaf][..], &root.certificate), (&[&leaf, &inter.certificate], &other.certificate)]
    {
        let verdict = ask(chain, &[anchor], HOST, Java::V17);
        assert_eq!(refused(&verdict), ("no-path", &*format!("javax.net.ssl.SSLHandshakeException: {text}")));
        let verdict = ask(chain, &[anchor], HOST, Java::V25);
        let text = format!("javax.net.ssl.SSLHandshakeException: (certificate_unknown) {text}");
        assert_eq!(refused(&verdict), ("no-path", &*text));
    }
}

#[test]
fn an_update_of_17_names_the_alert_too() {
    let root = authority("Root", |_| {});
    let leaf = root.leaf(HOST, expired);
    let said = |version: &str| {
        let security = Security::default().with_version(version);
        let verdict = ask_with(std::slice::from_ref(&leaf), &root.certificate, Java::V17, &security);
        refused(&verdict).1.contains("SSLHandshakeException: (certificate_expired) PKIX")
    };
    assert_eq!(["17.0.18", "17.0.20", "17.0.21.1"].map(said), [false, true, true]);
}

#[test]
fn anchors_are_taken_leniently() {
    let old_root = authority("Old Root", expired);
    let leaf = old_root.leaf(HOST, |_| {});
    assert!(ask(&[&leaf], &[&old_root.certificate], HOST, Java::V17).is_accepted());
    let old_leaf = old_root.leaf(HOST, expired);
    assert!(ask(&[&old_leaf], &[&old_leaf], HOST, Java::V17).is_accepted());
    let no_ca = authority("No CA", |p| p.is_ca = IsCa::ExplicitNoCa);
    let leaf = no_ca.leaf(HOST, |_| {});
    let verdict = ask(&[&leaf], &[&no_ca.certificate], HOST, Java::V17);
    let (id, message) = refused(&verdict);
    assert_eq!(id, "not-a-ca");
    assert!(message.ends_with("\"O=Keyward Test, CN=No CA\" is not a CA certificate"), "{message}");
}

#[test]
fn the_first_check_that_fails_gives_the_text() {
    let root = authority("Root", |_| {});
    let rekeyed = root.rekeyed();
    let leaf = root.leaf(HOST, |_| {});
    let verdict = ask(&[&leaf], &[&rekeyed.certificate], HOST, Java::V17);
    assert_eq!(
        refused(&verdict).1,
        "javax.net.ssl.SSLHandshakeException: PKIX path validation failed: \
         java.security.cert.CertPathValidatorException: Path does not chain with any of the trust anchors"
    );
    let leaf = root.leaf(HOST, expired);
    let verdict = ask(&[&leaf], &[&root.certificate], "other.example.org", Java::V25);
    assert_eq!(
        refused(&verdict),
        (
            "expired",
            "javax.net.ssl.SSLHandshakeException: (certificate_expired) PKIX path validation failed: \
             java.security.cert.CertPathValidatorException: validity check failed"
        )
    );
    assert_eq!(verdict.reason.unwrap().certificate, Some(leaf.fingerprint().to_string()));
}

#[test]
fn a_root_that_was_issued_again_vouches_for_what_the_old_one_issued() {
    let root = authority("Root", |_| {});
    let renewed = root.renewed(|p| p.serial_number = Some(77.into()));
    let leaf = root.leaf(HOST, |_| {});
    let chain = [&leaf, &root.certificate];
    assert_ne!(root.certificate, renewed.certificate);
    assert!(ask(&chain, &[&renewed.certificate], HOST, Java::V17).is_accepted());
}

#[test]
fn no_anchor_at_all_is_another_exception() {
    let leaf = authority("Root", |_| {}).leaf(HOST, |_| {});
    let verdict = ask(&[&leaf], &[], HOST, Java::V17);
    assert_eq!(
        refused(&verdict),
        (
            "no-anchors",
            "javax.net.ssl.SSLException: Unexpected error: \
             java.security.InvalidAlgorithmParameterException: the trustAnchors parameter must be non-empty"
        )
    );
    assert_eq!(ask(&[], &[&leaf], HOST, Java::V17).accepted, Some(false));
}

#[test]
fn names_are_matched_as_the_jvm_does() {
    let root = authority("Root", |_| {});
    let texts = |host, san: Vec<SanType>, java| {
        let leaf = root.leaf(HOST, |p| p.subject_alt_names = san);
        ask(&[&leaf], &[&root.certificate], host, java).reason.map(|reason| {
            reason.message.trim_start_matches("javax.net.ssl.SSLHandshakeException: ").to_owned()
        })
    };
    let dns = |name: &str| vec![SanType::DnsName(name.try_into().unwrap())];
    assert_eq!(texts(HOST, vec![], Java::V17), None);
    assert_eq!(
        texts(HOST, dns("x.example.org"), Java::V17).unwrap(),
        "No subject alternative DNS name matching server.example.org found."
    );
    assert_eq!(
        texts("127.0.0.1", dns(HOST), Java::V17).unwrap(),
        "No subject alternative names matching IP address 127.0.0.1 found"
    );
    assert_eq!(texts("127.0.0.1", vec![], Java::V17).unwrap(), "No subject alternative names present");
    assert_eq!(texts("other.org", vec![], Java::V17).unwrap(), "No name matching other.org found");
    assert_eq!(texts(HOST, dns("server.*.org"), Java::V17), None);
    assert!(texts(HOST, dns("server.*.org"), Java::V25).is_some());
}

/// Every certificate of the corpora: nothing panics, and whatever is self-issued either verifies or does not.
#[test]
fn the_corpora_do_not_shake_it() {
    let Some(folder) = std::env::var_os("KEYWARD_CORPORA").map(PathBuf::from) else {
        eprintln!("skipped: KEYWARD_CORPORA is not set");
        return;
    };
    let mut all = Vec::new();
    let limbo = std::fs::read_to_string(folder.join("limbo/limbo.json")).unwrap();
    collect(&serde_json::from_str(&limbo).unwrap(), &mut all);
    for entry in std::fs::read_dir(folder.join("openssl-verify/certs")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap_or_default();
        collect(&serde_json::Value::String(text), &mut all);
    }
    assert!(all.len() > 300, "{}", all.len());
    let roots: Vec<Certificate> = all.iter().filter(|c| c.is_self_issued()).cloned().collect();
    let good = roots.iter().filter(|c| signature::is_self_signed(c)).count();
    assert!(good * 10 > roots.len() * 8, "{good} of {} self-issued ones verify", roots.len());
    for chunk in all.chunks(5) {
        let name = ServerName::parse("example.com").unwrap();
        let _ = judge(chunk, &roots, Some(&name), NOW, Java::V17);
        let presented = sent(&chunk.iter().collect::<Vec<_>>());
        let subject =
            keyward::chain::diagnose::Subject { name: "x", host: Some(&name), presented: &presented };
        let asked = [keyward::chain::diagnose::Store { label: "roots", certificates: &roots }];
        let world = keyward::chain::diagnose::World { now: NOW, pool: &[], asked: &asked, known: &[] };
        let _ = keyward::chain::diagnose::diagnose(subject, world, &mut keyward::chain::issuers::NoIssuers);
    }
}

/// The certificates in the PEM strings of a JSON value, however deep.
fn collect(value: &serde_json::Value, all: &mut Vec<Certificate>) {
    use base64::Engine as _;
    match value {
        serde_json::Value::String(text) => {
            for block in text.split("-----BEGIN CERTIFICATE-----").skip(1) {
                let body: String = block
                    .split("-----END")
                    .next()
                    .unwrap_or("")
                    .chars()
                    .filter(|c| !c.is_whitespace())
                    .collect();
                let der = base64::engine::general_purpose::STANDARD.decode(body);
                all.extend(der.ok().and_then(|der| Certificate::from_der(&der).ok()));
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, all)),
        serde_json::Value::Object(map) => map.values().for_each(|item| collect(item, all)),
        _ => {}
    }
}

#[test]
fn wildcards_meet_constraints_as_the_update_has_it() {
    let root = authority("Root", |_| {});
    let host = || vec![GeneralSubtree::DnsName(HOST.to_owned())];
    let below = |permitted_subtrees, excluded_subtrees| {
        let inter = root.authority("Inter", |p| {
            p.name_constraints = Some(NameConstraints { permitted_subtrees, excluded_subtrees });
        });
        let wildcard = SanType::DnsName("*.example.org".try_into().unwrap());
        vec![inter.leaf(HOST, |p| p.subject_alt_names = vec![wildcard]), inter.certificate]
    };
    let (permitted, excluded) = (below(host(), Vec::new()), below(Vec::new(), host()));
    let ask = |chain: &[Certificate], java, security: &Security| {
        ask_with(chain, &root.certificate, java, security).is_accepted()
    };
    for (java, version, permits, excludes) in [
        (Java::V17, None, false, false),
        (Java::V17, Some("17"), false, false),
        (Java::V17, Some("17.0.19+10"), false, false),
        (Java::V17, Some("17.0.20"), true, true),
        (Java::V17, Some("17.0.21.1"), false, true),
        (Java::V25, Some("17.0.21"), false, false),
        (Java::V25, Some("25.0.3"), false, false),
    ] {
        let security = version.map_or(Security::default(), |text| Security::default().with_version(text));
        assert_eq!(ask(&permitted, java, &security), permits, "{java:?} as {version:?}");
        assert_eq!(ask(&excluded, java, &security), !excludes, "{java:?} as {version:?}");
    }
}

#[test]
fn a_chain_of_more_than_ten_is_not_read_to_its_end() {
    let root = authority("Root", |_| {});
    let inter = root.authority("Inter", |_| {});
    let leaf = inter.leaf(HOST, |_| {});
    let strangers: Vec<Authority> = (0..11).map(|n| authority(&format!("Stranger {n}"), |_| {})).collect();
    let mut chain = vec![&leaf, &inter.certificate];
    chain.extend(strangers.iter().map(|stranger| &stranger.certificate));
    let text = "javax.net.ssl.SSLProtocolException: The certificate chain length (11) exceeds the maximum allowed \
                length (10)";
    for java in [Java::V17, Java::V25] {
        for length in [11, 13] {
            let verdict = ask(&chain[..length], &[&root.certificate], HOST, java);
            assert_eq!(refused(&verdict), ("chain-too-long", text));
        }
        assert!(ask(&chain[..10], &[&root.certificate], HOST, java).is_accepted());
    }
}
