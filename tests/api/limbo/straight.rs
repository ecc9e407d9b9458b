//! rustls-webpki asked without keyward: the octets of a case, read by the PEM reader of rustls, put to the crate as its
//! own run over the suite does (`tests/x509_limbo.rs` in its repository).
//!
//! Otherwise than there, clients are asked about too, and a CRL that is out of date counts for nothing: that run means to
//! say so, and drops what the builder of the options returns.

use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, ServerName, UnixTime};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use webpki::{
    BorrowedCertRevocationList, CertRevocationList, EndEntityCert, Error, ExpirationPolicy, KeyUsage,
    RevocationCheckDepth, RevocationOptionsBuilder, UnknownStatusPolicy, anchor_from_trusted_cert,
};

/// What the crate says of a case. `max_chain_depth` is not asked: the crate has no such bound.
pub(super) fn judge(case: &Value, now: &str) -> Result<(), Error> {
    let leaf = certificate(&case["peer_certificate"]);
    let untrusted: Vec<_> = list(&case["untrusted_intermediates"]).map(certificate).collect();
    let trusted: Vec<_> = list(&case["trusted_certs"]).map(certificate).collect();
    let anchors: Vec<_> = trusted.iter().filter_map(|der| anchor_from_trusted_cert(der).ok()).collect();
    let now = case["validation_time"].as_str().unwrap_or(now);
    let seconds = OffsetDateTime::parse(now, &Rfc3339).unwrap().unix_timestamp();
    let time = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(seconds).unwrap()));
    let crls: Vec<_> = list(&case["crls"])
        .map(|pem| CertificateRevocationListDer::from_pem_slice(pem.as_str().unwrap().as_bytes()).unwrap())
        .collect();
    let crls: Vec<CertRevocationList<'_>> = crls
        .iter()
        .map(|der| BorrowedCertRevocationList::from_der(der).map(CertRevocationList::from))
        .collect::<Result<_, _>>()?;
    let crls: Vec<&CertRevocationList<'_>> = crls.iter().collect();
    let revocation = RevocationOptionsBuilder::new(&crls).ok().map(|options| {
        options
            .with_depth(RevocationCheckDepth::Chain)
            .with_status_policy(UnknownStatusPolicy::Deny)
            .with_expiration_policy(ExpirationPolicy::Enforce)
            .build()
    });
    let usage = match case["validation_kind"].as_str() {
        Some("CLIENT") => KeyUsage::client_auth(),
        _ => KeyUsage::server_auth(),
    };
    let leaf = EndEntityCert::try_from(&leaf)?;
    leaf.verify_for_usage(
        webpki::ALL_VERIFICATION_ALGS,
        &anchors,
        &untrusted,
        time,
        usage,
        revocation,
        None,
    )?;
    let names = std::iter::once(&case["expected_peer_name"]).chain(list(&case["expected_peer_names"]));
    // Mailboxes are no names to the crate.
    for name in names.filter(|name| matches!(name["kind"].as_str(), Some("DNS" | "IP"))) {
        let name = ServerName::try_from(name["value"].as_str().unwrap()).unwrap();
        leaf.verify_is_valid_for_subject_name(&name)?;
    }
    Ok(())
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn certificate(pem: &Value) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_str().unwrap().as_bytes()).unwrap()
}
