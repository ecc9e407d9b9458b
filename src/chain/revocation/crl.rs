//! One CRL and one certificate: RFC 5280 sections 5 and 6.3.3. Indirect and delta CRLs are not processed.

use time::OffsetDateTime;
use x509_parser::extensions::{DistributionPointName, GeneralName, IssuingDistributionPoint};
use x509_parser::prelude::{
    CertificateRevocationList, FromDer, ParsedExtension, ReasonCode, RevokedCertificate, X509Certificate,
};

use super::super::signature::{self, Signed};
use crate::model::{Certificate, Crl};
use crate::report::certificate::rfc3339;

/// What a CRL says of a certificate.
pub(super) enum Finding {
    Revoked {
        since: OffsetDateTime,
        reason: Option<&'static str>,
    },
    /// It is not on the list.
    Absent,
    /// The list is about others.
    OutOfScope,
}

/// Extensions of a CRL that are processed, or say nothing about the status.
const KNOWN: [&str; 6] =
    ["2.5.29.18", "2.5.29.20", "2.5.29.28", "2.5.29.35", "2.5.29.46", "1.3.6.1.5.5.7.1.1"];
/// Of these none may be critical.
const NOT_CRITICAL: [(&str, &str); 3] =
    [("2.5.29.20", "number"), ("2.5.29.35", "authority key identifier"), ("2.5.29.46", "freshest CRL")];
/// Delta CRL indicator.
const DELTA: &str = "2.5.29.27";
/// Reason code, invalidity date.
const KNOWN_IN_ENTRIES: [&str; 2] = ["2.5.29.21", "2.5.29.24"];

/// Looks a certificate up; an error is why the list cannot be used.
pub(super) fn look_up(
    certificate: &Certificate,
    issuer: &Certificate,
    crl: &Crl,
    now: OffsetDateTime,
) -> Result<Finding, String> {
    let (_, list) = CertificateRevocationList::from_der(&crl.der).map_err(|_| "the CRL cannot be read")?;
    check_form(&list, issuer)?;
    let scope = list.extensions().iter().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::IssuingDistributionPoint(point) => Some(point),
        _ => None,
    });
    if scope.is_some_and(|scope| !covers(scope, certificate)) {
        return Ok(Finding::OutOfScope);
    }
    if scope.is_some_and(|scope| scope.indirect_crl) {
        return Err("the CRL is an indirect one, which is not processed".to_owned());
    }
    check_signature(&list, crl, issuer)?;
    if now < crl.this_update {
        return Err(format!("the CRL is not valid before {}", rfc3339(crl.this_update)));
    }
    match crl.next_update {
        Some(next) if next < now => return Err(format!("the CRL expired on {}", rfc3339(next))),
        Some(_) => {}
        None => return Err("the CRL does not say when the next one is due".to_owned()),
    }
    let mut found = None;
    for entry in list.iter_revoked_certificates() {
        let unknown = |extension: &&x509_parser::prelude::X509Extension<'_>| {
            extension.critical && !KNOWN_IN_ENTRIES.contains(&extension.oid.to_id_string().as_str())
        };
        if let Some(extension) = entry.extensions().iter().find(unknown) {
            return Err(format!("the CRL has an entry with the critical extension {}", extension.oid));
        }
        if significant(entry.raw_serial()) == significant(certificate.serial()) {
            found = Some(entry);
        }
    }
    let partial = scope.is_some_and(|scope| scope.only_some_reasons.is_some());
    Ok(match found {
        Some(entry) => Finding::Revoked { since: date(entry)?, reason: reason(entry) },
        None if partial => Finding::OutOfScope,
        None => Finding::Absent,
    })
}

