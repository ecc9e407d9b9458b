//! `keyward trust add`.

mod gather;
mod questions;

use std::collections::HashMap;

use keyward::chain::rules::RuleSet;
use keyward::chain::rules::jsse::{self, Java, Security};
use keyward::model::key_store::{EncodedCertificate, EntryKind};
use keyward::model::{Certificate, KeyStore};
use keyward::report::trust::{AddedEntry, Note, TrustAddReport};
use keyward::report::verdict::Verdict;
use keyward::trust::pick::Choice;
use keyward::trust::{Action, Pick, Plan, Terms, import};

use crate::again::Again;
use crate::args::TrustAddArgs;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::purse::Purse;
use crate::source::Source;
use crate::store::{Edited, NewStore, NotForJava, Since, StoreFile, Without};
use crate::{anchors, clock, connection, render, shell, store};
use gather::Gathered;

pub(crate) fn run(args: &TrustAddArgs, output: &mut Output) -> Result<Exit, Failure> {
    let now = clock::now();
    let source = Source::parse(&args.source)?;
    let mut purse = Purse::new(&args.passwords, source == Source::Stdin)?;
    let mut gathered = Gathered::from(&source, args, output)?;
    let mut file = StoreFile::to_change(&args.to)?;
    let existing = file.open(&mut purse, Without::Refused)?;
    if existing.is_some() && args.profile.is_given() {
        return Err(Failure::unusable(
            "exists",
            format!("{} exists, and keeps its protection", args.to.display()),
        )
        .hint("to change it: keyward convert … --profile"));
    }
    let format = store::new_format(&args.to, args.format);
    let new = NewStore::new(format, &args.profile)?;
    if existing.is_none() && purse.has_one() && !new.passwordless {
        // What is wrong with a given password is said before any question.
        purse.for_new_store(&args.to)?;
    }
    let cacerts = if args.trust_cacerts { Some(anchors::cacerts(&args.issuers)?) } else { None };
    let empty = KeyStore::empty(format);
    let before = existing.as_ref().map_or(&empty, |opened| &opened.store);
    let picked = picked(args, &mut gathered, before, output)?;
    let terms = Terms {
        pinned: matches!(args.pick, Some(Pick::Sha256(_))),
        replace: args.replace,
        cacerts: cacerts.as_deref(),
        now,
    };
    let alias = args.alias.as_deref();
    let plan = |store: &KeyStore| {
        let mut plan = import::plan(store, &picked, alias, &terms).map_err(|error| refused(&error, args))?;
        if gathered.unproved {
            plan.doubt();
        }
        Ok(plan)
    };
    let asked = plan(before)?;
    questions::settle(&asked, args, &gathered, output)?;

    let change = |store: &mut KeyStore, since: Since| {
        let mut plan = match since {
            Since::Unchanged => asked.clone(),
            Since::Changed => plan(store)?,
        };
        // With --yes every question has its answer, those that come up meanwhile too.
        if !plan.does_no_more_than(&asked) || !(args.yes || plan.is_settled_by(&asked)) {
            return Err(Failure::world(
                "store-changed",
                format!("{} was changed while the question was open", args.to.display()),
            )
            .hint("nothing was written; run the command again"));
        }
        plan.answer(|step, question| questions::basis(step, question, args, &gathered));
        if !plan.changes() {
            return Ok(Edited::Unchanged((plan, Vec::new())));
        }
        let chains = key_chains(store);
        plan.apply(store, now).map_err(|error| super::trust_edit::refused(&error))?;
        let notes = changed_chains(&chains, store, &plan);
        Ok(Edited::Changed((plan, notes)))
    };
    let updated = file.update(existing, Some(new), &mut purse, &args.save, output, change)?;

    let (plan, chain_notes) = &updated.value;
    let mut notes = notes(plan, args);
    notes.extend_from_slice(chain_notes);
    let (verdict, judged, mut exit) = verdict(args, &gathered, &updated.store, now, &mut notes)?;
    // The certificates of a store count where there is a verdict: to read thousands takes longer than to add one.
    let not_for_java = store::not_for_java(&updated.store, file.password().as_deref(), verdict.is_some());
    let verdict = match &not_for_java {
        Some(reason) => {
            notes.push(java_cannot_read(reason, args));
            // There is nothing that a JVM would do with this store.
            exit = exit.max(if verdict.is_some() { Exit::Short } else { Exit::Done });
            None
        }
        None => verdict,
    };
    if verdict.as_ref().is_some_and(|verdict| !verdict.is_accepted()) {
        exit = exit.max(Exit::Short);
    }
    let report = TrustAddReport {
        schema: "keyward.trust-add/1",
        store: args.to.display().to_string(),
        format: updated.store.format().to_string(),
        created: updated.created,
        changed: updated.changed,
        entries: entries(plan),
        verdict,
        notes,
    };
    if args.json {
        output.json(&report)?;
    } else {
        output.text(&render::trust::added(&report))?;
        if let Some(verdict) = &report.verdict {
            output.text(&render::verdict::line(verdict, &judged, &report.store))?;
        }
    }
    for note in &report.notes {
        output.talk(&render::trust::note(note));
    }
    Ok(exit)
}

