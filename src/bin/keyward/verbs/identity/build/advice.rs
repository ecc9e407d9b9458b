//! What to do where an identity was not built, and what to know of one that was.

use keyward::identity::assemble::{AssembleError, Assembled, Missing, Sourced, Top};
use keyward::model::certificate::JavaRefusal;
use keyward::model::key_store::EntryKind;
use keyward::report::trust::Note;
use time::OffsetDateTime;

use super::{entry, is_identity};
use crate::again::Again;
use crate::args::{IdentityBuildArgs, RootName};
use crate::exit::Failure;
use crate::render::certificate::clean;

/// The alias is taken.
pub(super) fn taken(args: &IdentityBuildArgs, kind: EntryKind) -> Failure {
    let failure = Failure::unusable(
        "alias-exists",
        format!("{} has a {kind} with the alias \"{}\" already", args.output.display(), args.alias),
    );
    with_ways_out(failure, args, kind)
}

fn with_ways_out(failure: Failure, args: &IdentityBuildArgs, kind: EntryKind) -> Failure {
    if is_identity(kind) {
        failure
            .hint("to put the new identity in its place (the key has to be the same):")
            .hint(format!("  {}", again(args).words(["--replace"]).line()))
            .hint("or give another --alias")
    } else {
        entry::hint_wrong_kind(failure, &args.output, &args.alias)
    }
}

/// `--replace`, and nothing to replace.
pub(super) fn nothing_to_replace(args: &IdentityBuildArgs) -> Failure {
    Failure::unusable(
        "no-such-entry",
        format!("{} has no entry with the alias \"{}\" to replace", args.output.display(), args.alias),
    )
    .hint("to add the identity:")
    .hint(format!("  {}", again_without_replace(args).line()))
}

/// A failure of the writing, with the commands that help.
pub(super) fn not_put(failure: Failure, args: &IdentityBuildArgs, assembled: &Assembled) -> Failure {
    match failure.id {
        "alias-exists" => with_ways_out(failure, args, EntryKind::PrivateKey),
        "wrong-kind" => entry::hint_wrong_kind(failure, &args.output, &args.alias),
        "other-key" => failure
            .hint("if the old key is no longer needed:")
            .hint(format!("  {}", again(args).words(["--new-key"]).line()))
            .hint("or keep both, and give the new one another --alias"),
        "chain-of-another" => failure.hint("keep each chain in a store of its own: another -o"),
        "other-chain" => {
            let failure =
                failure.hint("keep identities and trusted certificates in stores of their own: another -o");
            match (&assembled.top, args.root) {
                (Top::RootOmitted(root), RootName::Omit) => failure
                    .hint(format!(
                        "or, if \"{}\" is to stand in the chain:",
                        clean(root.certificate.subject().rfc4514())
                    ))
                    .hint(format!("  {}", Call { root: RootName::Include, ..call(args) }.line().line())),
                _ => failure,
            }
        }
        _ => failure,
    }
}

/// Why no chain was made.
pub(super) fn unassembled(error: &AssembleError, args: &IdentityBuildArgs) -> Failure {
    const SHOWN: usize = 6;
    let failure = |id| Failure::unusable(id, clean(&error.to_string()));
    match error {
        AssembleError::NoCertificate => {
            failure("no-certificate").hint("give the certificate that was issued for the key: --cert FILE")
        }
        AssembleError::OtherKey { certificates, fitting, .. } => {
            let mut failure = failure("other-key");
            if certificates.len() > 1 {
                for (sourced, key) in certificates.iter().take(SHOWN) {
                    failure = failure.hint(clean(&format!("{}: {key}", place(sourced))));
                }
                if let Some(more) = certificates.len().checked_sub(SHOWN).filter(|&more| more > 0) {
                    failure = failure.hint(format!("and {more} more"));
                }
            }
            match fitting {
                Some(sourced) => failure
                    .hint(clean(&format!("it fits {}; to take that one:", place(sourced))))
                    .hint(format!("  {}", again_with_certificate(args, Some(&sourced.origin)).line())),
                None => failure.hint(
                    "give the certificate that was issued for this key, or the key that belongs to the certificate",
                ),
            }
        }
        AssembleError::Unknown { .. } => {
            failure("key-not-judged").hint("name the one that is meant: a file with it alone, with --cert")
        }
        AssembleError::Incomplete { missing, .. } => incomplete(failure("incomplete-chain"), missing, args),
        AssembleError::JavaCannotRead { reason, .. } => failure("java-cannot-read").hint(match reason {
            JavaRefusal::UnnamedCurve | JavaRefusal::UnknownCurve(_) => {
                "a JVM reads keys on named curves: keyward identity request makes one, and a request for its certificate"
            }
            _ => "whoever issued it has to issue it anew",
        }),
        AssembleError::Endless { .. } => failure("endless-chain")
            .hint("give only the certificates that belong to the chain with --cert and --chain"),
    }
}

