//! What protects a key, as far as that can be seen without its password.

use super::asn1::{Asn1Error, Reader, tag};
use super::detect::{Kind, detect};
use super::jks;
use super::objects::EncodedKey;
use super::pkcs12::{self, Pkcs12Error};
use crate::model::key_store::{KeyProtection, StoredKey};

/// The protection of a key in a keystore.
#[must_use]
pub fn of_stored(key: StoredKey<'_>) -> KeyProtection {
    match key {
        StoredKey::Plain(_) => KeyProtection::None,
        StoredKey::Protected(info) => protector(info),
        StoredKey::Sealed(_) => KeyProtection::Jceks { iterations: None },
        StoredKey::Shrouded(info) => scheme(info),
        StoredKey::Secret(bag) => secret_value(bag).map_or_else(
            |_| KeyProtection::Other("a secret of an unknown type".to_owned()),
            |info| scheme(&info),
        ),
    }
}

/// The protection of a key in a file that is no keystore.
#[must_use]
pub fn of_encoded(key: &EncodedKey) -> KeyProtection {
    let der = match key {
        EncodedKey::Der(der) => der,
        EncodedKey::Block { block, .. } => {
            if let Some((_, value)) = block.headers.iter().find(|(name, _)| name == "DEK-Info") {
                let cipher = value.split(',').next().unwrap_or_default();
                return KeyProtection::Pem { cipher: cipher.to_owned() };
            }
            &block.der
        }
    };
    match detect(der) {
        Kind::EncryptedPrivateKey => scheme(der),
        _ => KeyProtection::None,
    }
}

/// One of Sun's own, in an `EncryptedPrivateKeyInfo` of JKS or JCEKS.
fn protector(info: &[u8]) -> KeyProtection {
    match algorithm(info) {
        Ok((jks::JKS_PROTECTOR, _)) => KeyProtection::Jks,
        Ok((jks::JCE_PROTECTOR, iterations)) => KeyProtection::Jceks { iterations },
        _ => scheme(info),
    }
}

/// A scheme of PKCS5 or PKCS12, in an `EncryptedPrivateKeyInfo`.
fn scheme(info: &[u8]) -> KeyProtection {
    match pkcs12::key_scheme(info) {
        Ok(scheme) => KeyProtection::Scheme(scheme),
        Err(Pkcs12Error::Unsupported { oid, .. }) => KeyProtection::Other(oid),
        Err(_) => KeyProtection::Other("an encryption that cannot be read".to_owned()),
    }
}

/// The algorithm of an `EncryptedPrivateKeyInfo`, and the iterations where its parameters are a salt and a
/// count.
fn algorithm(info: &[u8]) -> Result<(&[u8], Option<u64>), Asn1Error> {
    let mut fields = Reader::new(info).sequence("EncryptedPrivateKeyInfo")?;
    let mut fields = fields.sequence("encryptionAlgorithm")?;
    let algorithm = fields.object_identifier("algorithm")?;
    let iterations = fields.sequence("parameters").and_then(|mut parameters| {
        parameters.octet_string("salt")?;
        parameters.unsigned("iterationCount")
    });
    Ok((algorithm, iterations.ok()))
}

/// What Java puts into a SecretBag: an `EncryptedPrivateKeyInfo` (`PKCS12KeyStore.loadSafeContents`).
fn secret_value(bag: &[u8]) -> Result<Vec<u8>, Asn1Error> {
    let mut fields = Reader::new(bag).sequence("SecretBag")?;
    fields.object_identifier("secretTypeId")?;
    let mut value = fields.tagged(tag::context(0) | tag::CONSTRUCTED, "secretValue")?.reader();
    Ok(value.octet_string("secretValue")?.into_owned())
}
