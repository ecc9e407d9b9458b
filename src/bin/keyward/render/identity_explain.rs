//! `identity explain` as text.

use std::fmt::Write as _;

use anstyle::AnsiColor;
use keyward::report::identity_explain::{ChoiceReport, IdentityExplainReport, RejectedReport};

use super::certificate::clean;
use super::fetch::{client_auth, client_certificate};
use crate::output::Output;

/// What is asked; per alias and manager what becomes of it; the end of it.
pub(crate) fn report(report: &IdentityExplainReport, output: &Output) -> String {
    let mut out = format!("{} for {}\n", clean(&report.store), clean(&report.request));
    out.push_str(client_certificate(&report.client_auth.status));
    out.push_str(&client_auth(&report.client_auth));
    if !report.key_types.is_empty() {
        let _ = writeln!(out, "      key types for a JVM, in its order: {}", report.key_types.join(", "));
    }
    for alias in report.aliases.iter().filter(|_| !report.choices.is_empty()) {
        let _ = writeln!(out, "  \"{}\"", clean(alias));
        for (label, choice) in grouped(&report.choices, alias) {
            let (word, color) = match rejection(choice, alias) {
                None => ("sent", AnsiColor::Green),
                Some(_) => ("not sent", AnsiColor::Red),
            };
            let _ = write!(out, "    {label:<26} {}", output.paint(word, color));
            match (rejection(choice, alias), &choice.signature_algorithm) {
                (Some(rejected), _) => {
                    let _ = write!(out, ": {}", clean(&rejected.message));
                }
                (None, Some(scheme)) => {
                    let _ = write!(out, ", signed with {}", clean(scheme));
                }
                (None, None) => {}
            }
            out.push('\n');
        }
    }
    if !report.choices.is_empty() {
        out.push_str("  measured with OpenJDK 17 and 25; IBM's JVMs and Java 8 are not\n");
    }
    let _ = writeln!(out, "{}", clean(&report.conclusion));
    for reservation in &report.reservations {
        let _ = writeln!(out, "  but {}", clean(reservation));
    }
    if let Some(fix) = &report.fix {
        let _ = writeln!(out, "  repair: {fix}");
    }
    out
}

/// What was said of an alias that is not sent.
fn rejection<'a>(choice: &'a ChoiceReport, alias: &str) -> Option<&'a RejectedReport> {
    choice.rejected.iter().find(|rejected| rejected.alias == alias)
}

/// The choices that say different things of an alias, under the names of those that say the same.
fn grouped<'a>(choices: &'a [ChoiceReport], alias: &str) -> Vec<(String, &'a ChoiceReport)> {
    let said = |choice: &'a ChoiceReport| {
        let message = rejection(choice, alias).map(|rejected| &rejected.message);
        (choice.manager, message, &choice.signature_algorithm)
    };
    let mut groups: Vec<Vec<&'a ChoiceReport>> = Vec::new();
    for choice in choices {
        let alike = groups.iter_mut().find(|held| held.first().is_some_and(|one| said(one) == said(choice)));
        match alike {
            Some(held) => held.push(choice),
            None => groups.push(vec![choice]),
        }
    }
    let named = groups.into_iter().filter_map(|held| {
        let first = *held.first()?;
        let releases: Vec<String> = held.iter().map(|choice| choice.java.to_string()).collect();
        Some((format!("{}, Java {}", first.manager, releases.join(" and ")), first))
    });
    named.collect()
}
