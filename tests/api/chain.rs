//! Diagnosis: one PKI, spoiled in one way at a time.

pub(crate) mod pki;

use keyward::chain::diagnose::{Store, Subject, World, diagnose};
use keyward::chain::issuers::{IssuerAnswer, IssuerAttempt, IssuerSource, NoIssuers};
use keyward::chain::names::ServerName;
use keyward::model::{Certificate, EncodedCertificate};
use keyward::report::diagnose::Diagnosis;
use keyward::report::finding::{Finding, FindingId, Repair, Severity};
use rcgen::{
    BasicConstraints, DistinguishedName, DnType, DnValue, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa,
    KeyIdMethod, NameConstraints, SanType,
};
use time::macros::datetime;

use self::pki::*;

/// Root, intermediate, leaf, and the host for which they are good.
struct Pki {
    root: Authority,
    inter: Authority,
    leaf: Certificate,
}

fn pki() -> Pki {
    let root = authority("Test Root", |_| {});
    let inter = root.authority("Test Issuing CA", |_| {});
    let leaf = inter.leaf(HOST, with_aia("http://pki.example.org/inter.der"));
    Pki { root, inter, leaf }
}

/// A list of addresses and what they give.
struct Web(Vec<(&'static str, Result<Vec<Certificate>, &'static str>)>, usize);

impl IssuerSource for Web {
    fn issuers_of(&mut self, certificate: &Certificate) -> IssuerAnswer {
        self.1 += 1;
        let mut answer = IssuerAnswer::default();
        for address in certificate.ca_issuers() {
            let page = self.0.iter().find(|(url, _)| url == address);
            let outcome = page.map_or(Err("404 Not Found"), |(_, page)| page.as_ref().map_err(|e| *e));
            answer.attempts.push(IssuerAttempt {
                address: address.clone(),
                outcome: outcome.map(Vec::len).map_err(str::to_owned),
            });
            answer.certificates.extend(outcome.into_iter().flatten().cloned());
        }
        answer
    }
}

fn run(presented: &[&Certificate], trusted: &[&Certificate], issuers: &mut dyn IssuerSource) -> Diagnosis {
    let trusted: Vec<Certificate> = trusted.iter().map(|&c| c.clone()).collect();
    run_in(presented, &[Store { label: "trust.jks", certificates: &trusted }], &[], &[], issuers)
}

