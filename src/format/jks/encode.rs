//! [`JavaStore`] to bytes.

use super::digest::{DIGEST_BYTES, keyed_digest};
use super::error::JksError;
use super::{JCEKS_MAGIC, JKS_MAGIC, PRIVATE_KEY, SECRET_KEY, TRUSTED_CERTIFICATE, modified_utf8};
use crate::limits;
use crate::model::key_store::java_store::{JavaContent, JavaEntry};
use crate::model::key_store::{JavaStore, StoreFormat};
use crate::model::{EncodedCertificate, Password};

/// Writes a store in its own format and version, its entries in their order. A store that was read and not
/// changed comes out to the byte as it was, if its texts had the usual spelling and nothing followed the
/// digest.
///
/// # Errors
///
/// [`JksError::Format`] for a PKCS12 store; [`JksError::Entries`]; [`JksError::Entry`] for an alias of more
/// than 65,535 bytes, a secret key in JKS, a certificate in version 1 that is not `X.509`, and for what
/// [`super::decode`] would not read again.
pub fn encode(store: &JavaStore, password: &Password) -> Result<Vec<u8>, JksError> {
    let magic = match store.format {
        StoreFormat::Jks => JKS_MAGIC,
        StoreFormat::Jceks => JCEKS_MAGIC,
        StoreFormat::Pkcs12 => return Err(JksError::Format(store.format)),
    };
    if !matches!(store.version, 1 | 2) {
        return Err(JksError::Version(store.version));
    }
    let count = store.entries.len();
    if count > limits::ENTRIES {
        return Err(JksError::Entries(count));
    }
    let size = store.entries.iter().map(size).fold(12 + DIGEST_BYTES, usize::saturating_add);
    let mut encoder = Encoder { out: Vec::with_capacity(size), version: store.version };
    encoder.out.extend(magic);
    encoder.u32(store.version);
    encoder.u32(u32::try_from(count).map_err(|_| JksError::Entries(count))?);
    for entry in &store.entries {
        encoder
            .entry(entry, store.format)
            .map_err(|reason| JksError::Entry { alias: entry.alias.clone(), reason })?;
    }
    let digest = keyed_digest(password, &encoder.out);
    encoder.out.extend(digest);
    Ok(encoder.out)
}

struct Encoder {
    out: Vec<u8>,
    version: u32,
}

impl Encoder {
    fn entry(&mut self, entry: &JavaEntry, format: StoreFormat) -> Result<(), &'static str> {
        self.u32(match &entry.content {
            JavaContent::PrivateKey { .. } => PRIVATE_KEY,
            JavaContent::TrustedCertificate(_) => TRUSTED_CERTIFICATE,
            JavaContent::SecretKey(_) if format == StoreFormat::Jks => {
                return Err("JKS has no place for secret keys");
            }
            JavaContent::SecretKey(_) => SECRET_KEY,
        });
        self.text(&entry.alias).map_err(|()| "its alias has more than 65535 bytes")?;
        self.out.extend(entry.created.to_be_bytes());
        match &entry.content {
            JavaContent::PrivateKey { protected, chain } => {
                self.counted(protected)?;
                if chain.len() > limits::ENTRY_CHAIN {
                    return Err("its chain has more certificates than are read again");
                }
                self.u32(u32::try_from(chain.len()).map_err(|_| "its chain is too long")?);
                chain.iter().try_for_each(|certificate| self.certificate(certificate))
            }
            JavaContent::TrustedCertificate(certificate) => self.certificate(certificate),
            JavaContent::SecretKey(sealed) => {
                self.out.extend_from_slice(sealed);
                Ok(())
            }
        }
    }

    fn certificate(&mut self, certificate: &EncodedCertificate) -> Result<(), &'static str> {
        if self.version == 2 {
            self.text(&certificate.kind).map_err(|()| "a certificate's type has more than 65535 bytes")?;
        } else if *certificate.kind != *"X.509" {
            return Err("version 1 has no place for certificates that are not X.509");
        }
        self.counted(&certificate.der)
    }

    fn u32(&mut self, number: u32) {
        self.out.extend(number.to_be_bytes());
    }

    /// Java's lengths are signed.
    fn counted(&mut self, bytes: &[u8]) -> Result<(), &'static str> {
        let length = i32::try_from(bytes.len()).map_err(|_| "it has more than 2^31 - 1 bytes")?;
        self.out.extend(length.to_be_bytes());
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), ()> {
        let bytes = modified_utf8::encode(text);
        let length = u16::try_from(bytes.len()).map_err(|_| ())?;
        self.out.extend(length.to_be_bytes());
        self.out.extend_from_slice(&bytes);
        Ok(())
    }
}

/// About the bytes that an entry takes, so that the whole is allocated once.
fn size(entry: &JavaEntry) -> usize {
    let certificate = |c: &EncodedCertificate| c.kind.len().saturating_add(c.der.len()).saturating_add(6);
    let content = match &entry.content {
        JavaContent::PrivateKey { protected, chain } => {
            chain.iter().map(certificate).fold(protected.len(), usize::saturating_add).saturating_add(8)
        }
        JavaContent::TrustedCertificate(c) => certificate(c),
        JavaContent::SecretKey(sealed) => sealed.len(),
    };
    entry.alias.len().saturating_add(content).saturating_add(14)
}
