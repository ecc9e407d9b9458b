//! `keyward identity explain`.

mod repair;
mod request;

use keyward::identity::select::{
    Choice, Java, Manager, Outcome, Question, Security, Test, choose_all, enumeration, key_types,
    reservations,
};
use keyward::model::key_store::{EntryKind, alias};
use keyward::report::client_auth::ClientAuth;
use keyward::report::identity_explain::{ChoiceReport, IdentityExplainReport};

use self::repair::Repairs;
use crate::args::IdentityExplainArgs;
use crate::exit::{Exit, Failure};
use crate::identity::{self, Identities};
use crate::output::Output;
use crate::purse::Purse;
use crate::{clock, render, source};

pub(crate) fn run(args: &IdentityExplainArgs, output: &mut Output) -> Result<Exit, Failure> {
    let (path, wanted) = identity::store_and_alias(&args.store);
    let from_stdin = args.request.as_ref().is_some_and(|path| path.as_os_str() == "-");
    let mut purse = Purse::new(&args.passwords, from_stdin)?;
    let security = security(args)?;
    let identities = identity::open(&path, &mut purse)?;
    let wanted = wanted.map(|alias| known_alias(&identities, &args.store, &alias)).transpose()?;
    if identities.all.is_empty() {
        let holds =
            if identities.store.entries().iter().any(|entry| entry.kind == EntryKind::TrustedCertificate) {
                ": it holds trusted certificates only"
            } else {
                ""
            };
        output.warn(&format!("{} holds no private key that a JVM could use{holds}", path.display()));
    }
    let asked = request::of(args)?;
    let listed = enumeration::listed(&identities.store, &identities.all);
    let mut report = IdentityExplainReport {
        schema: IdentityExplainReport::SCHEMA,
        store: path.display().to_string(),
        alias: wanted.clone(),
        request: asked.label,
        client_auth: asked.shown,
        key_types: Vec::new(),
        aliases: listed.iter().map(|identity| identity.alias.clone()).collect(),
        choices: Vec::new(),
        sent: None,
        conclusion: String::new(),
        reservations: Vec::new(),
        fix: None,
    };
    if let Some(request) = &asked.request {
        let question = Question {
            request,
            format: identities.store.format(),
            identities: &listed,
            now: clock::now(),
            security: &security,
        };
        let choices = choose_all(&question);
        let repairs = Repairs::new(args, &path);
        report.key_types = key_types(request, &security);
        report.choices = choices.iter().map(|choice| told(choice, &repairs)).collect();
        // SunX509 is the default of both releases, and does the same in both.
        if let Some(default) = choices.first() {
            report.sent = default.sent().map(|identity| identity.alias.clone());
            report.reservations = reservations(default, &question);
            let differing = choices.iter().find(|choice| !same_end(choice, default));
            report.fix = repairs
                .best(default, wanted.as_deref())
                .or_else(|| differing.and_then(|choice| repairs.best(choice, wanted.as_deref())));
        }
        report.conclusion = conclusion(&choices, wanted.as_deref(), &report.client_auth);
    } else {
        report.conclusion = unasked(&report.client_auth);
    }
    let fits = match (&report.sent, &wanted) {
        (Some(sent), Some(wanted)) => alias::fold(sent) == alias::fold(wanted),
        (sent, None) => sent.is_some(),
        (None, Some(_)) => false,
    };
    if args.json {
        output.json(&report)?;
    } else {
        let text = render::identity_explain::report(&report, output);
        output.text(&text)?;
    }
    Ok(if fits { Exit::Done } else { Exit::Short })
}

/// The alias as the store spells it.
fn known_alias(identities: &Identities, store: &str, wanted: &str) -> Result<String, Failure> {
    let folded = alias::fold(wanted);
    let found = identities.all.iter().find(|identity| alias::fold(&identity.alias) == folded);
    found.map(|identity| identity.alias.clone()).ok_or_else(|| {
        let aliases: Vec<String> =
            identities.all.iter().map(|identity| format!("\"{}\"", identity.alias)).collect();
        let failure = Failure::unusable(
            "no-such-alias",
            format!("{store}: no private key that a JVM could use has the alias \"{wanted}\""),
        );
        if aliases.is_empty() {
            failure
        } else {
            failure.hint(format!("the store has {}", aliases.join(", ")))
        }
    })
}

fn security(args: &IdentityExplainArgs) -> Result<Security, Failure> {
    let Some(path) = &args.java_security else { return Ok(Security::default()) };
    // Properties are Latin-1, and what counts in them is ASCII.
    let text: String = source::read_file(path)?.into_iter().map(char::from).collect();
    Security::from_properties(&text)
        .map_err(|error| Failure::unusable("not-java-security", format!("{}: {error}", path.display())))
}

fn told(choice: &Choice<'_>, repairs: &Repairs<'_>) -> ChoiceReport {
    let mut report = ChoiceReport::from(choice);
    for (rejected, rejection) in report.rejected.iter_mut().zip(&choice.rejected) {
        rejected.fix = repairs.of(rejection);
    }
    report
}