fn run_in(
    presented: &[&Certificate],
    asked: &[Store<'_>],
    known: &[Store<'_>],
    pool: &[Store<'_>],
    issuers: &mut dyn IssuerSource,
) -> Diagnosis {
    let host = ServerName::parse(HOST).unwrap();
    let presented = sent(presented);
    let subject = Subject { name: "server.example.org:443", host: Some(&host), presented: &presented };
    diagnose(subject, World { now: NOW, pool, asked, known }, issuers)
}

/// Ids and severities, in order.
fn said(diagnosis: &Diagnosis) -> Vec<String> {
    diagnosis.findings.iter().map(|f| format!("{} {}", f.severity, f.id)).collect()
}

fn only(diagnosis: &Diagnosis) -> &Finding {
    assert_eq!(diagnosis.findings.len(), 1, "{:#?}", diagnosis.findings);
    &diagnosis.findings[0]
}

#[test]
fn a_good_chain_has_no_finding() {
    let pki = pki();
    let diagnosis = run(&[&pki.leaf, &pki.inter.certificate], &[&pki.root.certificate], &mut NoIssuers);
    assert!(diagnosis.findings.is_empty(), "{:#?}", diagnosis.findings);
    assert_eq!(diagnosis.path, [pki.leaf, pki.inter.certificate, pki.root.certificate]);
    assert_eq!(diagnosis.anchors, [("trust.jks".to_owned(), true)]);
    assert_eq!(diagnosis.to_send().len(), 2);
}

#[test]
fn a_missing_intermediate_that_aia_has_is_one_error_with_the_chain_to_send() {
    let pki = pki();
    let page = ("http://pki.example.org/inter.der", Ok(vec![pki.inter.certificate.clone()]));
    let diagnosis = run(&[&pki.leaf], &[&pki.root.certificate], &mut Web(vec![page], 0));
    let finding = only(&diagnosis);
    assert_eq!((finding.id, finding.severity), (FindingId::MissingIntermediate, Severity::Error));
    assert_eq!(finding.certificate, Some(pki.inter.certificate.fingerprint()));
    assert!(finding.message.contains("Test Issuing CA"), "{}", finding.message);
    assert!(finding.message.contains("http://pki.example.org/inter.der"), "{}", finding.message);
    let Some(Repair::SendChain { certificates }) = &finding.repair else { panic!("{finding:?}") };
    assert_eq!(*certificates, [pki.leaf.clone(), pki.inter.certificate.clone()]);
    assert_eq!(diagnosis.anchors, [("trust.jks".to_owned(), true)]);
}

#[test]
fn a_missing_intermediate_that_aia_does_not_have_names_the_address_and_its_answer() {
    let pki = pki();
    let diagnosis = run(&[&pki.leaf], &[&pki.root.certificate], &mut Web(vec![], 0));
    let finding = only(&diagnosis);
    assert_eq!(
        (finding.id, finding.certificate),
        (FindingId::MissingIntermediate, Some(pki.leaf.fingerprint()))
    );
    assert!(finding.message.contains("pki.example.org/inter.der: 404 Not Found"), "{}", finding.message);
    assert_eq!(diagnosis.path, [pki.leaf]);
    assert_eq!(diagnosis.anchors, [("trust.jks".to_owned(), false)]);
}

#[test]
fn a_certificate_from_aia_that_issued_nothing_here_is_not_used() {
    let pki = pki();
    let stranger = pki.root.authority("Stranger", |_| {}).certificate;
    let impostor = pki.inter.rekeyed().certificate;
    for wrong in [stranger, impostor] {
        let page = ("http://pki.example.org/inter.der", Ok(vec![wrong.clone()]));
        let diagnosis = run(&[&pki.leaf], &[&pki.root.certificate], &mut Web(vec![page], 0));
        assert_eq!(only(&diagnosis).severity, Severity::Error);
        assert!(!diagnosis.path.contains(&wrong));
    }
}

#[test]
fn two_missing_levels_are_fetched_one_after_the_other() {
    let root = authority("Test Root", |_| {});
    let upper = root.authority("Upper CA", |_| {});
    let lower = upper.authority("Lower CA", with_aia("http://pki/upper"));
    let leaf = lower.leaf(HOST, with_aia("http://pki/lower"));
    let pages = vec![
        ("http://pki/lower", Ok(vec![lower.certificate.clone()])),
        ("http://pki/upper", Ok(vec![upper.certificate.clone()])),
    ];
    let mut web = Web(pages, 0);
    let diagnosis = run(&[&leaf], &[&root.certificate], &mut web);
    assert_eq!(said(&diagnosis), ["error missing-intermediate", "error missing-intermediate"]);
    assert_eq!(diagnosis.path.len(), 4);
    assert_eq!(web.1, 2);
}

#[test]
fn an_intermediate_from_a_file_is_found_there() {
    let pki = pki();
    let pool = [pki.inter.certificate.clone()];
    let trusted = [pki.root.certificate.clone()];
    let diagnosis = run_in(
        &[&pki.leaf],
        &[Store { label: "trust.jks", certificates: &trusted }],
        &[],
        &[Store { label: "bundle.pem", certificates: &pool }],
        &mut NoIssuers,
    );
    assert!(only(&diagnosis).message.contains("found at bundle.pem"), "{:?}", diagnosis.findings);
}

#[test]
fn an_intermediate_that_the_asked_trust_store_has_is_worth_knowing() {
    let pki = pki();
    let diagnosis = run(&[&pki.leaf], &[&pki.root.certificate, &pki.inter.certificate], &mut NoIssuers);
    assert_eq!(said(&diagnosis), ["info missing-intermediate"]);
    assert_eq!(diagnosis.anchors, [("trust.jks".to_owned(), true)]);
}

#[test]
fn an_unknown_private_root_is_one_error_for_each_store_that_was_asked() {
    let pki = pki();
    let other = [authority("Other Root", |_| {}).certificate];
    let good = [pki.root.certificate.clone()];
    let chain = [&pki.leaf, &pki.inter.certificate];
    let stores = [
        Store { label: "a.jks", certificates: &other },
        Store { label: "b.jks", certificates: &good },
        Store { label: "c.p12", certificates: &[] },
    ];
    let diagnosis = run_in(&chain, &stores, &[], &[], &mut NoIssuers);
    assert_eq!(said(&diagnosis), ["error missing-root", "error missing-root"]);
    assert!(diagnosis.findings[0].message.contains("not in a.jks; b.jks has it"), "{:?}", diagnosis.findings);
    let Some(Repair::TrustRoot { certificate, store }) = &diagnosis.findings[0].repair else { panic!() };
    assert_eq!((certificate, store.as_str()), (&pki.root.certificate, "a.jks"));
    let anchors: Vec<bool> = diagnosis.anchors.iter().map(|(_, has)| *has).collect();
    assert_eq!(anchors, [false, true, false]);

    let unknown = run(&chain, &[&other[0]], &mut NoIssuers);
    assert_eq!(said(&unknown), ["error missing-root"]);
    assert!(only(&unknown).message.contains("Test Root"), "{:?}", unknown.findings);
    assert_eq!(unknown.path.len(), 2);
}

#[test]
fn without_asked_stores_a_root_is_missing_only_when_all_lack_it() {
    let pki = pki();
    let other = [authority("Other Root", |_| {}).certificate];
    let good = [pki.root.certificate.clone()];
    let chain = [&pki.leaf, &pki.inter.certificate];
    let known = |second| {
        [
            Store { label: "system", certificates: &other[..] },
            Store { label: "mozilla", certificates: second },
            Store { label: "java", certificates: &other },
        ]
    };
    assert!(run_in(&chain, &[], &known(&good), &[], &mut NoIssuers).findings.is_empty());
    let diagnosis = run_in(&chain, &[], &known(&other), &[], &mut NoIssuers);
    assert_eq!(said(&diagnosis), ["error missing-root"]);
    assert!(only(&diagnosis).message.contains("system, mozilla and java"), "{:?}", diagnosis.findings);
}

#[test]
fn an_asked_store_that_lacks_a_known_root_is_told_who_has_it() {
    let pki = pki();
    let good = [pki.root.certificate.clone()];
    let diagnosis = run_in(
        &[&pki.leaf, &pki.inter.certificate],
        &[Store { label: "trust.jks", certificates: &[] }],
        &[Store { label: "mozilla", certificates: &good }],
        &[],
        &mut NoIssuers,
    );
    assert!(only(&diagnosis).message.ends_with("is not in trust.jks; mozilla has it"));
    assert_eq!(diagnosis.path.len(), 3);
    assert_eq!(diagnosis.anchors, [("trust.jks".to_owned(), false)]);
}

#[test]
fn order_strangers_duplicates_and_roots_are_told_apart() {
    let pki = pki();
    let (leaf, inter, root) = (&pki.leaf, &pki.inter.certificate, &pki.root.certificate);
    let stranger = &authority("Stranger", |_| {}).certificate;
    let cases: [(&[&Certificate], &[&str]); 6] = [
        (&[root, inter, leaf], &["error wrong-order", "info root-sent"]),
        (&[inter, leaf], &["error wrong-order"]),
        (&[leaf, root, inter], &["warning wrong-order", "info root-sent"]),
        (&[leaf, inter, root], &["info root-sent"]),
        (&[leaf, stranger, inter], &["warning unrelated-certificate"]),
        (&[leaf, inter, inter, leaf], &["info duplicate-certificate", "info duplicate-certificate"]),
    ];
    for (chain, expected) in &cases {
        let diagnosis = run(chain, &[root], &mut NoIssuers);
        assert_eq!(said(&diagnosis), *expected, "{:#?}", diagnosis.findings);
        assert_eq!(diagnosis.path.len(), 3);
    }
}

#[test]
fn a_self_signed_leaf_is_one_finding_and_none_where_it_is_trusted() {
    let leaf = self_signed(HOST, |_| {});
    let root = authority("Test Root", |_| {}).certificate;
    let diagnosis = run(&[&leaf], &[&root], &mut NoIssuers);
    assert_eq!(said(&diagnosis), ["error self-signed"]);
    let Some(Repair::TrustLeaf { stores, .. }) = &only(&diagnosis).repair else { panic!() };
    assert_eq!(*stores, ["trust.jks"]);
    assert!(run(&[&leaf], &[&root, &leaf], &mut NoIssuers).findings.is_empty());
}

#[test]
fn dates_are_judged_for_each_certificate_of_the_path() {
    let root = authority("Test Root", |_| {});
    let inter = root.authority("Test Issuing CA", |_| {});
    let old_inter = root.authority("Old CA", expired);
    let old_root = authority("Old Root", expired);
    let soon = inter.leaf(HOST, |p| p.not_after = datetime!(2026-01-11 12:00:00 UTC));
    let cases = [
        (inter.leaf(HOST, expired), &inter, &root, "error expired"),
        (inter.leaf(HOST, future), &inter, &root, "error not-yet-valid"),
        (old_inter.leaf(HOST, |_| {}), &old_inter, &root, "error expired"),
        (old_root.leaf(HOST, |_| {}), &old_root, &old_root, "warning expired"),
        (soon, &inter, &root, "info expires-soon"),
    ];
    for (leaf, issuer, root, expected) in &cases {
        let mut chain = vec![leaf];
        chain.extend(Some(&issuer.certificate).filter(|c| **c != root.certificate));
        let diagnosis = run(&chain, &[&root.certificate], &mut NoIssuers);
        assert_eq!(said(&diagnosis), [*expected], "{:#?}", diagnosis.findings);
    }
    let diagnosis = run(&[&cases[0].0, &inter.certificate], &[&root.certificate], &mut NoIssuers);
    let message = &only(&diagnosis).message;
    assert!(message.contains("expired on 2021-01-01 00:00:00 UTC, 1826 days ago"), "{message}");
}

#[test]
fn a_wrong_name_lists_what_the_certificate_is_for() {
    let pki = pki();
    let other = pki.inter.leaf("other", |p| {
        p.subject_alt_names = vec![SanType::DnsName("other.example.org".try_into().unwrap())];
    });
    let only_cn = pki.inter.leaf(HOST, |p| p.subject_alt_names.clear());
    let trusted = [&pki.root.certificate];
    let diagnosis = run(&[&other, &pki.inter.certificate], &trusted, &mut NoIssuers);
    assert_eq!(said(&diagnosis), ["error name-mismatch"]);
    assert!(only(&diagnosis).message.contains("is for other.example.org, not for server.example.org"));
    let diagnosis = run(&[&only_cn, &pki.inter.certificate], &trusted, &mut NoIssuers);
    assert_eq!(said(&diagnosis), ["warning name-mismatch"]);
}

#[test]
fn cross_signed_roots_are_good_with_either_anchor() {
    let old = authority("Old Root", |_| {});
    let new = authority("New Root", |_| {});
    let bridge = old.cross(&new, |_| {});
    let inter = new.authority("Test Issuing CA", |_| {});
    let leaf = inter.leaf(HOST, |_| {});
    let chain = [&leaf, &inter.certificate, &bridge];
    for (anchor, length) in [(&old, 4), (&new, 3)] {
        let diagnosis = run(&chain, &[&anchor.certificate], &mut NoIssuers);
        assert!(diagnosis.findings.is_empty(), "{:#?}", diagnosis.findings);
        assert_eq!(diagnosis.path.len(), length);
    }
    // AddTrust, 2020: the bridge has expired, and clients with the old root only fail.
    let bridge = old.cross(&new, expired);
    let chain = [&leaf, &inter.certificate, &bridge];
    let diagnosis = run(&chain, &[&old.certificate, &new.certificate], &mut NoIssuers);
    assert_eq!(said(&diagnosis), ["warning expired"]);
    let diagnosis = run(&chain, &[&old.certificate], &mut NoIssuers);
    assert_eq!(said(&diagnosis), ["error expired"]);
}

#[test]
fn a_rekeyed_issuer_is_a_bad_signature() {
    let pki = pki();
    let rekeyed = pki.root.rekeyed().certificate;
    let diagnosis = run(&[&pki.leaf, &pki.inter.certificate], &[&rekeyed], &mut NoIssuers);
    assert_eq!(said(&diagnosis), ["error bad-signature"]);
    assert!(only(&diagnosis).message.contains("from trust.jks"), "{:?}", diagnosis.findings);
}

#[test]
fn constraints_and_usages_are_errors() {
    let root = authority("Test Root", |_| {});
    let no_ca = root.authority("No CA", |p| {
        p.is_ca = IsCa::ExplicitNoCa;
        p.key_usages.clear();
    });
    let short = root.authority("Short CA", |p| p.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)));
    let below = short.authority("Below", |_| {});
    let client = root.leaf(HOST, |p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]);
    let cases: [(Vec<Certificate>, &str); 3] = [
        (vec![no_ca.leaf(HOST, |_| {}), no_ca.certificate], "error not-a-ca"),
        (vec![below.leaf(HOST, |_| {}), below.certificate, short.certificate], "error path-too-long"),
        (vec![client], "error no-server-auth"),
    ];
    for (chain, expected) in &cases {
        let diagnosis = run(&chain.iter().collect::<Vec<_>>(), &[&root.certificate], &mut NoIssuers);
        assert_eq!(said(&diagnosis), [*expected], "{:#?}", diagnosis.findings);
    }
}

