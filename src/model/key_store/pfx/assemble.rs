//! A new file of entries, laid out as Java does it: a part with the keys, then one with the certificates.

use std::collections::HashSet;

use time::OffsetDateTime;

use super::edit::check_writable;
use super::{Attribute, Bag, BagContent, EncodedCertificate, Part, PasswordForm, Pfx, Profile, Protection};
use crate::model::key_store::EditError;
use crate::model::key_store::new_entry::{ChainCertificate, NewContent, NewEntry};

impl Pfx {
    /// The file of these entries. Certificates of chains come before all others, so that Java finds them
    /// first; one that several chains share, or that is trusted as well, is written once.
    pub(in super::super) fn assemble(profile: &Profile, entries: Vec<NewEntry>) -> Result<Self, EditError> {
        let mut draft = Draft::of(&entries);
        for entry in entries {
            check_writable(&entry.alias)?;
            draft.add(entry);
        }
        let certificates = [draft.chains, draft.others].concat();
        let mut parts = Vec::new();
        if !draft.keys.is_empty() {
            parts.push(Part::new(Protection::Plain, draft.keys));
        }
        if !certificates.is_empty() {
            parts.push(Part::new(profile.certificates.clone(), certificates));
        }
        Ok(Self {
            parts,
            mac: profile.mac.clone(),
            certificates: profile.certificates.clone(),
            password_form: PasswordForm::default(),
        })
    }
}

/// The bags of a file that is being made.
struct Draft {
    keys: Vec<Bag>,
    chains: Vec<Bag>,
    others: Vec<Bag>,
    key_ids: HashSet<Vec<u8>>,
    /// Certificates that need no bag of a chain (any more).
    held: HashSet<EncodedCertificate>,
}

impl Draft {
    fn of(entries: &[NewEntry]) -> Self {
        let trusted = entries.iter().filter_map(|entry| match &entry.content {
            NewContent::TrustedCertificate(certificate) => Some(certificate.clone()),
            _ => None,
        });
        Self {
            keys: Vec::new(),
            chains: Vec::new(),
            others: Vec::new(),
            key_ids: HashSet::new(),
            held: trusted.collect(),
        }
    }

    fn add(&mut self, entry: NewEntry) {
        let NewEntry { alias, created, content, attributes } = entry;
        match content {
            NewContent::PrivateKey { protected, chain } => {
                let mut bag = named(BagContent::ShroudedKey(protected), &alias, attributes);
                let key_id = self.key_id(&mut bag, created);
                self.keys.push(bag);
                self.chain(&alias, &key_id, chain);
            }
            NewContent::SecretKey(secret) => {
                let mut bag = named(BagContent::Secret(secret), &alias, attributes);
                self.key_id(&mut bag, created);
                self.keys.push(bag);
            }
            NewContent::TrustedCertificate(certificate) => {
                let bag = if attributes.is_empty() {
                    Bag::trusted(&alias, &certificate)
                } else {
                    named(BagContent::Certificate(certificate), &alias, attributes).with_trust()
                };
                self.others.push(bag);
            }
            NewContent::Certificate(certificate) => {
                self.others.push(named(BagContent::Certificate(certificate), &alias, attributes));
            }
            NewContent::Bag(content) => {
                let bag = Bag { content, attributes };
                self.others.push(if alias.is_empty() { bag } else { with_name(bag, &alias) });
            }
        }
    }

    fn chain(&mut self, alias: &str, key_id: &[u8], chain: Vec<ChainCertificate>) {
        let mut chain = chain.into_iter();
        let Some(leaf) = chain.next() else { return };
        let mut bag = named(BagContent::Certificate(leaf.certificate), alias, leaf.attributes);
        bag.set_local_key_id(key_id);
        self.chains.push(bag);
        for ChainCertificate { certificate, attributes } in chain {
            if !self.held.insert(certificate.clone()) {
                continue;
            }
            let bag = if attributes.is_empty() {
                Bag::issuer(&certificate)
            } else {
                named(BagContent::Certificate(certificate), "", attributes).without_trust()
            };
            self.chains.push(bag);
        }
    }

    /// The localKeyID of a key: its own, unless another key has it; else the one by which Java keeps a date.
    fn key_id(&mut self, bag: &mut Bag, created: OffsetDateTime) -> Vec<u8> {
        let own = bag.local_key_id().map(<[u8]>::to_vec);
        let mut milliseconds = super::super::java_store::milliseconds(created);
        let mut id = own.unwrap_or_else(|| time_id(milliseconds));
        while !self.key_ids.insert(id.clone()) {
            milliseconds = milliseconds.saturating_add(1);
            id = time_id(milliseconds);
        }
        bag.set_local_key_id(&id);
        id
    }
}

pub(super) fn time_id(milliseconds: i64) -> Vec<u8> {
    format!("Time {milliseconds}").into_bytes()
}

/// A bag with its attributes, under an alias if there is one to give.
fn named(content: BagContent, alias: &str, attributes: Vec<Attribute>) -> Bag {
    let mut bag = Bag::new(content);
    bag.attributes = attributes;
    if alias.is_empty() { bag } else { with_name(bag, alias) }
}

fn with_name(bag: Bag, alias: &str) -> Bag {
    if bag.friendly_name().as_deref() == Some(alias) { bag } else { bag.renamed(alias) }
}
