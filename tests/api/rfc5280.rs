//! `chain::rules::rfc5280` and `cabf`: paths, policies, constraints, revocation; what is said of a refusal.

use keyward::chain::names::PeerName;
use keyward::chain::revocation::{Demand, Revocation};
use keyward::chain::rules::{Purpose, Question, RuleSet};
use keyward::format::crl;
use keyward::model::{Certificate, Crl};
use keyward::report::verdict::Verdict;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, GeneralSubtree, IsCa, KeyUsagePurpose,
    NameConstraints, RevocationReason, SanType,
};
use time::Duration;

use crate::chain::pki::*;

fn judge(
    rules: RuleSet,
    chain: &[&Certificate],
    anchors: &[&Certificate],
    revocation: Revocation<'_>,
) -> Verdict {
    let own = |all: &[&Certificate]| all.iter().map(|&certificate| certificate.clone()).collect::<Vec<_>>();
    let name = PeerName::parse(HOST).unwrap();
    rules.judge(&Question {
        chain: &own(chain),
        untrusted: &[],
        anchors: &anchors.iter().copied().collect(),
        name: Some(&name),
        now: NOW,
        purpose: Purpose::Server,
        max_depth: None,
        revocation,
    })
}

#[track_caller]
fn accepted(verdict: &Verdict) {
    assert_eq!(verdict.accepted, Some(true), "{:?}", verdict.reason);
}

#[track_caller]
fn refused(verdict: &Verdict, id: &str) {
    assert_eq!(verdict.accepted, Some(false), "{verdict:?}");
    assert_eq!(verdict.reason.as_ref().map(|reason| reason.id), Some(id), "{verdict:?}");
}

fn plain(chain: &[&Certificate], anchors: &[&Certificate]) -> Verdict {
    judge(RuleSet::Rfc5280, chain, anchors, Revocation::default())
}

/// The DER of a sequence of these parts.
fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    let content = parts.concat();
    let mut out = vec![0x30, u8::try_from(content.len()).unwrap()];
    out.extend(content);
    out
}

/// 1.3.6.1.4.1.N as an object identifier, for N below 128; 0 is anyPolicy.
fn policy(number: u8) -> Vec<u8> {
    match number {
        0 => vec![6, 4, 0x55, 0x1d, 0x20, 0],
        n => vec![6, 6, 0x2b, 6, 1, 4, 1, n],
    }
}

fn extension(params: &mut CertificateParams, oid: &[u64], critical: bool, content: Vec<u8>) {
    let mut extension = CustomExtension::from_oid_content(oid, content);
    extension.set_criticality(critical);
    params.custom_extensions.push(extension);
}

fn policies(params: &mut CertificateParams, numbers: &[u8]) {
    let all: Vec<Vec<u8>> = numbers.iter().map(|&number| sequence(&[policy(number)])).collect();
    extension(params, &[2, 5, 29, 32], false, sequence(&all));
}

fn requires_policy(params: &mut CertificateParams) {
    extension(params, &[2, 5, 29, 36], true, vec![0x30, 3, 0x80, 1, 0]);
}

fn maps(params: &mut CertificateParams, from: u8, to: u8) {
    extension(params, &[2, 5, 29, 33], true, sequence(&[sequence(&[policy(from), policy(to)])]));
}

fn inhibits_any(params: &mut CertificateParams) {
    extension(params, &[2, 5, 29, 54], true, vec![2, 1, 0]);
}

