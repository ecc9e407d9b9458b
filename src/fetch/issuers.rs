//! Certificates of issuers from the addresses that certificates name (AIA, RFC 5280 section 4.2.2.1).

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use super::address::LocalClass;
use super::download::{Bounds, WayOut, download};
use super::proxy::Proxies;
use crate::chain::issuers::{IssuerAnswer, IssuerAttempt, IssuerSource};
use crate::format::certificates;
use crate::limits;
use crate::model::Certificate;

/// Which addresses inside the machine or its hosting may be asked. By default none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AiaReach {
    loopback: bool,
    link_local: bool,
}

impl AiaReach {
    /// Loopback and link-local addresses may be asked (`--aia-local`). Multicast and unspecified ones are
    /// never.
    #[must_use]
    pub fn local() -> Self {
        Self { loopback: true, link_local: true }
    }

    /// What may be asked for the sake of a server at this address: a loopback server may name loopback
    /// addresses, a link-local one link-local ones.
    #[must_use]
    pub fn of_peer(peer: IpAddr) -> Self {
        match LocalClass::of(peer) {
            Some(LocalClass::Loopback) => Self { loopback: true, link_local: false },
            Some(LocalClass::LinkLocal) => Self { loopback: false, link_local: true },
            _ => Self::default(),
        }
    }

    pub(super) fn permits(self, class: LocalClass) -> bool {
        match class {
            LocalClass::Loopback => self.loopback,
            LocalClass::LinkLocal => self.link_local,
            LocalClass::Unspecified | LocalClass::Multicast => false,
        }
    }
}

/// How AIA addresses are asked.
#[derive(Clone, Copy, Debug)]
pub struct AiaOptions {
    /// Which local addresses may be asked.
    pub reach: AiaReach,
    /// Time for one address with its redirects.
    pub time: Duration,
}

impl Default for AiaOptions {
    fn default() -> Self {
        Self { reach: AiaReach::default(), time: limits::AIA_TIME }
    }
}

/// The answers of one run, so that no address is asked twice: subjects of one run mostly share their
/// issuers. May be shared between threads; who asks for an address that another is asking for waits.
#[derive(Debug, Default)]
pub struct AiaAnswers {
    known: Mutex<HashMap<(String, AiaReach), Slot>>,
    way: WayOut,
}

impl AiaAnswers {
    /// Those of a run whose requests go through proxies. Without this they go straight.
    #[must_use]
    pub fn through(proxies: Proxies) -> Self {
        Self { known: Mutex::default(), way: WayOut { proxies, ..WayOut::default() } }
    }
}

type Slot = Arc<OnceLock<Outcome>>;
type Outcome = Result<Vec<Certificate>, String>;

/// Asks the AIA addresses of certificates, for one subject: one target or one file.
///
/// Only `http` is followed, through the proxies of [`AiaAnswers::through`]. The addresses come from a stranger:
/// each host is resolved first, and loopback and link-local addresses are refused unless [`AiaReach`]
/// permits them, at each redirect anew. Where a proxy resolves the names, only addresses in the text and
/// `localhost` can be refused. Redirects, bytes, time, certificates of an answer and requests of
/// the subject are bounded ([`limits`]). Answers may be DER, PEM or PKCS7. Nothing that comes is checked against
/// the certificate that asked.
#[derive(Debug)]
pub struct AiaIssuers<'a> {
    answers: &'a AiaAnswers,
    options: AiaOptions,
    asked: usize,
}

impl<'a> AiaIssuers<'a> {
    /// A source for one subject, which shares the answers of its run.
    #[must_use]
    pub fn new(answers: &'a AiaAnswers, options: AiaOptions) -> Self {
        Self { answers, options, asked: 0 }
    }

    fn ask(&mut self, address: &str) -> Outcome {
        let key = (address.to_owned(), self.options.reach);
        let slot = {
            let mut answers = self.answers.known.lock().unwrap_or_else(PoisonError::into_inner);
            let known = answers.get(&key).cloned();
            match known {
                Some(slot) => slot,
                None if self.asked >= limits::AIA_REQUESTS => {
                    return Err(format!("not asked: {} addresses were asked before it", self.asked));
                }
                None => {
                    self.asked += 1;
                    let slot = Slot::default();
                    if answers.len() < limits::AIA_ANSWERS {
                        answers.insert(key, Arc::clone(&slot));
                    }
                    slot
                }
            }
        };
        slot.get_or_init(|| self.get(address)).clone()
    }

    fn get(&self, address: &str) -> Outcome {
        let bounds = Bounds {
            bytes: limits::AIA_BYTES,
            redirects: limits::AIA_REDIRECTS,
            time: self.options.time,
            reach: self.options.reach,
        };
        let bytes = download(address, bounds, &self.answers.way).map_err(|error| error.to_string())?;
        let certificates = read(&bytes)?;
        if certificates.len() > limits::AIA_CERTIFICATES {
            return Err(format!("more than {} certificates", limits::AIA_CERTIFICATES));
        }
        Ok(certificates)
    }
}

impl IssuerSource for AiaIssuers<'_> {
    fn issuers_of(&mut self, certificate: &Certificate) -> IssuerAnswer {
        let mut answer = IssuerAnswer::default();
        for address in certificate.ca_issuers() {
            if answer.attempts.iter().any(|attempt| attempt.address == *address) {
                continue;
            }
            let outcome = self.ask(address).map(|found| {
                let count = found.len();
                answer.certificates.extend(found);
                count
            });
            answer.attempts.push(IssuerAttempt { address: address.clone(), outcome });
        }
        answer
    }
}

/// The certificates of an answer: DER, PEM or PKCS7 (RFC 5280 section 4.2.2.1 asks for DER, or PKCS7).
fn read(bytes: &[u8]) -> Result<Vec<Certificate>, String> {
    let reading = certificates::read(bytes)
        .map_err(|error| error.to_string().replacen("the input", "the answer", 1))?;
    Ok(reading.certificates.into_iter().map(|found| found.certificate).collect())
}
