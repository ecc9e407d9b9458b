//! What a plan becomes: a store, or a file of certificates and keys.

use std::collections::HashSet;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::rc::Rc;

use keyward::convert::{Content, Plan, Target};
use keyward::format::key_store as codec;
use keyward::format::pkcs12::Derivations;
use keyward::format::{objects, pkcs7, private_key};
use keyward::inspect::readers;
use keyward::model::entropy::SystemEntropy;
use keyward::model::key_store::pfx::{Profile, Scheme};
use keyward::model::{EncodedCertificate, Password, PrivateKey};
use time::OffsetDateTime;
use zeroize::Zeroizing;

use super::seal::StoreSealer;
use crate::args::ConvertArgs;
use crate::certificates;
use crate::exit::Failure;
use crate::output::Output;
use crate::purse::Purse;
use crate::store::{self, NewFile};

/// Where a conversion goes.
#[derive(Clone, Copy)]
pub(super) struct To<'a> {
    pub(super) path: &'a Path,
    /// What was read of the same file, if it is an input too.
    pub(super) read: Option<&'a [u8]>,
}

/// Writes a plan to its file, or to standard output, and gives whether the file is new.
pub(super) fn write(
    plan: Plan,
    args: &ConvertArgs,
    to: Option<To<'_>>,
    purse: &mut Purse,
    now: OffsetDateTime,
    output: &mut Output,
) -> Result<bool, Failure> {
    let private = plan.has_keys();
    match plan.target().store_format() {
        Some(_) => write_store(plan, args, to, purse, now, output),
        None => {
            let text = *plan.target() == Target::Pem;
            let out_key = purse.out_key()?;
            let password = match out_key {
                Some(password) => Some(password),
                None => purse.given()?,
            };
            let (bytes, count) = file(&plan, password.as_deref())?;
            let Some(To { path, read }) = to else {
                if text {
                    output.bytes(&bytes)?
                } else {
                    output.binary(&bytes)?
                }
                return Ok(true);
            };
            if private {
                if password.is_none() {
                    output.talk(&format!(
                        "note: the private key in {} is not encrypted; --password would do it",
                        path.display()
                    ));
                }
                warn_of_readers(path, output);
            }
            let file = NewFile { path, bytes: &bytes, private, force: args.force, read };
            store::write_whole(&file, &args.save, output, |written| {
                let found = objects::read(written).map(|objects| objects.found.len());
                if found == Ok(count) {
                    Ok(())
                } else {
                    Err(Failure::world("read-back", "it holds something else than was meant"))
                }
            })
        }
    }
}

fn write_store(
    plan: Plan,
    args: &ConvertArgs,
    to: Option<To<'_>>,
    purse: &mut Purse,
    now: OffsetDateTime,
    output: &mut Output,
) -> Result<bool, Failure> {
    let private = plan.has_keys();
    let shown = to.map_or(Path::new("the output"), |to| to.path);
    let (scheme, passwordless) = match plan.target() {
        Target::Pkcs12(profile) => (Some(profile.keys.clone()), profile.is_passwordless()),
        _ => (None, false),
    };
    let own = purse.out_key()?;
    let needs_own = passwordless && (!private || own.is_some());
    let password: Option<Rc<Password>> = if needs_own { None } else { Some(purse.for_new_store(shown)?) };
    let beyond_ascii = |password: &Option<Rc<Password>>| {
        password.as_deref().is_some_and(|password| !readers::is_plain_ascii(password))
    };
    if scheme.is_some() && (beyond_ascii(&password) && (private || !passwordless) || beyond_ascii(&own)) {
        output.warn(
            "Java 17 opens nothing in PKCS12 under a password that has other characters than printable ASCII",
        );
    }
    let unwritten = |error: &dyn std::fmt::Display| {
        Failure::unusable("not-written", format!("{}: {error}", shown.display()))
    };
    let mut derivations = Derivations::new();
    let store = {
        let nothing = Password::new(String::new());
        let key_password = own.as_deref().or(password.as_deref()).unwrap_or(&nothing);
        let format = plan.target().store_format().unwrap_or(keyward::model::key_store::StoreFormat::Pkcs12);
        let mut sealer =
            StoreSealer { format, scheme, password: key_password, derivations: &mut derivations };
        plan.into_store(now, &mut sealer).map_err(|error| unwritten(&error))?
    };
    let password = password.filter(|_| !passwordless);
    let bytes = codec::encode(&store, password.as_deref(), &mut SystemEntropy, &mut derivations)
        .map_err(|error| unwritten(&error))?;
    let bytes = Zeroizing::new(bytes);
    let Some(To { path, read }) = to else {
        output.binary(&bytes)?;
        return Ok(true);
    };
    if private {
        warn_of_readers(path, output);
    }
    let file = NewFile { path, bytes: &bytes, private, force: args.force, read };
    store::write_whole(&file, &args.save, output, |written| {
        match codec::decode(written, password.as_deref(), &mut derivations) {
            Ok(read) if read.store == store => Ok(()),
            Ok(_) => Err(Failure::world("read-back", "it holds something else than was meant")),
            Err(error) => Err(Failure::world("read-back", error)),
        }
    })
}