#[test]
fn a_required_policy_has_to_hold_for_the_whole_path() {
    let root = authority("Root", |_| {});
    let below = |ca: &dyn Fn(&mut CertificateParams), leaf: &dyn Fn(&mut CertificateParams)| {
        let inter = root.authority("Inter", |p| {
            requires_policy(p);
            ca(p);
        });
        let leaf = inter.leaf(HOST, |p| leaf(p));
        plain(&[&leaf, &inter.certificate], &[&root.certificate])
    };
    accepted(&below(&|p| policies(p, &[1]), &|p| policies(p, &[2, 1])));
    refused(&below(&|p| policies(p, &[1]), &|p| policies(p, &[2])), "no-policy");
    refused(&below(&|p| policies(p, &[1]), &|_| {}), "no-policy");
    refused(&below(&|_| {}, &|p| policies(p, &[1])), "no-policy");
    accepted(&below(&|p| policies(p, &[0]), &|p| policies(p, &[7])));
    accepted(&below(&|p| policies(p, &[1]), &|p| policies(p, &[0])));
    let inhibited = |p: &mut CertificateParams| {
        policies(p, &[1]);
        inhibits_any(p);
    };
    refused(&below(&inhibited, &|p| policies(p, &[0])), "no-policy");
    let mapped = |p: &mut CertificateParams| {
        policies(p, &[1]);
        maps(p, 1, 9);
    };
    accepted(&below(&mapped, &|p| policies(p, &[9])));
    refused(&below(&mapped, &|p| policies(p, &[1])), "no-policy");
    // Nobody requires one.
    let inter = root.authority("Inter", |p| policies(p, &[1]));
    let leaf = inter.leaf(HOST, |p| policies(p, &[2]));
    accepted(&plain(&[&leaf, &inter.certificate], &[&root.certificate]));
}

#[test]
fn the_best_of_several_paths_counts() {
    let (root, old) = (authority("Root", |_| {}), authority("Old", |_| {}));
    let inter = root.authority("Inter", |_| {});
    let leaf = inter.leaf(HOST, |_| {});
    let (dead, alive) =
        (old.cross(&inter, expired), root.cross(&inter, |p| p.serial_number = Some(9.into())));
    let (r, o) = (&root.certificate, &old.certificate);
    let verdict = plain(&[&leaf, &dead, &alive], &[o, r]);
    accepted(&verdict);
    assert_eq!(verdict.path[1].sha256, alive.fingerprint().to_string());
    let verdict = plain(&[&leaf, &dead], &[o, r]);
    refused(&verdict, "expired");
    assert_eq!(verdict.reason.unwrap().certificate, Some(dead.fingerprint().to_string()));
    // A path that ends in an anchor tells more than one that ends in nothing.
    let verdict = plain(&[&leaf, &dead, &alive], &[o]);
    refused(&verdict, "expired");
    assert_eq!(verdict.refused.len(), 2, "{:?}", verdict.refused);
}

#[test]
fn a_missing_issuer_is_named_with_its_address() {
    let root = authority("Root", |_| {});
    let inter = root.authority("Inter", |_| {});
    let leaf = inter.leaf(HOST, with_aia("http://ca.example.org/inter.cer"));
    let verdict = plain(&[&leaf], &[&root.certificate]);
    refused(&verdict, "missing-issuer");
    let message = verdict.reason.unwrap().message;
    assert!(
        message.contains("\"Inter\"") && message.contains("http://ca.example.org/inter.cer"),
        "{message}"
    );
    refused(&plain(&[&leaf], &[]), "no-anchors");
    refused(&plain(&[], &[&root.certificate]), "empty-chain");
    refused(&plain(&[&self_signed(HOST, |_| {})], &[&root.certificate]), "untrusted-root");
}

#[test]
fn a_pinned_leaf_is_no_path_of_the_standard() {
    let root = authority("Root", |_| {});
    let leaf = root.leaf(HOST, |_| {});
    refused(&plain(&[&leaf], &[&leaf]), "leaf-pinned");
    accepted(&plain(&[&leaf], &[&leaf, &root.certificate]));
    let own = self_signed(HOST, |_| {});
    accepted(&plain(&[&own], &[&own]));
}

