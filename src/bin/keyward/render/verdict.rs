//! A verdict as text.

use std::fmt::Write as _;

use keyward::chain::rules::jsse::NEVER_JUDGED;
use keyward::report::verdict::Verdict;

use super::certificate::clean;

/// One line; below it what the JVM would say, where it is no, and what of this chain was not judged. What no
/// verdict judges stands in the README and the JSON, not below each yes.
pub(crate) fn line(verdict: &Verdict, target: &str, store: &str) -> String {
    let jvm = match verdict.rules {
        "jsse17" => "a JVM (as OpenJDK 17)",
        "jsse25" => "a JVM (as OpenJDK 25)",
        other => other,
    };
    let (store, target) = (clean(store), clean(target));
    let mut out = match verdict.accepted {
        Some(true) => format!("{jvm} with {store} accepts {target}\n"),
        Some(false) => format!("{jvm} with {store} still REFUSES {target}\n"),
        None => format!("whether {jvm} with {store} accepts {target} cannot be judged here\n"),
    };
    if let Some(reason) = &verdict.reason {
        let _ = writeln!(out, "  {}", clean(&reason.message));
    }
    for unjudged in verdict.not_judged.iter().filter(|text| !NEVER_JUDGED.contains(&text.as_str())) {
        let _ = writeln!(out, "  not judged: {}", clean(unjudged));
    }
    out
}
