//! The edits of a PKCS12 store. Each touches the parts that it must, and no others.
//!
//! A chain is no list in the file: Java finds it anew at each load. Edits of keys are therefore drafted,
//! looked at as Java would, and only then kept.

use std::sync::Arc;

use super::view::{Position, Row, View};
use super::{Bag, BagContent, EncodedCertificate, Part, Pfx};
use crate::limits;
use crate::model::key_store::{EditError, EntryKind, Hidden};

impl Pfx {
    pub(in super::super) fn add_trusted(
        &mut self,
        added: &[(&str, EncodedCertificate)],
    ) -> Result<(), EditError> {
        self.require_open()?;
        added.iter().try_for_each(|(alias, _)| check_writable(alias))?;
        let bags = added.iter().map(|(alias, certificate)| Bag::trusted(alias, certificate)).collect();
        append(&mut self.parts, &self.certificates, bags);
        Ok(())
    }

    pub(in super::super) fn replace_trusted(
        &mut self,
        alias: &str,
        certificate: &EncodedCertificate,
    ) -> Result<(), EditError> {
        self.require_open()?;
        let view = View::of(&self.parts);
        let row = find(&view, alias)?;
        let mut draft = self.parts.clone();
        put(&mut draft, &row.position, row.bag.with_certificate(certificate));
        let kept = kept_for_keys(&view, row, &draft);
        insert(&mut draft, &following(&row.position), kept);
        self.parts = draft;
        Ok(())
    }

    pub(in super::super) fn set_chain(
        &mut self,
        alias: &str,
        chain: &[EncodedCertificate],
    ) -> Result<(), EditError> {
        self.require_open()?;
        let view = View::of(&self.parts);
        let key = find(&view, alias)?;
        let held: Vec<&EncodedCertificate> = view.chain(key).iter().map(|c| c.encoded).collect();
        if held.iter().copied().eq(chain) {
            return Ok(());
        }
        let draft = self.draft_chain(&view, key, chain, Placement::Mixed);
        let draft = match check_chain(&view, key, &draft, chain) {
            Ok(()) => draft,
            Err(_) => {
                let draft = self.draft_chain(&view, key, chain, Placement::First);
                check_chain(&view, key, &draft, chain)?;
                draft
            }
        };
        self.parts = draft;
        Ok(())
    }

    pub(in super::super) fn remove(&mut self, alias: &str) -> Result<(), EditError> {
        self.require_open()?;
        let view = View::of(&self.parts);
        let row = find(&view, alias)?;
        let mut draft = self.parts.clone();
        if !row.named {
            name_the_unnamed(&view, row, &mut draft);
        }
        let mut gone = vec![row.position.clone()];
        if row.kind == EntryKind::PrivateKey {
            gone.extend(view.used_by_no_other(row));
        }
        // What Java trusted and a key's chain needs stays in the file as a certificate of that chain, which
        // is what keytool makes of it too.
        let needed = row.bag.certificate().filter(|certificate| {
            view.keys().any(|key| view.chain(key).iter().any(|c| c.encoded == *certificate))
        });
        let kept: Vec<Bag> = needed.map(Bag::issuer).into_iter().collect();
        insert(&mut draft, &following(&row.position), kept);
        remove(&mut draft, gone);
        self.parts = draft;
        Ok(())
    }

    pub(in super::super) fn rename(&mut self, old: &str, new: &str) -> Result<(), EditError> {
        self.require_open()?;
        check_writable(new)?;
        let view = View::of(&self.parts);
        let row = find(&view, old)?;
        let mut draft = self.parts.clone();
        if !row.named {
            name_the_unnamed(&view, row, &mut draft);
        }
        for row in view.shadowed_by(row).chain([row]) {
            put(&mut draft, &row.position, row.bag.renamed(new));
            let end_entity = view.chain(row).first().map(|leaf| leaf.position.clone());
            if let Some(position) = end_entity.filter(|_| row.kind == EntryKind::PrivateKey)
                && let Some(bag) = get(&self.parts, &position)
            {
                put(&mut draft, &position, bag.renamed(new));
            }
        }
        self.parts = draft;
        Ok(())
    }