fn incomplete(mut failure: Failure, missing: &Missing, args: &IdentityBuildArgs) -> Failure {
    for attempt in &missing.attempts {
        let outcome = match &attempt.outcome {
            Ok(0) => "holds no certificate".to_owned(),
            Ok(_) => "holds no certificate that made the signature".to_owned(),
            Err(reason) => reason.clone(),
        };
        failure = failure.hint(clean(&format!("{}: {outcome}", attempt.address)));
    }
    let issuer = clean(missing.certificate.issuer().rfc4514());
    failure = failure
        .hint(format!("give the certificate of \"{issuer}\" as a file:"))
        .hint(format!("  {}", again_with_chain(args, "ISSUER.pem").line()));
    let addresses = missing.certificate.ca_issuers();
    if let (true, Some(address)) = (args.issuers.no_aia, addresses.first()) {
        failure = failure.hint(clean(&format!("or leave --no-aia out: it is said to be at {address}")));
    }
    failure
        .hint("if it is the root, which is left out anyway:")
        .hint(format!("  {}", again(args).words(["--allow-incomplete"]).line()))
}

/// What should be known of the identity.
pub(super) fn notes(args: &IdentityBuildArgs, assembled: &Assembled, now: OffsetDateTime) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut note = |id, message: String, fix| notes.push(Note { id, message: clean(&message), fix });
    if let Some(own) = assembled.chain.first() {
        let certificate = &own.certificate;
        for other in assembled.passed_over.iter().filter(|other| !other.certificate.is_self_issued()) {
            note(
                "certificate-passed-over",
                format!(
                    "the key has several certificates; taken was the one of {} until {}, not {} until {}; to take that \
                     one, give it alone:",
                    own.origin,
                    certificate.not_after().date(),
                    place(other),
                    other.certificate.not_after().date()
                ),
                Some(again_with_certificate(args, None).line()),
            );
        }
        if certificate.not_after() < now {
            note("expired", format!("the certificate expired on {}", certificate.not_after().date()), None);
        } else if now < certificate.not_before() {
            let day = certificate.not_before().date();
            note("not-yet-valid", format!("the certificate is not valid before {day}"), None);
        }
        if !certificate.is_for_tls_clients() {
            note(
                "no-client-auth",
                "the certificate is not for TLS clients (its extended key usage lacks clientAuth): most servers \
                 refuse it"
                    .to_owned(),
                None,
            );
        }
    }
    if !assembled.fit_checked {
        note(
            "fit-unchecked",
            "that the certificate belongs to the key could not be checked: the key's public half cannot be computed"
                .to_owned(),
            None,
        );
    }
    for (certificate, reason) in &assembled.unchecked {
        let subject = certificate.subject();
        note(
            "signature-unchecked",
            format!("the signature of \"{subject}\" was not checked: {reason}"),
            None,
        );
    }
    match &assembled.top {
        Top::Incomplete(missing) => note(
            "incomplete-chain",
            format!(
                "the chain ends before \"{}\": a server that lists only CAs above it will not be sent this identity by \
                 a JVM",
                missing.certificate.issuer()
            ),
            None,
        ),
        Top::RootIncluded => {
            let root = assembled.chain.last().map(|root| root.certificate.signature_algorithm());
            if let Some(weak) =
                root.filter(|algorithm| matches!(algorithm.digest, Some("SHA1" | "MD5" | "MD2")))
            {
                note(
                    "weak-root",
                    format!(
                        "the root in the chain is signed with {}: Java's PKIX key manager sends the chain only to servers \
                         that list this algorithm; without the root:",
                        weak.name
                    ),
                    Some(again_with_root_omitted(args).line()),
                );
            }
        }
        Top::RootOmitted(_) | Top::SelfSigned => {}
    }
    notes
}

