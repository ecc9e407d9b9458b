//! Why a PKCS12 file, or a key of one, could not be read or written.

use std::fmt;

use crate::format::asn1::Asn1Error;
use crate::model::entropy::EntropyError;

/// What of a file an error is about. Parts and bags are counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The PFX and its list of parts.
    File,
    /// The MAC over the parts.
    Mac,
    /// A ContentInfo of the AuthenticatedSafe.
    Part(usize),
    /// A bag of a part.
    Bag {
        /// The number of the part.
        part: usize,
        /// The number of the bag in it; a nested bag has that of the outermost one.
        bag: usize,
    },
    /// An encrypted private key on its own.
    Key,
    /// A secret bag on its own.
    Secret,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("PKCS12 file"),
            Self::Mac => f.write_str("MAC of the PKCS12 file"),
            Self::Part(part) => write!(f, "part {part} of the PKCS12 file"),
            Self::Bag { part, bag } => write!(f, "bag {bag} in part {part} of the PKCS12 file"),
            Self::Secret => f.write_str("secret bag"),
            Self::Key => f.write_str("encrypted private key"),
        }
    }
}

/// What went wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Pkcs12Error {
    /// The bytes are not the ASN.1 that belongs there.
    #[error("{place}: {error}")]
    Asn1 {
        /// Where. Offsets within a part that was encrypted or in pieces count from its plain start.
        place: Place,
        /// What.
        #[source]
        error: Asn1Error,
    },
    /// A version other than 3.
    #[error("PKCS12 file: version {0} where only 3 is in use")]
    Version(u64),
    /// Something of a kind that keyward does not do.
    #[error("{place}: the {what} {oid} is not supported")]
    Unsupported {
        /// Where.
        place: Place,
        /// What the identifier stands for.
        what: &'static str,
        /// The object identifier, dotted.
        oid: String,
    },
    /// A parameter with a value that cannot be meant.
    #[error("{place}: {problem}")]
    Parameter {
        /// Where.
        place: Place,
        /// Which, and why not.
        problem: &'static str,
    },
    /// A check with the password failed. Which of the two it is cannot be told.
    #[error("{place}: wrong password or damaged file")]
    Password {
        /// What was checked.
        place: Place,
    },
    /// Something must be encrypted or authenticated, and there is no password to do it with.
    #[error("{place}: a password is needed")]
    PasswordRequired {
        /// What needs it.
        place: Place,
    },
    /// More iterations in one key derivation than [`crate::limits::ITERATIONS`].
    #[error("{place}: {count} iterations of key derivation, of which at most {limit} are done")]
    Iterations {
        /// Where.
        place: Place,
        /// How many the file asks for.
        count: u64,
        /// The bound.
        limit: u64,
    },
    /// A key derivation that takes more memory than [`crate::limits::SCRYPT_BYTES`].
    #[error("{place}: scrypt that takes more than {limit} bytes of memory")]
    Memory {
        /// Where.
        place: Place,
        /// The bound.
        limit: u64,
    },
    /// More iterations altogether than [`crate::limits::ITERATIONS_PER_FILE`].
    #[error("{place}: all key derivations of the file up to here take more than {limit} iterations")]
    IterationsPerFile {
        /// The derivation that was one too many.
        place: Place,
        /// The bound.
        limit: u64,
    },
    /// More parts or bags than [`crate::limits::ENTRIES`].
    #[error("{place}: more than {limit} entries")]
    Entries {
        /// Where the bound was reached.
        place: Place,
        /// The bound.
        limit: usize,
    },
    /// There is no randomness for salts.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

/// Puts the place to an ASN.1 error.
pub(super) trait At<T> {
    fn at(self, place: Place) -> Result<T, Pkcs12Error>;
}

impl<T> At<T> for Result<T, Asn1Error> {
    fn at(self, place: Place) -> Result<T, Pkcs12Error> {
        self.map_err(|error| Pkcs12Error::Asn1 { place, error })
    }
}
