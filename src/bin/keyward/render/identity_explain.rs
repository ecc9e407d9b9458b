//! `identity explain` as text.

use std::fmt::Write as _;

use anstyle::AnsiColor;
use keyward::report::identity_explain::{ChoiceReport, IdentityExplainReport};

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
                    let _ = write!(out, ": {}", clean(&rejected.1));
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

/// The test and the message with which an alias is rejected.
fn rejection(choice: &ChoiceReport, alias: &str) -> Option<(&'static str, String)> {
    let rejected = choice.rejected.iter().find(|rejected| rejected.alias == alias)?;
    Some((rejected.test, rejected.message.clone()))
}

/// The choices that say different things of an alias, under the names of those that say the same.
fn grouped<'a>(choices: &'a [ChoiceReport], alias: &str) -> Vec<(String, &'a ChoiceReport)> {
    let mut groups: Vec<(Vec<&'a ChoiceReport>, Option<(&'static str, String)>)> = Vec::new();
    for choice in choices {
        let said = rejection(choice, alias);
        match groups.iter_mut().find(|(held, other)| {
            *other == said && held.first().is_some_and(|one| one.manager == choice.manager)
        }) {
            Some((held, _)) => held.push(choice),
            None => groups.push((vec![choice], said)),
        }
    }
    let named = groups.into_iter().filter_map(|(held, _)| {
        let first = *held.first()?;
        let releases: Vec<String> = held.iter().map(|choice| choice.java.to_string()).collect();
        Some((format!("{}, Java {}", first.manager, releases.join(" and ")), first))
    });
    named.collect()
}