#[test]
fn nothing_and_nonsense_are_said_to_be_so() {
    let diagnosis = run(&[], &[], &mut NoIssuers);
    assert_eq!(said(&diagnosis), ["error empty-chain"]);
    assert_eq!(only(&diagnosis).message, "server.example.org:443 sent no certificate");

    let pki = pki();
    let mut presented = sent(&[&pki.leaf, &pki.inter.certificate]);
    presented.push(EncodedCertificate::x509(b"nonsense"));
    let trusted = [pki.root.certificate.clone()];
    let world = World {
        now: NOW,
        pool: &[],
        asked: &[Store { label: "trust.jks", certificates: &trusted }],
        known: &[],
    };
    let subject = Subject { name: "chain.pem", host: None, presented: &presented };
    let diagnosis = diagnose(subject, world, &mut NoIssuers);
    assert_eq!(said(&diagnosis), ["warning unreadable-certificate"]);
    assert!(only(&diagnosis).message.starts_with("certificate 3 of the chain cannot be read"));
}

#[test]
fn a_source_that_gives_ever_new_certificates_is_left_after_a_bounded_number_of_requests() {
    struct Endless(usize);
    impl IssuerSource for Endless {
        fn issuers_of(&mut self, _: &Certificate) -> IssuerAnswer {
            self.0 += 1;
            let certificates = (0..50).map(|i| authority(&format!("Noise {i}"), |_| {}).certificate);
            IssuerAnswer { certificates: certificates.collect(), attempts: Vec::new() }
        }
    }
    let pki = pki();
    let mut endless = Endless(0);
    let diagnosis = run(&[&pki.leaf], &[&pki.root.certificate], &mut endless);
    assert_eq!(said(&diagnosis), ["error missing-intermediate"]);
    assert!(endless.0 <= keyward::limits::AIA_REQUESTS);
}