/// The certificates that the import is about. A key entry takes the whole source for its reply, as
/// keytool does, unless `--pick` says otherwise.
fn picked(
    args: &TrustAddArgs,
    gathered: &mut Gathered,
    before: &KeyStore,
    output: &mut Output,
) -> Result<Vec<Certificate>, Failure> {
    let onto_key = args
        .alias
        .as_deref()
        .and_then(|alias| before.find(alias))
        .is_some_and(|entry| entry.kind == EntryKind::PrivateKey);
    let pick = args.pick.unwrap_or(if onto_key { Pick::All } else { Pick::First });
    gathered.allows(pick)?;
    let source = gathered.certificates.clone();
    let direct = Choice { source: &source, path: &[], store: &[] };
    if !pick.needs_path() {
        return pick.from(&direct).map_err(|error| nothing_picked(&error));
    }
    if let (Pick::Sha256(_), Ok(found)) = (pick, pick.from(&direct)) {
        return Ok(found);
    }
    let store = store::trusted(before);
    let path = gathered.path(args, &store, &[], output)?;
    let choice = Choice { path: &path, store: &store, ..direct };
    let error = match pick.from(&choice) {
        Ok(found) => return Ok(found),
        Err(error) if !matches!(pick, Pick::Issuer | Pick::Root | Pick::Sha256(_)) => {
            return Err(nothing_picked(&error));
        }
        Err(error) => error,
    };
    // What the store trusts below the root ends a path before it.
    let roots: Vec<Certificate> = store.iter().filter(|c| c.is_self_issued()).cloned().collect();
    let path = gathered.path(args, &roots, &store, output)?;
    match (pick, pick.from(&Choice { path: &path, ..direct })) {
        // What a pin names may stand above an anchor that the store has got since.
        (Pick::Sha256(_), Err(_)) => {
            let path = gathered.path(args, &[], &store, output)?;
            pick.from(&Choice { path: &path, ..direct }).map_err(|_| nothing_picked(&error))
        }
        (_, picked) => picked.map_err(|error| nothing_picked(&error)),
    }
}

