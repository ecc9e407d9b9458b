//! Certificate policies as `sun.security.provider.certpath.PolicyChecker` processes them for a trust manager: any
//! policy will do, and only what the CAs of the path demand is demanded.
//!
//! Java keeps the tree of RFC 5280 section 6.1.2, which grows without bounds. Whether anything is left of it
//! depends on its newest level alone, and of equal nodes one stands for all; so a level of different nodes is kept.

use std::collections::BTreeSet;

use x509_parser::prelude::ParsedExtension;

use super::super::rfc5280::policies::{ANY, CONSTRAINTS, INHIBIT_ANY, MAPPINGS, mappings_of, policies_of};
use super::super::rfc5280::{Link, Place};
use super::{Failure, Phase};
use crate::model::Certificate;

/// What the certificates so far, from the anchor down, have left and demand.
pub(super) struct Policies {
    /// The newest level of the tree; empty where the tree is.
    level: BTreeSet<Node>,
    /// Certificates after which a policy has to be left.
    explicit: usize,
    /// Certificates for which mappings count.
    mapping: usize,
    /// Certificates for which anyPolicy counts.
    any: usize,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Node {
    policy: String,
    /// What the next certificate has to name.
    expected: BTreeSet<String>,
    /// `expected` is no longer the policy itself, but what it was mapped to.
    mapped: bool,
}

impl Node {
    fn of(policy: &str) -> Self {
        Self { policy: policy.to_owned(), expected: BTreeSet::from([policy.to_owned()]), mapped: false }
    }
}

impl Policies {
    /// `None` for a path, leaf first and without its anchor, of which no certificate demands anything: a policy is
    /// required by policy constraints alone, and what else the checker refuses is a mapping.
    pub(super) fn of(path: &[Certificate]) -> Option<Self> {
        let demands = |c: &Certificate| c.has_extension(CONSTRAINTS) || c.has_extension(MAPPINGS);
        let above = path.len().saturating_add(1);
        path.iter().any(demands).then(|| Self {
            level: BTreeSet::from([Node::of(ANY)]),
            explicit: above,
            mapping: above,
            any: above,
        })
    }

    /// Goes on to the next certificate below.
    pub(super) fn check(&mut self, certificate: &Certificate, last: bool) -> Result<(), Failure> {
        let Ok(link) = Link::new(certificate, Place::Intermediate) else { return Ok(()) };
        let fail = |id, text: &str| Err(Failure::new(id, Phase::Validation, certificate, text));
        self.grow(&link, last);
        let mappings = if last || self.level.is_empty() { Vec::new() } else { mappings_of(&link) };
        for (issuers, subjects) in &mappings {
            for (named, policy) in [("issuerDomainPolicy", issuers), ("subjectDomainPolicy", subjects)] {
                if policy == ANY {
                    let article = if named.starts_with('i') { "an" } else { "a" };
                    let text = format!("encountered {article} {named} of ANY_POLICY");
                    return fail("any-policy-mapped", &text);
                }
            }
            self.map(issuers, subjects);
        }
        if last {
            self.lower(&link, true);
        }
        if self.explicit == 0 && self.level.is_empty() {
            return fail("no-policy", "non-null policy tree required and policy tree is null");
        }
        if !last {
            self.lower(&link, false);
        }
        Ok(())
    }

    /// `processPolicies`, RFC 5280 section 6.1.3 (d) and (e).
    fn grow(&mut self, link: &Link<'_>, last: bool) {
        let policies = policies_of(link).unwrap_or_default();
        let parents: Vec<&Node> = self.level.iter().collect();
        let mut children: Vec<BTreeSet<Node>> = vec![BTreeSet::new(); parents.len()];
        let mut extend = |policy: &str, expected: &str| {
            let mut found = false;
            for (parent, children) in parents.iter().zip(&mut children) {
                if parent.expected.contains(expected) {
                    children.insert(Node::of(policy));
                    found = true;
                }
            }
            found
        };
        for policy in policies.iter().filter(|policy| *policy != ANY) {
            if !extend(policy, policy) {
                extend(policy, ANY);
            }
        }
        let any_counts = self.any > 0 || (!last && link.certificate.is_self_issued());
        if any_counts && policies.iter().any(|policy| policy == ANY) {
            for (parent, children) in parents.iter().zip(&mut children) {
                for expected in &parent.expected {
                    if !children.iter().any(|child| child.policy == *expected) {
                        children.insert(Node::of(expected));
                    }
                }
            }
        }
        self.level = children.into_iter().flatten().collect();
    }

    /// One of `processPolicyMappings`, RFC 5280 section 6.1.4 (b).
    fn map(&mut self, issuers: &str, subjects: &str) {
        let (mapped, mut level): (BTreeSet<Node>, BTreeSet<Node>) =
            std::mem::take(&mut self.level).into_iter().partition(|node| node.policy == issuers);
        if self.mapping > 0 {
            let made = mapped.is_empty() && level.iter().any(|node| node.policy == ANY);
            if made {
                let expected = BTreeSet::from([subjects.to_owned()]);
                level.insert(Node { policy: issuers.to_owned(), expected, mapped: true });
            }
            for mut node in mapped {
                if !node.mapped {
                    node.expected.clear();
                    node.mapped = true;
                }
                node.expected.insert(subjects.to_owned());
                level.insert(node);
            }
        }
        self.level = level;
    }

    /// What a certificate demands of those below; the last one only of itself.
    fn lower(&mut self, link: &Link<'_>, last: bool) {
        if !link.certificate.is_self_issued() {
            for count in [&mut self.explicit, &mut self.mapping, &mut self.any] {
                *count = count.saturating_sub(1);
            }
        }
        let lower = |count: &mut usize, to: Option<u32>| {
            if let Some(to) = to.and_then(|to| usize::try_from(to).ok()).filter(|to| !last || *to == 0) {
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
}