#[test]
fn the_json_is_that_of_the_contract() {
    let pki = pki();
    let diagnosis = run(&[&pki.leaf], &[], &mut NoIssuers);
    let json = serde_json::to_value(&diagnosis).unwrap();
    assert_eq!(json["subject"], "server.example.org:443");
    assert_eq!(json["findings"][0]["id"], "missing-intermediate");
    assert_eq!(json["findings"][0]["severity"], "error");
    assert_eq!(json["findings"][0]["certificate"], pki.leaf.fingerprint().to_string());
    assert_eq!(json["path"][0]["sha256"], pki.leaf.fingerprint().to_string());
    assert_eq!(json["anchors"], serde_json::json!({ "trust.jks": false }));
}

#[test]
fn an_issuer_with_another_key_identifier_is_told_by_who_refuses_it() {
    let root = authority("Test Root", |_| {});
    // The same key and name, and certificates that name another identifier for it.
    let misleading = |authority: &Authority| {
        authority.renewed(|p| p.key_identifier_method = KeyIdMethod::PreSpecified(vec![1, 2, 3]))
    };
    let inter = misleading(&root).authority("Test Issuing CA", |_| {});
    let leaf = inter.leaf(HOST, |_| {});
    let diagnosis = run(&[&leaf, &inter.certificate], &[&root.certificate], &mut NoIssuers);
    assert_eq!(said(&diagnosis), ["error key-identifier-mismatch"], "{:#?}", diagnosis.findings);
    let inter = root.authority("Test Issuing CA", |_| {});
    let leaf = misleading(&inter).leaf(HOST, |_| {});
    let diagnosis = run(&[&leaf, &inter.certificate], &[&root.certificate], &mut NoIssuers);
    assert_eq!(said(&diagnosis), ["warning key-identifier-mismatch"], "{:#?}", diagnosis.findings);
    assert!(only(&diagnosis).message.contains("; OpenSSL does not take"), "{:?}", diagnosis.findings);
}

