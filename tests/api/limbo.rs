//! The cases of x509-limbo: those of the web PKI by the baseline requirements, the others by RFC 5280, and all
//! of them by rustls-webpki, which is also asked itself.

mod exceptions;
mod straight;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use keyward::chain::names::PeerName;
use keyward::chain::revocation::{Demand, Revocation};
use keyward::chain::rules::{Purpose, Question, RuleSet};
use keyward::format::certificates;
use keyward::format::objects::{self, Object};
use keyward::model::{Certificate, Crl};
use keyward::report::verdict::Verdict;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::corpora;

/// A case without a time is judged at this one; all that is made for the suite is valid then.
const NOW: &str = "2026-06-01T00:00:00Z";

/// No case may take longer, in a build without optimization.
const LONGEST: Duration = Duration::from_secs(20);

/// A case of the suite.
struct Case {
    id: String,
    accepted: bool,
    chain: Vec<Certificate>,
    untrusted: Vec<Certificate>,
    anchors: Vec<Certificate>,
    names: Vec<PeerName>,
    now: OffsetDateTime,
    purpose: Purpose,
    max_depth: Option<usize>,
    crls: Vec<Crl>,
    /// What it needs beyond a path.
    features: Vec<String>,
}

impl Case {
    fn new(json: &Value) -> Self {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let list =
            |key: &str| json[key].as_array().into_iter().flatten().filter_map(text).collect::<Vec<_>>();
        let read = |pems: Vec<String>| pems.iter().filter_map(|pem| certificate(pem)).collect::<Vec<_>>();
        let now = text(&json["validation_time"]).unwrap_or_else(|| NOW.to_owned());
        let names = [&json["expected_peer_name"]]
            .into_iter()
            .chain(json["expected_peer_names"].as_array().into_iter().flatten());
        Self {
            id: text(&json["id"]).unwrap(),
            accepted: json["expected_result"] == "SUCCESS",
            chain: read(text(&json["peer_certificate"]).into_iter().collect()),
            untrusted: read(list("untrusted_intermediates")),
            anchors: read(list("trusted_certs")),
            names: names
                .filter_map(|name| name["value"].as_str())
                .map(|name| PeerName::parse(name).unwrap())
                .collect(),
            now: OffsetDateTime::parse(&now, &Rfc3339).unwrap(),
            purpose: if json["validation_kind"] == "CLIENT" { Purpose::Client } else { Purpose::Server },
            max_depth: json["max_chain_depth"].as_u64().map(|depth| usize::try_from(depth).unwrap()),
            crls: list("crls").iter().filter_map(|pem| crl(pem)).collect(),
            features: list("features"),
        }
    }

    /// Every name has to be one of the certificate's.
    fn judge(&self, rules: RuleSet) -> Verdict {
        let judge = |name| {
            rules.judge(&Question {
                chain: &self.chain,
                untrusted: &self.untrusted,
                anchors: &self.anchors.iter().collect(),
                name,
                now: self.now,
                purpose: self.purpose,
                max_depth: self.max_depth,
                revocation: Revocation {
                    demand: if self.crls.is_empty() { Demand::Off } else { Demand::Hard },
                    crls: &self.crls,
                    inquiry: None,
                },
            })
        };
        let mut verdict = judge(self.names.first());
        for name in self.names.iter().skip(1) {
            if verdict.is_accepted() {
                verdict = judge(Some(name));
            }
        }
        verdict
    }
}

/// What cannot be read at all is no certificate of a chain.
fn certificate(pem: &str) -> Option<Certificate> {
    certificates::read(pem.as_bytes()).ok()?.certificates.into_iter().next().map(|found| found.certificate)
}

fn crl(pem: &str) -> Option<Crl> {
    objects::read(pem.as_bytes()).ok()?.found.into_iter().find_map(|found| match found.object {
        Object::Crl(crl) => Some(crl),
        _ => None,
    })
}

