//! The serialized `SealedObject` in which JCEKS holds a secret key.
//!
//! JCEKS writes no length before it: only the grammar of the stream tells where it ends. Java itself
//! deserializes nothing but a `SealedObjectForKeyProtector` whose fields are strings and arrays of bytes
//! (`com.sun.crypto.provider.JceKeyStore.DeserializationChecker`), and in what is sealed nothing but a
//! `SecretKeySpec` or a `KeyRep` (the property `jceks.key.serialFilter`).

use zeroize::Zeroizing;

use super::cursor::Cursor;
use super::error::Problem;
use super::key_protector::ProtectorError;
use super::modified_utf8;
use super::serialization::{
    Object, SC_SERIALIZABLE, STREAM_MAGIC, STREAM_VERSION, TC_ARRAY, TC_CLASSDESC, TC_ENDBLOCKDATA, TC_NULL,
    TC_OBJECT, TC_REFERENCE, TC_STRING, Value,
};
use super::triple_des::{self, Protection};
use crate::format::asn1::Reader;
use crate::format::pkcs12::Derivations;
use crate::model::{Password, SecretKey};

const CLASS: &str = "com.sun.crypto.provider.SealedObjectForKeyProtector";
const SEALED_OBJECT: &str = "javax.crypto.SealedObject";
const SECRET_KEY_SPEC: &str = "javax.crypto.spec.SecretKeySpec";
const KEY_REP: &str = "java.security.KeyRep";
const OCTETS: &str = "[B";
const TEXT: &str = "Ljava/lang/String;";

const ALGORITHM: &str = "PBEWithMD5AndTripleDES";

/// Takes the bytes of one sealed object, its stream header included.
pub(super) fn take<'a>(cursor: &mut Cursor<'a>) -> Result<&'a [u8], Problem> {
    let mut ahead = cursor.clone();
    let before = ahead.position();
    Object::read(&mut ahead, &[CLASS], false)?;
    cursor.take(ahead.position().saturating_sub(before))
}

/// Opens the secret key that a sealed object of JCEKS holds. Its iterations count in `derivations`.
///
/// # Errors
///
/// [`ProtectorError::Integrity`] for another password; [`ProtectorError::Sealed`] for what is no sealed
/// object, or seals something else than a secret key; the others for its parameters.
pub fn unseal_secret_key(
    sealed: &[u8],
    password: &Password,
    derivations: &mut Derivations,
) -> Result<SecretKey, ProtectorError> {
    let object = read(sealed, &[CLASS], false)?;
    if object.text("sealAlg").as_deref() != Some(ALGORITHM) {
        return Err(ProtectorError::Algorithm);
    }
    let missing = || odd("a field is missing");
    let parameters = object.octets("encodedParams").ok_or_else(missing)?;
    let content = object.octets("encryptedContent").ok_or_else(missing)?;
    let plain = triple_des::decrypt(&mut Reader::new(parameters), content, password, derivations)?;
    // One wrong password in 256 leaves a padding that fits; it does not leave a stream.
    if !plain.starts_with(&[STREAM_MAGIC.to_be_bytes(), STREAM_VERSION.to_be_bytes()].concat()) {
        return Err(ProtectorError::Integrity);
    }
    let key = read(&plain, &[SECRET_KEY_SPEC, KEY_REP], true)?;
    let octets = if key.class == KEY_REP {
        let secret = key.value("type") == Some(Value::Constant(b"SECRET"));
        if !secret || key.text("format").as_deref() != Some("RAW") {
            return Err(odd("the key in it is no secret key"));
        }
        key.octets("encoded")
    } else {
        key.octets("key")
    };
    let algorithm = key.text("algorithm").ok_or_else(missing)?;
    let octets = Zeroizing::new(octets.ok_or_else(missing)?.to_vec());
    Ok(SecretKey::new(algorithm, octets))
}

