use std::slice::from_ref;

use rcgen::{
    BasicConstraints, Certificate as Made, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use super::import::ImportError;
use super::*;
use crate::model::key_store::{
    EntryKind, JavaStore, StoreFormat, java_store::JavaContent, java_store::JavaEntry,
};
use crate::model::{Certificate, EncodedCertificate, KeyStore};

const NOW: OffsetDateTime = datetime!(2030-06-01 00:00 UTC);

struct Authority {
    key: KeyPair,
    params: CertificateParams,
    certificate: Certificate,
}

fn params(name: &str, ca: bool) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = NOW - Duration::days(100);
    params.not_after = NOW + Duration::days(100);
    if ca {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    } else {
        params.is_ca = IsCa::ExplicitNoCa;
    }
    params
}

fn read(made: &Made) -> Certificate {
    Certificate::from_der(made.der()).unwrap()
}

fn root(name: &str) -> Authority {
    root_with(params(name, true))
}

fn root_with(params: CertificateParams) -> Authority {
    let key = KeyPair::generate().unwrap();
    let certificate = read(&params.self_signed(&key).unwrap());
    Authority { key, params, certificate }
}

impl Authority {
    fn issue(&self, params: CertificateParams) -> Authority {
        let key = KeyPair::generate().unwrap();
        let issuer = Issuer::from_params(&self.params, &self.key);
        let certificate = read(&params.signed_by(&key, &issuer).unwrap());
        Authority { key, params, certificate }
    }

    fn intermediate(&self, name: &str) -> Authority {
        self.issue(params(name, true))
    }

    fn leaf(&self, name: &str) -> Certificate {
        self.issue(params(name, false)).certificate
    }
}

fn terms() -> Terms<'static> {
    Terms { pinned: false, replace: false, cacerts: None, now: NOW }
}

fn store(trusted: &[(&str, &Certificate)]) -> KeyStore {
    let mut store = KeyStore::empty(StoreFormat::Jks);
    for (alias, certificate) in trusted {
        store.add_trusted(alias, &EncodedCertificate::from(*certificate), NOW).unwrap();
    }
    store
}

fn with_key(alias: &str, chain: &[&Certificate], trusted: &[(&str, &Certificate)]) -> KeyStore {
    let KeyStore::Java(JavaStore { mut entries, format, version }) = store(trusted) else { unreachable!() };
    entries.push(JavaEntry {
        alias: alias.to_owned(),
        created: 0,
        content: JavaContent::PrivateKey {
            protected: vec![1, 2, 3],
            chain: chain.iter().map(|c| EncodedCertificate::from(*c)).collect(),
        },
    });
    KeyStore::Java(JavaStore { format, version, entries })
}

fn only_step(store: &KeyStore, certificate: &Certificate, alias: Option<&str>, terms: &Terms<'_>) -> Step {
    let plan = plan(store, from_ref(certificate), alias, terms).unwrap();
    assert_eq!(plan.steps.len(), 1);
    plan.steps.into_iter().next().unwrap()
}

#[test]
fn a_new_root_is_asked_about() {
    let root = root("Root");
    let step = only_step(&store(&[]), &root.certificate, None, &terms());
    assert_eq!((step.alias.as_str(), step.question), ("root", Some(Question::Trust)));
}

#[test]
fn a_chain_to_a_root_in_the_store_vouches() {
    let root = root("Root");
    let middle = root.intermediate("Middle");
    let leaf = middle.leaf("leaf");
    let both = store(&[("r", &root.certificate), ("m", &middle.certificate)]);
    assert_eq!(only_step(&both, &leaf, None, &terms()).basis, Some(Basis::Vouched));
    // keytool: a partial chain does not count.
    let partial = store(&[("m", &middle.certificate)]);
    assert_eq!(only_step(&partial, &leaf, None, &terms()).question, Some(Question::Trust));
    let gap = store(&[("r", &root.certificate)]);
    assert_eq!(only_step(&gap, &leaf, None, &terms()).question, Some(Question::Trust));
}

