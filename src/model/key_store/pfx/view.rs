//! What Java makes of the bags: entries, aliases, chains (`PKCS12KeyStore.engineLoad`, JDK 17).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use time::OffsetDateTime;

use super::{Bag, BagContent, Held, Part};
use crate::model::certificate::Certificate;
use crate::model::key_store::{EncodedCertificate, Entry, EntryKind, Hidden, alias};

/// The localKeyID that Java gives a single key, and the first certificate after it, that have none.
const IMPLIED_KEY_ID: &[u8] = b"01";

/// Where a bag stands: its part, its place among the part's bags, and the way down through nested bags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) part: usize,
    pub(super) bags: Vec<usize>,
}

/// An entry, or what would be one if Java saw it.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) position: Position,
    pub(super) bag: &'a Bag,
    pub(super) alias: String,
    /// Whether the file itself carries the alias.
    pub(super) named: bool,
    pub(super) kind: EntryKind,
    pub(super) hidden: Option<Hidden>,
    /// What binds a private key to its certificate, given by the file or implied.
    pub(super) key_id: Option<&'a [u8]>,
    /// Indices into [`View::certificates`].
    pub(super) chain: Vec<usize>,
}

/// A certificate that takes part in the search for chains.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    pub(super) position: Position,
    pub(super) bag: &'a Bag,
    pub(super) encoded: &'a EncodedCertificate,
    pub(super) trusted: bool,
    key_id: Option<&'a [u8]>,
    alias: Option<String>,
}

/// All rows in the order of the file, and all certificates.
#[derive(Debug, Default)]
pub(super) struct View<'a> {
    pub(super) rows: Vec<Row<'a>>,
    pub(super) certificates: Vec<Candidate<'a>>,
    shrouded_keys: usize,
    unnamed: usize,
}

impl<'a> View<'a> {
    pub(super) fn of(parts: &'a [Part]) -> Self {
        let mut view = Self::default();
        for (part, bags) in parts.iter().enumerate().filter_map(|(i, p)| Some((i, p.bags()?))) {
            for (index, bag) in bags.iter().enumerate() {
                view.load(bag, Position { part, bags: vec![index] });
            }
        }
        view.mark_shadowed();
        view.find_chains();
        view.drop_chain_members();
        view
    }

