//! Certificate policies: RFC 5280 sections 4.2.1.4, 4.2.1.5, 4.2.1.11, 4.2.1.14, and their processing in
//! section 6.1, with any policy acceptable to the one who asks.
//!
//! The tree of section 6.1 grows without bounds; this is the graph of RFC 9618, of which only the newest
//! level is needed to tell whether any policy is left.

use std::collections::{BTreeMap, BTreeSet};

use x509_parser::prelude::ParsedExtension;

use super::super::Question;
use super::super::violation::{Rank, Violation};
use super::{Link, Place};

const POLICIES: &str = "2.5.29.32";
pub(in super::super) const MAPPINGS: &str = "2.5.29.33";
pub(in super::super) const CONSTRAINTS: &str = "2.5.29.36";
pub(in super::super) const INHIBIT_ANY: &str = "2.5.29.54";
/// anyPolicy.
pub(in super::super) const ANY: &str = "2.5.29.32.0";

/// What the four extensions have to look like.
pub(super) fn check_form(link: &Link<'_>, found: &mut Vec<Violation>) {
    let mut breaks = |id, section, message| found.push(link.breaks(id, Rank::Form, section, message));
    for (oid, name, section) in [
        (CONSTRAINTS, "policy constraints", "RFC 5280 section 4.2.1.11"),
        (INHIBIT_ANY, "inhibit anyPolicy", "RFC 5280 section 4.2.1.14"),
    ] {
        if link.extension(oid).is_some_and(|extension| !extension.critical) {
            breaks(
                "policy-extension-not-critical",
                section,
                format!("the extension \"{name}\" of {} is not critical", link.called()),
            );
        }
    }
    if let Some(ParsedExtension::PolicyConstraints(constraints)) = link.says(CONSTRAINTS)
        && constraints.require_explicit_policy.is_none()
        && constraints.inhibit_policy_mapping.is_none()
    {
        let message = format!("the policy constraints of {} constrain nothing", link.called());
        breaks("empty-policy-constraints", "RFC 5280 section 4.2.1.11", message);
    }
    let policies = policies_of(link).unwrap_or_default();
    let different: BTreeSet<&String> = policies.iter().collect();
    if different.len() < policies.len() {
        breaks(
            "duplicate-policy",
            "RFC 5280 section 4.2.1.4",
            format!("{} names a policy twice", link.called()),
        );
    }
    if mappings_of(link).iter().any(|(from, to)| from == ANY || to == ANY) {
        breaks("any-policy-mapped", "RFC 5280 section 4.2.1.5", format!("{} maps anyPolicy", link.called()));
    }
}