#[test]
fn a_key_identifier_that_misleads_is_no_error_where_a_jvm_builds_the_path_itself() {
    let root = authority("Test Root", |_| {});
    let misleading = root.renewed(|p| p.key_identifier_method = KeyIdMethod::PreSpecified(vec![1, 2, 3]));
    let inter = misleading.authority("Test Issuing CA", |_| {});
    let leaf = inter.leaf(HOST, |_| {});
    let stranger = authority("Stranger", |_| {});
    let presented = [&leaf, &stranger.certificate, &inter.certificate];
    let diagnosis = run(&presented, &[&root.certificate], &mut NoIssuers);
    assert_eq!(
        said(&diagnosis),
        ["warning unrelated-certificate", "warning key-identifier-mismatch"],
        "{:#?}",
        diagnosis.findings
    );
    // What will be an error once the root is imported is one before.
    let chain = [&leaf, &inter.certificate];
    let diagnosis = run_in(
        &chain,
        &[Store { label: "trust.jks", certificates: std::slice::from_ref(&stranger.certificate) }],
        &[],
        &[Store { label: "roots.pem", certificates: std::slice::from_ref(&root.certificate) }],
        &mut NoIssuers,
    );
    assert_eq!(
        said(&diagnosis),
        ["error missing-root", "error key-identifier-mismatch"],
        "{:#?}",
        diagnosis.findings
    );
}

