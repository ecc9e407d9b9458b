//! Chains for keys.

use time::macros::datetime;

use super::*;
use crate::chain::issuers::NoIssuers;
use crate::serve::pki::{CertificateAuthority, Draft, Identity};

const FROM: OffsetDateTime = datetime!(2024-01-01 0:00 UTC);
const UNTIL: OffsetDateTime = datetime!(2044-01-01 0:00 UTC);
const NOW: OffsetDateTime = datetime!(2026-01-01 0:00 UTC);

struct Pki {
    root: CertificateAuthority,
    issuing: CertificateAuthority,
    client: Identity,
}

fn pki() -> Pki {
    let root = CertificateAuthority::root(&Draft::new("root", 1, FROM, UNTIL)).unwrap();
    let issuing = root.subordinate(&Draft::new("issuing", 2, FROM, UNTIL)).unwrap();
    let client = issuing.issue(&Draft::new("client", 3, FROM, UNTIL)).unwrap();
    Pki { root, issuing, client }
}

fn sourced(certificates: &[&crate::model::EncodedCertificate]) -> Vec<Sourced> {
    certificates
        .iter()
        .enumerate()
        .map(|(number, certificate)| Sourced {
            certificate: certificate.read().unwrap(),
            origin: format!("file {number}").into(),
        })
        .collect()
}

fn of(named: &[Sourced], others: &[Sourced], key: &[u8], terms: Terms) -> Result<Assembled, AssembleError> {
    let key = PrivateKey::from_pkcs8(key).unwrap();
    assemble(&key, &Material { named, others, issuers: &[] }, &terms, &mut NoIssuers)
}

const STRICT: Terms = Terms { root: RootChoice::Omit, allow_incomplete: false, now: NOW };

fn subjects(assembled: &Assembled) -> Vec<&str> {
    assembled.chain.iter().map(|link| link.certificate.subject().rfc4514()).collect()
}

#[test]
fn the_chain_is_put_in_order_whatever_the_order_of_the_inputs() {
    let pki = pki();
    let all = [&pki.root.certificate, &pki.client.certificate, &pki.issuing.certificate];
    for turn in 0..3 {
        let mut turned = all;
        turned.rotate_left(turn);
        let assembled = of(&[], &sourced(&turned), &pki.client.key, STRICT).unwrap();
        assert_eq!(subjects(&assembled), ["CN=client", "CN=issuing"]);
        assert!(
            matches!(&assembled.top, Top::RootOmitted(root) if root.certificate.subject().rfc4514() == "CN=root")
        );
        let terms = Terms { root: RootChoice::Include, ..STRICT };
        let assembled = of(&[], &sourced(&turned), &pki.client.key, terms).unwrap();
        assert_eq!(subjects(&assembled), ["CN=client", "CN=issuing", "CN=root"]);
        assert_eq!(assembled.top, Top::RootIncluded);
    }
}

#[test]
fn what_is_missing_is_named() {
    let pki = pki();
    let alone = sourced(&[&pki.client.certificate, &pki.root.certificate]);
    let error = of(&alone, &[], &pki.client.key, STRICT).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the chain is incomplete: \"CN=issuing\", the issuer of \"CN=client\", was not found"
    );
    let terms = Terms { allow_incomplete: true, ..STRICT };
    let assembled = of(&alone, &[], &pki.client.key, terms).unwrap();
    assert_eq!(subjects(&assembled), ["CN=client"]);
    assert!(matches!(assembled.top, Top::Incomplete(_)));
}

#[test]
fn a_name_alone_makes_no_issuer() {
    let pki = pki();
    let impostor = CertificateAuthority::root(&Draft::new("issuing", 9, FROM, UNTIL)).unwrap();
    let all = sourced(&[&pki.client.certificate, &impostor.certificate, &pki.root.certificate]);
    let error = of(&[], &all, &pki.client.key, STRICT).unwrap_err();
    assert!(
        matches!(&error, AssembleError::Incomplete { missing, .. } if missing.impostor.is_some()),
        "{error}"
    );
}

#[test]
fn a_named_certificate_has_to_be_the_keys_own() {
    let pki = pki();
    let (named, others) = (sourced(&[&pki.root.certificate]), sourced(&[&pki.client.certificate]));
    match of(&named, &others, &pki.client.key, STRICT).unwrap_err() {
        AssembleError::OtherKey { key, certificates, fitting } => {
            assert_eq!(certificates.len(), 1);
            assert_ne!(key.identifier, certificates.first().unwrap().1.identifier);
            assert_eq!(fitting.unwrap().certificate, others.first().unwrap().certificate);
        }
        other => panic!("{other}"),
    }
    assert_eq!(of(&[], &[], &pki.client.key, STRICT).unwrap_err(), AssembleError::NoCertificate);
}