/// The bytes of a file, and how many certificates and keys are in it.
fn file(plan: &Plan, password: Option<&Password>) -> Result<(Zeroizing<Vec<u8>>, usize), Failure> {
    let mut certificates: Vec<EncodedCertificate> = Vec::new();
    let mut written: HashSet<EncodedCertificate> = HashSet::new();
    let mut text = Zeroizing::new(String::new());
    let mut der = Zeroizing::new(Vec::new());
    let mut count = 0_usize;
    for item in plan.items() {
        let mut chain = false;
        if let Content::PrivateKey { key, chain: links } = &item.content {
            chain = !links.is_empty();
            if *plan.target() != Target::P7b {
                append_key(&mut text, &mut der, key, password)?;
                count += 1;
            }
        }
        for certificate in item.certificates() {
            // A key's chain stands whole after it; other certificates once.
            if written.insert(certificate.clone()) || (chain && *plan.target() == Target::Pem) {
                text.push_str(&certificates::pem(&certificate.der));
                der.extend_from_slice(&certificate.der);
                certificates.push(certificate.clone());
                count += 1;
            }
        }
    }
    let bytes = match plan.target() {
        Target::P7b => Zeroizing::new(pkcs7::encode(&certificates)),
        Target::Der => der,
        _ => Zeroizing::new(text.as_bytes().to_vec()),
    };
    Ok((bytes, count))
}

fn append_key(
    text: &mut String,
    der: &mut Vec<u8>,
    key: &PrivateKey,
    password: Option<&Password>,
) -> Result<(), Failure> {
    let Some(password) = password else {
        text.push_str(&private_key::encode_pem(key));
        der.extend_from_slice(key.pkcs8());
        return Ok(());
    };
    let scheme: Scheme = Profile::java17().keys;
    let unwritten = |error| Failure::unusable("not-written", format!("the private key: {error}"));
    let encrypted = private_key::encrypt(key, &scheme, password, &mut SystemEntropy, &mut Derivations::new())
        .map_err(unwritten)?;
    text.push_str(&keyward::format::pem::encode("ENCRYPTED PRIVATE KEY", &encrypted));
    der.extend_from_slice(&encrypted);
    Ok(())
}

/// A file that exists keeps its mode, whatever is written into it.
pub(in crate::verbs) fn warn_of_readers(path: &Path, output: &mut Output) {
    if let Ok(metadata) = std::fs::metadata(path)
        && metadata.permissions().mode() & 0o077 != 0
    {
        output.warn(&format!(
            "{} keeps its mode {:o}, and others may read the keys in it: chmod 600",
            path.display(),
            metadata.permissions().mode() & 0o777
        ));
    }
}
