//! The trust anchors of a JDK: which JDK, and which file of it.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::{AnchorSet, on_path};
use crate::format::key_store::{self, StoreError};
use crate::format::pkcs12::Derivations;
use crate::limits;
use crate::model::{Fingerprint, KeyStore, Password};

/// The password under which JDKs ship their `cacerts`.
pub const CACERTS_PASSWORD: &str = "changeit";

/// Why a JDK gives no anchors.
#[derive(Debug, thiserror::Error)]
pub enum JavaAnchorsError {
    /// The folder is no JDK or JRE.
    #[error("{} has neither lib/security/cacerts nor jre/lib/security/cacerts", .0.display())]
    NoCacerts(PathBuf),
    /// The file is there and cannot be read.
    #[error("{}: {source}", file.display())]
    Io {
        /// The `cacerts`.
        file: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is larger than any keystore.
    #[error("{}: larger than {} bytes", .0.display(), limits::FILE_BYTES)]
    TooLarge(PathBuf),
    /// The file was read and is no keystore that keyward can open.
    #[error("{}: {source}", file.display())]
    Store {
        /// The `cacerts`.
        file: PathBuf,
        /// Why not.
        source: StoreError,
    },
}

/// A JDK that was found, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JavaHome {
    /// The folder, symbolic links resolved where it was found over the `java` on the PATH.
    pub folder: PathBuf,
    /// `--java-home`, `JAVA_HOME` or `PATH`.
    pub found_by: &'static str,
}

/// Finds the JDK: the one that was asked for, else that of `JAVA_HOME`, else that of the `java` on the PATH.
/// The caller reads the variables.
///
/// A folder that was asked for is taken as it is, without a look whether it is a JDK; an empty `JAVA_HOME`
/// counts as none.
#[must_use]
pub fn java_home(asked: Option<&Path>, java_home: Option<&OsStr>, path: Option<&OsStr>) -> Option<JavaHome> {
    if let Some(folder) = asked {
        return Some(JavaHome { folder: folder.to_owned(), found_by: "--java-home" });
    }
    if let Some(folder) = java_home.filter(|folder| !folder.is_empty()) {
        return Some(JavaHome { folder: folder.into(), found_by: "JAVA_HOME" });
    }
    let java = on_path("java", path?)?.canonicalize().ok()?;
    // <home>/bin/java, or <home>/jre/bin/java in a JDK 8.
    let home = java.parent()?.parent()?;
    Some(JavaHome { folder: home.to_owned(), found_by: "PATH" })
}

/// The file in which this JDK keeps its anchors: `lib/security/jssecacerts`, else `cacerts` there, as
/// `sun.security.ssl.TrustStoreManager` looks for them; also below `jre/`, for JDK 8.
#[must_use]
pub fn anchor_file(home: &Path) -> Option<PathBuf> {
    ["lib/security", "jre/lib/security"]
        .iter()
        .flat_map(|folder| ["jssecacerts", "cacerts"].map(|name| home.join(folder).join(name)))
        .find(|file| file.is_file())
}

/// Reads the anchors of the JDK in `home`: JKS or PKCS12, under the password `changeit` or none.
///
/// # Errors
///
/// [`JavaAnchorsError`] with the file.
pub fn java(home: &Path) -> Result<AnchorSet, JavaAnchorsError> {
    let file = anchor_file(home).ok_or_else(|| JavaAnchorsError::NoCacerts(home.to_owned()))?;
    let store = open(&file)?;
    let place = file.display().to_string();
    let anchors = store.trust_anchors();
    Ok(AnchorSet::from_der("java", place, anchors.iter().map(|anchor| &*anchor.der)))
}

/// The version of the JDK in `home`, as `JAVA_VERSION` in its file `release` gives it: `17.0.21`. `None` where that
/// cannot be read.
#[must_use]
pub fn version(home: &Path) -> Option<String> {
    let mut text = String::new();
    File::open(home.join("release")).ok()?.take(limits::JAVA_RELEASE_BYTES).read_to_string(&mut text).ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix("JAVA_VERSION="))?;
    Some(value.trim().trim_matches('"').to_owned())
}

/// The anchors that the JDK's own `cacerts` marks as shipped with it: those under an alias with ` [jdk` in it
/// (`sun.security.util.AnchorCertificates`). Builds of distributions have none.
///
/// # Errors
///
/// [`JavaAnchorsError`] with the file.
pub fn shipped(home: &Path) -> Result<Vec<Fingerprint>, JavaAnchorsError> {
    let file = ["lib/security/cacerts", "jre/lib/security/cacerts"]
        .iter()
        .map(|name| home.join(name))
        .find(|file| file.is_file())
        .ok_or_else(|| JavaAnchorsError::NoCacerts(home.to_owned()))?;
    let store = open(&file)?;
    let marked = store.entries().into_iter().filter(|entry| entry.alias.contains(" [jdk"));
    Ok(marked.filter_map(|entry| entry.chain.first().map(|anchor| anchor.fingerprint())).collect())
}

fn open(file: &Path) -> Result<KeyStore, JavaAnchorsError> {
    let io = |source| JavaAnchorsError::Io { file: file.to_owned(), source };
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(file).map_err(io)?;
    opened.take(limits::FILE_BYTES.saturating_add(1)).read_to_end(&mut bytes).map_err(io)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > limits::FILE_BYTES) {
        return Err(JavaAnchorsError::TooLarge(file.to_owned()));
    }
    // What is not protected at all opens under any password, as JDK 18 and later ship it.
    let password = Password::new(CACERTS_PASSWORD.to_owned());
    let opened = key_store::decode(&bytes, Some(&password), &mut Derivations::default())
        .map_err(|source| JavaAnchorsError::Store { file: file.to_owned(), source })?;
    Ok(opened.store)
}
