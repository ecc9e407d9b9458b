//! `keyward trust export`.

use keyward::model::EncodedCertificate;
use keyward::model::key_store::EntryKind;
use keyward::report::trust::{ExportedCertificate, TrustExportReport};

use super::trust_edit;
use crate::args::TrustExportArgs;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::purse::Purse;
use crate::{certificates, store};

pub(crate) fn run(args: &TrustExportArgs, output: &mut Output) -> Result<Exit, Failure> {
    let mut purse = Purse::new(&args.passwords, false)?;
    let opened = store::open(&args.store, &mut purse, store::Without::Unverified)?;
    store::warn_if_unchecked(&args.store, &opened, output);
    trust_edit::listed(&opened.store, args.alias.text())?;
    let Some(entry) = opened.store.find(args.alias.text()) else { return Ok(Exit::Done) };
    if entry.chain.is_empty() {
        return Err(Failure::unusable(
            "no-certificate",
            format!("the entry \"{}\" is a {} and has no certificate", entry.alias, entry.kind),
        ));
    }
    let whole = args.chain && entry.kind == EntryKind::PrivateKey;
    let count = if whole { entry.chain.len() } else { 1 };
    let chosen: Vec<EncodedCertificate> = entry.chain.iter().take(count).map(|c| (*c).clone()).collect();
    if args.json {
        let report = TrustExportReport {
            schema: "keyward.trust-export/1",
            store: args.store.display().to_string(),
            alias: entry.alias.clone(),
            certificates: chosen
                .iter()
                .map(|c| ExportedCertificate { certificate: c.into(), pem: certificates::pem(&c.der) })
                .collect(),
        };
        output.json(&report)?;
    } else {
        certificates::write(&chosen, args.output.as_deref(), args.format, output)?;
    }
    Ok(Exit::Done)
}
