//! A client with rustls: `rustls-webpki` itself is asked, with the algorithms of aws-lc-rs, and its answer put
//! into words.

mod words;

use std::cell::RefCell;
use std::collections::HashSet;

use rustls::pki_types::{
    CertificateDer, IpAddr as WebpkiIp, ServerName as WebpkiName, TrustAnchor, UnixTime,
};
use webpki::{
    BorrowedCertRevocationList, CertRevocationList, EndEntityCert, Error, ExpirationPolicy,
    ExtendedKeyUsageValidator, KeyPurposeIdIter, KeyUsage, RevocationCheckDepth, RevocationOptionsBuilder,
    UnknownStatusPolicy, VerifiedPath, anchor_from_trusted_cert,
};

use super::super::names::{PeerName, ServerName};
use super::super::revocation::Demand;
use super::violation::called;
use super::{Purpose, Question, RuleSet};
use crate::model::Certificate;
use crate::report::certificate::CertificateReport;
use crate::report::verdict::{Reason, Verdict};

/// Judges as rustls does.
#[must_use]
pub fn judge(question: &Question<'_>) -> Verdict {
    let mut not_judged = Vec::new();
    if !checks_revocation(question) {
        not_judged.push("revocation (rustls leaves it out unless it is given CRLs)".to_owned());
    }
    match question.name {
        None => not_judged.push("the name: none was given".to_owned()),
        Some(PeerName::Mail(_)) => not_judged.push("the name: rustls knows no mailboxes".to_owned()),
        Some(PeerName::Server(_)) => {}
    }
    let (path, error) = match Client::new(question).verify() {
        Ok(path) => (path, None),
        Err(error) => (question.chain.get(..1).unwrap_or_default().to_vec(), Some(error)),
    };
    Verdict {
        rules: RuleSet::Webpki.name(),
        accepted: Some(error.is_none()),
        path: path.iter().map(CertificateReport::from).collect(),
        reason: error.map(|error| reason(&error, question)),
        refused: Vec::new(),
        not_judged,
    }
}

/// Whether it is given CRLs to look at.
fn checks_revocation(question: &Question<'_>) -> bool {
    question.revocation.demand != Demand::Off && !question.revocation.crls.is_empty()
}

/// Why not.
enum Refusal {
    /// There is nothing to ask about.
    EmptyChain,
    /// There is nothing to trust.
    NoAnchors,
    /// webpki says so.
    Webpki(Error),
    /// [`Question::max_depth`].
    TooDeep(usize),
}

struct Client<'a> {
    question: &'a Question<'a>,
    encoded: Vec<CertificateDer<'a>>,
    /// The anchors with the name of an issuer: to webpki the others are as none, and to read them all would take as
    /// long as the signature checks.
    anchors: Vec<&'a Certificate>,
    encoded_anchors: Vec<CertificateDer<'a>>,
}

impl<'a> Client<'a> {
    fn new(question: &'a Question<'a>) -> Self {
        let material = || question.chain.iter().chain(question.untrusted);
        let mut asked = HashSet::new();
        let anchors: Vec<&Certificate> = material()
            .filter(|certificate| asked.insert(certificate.issuer().canonical()))
            .flat_map(|certificate| question.anchors.issuers_by_name(certificate))
            .collect();
        Self {
            question,
            encoded: material().map(encoded).collect(),
            encoded_anchors: anchors.iter().copied().map(encoded).collect(),
            anchors,
        }
    }

