use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

use super::*;

struct Ca {
    params: CertificateParams,
    key: KeyPair,
}

fn ca(name: &str) -> Ca {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    Ca { params, key: KeyPair::generate().unwrap() }
}

impl Ca {
    fn root(&self) -> Certificate {
        Certificate::from_der(self.params.self_signed(&self.key).unwrap().der()).unwrap()
    }

    fn issue(&self, other: &Ca) -> Certificate {
        let issuer = Issuer::from_params(&self.params, &self.key);
        Certificate::from_der(other.params.signed_by(&other.key, &issuer).unwrap().der()).unwrap()
    }
}

fn all_paths(target: &Certificate, anchors: &Candidates, candidates: &Candidates) -> Vec<Path> {
    let mut budget = Budget::default();
    let mut search = Search::new(target, anchors, candidates, AdmitAll);
    std::iter::from_fn(|| search.next_path(&mut budget).unwrap()).collect()
}

#[test]
fn every_path_comes_once_dead_ends_included() {
    let (root, other, inter, leaf) = (ca("root"), ca("other"), ca("inter"), ca("leaf"));
    let by_root = root.issue(&inter);
    let by_other = other.issue(&inter);
    let leaf = inter.issue(&leaf);
    let anchor = root.root();
    let anchors: Candidates = [&anchor].into_iter().collect();
    let candidates: Candidates = [&by_other, &by_root].into_iter().collect();
    let paths = all_paths(&leaf, &anchors, &candidates);
    let ends: Vec<_> = paths.iter().map(|p| (p.certificates.len(), p.end.clone())).collect();
    assert_eq!(ends, [(2, PathEnd::NoIssuer), (3, PathEnd::Anchor)]);
    assert_eq!(paths[1].certificates, [leaf, by_root, anchor]);
}

#[test]
fn a_target_without_issuers_is_one_path() {
    let (root, leaf) = (ca("root"), ca("leaf"));
    let leaf = root.issue(&leaf);
    let none = Candidates::default();
    assert_eq!(
        all_paths(&leaf, &none, &none),
        [Path { certificates: vec![leaf.clone()], end: PathEnd::NoIssuer }]
    );
    let itself: Candidates = [&leaf].into_iter().collect();
    assert_eq!(all_paths(&leaf, &itself, &none)[0].end, PathEnd::Anchor);
    let impostor: Candidates = [&ca("root").root()].into_iter().collect();
    assert!(matches!(all_paths(&leaf, &none, &impostor)[0].end, PathEnd::BadSignature { .. }));
}

#[test]
fn cas_that_certify_each_other_end() {
    let (a, b, leaf) = (ca("a"), ca("b"), ca("leaf"));
    let leaf = a.issue(&leaf);
    let candidates: Candidates = [&a.issue(&b), &b.issue(&a)].into_iter().collect();
    let paths = all_paths(&leaf, &Candidates::default(), &candidates);
    assert_eq!(paths.len(), 1);
    assert_eq!((paths[0].certificates.len(), &paths[0].end), (3, &PathEnd::NotAdmitted));
}

#[test]
fn a_mesh_that_would_explode_is_given_up() {
    // Twelve names with two keys each, every one certified by every other: more paths than atoms.
    let cas: Vec<Ca> = (0..24).map(|i| ca(&format!("ca{}", i % 12))).collect();
    let mut candidates = Candidates::default();
    for issuer in &cas {
        for subject in &cas {
            candidates.insert(&issuer.issue(subject));
        }
    }
    let leaf = cas[0].issue(&ca("leaf"));
    let mut budget = Budget::new(10_000, 500);
    let empty = Candidates::default();
    let mut search = Search::new(&leaf, &empty, &candidates, AdmitAll);
    let given_up = loop {
        match search.next_path(&mut budget) {
            Ok(Some(path)) => assert!(path.certificates.len() <= limits::PATH_LENGTH),
            Ok(None) => panic!("the search ended"),
            Err(exhausted) => break exhausted,
        }
    };
    assert_eq!(given_up, Exhausted::Steps(500));
    let mut budget = Budget::new(20, 10_000);
    let mut search = Search::new(&leaf, &empty, &candidates, AdmitAll);
    let error = std::iter::from_fn(|| Some(search.next_path(&mut budget))).find_map(Result::err);
    assert_eq!(error, Some(Exhausted::Signatures(20)));
    assert_eq!(budget.exhausted(), error);
}

#[test]
fn a_signature_is_known_by_its_certificate_and_the_key() {
    let (issuer, impostor) = (ca("issuer"), ca("issuer"));
    let leaf = issuer.issue(&ca("leaf"));
    let mut budget = Budget::default();
    let mut checks = |issuer: &Ca| (budget.verify(&leaf, &issuer.root()), budget.signature_checks());
    assert_eq!(checks(&impostor), (Ok(Err(SignatureError::Bad)), 1));
    // Each certificate of the issuer is another one, with the same key.
    for _ in 0..2 {
        assert_eq!(checks(&issuer), (Ok(Ok(())), 2));
        assert_eq!(checks(&impostor), (Ok(Err(SignatureError::Bad)), 2));
    }
}