/// Seals a secret key as `com.sun.crypto.provider.KeyProtector` does for JCEKS: a `SecretKeySpec` in a
/// `SealedObjectForKeyProtector`.
///
/// # Errors
///
/// [`ProtectorError::NotAscii`], [`ProtectorError::Iterations`]; [`ProtectorError::Length`] for a key or a
/// name that Java cannot write.
pub fn seal_secret_key(
    key: &SecretKey,
    password: &Password,
    protection: Protection,
) -> Result<Vec<u8>, ProtectorError> {
    let mut plain = Stream::new();
    plain.class_description(SECRET_KEY_SPEC, 0x5b47_0b66_e230_614d, 2);
    plain.field(b'L', "algorithm");
    plain.string(TEXT)?;
    plain.field(b'[', "key");
    plain.string(OCTETS)?;
    plain.push(&[TC_ENDBLOCKDATA, TC_NULL]);
    plain.string(key.algorithm())?;
    plain.octets_class();
    plain.octets(key.octets())?;
    let content = triple_des::encrypt(&plain.bytes, password, protection)?;

    let mut sealed = Stream::new();
    sealed.class_description(CLASS, 0xcd57_ca59_e730_bb53, 0);
    sealed.push(&[TC_ENDBLOCKDATA]);
    sealed.class_description(SEALED_OBJECT, 0x3e36_3da6_c3b7_5470, 4);
    sealed.field(b'[', "encodedParams");
    sealed.string(OCTETS)?;
    sealed.field(b'[', "encryptedContent");
    sealed.reference(2);
    sealed.field(b'L', "paramsAlg");
    sealed.string(TEXT)?;
    sealed.field(b'L', "sealAlg");
    sealed.reference(3);
    sealed.push(&[TC_ENDBLOCKDATA, TC_NULL]);
    sealed.octets_class();
    sealed.octets(&protection.parameters())?;
    sealed.push(&[TC_ARRAY]);
    sealed.reference(5);
    sealed.octets(&content)?;
    sealed.string(ALGORITHM)?;
    sealed.string(ALGORITHM)?;
    Ok(sealed.bytes.to_vec())
}

/// Reads the one object that bytes are.
fn read<'a>(bytes: &'a [u8], classes: &[&str], constants: bool) -> Result<Object<'a>, ProtectorError> {
    let mut cursor = Cursor::new(bytes);
    let object = Object::read(&mut cursor, classes, constants).map_err(ProtectorError::Sealed)?;
    if cursor.rest().is_empty() { Ok(object) } else { Err(odd("something follows the object")) }
}

fn odd(what: &str) -> ProtectorError {
    ProtectorError::Sealed(Problem::Sealed(what.to_owned()))
}

/// A serialization stream with one object, as it is written.
struct Stream {
    bytes: Zeroizing<Vec<u8>>,
}

impl Stream {
    fn new() -> Self {
        let mut stream = Self { bytes: Zeroizing::default() };
        stream.push(&STREAM_MAGIC.to_be_bytes());
        stream.push(&STREAM_VERSION.to_be_bytes());
        stream.push(&[TC_OBJECT]);
        stream
    }

    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    fn class_description(&mut self, name: &str, serial_version: u64, fields: u16) {
        self.push(&[TC_CLASSDESC]);
        self.name(name);
        self.push(&serial_version.to_be_bytes());
        self.push(&[SC_SERIALIZABLE]);
        self.push(&fields.to_be_bytes());
    }

    /// A field; its type follows.
    fn field(&mut self, code: u8, name: &str) {
        self.push(&[code]);
        self.name(name);
    }

    /// The name of a class or a field of ours, which is short.
    fn name(&mut self, name: &str) {
        self.push(&u16::try_from(name.len()).unwrap_or(u16::MAX).to_be_bytes());
        self.push(name.as_bytes());
    }

    fn string(&mut self, text: &str) -> Result<(), ProtectorError> {
        let text = modified_utf8::encode(text);
        let length = u16::try_from(text.len()).map_err(|_| ProtectorError::Length(text.len()))?;
        self.push(&[TC_STRING]);
        self.push(&length.to_be_bytes());
        self.push(&text);
        Ok(())
    }

    /// The class of arrays of bytes, before the first one.
    fn octets_class(&mut self) {
        self.push(&[TC_ARRAY]);
        self.class_description(OCTETS, 0xacf3_17f8_0608_54e0, 0);
        self.push(&[TC_ENDBLOCKDATA, TC_NULL]);
    }

    fn octets(&mut self, octets: &[u8]) -> Result<(), ProtectorError> {
        let length = u32::try_from(octets.len()).map_err(|_| ProtectorError::Length(octets.len()))?;
        self.push(&length.to_be_bytes());
        self.push(octets);
        Ok(())
    }

    /// What appeared at this place among classes and values, the first being 0.
    fn reference(&mut self, place: u8) {
        self.push(&[TC_REFERENCE, 0, 0x7e, 0, place]);
    }
}
