//! What is wrong with a chain as it was sent, and what repairs it.
//!
//! A finding is an `error` where a usual client fails, a `warning` where some do, and `info` where none
//! does. One cause gives one finding: what only follows from another finding is not said again.

mod assembly;
mod gaps;
mod order;
mod quality;

use std::fmt::Write as _;

use time::OffsetDateTime;

use self::assembly::Assembly;
pub(crate) use self::quality::{date, days};
use super::budget::Budget;
use super::issuers::IssuerSource;
use super::names::ServerName;
use super::rules::jsse::{self, Java};
use crate::model::certificate::AlternativeName;
use crate::model::{Certificate, EncodedCertificate};
use crate::report::diagnose::Diagnosis;
use crate::report::finding::{Finding, FindingId, Repair, Severity};

/// What is to be diagnosed.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The target or file as typed.
    pub name: &'a str,
    /// The name that the certificate must be for; `None` leaves names alone.
    pub host: Option<&'a ServerName>,
    /// The certificates in the order in which they were sent, unread.
    pub presented: &'a [EncodedCertificate],
}

/// Certificates from one place.
#[derive(Clone, Copy, Debug)]
pub struct Store<'a> {
    /// What the place is called in messages and in [`Diagnosis::anchors`].
    pub label: &'a str,
    /// What it holds: trust anchors, or for [`World::pool`] material that vouches for nothing.
    pub certificates: &'a [Certificate],
}

/// What is known besides the chain itself.
#[derive(Clone, Copy, Debug)]
pub struct World<'a> {
    /// The time at which dates are judged.
    pub now: OffsetDateTime,
    /// Files and stores in which missing links may be found.
    pub pool: &'a [Store<'a>],
    /// Trust stores that were asked for: each that lacks the anchor is a finding. Empty: only when all of
    /// `known` lack it.
    pub asked: &'a [Store<'a>],
    /// Trust stores at hand: the system's, Mozilla's, the JDK's. Where stores were asked for, these only
    /// help to name the root.
    pub known: &'a [Store<'a>],
}

impl<'a> World<'a> {
    /// The stores whose answer is reported.
    fn reported(&self) -> &'a [Store<'a>] {
        if self.asked.is_empty() { self.known } else { self.asked }
    }
}

