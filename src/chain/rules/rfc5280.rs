//! RFC 5280, read strictly: the path rules of section 6 and the certificate profile of section 4, for each
//! certificate of the path, the anchor's own included as far as its dates, its constraints and its key
//! identifiers go. Host names are compared by RFC 9525, so the common name never counts.
//!
//! Where the standard is silent, two habits that all clients share are added, each said to be one: the
//! extended key usage of a CA limits what it may vouch for, and signatures with MD5 and SHA-1 count for
//! nothing.

mod algorithms;
mod alternative_names;
mod basic_constraints;
mod extended_key_usage;
mod extensions;
mod fields;
mod general_names;
mod key_identifiers;
mod key_usage;
mod link;
mod name_constraints;
mod names;
pub(super) mod policies;
mod revocation;
mod validity;

use std::borrow::Cow;
use std::collections::HashMap;

pub(crate) use link::{Link, Place};
pub(crate) use name_constraints::{
    JavaWildcards, check_form_but_criticality as name_constraints_form, permits_as_java,
};

use super::super::budget::{Budget, Exhausted};
use super::super::path::{Admission, AdmitAll, Candidates, Path, PathEnd, Search};
use super::super::signature::{self, SignatureError};
use super::violation::{Rank, Violation, called};
use super::{Question, RuleSet};
use crate::limits;
use crate::model::{Certificate, Fingerprint};
use crate::report::certificate::CertificateReport;
use crate::report::verdict::{RefusedPath, Verdict};

/// A demand on one certificate, wherever its path leads.
pub(crate) type CertificateRule = fn(&Link<'_>, &mut Vec<Violation>);

/// A demand on a path as a whole.
type PathRule = fn(&[Link<'_>], &Question<'_>, &mut Vec<Violation>);

/// Which rules are kept beyond those of the path, and how the standard's leeway is used.
pub(crate) struct Profile {
    /// The name in the report.
    pub(crate) rules: RuleSet,
    /// Demands on single certificates beyond [`CERTIFICATE_RULES`].
    pub(crate) further_rules: &'static [CertificateRule],
    /// What is not looked at: plain sentences.
    pub(crate) not_judged: &'static [&'static str],
}

/// The demands of section 4 on single certificates, but for name constraints: the one rule that others relax.
const CERTIFICATE_RULES: [CertificateRule; 10] = [
    fields::check,
    extensions::check,
    extensions::critical,
    basic_constraints::check,
    key_usage::check,
    extended_key_usage::check,
    key_identifiers::check,
    alternative_names::check,
    policies::check_form,
    algorithms::check,
];

/// The demands of section 6 on paths, and of RFC 9525 on the name.
const PATH_RULES: [PathRule; 7] = [
    validity::check,
    basic_constraints::path_length,
    basic_constraints::depth,
    extended_key_usage::path,
    key_identifiers::path,
    policies::path,
    names::check,
];

const PROFILE: Profile =
    Profile { rules: RuleSet::Rfc5280, further_rules: &[name_constraints::check_form], not_judged: &[] };

impl Profile {
    /// Holds one certificate against its rules.
    fn check(&self, link: &Link<'_>, found: &mut Vec<Violation>) {
        CERTIFICATE_RULES.iter().chain(self.further_rules).for_each(|rule| rule(link, found));
    }
}

/// Judges by RFC 5280.
#[must_use]
pub fn judge(question: &Question<'_>) -> Verdict {
    judge_profile(question, &PROFILE)
}

/// Judges by RFC 5280 and what a profile adds.
pub(crate) fn judge_profile(question: &Question<'_>, profile: &Profile) -> Verdict {
    let mut not_judged: Vec<String> = profile.not_judged.iter().map(|&text| text.to_owned()).collect();
    if question.name.is_none() {
        not_judged.push("the name: none was given".to_owned());
    }
    let outcome = Judge::new(question, profile).judge();
    not_judged.extend(revocation::passed_over(&outcome.path, outcome.failure.is_none(), question));
    Verdict {
        rules: profile.rules.name(),
        accepted: match &outcome.failure {
            None => Some(true),
            Some(failure) if failure.unjudged => None,
            Some(_) => Some(false),
        },
        path: outcome.path.iter().map(CertificateReport::from).collect(),
        reason: outcome.failure.as_ref().map(Violation::reason),
        refused: outcome.refused,
        not_judged,
    }
}

/// What came of a question.
struct Outcome {
    path: Vec<Certificate>,
    failure: Option<Violation>,
    refused: Vec<RefusedPath>,
}

/// One question under way.
struct Judge<'a> {
    question: &'a Question<'a>,
    profile: &'a Profile,
    anchors: Cow<'a, Candidates>,
    candidates: Candidates,
    budget: Budget,
}