#[test]
fn an_issuer_under_a_name_of_another_string_type_is_told_by_who_refuses_it() {
    let root = authority("Test Root", |_| {});
    let inter = root.authority("Test Issuing CA", |_| {});
    let written = |name: DnValue| {
        let mut written = DistinguishedName::new();
        written.push(DnType::CommonName, name);
        written.push(DnType::OrganizationName, "Keyward Test");
        inter.renewed(|p| p.distinguished_name = written).leaf(HOST, |_| {})
    };
    let bmp = written(DnValue::BmpString("Test Issuing CA".try_into().unwrap()));
    let diagnosis = run(&[&bmp, &inter.certificate], &[&root.certificate], &mut NoIssuers);
    assert_eq!(said(&diagnosis), ["error issuer-name-mismatch"], "{:#?}", diagnosis.findings);
    assert!(only(&diagnosis).message.contains("; JVMs, rustls and Go do not"), "{:?}", diagnosis.findings);
    let printable = written(DnValue::PrintableString("TEST  Issuing CA".try_into().unwrap()));
    let diagnosis = run(&[&printable, &inter.certificate], &[&root.certificate], &mut NoIssuers);
    assert_eq!(said(&diagnosis), ["warning issuer-name-mismatch"], "{:#?}", diagnosis.findings);
    assert!(only(&diagnosis).message.contains("; rustls and Go do not"), "{:?}", diagnosis.findings);
    // A twin of the CA that writes its name as the certificate does is taken before it.
    let mut twin_name = DistinguishedName::new();
    twin_name.push(DnType::CommonName, DnValue::BmpString("Test Issuing CA".try_into().unwrap()));
    twin_name.push(DnType::OrganizationName, "Keyward Test");
    let twin = root.cross(&inter, |p| p.distinguished_name = twin_name);
    let diagnosis = run(&[&bmp, &inter.certificate, &twin], &[&root.certificate], &mut NoIssuers);
    assert!(said(&diagnosis).is_empty(), "{:#?}", diagnosis.findings);
}

