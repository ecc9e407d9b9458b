//! What a SOURCE or a SUBJECT of the command line means: a file, standard input, or a server.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use keyward::fetch::Target;
use keyward::format::certificates::{self, InputError, Place};
use keyward::format::detect::Kind;
use keyward::limits;
use keyward::model::Certificate;

use crate::exit::Failure;
use crate::{shell, store};

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
    "pem",
    "crt",
    "cer",
    "der",
    "p7b",
    "p7c",
    "p7s",
    "p12",
    "pfx",
    "jks",
    "jceks",
    "keystore",
    "truststore",
    "txt",
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
        if let Some(file) = text.strip_prefix("file://") {
            return Err(Failure::unusable("not-a-target", format!("{text} is the address of a file"))
                .hint("give its path:")
                .hint(format!("  {}", shell::command([file]))));
        }
        let extension = path.extension().and_then(|e| e.to_str()).map(str::to_lowercase);
        let looks_like_a_file =
            text.contains('/') || extension.is_some_and(|e| EXTENSIONS.contains(&e.as_str()));
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
        Failure::unusable("not-a-target", error)
            .hint("give HOST, HOST:PORT, https://HOST or smtp://HOST; IPv6 as [::1]:443")
    })
}

/// The bytes of a file, within [`limits::FILE_BYTES`].
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    let shown = path.display();
    let metadata = refuse_directory(path)?;
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    read_bounded(file, metadata.len(), &shown.to_string())
}

/// The bytes of standard input, within the same bound.
pub(crate) fn read_stdin() -> Result<Vec<u8>, Failure> {
    read_bounded(io::stdin().lock(), 0, "standard input")
}

/// Reads all of an input that is expected to have `length` bytes.
fn read_bounded(input: impl Read, length: u64, name: &str) -> Result<Vec<u8>, Failure> {
    // One byte more, so that the end is seen without growing (and so copying) the buffer.
    let expected = usize::try_from(length.min(limits::FILE_BYTES)).unwrap_or_default();
    let mut bytes = Vec::new();
    bytes
        .try_reserve_exact(expected.saturating_add(1))
        .map_err(io::Error::from)
        .and_then(|()| input.take(limits::FILE_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| Failure::world("read", format!("{name} cannot be read: {error}")))?;
    if bytes.len() as u64 > limits::FILE_BYTES {
        return Err(Failure::unusable(
            "too-large",
            format!("{name} has more than {} MiB", limits::FILE_BYTES / 1024 / 1024),
        ));
    }
    Ok(bytes)
}

/// What a path leads to, unless it is a directory.
pub(crate) fn refuse_directory(path: &Path) -> Result<Metadata, Failure> {
    let metadata = std::fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if metadata.is_dir() {
        return Err(Failure::unusable("is-a-directory", format!("{} is a directory", path.display())));
    }
    Ok(metadata)
}

/// Why a file cannot be opened.
pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let shown = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => Failure::unusable("no-such-file", format!("there is no file {shown}")),
        io::ErrorKind::PermissionDenied => {
            Failure::unusable("not-readable", format!("{shown} may not be read by this user"))
        }
        _ => Failure::world("read", format!("{shown} cannot be read: {error}")),
    }
}

/// The certificates of an input, with what was odd about it.
pub(crate) struct Certificates {
    /// In the order of the input; never empty.
    pub(crate) certificates: Vec<Certificate>,
    /// What was passed over, for people.
    pub(crate) notes: Vec<String>,
    /// Something that should have been a certificate could not be read: before the first one that could,
    /// or after it.
    pub(crate) damage: Option<Damage>,
}

/// Where an input is damaged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Damage {
    /// Before the first certificate that can be read.
    pub(crate) before_first: bool,
    /// What is wrong, and where.
    pub(crate) message: String,
}

/// Reads the certificates of a file.
pub(crate) fn certificates_of_file(path: &Path) -> Result<Certificates, Failure> {
    certificates(&read_file(path)?, &path.display().to_string())
}

/// Reads the certificates of an input's bytes.
pub(crate) fn certificates(bytes: &[u8], name: &str) -> Result<Certificates, Failure> {
    let reading = certificates::read(bytes).map_err(|error| not_certificates(&error, name))?;
    let first = reading.certificates.first().map(|found| position(found.place));
    let damage = reading.notes.iter().find(|note| note.remark.is_damage()).map(|note| Damage {
        before_first: first.is_none_or(|first| position(note.place) < first),
        message: format!("{name}, {note}"),
    });
    Ok(Certificates {
        certificates: reading.certificates.into_iter().map(|found| found.certificate).collect(),
        notes: reading.notes.iter().map(|note| format!("{name}, {note}")).collect(),
        damage,
    })
}

/// Places of one input in their order: an offset stands for bytes before the first line of PEM.
fn position(place: Place) -> (bool, usize) {
    match place {
        Place::Offset(offset) => (false, offset),
        Place::Line(line) => (true, line),
    }
}

fn not_certificates(error: &InputError, name: &str) -> Failure {
    let failure = |id| Failure::unusable(id, format!("{name}: {error}"));
    match error {
        InputError::Empty => failure("empty-file"),
        InputError::NotCertificates { found: found @ (Kind::Bks | Kind::Uber | Kind::Bcfks) } => {
            store::to_pkcs12(failure("is-a-keystore"), *found, name)
        }
        InputError::NotCertificates { found } if found.is_key_store() => failure("is-a-keystore")
            .hint("to see what it holds, and to take a certificate out of it:")
            .hint(format!("  {}", shell::command(["keyward", "trust", "list", name])))
            .hint(format!(
                "  {}",
                shell::command(["keyward", "trust", "export", name, "ALIAS", "-o", "ALIAS.pem"])
            )),
        InputError::NotCertificates { found: Kind::PrivateKey(_) | Kind::EncryptedPrivateKey } => {
            failure("is-a-key")
                .hint("a private key has no place in a trust store; give the file with the certificate")
        }
        InputError::NotCertificates { found: Kind::CertificateRequest } => {
            failure("is-a-request").hint("a request becomes a certificate when a CA has signed it")
        }
        InputError::NotCertificates { .. } => failure("not-a-certificate"),
        InputError::Unreadable { .. } => failure("damaged-certificate"),
    }
}
