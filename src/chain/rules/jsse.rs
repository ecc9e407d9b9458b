//! What the TLS client of a JVM decides, with the default `PKIX` trust manager and HTTPS endpoint
//! identification.
//!
//! Follows `sun.security.ssl.X509TrustManagerImpl`, `sun.security.validator.PKIXValidator` and
//! `EndEntityChecker` of OpenJDK 17.0.15 to 17.0.21 and Temurin 25.0.3, in their order, because the first check that
//! fails gives the message. Security properties are taken at their defaults. Not spoken for: other trust
//! managers (`SunX509`), other JVMs, Java 8 and 11.

mod certification;
pub(crate) mod client_chain;
mod constraints;
mod end_entity;
mod name_text;
mod policies;
mod security;

use time::OffsetDateTime;

use self::certification::{check_path, with_anchor};
pub use self::security::{Security, SecurityError};
use super::super::budget::Budget;
use super::super::names::{self, PeerName, ServerName, Wildcards};
use super::super::path::{Admission, Candidates, PathEnd, Search};
use super::super::revocation::Revocation;
use super::super::signature;
use super::{Purpose, Question};
use crate::model::Certificate;
use crate::report::certificate::CertificateReport;
use crate::report::verdict::{Reason, Verdict};

/// The release whose texts and rules are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Java {
    /// OpenJDK 17.0.19. Updates from 17.0.15 to 17.0.21 by [`Security::with_version`].
    V17,
    /// Measured on Temurin 25.0.3.
    V25,
}

impl Java {
    /// The name of the rule set.
    #[must_use]
    pub fn rules(self) -> &'static str {
        match self {
            Self::V17 => "jsse17",
            Self::V25 => "jsse25",
        }
    }

    fn wildcards(self) -> Wildcards {
        match self {
            Self::V17 => Wildcards::AnyLabel,
            Self::V25 => Wildcards::LeftmostLabel,
        }
    }
}

/// Judges a chain, in the order in which the server sends it, as a JVM does whose trust store holds
/// `anchors`, with the default security properties. Without a name the host name is not checked, and the
/// verdict says so.
///
/// The message of a refusal is the text of the exception as it stands in a log. What the JVM would look at
/// and this does not is listed in [`Verdict::not_judged`].
#[must_use]
pub fn judge(
    chain: &[Certificate],
    anchors: &[Certificate],
    name: Option<&ServerName>,
    now: OffsetDateTime,
    java: Java,
) -> Verdict {
    let name = name.cloned().map(PeerName::Server);
    let anchors: Candidates = anchors.iter().collect();
    let purpose = Purpose::Server;
    let question = Question {
        chain,
        untrusted: &[],
        anchors: &anchors,
        name: name.as_ref(),
        now,
        purpose,
        max_depth: None,
        revocation: Revocation::default(),
    };
    judge_question(&question, java, &Security::default())
}

/// Judges a question as a JVM does: one that connects to a server, or as a server takes a client's certificate.
/// What is untrusted counts as sent behind the chain. A server of JSSE looks at no name.
#[must_use]
pub fn judge_question(question: &Question<'_>, java: Java, security: &Security) -> Verdict {
    let chain: Vec<Certificate> = question.chain.iter().chain(question.untrusted).cloned().collect();
    let name = match question.purpose {
        Purpose::Client => None,
        Purpose::Server | Purpose::Any => question.name.and_then(PeerName::server),
    };
    let stance = Stance { now: question.now, java, security, purpose: question.purpose };
    let budget = match java {
        Java::V17 => Budget::with_verifier(signature::verify_as_java_17),
        Java::V25 => Budget::default(),
    };
    let mut client = Client { anchors: question.anchors, stance, budget };
    let judged = received(question, &chain)
        .and_then(|()| client.judge(&chain, name))
        .and_then(|path| within(question.max_depth, path));
    let (path, failure) = match judged {
        Ok(path) => (path, None),
        Err(Refusal { path, failure }) => (path, Some(*failure)),
    };
    let cannot_judge = failure.as_ref().is_some_and(|failure| failure.unjudged);
    Verdict {
        rules: java.rules(),
        accepted: if cannot_judge { None } else { Some(failure.is_none()) },
        not_judged: not_judged(&path, name.is_some(), failure.as_ref(), &stance),
        path: path.iter().map(CertificateReport::from).collect(),
        reason: failure.map(|failure| failure.reason(security.alerts_are_named(java))),
        refused: Vec::new(),
    }
}