/// A path that was refused, with all that is wrong with it.
struct Refused {
    path: Vec<Certificate>,
    /// It ends with an anchor.
    anchored: bool,
    violations: Vec<Violation>,
}

impl Refused {
    /// The violation that says most. What cannot be told is the reason only if nothing else is.
    fn worst(&self) -> Option<&Violation> {
        let mut worst: Option<&Violation> = None;
        for violation in &self.violations {
            if worst.is_none_or(|worst| violation.rank > worst.rank) {
                worst = Some(violation);
            }
        }
        worst
    }

    /// How near the path came: to an anchor, without a real violation, with few, by what says most.
    fn distance(&self) -> (bool, bool, usize, std::cmp::Reverse<Rank>) {
        let real = self.violations.iter().any(|violation| !violation.unjudged);
        let rank = self.worst().map_or(Rank::Nothing, |worst| worst.rank);
        (!self.anchored, real, self.violations.len(), std::cmp::Reverse(rank))
    }

    fn report(&self) -> Option<RefusedPath> {
        let reason = self.worst()?.reason();
        Some(RefusedPath { path: self.path.iter().map(|c| c.fingerprint().to_string()).collect(), reason })
    }
}

impl<'a> Judge<'a> {
    fn new(question: &'a Question<'a>, profile: &'a Profile) -> Self {
        // A peer's own certificate is an anchor of itself only where it is a root: RFC 5280 knows no
        // pinned leaves.
        let pinned =
            |leaf: &&Certificate| question.anchors.contains(leaf) && !signature::is_self_signed(leaf);
        let anchors = match question.chain.first().filter(pinned) {
            Some(leaf) => Cow::Owned(question.anchors.without(leaf)),
            None => Cow::Borrowed(question.anchors),
        };
        let candidates = question.chain.iter().skip(1).chain(question.untrusted).collect();
        Self { question, profile, anchors, candidates, budget: Budget::default() }
    }

    fn judge(mut self) -> Outcome {
        let Some(leaf) = self.question.chain.first() else {
            let message = "there is no certificate to judge";
            return Outcome {
                path: Vec::new(),
                failure: Some(no_path(None, "empty-chain", message)),
                refused: Vec::new(),
            };
        };
        if let Some(path) = self.accepted(leaf) {
            return Outcome { path, failure: None, refused: Vec::new() };
        }
        let given_up = self.budget.exhausted();
        self.explain(leaf, given_up)
    }

    /// The first path that keeps every rule. Issuers that break one by themselves are not followed, which
    /// keeps the search short; why they are refused is found out afterwards.
    fn accepted(&mut self, leaf: &Certificate) -> Option<Vec<Certificate>> {
        let (question, profile) = (self.question, self.profile);
        let pruning = Pruning { question, profile, known: HashMap::new() };
        let search = Search::new(leaf, &self.anchors, &self.candidates, pruning);
        let found = search.find(&mut self.budget, |path, budget| {
            path.end == PathEnd::Anchor
                && violations(&path.certificates, question, profile, budget).is_empty()
        });
        found.ok().flatten().map(|path| path.certificates)
    }

