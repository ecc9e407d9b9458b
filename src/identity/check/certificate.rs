//! The certificates of an identity, each by itself: dates, usages, algorithms, sizes.

use super::World;
use crate::chain::diagnose::{called, date, days};
use crate::chain::signature::is_self_signed;
use crate::identity::Identity;
use crate::model::Certificate;
use crate::model::public_key::KeyAlgorithm;
use crate::report::finding::{FindingId, Severity};
use crate::report::identity_check::{IdentityFinding, IdentityRepair};

/// Adds what is wrong with single certificates.
pub(super) fn find(identity: &Identity, world: &World<'_>, findings: &mut Vec<IdentityFinding>) {
    let leaf = super::chain::end_entity(identity);
    for certificate in &identity.chain {
        let place = if Some(certificate) == leaf {
            Place::EndEntity
        } else if is_self_signed(certificate) {
            Place::Root
        } else {
            Place::Between
        };
        let mut judge = Judge { identity, certificate, place, findings };
        judge.dates(world);
        judge.signature();
        judge.key();
        judge.extensions();
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    EndEntity,
    Between,
    Root,
}

struct Judge<'a> {
    identity: &'a Identity,
    certificate: &'a Certificate,
    place: Place,
    findings: &'a mut Vec<IdentityFinding>,
}

impl Judge<'_> {
    fn push(&mut self, id: FindingId, severity: Severity, message: String) {
        let alias = &self.identity.alias;
        let mut finding = IdentityFinding::of_entry(alias, id, severity, message).at(self.certificate);
        finding.repair = match self.place {
            Place::EndEntity => Some(IdentityRepair::Request {
                alias: alias.clone(),
                subject: self.certificate.subject().rfc4514().to_owned(),
            }),
            Place::Root => Some(super::chain::without_root(alias, None)),
            // Its successor, if it has one, is what the AIA addresses give.
            Place::Between => None,
        };
        self.findings.push(finding);
    }

    /// A JVM sends what is out of date, if it has nothing better (`X509KeyManagerImpl.CheckResult.EXPIRED`;
    /// SunX509 does not look at dates).
    fn dates(&mut self, world: &World<'_>) {
        let what = called(self.certificate);
        let (begin, end) = (self.certificate.not_before(), self.certificate.not_after());
        let (severity, note) = match self.place {
            Place::EndEntity => (
                Severity::Error,
                "; a JVM sends it all the same if it has nothing better, and the server refuses it",
            ),
            Place::Between => (Severity::Error, "; a JVM sends it all the same, and servers refuse it"),
            Place::Root => (Severity::Warning, "; servers have their own of it"),
        };
        if end < world.now {
            let ago = days(world.now - end);
            self.push(
                FindingId::Expired,
                severity,
                format!("{what} expired on {}, {ago} ago{note}", date(end)),
            );
        } else if world.now < begin {
            let ahead = days(begin - world.now);
            let message = format!("{what} is not valid before {}, in {ahead}{note}", date(begin));
            self.push(FindingId::NotYetValid, severity, message);
        } else if end - world.now <= world.within && self.place != Place::Root {
            let left = days(end - world.now);
            let message = format!("{what} expires on {}, in {left}", date(end));
            self.push(FindingId::ExpiresSoon, Severity::Warning, message);
        }
    }

    /// That of a root is told with the root ([`super::chain`]).
    fn signature(&mut self) {
        let name = match suits(self.certificate) {
            Suits::Usual => return,
            _ if self.place == Place::Root => return,
            Suits::Retired(name) => format!(
                "{name}; PKIX sends the chain to servers only that list SHA-1, which OpenSSL's do not, and those \
                 refuse it from SunX509"
            ),
            Suits::Never(name) => {
                format!(
                    "{name}, which no server of today lists: PKIX never sends the chain, SunX509 does and it is refused"
                )
            }
        };
        let message = format!("{} was signed with {name}", called(self.certificate));
        self.push(FindingId::WeakSignature, Severity::Error, message);
    }

    fn key(&mut self) {
        let key = self.certificate.key();
        let what = called(self.certificate);
        if let Some(least) = too_small_for_java(self.certificate) {
            let message = format!(
                "{what} has a key of {key}; JVMs have keys below {least} bit disabled: PKIX does not send the chain, \
                 and no server takes it"
            );
            self.push(FindingId::WeakKey, Severity::Error, message);
        } else if matches!(key.algorithm, KeyAlgorithm::Rsa | KeyAlgorithm::RsaPss | KeyAlgorithm::Dsa)
            && key.bits.is_some_and(|bits| bits < 2048)
            && self.place != Place::Root
        {
            let message = format!(
                "{what} has a key of {key}; JVMs send it, and servers with OpenSSL's security level 2 refuse less \
                 than 2048 bit"
            );
            self.push(FindingId::WeakKey, Severity::Warning, message);
        }
        if self.place != Place::EndEntity {
            return;
        }
        match (&key.algorithm, key.curve.as_deref()) {
            (KeyAlgorithm::Ec, curve) if !matches!(curve, Some("secp256r1" | "secp384r1" | "secp521r1")) => {
                let curve = curve.unwrap_or("that it spells out");
                let message = format!(
                    "{what} has a key on the curve {curve}; JVMs sign handshakes with secp256r1, secp384r1 and \
                     secp521r1 only"
                );
                self.push(FindingId::CurveWithoutScheme, Severity::Error, message);
            }
            _ => {}
        }
    }

    fn extensions(&mut self) {
        let what = called(self.certificate);
        if let Some(oid) = self.certificate.unknown_critical().first().filter(|_| self.place != Place::Root) {
            let message =
                format!("{what} has the critical extension {oid}, which servers do not know and refuse");
            self.push(FindingId::UnknownCriticalExtension, Severity::Error, message);
        }
        let no_client = !self.certificate.is_for_tls_clients();
        match self.place {
            Place::EndEntity => {
                if no_client {
                    self.no_client_auth();
                }
                self.key_usage();
            }
            Place::Between => {
                if no_client {
                    // OpenSSL, X509_check_purpose for a CA; JSSE looks at the end entity's alone.
                    let message = format!(
                        "the extended key usage of {what} does not name TLS clients; servers with OpenSSL refuse \
                         what is below it, JVMs do not mind"
                    );
                    self.push(FindingId::NoClientAuth, Severity::Error, message);
                }
                if !self.certificate.is_ca() {
                    let message = format!("{what} stands above another certificate, but is no CA");
                    self.push(FindingId::NotACa, Severity::Error, message);
                } else if self.certificate.key_usage().is_some_and(|usage| !usage.key_cert_sign()) {
                    let message = format!("the key usage of {what} does not allow to sign certificates");
                    self.push(FindingId::NoCertSign, Severity::Error, message);
                }
            }
            Place::Root => {}
        }
    }

    /// `X509KeyManagerImpl.CheckType.CLIENT` calls it a mismatch, and takes such an entry last.
    fn no_client_auth(&mut self) {
        let message = format!(
            "the extended key usage of {} does not name TLS clients (clientAuth); JVMs send it all the same if they \
             have nothing better, and servers refuse it with the alert unsupported_certificate or certificate_unknown",
            called(self.certificate)
        );
        self.push(FindingId::NoClientAuth, Severity::Error, message);
    }

    /// PKIX looks at the key usage of RSA, DSA and EC keys; servers look at that of all
    /// (`EndEntityChecker.checkTLSClient`).
    fn key_usage(&mut self) {
        if self.certificate.key_usage().is_none_or(|usage| usage.digital_signature()) {
            return;
        }
        let looked_at = matches!(
            self.certificate.key().algorithm,
            KeyAlgorithm::Rsa | KeyAlgorithm::Dsa | KeyAlgorithm::Ec
        );
        let manager = if looked_at {
            "JVMs send it all the same if they have nothing better"
        } else {
            "JVMs do not look at that of such a key and send it"
        };
        let message = format!(
            "the key usage of {} does not allow the signature of a handshake (digitalSignature); {manager}, and \
             servers refuse it",
            called(self.certificate)
        );
        self.push(FindingId::NoDigitalSignature, Severity::Error, message);
    }
}