    /// The row that an alias names: the one that Java shows, else the first that it hides.
    pub(super) fn find(&self, alias: &str) -> Option<&Row<'a>> {
        let folded = alias::fold(alias);
        let mut named = self.rows.iter().filter(|row| alias::fold(&row.alias) == folded);
        let first = named.clone().next();
        named.find(|row| row.hidden.is_none()).or(first)
    }

    /// The rows whose place in Java's map this one has taken.
    pub(super) fn shadowed_by(&self, row: &Row<'a>) -> impl Iterator<Item = &Row<'a>> {
        let folded = alias::fold(&row.alias);
        self.rows.iter().filter(move |other| {
            other.hidden == Some(Hidden::Shadowed) && alias::fold(&other.alias) == folded
        })
    }

    /// The private key with this content.
    pub(super) fn key(&self, content: &Arc<BagContent>) -> Option<&Row<'a>> {
        self.keys().find(|row| Arc::ptr_eq(&row.bag.content, content))
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &Row<'a>> {
        self.rows.iter().filter(|row| row.kind == EntryKind::PrivateKey)
    }

    /// The certificates of a row's chain, end entity first.
    pub(super) fn chain(&self, row: &Row<'a>) -> Vec<&Candidate<'a>> {
        row.chain.iter().filter_map(|&index| self.certificates.get(index)).collect()
    }

    /// Where the certificates stand that only this key's chain uses, and Java does not trust.
    pub(super) fn used_by_no_other(&self, key: &Row<'a>) -> Vec<Position> {
        key.chain
            .iter()
            .filter(|index| {
                !self.keys().any(|other| other.position != key.position && other.chain.contains(index))
            })
            .filter_map(|&index| self.certificates.get(index))
            .filter(|candidate| !candidate.trusted)
            .map(|candidate| candidate.position.clone())
            .collect()
    }

    pub(super) fn into_entries(self) -> Vec<Entry<'a>> {
        self.into_held().into_iter().map(|held| held.entry).collect()
    }

    pub(super) fn into_held(self) -> Vec<Held<'a>> {
        let certificates = self.certificates;
        let held = |row: Row<'a>| {
            let links = row.chain.iter().filter_map(|&index| certificates.get(index));
            let entry = Entry {
                created: row.key_id.filter(|_| is_key(row.kind)).and_then(date),
                chain: match row.bag.certificate() {
                    Some(certificate) => vec![certificate],
                    None => links.clone().map(|link| link.encoded).collect(),
                },
                alias: row.alias,
                kind: row.kind,
                hidden: row.hidden,
                key: row.bag.key(),
            };
            Held { entry, bag: row.bag, chain: links.map(|link| link.bag).collect() }
        };
        self.rows.into_iter().map(held).collect()
    }

    /// `PKCS12KeyStore.loadSafeContents` for one bag.
    fn load(&mut self, bag: &'a Bag, position: Position) {
        let first = position.bags == [0];
        let name = bag.friendly_name();
        let mut row = Row {
            position,
            bag,
            named: name.is_some(),
            alias: name.clone().unwrap_or_default(),
            kind: EntryKind::Other,
            hidden: None,
            key_id: bag.local_key_id(),
            chain: Vec::new(),
        };
        match &*bag.content {
            BagContent::ShroudedKey(_) => {
                self.shrouded_keys += 1;
                row.kind = EntryKind::PrivateKey;
                if row.key_id.is_none() {
                    if self.shrouded_keys == 1 {
                        row.key_id = Some(IMPLIED_KEY_ID);
                    } else {
                        row.hidden = Some(Hidden::NoLocalKeyId);
                    }
                }
            }
            BagContent::Certificate(encoded) => {
                if row.key_id.is_none() && self.shrouded_keys == 1 && first {
                    row.key_id = Some(IMPLIED_KEY_ID);
                }
                let trusted = bag.is_trusted();
                let position = row.position.clone();
                self.certificates.push(Candidate {
                    position,
                    bag,
                    encoded,
                    trusted,
                    key_id: row.key_id,
                    alias: name,
                });
                (row.kind, row.hidden) = if trusted {
                    (EntryKind::TrustedCertificate, None)
                } else {
                    (EntryKind::Certificate, Some(Hidden::NoTrustAttribute))
                };
            }
            BagContent::Secret(_) => row.kind = EntryKind::SecretKey,
            content => return self.pass_over(content, row),
        }
        if row.hidden.is_none() && !row.named {
            self.unnamed += 1;
            row.alias = self.unnamed.to_string();
        }
        self.rows.push(row);
    }

    /// A bag of a type that Java passes over.
    fn pass_over(&mut self, content: &'a BagContent, mut row: Row<'a>) {
        (row.kind, row.hidden) = match content {
            BagContent::Key(_) => (EntryKind::PrivateKey, Some(Hidden::PlainKeyBag)),
            BagContent::Crl(_) => (EntryKind::Crl, Some(Hidden::UnsupportedBag)),
            _ => (EntryKind::Other, Some(Hidden::UnsupportedBag)),
        };
        if let BagContent::Nested(bags) = content {
            return self.list_nested(bags, &row.position);
        }
        self.rows.push(row);
    }

    /// Lists what stands in a nested SafeContents, of which Java sees nothing. The reader bounds the depth.
    fn list_nested(&mut self, bags: &'a [Bag], outer: &Position) {
        for (index, bag) in bags.iter().enumerate() {
            let mut position = outer.clone();
            position.bags.push(index);
            let kind = match &*bag.content {
                BagContent::Nested(bags) => {
                    self.list_nested(bags, &position);
                    continue;
                }
                BagContent::Key(_) | BagContent::ShroudedKey(_) => EntryKind::PrivateKey,
                BagContent::Certificate(_) if bag.is_trusted() => EntryKind::TrustedCertificate,
                BagContent::Certificate(_) => EntryKind::Certificate,
                BagContent::Crl(_) => EntryKind::Crl,
                BagContent::Secret(_) => EntryKind::SecretKey,
                BagContent::OtherCertificate(_) | BagContent::Other { .. } => EntryKind::Other,
            };
            let name = bag.friendly_name();
            self.rows.push(Row {
                position,
                bag,
                named: name.is_some(),
                alias: name.unwrap_or_default(),
                kind,
                hidden: Some(Hidden::UnsupportedBag),
                key_id: bag.local_key_id(),
                chain: Vec::new(),
            });
        }
    }

    /// Of several entries whose aliases fold to the same, the last one is in Java's map.
    fn mark_shadowed(&mut self) {
        let mut taken = HashSet::new();
        for row in self.rows.iter_mut().rev().filter(|row| row.hidden.is_none()) {
            if !taken.insert(alias::fold(&row.alias)) {
                row.hidden = Some(Hidden::Shadowed);
            }
        }
    }

    /// Java builds chains for shrouded keys only; plain ones get theirs in the same way, so that nothing of
    /// an identity is lost.
    fn find_chains(&mut self) {
        let wanted = |row: &Row<'_>| {
            row.kind == EntryKind::PrivateKey
                && !matches!(row.hidden, Some(Hidden::NoLocalKeyId | Hidden::UnsupportedBag))
        };
        if !self.rows.iter().any(wanted) {
            return;
        }
        let issuers = Issuers::of(&self.certificates);
        for row in self.rows.iter_mut().filter(|row| wanted(row)) {
            let end_entity = row.key_id.and_then(|id| end_entity(&self.certificates, id, &row.alias));
            row.chain = end_entity.map(|leaf| issuers.chain(&self.certificates, leaf)).unwrap_or_default();
        }
    }

    /// A certificate in some key's chain is no entry of its own unless Java trusts it.
    fn drop_chain_members(&mut self) {
        let members: HashSet<&[u8]> =
            self.keys().flat_map(|row| self.chain(row)).map(|candidate| &*candidate.encoded.der).collect();
        self.rows.retain(|row| {
            row.hidden != Some(Hidden::NoTrustAttribute)
                || row.bag.certificate().is_none_or(|certificate| !members.contains(&*certificate.der))
        });
    }
}