fn check_form(list: &CertificateRevocationList<'_>, issuer: &Certificate) -> Result<(), String> {
    for extension in list.extensions() {
        let oid = extension.oid.to_id_string();
        if oid == DELTA {
            return Err("the CRL is a delta, which is not processed".to_owned());
        }
        if extension.critical && !KNOWN.contains(&oid.as_str()) {
            return Err(format!("the CRL has the critical extension {oid}, which is not known"));
        }
        if let Some((_, name)) = NOT_CRITICAL.iter().find(|(id, _)| *id == oid).filter(|_| extension.critical)
        {
            return Err(format!("the {name} of the CRL is critical"));
        }
        match extension.parsed_extension() {
            ParsedExtension::ParseError { .. } => {
                return Err(format!("the extension {oid} of the CRL cannot be read"));
            }
            ParsedExtension::AuthorityKeyIdentifier(id) => {
                let named = id.key_identifier.as_ref().map(|key| key.0);
                if named.is_some() && issuer.subject_key_id().is_some() && named != issuer.subject_key_id() {
                    return Err("the CRL is of another key of the issuer".to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn check_signature(
    list: &CertificateRevocationList<'_>,
    crl: &Crl,
    issuer: &Certificate,
) -> Result<(), String> {
    // RFC 5280 section 4.2.1.3: bit 6, cRLSign.
    if issuer.key_usage().is_some_and(|usage| usage.0 & 1 << 6 == 0) {
        return Err("the issuer's key usage does not allow it to sign CRLs".to_owned());
    }
    if list.tbs_cert_list.signature != list.signature_algorithm {
        return Err("the CRL has two signature algorithms".to_owned());
    }
    let signed = Signed {
        data: list.tbs_cert_list.as_ref(),
        algorithm: &crl.signature_algorithm,
        signature: list.signature_value.data.as_ref(),
    };
    signature::verify_signed(&signed, issuer.key()).map_err(|error| format!("the CRL: {error}"))
}

/// Whether the scope of a CRL takes in a certificate (section 6.3.3 (b)(2)).
fn covers(scope: &IssuingDistributionPoint<'_>, certificate: &Certificate) -> bool {
    let kind =
        if certificate.is_ca() { !scope.only_contains_user_certs } else { !scope.only_contains_ca_certs };
    kind && !scope.only_contains_attribute_certs
        && match &scope.distribution_point {
            Some(DistributionPointName::FullName(names)) => points_to(certificate, names),
            Some(DistributionPointName::NameRelativeToCRLIssuer(_)) => false,
            None => true,
        }
}

/// Whether a certificate names one of these addresses as a place of its CRL.
fn points_to(certificate: &Certificate, names: &[GeneralName<'_>]) -> bool {
    let Ok((_, parsed)) = X509Certificate::from_der(certificate.der()) else { return false };
    parsed.extensions().iter().any(|extension| match extension.parsed_extension() {
        ParsedExtension::CRLDistributionPoints(points) => points.points.iter().any(|point| {
            matches!(&point.distribution_point, Some(DistributionPointName::FullName(own))
                if own.iter().any(|name| names.contains(name)))
        }),
        _ => false,
    })
}

fn date(entry: &RevokedCertificate<'_>) -> Result<OffsetDateTime, String> {
    OffsetDateTime::from_unix_timestamp(entry.revocation_date.timestamp())
        .map_err(|_| "the CRL has a date that is none".to_owned())
}

fn reason(entry: &RevokedCertificate<'_>) -> Option<&'static str> {
    match entry.reason_code()?.1 {
        ReasonCode::KeyCompromise => Some("keyCompromise"),
        ReasonCode::CACompromise => Some("cACompromise"),
        ReasonCode::AffiliationChanged => Some("affiliationChanged"),
        ReasonCode::Superseded => Some("superseded"),
        ReasonCode::CessationOfOperation => Some("cessationOfOperation"),
        ReasonCode::CertificateHold => Some("certificateHold"),
        ReasonCode::PrivilegeWithdrawn => Some("privilegeWithdrawn"),
        ReasonCode::AACompromise => Some("aACompromise"),
        _ => None,
    }
}

/// A number's octets without leading zeros.
fn significant(octets: &[u8]) -> &[u8] {
    let zeros = octets.iter().take_while(|&&octet| octet == 0).count();
    octets.get(zeros..).unwrap_or_default()
}