/// What a client takes of a server's Certificate message before it looks at any of it.
fn received(question: &Question<'_>, chain: &[Certificate]) -> Result<(), Refusal> {
    match question.chain.first() {
        Some(leaf) if question.purpose == Purpose::Server && question.chain.len() > CHAIN_LENGTH => {
            // It stops reading at the first one too many.
            let text = format!(
                "The certificate chain length ({}) exceeds the maximum allowed length ({CHAIN_LENGTH})",
                CHAIN_LENGTH + 1
            );
            Err(Refusal::new(chain, Failure::new("chain-too-long", Phase::Message, leaf, text)))
        }
        _ => Ok(()),
    }
}

/// [`Question::max_depth`], which no JVM has.
fn within(most: Option<usize>, path: Vec<Certificate>) -> Result<Vec<Certificate>, Refusal> {
    let between = path.len().saturating_sub(2);
    let count = path.iter().skip(1).take(between).filter(|passed| !passed.is_self_issued()).count();
    match (most, path.first()) {
        (Some(most), Some(leaf)) if count > most => {
            let text = format!("the path has {count} intermediates, and {most} are allowed");
            let failure = Failure::new("too-deep", Phase::Chain, leaf, text);
            Err(Refusal::new(path, failure))
        }
        _ => Ok(path),
    }
}

/// Who judges, and when.
#[derive(Clone, Copy, Debug)]
struct Stance<'a> {
    now: OffsetDateTime,
    java: Java,
    security: &'a Security,
    purpose: Purpose,
}

impl Stance<'_> {
    /// The variant of the validator, as the `usage` of a constraint calls it.
    fn usage(&self) -> &'static str {
        match self.purpose {
            Purpose::Server => "tlsserver",
            Purpose::Client => "tlsclient",
            Purpose::Any => "",
        }
    }
}

const REVOCATION: &str = "revocation (off in the JVM too, unless com.sun.net.ssl.checkRevocation is set)";
const CA_DISTRUST: &str = "distrust of single public CAs after a date (jdk.security.caDistrustPolicies)";
const SECURITY_PROPERTIES: &str = "changes to java.security: the defaults are assumed";

/// What no verdict judges, whatever the chain: texts of [`Verdict::not_judged`]. The others there say something
/// about the chain at hand.
pub const NEVER_JUDGED: [&str; 3] = [REVOCATION, CA_DISTRUST, SECURITY_PROPERTIES];

/// Whether a path may hold `certificate` below `issuer`, as far as algorithms, key sizes and critical
/// extensions go. Names, dates, signatures and the right to issue are not looked at.
#[must_use]
pub fn admits(certificate: &Certificate, issuer: &Certificate, java: Java) -> bool {
    let position = constraints::Position { issuer, first: true, jdk_ca: false };
    let security = Security::default();
    let stance =
        Stance { now: OffsetDateTime::UNIX_EPOCH, java, security: &security, purpose: Purpose::Server };
    constraints::certificate_algorithms(certificate, &position, &stance).is_ok()
        && certification::unknown_critical(issuer).is_none()
}

/// The certificates that a client takes from a server: the default of `jdk.tls.maxCertificateChainLength` (17) and of
/// `jdk.tls.client.maxInboundCertificateChainLength` (25).
const CHAIN_LENGTH: usize = 10;

const HANDSHAKE: &str = "javax.net.ssl.SSLHandshakeException: ";
const BUILDING: &str = "PKIX path building failed: ";
const VALIDATION: &str = "PKIX path validation failed: ";
const CERTPATH: &str = "sun.security.provider.certpath.";
const VALIDATOR: &str = "sun.security.validator.ValidatorException: ";

/// Why the JVM refuses.
#[derive(Clone, Debug)]
struct Failure {
    id: &'static str,
    /// The exception's own text.
    text: String,
    certificate: Option<Certificate>,
    /// The TLS alert, which newer JDKs put before the text.
    alert: Alert,
    phase: Phase,
    unjudged: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Alert {
    CertificateUnknown,
    CertificateExpired,
    BadCertificate,
    UnsupportedCertificate,
    InternalError,
}

/// Who throws, which decides what stands before the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The trust manager has no anchors.
    Setup,
    /// `PKIX path building failed`.
    Building,
    /// `PKIX path validation failed`.
    Validation,
    /// As [`Phase::Building`], thrown for the anchor of a path that was built.
    AnchorBuilt,
    /// As [`Phase::Validation`], thrown for the anchor of a path that was found good.
    AnchorValidated,
    /// After the path: usage and name.
    EndEntity,
    /// Before any of it.
    Chain,
    /// While the Certificate message is read; no alert stands before that text.
    Message,
}

