//! Any store or file of certificates and keys into any other: what goes where, and what the target cannot
//! hold, said before anything is written.
//!
//! The caller reads the inputs into [`Item`]s, keys opened. [`plan()`] brings keys and certificates together,
//! puts chains in order, gives aliases, and says what would be lost. [`Plan::into_store`] makes the store, its
//! keys protected by a [`Sealer`]; for files of certificates and keys, [`Plan::items`] has what to write.

mod alias;
mod build;
mod chain;
mod item;
mod loss;

use std::collections::HashSet;

use time::OffsetDateTime;

pub use build::{BuildError, Sealer};
pub use item::{Content, Item};

use crate::model::KeyStore;
use crate::model::key_store::StoreFormat;
use crate::model::key_store::alias::fold;
use crate::model::key_store::pfx::Profile;
use crate::report::convert::Loss;
use crate::report::trust::Note;

/// What is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A JKS or JCEKS store.
    Java(StoreFormat),
    /// A PKCS12 store with this protection.
    Pkcs12(Box<Profile>),
    /// Text with certificates and PKCS8 keys.
    Pem,
    /// One certificate or one PKCS8 key.
    Der,
    /// PKCS7 with certificates.
    P7b,
}

impl Target {
    /// The format of the store that it is, if it is one.
    #[must_use]
    pub fn store_format(&self) -> Option<StoreFormat> {
        match self {
            Self::Java(format) => Some(*format),
            Self::Pkcs12(_) => Some(StoreFormat::Pkcs12),
            Self::Pem | Self::Der | Self::P7b => None,
        }
    }

    /// The name in keyward's JSON.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Java(StoreFormat::Jceks) => "JCEKS",
            Self::Java(_) => "JKS",
            Self::Pkcs12(_) => "PKCS12",
            Self::Pem => "PEM",
            Self::Der => "DER",
            Self::P7b => "P7B",
        }
    }
}

/// Which entries go along, and under which names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Aliases of the entries that go along; all of them where there is none.
    pub only: Vec<String>,
    /// `OLD=NEW`. An alias may hold `=` itself: the place that leaves the alias of an entry before it is meant.
    pub rename: Vec<String>,
    /// The alias of the one private key, or of the one entry.
    pub alias: Option<String>,
}

impl Selection {
    /// Whether an entry of a store goes along, so that the others need not be opened.
    #[must_use]
    pub fn takes(&self, alias: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| fold(only) == fold(alias))
    }
}

/// Why nothing can be planned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// No entry at all, and the target is no store: an empty store is one.
    #[error("there is nothing to convert")]
    Nothing,
    /// An alias that no entry has.
    #[error("no entry has the alias \"{alias}\"")]
    NoSuchEntry {
        /// The alias as asked for.
        alias: String,
        /// The aliases that there are.
        aliases: Vec<String>,
    },
    /// A renaming that is not of the form `OLD=NEW`, or has an empty side.
    #[error("\"{0}\" is not of the form OLD=NEW")]
    Rename(String),
    /// A renaming that fits two entries.
    #[error("\"{0}\" may mean more than one entry")]
    AmbiguousRename(String),
    /// One alias for several entries.
    #[error("one alias is given, and there are {keys} private keys and {others} other entries")]
    OneAlias {
        /// How many are private keys.
        keys: usize,
        /// How many are not.
        others: usize,
    },
    /// An alias that is given cannot be had.
    #[error("the alias \"{0}\" would be that of two entries")]
    AliasTaken(String),
    /// A private key of a file, and certificates that are for other keys.
    #[error("{input}: none of the certificates given is for this private key ({key})")]
    NoneFits {
        /// The input with the key.
        input: String,
        /// Algorithm and size of the key.
        key: String,
    },
}

/// What a conversion would do.
#[derive(Debug)]
pub struct Plan {
    target: Target,
    items: Vec<Item>,
    losses: Vec<Loss>,
    notes: Vec<Note>,
}

/// Looks at all that was read and says what becomes of it.
///
/// - A private key without a chain gets the certificate that fits it, and the path upwards from there;
///   a chain of a store that breaks off goes on through certificates of files. Other chains stay as they are.
/// - Certificates of files become trusted certificates, unless there are private keys: then what belongs to
///   no chain is not trusted, since it was given for another purpose.
/// - What has no alias gets one from its subject.
///
/// `now` dates what has no date.
///
/// # Errors
///
/// [`PlanError`].
pub fn plan(
    mut items: Vec<Item>,
    target: Target,
    selection: &Selection,
    now: OffsetDateTime,
) -> Result<Plan, PlanError> {
    let mut notes = Vec::new();
    chain::complete(&mut items, target.store_format() == Some(StoreFormat::Pkcs12), &mut notes)?;
    let mut losses = Vec::new();
    alias::give(&mut items, selection, &mut losses)?;
    if items.is_empty() && target.store_format().is_none() {
        return Err(PlanError::Nothing);
    }
    let mut plan = Plan { target, items, losses, notes };
    loss::find(&mut plan, now);
    Ok(plan)
}

impl Plan {
    /// What is to be made.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// What goes into the target, aliases given, chains in order. What cannot go is not among it.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// What would be lost: entries, keys, certificates of chains, aliases.
    #[must_use]
    pub fn losses(&self) -> &[Loss] {
        &self.losses
    }

    /// What should be known besides, lost dates and attributes among it.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Adds what was lost before the plan: what of the inputs could not be read.
    pub fn lose(&mut self, losses: Vec<Loss>) {
        self.losses.splice(0..0, losses);
    }

    /// Whether there are private or secret keys in it.
    #[must_use]
    pub fn has_keys(&self) -> bool {
        self.items.iter().any(|item| item.content.kind().is_secret())
    }

    /// Makes the store, if the target is one. Entries without a date get `now`.
    ///
    /// # Errors
    ///
    /// [`BuildError::Seal`] with what the sealer says; [`BuildError::Edit`] for aliases that the format cannot
    /// write, and where the target is no store.
    pub fn into_store<S: Sealer>(
        self,
        now: OffsetDateTime,
        sealer: &mut S,
    ) -> Result<KeyStore, BuildError<S::Error>> {
        build::store(self.items, &self.target, now, sealer)
    }
}

/// The aliases of Java's entries, folded.
fn folded_aliases(items: &[Item]) -> HashSet<String> {
    items.iter().filter(|item| item.is_java_entry()).map(|item| fold(&item.alias)).collect()
}
