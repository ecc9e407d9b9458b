//! The errors of `rustls-webpki` in words.

use webpki::Error;

/// An id of ours, and what the error means; `{subject}` stands for the peer's certificate.
pub(super) fn of(error: &Error) -> (&'static str, &'static str) {
    match error {
        Error::CertExpired { .. } => ("expired", "a certificate of the path has expired"),
        Error::CertNotValidYet { .. } => ("not-yet-valid", "a certificate of the path is not valid yet"),
        Error::InvalidCertValidity => ("validity", "a certificate of the path ends before it begins"),
        Error::CertNotValidForName(_) => {
            ("name-mismatch", "{subject} is not for the name that was asked for")
        }
        Error::UnknownIssuer => ("no-path", "no path leads from {subject} to an anchor"),
        Error::CaUsedAsEndEntity => {
            ("ca-as-end-entity", "{subject} is a CA, and rustls takes none as a peer")
        }
        Error::EndEntityUsedAsCa => ("not-a-ca", "an issuer is no CA"),
        Error::PathLenConstraintViolated => ("path-too-long", "a CA allows fewer intermediates below itself"),
        Error::NameConstraintViolation => ("name-constraint", "a CA may not vouch for a name of {subject}"),
        Error::MalformedNameConstraint | Error::InvalidNetworkMaskConstraint => {
            ("malformed-name-constraint", "a name constraint is malformed")
        }
        Error::RequiredEkuNotFoundContext(_) => {
            ("no-server-auth", "the extended key usage of a certificate does not allow the purpose")
        }
        Error::EmptyEkuExtension => ("empty-extended-key-usage", "an extended key usage names no purpose"),
        Error::InvalidSignatureForPublicKey => {
            ("bad-signature", "a signature was not made by the issuer's key")
        }
        Error::SignatureAlgorithmMismatch => {
            ("signature-algorithms-differ", "a certificate has two signature algorithms")
        }
        Error::UnsupportedSignatureAlgorithmContext(_)
        | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => (
            "signature-algorithm",
            "rustls does not take a signature algorithm of the path, or not with its key",
        ),
        Error::UnsupportedCriticalExtension => {
            ("unknown-critical-extension", "a certificate has a critical extension that rustls does not know")
        }
        Error::UnsupportedCertVersion => ("version", "a certificate is not of version 3"),
        Error::InvalidSerialNumber => ("serial-number", "a serial number is malformed"),
        Error::MalformedDnsIdentifier => ("malformed-name", "a DNS name is malformed"),
        Error::MalformedExtensions | Error::ExtensionValueInvalid => {
            ("malformed-extension", "an extension is malformed")
        }
        Error::CertRevoked => ("revoked", "a certificate of the path is revoked"),
        Error::UnknownRevocationStatus => {
            ("revocation-unknown", "no CRL at hand says whether a certificate of the path is revoked")
        }
        Error::CrlExpired { .. } => ("revocation-unusable", "a CRL has expired"),
        Error::InvalidCrlSignatureForPublicKey => {
            ("revocation-unusable", "a CRL was not signed by the issuer's key")
        }
        Error::IssuerNotCrlSigner => {
            ("revocation-unusable", "the issuer's key usage does not allow it to sign CRLs")
        }
        Error::UnsupportedCrlVersion
        | Error::UnsupportedDeltaCrl
        | Error::UnsupportedIndirectCrl
        | Error::UnsupportedCrlIssuingDistributionPoint
        | Error::UnsupportedCrlSignatureAlgorithmContext(_)
        | Error::UnsupportedCrlSignatureAlgorithmForPublicKeyContext(_)
        | Error::UnsupportedRevocationReason
        | Error::UnsupportedRevocationReasonsPartitioning
        | Error::InvalidCrlNumber => ("revocation-unusable", "a CRL is of a kind that rustls does not take"),
        Error::MaximumNameConstraintComparisonsExceeded => {
            ("too-many-name-constraints", "there are too many names and name constraints")
        }
        Error::MaximumPathDepthExceeded => {
            ("too-deep", "the path has more intermediates than rustls follows")
        }
        Error::MaximumPathBuildCallsExceeded | Error::MaximumSignatureChecksExceeded => {
            ("search-given-up", "rustls gives up its search for a path")
        }
        Error::BadDer | Error::BadDerTime | Error::TrailingData(_) => {
            ("malformed", "a certificate is malformed")
        }
        _ => ("refused", "rustls refuses the path"),
    }
}
