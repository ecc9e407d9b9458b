//! Whom to ask, in which order, and what came of it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;

use super::source::{RevocationSource, SourceError};
use super::{Answer, Said, Status, Subject, crl, ocsp};
use crate::limits;
use crate::model::ocsp::OcspAnswer;
use crate::model::{Certificate, Crl, Fingerprint};
use crate::report::certificate::rfc3339;
use crate::report::revocation::RevocationReport;

/// What may be asked about the certificates of one subject, and all the answers. Nothing is asked twice, whichever
/// rule set wants to know.
#[derive(Default)]
pub struct Inquiry {
    stapled: Option<(Fingerprint, Result<OcspAnswer, String>)>,
    files: HashMap<Fingerprint, String>,
    source: Option<RefCell<Box<dyn RevocationSource>>>,
    known: RefCell<HashMap<(Fingerprint, Fingerprint), Status>>,
    reports: RefCell<Vec<RevocationReport>>,
}

impl fmt::Debug for Inquiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inquiry").field("stapled", &self.stapled).field("known", &self.known).finish()
    }
}

/// Where an answer came from.
#[derive(Clone, Copy)]
enum Origin<'a> {
    File(Option<&'a str>),
    Stapled,
    Responder(&'a str),
    Point(&'a str),
    Nobody,
}

impl Origin<'_> {
    fn name(self) -> &'static str {
        match self {
            Self::File(_) => "crl-file",
            Self::Stapled => "stapled",
            Self::Responder(_) => "ocsp",
            Self::Point(_) => "crl",
            Self::Nobody => "none",
        }
    }

    fn place(self) -> Option<String> {
        match self {
            Self::File(place) => place.map(str::to_owned),
            Self::Responder(address) | Self::Point(address) => Some(address.to_owned()),
            Self::Stapled | Self::Nobody => None,
        }
    }
}

impl Inquiry {
    /// An inquiry at a source.
    #[must_use]
    pub fn of(source: impl RevocationSource + 'static) -> Self {
        Self { source: Some(RefCell::new(Box::new(source))), ..Self::default() }
    }

    /// With the answer that a server stapled for its certificate, or why that cannot be read.
    #[must_use]
    pub fn with_stapled(mut self, certificate: &Certificate, answer: Result<OcspAnswer, String>) -> Self {
        self.stapled = Some((certificate.fingerprint(), answer));
        self
    }

    /// With the name of the file that a CRL is from, for the reports.
    #[must_use]
    pub fn with_file(mut self, crl: &Crl, name: &str) -> Self {
        self.files.insert(crl.fingerprint(), name.to_owned());
        self
    }

    /// All that was said so far, in the order in which it was asked.
    #[must_use]
    pub fn reports(&self) -> Vec<RevocationReport> {
        self.reports.borrow().clone()
    }

    /// Finds out about a certificate.
    pub(super) fn status(&self, subject: &Subject<'_>, crls: &[Crl]) -> Status {
        let key = (subject.certificate.fingerprint(), subject.issuer.fingerprint());
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let mut answers = Answers { subject, inquiry: self, all: Vec::new() };
        answers.gather(crls);
        let status = answers.sum();
        self.known.borrow_mut().insert(key, status.clone());
        status
    }
}

/// The answers about one certificate.
struct Answers<'a> {
    subject: &'a Subject<'a>,
    inquiry: &'a Inquiry,
    all: Vec<Said>,
}

