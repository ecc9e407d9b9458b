//! `keyward convert`.

mod read;
mod seal;
mod target;
mod write;

use std::path::Path;

use keyward::convert::{self, Content, Item, Plan, PlanError, Selection};
use keyward::report::convert::{ConvertReport, ConvertedEntry, ConvertedKey};

use crate::args::{ConvertArgs, PasswordArgs};
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::purse::Purse;
use crate::{clock, render, shell, store};
pub(super) use read::{Input, Keys, open};
pub(super) use write::warn_of_readers;

pub(crate) fn run(args: &ConvertArgs, output: &mut Output) -> Result<Exit, Failure> {
    let now = clock::now();
    let path = args.output.as_deref().filter(|path| *path != Path::new("-"));
    if args.json && path.is_none() {
        return Err(Failure::unusable("json-and-output", "--json needs a file to write (-o OUT)"));
    }
    let target = target::of(args, path)?;
    if let Some(path) = path {
        store::require_file(path)
            .map_err(|failure| failure.hint("without -o, what is made goes to standard output"))?;
        if !args.force && path.exists() {
            return Err(store::exists(path));
        }
    }
    let stdin = args.inputs.iter().filter(|input| input.as_path() == Path::new("-")).count();
    if stdin > 1 {
        return Err(Failure::unusable("input-taken", "standard input can be read once only"));
    }
    let mut purse = purse(args, stdin > 0)?;
    let selection =
        Selection { only: args.only.clone(), rename: args.rename.clone(), alias: args.alias.clone() };
    let mut read = read::Read::of(path);
    for input in &args.inputs {
        read.input(input, &mut purse, &selection)?;
    }
    for note in &read.notes {
        output.warn(note);
    }
    if read.items.is_empty() && read.stores == 0 {
        return Err(unplanned(&PlanError::Nothing));
    }
    let mut plan = convert::plan(read.items, target, &selection, now)
        .map_err(|error| unplanned(&with_all_aliases(error, read.aliases, &selection)))?;
    plan.lose(read.losses);
    settle(&plan, args.lossy, path, output)?;
    let entries = plan.items().iter().map(converted).collect();
    let (losses, notes) = (plan.losses().to_vec(), plan.notes().to_vec());
    let format = plan.target().name();
    let to = path.map(|path| write::To { path, read: read.output.as_ref().map(|bytes| bytes.as_slice()) });
    let created = write::write(plan, args, to, &mut purse, now, output)?;
    let Some(path) = path else { return Ok(Exit::Done) };
    let report = ConvertReport {
        schema: "keyward.convert/1",
        output: path.display().to_string(),
        format,
        profile: (format == "PKCS12").then(|| args.profile.name()),
        created,
        entries,
        losses,
        notes,
    };
    if args.json {
        output.json(&report)?;
    } else {
        output.text(&render::convert::report(&report))?;
    }
    Ok(Exit::Done)
}

fn purse(args: &ConvertArgs, stdin_is_source: bool) -> Result<Purse, Failure> {
    let passwords = PasswordArgs {
        password: args.passwords.password.clone(),
        in_password: args.passwords.in_password.clone(),
        key_password: args.passwords.key_password.clone(),
    };
    Purse::new(&passwords, stdin_is_source)?.with_out_key(args.passwords.out_key_password.as_ref())
}

/// Says what would be lost. Without `--lossy` that is the end, and where nothing is left it is in any case.
fn settle(plan: &Plan, lossy: bool, path: Option<&Path>, output: &mut Output) -> Result<(), Failure> {
    const SHOWN: usize = 20;
    let nothing = plan.items().is_empty();
    if (nothing || !lossy) && !plan.losses().is_empty() {
        let name = path.map_or_else(|| "standard output".to_owned(), |path| path.display().to_string());
        let count = plan.losses().len();
        let (id, what) =
            if nothing { ("nothing-to-convert", "hold any of it") } else { ("lossy", "hold everything") };
        let message = format!("{name} ({}) cannot {what}: nothing was written", plan.target().name());
        let mut failure = Failure::unusable(id, message);
        for loss in plan.losses().iter().take(SHOWN) {
            failure = failure.hint(render::certificate::clean(&loss.message));
        }
        if count > SHOWN {
            failure = failure.hint(format!("and {} more", count - SHOWN));
        }
        if plan.losses().iter().any(|loss| loss.id == "untrusted-certificate") {
            failure = failure.hint(
                "to trust a certificate beside the keys: keyward trust add CERTIFICATE --to OUT, afterwards",
            );
        }
        if nothing {
            return Err(failure);
        }
        return Err(failure.hint("if that is meant, add --lossy"));
    }
    for message in plan.losses().iter().map(|loss| &loss.message) {
        output.warn(&render::certificate::clean(message));
    }
    for note in plan.notes() {
        output.talk(&render::trust::note(note));
    }
    Ok(())
}

fn converted(item: &Item) -> ConvertedEntry {
    let key = match &item.content {
        Content::PrivateKey { key, .. } => Some(ConvertedKey {
            algorithm: key.key().algorithm.to_string(),
            bits: key.key().bits,
            pkcs8_sha256: Some(key.sha256().to_string()),
        }),
        Content::SecretKey(key) => Some(ConvertedKey {
            algorithm: key.algorithm().to_owned(),
            bits: u32::try_from(key.bits()).ok(),
            pkcs8_sha256: None,
        }),
        _ => None,
    };
    ConvertedEntry {
        alias: item.alias.clone(),
        kind: item.content.kind().id(),
        input: item.input.to_string(),
        key,
        chain: item.certificates().into_iter().map(Into::into).collect(),
    }
}

/// A selection leaves entries unread; where it names one that is not there, those are told of too.
fn with_all_aliases(error: PlanError, stored: Vec<String>, selection: &Selection) -> PlanError {
    match error {
        PlanError::NoSuchEntry { alias, mut aliases } if !selection.only.is_empty() => {
            let others = stored.into_iter().filter(|stored| !selection.takes(stored));
            aliases.extend(others);
            PlanError::NoSuchEntry { alias, aliases }
        }
        other => other,
    }
}

fn unplanned(error: &PlanError) -> Failure {
    const SHOWN: usize = 8;
    let id = match error {
        PlanError::Nothing => "nothing-to-convert",
        PlanError::NoSuchEntry { .. } => "no-such-entry",
        PlanError::Rename(_) => "not-a-renaming",
        PlanError::AmbiguousRename(_) => "ambiguous-renaming",
        PlanError::OneAlias { .. } => "one-alias",
        PlanError::AliasTaken(_) => "alias-exists",
        PlanError::NoneFits { .. } => "other-key",
    };
    let failure = Failure::unusable(id, error);
    match error {
        PlanError::NoSuchEntry { aliases, .. } => {
            let shown = aliases.iter().take(SHOWN).map(|alias| shell::command([alias])).collect::<Vec<_>>();
            match aliases.len() {
                0 => failure.hint("none of the entries has an alias"),
                count if count > SHOWN => {
                    failure.hint(format!("there are {count}, among them {}", shown.join(", ")))
                }
                _ => failure.hint(format!("there are {}", shown.join(", "))),
            }
        }
        PlanError::OneAlias { .. } => failure.hint("give each its alias with --rename OLD=NEW"),
        PlanError::NoneFits { .. } => failure
            .hint("give the certificate that was issued for this key")
            .hint("keyward inspect shows the keys of both"),
        _ => failure,
    }
}