#[test]
fn a_limit_of_depth() {
    let root = authority("Root", |_| {});
    let inter = root.authority("Inter", |_| {});
    let leaf = inter.leaf(HOST, |_| {});
    for rules in RuleSet::ALL {
        let ask = |depth| {
            let name = PeerName::parse(HOST).unwrap();
            rules.judge(&Question {
                chain: &[leaf.clone(), inter.certificate.clone()],
                untrusted: &[],
                anchors: &[&root.certificate].into_iter().collect(),
                name: Some(&name),
                now: NOW,
                purpose: Purpose::Server,
                max_depth: Some(depth),
                revocation: Revocation::default(),
            })
        };
        refused(&ask(0), "too-deep");
        if rules != RuleSet::Cabf {
            accepted(&ask(1));
        }
    }
}

#[test]
fn what_is_self_issued_is_no_depth() {
    let root = authority("Root", |_| {});
    let again = root.rekeyed();
    let bridge = root.cross(&again, |_| {});
    let leaf = again.leaf(HOST, |_| {});
    let name = PeerName::parse(HOST).unwrap();
    for rules in RuleSet::ALL.into_iter().filter(|&rules| rules != RuleSet::Cabf) {
        accepted(&rules.judge(&Question {
            chain: &[leaf.clone(), bridge.clone()],
            untrusted: &[],
            anchors: &[&root.certificate].into_iter().collect(),
            name: Some(&name),
            now: NOW,
            purpose: Purpose::Server,
            max_depth: Some(0),
            revocation: Revocation::default(),
        }));
    }
}

#[test]
fn names_of_other_kinds_are_held_to_constraints() {
    let root = authority("Root", |_| {});
    let ask = |permitted: Vec<GeneralSubtree>, excluded: Vec<GeneralSubtree>, names: Vec<SanType>| {
        let inter = root.authority("Inter", |p| {
            let constraints = NameConstraints { permitted_subtrees: permitted, excluded_subtrees: excluded };
            p.name_constraints = Some(constraints);
        });
        let leaf = inter.leaf(HOST, |p| p.subject_alt_names.extend(names));
        plain(&[&leaf, &inter.certificate], &[&root.certificate])
    };
    let mail = |text: &str| SanType::Rfc822Name(text.try_into().unwrap());
    let permitted_mail = |text: &str| vec![GeneralSubtree::Rfc822Name(text.to_owned())];
    accepted(&ask(permitted_mail("example.org"), vec![], vec![mail("a@EXAMPLE.org")]));
    refused(&ask(permitted_mail("example.org"), vec![], vec![mail("a@b.example.org")]), "name-constraint");
    accepted(&ask(permitted_mail(".example.org"), vec![], vec![mail("a@b.example.org")]));
    refused(&ask(permitted_mail("a@example.org"), vec![], vec![mail("A@example.org")]), "name-constraint");
    refused(&ask(vec![], permitted_mail("example.org"), vec![mail("a@example.org")]), "name-constraint");
    accepted(&ask(vec![], permitted_mail("example.org"), vec![mail("a@example.net")]));
    refused(&ask(permitted_mail("two@at@signs"), vec![], vec![]), "malformed-name-constraint");
}

/// A CRL of an authority: what it revokes, and for how many hours it still counts.
fn revokes(authority: &Authority, revoked: &[&Certificate], hours: i64) -> Crl {
    let (begun, next) = (NOW - Duration::days(1), NOW + Duration::hours(hours));
    crl::read(&authority.crl(revoked, begun, next, RevocationReason::Superseded)).unwrap()
}

