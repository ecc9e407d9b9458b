//! Aliases: those that nobody chose, and those that are one to Java.

use std::collections::{BTreeMap, HashSet};

use super::{Subject, quoted};
use crate::chain::diagnose::listed;
use crate::model::key_store::alias::fold;
use crate::report::finding::{FindingId, Severity};
use crate::report::identity_check::{IdentityFinding, IdentityRepair};

/// The alias that is proposed where one was made up.
const CHOSEN: &str = "client";

pub(super) fn find(subject: &Subject<'_>) -> Vec<IdentityFinding> {
    let mut findings = Vec::new();
    let mut free = None;
    for identity in subject.identities.iter().filter(|identity| subject.asks_for(&identity.alias)) {
        let alias = &identity.alias;
        let (id, why) = if alias.trim() != alias || alias.is_empty() {
            (
                FindingId::BlankAlias,
                "is blank, or begins or ends with a blank: a configuration hardly names it right",
            )
        } else if alias.bytes().all(|octet| octet.is_ascii_digit()) {
            // PKCS12KeyStore.getUnfriendlyName: a counter.
            (
                FindingId::MadeUpAlias,
                "is what Java makes up for a key without a name; a configuration that names another alias sends \
                 nothing",
            )
        } else {
            continue;
        };
        let message = format!("the alias {} {why}", quoted(alias));
        let finding = IdentityFinding::of_entry(alias, id, Severity::Warning, message);
        let to = free.get_or_insert_with(|| free_alias(subject)).clone();
        let repair = IdentityRepair::Rename { alias: alias.clone(), to };
        findings.push(finding.repaired_by(repair));
    }
    findings.extend(folding(subject));
    findings
}

/// An alias that no entry has.
fn free_alias(subject: &Subject<'_>) -> String {
    let taken: HashSet<String> = subject.store.entries().iter().map(|entry| fold(&entry.alias)).collect();
    let numbered = (2_u32..).map(|number| format!("{CHOSEN}-{number}"));
    std::iter::once(CHOSEN.to_owned())
        .chain(numbered)
        .find(|name| !taken.contains(name))
        .unwrap_or_else(|| CHOSEN.to_owned())
}

/// `String.toLowerCase(Locale.ENGLISH)` decides in JKS, JCEKS and PKCS12 which entry an alias names.
fn folding(subject: &Subject<'_>) -> Vec<IdentityFinding> {
    let mut spelled: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for entry in
        subject.store.entries().into_iter().filter(|entry| entry.kind.is_secret() || entry.hidden.is_none())
    {
        spelled.entry(fold(&entry.alias)).or_default().push(entry.alias);
    }
    spelled
        .into_iter()
        .filter(|(folded, aliases)| aliases.len() > 1 && !folded.is_empty() && subject.asks_for(folded))
        .map(|(folded, aliases)| {
            let names: Vec<String> = aliases.iter().map(|alias| quoted(alias)).collect();
            let message = format!(
                "the aliases {} of {} entries are one to Java, which shows a single entry for them",
                listed(&names),
                aliases.len()
            );
            IdentityFinding::of_entry(&folded, FindingId::AliasesFold, Severity::Warning, message)
        })
        .collect()
}
