//! `keyward trust remove` and `keyward trust rename`.

use keyward::model::KeyStore;
use keyward::model::key_store::EditError;
use keyward::report::trust::{ListedEntry, TrustEditReport};

use crate::args::{TrustRemoveArgs, TrustRenameArgs};
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::purse::Purse;
use crate::render::certificate::clean;
use crate::store::Edited;
use crate::{render, shell, store};

pub(crate) fn remove(args: &TrustRemoveArgs, output: &mut Output) -> Result<Exit, Failure> {
    let mut purse = Purse::new(&args.passwords, false)?;
    let change = |store: &mut KeyStore| {
        let entry = listed(store, args.alias.text())?;
        let shadowed = store.shadowed(args.alias.text());
        let mut kinds = store.find(args.alias.text()).into_iter().chain(shadowed).map(|entry| entry.kind);
        if let Some(kind) = kinds.find(|kind| kind.is_secret()).filter(|_| !args.key) {
            return Err(Failure::unusable(
                "is-a-key",
                format!("the entry \"{}\" is a {kind}, and removing it destroys the key", entry.alias),
            )
            .hint("if that is meant, add --key"));
        }
        let shadowed = store.shadowed(args.alias.text()).len();
        store.remove(args.alias.text()).map_err(|error| refused(&error))?;
        Ok(Edited::Changed((entry, shadowed)))
    };
    let ((entry, shadowed), changed) = store::edit(&args.store, &mut purse, &args.save, output, change)?;
    if shadowed > 0 {
        output.warn(&format!(
            "{shadowed} more with the alias \"{}\", which Java passed over, went with it: Java would find them now",
            entry.alias
        ));
    }
    let report = TrustEditReport {
        schema: "keyward.trust-remove/1",
        store: args.store.display().to_string(),
        changed,
        entry,
        alias: None,
    };
    if args.json {
        output.json(&report)?;
    } else {
        output.text(&format!(
            "removed from {}:\n{}",
            clean(&report.store),
            render::trust::listed(&report.entry)
        ))?;
    }
    Ok(Exit::Done)
}

pub(crate) fn rename(args: &TrustRenameArgs, output: &mut Output) -> Result<Exit, Failure> {
    let mut purse = Purse::new(&args.passwords, false)?;
    let change = |store: &mut KeyStore| {
        let entry = listed(store, &args.old)?;
        store.rename(&args.old, &args.new).map_err(|error| refused(&error))?;
        let alias = store.find(&args.new).map_or_else(|| args.new.clone(), |renamed| renamed.alias);
        // JKS and JCEKS keep aliases folded: another case is the same alias.
        let same = alias == entry.alias;
        Ok(if same { Edited::Unchanged((entry, alias)) } else { Edited::Changed((entry, alias)) })
    };
    let ((entry, alias), changed) = store::edit(&args.store, &mut purse, &args.save, output, change)?;
    let report = TrustEditReport {
        schema: "keyward.trust-rename/1",
        store: args.store.display().to_string(),
        changed,
        entry,
        alias: Some(alias),
    };
    if args.json {
        output.json(&report)?;
    } else {
        let alias = report.alias.as_deref().unwrap_or_default();
        output.text(&format!(
            "{}: {} is now {}\n",
            clean(&report.store),
            clean(&report.entry.alias),
            clean(alias)
        ))?;
    }
    Ok(Exit::Done)
}

/// The entry under an alias, for the report; a failure that names those that exist.
pub(super) fn listed(store: &KeyStore, alias: &str) -> Result<ListedEntry, Failure> {
    store.find(alias).map(|entry| ListedEntry::from(&entry)).ok_or_else(|| no_such_entry(store, alias))
}

fn no_such_entry(store: &KeyStore, alias: &str) -> Failure {
    const SHOWN: usize = 8;
    let aliases: Vec<String> =
        store.entries().into_iter().map(|entry| shell::command([entry.alias])).collect();
    let failure = Failure::unusable("no-such-entry", EditError::NoSuchEntry(alias.to_owned()));
    match aliases.len() {
        0 => failure.hint("the store has no entries"),
        count if count <= SHOWN => failure.hint(format!("it has {}", aliases.join(", "))),
        count => {
            let some = aliases.into_iter().take(SHOWN).collect::<Vec<_>>().join(", ");
            failure.hint(format!("it has {count} entries, among them {some}"))
        }
    }
}

pub(super) fn refused(error: &EditError) -> Failure {
    let id = match error {
        EditError::NoSuchEntry(_) => "no-such-entry",
        EditError::AliasExists(_) => "alias-exists",
        EditError::WrongKind { .. } => "wrong-kind",
        EditError::Alias(_) => "bad-alias",
        _ => "not-editable",
    };
    Failure::unusable(id, error)
}