impl Answers<'_> {
    fn gather(&mut self, crls: &[Crl]) {
        self.at_hand(crls);
        if self.is_settled() {
            return;
        }
        let asked = self.ask_responders(crls);
        if !self.is_settled() && !self.ask_points() && !asked && self.all.is_empty() {
            let text = if self.inquiry.source.is_none() {
                "no CRL at hand is about it"
            } else {
                "it names nobody who could be asked"
            };
            self.add(Origin::Nobody, Answer::undated(Said::Silent(text.to_owned())));
        }
    }

    /// All that is at hand is looked at: what revokes counts, whatever else is said.
    fn at_hand(&mut self, crls: &[Crl]) {
        for list in crls {
            if let Some(answer) = crl::look_up(self.subject, list) {
                let file = self.inquiry.files.get(&list.fingerprint()).map(String::as_str);
                self.add(Origin::File(file), answer);
            }
        }
        if let Some((_, answer)) =
            self.inquiry.stapled.as_ref().filter(|(of, _)| *of == self.subject.certificate.fingerprint())
        {
            let answer = match answer {
                Ok(answer) => ocsp::hold(self.subject, answer, None, &mut |responder| {
                    is_listed(self.subject, responder, crls)
                }),
                Err(problem) => Answer::undated(Said::Unusable(problem.clone())),
            };
            self.add(Origin::Stapled, answer);
        }
    }

    /// Whether there was anybody to ask.
    fn ask_responders(&mut self, crls: &[Crl]) -> bool {
        let Some(source) = &self.inquiry.source else { return false };
        let Some(question) = ocsp::question(self.subject.certificate, self.subject.issuer) else {
            return false;
        };
        let mut asked: Vec<&str> = Vec::new();
        for address in self.subject.certificate.ocsp().iter().take(limits::REVOCATION_REQUESTS) {
            if self.is_settled() || asked.contains(&address.as_str()) {
                continue;
            }
            asked.push(address);
            let came = source.borrow_mut().ocsp(address, &question);
            let answer = match came {
                Ok((answer, nonce)) => ocsp::hold(self.subject, &answer, Some(&nonce), &mut |responder| {
                    is_listed(self.subject, responder, crls)
                        || listed_at_points(self.subject, responder, &mut **source.borrow_mut())
                }),
                Err(error) => failed(error),
            };
            self.add(Origin::Responder(address), answer);
        }
        !asked.is_empty()
    }

    /// Whether there was anybody to ask.
    fn ask_points(&mut self) -> bool {
        let Some(source) = &self.inquiry.source else { return false };
        let mut asked: Vec<&str> = Vec::new();
        let points = self.subject.certificate.distribution_points().iter();
        let addresses = points.flat_map(|point| point.addresses().map(move |address| (point, address)));
        for (point, address) in addresses.take(limits::REVOCATION_REQUESTS) {
            if self.is_settled() || asked.contains(&address) {
                continue;
            }
            asked.push(address);
            let answer = if point.other_issuer {
                let text = "the CRL there is of another issuer (indirect), which is not processed";
                Answer::undated(Said::Unusable(text.to_owned()))
            } else {
                let came = source.borrow_mut().crl(address);
                came.map_or_else(failed, |list| of_point(self.subject, &list))
            };
            self.add(Origin::Point(address), answer);
        }
        !asked.is_empty()
    }

    fn is_settled(&self) -> bool {
        self.all.iter().any(|said| matches!(said, Said::Good | Said::Revoked { .. }))
    }

    fn add(&mut self, origin: Origin<'_>, answer: Answer) {
        self.inquiry.reports.borrow_mut().push(report(self.subject.certificate, origin, &answer));
        self.all.push(answer.said);
    }

    /// What revokes comes first, then what is good; of the rest the one that says most.
    fn sum(self) -> Status {
        let mut worst = Status::Silent(String::new());
        let mut good = false;
        for said in self.all {
            worst = match (said, worst) {
                (Said::Revoked { since, reason }, _) => return Status::Revoked { since, reason },
                (Said::Good, worst) => {
                    good = true;
                    worst
                }
                (Said::Unknown, _) => Status::Unknown,
                (Said::Unusable(text), Status::Silent(_)) => Status::Unusable(text),
                (Said::Silent(text), Status::Silent(known)) if known.is_empty() => Status::Silent(text),
                (_, worst) => worst,
            };
        }
        if good { Status::Good } else { worst }
    }
}

fn failed(error: SourceError) -> Answer {
    Answer::undated(match error {
        SourceError::NoAnswer(text) => Said::Silent(text),
        SourceError::Unusable(text) => Said::Unusable(text),
    })
}

/// A list that was asked for and is about others is no use.
fn of_point(subject: &Subject<'_>, list: &Crl) -> Answer {
    crl::look_up(subject, list).unwrap_or_else(|| {
        let text = if list.issuer == *subject.certificate.issuer() {
            "the CRL is not about this certificate, or only about some reasons"
        } else {
            "the CRL is of another issuer"
        };
        Answer::undated(Said::Unusable(text.to_owned()))
    })
}

/// Whether lists at hand revoke the certificate of a responder.
fn is_listed(subject: &Subject<'_>, responder: &Certificate, crls: &[Crl]) -> bool {
    let subject = Subject { certificate: responder, ..*subject };
    crls.iter().filter_map(|list| crl::look_up(&subject, list)).any(|answer| revokes(&answer))
}

/// Whether the lists that it names itself revoke the certificate of a responder. It is not asked for by OCSP, which
/// would lead back to it.
fn listed_at_points(
    subject: &Subject<'_>,
    responder: &Certificate,
    source: &mut dyn RevocationSource,
) -> bool {
    let subject = Subject { certificate: responder, ..*subject };
    let addresses = responder.distribution_points().iter().flat_map(|point| point.addresses());
    addresses.take(limits::REVOCATION_REQUESTS).any(|address| {
        source.crl(address).is_ok_and(|list| crl::look_up(&subject, &list).is_some_and(|a| revokes(&a)))
    })
}

fn revokes(answer: &Answer) -> bool {
    matches!(answer.said, Said::Revoked { .. })
}

fn report(certificate: &Certificate, origin: Origin<'_>, answer: &Answer) -> RevocationReport {
    let mut report = RevocationReport {
        certificate: certificate.fingerprint().to_string(),
        subject: certificate.subject().short(),
        source: origin.name(),
        place: origin.place(),
        status: "good",
        this_update: answer.this_update.map(rfc3339),
        next_update: answer.next_update.map(rfc3339),
        revoked_at: None,
        reason: None,
        message: None,
    };
    match &answer.said {
        Said::Good => {}
        Said::Unknown => report.status = "unknown",
        Said::Unusable(text) => {
            report.status = "unusable";
            report.message = Some(text.clone());
        }
        Said::Silent(text) => {
            report.status = "no-answer";
            report.message = Some(text.clone());
        }
        Said::Revoked { since, reason } => {
            report.status = "revoked";
            report.revoked_at = Some(rfc3339(*since));
            report.reason = reason.map(super::reason_text);
        }
    }
    report
}
