//! The AlgorithmIdentifiers of encryption: PBES2 (RFC 8018 appendix A) and RFC 7292 appendix C.

use std::ops::RangeInclusive;

use super::error::{At, Pkcs12Error, Place};
use super::oid;
use crate::format::asn1::{self, Asn1Error, Problem, Reader, tag};
use crate::limits;
use crate::model::entropy::Entropy;
use crate::model::key_store::pfx::{Cipher, HashFunction, LegacyCipher, Scheme};

/// A scheme with the salt and initialization vector of one encryption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Encryption {
    pub(super) scheme: Scheme,
    pub(super) salt: Vec<u8>,
    /// Empty where it comes from the key derivation.
    pub(super) iv: Vec<u8>,
}

/// The parameters of PBKDF2.
pub(super) struct Pbkdf2 {
    pub(super) salt: Vec<u8>,
    pub(super) iterations: u64,
    pub(super) key_length: Option<u64>,
    /// Where the length of the key stands, or would stand.
    key_length_offset: usize,
    pub(super) prf: HashFunction,
}

const KEY_LENGTH: &str = "PBKDF2 key length";

const HMACS: [(u8, HashFunction); 7] = [
    (7, HashFunction::Sha1),
    (8, HashFunction::Sha224),
    (9, HashFunction::Sha256),
    (10, HashFunction::Sha384),
    (11, HashFunction::Sha512),
    (12, HashFunction::Sha512_224),
    (13, HashFunction::Sha512_256),
];

const CIPHERS: [(&[u8], Cipher); 4] = [
    (oid::AES128_CBC, Cipher::Aes128),
    (oid::AES192_CBC, Cipher::Aes192),
    (oid::AES256_CBC, Cipher::Aes256),
    (oid::TRIPLE_DES_CBC, Cipher::TripleDes),
];

const LEGACY_CIPHERS: [(u8, LegacyCipher); 6] = [
    (1, LegacyCipher::Rc4With128Bits),
    (2, LegacyCipher::Rc4With40Bits),
    (3, LegacyCipher::TripleDes),
    (4, LegacyCipher::TwoKeyTripleDes),
    (5, LegacyCipher::Rc2With128Bits),
    (6, LegacyCipher::Rc2With40Bits),
];

impl Encryption {
    /// The same scheme with a salt and an initialization vector of its own.
    pub(super) fn new(scheme: &Scheme, entropy: &mut dyn Entropy) -> Result<Self, Pkcs12Error> {
        let (salt_length, iv_length) = match scheme {
            Scheme::Pbes2 { cipher, salt_length, .. } => (*salt_length, cipher.block_length()),
            Scheme::Pkcs12 { salt_length, .. } => (*salt_length, 0),
        };
        let salt = random(salt_length, entropy)?;
        Ok(Self { scheme: scheme.clone(), salt, iv: random(iv_length, entropy)? })
    }

    /// Reads an AlgorithmIdentifier.
    pub(super) fn read(reader: &mut Reader<'_>, place: Place) -> Result<Self, Pkcs12Error> {
        let mut fields = reader.sequence("encryption algorithm").at(place)?;
        let algorithm = fields.object_identifier("encryption algorithm").at(place)?;
        if algorithm == oid::PBES2 {
            return Self::read_pbes2(&mut fields, place);
        }
        let legacy = LEGACY_CIPHERS.iter().find(|(number, _)| algorithm == oid::pbe(*number));
        let Some(&(_, cipher)) = legacy else {
            return Err(unsupported(place, "encryption algorithm", algorithm));
        };
        let mut fields = fields.sequence("PBE parameters").at(place)?;
        let salt = read_salt(&mut fields, place)?;
        let iterations = read_iterations(&mut fields, place)?;
        let scheme = Scheme::Pkcs12 { cipher, iterations, salt_length: salt.len() };
        Ok(Self { scheme, salt, iv: Vec::new() })
    }

    fn read_pbes2(fields: &mut Reader<'_>, place: Place) -> Result<Self, Pkcs12Error> {
        let mut fields = fields.sequence("PBES2 parameters").at(place)?;
        let pbkdf2 = Pbkdf2::read(&mut fields, place)?;
        let mut scheme = fields.sequence("PBES2 encryption scheme").at(place)?;
        let algorithm = scheme.object_identifier("PBES2 encryption scheme").at(place)?;
        let Some(&(_, cipher)) = CIPHERS.iter().find(|(oid, _)| *oid == algorithm) else {
            return Err(unsupported(place, "cipher", algorithm));
        };
        let mut after_iv = scheme.clone();
        let iv = after_iv.octet_string("initialization vector").at(place)?.into_owned();
        if iv.len() != cipher.block_length() {
            let problem = Problem::Content("it is not as long as a block of the cipher");
            return Err(scheme.error("initialization vector", problem)).at(place);
        }
        if pbkdf2.key_length.is_some() {
            pbkdf2.key_length_within(cipher.key_length()..=cipher.key_length()).at(place)?;
        }
        let scheme = Scheme::Pbes2 {
            cipher,
            prf: pbkdf2.prf,
            iterations: pbkdf2.iterations,
            salt_length: pbkdf2.salt.len(),
            key_length_written: pbkdf2.key_length.is_some(),
        };
        Ok(Self { scheme, salt: pbkdf2.salt, iv })
    }

