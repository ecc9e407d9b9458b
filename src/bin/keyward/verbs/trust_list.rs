//! `keyward trust list`.

use keyward::report::trust::{ListedEntry, TrustListReport};

use crate::args::TrustListArgs;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::purse::Purse;
use crate::{render, store};

pub(crate) fn run(args: &TrustListArgs, output: &mut Output) -> Result<Exit, Failure> {
    let mut purse = Purse::new(&args.passwords, false)?;
    let opened = store::open(&args.store, &mut purse, store::Without::Unverified)?;
    let report = TrustListReport {
        schema: "keyward.trust-list/1",
        store: args.store.display().to_string(),
        format: opened.store.format().to_string(),
        integrity: opened.integrity.id(),
        entries: opened.store.entries().iter().map(ListedEntry::from).collect(),
    };
    if args.json {
        output.json(&report)?;
    } else {
        output.text(&render::trust::list(&report))?;
        if report.integrity == "unchecked" {
            output.warn("without the password nothing says that the store is as it was written");
        }
    }
    Ok(Exit::Done)
}
