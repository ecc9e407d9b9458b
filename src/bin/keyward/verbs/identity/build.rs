//! `keyward identity build`.

mod advice;

use std::path::{Path, PathBuf};

use keyward::chain::issuers::{IssuerSource, NoIssuers};
use keyward::fetch::{AiaAnswers, AiaIssuers, AiaOptions};
use keyward::identity::assemble::{
    AssembleError, Assembled, Material, RootChoice, Sourced, Terms, Top, assemble,
};
use keyward::model::PrivateKey;
use keyward::model::key_store::{EncodedCertificate, EntryKind};
use keyward::report::identity_build::{
    ChainLink, IdentityBuildReport, IdentityKey, MissingIssuer, RootReport,
};
use time::OffsetDateTime;

use super::entry::{self, NewIdentity, Replace, Target};
use super::material::{self, Wanted};
use crate::again::Again;
use crate::args::{IdentityBuildArgs, RootName};
use crate::exit::{Exit, Failure};
use crate::identity::store_and_alias;
use crate::output::Output;
use crate::purse::Purse;
use crate::{anchors, clock, connection, render};

pub(crate) fn run(args: &IdentityBuildArgs, output: &mut Output) -> Result<Exit, Failure> {
    let now = clock::now();
    let mut notes = entry::alias_notes(&args.alias)?;
    let mut purse = Purse::new(&args.passwords.common(), stdin_is_source(args)?)?
        .with_out_key(args.passwords.out_key_password.as_ref())?;
    let inputs = Inputs::read(args, &mut purse, output)?;
    let target = Target::open(&args.output, args.format, &args.profile, &mut purse)?;
    match target.holds(&args.alias) {
        Some(kind) if !args.replace => return Err(advice::taken(args, kind)),
        None if args.replace => {
            return Err(advice::nothing_to_replace(args));
        }
        _ => {}
    }
    let assembled = inputs.assemble(args, now, output)?;
    let Some(own) = assembled.chain.first() else {
        return Err(Failure::unusable("no-certificate", AssembleError::NoCertificate));
    };
    let identity = NewIdentity {
        alias: &args.alias,
        key: &inputs.key,
        own: &own.certificate,
        chain: assembled.chain.iter().map(|link| EncodedCertificate::from(&link.certificate)).collect(),
        replace: match (args.replace, args.new_key) {
            (false, _) => Replace::No,
            (true, false) => Replace::SameKey,
            (true, true) => Replace::AnyKey,
        },
        now,
    };
    let written = target
        .put(&identity, &mut purse, &args.save, output)
        .map_err(|failure| advice::not_put(failure, args, &assembled))?;
    notes.extend(entry::written_notes(&written, &args.alias));
    notes.extend(advice::notes(args, &assembled, now));
    let report = IdentityBuildReport {
        schema: "keyward.identity-build/1",
        store: args.output.display().to_string(),
        format: written.format.to_string(),
        profile: (written.created && written.format == keyward::model::key_store::StoreFormat::Pkcs12)
            .then(|| args.profile.name()),
        created: written.created,
        changed: written.changed,
        action: written.action,
        key: IdentityKey { key: inputs.key.key().to_string(), identifier: inputs.key.identifier() },
        chain: assembled.chain.iter().map(link).collect(),
        root: root(&assembled.top),
        missing: match &assembled.top {
            Top::Incomplete(missing) => Some(MissingIssuer {
                of: missing.certificate.subject().to_string(),
                issuer: missing.certificate.issuer().to_string(),
            }),
            _ => None,
        },
        key_password: if written.own_password { "own" } else { "store" },
        notes,
        next: Again::keyward(["identity", "check", &entry::named(&args.output, &written.alias)])
            .password(args.passwords.password.as_ref())
            .line(),
        alias: written.alias,
    };
    if args.json {
        output.json(&report)?;
    } else {
        output.text(&render::identity_build::report(&report))?;
    }
    for note in &report.notes {
        output.talk(&render::trust::note(note));
    }
    Ok(Exit::Done)
}