impl Failure {
    fn new(id: &'static str, phase: Phase, certificate: &Certificate, text: impl Into<String>) -> Self {
        Self {
            id,
            text: text.into(),
            certificate: Some(certificate.clone()),
            alert: Alert::CertificateUnknown,
            phase,
            unjudged: false,
        }
    }

    fn alert(mut self, alert: Alert) -> Self {
        self.alert = alert;
        self
    }

    fn reason(self, alert_is_named: bool) -> Reason {
        let alert = match self.alert {
            _ if !alert_is_named => "",
            Alert::CertificateUnknown => "(certificate_unknown) ",
            Alert::CertificateExpired => "(certificate_expired) ",
            Alert::BadCertificate => "(bad_certificate) ",
            Alert::UnsupportedCertificate => "(unsupported_certificate) ",
            Alert::InternalError => "(internal_error) ",
        };
        let text = self.text;
        let message = match self.phase {
            _ if self.unjudged => text,
            Phase::Setup => format!("javax.net.ssl.SSLException: {alert}{text}"),
            Phase::Building => {
                format!("{HANDSHAKE}{alert}{BUILDING}{CERTPATH}SunCertPathBuilderException: {text}")
            }
            Phase::AnchorBuilt => format!("{HANDSHAKE}{alert}{BUILDING}{VALIDATOR}{text}"),
            Phase::AnchorValidated => format!("{HANDSHAKE}{alert}{VALIDATION}{VALIDATOR}{text}"),
            Phase::Validation => {
                format!("{HANDSHAKE}{alert}{VALIDATION}java.security.cert.CertPathValidatorException: {text}")
            }
            Phase::Message => format!("javax.net.ssl.SSLProtocolException: {text}"),
            Phase::EndEntity | Phase::Chain => format!("{HANDSHAKE}{alert}{text}"),
        };
        Reason {
            id: self.id,
            message,
            certificate: self.certificate.map(|certificate| certificate.fingerprint().to_string()),
        }
    }
}

/// A failure with the path on which it came.
struct Refusal {
    path: Vec<Certificate>,
    failure: Box<Failure>,
}

impl Refusal {
    fn new(path: impl Into<Vec<Certificate>>, failure: Failure) -> Self {
        Self { path: path.into(), failure: Box::new(failure) }
    }
}

struct Client<'a> {
    anchors: &'a Candidates,
    stance: Stance<'a>,
    budget: Budget,
}