    fn verify(&self) -> Result<Vec<Certificate>, Refusal> {
        let Some((leaf, others)) = self.encoded.split_first() else { return Err(Refusal::EmptyChain) };
        // As rustls' RootCertStore does: what is no anchor is passed over.
        let anchors: Vec<TrustAnchor<'_>> =
            self.encoded_anchors.iter().filter_map(|der| anchor_from_trusted_cert(der).ok()).collect();
        let is_anchor = |certificate| anchor_from_trusted_cert(&encoded(certificate)).is_ok();
        if anchors.is_empty() && !self.question.anchors.iter().any(is_anchor) {
            return Err(Refusal::NoAnchors);
        }
        let leaf = EndEntityCert::try_from(leaf).map_err(Refusal::Webpki)?;
        let seconds = u64::try_from(self.question.now.unix_timestamp()).unwrap_or_default();
        let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        let lists = self.lists()?;
        let lists: Vec<&CertRevocationList<'_>> = lists.iter().collect();
        // An error only says that there are none, and then rustls looks at no revocation.
        let revocation = RevocationOptionsBuilder::new(&lists).ok().map(|options| {
            options
                .with_depth(RevocationCheckDepth::Chain)
                .with_expiration_policy(ExpirationPolicy::Enforce)
                .with_status_policy(match self.question.revocation.demand {
                    Demand::Hard => UnknownStatusPolicy::Deny,
                    Demand::Soft | Demand::Off => UnknownStatusPolicy::Allow,
                })
                .build()
        });
        let deepest = RefCell::new(None);
        let path_is_short = |path: &VerifiedPath<'_>| {
            let self_issued = |passed: &&webpki::Cert<'_>| passed.issuer() == passed.subject();
            let intermediates =
                path.intermediate_certificates().filter(|passed| !self_issued(passed)).count();
            match self.question.max_depth {
                Some(most) if intermediates > most => {
                    *deepest.borrow_mut() = Some(intermediates);
                    Err(Error::MaximumPathDepthExceeded)
                }
                _ => Ok(()),
            }
        };
        let algorithms = webpki::ALL_VERIFICATION_ALGS;
        let verified = leaf
            .verify_for_usage(
                algorithms,
                &anchors,
                others,
                time,
                Usage(self.question.purpose),
                revocation,
                Some(&path_is_short),
            )
            .map_err(|error| match (error, *deepest.borrow()) {
                (Error::MaximumPathDepthExceeded, Some(depth)) => Refusal::TooDeep(depth),
                (error, _) => Refusal::Webpki(error),
            })?;
        if let Some(PeerName::Server(name)) = self.question.name {
            let name = webpki_name(name).ok_or(Refusal::Webpki(Error::MalformedDnsIdentifier))?;
            leaf.verify_is_valid_for_subject_name(&name).map_err(Refusal::Webpki)?;
        }
        Ok(self.path_of(&verified))
    }

    /// The CRLs that a rustls client could be given: those at hand. It asks nobody.
    fn lists(&self) -> Result<Vec<CertRevocationList<'a>>, Refusal> {
        if !checks_revocation(self.question) {
            return Ok(Vec::new());
        }
        let read = |der: &'a [u8]| BorrowedCertRevocationList::from_der(der).map(CertRevocationList::from);
        let lists = self.question.revocation.crls.iter().map(|list| read(&list.der));
        lists.collect::<Result<_, Error>>().map_err(Refusal::Webpki)
    }

    /// The certificates of a path that webpki found.
    fn path_of(&self, verified: &VerifiedPath<'_>) -> Vec<Certificate> {
        let mut path: Vec<Certificate> = self.question.chain.first().cloned().into_iter().collect();
        let candidates = || self.question.chain.iter().chain(self.question.untrusted);
        for intermediate in verified.intermediate_certificates() {
            let der = intermediate.der();
            path.extend(candidates().find(|candidate| candidate.der() == der.as_ref()).cloned());
        }
        let anchor = verified.anchor();
        let is_anchor =
            |certificate| anchor_from_trusted_cert(&encoded(certificate)).is_ok_and(|found| found == *anchor);
        path.extend(self.anchors.iter().copied().find(|&certificate| is_anchor(certificate)).cloned());
        path
    }
}

fn encoded(certificate: &Certificate) -> CertificateDer<'_> {
    CertificateDer::from(certificate.der())
}

/// The purpose, where there is one.
struct Usage(Purpose);

impl ExtendedKeyUsageValidator for Usage {
    fn validate(&self, usages: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        match self.0 {
            Purpose::Server => KeyUsage::server_auth().validate(usages),
            Purpose::Client => KeyUsage::client_auth().validate(usages),
            Purpose::Any => Ok(()),
        }
    }
}

fn webpki_name(name: &ServerName) -> Option<WebpkiName<'_>> {
    match name {
        ServerName::Dns(name) => WebpkiName::try_from(name.as_str()).ok(),
        ServerName::Ip(address) => Some(WebpkiName::IpAddress(WebpkiIp::from(*address))),
    }
}

fn reason(refusal: &Refusal, question: &Question<'_>) -> Reason {
    let leaf = question.chain.first();
    let (id, message) = match refusal {
        Refusal::EmptyChain => ("empty-chain", "there is no certificate to judge".to_owned()),
        Refusal::NoAnchors => ("no-anchors", "there are no trust anchors".to_owned()),
        Refusal::TooDeep(depth) => ("too-deep", format!("the path has {depth} intermediates")),
        Refusal::Webpki(error) => {
            let subject = leaf.map_or_else(String::new, called);
            let (id, words) = words::of(error);
            let words = words.replace("{subject}", &subject);
            // What the client itself would print, so that it can be found in a log.
            (id, format!("{words} (webpki: {error:?})"))
        }
    };
    // webpki does not tell which certificate is to blame; of some errors it can only be the peer's.
    let is_the_peer = question.chain.len() == 1 || matches!(id, "name-mismatch" | "ca-as-end-entity");
    let certificate = leaf.filter(|_| is_the_peer).map(|leaf| leaf.fingerprint().to_string());
    Reason { id, message, certificate }
}