fn place(sourced: &Sourced) -> String {
    format!("\"{}\" of {}", sourced.certificate.subject(), sourced.origin)
}

/// The parts of the call that a proposal may put otherwise.
struct Call<'a> {
    args: &'a IdentityBuildArgs,
    certificate: Option<&'a str>,
    more: Option<&'a str>,
    replace: bool,
    root: RootName,
}

impl Call<'_> {
    fn line(&self) -> Again {
        let args = self.args;
        let shown = |path: &std::path::PathBuf| path.display().to_string();
        let mut again = Again::keyward(["identity", "build"]);
        if let Some(key) = &args.key {
            again = again.words(["--key", &shown(key)]);
        }
        match self.certificate {
            Some(file) => again = again.words(["--cert", file]),
            None => {
                for path in &args.cert {
                    again = again.words(["--cert", &shown(path)]);
                }
            }
        }
        for path in &args.chain {
            again = again.words(["--chain", &shown(path)]);
        }
        if let Some(file) = self.more {
            again = again.words(["--chain", file]);
        }
        if let Some(from) = &args.from {
            again = again.words(["--from", from]);
        }
        again = again.alias(&args.alias).words(["-o", &shown(&args.output)]);
        if self.root == RootName::Include {
            again = again.words(["--root", "include"]);
        }
        let flags = [
            (args.allow_incomplete, "--allow-incomplete"),
            (self.replace, "--replace"),
            (self.replace && args.new_key, "--new-key"),
            (args.save.backup, "--backup"),
            (args.save.in_place, "--in-place"),
        ];
        again = again.words(flags.into_iter().filter(|(given, _)| *given).map(|(_, flag)| flag));
        if let Some(format) = args.format {
            again = again.words(["--format", &format.to_string()]);
        }
        if args.profile.profile.is_some() {
            again = again.words(["--profile", args.profile.name()]);
        }
        again
            .issuers(&args.issuers)
            .password(args.passwords.password.as_ref())
            .passwords("--in-password", &args.passwords.in_password)
            .passwords("--out-key-password", args.passwords.out_key_password.as_ref())
            .key_passwords(&args.passwords.key_password)
    }
}

fn call(args: &IdentityBuildArgs) -> Call<'_> {
    Call { args, certificate: None, more: None, replace: args.replace, root: RootName::Omit }
}

/// The same call.
fn again(args: &IdentityBuildArgs) -> Again {
    Call { root: args.root, ..call(args) }.line()
}

fn again_without_replace(args: &IdentityBuildArgs) -> Again {
    Call { replace: false, root: args.root, ..call(args) }.line()
}

fn again_with_root_omitted(args: &IdentityBuildArgs) -> Again {
    Call { replace: true, ..call(args) }.line()
}

fn again_with_chain(args: &IdentityBuildArgs, file: &str) -> Again {
    Call { more: Some(file), root: args.root, ..call(args) }.line()
}

/// With another `--cert`: a file as reports call it, or one that the user has to name. The identity that was
/// written is replaced then.
fn again_with_certificate(args: &IdentityBuildArgs, file: Option<&str>) -> Again {
    let replace = args.replace || file.is_none();
    Call { certificate: Some(file.unwrap_or("CERTIFICATE.pem")), replace, root: args.root, ..call(args) }
        .line()
}