    /// Looks at the paths again, those that break rules included, to say why none will do.
    fn explain(&mut self, leaf: &Certificate, given_up: Option<Exhausted>) -> Outcome {
        let mut budget = Budget::new(limits::SIGNATURE_CHECKS, limits::EXPLAINED_STEPS);
        let mut search = Search::new(leaf, &self.anchors, &self.candidates, AdmitAll);
        let (mut refused, mut dead_ends) = (Vec::new(), Vec::new());
        while refused.len() < limits::EXPLAINED_PATHS
            && let Ok(Some(path)) = search.next_path(&mut budget)
        {
            let anchored = path.end == PathEnd::Anchor;
            if !anchored {
                if dead_ends.len() < limits::EXPLAINED_PATHS {
                    let violations = dead_end(&path, self.question).into_iter().collect();
                    dead_ends.push(Refused { path: path.certificates, anchored, violations });
                }
                continue;
            }
            let mut violations = violations(&path.certificates, self.question, self.profile, &mut budget);
            if violations.is_empty() {
                // Found only because this search has other bounds; the first one has given up before.
                violations.push(no_path(Some(leaf), "search-given-up", "the search for a path was given up"));
            }
            refused.push(Refused { path: path.certificates, anchored, violations });
        }
        refused.append(&mut dead_ends);
        refused.sort_by_key(Refused::distance);
        let reports: Vec<RefusedPath> =
            refused.iter().take(limits::EXPLAINED_PATHS).filter_map(Refused::report).collect();
        let nearest = refused.into_iter().next();
        let mut failure = nearest.as_ref().and_then(Refused::worst).cloned();
        if let Some(exhausted) = given_up {
            // A path may exist that was not reached, so this is no refusal.
            failure = Some(Violation::unjudged(Some(leaf), exhausted.to_string()));
        }
        let failure = failure.unwrap_or_else(|| no_path(Some(leaf), "no-path", "no path was found"));
        Outcome {
            path: nearest.map_or_else(|| vec![leaf.clone()], |nearest| nearest.path),
            failure: Some(failure),
            refused: reports,
        }
    }
}

/// All that is wrong with a path that ends with an anchor.
fn violations(
    path: &[Certificate],
    question: &Question<'_>,
    profile: &Profile,
    budget: &mut Budget,
) -> Vec<Violation> {
    let mut found = Vec::new();
    let links = match link::links(path) {
        Ok(links) => links,
        Err(violation) => return vec![*violation],
    };
    signatures(path, budget, &mut found);
    for link in &links {
        profile.check(link, &mut found);
    }
    PATH_RULES.iter().for_each(|rule| rule(&links, question, &mut found));
    // Last, because it alone can be expensive: what is refused anyway need not pay for it.
    if found.is_empty() {
        name_constraints::path(&links, question, &mut found);
    }
    // Nobody is asked for the sake of a path that will not do anyway.
    if found.is_empty() {
        revocation::check(&links, question, &mut found);
    }
    found
}

/// Section 6.1.3 (a)(1). The search follows bad signatures nowhere; what it could not check is left over,
/// and a root that is the peer's own certificate was not checked at all.
fn signatures(path: &[Certificate], budget: &mut Budget, found: &mut Vec<Violation>) {
    for pair in path.windows(2) {
        let [certificate, issuer] = pair else { continue };
        match budget.verify(certificate, issuer) {
            Ok(Ok(())) => {}
            Ok(Err(error @ SignatureError::Unsupported(_))) => {
                found.push(Violation::unjudged(Some(certificate), error.to_string()));
            }
            Ok(Err(error)) => found.push(Violation::new(
                "bad-signature",
                Rank::Signature,
                "RFC 5280 section 6.1.3",
                certificate,
                format!("{}: {error}", called(certificate)),
            )),
            Err(exhausted) => found.push(Violation::unjudged(Some(certificate), exhausted.to_string())),
        }
    }
}