impl Client<'_> {
    fn judge(
        &mut self,
        chain: &[Certificate],
        name: Option<&ServerName>,
    ) -> Result<Vec<Certificate>, Refusal> {
        let Some(leaf) = chain.first() else {
            return Err(Refusal::new([], empty_chain()));
        };
        if self.anchors.is_empty() {
            return Err(Refusal::new(chain, no_anchors()));
        }
        let path = self.trusted_path(chain)?;
        let refuse = |failure| Refusal::new(path.clone(), failure);
        if path.len() > 1 {
            end_entity::check(leaf, self.stance.purpose).map_err(refuse)?;
        }
        if let Some(name) = name {
            let public = path.last().is_some_and(|anchor| self.stance.security.ships(anchor.fingerprint()));
            let wildcards = self.stance.java.wildcards();
            let matched = if public {
                names::jsse_below_public_ca(name, leaf, wildcards)
            } else {
                names::jsse(name, leaf, wildcards)
            };
            matched
                .map_err(|text| Failure::new("name-mismatch", Phase::EndEntity, leaf, text))
                .map_err(refuse)?;
        }
        Ok(path)
    }

    /// `PKIXValidator.engineValidate`: the chain as sent where it is in order, else the builder.
    fn trusted_path(&mut self, chain: &[Certificate]) -> Result<Vec<Certificate>, Refusal> {
        let mut previous: Option<&Certificate> = None;
        for (i, certificate) in chain.iter().enumerate() {
            match previous {
                None if self.anchors.contains(certificate) => return Ok(vec![certificate.clone()]),
                None => {}
                Some(previous) if !names_chain(previous, certificate) => return self.build(chain),
                Some(_) => {
                    let is_twin = |anchor: &Certificate| {
                        anchor.key() == certificate.key()
                            && anchor.subject().is_equal_in_java(certificate.subject())
                    };
                    if self.anchors.with_subject(certificate.subject()).iter().any(is_twin) {
                        return self.validate(chain.get(..i).unwrap_or_default());
                    }
                }
            }
            previous = Some(certificate);
        }
        match previous {
            Some(last) if self.anchors.issuers_by_name(last).iter().any(|a| names_chain(last, a)) => {
                self.validate(chain)
            }
            _ => self.build(chain),
        }
    }

    /// `PKIXCertPathValidator`: every anchor that could have issued the top certificate is tried; the last
    /// failure is the one that is thrown.
    fn validate(&mut self, path: &[Certificate]) -> Result<Vec<Certificate>, Refusal> {
        let refuse = |failure| Refusal::new(path, failure);
        let Some(top) = path.last() else { return Err(refuse(empty_chain())) };
        let mut failure = Failure::new(
            "no-anchor",
            Phase::Validation,
            top,
            "Path does not chain with any of the trust anchors",
        );
        for anchor in self.anchors.issuers_by_name(top).iter().filter(|anchor| may_have_issued(anchor, top)) {
            match check_path(path, anchor, &self.stance, &mut self.budget, true) {
                Ok(()) => {
                    verify_anchor(anchor, Phase::AnchorValidated).map_err(refuse)?;
                    return Ok(with_anchor(path, anchor));
                }
                Err(found) => failure = found,
            }
        }
        Err(refuse(failure))
    }

    /// `SunCertPathBuilder` over what was sent and the anchors. Whatever goes wrong has one text.
    fn build(&mut self, chain: &[Certificate]) -> Result<Vec<Certificate>, Refusal> {
        let leaf_only = |failure| Refusal::new(chain.get(..1).unwrap_or_default(), failure);
        let Some(leaf) = chain.first() else { return Err(leaf_only(empty_chain())) };
        let no_path = Failure::new(
            "no-path",
            Phase::Building,
            leaf,
            "unable to find valid certification path to requested target",
        );
        let admission = Builder { now: self.stance.now };
        if !admission.target(leaf) {
            return Err(leaf_only(no_path));
        }
        let candidates: Candidates = chain.iter().collect();
        let mut unjudged = None;
        let search = Search::new(leaf, self.anchors, &candidates, admission);
        let stance = self.stance;
        let found = search.find(&mut self.budget, |path, budget| {
            let Some((anchor, below)) = path.certificates.split_last() else { return false };
            if path.end != PathEnd::Anchor {
                return false;
            }
            match check_path(below, anchor, &stance, budget, false) {
                Ok(()) => true,
                Err(failure) => {
                    if failure.unjudged {
                        unjudged = Some(failure);
                    }
                    false
                }
            }
        });
        match found {
            Ok(Some(path)) => {
                match path.certificates.last().map(|anchor| verify_anchor(anchor, Phase::AnchorBuilt)) {
                    Some(Err(failure)) => Err(Refusal::new(path.certificates, failure)),
                    _ => Ok(path.certificates),
                }
            }
            Ok(None) => Err(leaf_only(unjudged.unwrap_or(no_path))),
            Err(exhausted) => Err(leaf_only(Failure {
                id: "cannot-judge",
                text: exhausted.to_string(),
                unjudged: true,
                ..no_path
            })),
        }
    }
}

fn empty_chain() -> Failure {
    Failure {
        id: "empty-chain",
        text: "null or zero-length certificate chain".to_owned(),
        certificate: None,
        alert: Alert::BadCertificate,
        phase: Phase::Chain,
        unjudged: false,
    }
}

fn no_anchors() -> Failure {
    Failure {
        id: "no-anchors",
        text: "Unexpected error: java.security.InvalidAlgorithmParameterException: the trustAnchors \
               parameter must be non-empty"
            .to_owned(),
        certificate: None,
        alert: Alert::InternalError,
        phase: Phase::Setup,
        unjudged: false,
    }
}

/// Whether the one's issuer is the other's subject, as the JVM compares names.
fn names_chain(below: &Certificate, issuer: &Certificate) -> bool {
    below.issuer().is_equal_in_java(issuer.subject())
}

/// `AdaptableX509CertSelector` as `PKIXCertPathValidator` sets it: the name, the key identifier where both have one,
/// the serial number where the authority key identifier names it.
fn may_have_issued(anchor: &Certificate, top: &Certificate) -> bool {
    let key_id = match (top.authority_key_id(), anchor.subject_key_id()) {
        (Some(wanted), Some(id)) => wanted == id,
        _ => true,
    };
    let serial =
        anchor.version() < 3 || top.authority_serial().is_none_or(|serial| serial == anchor.serial());
    key_id && serial && names_chain(top, anchor)
}

