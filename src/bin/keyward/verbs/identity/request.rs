//! `keyward identity request`.

use std::path::Path;

use keyward::format::request::Draft;
use keyward::format::{alternative_name, name, pem};
use keyward::model::PrivateKey;
use keyward::model::entropy::SystemEntropy;
use keyward::model::key_store::{EncodedCertificate, StoreFormat};
use keyward::report::identity_build::IdentityKey;
use keyward::report::identity_request::IdentityRequestReport;
use time::Duration;

use super::entry::{self, NewIdentity, Replace, Target};
use crate::again::Again;
use crate::args::IdentityRequestArgs;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::purse::Purse;
use crate::{clock, render, shell, store};

/// Where the CA's reply is said to be, in the command that installs it.
const REPLY: &str = "reply.pem";

pub(crate) fn run(args: &IdentityRequestArgs, output: &mut Output) -> Result<Exit, Failure> {
    let now = clock::now();
    let mut notes = entry::alias_notes(&args.alias)?;
    let draft = draft(args)?;
    let to_stdout = args.csr == Path::new("-");
    if args.json && to_stdout {
        return Err(Failure::unusable("json-and-output", "--json needs a file for the request (--csr FILE)"));
    }
    if !to_stdout && args.csr.exists() {
        return Err(Failure::unusable(
            "exists",
            format!("{} exists, and is not written over", args.csr.display()),
        )
        .hint("give another file with --csr"));
    }
    let mut purse = Purse::new(&args.passwords.common(), false)?
        .with_out_key(args.passwords.out_key_password.as_ref())?;
    let target = Target::open(&args.output, args.format, &args.profile, &mut purse)?;
    if let Some(kind) = target.holds(&args.alias) {
        return Err(taken(args, &format!("a {kind}")));
    }
    let key = PrivateKey::generate(args.key_type).map_err(|error| Failure::world("no-key-made", error))?;
    let unmade = |error: keyward::format::request::DraftError| Failure::world("not-made", error);
    let request = draft.request(&key).map_err(unmade)?;
    let until = now.saturating_add(Duration::days(i64::from(args.days)));
    let placeholder = draft.placeholder(&key, now, until, &mut SystemEntropy).map_err(unmade)?;
    let encoded = EncodedCertificate::x509(&placeholder);
    let own = encoded.read().map_err(|error| Failure::world("not-made", error))?;
    let identity = NewIdentity {
        alias: &args.alias,
        key: &key,
        own: &own,
        chain: vec![encoded],
        replace: Replace::No,
        now,
    };
    // The key first: a request without one is worth nothing.
    let written =
        target.put(&identity, &mut purse, &args.save, output).map_err(|failure| match failure.id {
            "alias-exists" => taken(args, "an entry"),
            _ => failure,
        })?;
    notes.extend(entry::written_notes(&written, &args.alias));
    let text = pem::encode("CERTIFICATE REQUEST", &request);
    if to_stdout {
        output.bytes(text.as_bytes())?;
    } else {
        store::write_certificates(&args.csr, text.as_bytes(), output)
            .map_err(|failure| unwritten(failure, args))?;
    }
    let store_name = args.output.display().to_string();
    let report = IdentityRequestReport {
        schema: "keyward.identity-request/1",
        format: written.format.to_string(),
        profile: (written.created && written.format == StoreFormat::Pkcs12).then(|| args.profile.name()),
        created: written.created,
        key: IdentityKey { key: key.key().to_string(), identifier: key.identifier() },
        subject: draft.subject.to_string(),
        names: draft.names.iter().map(ToString::to_string).collect(),
        placeholder: (&own).into(),
        csr: args.csr.display().to_string(),
        request: text,
        key_password: if written.own_password { "own" } else { "store" },
        notes,
        next: Again::keyward(["identity", "build", "--from", &entry::named(&args.output, &written.alias)])
            .words(["--cert", REPLY])
            .alias(&written.alias)
            .words(["-o", &store_name, "--replace"])
            .password(args.passwords.password.as_ref())
            .passwords("--out-key-password", args.passwords.out_key_password.as_ref())
            .line(),
        alias: written.alias,
        store: store_name,
    };
    if args.json {
        output.json(&report)?;
    } else if to_stdout {
        output.talk(render::identity_request::report(&report).trim_end());
    } else {
        output.text(&render::identity_request::report(&report))?;
    }
    for note in &report.notes {
        output.talk(&render::trust::note(note));
    }
    Ok(Exit::Done)
}

/// What is asked for.
fn draft(args: &IdentityRequestArgs) -> Result<Draft, Failure> {
    let subject = name::parse(&args.subject).map_err(|error| {
        let failure = Failure::unusable("not-a-name", format!("--subject: {error}"));
        if args.subject.starts_with('/') {
            failure.hint("that is how openssl writes names; here: CN=client,OU=Unit,O=Example,C=DE")
        } else {
            failure.hint(
                "attributes are CN, OU, O, L, ST, C, DC, UID, STREET, T, SERIALNUMBER, EMAILADDRESS, … or dotted \
                 numbers, as in: CN=client,OU=Unit,O=Example\\, Inc.,C=DE",
            )
        }
    })?;
    let names = args.san.iter().map(|text| {
        alternative_name::parse(text).map_err(|error| {
            Failure::unusable("not-an-alternative-name", format!("--san: {error}"))
                .hint("say what it is with dns:, ip:, email: or uri: before it")
        })
    });
    Ok(Draft { subject, names: names.collect::<Result<_, _>>()? })
}

fn taken(args: &IdentityRequestArgs, what: &str) -> Failure {
    let store = args.output.display().to_string();
    Failure::unusable("alias-exists", format!("{store} has {what} with the alias \"{}\" already", args.alias))
        .hint("a new key gets an alias of its own: give another --alias")
        .hint("what is there is shown by:")
        .hint(format!("  {}", shell::command(["keyward", "trust", "list", &store])))
}

/// The key is written, its request is not.
fn unwritten(failure: Failure, args: &IdentityRequestArgs) -> Failure {
    let store = args.output.display().to_string();
    failure
        .hint(format!("the key is in {store} already; to begin anew, remove it first:"))
        .hint(format!("  {}", shell::command(["keyward", "trust", "remove", &store, &args.alias, "--key"])))
}