/// `PKCS12KeyStore.findMatchedCertificate`: key identifier and alias, else the last with the identifier,
/// else the last with the alias. Trusted certificates are not asked.
fn end_entity(certificates: &[Candidate<'_>], key_id: &[u8], alias: &str) -> Option<usize> {
    let (mut by_id, mut by_alias) = (None, None);
    for (index, candidate) in certificates.iter().enumerate().filter(|(_, c)| !c.trusted) {
        let same_alias = candidate.alias.as_deref().is_some_and(|name| equals_ignore_case(alias, name));
        if candidate.key_id == Some(key_id) {
            if same_alias {
                return Some(index);
            }
            by_id = Some(index);
        } else if same_alias {
            by_alias = Some(index);
        }
    }
    by_id.or(by_alias)
}

/// The certificates, read, and where each subject stands.
struct Issuers {
    read: Vec<Option<Certificate>>,
    by_subject: HashMap<String, Vec<usize>>,
}

impl Issuers {
    fn of(certificates: &[Candidate<'_>]) -> Self {
        let read: Vec<Option<Certificate>> = certificates.iter().map(|c| c.encoded.read().ok()).collect();
        let mut by_subject: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, certificate) in read.iter().enumerate() {
            if let Some(certificate) = certificate {
                by_subject.entry(certificate.subject().canonical().to_owned()).or_default().push(index);
            }
        }
        Self { read, by_subject }
    }

    /// From the end entity on, issuer after issuer, until a self-signed certificate or a repeated one.
    fn chain(&self, certificates: &[Candidate<'_>], end_entity: usize) -> Vec<usize> {
        let mut chain: Vec<usize> = Vec::new();
        let mut seen: HashSet<&[u8]> = HashSet::new();
        let mut next = Some(end_entity);
        while let Some(index) = next {
            if !certificates.get(index).is_some_and(|candidate| seen.insert(&candidate.encoded.der)) {
                break;
            }
            chain.push(index);
            let Some(certificate) = self.read.get(index).and_then(Option::as_ref) else { break };
            if is_self_signed(certificate) {
                break;
            }
            next = self.issuer(certificate);
        }
        chain
    }

    /// `PKCS12KeyStore.findIssuer`: by name; where the certificate names a key identifier, the first with
    /// that one, else the last without any.
    fn issuer(&self, certificate: &Certificate) -> Option<usize> {
        let named = self.by_subject.get(certificate.issuer().canonical())?;
        let Some(wanted) = certificate.authority_key_id() else { return named.first().copied() };
        let mut fallback = None;
        for &index in named {
            match self.read.get(index).and_then(Option::as_ref).and_then(Certificate::subject_key_id) {
                Some(id) if id == wanted => return Some(index),
                Some(_) => {}
                None => fallback = Some(index),
            }
        }
        fallback
    }
}

/// Java also verifies the signature. The key identifiers tell the same wherever they are there; a
/// self-issued certificate without them is taken for self-signed.
fn is_self_signed(certificate: &Certificate) -> bool {
    certificate.is_self_issued()
        && match (certificate.authority_key_id(), certificate.subject_key_id()) {
            (Some(authority), Some(own)) => authority == own,
            _ => true,
        }
}

fn is_key(kind: EntryKind) -> bool {
    matches!(kind, EntryKind::PrivateKey | EntryKind::SecretKey)
}

/// Java keeps a key's date in its localKeyID, as the text `Time ` and milliseconds since 1970.
fn date(key_id: &[u8]) -> Option<OffsetDateTime> {
    let milliseconds: i64 = std::str::from_utf8(key_id).ok()?.strip_prefix("Time ")?.parse().ok()?;
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(milliseconds) * 1_000_000).ok()
}

/// `String.equalsIgnoreCase`, whose case mapping is by character and not the folding of aliases.
fn equals_ignore_case(a: &str, b: &str) -> bool {
    fn single(mut mapped: impl Iterator<Item = char>, c: char) -> char {
        match (mapped.next(), mapped.next()) {
            (Some(one), None) => one,
            _ => c,
        }
    }
    let map = |c: char| {
        let upper = single(c.to_uppercase(), c);
        single(upper.to_lowercase(), upper)
    };
    a.chars().map(map).eq(b.chars().map(map))
}