#[test]
fn cacerts_vouch_only_when_they_are_asked() {
    let root = root("Root");
    let leaf = root.leaf("leaf");
    let cacerts = [root.certificate.clone()];
    let with = Terms { cacerts: Some(&cacerts), ..terms() };
    assert_eq!(only_step(&store(&[]), &leaf, None, &with).basis, Some(Basis::Vouched));
    assert_eq!(only_step(&store(&[]), &leaf, None, &terms()).question, Some(Question::Trust));
    let own = only_step(&store(&[]), &root.certificate, None, &with);
    assert_eq!(own.question, Some(Question::AlreadyInCacerts));
}

#[test]
fn only_a_valid_ca_vouches() {
    let mut no_ca = params("Pinned", false);
    no_ca.is_ca = IsCa::ExplicitNoCa;
    let mut expired = params("Expired", true);
    expired.not_after = NOW - Duration::days(1);
    let mut no_sign = params("NoSign", true);
    no_sign.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    for params in [no_ca, expired, no_sign] {
        let issuer = root_with(params);
        let leaf = issuer.leaf("leaf");
        let store = store(&[("issuer", &issuer.certificate)]);
        let step = only_step(&store, &leaf, None, &terms());
        assert_eq!(step.question, Some(Question::Trust), "{}", issuer.certificate.subject());
    }
}

#[test]
fn another_key_under_the_same_name_does_not_vouch() {
    let (real, impostor) = (root("Root"), root("Root"));
    let leaf = real.leaf("leaf");
    let step = only_step(&store(&[("r", &impostor.certificate)]), &leaf, None, &terms());
    assert_eq!(step.question, Some(Question::Trust));
}

/// A CA that changes its key signs the new one with the old one, under the one name that it has.
#[test]
fn an_old_key_vouches_for_the_new_one_of_its_name() {
    let old = root("Root");
    let new = old.intermediate("Root");
    assert!(new.certificate.is_self_issued());
    let others: Vec<Certificate> = (0..40).map(|n| root(&format!("Other {n}")).certificate).collect();
    for count in [0, others.len()] {
        let mut held: Vec<(String, &Certificate)> =
            others.iter().take(count).enumerate().map(|(n, other)| (n.to_string(), other)).collect();
        let named = |held: &[(String, &Certificate)]| {
            let held: Vec<(&str, &Certificate)> =
                held.iter().map(|(alias, c)| (alias.as_str(), *c)).collect();
            only_step(&store(&held), &new.certificate, None, &terms())
        };
        assert_eq!(named(&held).question, Some(Question::Trust), "among {count}");
        held.push(("old".to_owned(), &old.certificate));
        assert_eq!(named(&held).basis, Some(Basis::Vouched), "among {count}");
    }
}

#[test]
fn a_second_run_changes_nothing_whatever_the_case() {
    let root = root("Root");
    let store = store(&[("myca", &root.certificate)]);
    for alias in [Some("myca"), Some("MyCA")] {
        let step = only_step(&store, &root.certificate, alias, &terms());
        assert_eq!((step.action, step.question), (Action::Keep, None));
    }
}

#[test]
fn a_made_up_alias_finds_its_own_work_again_and_avoids_others() {
    let (one, two) = (root("Root"), root("Root"));
    let mut store = store(&[]);
    for certificate in [&one.certificate, &two.certificate] {
        let mut plan = plan(&store, from_ref(certificate), None, &terms()).unwrap();
        plan.answer(|_, _| Basis::Confirmed);
        plan.apply(&mut store, NOW).unwrap();
    }
    let aliases: Vec<String> = store.entries().into_iter().map(|e| e.alias).collect();
    assert_eq!(aliases, ["root", "root-2"]);
    let again = only_step(&store, &two.certificate, None, &terms());
    assert_eq!((again.alias.as_str(), again.action), ("root-2", Action::Keep));
}