/// Whether an input is standard input, which can be read once.
fn stdin_is_source(args: &IdentityBuildArgs) -> Result<bool, Failure> {
    let files = args.key.iter().chain(&args.cert).chain(&args.chain).map(PathBuf::as_path);
    let from = args.from.as_deref().map(Path::new);
    match files.chain(from).filter(|path| *path == Path::new("-")).count() {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Failure::unusable("input-taken", "standard input can be read once only")),
    }
}

/// All that was read.
struct Inputs {
    key: PrivateKey,
    /// Of `--cert`.
    named: Vec<Sourced>,
    others: Vec<Sourced>,
}

impl Inputs {
    fn read(args: &IdentityBuildArgs, purse: &mut Purse, output: &mut Output) -> Result<Self, Failure> {
        let mut key = None;
        let mut others = Vec::new();
        if let Some(path) = &args.key {
            let found = material::read(path, Wanted::Key(None), purse, output)?;
            key = found.key;
            others.extend(found.certificates);
        }
        if let Some(from) = &args.from {
            let (path, alias) = store_and_alias(from);
            let wanted = if key.is_some() { Wanted::Certificates } else { Wanted::Key(alias.as_deref()) };
            let found = material::read(&path, wanted, purse, output)?;
            key = key.or(found.key);
            others.extend(found.certificates);
        }
        let mut certificates = |paths: &[PathBuf]| -> Result<Vec<Sourced>, Failure> {
            let mut all = Vec::new();
            for path in paths {
                all.extend(material::read(path, Wanted::Certificates, purse, output)?.certificates);
            }
            Ok(all)
        };
        let named = certificates(&args.cert)?;
        others.extend(certificates(&args.chain)?);
        others.extend(certificates(&args.issuers.untrusted)?);
        let key = key.ok_or_else(|| Failure::unusable("no-key", "there is no private key in the inputs"))?;
        Ok(Self { key, named, others })
    }

    /// The chain of the inputs alone; where that breaks off, with the trust anchors at hand and AIA.
    fn assemble(
        &self,
        args: &IdentityBuildArgs,
        now: OffsetDateTime,
        output: &mut Output,
    ) -> Result<Assembled, Failure> {
        let root = match args.root {
            RootName::Include => RootChoice::Include,
            RootName::Omit => RootChoice::Omit,
        };
        let strict = Terms { root, allow_incomplete: false, now };
        let inputs = Material { named: &self.named, others: &self.others, issuers: &[] };
        let refused = match assemble(&self.key, &inputs, &strict, &mut NoIssuers) {
            Err(AssembleError::Incomplete { .. }) => None,
            other => Some(other),
        };
        if let Some(settled) = refused {
            return settled.map_err(|error| advice::unassembled(&error, args));
        }
        let mut issuers = Vec::new();
        for set in anchors::known(&args.issuers, output)? {
            let origin: std::sync::Arc<str> = set.label.into();
            issuers.extend(
                set.certificates
                    .into_iter()
                    .map(|certificate| Sourced { certificate, origin: origin.clone() }),
            );
        }
        let answers = AiaAnswers::through(connection::proxies_by(args.proxy.as_ref())?);
        let reach = connection::reach(args.issuers.aia_local, None);
        let mut aia = AiaIssuers::new(&answers, AiaOptions { reach, ..AiaOptions::default() });
        let mut nobody = NoIssuers;
        let source: &mut dyn IssuerSource = if args.issuers.no_aia { &mut nobody } else { &mut aia };
        let terms = Terms { allow_incomplete: args.allow_incomplete, ..strict };
        assemble(&self.key, &Material { issuers: &issuers, ..inputs }, &terms, source)
            .map_err(|error| advice::unassembled(&error, args))
    }
}

fn link(sourced: &Sourced) -> ChainLink {
    ChainLink { certificate: (&sourced.certificate).into(), from: sourced.origin.to_string() }
}

fn root(top: &Top) -> RootReport {
    let (state, certificate) = match top {
        Top::RootOmitted(root) => ("omitted", Some(link(root))),
        Top::RootIncluded => ("included", None),
        Top::SelfSigned => ("self-signed", None),
        Top::Incomplete(_) => ("not-found", None),
    };
    RootReport { state, certificate }
}

/// Whether an entry of this kind may be replaced by an identity.
fn is_identity(kind: EntryKind) -> bool {
    kind == EntryKind::PrivateKey
}