/// `PKIXValidator.verifyTrustAnchor`; comes after the path was found good.
fn verify_anchor(anchor: &Certificate, phase: Phase) -> Result<(), Failure> {
    if anchor.version() < 3 {
        return Ok(());
    }
    let subject = || name_text::java_text(anchor.subject());
    let fail = |id, text: String| Err(Failure::new(id, phase, anchor, text));
    if !anchor.is_ca() {
        return fail(
            "not-a-ca",
            format!("TrustAnchor with subject \"{}\" is not a CA certificate", subject()),
        );
    }
    if anchor.key_usage().is_some_and(|usage| !usage.key_cert_sign()) {
        return fail(
            "no-cert-sign",
            format!(
                "TrustAnchor with subject \"{}\" does not have keyCertSign bit set in KeyUsage extension",
                subject()
            ),
        );
    }
    Ok(())
}

/// `PKIXBuilderParameters.getMaxPathLength`: how many CAs the builder follows; the validator follows all.
const MOST_INTERMEDIATES: usize = 5;

/// What `ForwardBuilder` lets into a path.
struct Builder {
    now: OffsetDateTime,
}

impl Builder {
    fn is_valid(&self, certificate: &Certificate) -> bool {
        certificate.not_before() <= self.now && self.now <= certificate.not_after()
    }

    /// The server's certificate must be valid now and have no critical extension that PKIX does not know.
    fn target(&self, leaf: &Certificate) -> bool {
        self.is_valid(leaf) && certification::unknown_critical(leaf).is_none()
    }
}

impl Admission for Builder {
    fn issuer(&mut self, issuer: &Certificate, path: &[Certificate]) -> bool {
        if !path.last().is_none_or(|below| names_chain(below, issuer)) {
            return false;
        }
        let above_leaf = path.iter().skip(1).filter(|passed| !passed.is_self_issued()).count();
        let long_enough = issuer
            .basic_constraints()
            .and_then(|constraints| constraints.path_length)
            .is_none_or(|length| usize::try_from(length).is_ok_and(|length| length >= above_leaf));
        let twice_self_issued =
            issuer.is_self_issued() && path.last().is_some_and(Certificate::is_self_issued);
        issuer.version() >= 3
            && issuer.is_ca()
            && long_enough
            && above_leaf < MOST_INTERMEDIATES
            && self.is_valid(issuer)
            && !twice_self_issued
            && issuer.key_usage().is_none_or(|usage| usage.key_cert_sign())
            && certification::unknown_critical(issuer).is_none()
    }

    /// Directly above the server's certificate anchors are not looked at; further up they must be valid now,
    /// because the selector that finds them is used again. One of version 1 or 2 must besides have been valid as
    /// long as what it issued.
    fn anchor(&mut self, anchor: &Certificate, path: &[Certificate]) -> bool {
        if path.len() > 1 && !self.is_valid(anchor) || !path.last().is_none_or(|b| names_chain(b, anchor)) {
            return false;
        }
        anchor.version() >= 3
            || path.last().is_none_or(|below| {
                anchor.not_before() <= below.not_before() && below.not_after() <= anchor.not_after()
            })
    }
}

/// What the JVM looks at beyond this.
fn not_judged(
    path: &[Certificate],
    named: bool,
    failure: Option<&Failure>,
    stance: &Stance<'_>,
) -> Vec<String> {
    let mut list = vec![REVOCATION.to_owned()];
    if !named {
        list.push(match stance.purpose {
            Purpose::Client => "the name: a server of JSSE looks at none".to_owned(),
            Purpose::Server | Purpose::Any => "the host name: none was given".to_owned(),
        });
    }
    if failure.is_none() && path.len() > 1 {
        list.push(CA_DISTRUST.to_owned());
    }
    let below = path.split_last().map_or(path, |(_, below)| below);
    let sha1 = below.iter().any(|c| c.signature_algorithm().digest == Some("SHA1"));
    if sha1 && !stance.security.knows_shipped_anchors() {
        list.push(
            "SHA-1 signatures below an anchor that the JDK's own cacerts marks with \" [jdk\"".to_owned(),
        );
    }
    if stance.security.is_default() {
        list.push(SECURITY_PROPERTIES.to_owned());
    }
    list
}