#[test]
fn another_certificate_under_an_alias_needs_replace() {
    let (old, new) = (root("Root"), root("Root"));
    let mut store = store(&[("ca", &old.certificate)]);
    let refused = plan(&store, from_ref(&new.certificate), Some("CA"), &terms()).unwrap_err();
    assert!(matches!(refused, ImportError::AliasTaken { alias, .. } if alias == "ca"));
    let with = Terms { replace: true, ..terms() };
    let mut plan = plan(&store, from_ref(&new.certificate), Some("CA"), &with).unwrap();
    assert_eq!(plan.steps[0].action, Action::Replace { old: old.certificate.fingerprint() });
    assert_eq!(plan.steps[0].question, Some(Question::Trust));
    plan.answer(|_, _| Basis::Confirmed);
    plan.apply(&mut store, NOW).unwrap();
    assert_eq!(store.find("ca").unwrap().chain[0].fingerprint(), new.certificate.fingerprint());
    assert_eq!(store.entries().len(), 1);
}

#[test]
fn the_same_certificate_under_another_alias_asks_and_a_pin_does_not() {
    let root = root("Root");
    let store = store(&[("one", &root.certificate)]);
    let step = only_step(&store, &root.certificate, Some("two"), &terms());
    assert_eq!(step.question, Some(Question::AlreadyInStore { alias: "one".into() }));
    let pinned = Terms { pinned: true, ..terms() };
    let step = only_step(&store, &root.certificate, Some("two"), &pinned);
    assert_eq!((step.basis, step.question), (Some(Basis::Pinned), None));
}

#[test]
fn what_was_planned_first_vouches_for_the_next() {
    let root = root("Root");
    let middle = root.intermediate("Middle");
    let both = [root.certificate.clone(), middle.certificate];
    let plan = plan(&store(&[]), &both, None, &terms()).unwrap();
    assert_eq!(plan.steps[0].question, Some(Question::Trust));
    assert_eq!(plan.steps[1].basis, Some(Basis::Vouched));
}

#[test]
fn a_plan_under_the_lock_may_not_ask_something_new() {
    let (root, other) = (root("Root"), root("Other"));
    let before = store(&[("x", &other.certificate)]);
    let asked = plan(&before, from_ref(&root.certificate), Some("r"), &terms()).unwrap();
    assert!(plan(&before, from_ref(&root.certificate), Some("r"), &terms()).unwrap().is_settled_by(&asked));
    let changed = store(&[("elsewhere", &root.certificate)]);
    let later = plan(&changed, from_ref(&root.certificate), Some("r"), &terms()).unwrap();
    assert!(!later.is_settled_by(&asked));
    let done = store(&[("r", &root.certificate)]);
    assert!(plan(&done, &[root.certificate], Some("r"), &terms()).unwrap().is_settled_by(&asked));
}

#[test]
fn the_certificate_that_a_key_has_already_changes_nothing() {
    let root = root("Root");
    let middle = root.intermediate("Middle");
    let issued = middle.issue(params("server", false));
    for chain in [&[&issued.certificate, &middle.certificate][..], &[&issued.certificate]] {
        let step = plan(&with_key("srv", chain, &[]), from_ref(&issued.certificate), Some("srv"), &terms())
            .unwrap()
            .steps
            .remove(0);
        assert_eq!((step.action, step.question), (Action::Keep, None));
    }
}