    /// The parts with another chain for a key.
    fn draft_chain(
        &self,
        view: &View<'_>,
        key: &Row<'_>,
        chain: &[EncodedCertificate],
        placement: Placement,
    ) -> Vec<Part> {
        let mut draft = self.parts.clone();
        let own = view.used_by_no_other(key);
        let old_leaf = view.chain(key).first().map(|leaf| leaf.position.clone());
        let Some((leaf, issuers)) = chain.split_first() else {
            remove(&mut draft, own);
            return draft;
        };
        let wanted = |position: &Position| {
            certificate(&self.parts, position).is_some_and(|held| issuers.contains(held))
        };
        let gone: Vec<Position> = match placement {
            Placement::Mixed => own.into_iter().filter(|position| !wanted(position)).collect(),
            Placement::First => own,
        };
        let is_held = |issuer: &EncodedCertificate| {
            placement == Placement::Mixed
                && view.certificates.iter().any(|c| c.encoded == issuer && !gone.contains(&c.position))
        };
        let mut new = vec![Bag::end_entity(&key.alias, key.key_id.unwrap_or_default(), leaf)];
        new.extend(issuers.iter().filter(|issuer| !is_held(issuer)).map(Bag::issuer));
        let anchor = match placement {
            Placement::Mixed => old_leaf,
            Placement::First => view.certificates.first().map(|candidate| candidate.position.clone()),
        };
        match anchor {
            Some(anchor) => {
                let shift = new.len();
                insert(&mut draft, &anchor, new);
                remove(&mut draft, gone.into_iter().map(|p| shifted(p, &anchor, shift)).collect());
            }
            None => {
                append(&mut draft, &self.certificates, new);
                remove(&mut draft, gone);
            }
        }
        draft
    }

    pub(super) fn require_open(&self) -> Result<(), EditError> {
        if self.is_locked() { Err(EditError::Locked) } else { Ok(()) }
    }
}

/// Where the certificates of a new chain go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Placement {
    /// New ones where the old end entity stood; those that the file has already stay where they are.
    Mixed,
    /// All before every other certificate, so that none of the same name is found first.
    First,
}

/// Whether Java would find this chain for the key, and the same as before for every other key.
pub(super) fn check_chain(
    view: &View<'_>,
    key: &Row<'_>,
    draft: &[Part],
    chain: &[EncodedCertificate],
) -> Result<(), EditError> {
    let after = View::of(draft);
    for before in view.keys() {
        let found: Vec<&EncodedCertificate> = after
            .key(&before.bag.content)
            .map(|row| after.chain(row).iter().map(|c| c.encoded).collect())
            .unwrap_or_default();
        let expected: Vec<&EncodedCertificate> = if before.position == key.position {
            chain.iter().collect()
        } else {
            view.chain(before).iter().map(|c| c.encoded).collect()
        };
        if found != expected {
            let found = found.into_iter().cloned().collect();
            return Err(EditError::Chain { alias: before.alias.clone(), found });
        }
    }
    Ok(())
}

/// The certificate that a draft replaces, if some key's chain would be the shorter for it.
fn kept_for_keys(view: &View<'_>, row: &Row<'_>, draft: &[Part]) -> Vec<Bag> {
    let after = View::of(draft);
    let shortened = view
        .keys()
        .any(|before| after.key(&before.bag.content).is_some_and(|now| now.chain.len() < before.chain.len()));
    row.bag.certificate().filter(|_| shortened).map(Bag::issuer).into_iter().collect()
}

/// Writes down the aliases that Java made up, so that they do not move up when one before them goes. A row that a
/// later one shadows was counted too: left without its number it would take that of another.
fn name_the_unnamed(view: &View<'_>, except: &Row<'_>, draft: &mut [Part]) {
    let counted = |row: &Row<'_>| matches!(row.hidden, None | Some(Hidden::Shadowed));
    let unnamed = view
        .rows
        .iter()
        .filter(|row| !row.named && !row.alias.is_empty() && row.position != except.position && counted(row));
    for row in unnamed {
        put(draft, &row.position, row.bag.renamed(&row.alias));
        if row.kind == EntryKind::PrivateKey
            && let Some(leaf) = view.chain(row).first()
            && let Some(bag) = get(draft, &leaf.position).filter(|bag| bag.friendly_name().is_none())
        {
            let bag = bag.renamed(&row.alias);
            put(draft, &leaf.position, bag);
        }
    }
}

