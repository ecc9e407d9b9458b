//! What is converted: entries of stores, and certificates and keys of files.

use std::fmt;
use std::sync::Arc;

use time::OffsetDateTime;

use crate::model::key_store::pfx::{Attribute, BagContent, Held};
use crate::model::key_store::{ChainCertificate, EncodedCertificate, Entry, EntryKind, Hidden};
use crate::model::private_key::PrivateKey;
use crate::model::secret_key::SecretKey;

/// One thing of an input.
#[derive(Debug)]
pub struct Item {
    /// The input, as reports call it.
    pub input: Arc<str>,
    /// The alias in the input; empty where it has none.
    pub alias: String,
    /// When the input says that it was made.
    pub created: Option<OffsetDateTime>,
    /// Why Java would not see it in the input.
    pub hidden: Option<Hidden>,
    /// What it is.
    pub content: Content,
    /// PKCS12: the attributes of its bag.
    pub attributes: Vec<Attribute>,
}

/// The content of an [`Item`], opened.
pub enum Content {
    /// A private key and its chain, end entity first; empty where the input gives none.
    PrivateKey {
        /// The key.
        key: PrivateKey,
        /// The chain.
        chain: Vec<ChainCertificate>,
    },
    /// A secret key.
    SecretKey(SecretKey),
    /// A trusted certificate.
    TrustedCertificate(EncodedCertificate),
    /// A certificate of a PKCS12 file that Java does not trust and no chain has.
    Certificate(EncodedCertificate),
    /// A certificate of a file of certificates, which says nothing of its purpose.
    Loose(EncodedCertificate),
    /// Another bag of a PKCS12 file.
    Bag(Arc<BagContent>),
}

impl Item {
    /// A private key of a file.
    #[must_use]
    pub fn key(input: &Arc<str>, key: PrivateKey) -> Self {
        Self::of_file(input, Content::PrivateKey { key, chain: Vec::new() })
    }

    /// A certificate of a file.
    #[must_use]
    pub fn certificate(input: &Arc<str>, certificate: EncodedCertificate) -> Self {
        Self::of_file(input, Content::Loose(certificate))
    }

    /// An entry of a JKS or JCEKS store with its content, opened.
    #[must_use]
    pub fn entry(input: &Arc<str>, entry: &Entry<'_>, content: Content) -> Self {
        Self {
            input: input.clone(),
            alias: entry.alias.clone(),
            created: entry.created,
            hidden: entry.hidden,
            content,
            attributes: Vec::new(),
        }
    }

    /// An entry of a PKCS12 store with its content, opened.
    #[must_use]
    pub fn held(input: &Arc<str>, held: &Held<'_>, content: Content) -> Self {
        Self { attributes: held.bag.attributes.clone(), ..Self::entry(input, &held.entry, content) }
    }

    fn of_file(input: &Arc<str>, content: Content) -> Self {
        let input = input.clone();
        Self { input, alias: String::new(), created: None, hidden: None, content, attributes: Vec::new() }
    }

    /// The certificates in it, those of a chain end entity first.
    #[must_use]
    pub fn certificates(&self) -> Vec<&EncodedCertificate> {
        match &self.content {
            Content::PrivateKey { chain, .. } => chain.iter().map(|link| &link.certificate).collect(),
            Content::TrustedCertificate(certificate)
            | Content::Certificate(certificate)
            | Content::Loose(certificate) => vec![certificate],
            Content::SecretKey(_) | Content::Bag(_) => Vec::new(),
        }
    }

    /// Whether it becomes an entry that Java sees.
    pub(super) fn is_java_entry(&self) -> bool {
        matches!(
            self.content,
            Content::PrivateKey { .. } | Content::SecretKey(_) | Content::TrustedCertificate(_)
        )
    }

    /// How losses and notes call it.
    pub(super) fn label(&self) -> String {
        let kind = match self.content {
            Content::Certificate(_) | Content::Loose(_) => "certificate".to_owned(),
            _ => self.content.kind().to_string(),
        };
        if !self.alias.is_empty() {
            return format!("the {kind} \"{}\" of {}", self.alias, self.input);
        }
        let subject = self.certificates().first().and_then(|certificate| certificate.read().ok());
        match subject.as_ref().map(|certificate| certificate.subject().rfc4514()) {
            Some(subject) if !subject.is_empty() => format!("the {kind} {subject} of {}", self.input),
            _ => format!("a {kind} of {}", self.input),
        }
    }
}

impl Content {
    /// The chain of a PKCS12 key, with the attributes of its bags.
    #[must_use]
    pub fn chain_of(held: &Held<'_>) -> Vec<ChainCertificate> {
        held.chain
            .iter()
            .filter_map(|bag| {
                let certificate = bag.certificate()?.clone();
                Some(ChainCertificate { certificate, attributes: bag.attributes.clone() })
            })
            .collect()
    }

    /// The kind of entry that it is.
    #[must_use]
    pub fn kind(&self) -> EntryKind {
        match self {
            Self::PrivateKey { .. } => EntryKind::PrivateKey,
            Self::SecretKey(_) => EntryKind::SecretKey,
            Self::TrustedCertificate(_) => EntryKind::TrustedCertificate,
            Self::Certificate(_) | Self::Loose(_) => EntryKind::Certificate,
            Self::Bag(content) if matches!(**content, BagContent::Crl(_)) => EntryKind::Crl,
            Self::Bag(_) => EntryKind::Other,
        }
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind().id())
    }
}
