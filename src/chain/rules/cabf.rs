//! What a public TLS server needs: RFC 5280 and the CA/Browser Forum's "Baseline Requirements for the Issuance
//! and Management of Publicly-Trusted TLS Server Certificates" (BR), version 2, as far as a certificate itself
//! can show them.

mod algorithms;
mod common_name;
mod extensions;
mod key_identifiers;
mod names;

use super::rfc5280::{CertificateRule, Link, Place, Profile, judge_profile, name_constraints_form};
use super::violation::{Rank, Violation};
use super::{Purpose, Question, RuleSet};
use crate::report::verdict::Verdict;

/// What the BR add, and the one rule of RFC 5280 that they relax: name constraints need not be critical
/// (7.1.2.5.2, 7.1.2.10.8).
const RULES: [CertificateRule; 10] = [
    name_constraints_form,
    version,
    algorithms::keys,
    algorithms::signatures,
    key_identifiers::check,
    extensions::key_usage,
    extensions::extended_key_usage,
    extensions::basic_constraints,
    names::check,
    common_name::check,
];

const PROFILE: Profile = Profile {
    rules: RuleSet::Cabf,
    further_rules: &RULES,
    not_judged: &[
        "how long the certificate is valid, its policies, its addresses for revocation, and its stamps of certificate \
         transparency",
    ],
};

/// Judges by the baseline requirements. They are for servers: [`Purpose::Any`] is taken as one.
#[must_use]
pub fn judge(question: &Question<'_>) -> Verdict {
    let purpose = match question.purpose {
        Purpose::Any => Purpose::Server,
        purpose => purpose,
    };
    judge_profile(&Question { purpose, ..*question }, &PROFILE)
}

/// BR 7.1.1.
fn version(link: &Link<'_>, found: &mut Vec<Violation>) {
    if link.certificate.version() < 3 {
        let message = format!("{} is of version {}", link.called(), link.certificate.version());
        found.push(link.breaks("version", Rank::Form, "BR section 7.1.1", message));
    }
}

/// Whether a certificate is a root: an anchor that is self-issued.
fn is_root(link: &Link<'_>) -> bool {
    link.place == Place::Anchor && link.certificate.is_self_issued()
}