fn find<'v, 'a>(view: &'v View<'a>, alias: &str) -> Result<&'v Row<'a>, EditError> {
    view.find(alias).ok_or_else(|| EditError::NoSuchEntry(alias.to_owned()))
}

pub(super) fn check_writable(alias: &str) -> Result<(), EditError> {
    let bytes = alias.encode_utf16().count().saturating_mul(2);
    if bytes > limits::ALIAS_BYTES { Err(EditError::Alias(alias.to_owned())) } else { Ok(()) }
}

pub(super) fn get<'a>(parts: &'a [Part], position: &Position) -> Option<&'a Bag> {
    let (&first, deeper) = position.bags.split_first()?;
    let mut bag = parts.get(position.part)?.bags()?.get(first)?;
    for &index in deeper {
        let BagContent::Nested(bags) = &*bag.content else { return None };
        bag = bags.get(index)?;
    }
    Some(bag)
}

fn certificate<'a>(parts: &'a [Part], position: &Position) -> Option<&'a EncodedCertificate> {
    get(parts, position)?.certificate()
}

/// The place after a bag, for what is to follow it. Nothing follows a nested bag.
fn following(position: &Position) -> Position {
    let mut next = position.clone();
    if let Some(last) = next.bags.first_mut() {
        *last += 1;
    }
    next.bags.truncate(1);
    next
}

/// A position as it is after `count` bags were inserted at `anchor`.
fn shifted(mut position: Position, anchor: &Position, count: usize) -> Position {
    if position.part == anchor.part
        && let (Some(index), Some(&at)) = (position.bags.first_mut(), anchor.bags.first())
        && *index >= at
    {
        *index += count;
    }
    position
}

pub(super) fn put(parts: &mut [Part], position: &Position, bag: Bag) {
    change(parts, position, |bags, index| {
        if let Some(old) = bags.get_mut(index) {
            *old = bag;
        }
    });
}

fn remove(parts: &mut Vec<Part>, mut positions: Vec<Position>) {
    positions.sort_by(|a, b| (b.part, &b.bags).cmp(&(a.part, &a.bags)));
    positions.dedup();
    for position in positions {
        change(parts, &position, |bags, index| {
            if index < bags.len() {
                bags.remove(index);
            }
        });
    }
    // A part that an edit has emptied goes, as with Java; an empty one of the file stays.
    parts.retain(|part| part.original().is_some() || part.bags() != Some(&[]));
}

fn insert(parts: &mut [Part], anchor: &Position, new: Vec<Bag>) {
    if new.is_empty() {
        return;
    }
    if let (Some(bags), Some(&at)) = (parts.get_mut(anchor.part).and_then(Part::touch), anchor.bags.first()) {
        let at = at.min(bags.len());
        bags.splice(at..at, new);
    }
}

/// Puts bags at the end of the last part that holds certificates, or into a part of their own.
fn append(parts: &mut Vec<Part>, protection: &super::Protection, new: Vec<Bag>) {
    match parts.iter_mut().rev().find(|part| part.holds_certificates()).and_then(Part::touch) {
        Some(bags) => bags.extend(new),
        None => parts.push(Part::new(protection.clone(), new)),
    }
}

/// Changes the list in which a bag stands. Bags share their contents, so nested ones are made anew.
fn change(parts: &mut [Part], position: &Position, edit: impl FnOnce(&mut Vec<Bag>, usize)) {
    let Some((&last, path)) = position.bags.split_last() else { return };
    let Some(mut bags) = parts.get_mut(position.part).and_then(Part::touch) else { return };
    for &index in path {
        let Some(bag) = bags.get_mut(index) else { return };
        let BagContent::Nested(inner) = &*bag.content else { return };
        let inner = inner.clone();
        bag.content = Arc::new(BagContent::Nested(inner));
        let Some(BagContent::Nested(inner)) = Arc::get_mut(&mut bag.content) else { return };
        bags = inner;
    }
    edit(bags, last);
}