/// How the signature of a certificate suits a key manager that looks at it: `X509KeyManagerImpl` wants the algorithm
/// of each certificate of the chain among those of the server's request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Suits<'a> {
    /// A usual server lists it.
    Usual,
    /// SHA-1: OpenSSL's servers do not list it at their default security level, JVMs do.
    Retired(&'a str),
    /// No TLS server lists it, or JVMs have it disabled.
    Never(&'a str),
}

/// Judges the signature of one certificate (`SignatureScheme` of JSSE, `jdk.certpath.disabledAlgorithms`).
pub(super) fn suits(certificate: &Certificate) -> Suits<'_> {
    let algorithm = certificate.signature_algorithm();
    let name = algorithm.name.as_str();
    match (algorithm.digest, name) {
        (_, "RSASSA-PSS" | "Ed25519" | "Ed448") | (Some("SHA224" | "SHA256" | "SHA384" | "SHA512"), _) => {
            Suits::Usual
        }
        (Some("SHA1"), _) => Suits::Retired(name),
        _ => Suits::Never(name),
    }
}

/// The least size of which JVMs have the key's algorithm not disabled, where it is below
/// (`jdk.certpath.disabledAlgorithms`).
pub(super) fn too_small_for_java(certificate: &Certificate) -> Option<u32> {
    let least = match certificate.key().algorithm {
        KeyAlgorithm::Rsa | KeyAlgorithm::RsaPss | KeyAlgorithm::Dsa => 1024,
        KeyAlgorithm::Ec => 224,
        _ => return None,
    };
    certificate.key().bits.filter(|bits| *bits < least).map(|_| least)
}