fn verdict(
    args: &TrustAddArgs,
    gathered: &Gathered,
    store: &KeyStore,
    now: time::OffsetDateTime,
    notes: &mut Vec<Note>,
) -> Result<(Option<Verdict>, String, Exit), Failure> {
    let (target, chain, client_certificate, no_handshake): (_, Vec<EncodedCertificate>, _, _) =
        match (&gathered.target, &args.target) {
            (_, Some(text)) => {
                let target = crate::source::target(text)?;
                match connection::fetch(&target, &args.connect) {
                    Ok(presented) => {
                        let wanted = connection::client_certificate(&presented);
                        let none = connection::no_handshake(&presented);
                        (target, presented.chain, wanted, none)
                    }
                    Err(failure) => {
                        notes.push(Note {
                            id: "target-not-judged",
                            message: format!("not judged: {}", failure.message),
                            fix: None,
                        });
                        return Ok((None, String::new(), failure.exit));
                    }
                }
            }
            (Some(target), None) => (
                target.clone(),
                gathered.presented.clone(),
                gathered.client_certificate,
                gathered.no_handshake.clone(),
            ),
            (None, None) => return Ok((None, String::new(), Exit::Done)),
        };
    let readable: Vec<Certificate> = chain.iter().filter_map(|c| c.read().ok()).collect();
    let name = connection::server_name(&target);
    let mut verdict = jsse::judge(&readable, &store::trusted(store), Some(&name), now, Java::V17);
    if verdict.accepted == Some(false) {
        notes.push(Note {
            id: "still-refused",
            message: "what is left to repair is said by:".to_owned(),
            fix: Some(
                Again::keyward(["diagnose", &target.to_string(), "--trust"])
                    .words([args.to.display().to_string()])
                    .password(args.passwords.password.as_ref())
                    .connect(&args.connect)
                    .issuers(&args.issuers)
                    .line(),
            ),
        });
    }
    if let Some(none) = no_handshake {
        // Only now: what is left to repair in the chain is another matter.
        none.weigh(RuleSet::Jsse17, &mut verdict, &Security::default());
        notes.push(Note { id: "no-handshake", message: none.message, fix: None });
    }
    if client_certificate == "required" {
        notes.push(Note {
            id: "client-certificate-required",
            message: format!(
                "{target} demands a client certificate: to trust the server is not all that a connection needs"
            ),
            fix: None,
        });
    }
    Ok((Some(verdict), target.to_string(), Exit::Done))
}

fn entries(plan: &Plan) -> Vec<AddedEntry> {
    plan.steps
        .iter()
        .map(|step| {
            let (action, chain) = match &step.action {
                Action::Keep => ("kept", Vec::new()),
                Action::Add => ("added", Vec::new()),
                Action::Replace { .. } => ("replaced", Vec::new()),
                Action::InstallReply { chain } => ("reply-installed", chain.iter().map(Into::into).collect()),
            };
            AddedEntry {
                alias: step.alias.clone(),
                certificate: (&step.certificate).into(),
                basis: step.basis.map_or("confirmed", import::Basis::id),
                action,
                chain,
            }
        })
        .collect()
}

fn notes(plan: &Plan, args: &TrustAddArgs) -> Vec<Note> {
    let pinned_leaf = plan.steps.iter().find(|step| {
        let new = matches!(step.action, Action::Add | Action::Replace { .. });
        new && !step.certificate.is_ca() && !step.certificate.is_self_issued()
    });
    pinned_leaf
        .map(|step| Note {
            id: "leaf-pinned",
            message: format!(
                "{} is no CA certificate: it is trusted until it is renewed, at the latest on {}; to trust its root:",
                step.certificate.subject().short(),
                step.certificate.not_after().date()
            ),
            fix: Some(
                Again::keyward(["trust", "add", &args.source, "--pick", "root", "--to"])
                    .words([args.to.display().to_string()])
                    .password(args.passwords.password.as_ref())
                    .connect(&args.connect)
                    .issuers(&args.issuers)
                    .line(),
            ),
        })
        .into_iter()
        .collect()
}