#[test]
fn what_a_jvm_does_not_ask_of_its_anchors_is_no_error() {
    let narrow = authority("Narrow Root", |p| p.is_ca = IsCa::Ca(BasicConstraints::Constrained(0)));
    let inter = narrow.authority("Test Issuing CA", |_| {});
    let leaf = inter.leaf(HOST, |_| {});
    let diagnosis = run(&[&leaf, &inter.certificate], &[&narrow.certificate], &mut NoIssuers);
    assert_eq!(said(&diagnosis), ["warning path-too-long"], "{:#?}", diagnosis.findings);
    assert!(only(&diagnosis).message.ends_with("OpenSSL and Go do"), "{:?}", diagnosis.findings);
    // A server's own certificate that is pinned.
    let pinned = self_signed("pinned", |p| {
        expired(p);
        p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    });
    let diagnosis = run(&[&pinned], &[&pinned], &mut NoIssuers);
    assert_eq!(said(&diagnosis), ["warning expired", "warning no-server-auth"], "{:#?}", diagnosis.findings);
    assert!(diagnosis.findings.iter().all(|f| f.message.contains("JVMs do not mind")), "{diagnosis:#?}");
}

#[test]
fn a_certificate_without_a_subject_is_called_by_its_first_name() {
    let root = authority("Test Root", |_| {});
    let nameless = root.leaf(HOST, |p| p.distinguished_name = DistinguishedName::new());
    let diagnosis = run(&[&nameless], &[&nameless], &mut NoIssuers);
    let message = &only(&diagnosis).message;
    assert!(message.contains("trusts \"DNS:server.example.org\" itself"), "{message}");
}

#[test]
fn what_only_a_jvm_refuses_is_told_in_its_words() {
    let pki = pki();
    let elsewhere = vec![GeneralSubtree::DnsName("elsewhere.example.org".to_owned())];
    let narrow = pki.root.authority("Narrow CA", |p| {
        p.name_constraints =
            Some(NameConstraints { permitted_subtrees: elsewhere, excluded_subtrees: Vec::new() });
    });
    let leaf = narrow.leaf(HOST, |_| {});
    let diagnosis = run(&[&leaf, &narrow.certificate], &[&pki.root.certificate], &mut NoIssuers);
    assert_eq!(said(&diagnosis), ["error refused-by-jvm"], "{:#?}", diagnosis.findings);
    let message = &only(&diagnosis).message;
    assert!(message.contains("with trust.jks refuses it: javax.net.ssl.SSLHandshakeException"), "{message}");
    assert!(message.ends_with("name constraints check failed"), "{message}");

    // It is told before the root is imported.
    let root = std::slice::from_ref(&pki.root.certificate);
    let lacking = [Store { label: "trust.jks", certificates: &[] }];
    let pool = [Store { label: "roots.pem", certificates: root }];
    let before = run_in(&[&leaf, &narrow.certificate], &lacking, &[], &pool, &mut NoIssuers);
    assert_eq!(said(&before), ["error missing-root", "error refused-by-jvm"], "{:#?}", before.findings);
    let message = &before.findings[1].message;
    assert!(
        message.starts_with("once \"Test Root\" is imported, a JVM (as OpenJDK 17) with trust.jks refuses")
    );
    let before = run_in(&[&leaf, &narrow.certificate], &[], &lacking, &pool, &mut NoIssuers);
    let message = &before.findings[1].message;
    assert!(
        message.starts_with("once \"Test Root\" is imported, a JVM (as OpenJDK 17) refuses"),
        "{message}"
    );

    let strangers: Vec<Authority> = (0..9).map(|n| authority(&format!("Stranger {n}"), |_| {})).collect();
    let mut chain = vec![&pki.leaf, &pki.inter.certificate];
    chain.extend(strangers.iter().map(|stranger| &stranger.certificate));
    let diagnosis = run(&chain, &[&pki.root.certificate], &mut NoIssuers);
    assert_eq!(said(&diagnosis).first().map(String::as_str), Some("error refused-by-jvm"));
    let without = run(&chain[..10], &[&pki.root.certificate], &mut NoIssuers);
    assert!(said(&without).iter().all(|text| text == "warning unrelated-certificate"), "{without:#?}");
}

