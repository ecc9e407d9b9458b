//! What has to hold of CRLs and of OCSP answers: whoever wrote them, only what the issuer signed is believed.

use std::sync::LazyLock;

use keyward::chain::revocation::{self, Demand, Inquiry, Revocation, Status, Subject};
use keyward::format::asn1::{Asn1Error, Reader, tag};
use keyward::format::{certificates, crl as crls, ocsp as answers};
use keyward::limits;
use keyward::model::ocsp::{OcspAnswer, OcspStatus};
use keyward::model::{Certificate, Crl};
use time::OffsetDateTime;

/// What the CA of the fixtures signed.
static SIGNED: LazyLock<Vec<Box<[u8]>>> = LazyLock::new(|| {
    let list = certificate_list(include_bytes!("../../testdata/inputs/root.crl.pem"));
    let mut signed = vec![list.signed().into()];
    for der in [
        &include_bytes!("../../testdata/ocsp/good.der")[..],
        include_bytes!("../../testdata/ocsp/revoked.der"),
        include_bytes!("../../testdata/ocsp/unknown.der"),
    ] {
        let Ok(OcspAnswer::Basic(response)) = answers::read(der) else { panic!("a fixture is a response") };
        signed.push(response.signed);
    }
    signed
});

static ROOT: LazyLock<Certificate> =
    LazyLock::new(|| certificate(include_bytes!("../../testdata/pki/root.pem")));
static ISSUING: LazyLock<Certificate> =
    LazyLock::new(|| certificate(include_bytes!("../../testdata/pki/issuing.pem")));
static LOCALHOST: LazyLock<Certificate> =
    LazyLock::new(|| certificate(include_bytes!("../../testdata/pki/localhost.pem")));
static ELSEWHERE: LazyLock<Certificate> =
    LazyLock::new(|| certificate(include_bytes!("../../testdata/pki/elsewhere.pem")));

fn certificate(pem: &[u8]) -> Certificate {
    certificates::read(pem).expect("a fixture is read").certificates.remove(0).certificate
}

fn certificate_list(pem: &[u8]) -> Crl {
    let mut blocks = keyward::format::pem::blocks(pem);
    let block = blocks.remove(0).expect("a fixture is read");
    crls::read(&block.der).expect("a fixture is a CRL")
}

/// CRLs: every serial number of the list is found in it, and nothing of it counts without the issuer's signature.
pub(super) fn crl(bytes: &[u8]) {
    let Ok(list) = crls::read(bytes) else { return };
    assert!(!list.signed().is_empty());
    let serials = serials(bytes).expect("what was read once is read again");
    assert_eq!(serials.len(), list.revoked);
    for serial in serials.into_iter().take(64) {
        assert!(list.entries_of(serial).next().is_some(), "{serial:02x?} is not found");
    }
    let status = revocation::status(
        &subject(&ISSUING, &ROOT),
        Revocation { demand: Demand::Hard, crls: std::slice::from_ref(&list), inquiry: None },
    );
    assert!(is_no_statement(&status) || is_signed(list.signed()), "{status:?}");
}

/// The serial numbers of a list, by another way than the reader's.
fn serials(der: &[u8]) -> Result<Vec<&[u8]>, Asn1Error> {
    let mut body = Reader::new(der).sequence("list")?.sequence("signed")?;
    body.optional(tag::INTEGER, "version")?;
    body.any("algorithm")?;
    body.any("issuer")?;
    while matches!(body.peek(), Some(tag::UTC_TIME | tag::GENERALIZED_TIME)) {
        body.any("time")?;
    }
    let mut found = Vec::new();
    if let Some(list) = body.optional(tag::SEQUENCE, "entries")? {
        let mut list = list.reader();
        while !list.is_empty() {
            found.push(list.sequence("entry")?.any("serial")?.content);
        }
    }
    Ok(found)
}

/// OCSP answers: bounded, and nothing of them counts without the signature of the issuer or of whom it appointed.
pub(super) fn ocsp(bytes: &[u8]) {
    let answer = answers::read(bytes);
    if let Err(error) = &answer {
        assert!(!error.to_string().is_empty());
    }
    if let Ok(OcspAnswer::Basic(response)) = &answer {
        assert!(response.responses.len() <= limits::OCSP_PARTS);
        assert!(response.certificates.len() <= limits::OCSP_PARTS);
        // An OCTET STRING in pieces is put together first, and never becomes longer.
        assert!(response.signed.len() <= bytes.len());
    }
    for certificate in [&LOCALHOST, &ELSEWHERE] {
        let inquiry =
            Inquiry::default().with_stapled(certificate, answer.clone().map_err(|error| error.to_string()));
        let revocation = Revocation { demand: Demand::Hard, crls: &[], inquiry: Some(&inquiry) };
        let status = revocation::status(&subject(certificate, &ISSUING), revocation);
        if is_no_statement(&status) {
            continue;
        }
        let Ok(OcspAnswer::Basic(response)) = &answer else { panic!("{status:?} without a response") };
        assert!(is_signed(&response.signed), "{status:?}");
        let says = |wanted: fn(&OcspStatus) -> bool| response.responses.iter().any(|one| wanted(&one.status));
        match status {
            Status::Revoked { .. } => assert!(says(|status| matches!(status, OcspStatus::Revoked { .. }))),
            Status::Good => assert!(says(|status| *status == OcspStatus::Good)),
            _ => assert!(says(|status| *status == OcspStatus::Unknown)),
        }
    }
}

fn subject<'a>(certificate: &'a Certificate, issuer: &'a Certificate) -> Subject<'a> {
    Subject {
        certificate,
        issuer,
        above: None,
        candidates: &[],
        more_candidates: &[],
        now: OffsetDateTime::from_unix_timestamp(1_900_000_000).expect("a time in 2030"),
    }
}

fn is_no_statement(status: &Status) -> bool {
    matches!(status, Status::Unusable(_) | Status::Silent(_))
}

fn is_signed(bytes: &[u8]) -> bool {
    SIGNED.iter().any(|signed| **signed == *bytes)
}
