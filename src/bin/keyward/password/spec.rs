//! Where a password is, in OpenSSL's spelling (`openssl-passphrase-options(1)`).

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use keyward::model::Password;

/// The source of a password: `pass:TEXT`, `env:NAME`, `file:PATH`, `fd:N` or `stdin`. Neither `Display` nor
/// `Debug` show the text of `pass:`.
#[derive(Clone)]
pub(crate) enum Spec {
    /// The password itself, which every user of the machine can see among the arguments.
    Text(Arc<Password>),
    /// An environment variable.
    Environment(String),
    /// The first line of a file.
    File(PathBuf),
    /// The next line of an open file descriptor.
    Descriptor(i32),
    /// The first line of standard input. `fd:0` is the same.
    StandardInput,
}

/// The specification is none. The text of it is withheld: it may be the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SpecError {
    /// None of the five forms.
    #[error("a password is given as pass:TEXT, env:NAME, file:PATH, fd:N or stdin")]
    Form,
    /// `env:` or `file:` with nothing after it.
    #[error("nothing follows {0}")]
    Nothing(&'static str),
    /// `fd:` without the number of a descriptor.
    #[error("fd: is followed by the number of a file descriptor")]
    Descriptor,
    /// The text of `pass:` or the name of `env:` is not UTF-8.
    #[error("what follows {0} is not in UTF-8")]
    NotUtf8(&'static str),
}

/// A specification as it was typed. Its text is in no `Debug`: it may be a password by mistake.
#[derive(Clone)]
pub(crate) struct SpecText(OsString);

impl SpecText {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// As [`Spec::parse`].
    pub(crate) fn parse(&self) -> Result<Spec, SpecError> {
        Spec::parse(&self.0)
    }

    /// Reads `[ALIAS=]SPEC`. What is a specification as a whole has no alias; else the alias ends at the first
    /// `=` after which one follows.
    ///
    /// # Errors
    ///
    /// As [`Spec::parse`], of the whole text.
    pub(crate) fn parse_with_alias(&self) -> Result<(Option<String>, Spec), SpecError> {
        let whole = match self.parse() {
            Ok(spec) => return Ok((None, spec)),
            Err(error) => error,
        };
        let bytes = self.0.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(_, octet)| **octet == b'=').map(|(at, _)| at);
        for (alias, rest) in ends.filter_map(|at| Some((bytes.get(..at)?, bytes.get(at.checked_add(1)?..)?)))
        {
            if let (Ok(alias), Ok(spec)) = (std::str::from_utf8(alias), Spec::parse(OsStr::from_bytes(rest)))
            {
                return Ok((Some(alias.to_owned()), spec));
            }
        }
        Err(whole)
    }
}

impl From<OsString> for SpecText {
    fn from(text: OsString) -> Self {
        Self(text)
    }
}

impl fmt::Debug for SpecText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SpecText(..)")
    }
}

impl Spec {
    /// Reads a specification.
    ///
    /// # Errors
    ///
    /// [`SpecError`], which never repeats the argument.
    pub(crate) fn parse(argument: &OsStr) -> Result<Self, SpecError> {
        let bytes = argument.as_bytes();
        let rest = |prefix: &str| bytes.strip_prefix(prefix.as_bytes());
        let text = |rest: &[u8], prefix| {
            std::str::from_utf8(rest).map(str::to_owned).map_err(|_| SpecError::NotUtf8(prefix))
        };
        if let Some(rest) = rest("pass:") {
            return Ok(Self::Text(Arc::new(Password::new(text(rest, "pass:")?))));
        }
        if let Some(rest) = rest("env:") {
            return match text(rest, "env:")? {
                name if name.is_empty() => Err(SpecError::Nothing("env:")),
                name => Ok(Self::Environment(name)),
            };
        }
        if let Some(rest) = rest("file:") {
            if rest.is_empty() {
                return Err(SpecError::Nothing("file:"));
            }
            return Ok(Self::File(PathBuf::from(OsString::from(OsStr::from_bytes(rest)))));
        }
        if let Some(rest) = rest("fd:") {
            let digits =
                std::str::from_utf8(rest).ok().filter(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
            return match digits.and_then(|digits| digits.parse().ok()) {
                Some(0) => Ok(Self::StandardInput),
                Some(number) => Ok(Self::Descriptor(number)),
                None => Err(SpecError::Descriptor),
            };
        }
        if bytes == b"stdin" { Ok(Self::StandardInput) } else { Err(SpecError::Form) }
    }
}

impl FromStr for Spec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        Self::parse(OsStr::new(text))
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("pass:(hidden)"),
            Self::Environment(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Descriptor(number) => write!(f, "fd:{number}"),
            Self::StandardInput => f.write_str("stdin"),
        }
    }
}

impl fmt::Debug for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Spec({self})")
    }
}