#[test]
fn an_address_among_the_dns_names_is_not_told_as_the_address() {
    let pki = pki();
    let leaf = pki.inter.leaf("address", |p| {
        p.subject_alt_names = vec![SanType::DnsName("192.0.2.1".try_into().unwrap())];
    });
    let host = ServerName::parse("192.0.2.1").unwrap();
    let presented = sent(&[&leaf, &pki.inter.certificate]);
    let subject = Subject { name: "192.0.2.1:443", host: Some(&host), presented: &presented };
    let trusted = [pki.root.certificate];
    let asked = [Store { label: "trust.jks", certificates: &trusted }];
    let world = World { now: NOW, pool: &[], asked: &asked, known: &[] };
    let diagnosis = diagnose(subject, world, &mut NoIssuers);
    let message = &only(&diagnosis).message;
    assert!(message.ends_with("is for \"192.0.2.1\" as a DNS name, not for 192.0.2.1"), "{message}");
}

#[test]
fn an_intermediate_that_expired_and_was_renewed_is_told_by_what_was_sent() {
    let root = authority("Test Root", |_| {});
    let renewed = root.authority("Test Issuing CA", |_| {});
    let old = root.cross(&renewed, expired);
    let leaf = renewed.leaf(HOST, with_aia("http://pki.example.org/inter.der"));
    // Both were sent: nobody fails for want of the new one.
    let both = run(&[&leaf, &old, &renewed.certificate], &[&root.certificate], &mut NoIssuers);
    assert_eq!(said(&both), ["warning expired"]);
    assert!(!only(&both).message.contains("others fail"), "{:?}", both.findings);
    assert!(matches!(only(&both).repair, Some(Repair::SendChain { .. })));
    // Only the old one was: its successor is where the leaf says.
    let page = Ok(vec![renewed.certificate.clone()]);
    let mut web = Web(vec![("http://pki.example.org/inter.der", page)], 0);
    let found = run(&[&leaf, &old], &[&root.certificate], &mut web);
    assert_eq!(said(&found), ["error missing-intermediate", "warning expired"]);
    let old_one = found.findings.last().unwrap();
    assert!(
        old_one.message.contains("found at http://pki.example.org/inter.der holds and has to"),
        "{old_one:?}"
    );
    assert_eq!(found.path, [leaf.clone(), renewed.certificate.clone(), root.certificate.clone()]);
    let nowhere = run(&[&leaf, &old], &[&root.certificate], &mut NoIssuers);
    assert_eq!(said(&nowhere), ["error expired"]);
}

#[test]
fn an_intermediate_for_other_purposes_is_a_warning() {
    let root = authority("Test Root", |_| {});
    let inter = root.authority("Client CA", |p| {
        p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    });
    let leaf = inter.leaf(HOST, |_| {});
    let diagnosis = run(&[&leaf, &inter.certificate], &[&root.certificate], &mut NoIssuers);
    assert_eq!(said(&diagnosis), ["warning no-server-auth"], "{:#?}", diagnosis.findings);
}
