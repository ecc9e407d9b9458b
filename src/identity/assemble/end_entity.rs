//! Which certificate is the key's.

use std::cmp::Reverse;

use time::OffsetDateTime;

use super::{AssembleError, KeyName, Material, Sourced};
use crate::model::{Certificate, PrivateKey};

/// The key's certificate.
pub(super) struct Own {
    pub(super) certificate: Sourced,
    /// That it is the key's was checked.
    pub(super) checked: bool,
    pub(super) passed_over: Vec<Sourced>,
}

pub(super) fn find(
    key: &PrivateKey,
    material: &Material<'_>,
    now: OffsetDateTime,
) -> Result<Own, AssembleError> {
    let named = !material.named.is_empty();
    let asked = if named { material.named } else { material.others };
    let mut fitting: Vec<&Sourced> = Vec::new();
    for sourced in asked.iter().filter(|sourced| key.fits(&sourced.certificate) == Some(true)) {
        if !fitting.iter().any(|known| known.certificate == sourced.certificate) {
            fitting.push(sourced);
        }
    }
    fitting.sort_by_key(|sourced| rank(&sourced.certificate, now));
    let mut fitting = fitting.into_iter().cloned();
    if let Some(certificate) = fitting.next() {
        return Ok(Own { certificate, checked: true, passed_over: fitting.collect() });
    }
    let unsure =
        |sourced: &&Sourced| key.fits(&sourced.certificate).is_none() && !sourced.certificate.is_ca();
    let possible: Vec<&Sourced> = asked.iter().filter(unsure).collect();
    match possible.as_slice() {
        [] => Err(fits_none(key, asked, if named { material.others } else { &[] })),
        [only] => Ok(Own { certificate: (*only).clone(), checked: false, passed_over: Vec::new() }),
        many => Err(AssembleError::Unknown { key: name_of(key), count: many.len() }),
    }
}

/// Valid before outdated, issued before self-signed (a placeholder), long before short.
fn rank(certificate: &Certificate, now: OffsetDateTime) -> (bool, bool, Reverse<OffsetDateTime>) {
    let outdated = now < certificate.not_before() || certificate.not_after() < now;
    (certificate.is_self_issued(), outdated, Reverse(certificate.not_after()))
}

fn fits_none(key: &PrivateKey, asked: &[Sourced], others: &[Sourced]) -> AssembleError {
    if asked.is_empty() {
        return AssembleError::NoCertificate;
    }
    let mut certificates: Vec<(Sourced, KeyName)> = Vec::new();
    for sourced in asked {
        if !certificates.iter().any(|(known, _)| known.certificate == sourced.certificate) {
            let public = sourced.certificate.key();
            let name = KeyName { key: public.to_string(), identifier: public.identifier() };
            certificates.push((sourced.clone(), name));
        }
    }
    certificates.sort_by_key(|(sourced, _)| sourced.certificate.is_ca());
    let fitting = others.iter().find(|sourced| key.fits(&sourced.certificate) == Some(true));
    let fitting = fitting.map(|sourced| Box::new(sourced.clone()));
    AssembleError::OtherKey { key: name_of(key), certificates, fitting }
}

fn name_of(key: &PrivateKey) -> KeyName {
    KeyName { key: key.key().to_string(), identifier: key.identifier() }
}
