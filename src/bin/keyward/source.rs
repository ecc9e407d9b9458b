//! What a SOURCE or a SUBJECT of the command line means: a file, standard input, or a server.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use keyward::fetch::Target;
use keyward::limits;

use crate::exit::Failure;

/// A place that certificates are read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A file, by its path as typed.
    File(PathBuf),
    /// Standard input.
    Stdin,
    /// A server.
    Target(Target),
}

/// Extensions that mean a file, so that a mistyped path is not looked up as a host.
const EXTENSIONS: [&str; 15] = [
    "pem", "crt", "cer", "der", "p7b", "p7c", "p7s", "p12", "pfx", "jks", "jceks", "keystore", "truststore", "txt",
    "csr",
];

impl Source {
    /// Tells a file from a target: a path that exists is a file, and so is what looks like one.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        if text == "-" {
            return Ok(Self::Stdin);
        }
        let path = Path::new(text);
        let url = text.contains("://");
        if !url && path.exists() {
            return Ok(Self::File(path.to_owned()));
        }
        let extension = path.extension().and_then(|e| e.to_str()).map(str::to_lowercase);
        let looks_like_a_file = text.contains('/') || extension.is_some_and(|e| EXTENSIONS.contains(&e.as_str()));
        if !url && looks_like_a_file {
            return Err(Failure::unusable("no-such-file", format!("there is no file {text}"))
                .hint("for a server give HOST, HOST:PORT or https://HOST"));
        }
        target(text).map(Self::Target)
    }

    /// How reports call it.
    pub(crate) fn label(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Stdin => "-".to_owned(),
            Self::Target(target) => target.to_string(),
        }
    }
}

/// Reads a target, with the reason why a text is none.
pub(crate) fn target(text: &str) -> Result<Target, Failure> {
    Target::parse(text).map_err(|error| {
        Failure::unusable("not-a-target", error).hint("give HOST, HOST:PORT or https://HOST; IPv6 as [::1]:443")
    })
}

/// The bytes of a file, within [`limits::FILE_BYTES`].
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    let shown = path.display();
    let metadata = std::fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if metadata.is_dir() {
        return Err(Failure::unusable("is-a-directory", format!("{shown} is a directory")));
    }
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    read_bounded(file, &shown.to_string())
}

/// The bytes of standard input, within the same bound.
pub(crate) fn read_stdin() -> Result<Vec<u8>, Failure> {
    read_bounded(io::stdin().lock(), "standard input")
}

fn read_bounded(input: impl Read, name: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    input
        .take(limits::FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::world("read", format!("{name} cannot be read: {error}")))?;
    if bytes.len() as u64 > limits::FILE_BYTES {
        return Err(Failure::unusable(
            "too-large",
            format!("{name} has more than {} MiB", limits::FILE_BYTES / 1024 / 1024),
        ));
    }
    Ok(bytes)
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let shown = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => Failure::unusable("no-such-file", format!("there is no file {shown}")),
        io::ErrorKind::PermissionDenied => {
            Failure::unusable("not-readable", format!("{shown} may not be read by this user"))
        }
        _ => Failure::world("read", format!("{shown} cannot be read: {error}")),
    }
}
