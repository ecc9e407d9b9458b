//! A private key that comes into a PKCS12 store, or takes the place of another.

use std::collections::HashSet;
use std::sync::Arc;

use time::OffsetDateTime;

use super::edit::{check_chain, check_writable, get, put};
use super::view::View;
use super::{Bag, BagContent, EncodedCertificate, Part, Pfx, Protection};
use crate::model::key_store::EditError;
use crate::model::key_store::java_store::milliseconds;

impl Pfx {
    /// The key goes to the end of the file: what Java infers for keys and certificates without a localKeyID
    /// depends on what stands before them.
    pub(in super::super) fn add_private_key(
        &mut self,
        alias: &str,
        protected: Vec<u8>,
        chain: &[EncodedCertificate],
        created: OffsetDateTime,
    ) -> Result<(), EditError> {
        self.require_open()?;
        check_writable(alias)?;
        let mut bag = Bag::new(BagContent::ShroudedKey(protected)).renamed(alias);
        bag.set_local_key_id(&self.free_key_id(created));
        let mut draft = self.draft();
        let last = draft.parts.last_mut().filter(|part| part.is_plain() && part.holds_keys());
        match last.and_then(Part::touch) {
            Some(bags) => bags.push(bag),
            None => draft.parts.push(Part::new(Protection::Plain, vec![bag])),
        }
        draft.set_chain(alias, chain)?;
        self.parts = draft.parts;
        Ok(())
    }

    /// The key keeps its place and its attributes, but for the localKeyID, in which Java keeps the date.
    pub(in super::super) fn replace_private_key(
        &mut self,
        alias: &str,
        protected: Vec<u8>,
        chain: &[EncodedCertificate],
        created: OffsetDateTime,
    ) -> Result<(), EditError> {
        let content = Arc::new(BagContent::ShroudedKey(protected));
        let key_id = self.free_key_id(created);
        let mut draft = self.draft();
        draft.set_chain(alias, chain)?;
        draft.replace_content(alias, &content)?;
        let rebound = draft.bound_by(alias, &key_id)?;
        let view = View::of(&draft.parts);
        let key = view.find(alias).ok_or_else(|| EditError::NoSuchEntry(alias.to_owned()))?;
        // A certificate that two keys share keeps both: then the old localKeyID stays.
        let keeps_chains = check_chain(&view, key, &rebound, chain).is_ok();
        self.parts = if keeps_chains { rebound } else { draft.parts };
        Ok(())
    }

    /// The same store, to be changed without consequences.
    fn draft(&self) -> Self {
        Self {
            parts: self.parts.clone(),
            mac: self.mac.clone(),
            certificates: self.certificates.clone(),
            password_form: self.password_form,
        }
    }

    fn replace_content(&mut self, alias: &str, content: &Arc<BagContent>) -> Result<(), EditError> {
        let view = View::of(&self.parts);
        let row = view.find(alias).ok_or_else(|| EditError::NoSuchEntry(alias.to_owned()))?;
        let before: Vec<_> = view.chain(row).iter().map(|link| link.encoded.clone()).collect();
        let position = row.position.clone();
        let bag = Bag { content: content.clone(), attributes: row.bag.attributes.clone() };
        let mut parts = self.parts.clone();
        put(&mut parts, &position, bag);
        // A key in the clear becomes one that Java sees, and so may change what Java infers for others.
        let after = View::of(&parts);
        for old in view.keys().filter(|old| old.position != position) {
            let found = after.key(&old.bag.content).map(|row| after.chain(row));
            let found: Vec<_> = found.into_iter().flatten().map(|link| link.encoded).collect();
            if !found.iter().copied().eq(view.chain(old).iter().map(|link| link.encoded)) {
                let found = found.into_iter().cloned().collect();
                return Err(EditError::Chain { alias: old.alias.clone(), found });
            }
        }
        let found = after.key(content).map(|row| after.chain(row)).unwrap_or_default();
        let found: Vec<_> = found.into_iter().map(|link| link.encoded.clone()).collect();
        if found != before {
            return Err(EditError::Chain { alias: alias.to_owned(), found });
        }
        self.parts = parts;
        Ok(())
    }

    /// The parts in which another localKeyID binds a key and its end entity.
    fn bound_by(&self, alias: &str, key_id: &[u8]) -> Result<Vec<Part>, EditError> {
        let view = View::of(&self.parts);
        let row = view.find(alias).ok_or_else(|| EditError::NoSuchEntry(alias.to_owned()))?;
        let end_entity = view.chain(row).first().map(|leaf| leaf.position.clone());
        let mut parts = self.parts.clone();
        for position in end_entity.iter().chain([&row.position]) {
            if let Some(bag) = get(&self.parts, position) {
                let mut bag = bag.clone();
                bag.set_local_key_id(key_id);
                put(&mut parts, position, bag);
            }
        }
        Ok(parts)
    }

    /// A localKeyID by which Java keeps a date, and which no bag has.
    fn free_key_id(&self, created: OffsetDateTime) -> Vec<u8> {
        let taken: HashSet<&[u8]> = self.bags().filter_map(Bag::local_key_id).collect();
        let mut milliseconds = milliseconds(created);
        loop {
            let id = super::assemble::time_id(milliseconds);
            if !taken.contains(id.as_slice()) {
                return id;
            }
            milliseconds = milliseconds.wrapping_add(1);
        }
    }
}

impl Part {
    fn is_plain(&self) -> bool {
        self.protection == Protection::Plain
    }

    fn holds_keys(&self) -> bool {
        self.bags().is_some_and(|bags| bags.iter().any(Bag::holds_key))
    }
}
