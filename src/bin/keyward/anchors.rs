//! The trust anchors that a call may ask for: given stores, the system's, Mozilla's, a JDK's.

use std::env;
use std::path::{Path, PathBuf};

use keyward::anchors::{self, AnchorSet, JavaAnchorsError};
use keyward::chain::rules::jsse::Security;
use keyward::model::Certificate;

use crate::args::IssuerArgs;
use crate::exit::Failure;
use crate::output::Output;
use crate::purse::Purse;
use crate::store::{self, StoreFile, Without};

/// The trusted certificates of the stores given with `--trust`. A file of certificates counts as a store
/// too: an operator's CA bundle is one.
pub(crate) fn given(
    stores: &[PathBuf],
    purse: &mut Purse,
    output: &mut Output,
) -> Result<Vec<AnchorSet>, Failure> {
    let mut sets = Vec::new();
    for path in stores {
        let label = path.display().to_string();
        let mut file = StoreFile::new(path);
        let opened = file.open(purse, Without::Unverified);
        let certificates = match opened.and_then(|opened| opened.ok_or_else(|| store::missing(path))) {
            Ok(opened) => {
                store::warn_if_unchecked(path, &opened, output);
                if let Some(reason) = store::not_for_java(&opened.store, file.password().as_deref(), true) {
                    output.warn(&reason.message(&label));
                }
                store::trusted(&opened.store)
            }
            Err(failure) if failure.id == "not-a-keystore" => match crate::source::certificates_of_file(path)
            {
                Ok(reading) => reading.certificates,
                Err(_) => return Err(failure),
            },
            Err(failure) if failure.id == "no-such-file" => {
                return Err(failure.hint("to diagnose without a trust store of your own, leave --trust out"));
            }
            Err(failure) => return Err(failure),
        };
        sets.push(AnchorSet { place: label.clone(), label, certificates, unreadable: 0 });
    }
    Ok(sets)
}

/// The anchors of the system, of Mozilla and, where there is one, of the JDK.
pub(crate) fn known(args: &IssuerArgs, output: &mut Output) -> Result<Vec<AnchorSet>, Failure> {
    let mut sets = vec![anchors::system(), anchors::mozilla()];
    match java(args.java_home.as_deref()) {
        Ok(Some(set)) => sets.push(set),
        Ok(None) => {}
        // Only a JDK that was asked for has to be there.
        Err(failure) if args.java_home.is_some() => return Err(failure),
        Err(failure) => output.warn(&failure.message),
    }
    Ok(sets)
}

/// Whether a path leads to the `cacerts` of the JDK at hand, whose password everybody knows.
pub(crate) fn is_cacerts(path: &Path) -> bool {
    let java_home = env::var_os("JAVA_HOME");
    let search = env::var_os("PATH");
    // What does not lie among the files of a JDK needs no look for one.
    let named = path.file_name().is_some_and(|name| name == "cacerts" || name == "jssecacerts");
    named
        && anchors::java_home(None, java_home.as_deref(), search.as_deref())
            .and_then(|home| anchors::anchor_file(&home.folder)?.canonicalize().ok())
            .is_some_and(|cacerts| path.canonicalize().is_ok_and(|path| path == cacerts))
}

/// The anchors of the JDK: `--java-home`, else `JAVA_HOME`, else the `java` on PATH.
pub(crate) fn java(asked: Option<&Path>) -> Result<Option<AnchorSet>, Failure> {
    let java_home = env::var_os("JAVA_HOME");
    let path = env::var_os("PATH");
    let Some(home) = anchors::java_home(asked, java_home.as_deref(), path.as_deref()) else {
        return Ok(None);
    };
    anchors::java(&home.folder).map(Some).map_err(|error: JavaAnchorsError| {
        Failure::unusable("no-cacerts", format!("{error} (the JDK was found by {})", home.found_by))
            .hint("name another JDK with --java-home DIR")
    })
}

/// Security properties with what is known of the JDK at hand: its version, and the anchors that it ships.
pub(crate) fn with_jdk_at_hand(security: Security, asked: Option<&Path>) -> Security {
    let java_home = env::var_os("JAVA_HOME");
    let path = env::var_os("PATH");
    let Some(home) = anchors::java_home(asked, java_home.as_deref(), path.as_deref()) else {
        return security;
    };
    let security = match anchors::version(&home.folder) {
        Some(version) => security.with_version(&version),
        None => security,
    };
    match anchors::shipped(&home.folder) {
        Ok(shipped) => security.with_shipped_anchors(shipped),
        Err(_) => security,
    }
}

/// The anchors of a JDK that has to be there.
pub(crate) fn cacerts(args: &IssuerArgs) -> Result<Vec<Certificate>, Failure> {
    match java(args.java_home.as_deref())? {
        Some(set) => Ok(set.certificates),
        None => Err(Failure::unusable("no-jdk", "there is no JDK whose cacerts could vouch")
            .hint("name one with --java-home DIR")),
    }
}