/// What a JVM does not load, with the command that makes a store of it that one loads.
fn java_cannot_read(reason: &NotForJava, args: &TrustAddArgs) -> Note {
    let store = args.to.display().to_string();
    let made = args.to.with_extension("").display().to_string() + "-java17.p12";
    let given = args.passwords.password.as_ref();
    let again = Again::keyward(["convert", &store, "-o", &made]).passwords("--in-password", given);
    let again = match reason {
        NotForJava::Password => again.words(["--password", "env:NEWPASS"]),
        NotForJava::Store(_) => again.password(given),
    };
    Note { id: "java-cannot-read", message: reason.message(&store), fix: Some(again.line()) }
}

/// The chain of each private key that Java shows, by alias.
fn key_chains(store: &KeyStore) -> HashMap<String, Vec<EncodedCertificate>> {
    let entries = store.entries().into_iter();
    entries
        .filter(|entry| entry.kind == EntryKind::PrivateKey && entry.hidden.is_none())
        .map(|entry| (entry.alias, entry.chain.into_iter().cloned().collect()))
        .collect()
}

/// The keys whose chain became another though nobody asked for that: in a PKCS12 file Java looks for the
/// issuers of a key's certificate among all certificates.
fn changed_chains(
    before: &HashMap<String, Vec<EncodedCertificate>>,
    store: &KeyStore,
    plan: &Plan,
) -> Vec<Note> {
    let of_a_reply = |alias: &str| {
        let replies = plan.steps.iter().filter(|step| matches!(step.action, Action::InstallReply { .. }));
        replies.map(|step| step.alias.as_str()).any(|key| key == alias)
    };
    let mut changed: Vec<Note> = key_chains(store)
        .into_iter()
        .filter(|(alias, now)| before.get(alias).is_some_and(|old| old != now) && !of_a_reply(alias))
        .map(|(alias, now)| Note {
            id: "key-chain-changed",
            message: format!(
                "the private key \"{alias}\" has another chain now, of {}: in PKCS12, Java takes the issuers of \
                 a key's certificate from all certificates of the file, and a server with this store sends them",
                now.len()
            ),
            fix: None,
        })
        .collect();
    changed.sort_by(|a, b| a.message.cmp(&b.message));
    changed
}

fn nothing_picked(error: &keyward::trust::pick::NothingPicked) -> Failure {
    use keyward::trust::pick::NothingPicked as N;
    match error {
        N::Empty => Failure::unusable("no-certificate", error),
        N::NoSuchFingerprint { .. } => Failure::unusable("no-such-certificate", error)
            .hint("the server may have been given another certificate since; look at it with keyward fetch"),
        N::NoIssuer { .. } | N::NoRoot { .. } => Failure::unusable("issuer-not-found", error)
            .hint("give a file that holds it with --untrusted FILE"),
        N::NothingMissing => Failure::unusable("nothing-missing", error),
    }
}

fn refused(error: &import::ImportError, args: &TrustAddArgs) -> Failure {
    use import::ImportError as E;
    let failure = Failure::unusable(
        match error {
            E::Nothing => "no-certificate",
            E::AliasTaken { .. } => "alias-taken",
            E::NotACertificate { .. } => "not-a-certificate-entry",
            E::ReplyAmongOthers { .. } => "reply-among-others",
            E::UnreadableEntry { .. } => "unreadable-entry",
            E::OtherKey { .. } => "other-key",
            E::BrokenReply { .. } => "broken-reply",
            E::NoChain { .. } => "no-chain",
            E::JavaCannotRead { .. } => "java-cannot-read",
        },
        error,
    );
    match error {
        E::AliasTaken { alias, .. } => failure
            .hint("to put the new certificate in its place, add --replace; to keep both, give another --alias")
            .hint(format!(
                "what is there: {}",
                shell::command(["keyward", "trust", "export", &args.to.display().to_string(), alias])
            )),
        E::NoChain { .. } => failure.hint(
            "import the CA certificates first, or give a reply that holds the whole chain, or --trust-cacerts",
        ),
        E::OtherKey { .. } => failure.hint(
            "the certificate is for another key; a CA certificate goes under an alias of its own (--alias)",
        ),
        _ => failure,
    }
}