/// Why a path came to no anchor.
fn dead_end(path: &Path, question: &Question<'_>) -> Option<Violation> {
    let last = path.certificates.last()?;
    let issuer = last.issuer();
    let violation = match &path.end {
        PathEnd::Anchor => return None,
        PathEnd::UntrustedRoot => {
            let what = if path.certificates.len() == 1 {
                "self-signed and no anchor"
            } else {
                "a root that is no anchor"
            };
            no_path(Some(last), "untrusted-root", format!("{} is {what}", called(last)))
        }
        PathEnd::NoIssuer if question.anchors.contains(last) => {
            let message = format!(
                "{} is trusted itself, and it is no root: the standard knows trust in issuers only",
                called(last)
            );
            no_path(Some(last), "leaf-pinned", message)
        }
        PathEnd::NoIssuer if question.anchors.is_empty() => {
            no_path(Some(last), "no-anchors", "there are no trust anchors")
        }
        PathEnd::NoIssuer => {
            let mut message = format!(
                "the issuer of {}, \"{}\", is neither among the certificates at hand nor an anchor",
                called(last),
                issuer.short()
            );
            if let Some(address) = last.ca_issuers().first() {
                message.push_str(&format!("; AIA says it is at {address}"));
            }
            no_path(Some(last), "missing-issuer", message)
        }
        PathEnd::BadSignature { issuer } => Violation::new(
            "bad-signature",
            Rank::Signature,
            "RFC 5280 section 6.1.3",
            last,
            format!("the key of {} did not make the signature of {}", called(issuer), called(last)),
        ),
        PathEnd::NotAdmitted => no_path(
            Some(last),
            "no-path",
            format!("the issuers of {} lead back to the path itself", called(last)),
        ),
        PathEnd::TooLong => no_path(
            Some(last),
            "path-too-long",
            format!("the path has more than {} certificates", limits::PATH_LENGTH),
        ),
    };
    Some(violation)
}

fn no_path(certificate: Option<&Certificate>, id: &'static str, message: impl Into<String>) -> Violation {
    Violation {
        id,
        message: message.into(),
        section: "",
        certificate: certificate.map(Certificate::fingerprint),
        rank: Rank::Nothing,
        unjudged: false,
    }
}

/// Lets in only issuers that break no rule by themselves.
struct Pruning<'a> {
    question: &'a Question<'a>,
    profile: &'a Profile,
    known: HashMap<(Fingerprint, bool), bool>,
}

impl Pruning<'_> {
    fn is_sound(&mut self, issuer: &Certificate, place: Place) -> bool {
        let key = (issuer.fingerprint(), place == Place::Anchor);
        let (question, profile) = (self.question, self.profile);
        *self.known.entry(key).or_insert_with(|| {
            let mut found = Vec::new();
            let Ok(link) = Link::new(issuer, place) else { return false };
            profile.check(&link, &mut found);
            validity::check(std::slice::from_ref(&link), question, &mut found);
            extended_key_usage::path(std::slice::from_ref(&link), question, &mut found);
            found.is_empty()
        })
    }

    /// No more intermediates than `issuer` allows below itself.
    fn is_long_enough(issuer: &Certificate, path: &[Certificate]) -> bool {
        let below = path.iter().skip(1).filter(|passed| !passed.is_self_issued()).count();
        issuer
            .basic_constraints()
            .and_then(|constraints| constraints.path_length)
            .is_none_or(|length| usize::try_from(length).is_ok_and(|length| length >= below))
    }
}

impl Admission for Pruning<'_> {
    fn issuer(&mut self, issuer: &Certificate, path: &[Certificate]) -> bool {
        Self::is_long_enough(issuer, path) && self.is_sound(issuer, Place::Intermediate)
    }

    fn anchor(&mut self, anchor: &Certificate, path: &[Certificate]) -> bool {
        Self::is_long_enough(anchor, path) && self.is_sound(anchor, Place::Anchor)
    }
}
