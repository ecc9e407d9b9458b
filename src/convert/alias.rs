//! Which entries go along, and their aliases.

use std::collections::{HashMap, HashSet};

use super::item::{Content, Item};
use super::{PlanError, Selection, folded_aliases};
use crate::model::key_store::alias::{fold, from_name};
use crate::model::key_store::{EncodedCertificate, Hidden};
use crate::report::convert::Loss;

/// Gives an alias to each entry that has none, applies the selection, and sets apart what would collide.
pub(super) fn give(
    items: &mut Vec<Item>,
    selection: &Selection,
    losses: &mut Vec<Loss>,
) -> Result<(), PlanError> {
    make_up(items);
    keep_only(items, &selection.only)?;
    rename(items, &selection.rename)?;
    if let Some(alias) = &selection.alias {
        name_the_one(items, alias)?;
    }
    set_apart(items, losses);
    Ok(())
}

/// Aliases from the subjects, each free, and typed easily.
fn make_up(items: &mut [Item]) {
    let mut free = Free::new(folded_aliases(items));
    for item in items.iter_mut().filter(|item| item.alias.is_empty() && item.is_java_entry()) {
        let stem = item.certificates().first().and_then(|certificate| stem(certificate));
        let stem = stem.unwrap_or_else(|| match item.content {
            Content::TrustedCertificate(_) => "certificate".to_owned(),
            _ => "key".to_owned(),
        });
        item.alias = free.take(stem);
    }
}

fn stem(certificate: &EncodedCertificate) -> Option<String> {
    let stem = from_name(&certificate.read().ok()?.subject().short());
    (!stem.is_empty()).then_some(stem)
}

fn keep_only(items: &mut Vec<Item>, only: &[String]) -> Result<(), PlanError> {
    if only.is_empty() {
        return Ok(());
    }
    let there: HashSet<String> = items.iter().map(|item| fold(&item.alias)).collect();
    if let Some(missing) = only.iter().find(|alias| !there.contains(&fold(alias))) {
        return Err(no_such_entry(missing, items));
    }
    let only: HashSet<String> = only.iter().map(|alias| fold(alias)).collect();
    items.retain(|item| only.contains(&fold(&item.alias)));
    Ok(())
}

/// Each renaming is about the aliases as they are, so that two entries can trade theirs.
fn rename(items: &mut [Item], renames: &[String]) -> Result<(), PlanError> {
    let mut new: Vec<(usize, String)> = Vec::new();
    for text in renames {
        let splits: Vec<(&str, &str)> = text
            .match_indices('=')
            .filter_map(|(at, _)| {
                let (old, rest) = text.split_at(at);
                Some((old, rest.strip_prefix('=')?))
            })
            .filter(|(old, new)| !old.is_empty() && !new.is_empty())
            .collect();
        let Some((first, _)) = splits.first() else { return Err(PlanError::Rename(text.clone())) };
        let mut meant = splits.iter().flat_map(|(old, new)| {
            let folded = fold(old);
            let named = items.iter().enumerate().filter(move |(_, item)| fold(&item.alias) == folded);
            named.map(move |(index, _)| (index, (*new).to_owned()))
        });
        new.push(meant.next().ok_or_else(|| no_such_entry(first, items))?);
        if meant.next().is_some() {
            return Err(PlanError::AmbiguousRename(text.clone()));
        }
    }
    for (index, alias) in &new {
        if let Some(item) = items.get_mut(*index) {
            item.alias.clone_from(alias);
        }
    }
    new.iter().try_for_each(|(_, alias)| require_free(alias, items))
}

fn name_the_one(items: &mut [Item], alias: &str) -> Result<(), PlanError> {
    let entries = items.iter().filter(|item| item.is_java_entry());
    let keys = entries.clone().filter(|item| matches!(item.content, Content::PrivateKey { .. })).count();
    let others = entries.count().saturating_sub(keys);
    let one = match (keys, others) {
        (1, _) => items.iter_mut().find(|item| matches!(item.content, Content::PrivateKey { .. })),
        (0, 1) => items.iter_mut().find(|item| item.is_java_entry()),
        _ => return Err(PlanError::OneAlias { keys, others }),
    };
    if let Some(item) = one {
        alias.clone_into(&mut item.alias);
    }
    require_free(alias, items)
}

/// An alias that was asked for is had by one entry, or the call is wrong.
fn require_free(alias: &str, items: &[Item]) -> Result<(), PlanError> {
    let folded = fold(alias);
    let mut having = items.iter().filter(|item| item.is_java_entry() && fold(&item.alias) == folded);
    match (having.next(), having.next()) {
        (_, None) => Ok(()),
        _ => Err(PlanError::AliasTaken(alias.to_owned())),
    }
}

/// Of entries with the same alias the first that Java sees keeps it. The same trusted certificate twice is one
/// entry; all others get a number.
fn set_apart(items: &mut Vec<Item>, losses: &mut Vec<Loss>) {
    let mut holders: HashMap<String, Option<EncodedCertificate>> = HashMap::new();
    let mut colliding: HashSet<usize> = HashSet::new();
    let mut repeated: HashSet<usize> = HashSet::new();
    let out_of_sight = |item: &Item| matches!(item.hidden, Some(Hidden::Shadowed | Hidden::Capitals));
    for late in [false, true] {
        for (index, item) in items.iter().enumerate() {
            if out_of_sight(item) != late || !item.is_java_entry() {
                continue;
            }
            let trusted = match &item.content {
                Content::TrustedCertificate(certificate) => Some(certificate.clone()),
                _ => None,
            };
            match holders.entry(fold(&item.alias)) {
                std::collections::hash_map::Entry::Vacant(free) => {
                    free.insert(trusted);
                }
                std::collections::hash_map::Entry::Occupied(held) => {
                    if trusted.is_some() && *held.get() == trusted {
                        repeated.insert(index);
                    } else {
                        colliding.insert(index);
                    }
                }
            }
        }
    }
    let mut free = Free::new(holders.into_keys().collect());
    for (_, item) in items.iter_mut().enumerate().filter(|(index, _)| colliding.contains(index)) {
        let alias = free.take(item.alias.clone());
        losses.push(Loss {
            id: "alias",
            input: item.input.to_string(),
            alias: item.alias.clone(),
            message: format!("{} would be \"{alias}\": another entry has its alias", item.label()),
        });
        item.alias = alias;
    }
    let mut index = 0_usize;
    items.retain(|_| {
        let keep = !repeated.contains(&index);
        index += 1;
        keep
    });
}

fn no_such_entry(alias: &str, items: &[Item]) -> PlanError {
    PlanError::NoSuchEntry {
        alias: alias.to_owned(),
        aliases: items.iter().map(|item| item.alias.clone()).filter(|alias| !alias.is_empty()).collect(),
    }
}

/// Aliases that are still to be had.
struct Free {
    taken: HashSet<String>,
    /// The next number to try for a stem.
    numbers: HashMap<String, u32>,
}

impl Free {
    fn new(taken: HashSet<String>) -> Self {
        Self { taken, numbers: HashMap::new() }
    }

    /// The stem itself if it is free, else with a number after it.
    fn take(&mut self, stem: String) -> String {
        if self.taken.insert(fold(&stem)) {
            return stem;
        }
        let number = self.numbers.entry(fold(&stem)).or_insert(1);
        loop {
            *number = number.saturating_add(1);
            let alias = format!("{stem}-{number}");
            if self.taken.insert(fold(&alias)) {
                return alias;
            }
        }
    }
}