fn cases() -> Option<Vec<Case>> {
    Some(described()?.iter().map(Case::new).collect())
}

/// The cases as they stand in the file.
fn described() -> Option<Vec<Value>> {
    let bytes = std::fs::read(corpora()?.join("limbo/limbo.json")).unwrap();
    let mut json: Value = serde_json::from_slice(&bytes).unwrap();
    match json["testcases"].take() {
        Value::Array(cases) => Some(cases),
        _ => panic!("there are no cases"),
    }
}

/// Compares, and fails where a case differs without being excepted, or is excepted without differing.
fn compare(what: &str, rules: impl Fn(&Case) -> RuleSet, exceptions: &[(&str, &str)]) {
    let Some(cases) = cases() else { return };
    let mut excepted: BTreeMap<&str, &str> = exceptions.iter().copied().collect();
    let (mut agreeing, mut wrong) = (0, Vec::new());
    for case in &cases {
        let begun = Instant::now();
        let verdict = case.judge(rules(case));
        assert!(begun.elapsed() < LONGEST, "{} took {:?}", case.id, begun.elapsed());
        let agrees = verdict.is_accepted() == case.accepted;
        agreeing += usize::from(agrees);
        match (agrees, excepted.remove(case.id.as_str())) {
            (true, None) | (false, Some(_)) => {}
            (true, Some(reason)) => wrong.push(format!("{} agrees now; it was excepted: {reason}", case.id)),
            (false, None) => {
                let reason = verdict.reason.map_or_else(
                    || "accepted".to_owned(),
                    |reason| format!("{}: {}", reason.id, reason.message),
                );
                let features = case.features.join(" ");
                wrong.push(format!("{} ({features}): {reason}", case.id));
            }
        }
    }
    wrong.extend(excepted.keys().map(|id| format!("{id} is excepted, and no case")));
    println!("limbo, {what}: {agreeing} of {}, {} excepted", cases.len(), exceptions.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn limbo_agrees_with_the_standards() {
    let rules = |case: &Case| if case.id.starts_with("webpki::") { RuleSet::Cabf } else { RuleSet::Rfc5280 };
    compare("rfc5280 and cabf", rules, &exceptions::STANDARDS);
}

#[test]
fn limbo_shows_the_deviations_of_webpki() {
    compare("webpki", |_| RuleSet::Webpki, &deviations());
}

/// Each exception is one that the crate itself shows, and it shows no other.
#[test]
fn limbo_is_judged_as_by_webpki_itself() {
    let Some(cases) = described() else { return };
    let deviations = deviations();
    let (mut agreeing, mut wrong) = (0, Vec::new());
    for json in &cases {
        let case = Case::new(json);
        let crates = straight::judge(json, NOW);
        let ours = case.judge(RuleSet::Webpki);
        // Where both refuse, it is with the same error, which the message ends with.
        let agrees = match (&crates, &ours.reason) {
            (Ok(()), None) => ours.is_accepted(),
            (Err(error), Some(reason)) => {
                !ours.is_accepted() && reason.message.ends_with(&format!("(webpki: {error:?})"))
            }
            _ => false,
        };
        if agrees {
            agreeing += 1;
        } else {
            wrong.push(format!("{}: the crate says {crates:?}, keyward {:?}", case.id, ours.reason));
        }
        let excepted = deviations.iter().any(|(id, _)| *id == case.id);
        if excepted == (crates.is_ok() == case.accepted) {
            wrong.push(format!("{}: the crate says {crates:?}, excepted: {excepted}", case.id));
        }
    }
    println!("limbo, webpki itself: {agreeing} of {} as keyward, {} excepted", cases.len(), deviations.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn deviations() -> Vec<(&'static str, &'static str)> {
    [&exceptions::WEBPKI_PUBLISHED[..], &exceptions::WEBPKI_UNPUBLISHED].concat()
}