#[test]
fn a_reply_is_put_in_order_and_completed_from_the_store() {
    let root = root("Root");
    let middle = root.intermediate("Middle");
    let issued = middle.issue(params("server", false));
    let placeholder = read(&params("placeholder", false).self_signed(&issued.key).unwrap());
    let full = [&issued.certificate, &middle.certificate, &root.certificate].map(Clone::clone);

    let with_root = with_key("srv", &[&placeholder], &[("r", &root.certificate)]);
    let shuffled = [middle.certificate.clone(), issued.certificate.clone(), middle.certificate.clone()];
    let plan_of = |store: &KeyStore, reply: &[Certificate]| plan(store, reply, Some("SRV"), &terms());
    let step = plan_of(&with_root, &shuffled).unwrap().steps.remove(0);
    assert_eq!(step.basis, Some(Basis::Vouched));
    assert_eq!(step.action, Action::InstallReply { chain: full.to_vec() });

    let alone = plan_of(&with_root, from_ref(&issued.certificate)).unwrap_err();
    assert!(matches!(alone, ImportError::NoChain { .. }), "keytool: the intermediate is missing");
    let both = with_key("srv", &[&placeholder], &[("r", &root.certificate), ("m", &middle.certificate)]);
    let step = plan_of(&both, from_ref(&issued.certificate)).unwrap().steps.remove(0);
    assert_eq!(step.action, Action::InstallReply { chain: full.to_vec() });

    let nothing = with_key("srv", &[&placeholder], &[]);
    let step = plan_of(&nothing, &full).unwrap().steps.remove(0);
    assert_eq!(step.question, Some(Question::TrustReply { top: root.certificate.clone() }));
    let done = with_key("srv", &full.each_ref(), &[]);
    assert_eq!(plan_of(&done, &full).unwrap().steps[0].action, Action::Keep);
}

#[test]
fn a_reply_needs_no_root_below_a_ca_that_is_trusted() {
    let root = root("Root");
    let middle = root.intermediate("Middle");
    let low = middle.intermediate("Low");
    let issued = low.issue(params("server", false));
    let placeholder = read(&params("placeholder", false).self_signed(&issued.key).unwrap());
    let reply = [issued.certificate.clone(), low.certificate.clone()];
    let whole = [reply.as_slice(), from_ref(&middle.certificate)].concat();
    let stranger = super::tests::root("Stranger").intermediate("Middle");
    for (trusted, chain, basis) in [
        (&low, reply.to_vec(), Some(Basis::Vouched)),
        (&middle, whole, Some(Basis::Vouched)),
        (&stranger, reply.to_vec(), None),
    ] {
        let store = with_key("srv", &[&placeholder], &[("ca", &trusted.certificate)]);
        let step = plan(&store, &reply, Some("srv"), &terms()).unwrap().steps.remove(0);
        assert_eq!((step.action, step.basis), (Action::InstallReply { chain }, basis));
        assert_eq!(step.question.is_some(), basis.is_none());
    }
}

#[test]
fn a_broken_reply_is_refused_where_keytool_installs_it() {
    let root = root("Root");
    let middle = root.intermediate("Middle");
    let issued = middle.issue(params("server", false));
    let stranger = super::tests::root("Stranger");
    let store = with_key("srv", &[&issued.certificate], &[("r", &root.certificate)]);
    for left_over in [&root.certificate, &stranger.certificate] {
        let reply = [issued.certificate.clone(), left_over.clone()];
        let error = plan(&store, &reply, Some("srv"), &terms()).unwrap_err();
        assert!(matches!(error, ImportError::BrokenReply { .. }), "{error}");
    }
    let other = plan(&store, from_ref(&stranger.certificate), Some("srv"), &terms()).unwrap_err();
    assert!(matches!(other, ImportError::OtherKey { .. }));
    assert_eq!(store.find("srv").unwrap().kind, EntryKind::PrivateKey);
}

#[test]
fn picks_of_a_path() {
    let root = root("Root");
    let middle = root.intermediate("Middle");
    let leaf = middle.leaf("leaf");
    let path = [leaf.clone(), middle.certificate.clone(), root.certificate.clone()];
    let sent = [leaf.clone()];
    let choice = |store| pick::Choice { source: &sent, path: &path, store };
    let names = |pick: Pick, store| -> Vec<String> {
        pick.from(&choice(store)).unwrap().iter().map(|c| c.subject().short()).collect()
    };
    assert_eq!(names(Pick::First, &[]), ["leaf"]);
    assert_eq!(names(Pick::Issuer, &[]), ["Middle"]);
    assert_eq!(names(Pick::Root, &[]), ["Root"]);
    assert_eq!(names(Pick::Missing, &[]), ["Root", "Middle"]);
    let (has_root, has_middle) = ([root.certificate.clone()], [middle.certificate.clone()]);
    assert_eq!(names(Pick::Missing, &has_root), ["Middle"]);
    let none = Pick::Missing.from(&choice(&has_middle));
    assert_eq!(none, Err(pick::NothingPicked::NothingMissing));
    let wanted = middle.certificate.fingerprint();
    assert_eq!(names(format!("sha256:{wanted}").parse().unwrap(), &[]), ["Middle"]);
    assert!("sha256:12".parse::<Pick>().is_err());
    assert!("roots".parse::<Pick>().is_err());
}