/// Diagnoses one chain.
///
/// Signatures, order, completeness, dates, names, algorithms, key sizes and usages are looked at; where nothing of them
/// is an error, and a store has the anchor or lacks but a root that is known, so is whatever else a JVM refuses a chain for. Revocation is not. `issuers` is asked for links that neither the chain
/// nor the world has, at most [`crate::limits::AIA_REQUESTS`] times.
pub fn diagnose(subject: Subject<'_>, world: World<'_>, issuers: &mut dyn IssuerSource) -> Diagnosis {
    let mut findings = Vec::new();
    let readable = read(&subject, &mut findings);
    let mut budget = Budget::default();
    let Some(assembly) = Assembly::new(&readable, subject.host, world, issuers, &mut budget) else {
        if subject.presented.is_empty() {
            let message = format!("{} sent no certificate", subject.name);
            findings.push(Finding::new(FindingId::EmptyChain, Severity::Error, None, message));
        }
        let anchors = world.reported().iter().map(|store| (store.label.to_owned(), false)).collect();
        return Diagnosis { subject: subject.name.to_owned(), findings, path: Vec::new(), anchors };
    };
    gaps::find(&assembly, &mut findings);
    order::find(&assembly, &mut budget, &mut findings);
    quality::find(&assembly, subject.host, &mut budget, &mut findings);
    refused_by_jvm(&assembly, subject.host, &mut findings);
    if let Some(exhausted) = budget.exhausted() {
        let message = format!("{exhausted}: the chain may be better than what is said here");
        findings.push(Finding::new(FindingId::SearchGivenUp, Severity::Warning, None, message));
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    Diagnosis {
        subject: subject.name.to_owned(),
        findings,
        path: assembly.path.certificates,
        anchors: assembly.anchored.into_iter().map(|(label, has)| (label.to_owned(), has)).collect(),
    }
}

/// What keeps a JVM from it where nothing else does: name constraints, policies, a chain that it does not read. Where
/// nothing but a root is missing, it is judged as imported.
fn refused_by_jvm(assembly: &Assembly<'_>, host: Option<&ServerName>, findings: &mut Vec<Finding>) {
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    let missing: Option<Vec<&Repair>> = errors
        .map(|error| error.repair.as_ref().filter(|repair| matches!(repair, Repair::TrustRoot { .. })))
        .collect();
    let Some(missing) = missing else { return };
    let has_anchor = |label: &str| assembly.anchored.iter().any(|(store, has)| *has && *store == label);
    for store in assembly.world.reported() {
        // Without a store that was asked for, the root goes into a new one.
        let kept =
            if assembly.world.asked.is_empty() && !missing.is_empty() { &[] } else { store.certificates };
        let mut anchors = kept.to_vec();
        let import = missing.iter().find_map(|repair| match repair {
            Repair::TrustRoot { certificate, store: lacking } if lacking == store.label => Some(certificate),
            _ => None,
        });
        match import {
            Some(root) => anchors.push(root.clone()),
            None if has_anchor(store.label) => {}
            None => continue,
        }
        let verdict = jsse::judge(assembly.presented, &anchors, host, assembly.world.now, Java::V17);
        if let (Some(false), Some(reason)) = (verdict.accepted, verdict.reason) {
            let about = assembly.presented.iter().chain(&assembly.path.certificates);
            let about = about.into_iter().find(|c| reason.certificate == Some(c.fingerprint().to_string()));
            let once = import.map_or_else(String::new, |root| format!("once {} is imported, ", called(root)));
            let who = match (import, assembly.world.asked) {
                (Some(_), []) => "a JVM (as OpenJDK 17)".to_owned(),
                _ => format!("a JVM (as OpenJDK 17) with {}", store.label),
            };
            let message = format!("{once}{who} refuses it: {}", reason.message);
            findings.push(Finding::new(FindingId::RefusedByJvm, Severity::Error, about, message));
            return;
        }
    }
}

/// Reads what was sent; what cannot be read is a finding.
fn read(subject: &Subject<'_>, findings: &mut Vec<Finding>) -> Vec<Certificate> {
    let mut readable = Vec::new();
    for (i, encoded) in subject.presented.iter().enumerate() {
        match encoded.read() {
            Ok(certificate) => readable.push(certificate),
            Err(error) => {
                // Without the first certificate no client knows whom it talks to.
                let severity = if i == 0 { Severity::Error } else { Severity::Warning };
                let message = format!("certificate {} of the chain cannot be read: {error}", i + 1);
                findings.push(Finding {
                    certificate: Some(encoded.fingerprint()),
                    ..Finding::new(FindingId::UnreadableCertificate, severity, None, message)
                });
            }
        }
    }
    readable
}

/// A certificate as messages call it: its short subject in quotes, and its first name where it has no subject.
pub(crate) fn called(certificate: &Certificate) -> String {
    let name = match certificate.alternative_names().and_then(<[AlternativeName]>::first) {
        Some(first) if certificate.subject().is_empty() => {
            first.to_string().chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
        }
        _ => certificate.subject().short(),
    };
    format!("\"{name}\"")
}

/// "a", "a and b", "a, b and c".
pub(crate) fn listed<T: AsRef<str>>(items: &[T]) -> String {
    let mut text = String::new();
    for (i, item) in items.iter().enumerate() {
        let between = match i {
            0 => "",
            _ if i + 1 == items.len() => " and ",
            _ => ", ",
        };
        let _ = write!(text, "{between}{}", item.as_ref());
    }
    text
}
