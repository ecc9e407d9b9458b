use time::macros::datetime;

use super::*;
use crate::model::Certificate;
use crate::serve::pki::{CLIENT_AUTH as CLIENT, CertificateAuthority, Draft, SERVER_AUTH};

const NOW: OffsetDateTime = datetime!(2026-01-01 00:00 UTC);

fn draft(subject: &str) -> Draft {
    Draft::new(subject, 7, datetime!(2025-01-01 00:00 UTC), datetime!(2030-01-01 00:00 UTC))
}

fn ids(seen: &Seen<'_>, complaint: Complaint) -> Vec<&'static str> {
    causes(seen, complaint).iter().map(Cause::id).collect()
}

fn seen(chain: &[Certificate]) -> Seen<'_> {
    Seen { chain, fits: Some(true), request: None, sent: true, now: NOW }
}

#[test]
fn what_the_alert_speaks_of_comes_first() {
    let root = CertificateAuthority::root(&draft("root")).unwrap();
    let mut leaf = draft("leaf");
    leaf.not_after = datetime!(2025-12-31 00:00 UTC);
    leaf.purposes = vec![SERVER_AUTH.to_vec()];
    let chain = [root.issue(&leaf).unwrap().certificate.read().unwrap()];
    let seen = seen(&chain);
    assert_eq!(ids(&seen, Complaint::Expired), ["expired", "no-client-auth", "leaf-only"]);
    assert_eq!(ids(&seen, Complaint::Unsupported), ["no-client-auth", "expired", "leaf-only"]);
    assert_eq!(ids(&seen, Complaint::UnknownAuthority), ["leaf-only", "expired", "no-client-auth"]);
}

#[test]
fn an_identity_without_fault_explains_nothing() {
    let root = CertificateAuthority::root(&draft("root")).unwrap();
    let mut leaf = draft("leaf");
    leaf.purposes = vec![CLIENT.to_vec()];
    let chain = [root.issue(&leaf).unwrap().certificate.read().unwrap(), root.certificate.read().unwrap()];
    assert_eq!(ids(&seen(&chain), Complaint::Certificate), Vec::<&str>::new());
    let turned: Vec<Certificate> = chain.iter().rev().cloned().collect();
    assert!(ids(&seen(&turned), Complaint::UnknownAuthority).starts_with(&["wrong-order"]));
}

#[test]
fn the_request_is_held_against_the_chain() {
    let root = CertificateAuthority::root(&draft("root")).unwrap();
    let other = CertificateAuthority::root(&draft("other")).unwrap().certificate.read().unwrap();
    let chain = [root.issue(&draft("leaf")).unwrap().certificate.read().unwrap()];
    let request = |name: &Certificate, scheme| ClientAuthRequest {
        version: 0x0304,
        signature_algorithms: Some(vec![scheme]),
        authorities: vec![name.subject().der().to_vec()],
        ..ClientAuthRequest::default()
    };
    let listed = request(&root.certificate.read().unwrap(), 0x0403);
    let seen = Seen { request: Some(&listed), ..seen(&chain) };
    assert_eq!(ids(&seen, Complaint::UnknownAuthority), ["leaf-only"]);
    let elsewhere = request(&other, 0x0401);
    let seen = Seen { request: Some(&elsewhere), ..seen };
    let found = ids(&seen, Complaint::UnknownAuthority);
    assert_eq!(found, ["issuer-not-listed", "leaf-only", "algorithm-not-listed"]);
    let unsent = Seen { sent: false, ..seen };
    assert_eq!(ids(&unsent, Complaint::NoCertificate).first(), Some(&"no-common-signature-algorithm"));
}

#[test]
fn a_key_of_another_certificate_is_said_first() {
    let root = CertificateAuthority::root(&draft("root")).unwrap();
    let chain = [root.issue(&draft("leaf")).unwrap().certificate.read().unwrap()];
    let seen = Seen { fits: Some(false), ..seen(&chain) };
    assert_eq!(ids(&seen, Complaint::Proof).first(), Some(&"key-mismatch"));
}

#[test]
fn alerts_mean_another_thing_where_nothing_was_sent() {
    for (number, sent, complaint) in [
        (40, false, Complaint::NoCertificate),
        (40, true, Complaint::Negotiation),
        (42, false, Complaint::NoCertificate),
        (42, true, Complaint::Certificate),
        (43, true, Complaint::Unsupported),
        (44, true, Complaint::Revoked),
        (45, true, Complaint::Expired),
        (46, true, Complaint::Certificate),
        (48, true, Complaint::UnknownAuthority),
        (49, true, Complaint::Denied),
        (51, true, Complaint::Proof),
        (80, true, Complaint::Other),
        (116, true, Complaint::NoCertificate),
    ] {
        assert_eq!(Signal::Alert(number).complaint(sent), complaint, "{number} {sent}");
    }
    assert_eq!(Signal::Close.complaint(true), Complaint::Silent);
    assert_eq!(Signal::Close.complaint(false), Complaint::NoCertificate);
}
