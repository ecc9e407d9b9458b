//! Bytes to [`JavaStore`].

use std::sync::Arc;

use aws_lc_rs::constant_time;

use super::cursor::Cursor;
use super::digest::{DIGEST_BYTES, keyed_digest, keyed_digest_while};
use super::error::{JksError, Place, Problem};
use super::{
    JCEKS_MAGIC, JKS_MAGIC, PRIVATE_KEY, SECRET_KEY, TRUSTED_CERTIFICATE, modified_utf8, sealed_object,
};
use crate::limits;
use crate::model::key_store::java_store::{JavaContent, JavaEntry};
use crate::model::key_store::{Integrity, JavaStore, StoreFormat};
use crate::model::{EncodedCertificate, Password};

/// The least that an entry takes: tag, empty alias, date, length of a certificate.
const ENTRY_LEAST: u64 = 4 + 2 + 8 + 4;

/// A store that was read.
#[derive(Debug)]
pub struct Decoded {
    /// The store.
    pub store: JavaStore,
    /// [`Integrity::Verified`] with a password, [`Integrity::Unchecked`] without one.
    pub integrity: Integrity,
    /// Bytes after the digest. Java passes over them, and writes the store without them.
    pub trailing: usize,
}

/// Reads a JKS or JCEKS store, of version 1 or 2.
///
/// Keys stay protected, certificates unread, and both to the byte as they stand in the file. Of two entries
/// with one alias both are kept; Java sees the last one.
///
/// Two things are refused that Java takes: a count of more than 2^31 - 1, which Java takes for none; and,
/// without a password, a file that ends before its digest does.
///
/// # Errors
///
/// [`JksError::Magic`], [`JksError::Version`], [`JksError::Malformed`]; [`JksError::Integrity`] when a
/// password is given and the digest is another.
pub fn decode(bytes: &[u8], password: Option<&Password>) -> Result<Decoded, JksError> {
    let format = match bytes.first_chunk() {
        Some(&JKS_MAGIC) => StoreFormat::Jks,
        Some(&JCEKS_MAGIC) => StoreFormat::Jceks,
        _ => return Err(JksError::Magic),
    };
    let mut decoder = Decoder::new(bytes, format);
    let Some(password) = password else {
        let store = decoder.store()?;
        decoder.digest()?;
        let trailing = decoder.cursor.rest().len();
        return Ok(Decoded { store, integrity: Integrity::Unchecked, trailing });
    };
    // Where the body ends is known when it has been read; nearly always the digest is what ends the file.
    let likely_body = bytes.split_last_chunk::<DIGEST_BYTES>().map_or(bytes, |(body, _)| body);
    let read = || Ok((decoder.store()?, decoder.digest()?));
    let ((store, (body, digest)), ahead) = keyed_digest_while(password, likely_body, read)?;
    let trailing = decoder.cursor.rest().len();
    let ahead = ahead.filter(|_| body.len() == likely_body.len());
    let computed = ahead.unwrap_or_else(|| keyed_digest(password, body));
    constant_time::verify_slices_are_equal(&computed, digest).map_err(|_| JksError::Integrity)?;
    Ok(Decoded { store, integrity: Integrity::Verified, trailing })
}

struct Decoder<'a> {
    bytes: &'a [u8],
    cursor: Cursor<'a>,
    format: StoreFormat,
    version: u32,
    /// The certificate type that was read last: nearly always that of the next certificate too.
    kind: Arc<str>,
    place: Place,
    /// The entry's alias as it stands in the file, for an error to name.
    alias: Option<&'a [u8]>,
}

impl<'a> Decoder<'a> {
    fn new(bytes: &'a [u8], format: StoreFormat) -> Self {
        Self {
            bytes,
            cursor: Cursor::new(bytes),
            format,
            version: 2,
            kind: "X.509".into(),
            place: Place::default(),
            alias: None,
        }
    }

