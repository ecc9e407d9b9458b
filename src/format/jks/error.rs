//! Why a JKS or JCEKS store could not be read or written, and where.

use std::fmt;

/// Why a store could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JksError {
    /// The bytes begin with neither magic number.
    #[error("neither a JKS nor a JCEKS store")]
    Magic,
    /// The magic number fits, the version does not.
    #[error("version {0} of the format is unknown")]
    Version(u32),
    /// The content is not what the format says.
    #[error("{place}: {problem}")]
    Malformed {
        /// Where.
        place: Box<Place>,
        /// What.
        problem: Problem,
    },
    /// The keyed digest at the end does not fit: nothing tells which of the two it is.
    #[error("wrong password or damaged file")]
    Integrity,
    /// The store is of a format that this codec does not write.
    #[error("a {0} store is not written as JKS or JCEKS")]
    Format(crate::model::key_store::StoreFormat),
    /// An entry that the format has no place for.
    #[error("the entry \"{alias}\" cannot be written: {reason}")]
    Entry {
        /// The entry's alias.
        alias: String,
        /// Why not.
        reason: &'static str,
    },
    /// More entries than [`crate::limits::ENTRIES`].
    #[error("{0} entries are more than a store may have")]
    Entries(usize),
}

/// A place in a store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The number of the entry, the first being 1.
    pub entry: Option<usize>,
    /// The entry's alias, as far as it was read.
    pub alias: Option<String>,
    /// The number of the certificate in the entry's chain, the first being 1.
    pub certificate: Option<usize>,
    /// The field.
    pub field: &'static str,
    /// Where the field begins in the file.
    pub offset: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(entry) = self.entry {
            write!(f, "entry {entry}")?;
            if let Some(alias) = &self.alias {
                write!(f, " \"{}\"", alias.escape_debug())?;
            }
            f.write_str(", ")?;
        }
        if let Some(certificate) = self.certificate {
            write!(f, "certificate {certificate} of the chain, ")?;
        }
        write!(f, "{} at offset {}", self.field, self.offset)
    }
}

/// What is wrong at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The file ends before the field does.
    Truncated {
        /// The bytes that the field needs at least.
        needed: u64,
        /// The bytes that are left.
        left: usize,
    },
    /// A count beyond the bound of [`crate::limits`].
    Count {
        /// What the file says.
        count: u32,
        /// The most that is read.
        most: usize,
    },
    /// A tag that the format does not have.
    Tag(u32),
    /// Text that is not modified UTF-8, or holds half of a surrogate pair.
    Text,
    /// A secret key that is no serialized `SealedObjectForKeyProtector`, with what is odd about it.
    Sealed(String),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated { needed, left } => {
                write!(f, "the file ends too early: {needed} bytes are needed and {left} are left")
            }
            Self::Count { count, most } => write!(f, "{count} is more than the {most} that are read"),
            Self::Tag(tag) => write!(f, "entries of type {tag} are unknown"),
            Self::Text => f.write_str("the text is not in modified UTF-8"),
            Self::Sealed(what) => f.write_str(what),
        }
    }
}
