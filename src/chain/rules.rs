//! Rule sets: what a kind of client demands of a chain. Each searches with [`super::path`] and judges with
//! its own checks; [`webpki`] alone searches by itself, because it is the client itself that is asked.

pub mod cabf;
pub mod jsse;
pub mod rfc5280;
mod violation;
pub mod webpki;

use std::fmt;

use time::OffsetDateTime;

use super::names::PeerName;
use super::path::Candidates;
use super::revocation::Revocation;
use crate::model::Certificate;
use crate::report::verdict::Verdict;

/// What the certificate is to serve for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// A TLS server.
    #[default]
    Server,
    /// A TLS client.
    Client,
    /// Whatever it allows: extended key usage is not held against anything.
    Any,
}

impl Purpose {
    /// The key purpose (RFC 5280 section 4.2.1.12) that it takes, dotted.
    #[must_use]
    pub fn oid(self) -> Option<&'static str> {
        match self {
            Self::Server => Some("1.3.6.1.5.5.7.3.1"),
            Self::Client => Some("1.3.6.1.5.5.7.3.2"),
            Self::Any => None,
        }
    }

    /// Who has to show such a certificate.
    pub(crate) fn holder(self) -> &'static str {
        match self {
            Self::Server => "TLS servers",
            Self::Client => "TLS clients",
            Self::Any => "anything",
        }
    }
}

/// A chain, and what is asked of it.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// What the peer presents, its own certificate first.
    pub chain: &'a [Certificate],
    /// Material for paths besides, which vouches for nothing.
    pub untrusted: &'a [Certificate],
    /// The trust anchors, put in order by their names once for all questions: a trust store holds hundreds, a path
    /// ends with one.
    pub anchors: &'a Candidates,
    /// The name that the certificate must be for; without one, no name is looked at.
    pub name: Option<&'a PeerName>,
    /// The time at which is judged.
    pub now: OffsetDateTime,
    /// What the certificate is to serve for.
    pub purpose: Purpose,
    /// The most intermediates that a path may hold, those that are self-issued not counted.
    pub max_depth: Option<usize>,
    /// What is demanded of revocation.
    pub revocation: Revocation<'a>,
}

/// A rule set by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RuleSet {
    /// A JVM as OpenJDK 17.
    Jsse17,
    /// A JVM as OpenJDK 25.
    Jsse25,
    /// A client with rustls.
    Webpki,
    /// RFC 5280, read strictly.
    Rfc5280,
    /// RFC 5280 and the CA/Browser Forum's baseline requirements for TLS servers.
    Cabf,
}

impl RuleSet {
    /// Each, in the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::Jsse17, Self::Jsse25, Self::Webpki, Self::Rfc5280, Self::Cabf];

    /// The name in reports and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Jsse17 => "jsse17",
            Self::Jsse25 => "jsse25",
            Self::Webpki => "webpki",
            Self::Rfc5280 => "rfc5280",
            Self::Cabf => "cabf",
        }
    }

    /// Judges by these rules; a JVM with its default security properties.
    #[must_use]
    pub fn judge(self, question: &Question<'_>) -> Verdict {
        self.judge_with(question, &jsse::Security::default())
    }

    /// Judges by these rules; a JVM with these security properties.
    #[must_use]
    pub fn judge_with(self, question: &Question<'_>, security: &jsse::Security) -> Verdict {
        match self {
            Self::Jsse17 => jsse::judge_question(question, jsse::Java::V17, security),
            Self::Jsse25 => jsse::judge_question(question, jsse::Java::V25, security),
            Self::Webpki => webpki::judge(question),
            Self::Rfc5280 => rfc5280::judge(question),
            Self::Cabf => cabf::judge(question),
        }
    }
}

impl fmt::Display for RuleSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
