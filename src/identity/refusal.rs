//! Why a server may have refused a client identity: what its alert complains of, and what can be seen of the
//! identity that explains it.
//!
//! An alert is one number, and servers differ in how they use it. So the causes are facts about the identity, those
//! first that the alert speaks of; none of them is proved to be the reason.

use std::fmt;

use time::OffsetDateTime;

use crate::model::client_auth::signature_scheme_name;
use crate::model::{Certificate, ClientAuthRequest, Name};

#[cfg(test)]
mod tests;

/// How a server showed that it refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// With a fatal alert of this number (RFC 8446 section 6).
    Alert(u8),
    /// It closed or reset the connection without an alert.
    Close,
    /// It went on with TLS, and the HTTP server said no with this status.
    Status(u16),
}

/// What a refusal complains of, as far as the servers in use agree on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Complaint {
    /// That no certificate came.
    NoCertificate,
    /// The certificate, in one way or another.
    Certificate,
    /// Its kind or its purpose.
    Unsupported,
    /// That it is revoked.
    Revoked,
    /// Its dates.
    Expired,
    /// That no trusted authority stands behind it.
    UnknownAuthority,
    /// Whom it is for: the certificate is good, and its holder may not come in.
    Denied,
    /// The signature that shows the possession of the key.
    Proof,
    /// Nothing in particular: nothing acceptable was found.
    Negotiation,
    /// Nothing: the server ended without a word.
    Silent,
    /// Something that has nothing to do with certificates.
    Other,
}

impl Signal {
    /// What it complains of. `sent` is whether a certificate was sent.
    #[must_use]
    pub fn complaint(self, sent: bool) -> Complaint {
        match self {
            Self::Alert(41 | 116) => Complaint::NoCertificate,
            // OpenSSL's word on TLS 1.2, and JSSE's, for an empty Certificate message.
            Self::Alert(40 | 42) if !sent => Complaint::NoCertificate,
            Self::Alert(40 | 71) => Complaint::Negotiation,
            Self::Alert(42 | 46 | 111 | 113 | 114) => Complaint::Certificate,
            Self::Alert(43) => Complaint::Unsupported,
            Self::Alert(44) => Complaint::Revoked,
            Self::Alert(45) => Complaint::Expired,
            Self::Alert(48) => Complaint::UnknownAuthority,
            Self::Alert(49) => Complaint::Denied,
            Self::Alert(20 | 21 | 51) => Complaint::Proof,
            Self::Alert(_) => Complaint::Other,
            Self::Close if sent => Complaint::Silent,
            Self::Close => Complaint::NoCertificate,
            Self::Status(496) => Complaint::NoCertificate,
            Self::Status(_) if !sent => Complaint::NoCertificate,
            Self::Status(_) => Complaint::Certificate,
        }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoCertificate => "the server wants a client certificate, and none came",
            Self::Certificate => {
                "the server does not accept the certificate; JSSE says so whatever the reason, OpenSSL of a \
                 certificate that is damaged, not yet valid or refused by the application"
            }
            Self::Unsupported => {
                "the server does not take certificates of this kind: OpenSSL says so of a purpose (extended key \
                 usage, key usage) that is not that of a client"
            }
            Self::Revoked => "the server holds the certificate, or one above it, to be revoked",
            Self::Expired => "the server finds a certificate of the chain expired",
            Self::UnknownAuthority => {
                "the server finds no path from the certificate to an authority that it trusts: an intermediate is \
                 missing, or the root is unknown to it"
            }
            Self::Denied => "the server knows the certificate, and its holder may not come in",
            Self::Proof => {
                "the server could not verify the signature with which the key is shown: key and certificate do not \
                 fit, or something between here and the server changes the handshake"
            }
            Self::Negotiation => {
                "the server found nothing acceptable; where it has just been sent a certificate, that is usually \
                 what it means"
            }
            Self::Silent => {
                "the server ended the connection without an alert, as Java servers on TLS 1.2 and load balancers do \
                 over a certificate that they do not accept"
            }
            Self::Other => "the alert is not about certificates",
        })
    }
}

impl Complaint {
    /// The stable name, for scripts.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::NoCertificate => "no-certificate",
            Self::Certificate => "certificate-refused",
            Self::Unsupported => "unsupported-certificate",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::UnknownAuthority => "unknown-authority",
            Self::Denied => "access-denied",
            Self::Proof => "proof-failed",
            Self::Negotiation => "nothing-acceptable",
            Self::Silent => "closed",
            Self::Other => "other",
        }
    }
}