#[test]
fn what_a_crl_revokes_is_refused() {
    let (root, stranger) = (authority("Root", |_| {}), authority("Root", |_| {}));
    let inter = root.authority("Inter", |_| {});
    let (leaf, other) = (inter.leaf(HOST, |_| {}), inter.leaf(HOST, |_| {}));
    let ask = |crls: &[Crl], demand| {
        judge(
            RuleSet::Rfc5280,
            &[&leaf, &inter.certificate],
            &[&root.certificate],
            Revocation { demand, crls, ..Revocation::default() },
        )
    };
    let of_root = revokes(&root, &[], 30);
    let good = revokes(&inter, &[&other], 30);
    for demand in [Demand::Soft, Demand::Hard] {
        accepted(&ask(&[of_root.clone(), good.clone()], demand));
        let verdict = ask(&[of_root.clone(), revokes(&inter, &[&other, &leaf], 30)], demand);
        refused(&verdict, "revoked");
        let reason = verdict.reason.unwrap();
        assert!(reason.message.contains("superseded"), "{}", reason.message);
        assert_eq!(reason.certificate, Some(leaf.fingerprint().to_string()));
        refused(&ask(&[revokes(&root, &[&inter.certificate], 30), good.clone()], demand), "revoked");
        // An answer that is no good is no silence.
        refused(&ask(&[of_root.clone(), revokes(&inter, &[], -1)], demand), "revocation-unusable");
        refused(&ask(&[revokes(&stranger, &[], 30), good.clone()], demand), "revocation-unusable");
    }
    let silent = std::slice::from_ref(&good);
    refused(&ask(silent, Demand::Hard), "revocation-unknown");
    let verdict = ask(silent, Demand::Soft);
    accepted(&verdict);
    assert!(verdict.not_judged.iter().any(|text| text.contains("\"Inter\"")), "{:?}", verdict.not_judged);
    accepted(&ask(&[revokes(&inter, &[&leaf], 30)], Demand::Off));
}

#[test]
fn who_may_not_sign_crls_revokes_nothing() {
    let root = authority("Root", |_| {});
    let barred = root.renewed(|p| p.key_usages = vec![KeyUsagePurpose::KeyCertSign]);
    let leaf = root.leaf(HOST, |_| {});
    let list = [revokes(&root, &[], 30)];
    let revocation = Revocation { demand: Demand::Soft, crls: &list, ..Revocation::default() };
    accepted(&judge(RuleSet::Rfc5280, &[&leaf], &[&root.certificate], revocation));
    refused(&judge(RuleSet::Rfc5280, &[&leaf], &[&barred.certificate], revocation), "revocation-unusable");
}

#[test]
fn the_baseline_wants_more() {
    let root = authority("Root", |_| {});
    let ask = |change: &dyn Fn(&mut CertificateParams)| {
        let leaf = root.leaf(HOST, |p| {
            p.distinguished_name = rcgen::DistinguishedName::new();
            p.distinguished_name.push(rcgen::DnType::CommonName, HOST);
            change(p);
        });
        judge(RuleSet::Cabf, &[&leaf], &[&root.certificate], Revocation::default())
    };
    accepted(&ask(&|_| {}));
    refused(&ask(&|p| p.extended_key_usages.clear()), "no-extended-key-usage");
    refused(&ask(&|p| p.distinguished_name.push(rcgen::DnType::CommonName, "x")), "common-name");
    refused(&ask(&|p| p.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)), "ca-as-end-entity");
    let name = |text: &'static str| {
        move |p: &mut CertificateParams| {
            p.subject_alt_names.push(SanType::DnsName(text.try_into().unwrap()));
        }
    };
    refused(&ask(&name("intranet")), "internal-name");
    refused(&ask(&name("*.co.uk")), "public-suffix-wildcard");
    refused(&ask(&name("ab--cd.example.org")), "reserved-label");
    accepted(&ask(&name("*.example.co.uk")));
    accepted(&ask(&name("xn--bcher-kva.example.org")));
    refused(
        &ask(&|p| p.subject_alt_names.push(SanType::IpAddress("10.0.0.1".parse().unwrap()))),
        "reserved-address",
    );
}

#[test]
fn anchors_of_other_names_are_not_none() {
    let (root, other) = (authority("Root", |_| {}), authority("Other", |_| {}));
    let leaf = root.leaf(HOST, |_| {});
    let webpki = |anchors: &[&Certificate]| judge(RuleSet::Webpki, &[&leaf], anchors, Revocation::default());
    refused(&webpki(&[&other.certificate]), "no-path");
    refused(&webpki(&[]), "no-anchors");
    accepted(&webpki(&[&other.certificate, &root.certificate]));
}