#[test]
fn limits_of_an_issuer_are_not_lost_by_making_what_it_issued_an_anchor() {
    let mut no_sub_ca = params("NoSubCa", true);
    no_sub_ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let mut only_example = params("OnlyExample", true);
    only_example.name_constraints = Some(rcgen::NameConstraints {
        permitted_subtrees: vec![rcgen::GeneralSubtree::DnsName("example.org".into())],
        excluded_subtrees: Vec::new(),
    });
    let (no_sub_ca, only_example) = (root_with(no_sub_ca), root_with(only_example));
    let roots = store(&[("a", &no_sub_ca.certificate), ("b", &only_example.certificate)]);
    let question_about = |certificate: &Certificate| only_step(&roots, certificate, None, &terms()).question;
    assert_eq!(question_about(&no_sub_ca.leaf("leaf")), None);
    assert_eq!(question_about(&no_sub_ca.intermediate("Sub").certificate), Some(Question::Trust));
    assert_eq!(question_about(&only_example.leaf("bank")), Some(Question::Trust));
}

#[test]
fn a_reply_may_stand_below_an_issuer_with_limits() {
    let mut limited = params("Limited", true);
    limited.name_constraints = Some(rcgen::NameConstraints {
        permitted_subtrees: vec![rcgen::GeneralSubtree::DnsName("example.org".into())],
        excluded_subtrees: Vec::new(),
    });
    let root = root_with(limited);
    let issued = root.issue(params("server", false));
    let placeholder = read(&params("placeholder", false).self_signed(&issued.key).unwrap());
    let store = with_key("srv", &[&placeholder], &[("r", &root.certificate)]);
    let step = only_step(&store, &issued.certificate, Some("srv"), &terms());
    let chain = vec![issued.certificate, root.certificate];
    assert_eq!((step.action, step.basis), (Action::InstallReply { chain }, Some(Basis::Vouched)));
}

#[test]
fn nothing_is_done_that_was_not_agreed_to() {
    let (root, other) = (root("Root"), root("Other"));
    let certificate = from_ref(&root.certificate);
    let with = Terms { pinned: true, replace: true, ..terms() };
    let asked = plan(&store(&[]), certificate, Some("r"), &with).unwrap();
    let taken = store(&[("r", &other.certificate)]);
    assert!(!plan(&taken, certificate, Some("r"), &with).unwrap().does_no_more_than(&asked));
    let own_key = with_key("r", &[&root.certificate, &other.certificate], &[]);
    assert!(!plan(&own_key, certificate, Some("r"), &with).unwrap().does_no_more_than(&asked));
    let there = store(&[("r", &root.certificate)]);
    let kept = plan(&there, certificate, Some("r"), &with).unwrap();
    assert!(kept.does_no_more_than(&asked) && asked.does_no_more_than(&kept));
}

#[test]
fn many_certificates_of_one_name_get_an_alias_each() {
    let roots: Vec<Certificate> = (0..4).map(|_| root("Root").certificate).collect();
    let held = store(&[("root-2", &roots[3])]);
    let plan = plan(&held, &roots, None, &terms()).unwrap();
    let aliases: Vec<&str> = plan.steps.iter().map(|step| step.alias.as_str()).collect();
    assert_eq!(aliases, ["root", "root-3", "root-4", "root-2"]);
    assert_eq!(plan.steps[3].action, Action::Keep);
}