/// The end of the text, where the server asks.
fn conclusion(choices: &[Choice<'_>], wanted: Option<&str>, asked: &ClientAuth) -> String {
    let Some(default) = choices.first() else { return String::new() };
    let mut line = ending(default, asked);
    if let (Some(sent), Some(wanted)) = (default.sent(), wanted)
        && alias::fold(&sent.alias) != alias::fold(wanted)
    {
        line = format!("{line}, not \"{wanted}\"");
    }
    let pkix: Vec<&Choice<'_>> = choices.iter().filter(|choice| choice.manager == Manager::Pkix).collect();
    let differ: Vec<&Choice<'_>> = pkix.iter().copied().filter(|choice| !same_end(choice, default)).collect();
    match differ.as_slice() {
        [] => format!("{line}; SunX509 and PKIX of Java 17 and 25 agree"),
        [first, ..] => {
            let split = pkix.iter().any(|choice| !same_end(choice, first));
            let others: Vec<String> = differ
                .iter()
                .take(if split { 2 } else { 1 })
                .map(|choice| {
                    let release = match choice.java {
                        _ if !split => "",
                        Java::V17 => " of Java 17",
                        Java::V25 => " of Java 25",
                    };
                    format!("with PKIX{release}, {}", brief(choice))
                })
                .collect();
            format!("{line} (SunX509, the default of Java 17 and 25); {}", others.join("; "))
        }
    }
}

fn same_end(one: &Choice<'_>, other: &Choice<'_>) -> bool {
    let alias = |choice: &Choice<'_>| choice.sent().map(|identity| identity.alias.clone());
    alias(one) == alias(other) && one.outcome.id() == other.outcome.id()
}

fn brief(choice: &Choice<'_>) -> String {
    match (&choice.outcome, choice.sent()) {
        (_, Some(sent)) => format!("alias \"{}\" is sent", sent.alias),
        (Outcome::Aborted(abort), _) => format!("the JVM ends the handshake: {abort}"),
        (Outcome::NoManager { .. }, _) => "there is no key manager".to_owned(),
        _ => "nothing is sent".to_owned(),
    }
}

fn ending(choice: &Choice<'_>, asked: &ClientAuth) -> String {
    match (&choice.outcome, choice.sent()) {
        (_, Some(sent)) => format!("alias \"{}\" is sent", sent.alias),
        (Outcome::NoManager { alias, exception }, _) => format!(
            "nothing is sent: the application stops before it connects, because the key of \"{alias}\" does not open \
             with the store's password: {exception}"
        ),
        (Outcome::Aborted(abort), _) => {
            let alert = abort.alert().map(|alert| format!(", with the alert {alert}")).unwrap_or_default();
            let chosen =
                choice.chosen.map(|identity| format!("alias \"{}\" is chosen, but ", identity.alias));
            format!("{}the JVM ends the handshake itself{alert}: {abort}", chosen.unwrap_or_default())
        }
        _ => format!("nothing is sent: Certificate message of length 0, {}", answer(asked)),
    }
}

/// What a server makes of an empty Certificate message.
fn answer(asked: &ClientAuth) -> &'static str {
    let is_13 = asked.version.is_some_and(|version| version >= 0x0304);
    match (asked.status.as_str(), is_13) {
        ("optional", _) => "with which the server goes on",
        ("required", true) => {
            "which the server will answer with the alert certificate_required after the handshake (Java servers: \
             bad_certificate)"
        }
        ("required", false) => {
            "which the server will answer with the alert handshake_failure (Java servers: bad_certificate, or a \
             closed connection)"
        }
        (_, true) => {
            "which the server will answer with the alert certificate_required after the handshake, if it demands one"
        }
        (_, false) => "which the server will answer with the alert handshake_failure, if it demands one",
    }
}

/// The end of the text, where there is no request to speak of.
fn unasked(asked: &ClientAuth) -> String {
    match (asked.status.as_str(), &asked.unread) {
        ("none", None) => {
            "nothing is sent: the server asks for no client certificate in the handshake (it may ask \
                           for one at a certain path: keyward fetch --path PATH)"
                .to_owned()
        }
        (_, why) => {
            let why = why.as_deref().unwrap_or("it is not in the file");
            format!("what is sent cannot be said: the server's request could not be read: {why}")
        }
    }
}

/// How far an identity came: the later the test, the nearer it is.
fn nearness(test: &Test) -> u8 {
    match test {
        Test::Request(_) | Test::Manager { .. } => 0,
        Test::NoChain => 1,
        Test::KeyType { .. } => 2,
        Test::Issuers { missing: None, .. } => 3,
        // A certificate more may do.
        Test::Issuers { missing: Some(_), .. } => 4,
        Test::Algorithms { .. } => 5,
        Test::Usage { .. } | Test::Validity { .. } => 6,
        Test::KeyTypeOrder { .. } | Test::Order { .. } => 7,
        Test::KeyPassword | Test::KeyDamaged | Test::KeyAlgorithm { .. } | Test::Scheme(_) => 8,
    }
}