/// Something about the identity that explains a refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The key makes no signature of a kind that the server takes, so nothing was sent.
    NoScheme {
        /// The key.
        key: String,
        /// What the server takes, in its order.
        wanted: Vec<u16>,
    },
    /// A certificate of the chain has expired.
    Expired {
        /// Its subject.
        subject: String,
        /// When.
        since: OffsetDateTime,
    },
    /// A certificate of the chain is not valid yet.
    NotYetValid {
        /// Its subject.
        subject: String,
        /// From when.
        from: OffsetDateTime,
    },
    /// The extended key usage of the end entity does not name TLS clients.
    NoClientAuth {
        /// The purposes that it names, dotted.
        purposes: Vec<String>,
    },
    /// The key usage of the end entity does not allow signatures.
    NoDigitalSignature,
    /// No certificate of the chain is issued by an authority that the server lists.
    NotListed {
        /// How many authorities it lists.
        listed: usize,
        /// The last issuer of the chain.
        issuer: String,
    },
    /// The chain is the end entity alone, and the server may not have its issuer.
    LeafOnly {
        /// The issuer that was not sent.
        issuer: String,
    },
    /// A certificate of the chain does not follow from the one before it.
    OutOfOrder {
        /// The subject of the one whose issuer does not come next.
        subject: String,
    },
    /// The end entity vouches for itself.
    SelfSigned,
    /// A certificate of the chain is signed in a way that the server does not list.
    Algorithm {
        /// Its subject.
        subject: String,
        /// Java's name of the algorithm.
        algorithm: String,
    },
    /// Key and certificate do not fit.
    OtherKey,
}

impl Cause {
    /// The stable name, for scripts.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::NoScheme { .. } => "no-common-signature-algorithm",
            Self::Expired { .. } => "expired",
            Self::NotYetValid { .. } => "not-yet-valid",
            Self::NoClientAuth { .. } => "no-client-auth",
            Self::NoDigitalSignature => "no-digital-signature",
            Self::NotListed { .. } => "issuer-not-listed",
            Self::LeafOnly { .. } => "leaf-only",
            Self::OutOfOrder { .. } => "wrong-order",
            Self::SelfSigned => "self-signed",
            Self::Algorithm { .. } => "algorithm-not-listed",
            Self::OtherKey => "key-mismatch",
        }
    }

    /// Whether this is what a complaint speaks of.
    fn is_meant_by(&self, complaint: Complaint) -> bool {
        match complaint {
            Complaint::NoCertificate => matches!(self, Self::NoScheme { .. }),
            Complaint::Expired => matches!(self, Self::Expired { .. }),
            Complaint::Unsupported => {
                matches!(self, Self::NoClientAuth { .. } | Self::NoDigitalSignature | Self::Algorithm { .. })
            }
            Complaint::UnknownAuthority => matches!(
                self,
                Self::NotListed { .. } | Self::LeafOnly { .. } | Self::OutOfOrder { .. } | Self::SelfSigned
            ),
            Complaint::Proof => matches!(self, Self::OtherKey),
            Complaint::Certificate => matches!(self, Self::NotYetValid { .. }),
            _ => false,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoScheme { key, wanted } => {
                let names: Vec<String> = wanted.iter().map(|scheme| scheme_name(*scheme)).collect();
                write!(
                    f,
                    "a key of {key} signs with none of the algorithms that the server takes ({})",
                    names.join(", ")
                )
            }
            Self::Expired { subject, since } => write!(f, "\"{subject}\" has expired on {}", since.date()),
            Self::NotYetValid { subject, from } => {
                write!(f, "\"{subject}\" is not valid before {}", from.date())
            }
            Self::NoClientAuth { purposes } => write!(
                f,
                "the extended key usage of the certificate names {}, and not TLS clients (1.3.6.1.5.5.7.3.2)",
                purposes.join(", ")
            ),
            Self::NoDigitalSignature => f.write_str(
                "the key usage of the certificate lacks digitalSignature, with which a client shows its key",
            ),
            Self::NotListed { listed: 1, issuer } => write!(
                f,
                "no certificate of the chain is issued by the authority that the server lists; the chain ends below \
                 \"{issuer}\". A JVM would have sent nothing"
            ),
            Self::NotListed { listed, issuer } => write!(
                f,
                "no certificate of the chain is issued by one of the {listed} authorities that the server lists; the \
                 chain ends below \"{issuer}\". A JVM would have sent nothing"
            ),
            Self::LeafOnly { issuer } => write!(
                f,
                "the chain is the certificate alone; a server that has not got \"{issuer}\" itself finds no path"
            ),
            Self::OutOfOrder { subject } => {
                write!(f, "the issuer of \"{subject}\" does not come next in the chain")
            }
            Self::SelfSigned => {
                f.write_str("the certificate is self-signed: the server has to trust it itself")
            }
            Self::Algorithm { subject, algorithm } => write!(
                f,
                "\"{subject}\" is signed with {algorithm}, which is not among the algorithms that the server lists"
            ),
            Self::OtherKey => f.write_str("the key does not belong to the certificate"),
        }
    }
}

/// What is known of a refused identity.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The chain, the end entity first.
    pub chain: &'a [Certificate],
    /// Whether the key belongs to the first certificate; `None` where that cannot be said.
    pub fits: Option<bool>,
    /// What the server asked.
    pub request: Option<&'a ClientAuthRequest>,
    /// Whether the chain was sent.
    pub sent: bool,
    /// The time at which is judged.
    pub now: OffsetDateTime,
}