    /// The AlgorithmIdentifier.
    pub(super) fn encode(&self) -> Vec<u8> {
        match &self.scheme {
            Scheme::Pbes2 { cipher, prf, iterations, key_length_written, .. } => {
                let key_length = key_length_written.then(|| cipher.key_length());
                let derivation = pbkdf2(&self.salt, *iterations, key_length, *prf);
                let algorithm = CIPHERS.iter().find(|(_, c)| c == cipher).map_or(&[][..], |(oid, _)| oid);
                let scheme =
                    asn1::sequence(&[asn1::object_identifier(algorithm), asn1::octet_string(&self.iv)]);
                asn1::sequence(&[asn1::object_identifier(oid::PBES2), asn1::sequence(&[derivation, scheme])])
            }
            Scheme::Pkcs12 { cipher, iterations, .. } => {
                let number = LEGACY_CIPHERS.iter().find(|(_, c)| c == cipher).map_or(0, |(n, _)| *n);
                let parameters =
                    asn1::sequence(&[asn1::octet_string(&self.salt), asn1::integer(*iterations)]);
                asn1::sequence(&[asn1::object_identifier(&oid::pbe(number)), parameters])
            }
        }
    }
}

impl Pbkdf2 {
    /// The length of the key, which has bounds and may not be missing.
    pub(super) fn key_length_within(&self, bounds: RangeInclusive<usize>) -> Result<usize, Asn1Error> {
        let [least, most] =
            [bounds.start(), bounds.end()].map(|&bound| u64::try_from(bound).unwrap_or(u64::MAX));
        let problem = match self.key_length {
            None => Problem::Content("it is missing"),
            Some(found) => match usize::try_from(found) {
                Ok(length) if bounds.contains(&length) => return Ok(length),
                _ => Problem::Bounds { found, least, most },
            },
        };
        Err(Asn1Error { field: KEY_LENGTH, offset: self.key_length_offset, problem })
    }

    /// Reads the AlgorithmIdentifier of a key derivation function, which must be PBKDF2.
    pub(super) fn read(reader: &mut Reader<'_>, place: Place) -> Result<Self, Pkcs12Error> {
        let mut fields = reader.sequence("key derivation function").at(place)?;
        let function = fields.object_identifier("key derivation function").at(place)?;
        if function != oid::PBKDF2 {
            return Err(unsupported(place, "key derivation function", function));
        }
        let mut fields = fields.sequence("PBKDF2 parameters").at(place)?;
        if fields.peek() == Some(tag::SEQUENCE) {
            return Err(parameter(place, "PBKDF2 with a salt from elsewhere"));
        }
        let salt = read_salt(&mut fields, place)?;
        let iterations = read_iterations(&mut fields, place)?;
        let key_length_offset = fields.offset();
        let key_length = match fields.optional(tag::INTEGER, KEY_LENGTH).at(place)? {
            Some(value) => Some(value.unsigned(KEY_LENGTH).at(place)?),
            None => None,
        };
        let prf = match fields.optional(tag::SEQUENCE, "PBKDF2 PRF").at(place)? {
            Some(value) => read_hmac(&mut value.reader(), place)?,
            None => HashFunction::Sha1,
        };
        fields.end("PBKDF2 parameters").at(place)?;
        Ok(Self { salt, iterations, key_length, key_length_offset, prf })
    }
}

/// The AlgorithmIdentifier of PBKDF2. The default PRF is left out, as DER demands.
pub(super) fn pbkdf2(salt: &[u8], iterations: u64, key_length: Option<usize>, prf: HashFunction) -> Vec<u8> {
    let mut parameters = vec![asn1::octet_string(salt), asn1::integer(iterations)];
    parameters.extend(key_length.map(|length| asn1::integer(u64::try_from(length).unwrap_or(u64::MAX))));
    if prf != HashFunction::Sha1 {
        parameters.push(hmac(prf));
    }
    asn1::sequence(&[asn1::object_identifier(oid::PBKDF2), asn1::sequence(&parameters)])
}

/// Reads what stands in the AlgorithmIdentifier of an HMAC.
pub(super) fn read_hmac(fields: &mut Reader<'_>, place: Place) -> Result<HashFunction, Pkcs12Error> {
    let algorithm = fields.object_identifier("HMAC").at(place)?;
    let known = HMACS.iter().find(|(number, _)| algorithm == oid::rsa_digest(*number));
    known.map(|&(_, hash)| hash).ok_or_else(|| unsupported(place, "HMAC", algorithm))
}

/// The AlgorithmIdentifier of an HMAC.
pub(super) fn hmac(hash: HashFunction) -> Vec<u8> {
    let number = HMACS.iter().find(|(_, h)| *h == hash).map_or(0, |(number, _)| *number);
    asn1::sequence(&[asn1::object_identifier(&oid::rsa_digest(number)), asn1::null()])
}

pub(super) fn read_salt(fields: &mut Reader<'_>, place: Place) -> Result<Vec<u8>, Pkcs12Error> {
    let offset = fields.offset();
    let salt = fields.octet_string("salt").at(place)?;
    if salt.len() > limits::SALT_OCTETS {
        let problem = Problem::Content("the salt is longer than any");
        return Err(Asn1Error { field: "salt", offset, problem }).at(place);
    }
    Ok(salt.into_owned())
}

pub(super) fn read_iterations(fields: &mut Reader<'_>, place: Place) -> Result<u64, Pkcs12Error> {
    fields.bounded("iterations", 1..=limits::ITERATIONS).at(place)
}

pub(super) fn random(length: usize, entropy: &mut dyn Entropy) -> Result<Vec<u8>, Pkcs12Error> {
    let mut octets = vec![0; length.min(limits::SALT_OCTETS)];
    entropy.fill(&mut octets)?;
    Ok(octets)
}

pub(super) fn unsupported(place: Place, what: &'static str, algorithm: &[u8]) -> Pkcs12Error {
    Pkcs12Error::Unsupported { place, what, oid: oid::describe(algorithm) }
}

pub(super) fn parameter(place: Place, problem: &'static str) -> Pkcs12Error {
    Pkcs12Error::Parameter { place, problem }
}