/// Where a CA requires an explicit policy, there is one that holds for the whole path.
pub(super) fn path(path: &[Link<'_>], _: &Question<'_>, found: &mut Vec<Violation>) {
    // The anchor is no part of the path, but where it is all of it.
    let links: Vec<&Link<'_>> = path.iter().rev().filter(|link| link.place != Place::Anchor).collect();
    let mut state = State::new(links.len());
    let last = links.len().saturating_sub(1);
    for (i, link) in links.iter().enumerate() {
        state.take(link, i == last);
        if state.explicit == 0 && state.level.is_empty() {
            let message =
                format!("a CA above {} requires a certificate policy, and none holds there", link.called());
            found.push(link.breaks("no-policy", Rank::Constraint, "RFC 5280 section 6.1.5", message));
            return;
        }
    }
}

/// The state variables of section 6.1.2 that concern policies.
struct State {
    /// The newest level of the graph: each policy with those that are expected for it below.
    level: BTreeMap<String, BTreeSet<String>>,
    explicit: usize,
    mapping: usize,
    any: usize,
}

impl State {
    fn new(length: usize) -> Self {
        let above = length.saturating_add(1);
        let root = (ANY.to_owned(), BTreeSet::from([ANY.to_owned()]));
        Self { level: BTreeMap::from([root]), explicit: above, mapping: above, any: above }
    }

    fn take(&mut self, link: &Link<'_>, last: bool) {
        let self_issued = link.certificate.is_self_issued();
        match policies_of(link) {
            Some(policies) => self.grow(&policies, self.any > 0 || (!last && self_issued)),
            None => self.level.clear(),
        }
        if last {
            self.explicit = self.explicit.saturating_sub(1);
            if let Some(ParsedExtension::PolicyConstraints(constraints)) = link.says(CONSTRAINTS)
                && constraints.require_explicit_policy == Some(0)
            {
                self.explicit = 0;
            }
            return;
        }
        // The level that this certificate makes is judged before what it demands of the next.
        if self.explicit == 0 && self.level.is_empty() {
            return;
        }
        self.map(&mappings_of(link));
        if !self_issued {
            for count in [&mut self.explicit, &mut self.mapping, &mut self.any] {
                *count = count.saturating_sub(1);
            }
        }
        let lower = |count: &mut usize, to: Option<u32>| {
            if let Some(to) = to.and_then(|to| usize::try_from(to).ok()) {
                *count = (*count).min(to);
            }
        };
        if let Some(ParsedExtension::PolicyConstraints(constraints)) = link.says(CONSTRAINTS) {
            lower(&mut self.explicit, constraints.require_explicit_policy);
            lower(&mut self.mapping, constraints.inhibit_policy_mapping);
        }
        if let Some(ParsedExtension::InhibitAnyPolicy(inhibit)) = link.says(INHIBIT_ANY) {
            lower(&mut self.any, Some(inhibit.skip_certs));
        }
    }

    /// Section 6.1.3 (d).
    fn grow(&mut self, policies: &[String], any_counts: bool) {
        let expected: BTreeSet<&String> = self.level.values().flatten().collect();
        let above_is_any = self.level.contains_key(ANY);
        let mut next = BTreeMap::new();
        for policy in policies.iter().filter(|policy| *policy != ANY) {
            if expected.contains(policy) || above_is_any {
                next.insert(policy.clone(), BTreeSet::from([policy.clone()]));
            }
        }
        if any_counts && policies.iter().any(|policy| policy == ANY) {
            for policy in expected {
                next.entry(policy.clone()).or_insert_with(|| BTreeSet::from([policy.clone()]));
            }
        }
        self.level = next;
    }

    /// Section 6.1.4 (b).
    fn map(&mut self, mappings: &[(String, String)]) {
        let mut by_issuer: BTreeMap<&String, BTreeSet<String>> = BTreeMap::new();
        for (from, to) in mappings {
            by_issuer.entry(from).or_default().insert(to.clone());
        }
        for (policy, mapped) in by_issuer {
            if self.mapping == 0 {
                self.level.remove(policy);
            } else if self.level.contains_key(policy) || self.level.contains_key(ANY) {
                self.level.insert(policy.clone(), mapped);
            }
        }
    }
}

/// The policies of a certificate, in its order; `None` without the extension.
pub(in super::super) fn policies_of(link: &Link<'_>) -> Option<Vec<String>> {
    match link.says(POLICIES)? {
        ParsedExtension::CertificatePolicies(policies) => {
            Some(policies.iter().map(|policy| policy.policy_id.to_id_string()).collect())
        }
        _ => Some(Vec::new()),
    }
}

/// The mappings of a certificate, from the issuer's policy to the subject's.
pub(in super::super) fn mappings_of(link: &Link<'_>) -> Vec<(String, String)> {
    match link.says(MAPPINGS) {
        Some(ParsedExtension::PolicyMappings(mappings)) => mappings
            .mappings
            .iter()
            .map(|mapping| {
                (mapping.issuer_domain_policy.to_id_string(), mapping.subject_domain_policy.to_id_string())
            })
            .collect(),
        _ => Vec::new(),
    }
}