/// What of the identity explains a complaint, the likeliest first. It may be nothing.
///
/// Signatures of certificates are not checked, and no trust anchor is asked.
#[must_use]
pub fn causes(seen: &Seen<'_>, complaint: Complaint) -> Vec<Cause> {
    let mut causes = Vec::new();
    if seen.fits == Some(false) {
        causes.push(Cause::OtherKey);
    }
    let Some(leaf) = seen.chain.first() else { return causes };
    if !seen.sent
        && let Some(wanted) = seen.request.and_then(|request| request.signature_algorithms.clone())
    {
        causes.push(Cause::NoScheme { key: leaf.key().to_string(), wanted });
    }
    for certificate in seen.chain {
        let subject = || certificate.subject().rfc4514().to_owned();
        if certificate.not_after() < seen.now {
            causes.push(Cause::Expired { subject: subject(), since: certificate.not_after() });
        }
        if certificate.not_before() > seen.now {
            causes.push(Cause::NotYetValid { subject: subject(), from: certificate.not_before() });
        }
    }
    purposes(leaf, &mut causes);
    issuers(seen, leaf, &mut causes);
    algorithms(seen, &mut causes);
    // A stable sort: what the complaint speaks of comes first, and else the order stays.
    causes.sort_by_key(|cause| !cause.is_meant_by(complaint));
    causes
}

fn purposes(leaf: &Certificate, causes: &mut Vec<Cause>) {
    if let Some(purposes) = leaf.extended_key_usage()
        && !leaf.is_for_tls_clients()
    {
        causes.push(Cause::NoClientAuth { purposes: purposes.to_vec() });
    }
    if leaf.key_usage().is_some_and(|usage| !usage.digital_signature()) {
        causes.push(Cause::NoDigitalSignature);
    }
}

fn issuers(seen: &Seen<'_>, leaf: &Certificate, causes: &mut Vec<Cause>) {
    for pair in seen.chain.windows(2) {
        if let [below, above] = pair
            && below.issuer() != above.subject()
        {
            causes.push(Cause::OutOfOrder { subject: below.subject().rfc4514().to_owned() });
        }
    }
    let listed: Vec<Name> = seen
        .request
        .into_iter()
        .flat_map(|request| &request.authorities)
        .filter_map(|der| Name::from_der(der))
        .collect();
    let known = seen.chain.iter().any(|certificate| listed.iter().any(|name| name == certificate.issuer()));
    if !listed.is_empty() && !known {
        let last = seen.chain.last().unwrap_or(leaf);
        causes.push(Cause::NotListed { listed: listed.len(), issuer: last.issuer().rfc4514().to_owned() });
    }
    match seen.chain {
        [only] if only.is_self_issued() => causes.push(Cause::SelfSigned),
        [only] => causes.push(Cause::LeafOnly { issuer: only.issuer().rfc4514().to_owned() }),
        _ => {}
    }
}

/// Certificates below the root whose signature the server does not list. What it lists for certificates counts,
/// where it says that apart (RFC 8446 section 4.2.3).
fn algorithms(seen: &Seen<'_>, causes: &mut Vec<Cause>) {
    let Some(listed) = seen.request.and_then(|request| {
        request.signature_algorithms_cert.as_ref().or(request.signature_algorithms.as_ref())
    }) else {
        return;
    };
    for certificate in seen.chain.iter().filter(|certificate| !certificate.is_self_issued()) {
        let algorithm = &certificate.signature_algorithm().name;
        let schemes = schemes_of(algorithm);
        if !schemes.is_empty() && !schemes.iter().any(|scheme| listed.contains(scheme)) {
            causes.push(Cause::Algorithm {
                subject: certificate.subject().rfc4514().to_owned(),
                algorithm: algorithm.clone(),
            });
        }
    }
}

/// The schemes that stand for a signature algorithm of certificates; none where that is not known here.
fn schemes_of(algorithm: &str) -> &'static [u16] {
    match algorithm {
        "MD5withRSA" => &[0x0101],
        "SHA1withRSA" => &[0x0201],
        "SHA224withRSA" => &[0x0301],
        "SHA256withRSA" => &[0x0401, 0x0420],
        "SHA384withRSA" => &[0x0501, 0x0520],
        "SHA512withRSA" => &[0x0601, 0x0620],
        "SHA1withECDSA" => &[0x0203],
        "SHA224withECDSA" => &[0x0303],
        "SHA256withECDSA" => &[0x0403, 0x081a],
        "SHA384withECDSA" => &[0x0503, 0x081b],
        "SHA512withECDSA" => &[0x0603, 0x081c],
        "RSASSA-PSS" => &[0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b],
        "Ed25519" => &[0x0807],
        "Ed448" => &[0x0808],
        _ => &[],
    }
}

fn scheme_name(scheme: u16) -> String {
    signature_scheme_name(scheme).map_or_else(|| format!("{scheme:#06x}"), str::to_owned)
}