    fn store(&mut self) -> Result<JavaStore, JksError> {
        self.field("magic number", Cursor::u32)?;
        self.version = self.field("version", Cursor::u32)?;
        if !matches!(self.version, 1 | 2) {
            return Err(JksError::Version(self.version));
        }
        let count = self.count("number of entries", limits::ENTRIES, ENTRY_LEAST)?;
        let mut entries = Vec::with_capacity(count);
        for number in 1..=count {
            self.place = Place { entry: Some(number), ..Place::default() };
            self.alias = None;
            entries.push(self.entry()?);
        }
        self.place = Place::default();
        self.alias = None;
        Ok(JavaStore { format: self.format, version: self.version, entries })
    }

    fn entry(&mut self) -> Result<JavaEntry, JksError> {
        let format = self.format;
        let tag = self.field("type", |cursor| {
            let tag = cursor.u32()?;
            match (tag, format) {
                (PRIVATE_KEY | TRUSTED_CERTIFICATE, _) | (SECRET_KEY, StoreFormat::Jceks) => Ok(tag),
                _ => Err(Problem::Tag(tag)),
            }
        })?;
        let (alias, encoded) = self.field("alias", |cursor| {
            let encoded = cursor.short_counted()?;
            Ok((modified_utf8::decode(encoded).ok_or(Problem::Text)?, encoded))
        })?;
        self.alias = Some(encoded);
        let created = self.field("creation date", Cursor::i64)?;
        let content = match tag {
            PRIVATE_KEY => self.private_key()?,
            TRUSTED_CERTIFICATE => JavaContent::TrustedCertificate(self.certificate()?),
            _ => JavaContent::SecretKey(self.field("secret key", sealed_object::take)?.to_vec()),
        };
        Ok(JavaEntry { alias, created, content })
    }

    fn private_key(&mut self) -> Result<JavaContent, JksError> {
        let protected = self.field("protected private key", Cursor::counted)?.to_vec();
        let least = if self.version == 1 { 4 } else { 6 };
        let count = self.count("length of the chain", limits::ENTRY_CHAIN, least)?;
        let mut chain = Vec::with_capacity(count);
        for number in 1..=count {
            self.place.certificate = Some(number);
            chain.push(self.certificate()?);
        }
        Ok(JavaContent::PrivateKey { protected, chain })
    }

    fn certificate(&mut self) -> Result<EncodedCertificate, JksError> {
        if self.version == 2 {
            let last = Arc::clone(&self.kind);
            self.kind = self.field("certificate type", |cursor| {
                let encoded = cursor.short_counted()?;
                if encoded == last.as_bytes() && encoded.is_ascii() {
                    return Ok(last);
                }
                Ok(modified_utf8::decode(encoded).ok_or(Problem::Text)?.into())
            })?;
        }
        let der = self.field("certificate", Cursor::counted)?;
        Ok(EncodedCertificate { kind: Arc::clone(&self.kind), der: der.into() })
    }

    /// The bytes that the digest covers, and the digest.
    fn digest(&mut self) -> Result<(&'a [u8], &'a [u8]), JksError> {
        let body = self.bytes.get(..self.cursor.position()).unwrap_or_default();
        let digest = self.field("digest", |cursor| cursor.take(DIGEST_BYTES))?;
        Ok((body, digest))
    }

    /// A number of things that take `least` bytes each, held against what is left of the file.
    fn count(&mut self, field: &'static str, most: usize, least: u64) -> Result<usize, JksError> {
        self.field(field, |cursor| {
            let count = cursor.u32()?;
            let left = cursor.rest().len();
            let needed = u64::from(count).saturating_mul(least);
            match usize::try_from(count) {
                Ok(number) if number <= most => match usize::try_from(needed) {
                    Ok(bytes) if bytes <= left => Ok(number),
                    _ => Err(Problem::Truncated { needed, left }),
                },
                _ => Err(Problem::Count { count, most }),
            }
        })
    }

    /// Reads one field, and says where it stood if it cannot be read.
    fn field<T>(
        &mut self,
        field: &'static str,
        read: impl FnOnce(&mut Cursor<'a>) -> Result<T, Problem>,
    ) -> Result<T, JksError> {
        let offset = self.cursor.position();
        read(&mut self.cursor).map_err(|problem| JksError::Malformed {
            place: Box::new(Place {
                alias: self.alias.and_then(modified_utf8::decode),
                field,
                offset,
                ..self.place.clone()
            }),
            problem,
        })
    }
}
