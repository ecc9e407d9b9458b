//! The AlgorithmIdentifiers of encryption: PBES1 and PBES2 (RFC 8018 appendix A), scrypt (RFC 7914 section 7)
//! and RFC 7292 appendix C.

use std::ops::RangeInclusive;

use super::error::{At, Pkcs12Error, Place};
use super::{derivations, oid};
use crate::format::asn1::{self, Asn1Error, Problem, Reader, tag};
use crate::limits;
use crate::model::entropy::Entropy;
use crate::model::key_store::pfx::{Cipher, HashFunction, LegacyCipher, Pbes1Cipher, Scheme};

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
    pub(super) key_length: KeyLength,
    pub(super) prf: HashFunction,
}

/// The length of the derived key, as far as a file names it.
#[derive(Clone, Copy)]
pub(super) struct KeyLength {
    field: &'static str,
    /// Where it stands, or would stand.
    offset: usize,
    octets: Option<u64>,
}

const HMACS: [(u8, HashFunction); 7] = [
    (7, HashFunction::Sha1),
    (8, HashFunction::Sha224),
    (9, HashFunction::Sha256),
    (10, HashFunction::Sha384),
    (11, HashFunction::Sha512),
    (12, HashFunction::Sha512_224),
    (13, HashFunction::Sha512_256),
];

const CIPHERS: [(&[u8], Cipher); 6] = [
    (oid::AES128_CBC, Cipher::Aes128),
    (oid::AES192_CBC, Cipher::Aes192),
    (oid::AES256_CBC, Cipher::Aes256),
    (oid::TRIPLE_DES_CBC, Cipher::TripleDes),
    (oid::DES_CBC, Cipher::Des),
    (oid::RC2_CBC, Cipher::Rc2With128Bits),
];

/// The numbers of PBES1 in the arc pkcs-5. Those with MD2 are too old for anything.
const PBES1: [(u8, HashFunction, Pbes1Cipher); 4] = [
    (3, HashFunction::Md5, Pbes1Cipher::Des),
    (6, HashFunction::Md5, Pbes1Cipher::Rc2),
    (10, HashFunction::Sha1, Pbes1Cipher::Des),
    (11, HashFunction::Sha1, Pbes1Cipher::Rc2),
];

/// Octets of salt in PBES1.
const PBES1_SALT: usize = 8;

/// What RC2 writes for an effective key of 128 bits (RFC 2268 section 6).
const RC2_128_BITS: u64 = 58;

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
            Scheme::Pbes2 { cipher, salt_length, .. } | Scheme::Scrypt { cipher, salt_length, .. } => {
                (*salt_length, cipher.block_length())
            }
            Scheme::Pbes1 { .. } => (PBES1_SALT, 0),
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
        if let Some(&(_, hash, cipher)) = PBES1.iter().find(|(number, ..)| algorithm == oid::pkcs5(*number)) {
            let mut fields = fields.sequence("PBE parameters").at(place)?;
            let salt = read_salt(&mut fields, place)?;
            let iterations = read_iterations(&mut fields, place)?;
            return Ok(Self { scheme: Scheme::Pbes1 { cipher, hash, iterations }, salt, iv: Vec::new() });
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
        let derivation = Derivation::read(&mut fields, place)?;
        let mut scheme = fields.sequence("PBES2 encryption scheme").at(place)?;
        let algorithm = scheme.object_identifier("PBES2 encryption scheme").at(place)?;
        let Some(&(_, cipher)) = CIPHERS.iter().find(|(oid, _)| *oid == algorithm) else {
            return Err(unsupported(place, "cipher", algorithm));
        };
        let iv = read_iv(cipher, &mut scheme, place)?;
        let key_length = derivation.key_length();
        let key_length_written = key_length.octets.is_some();
        if key_length_written {
            key_length.within(cipher.key_length()..=cipher.key_length()).at(place)?;
        }
        Ok(match derivation {
            Derivation::Pbkdf2(Pbkdf2 { salt, iterations, prf, .. }) => {
                let salt_length = salt.len();
                let scheme = Scheme::Pbes2 { cipher, prf, iterations, salt_length, key_length_written };
                Self { scheme, salt, iv }
            }
            Derivation::Scrypt(Scrypt { salt, cost, block_size, parallelization, .. }) => {
                let salt_length = salt.len();
                let scheme = Scheme::Scrypt {
                    cipher,
                    cost,
                    block_size,
                    parallelization,
                    salt_length,
                    key_length_written,
                };
                Self { scheme, salt, iv }
            }
        })
    }

    /// The AlgorithmIdentifier.
    pub(super) fn encode(&self) -> Vec<u8> {
        match &self.scheme {
            Scheme::Pbes2 { cipher, prf, iterations, key_length_written, .. } => {
                let key_length = key_length_written.then(|| cipher.key_length());
                pbes2(pbkdf2(&self.salt, *iterations, key_length, *prf), *cipher, &self.iv)
            }
            Scheme::Scrypt { cipher, cost, block_size, parallelization, key_length_written, .. } => {
                let mut parameters = vec![
                    asn1::octet_string(&self.salt),
                    asn1::integer(*cost),
                    asn1::integer(u64::from(*block_size)),
                    asn1::integer(u64::from(*parallelization)),
                ];
                parameters.extend(key_length_written.then(|| length(cipher.key_length())));
                let derivation =
                    asn1::sequence(&[asn1::object_identifier(oid::SCRYPT), asn1::sequence(&parameters)]);
                pbes2(derivation, *cipher, &self.iv)
            }
            Scheme::Pbes1 { cipher, hash, iterations } => {
                let number = PBES1.iter().find(|(_, h, c)| (h, c) == (hash, cipher)).map_or(0, |(n, ..)| *n);
                let parameters =
                    asn1::sequence(&[asn1::octet_string(&self.salt), asn1::integer(*iterations)]);
                asn1::sequence(&[asn1::object_identifier(&oid::pkcs5(number)), parameters])
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

/// The key derivation function of PBES2.
enum Derivation {
    Pbkdf2(Pbkdf2),
    Scrypt(Scrypt),
}

/// The parameters of scrypt, within their bounds.
struct Scrypt {
    salt: Vec<u8>,
    cost: u64,
    block_size: u32,
    parallelization: u32,
    key_length: KeyLength,
}

impl Derivation {
    fn read(reader: &mut Reader<'_>, place: Place) -> Result<Self, Pkcs12Error> {
        let mut ahead = reader.clone().sequence("key derivation function").at(place)?;
        if ahead.object_identifier("key derivation function").at(place)? != oid::SCRYPT {
            return Pbkdf2::read(reader, place).map(Self::Pbkdf2);
        }
        reader.any("key derivation function").at(place)?;
        let mut fields = ahead.sequence("scrypt parameters").at(place)?;
        let salt = read_salt(&mut fields, place)?;
        let cost = fields.unsigned("scrypt cost").at(place)?;
        let mut small = |field| {
            let number = fields.unsigned(field).at(place)?;
            u32::try_from(number).map_err(|_| memory(place))
        };
        let (block_size, parallelization) = (small("scrypt block size")?, small("scrypt parallelization")?);
        let key_length = KeyLength::read(&mut fields, "scrypt key length").at(place)?;
        fields.end("scrypt parameters").at(place)?;
        scrypt_parameters(cost, block_size, parallelization, place)?;
        Ok(Self::Scrypt(Scrypt { salt, cost, block_size, parallelization, key_length }))
    }

    fn key_length(&self) -> KeyLength {
        match self {
            Self::Pbkdf2(pbkdf2) => pbkdf2.key_length,
            Self::Scrypt(scrypt) => scrypt.key_length,
        }
    }
}

/// Checks the parameters of scrypt against the bounds, and gives what its work counts as in iterations.
pub(super) fn scrypt_parameters(
    cost: u64,
    block_size: u32,
    parallelization: u32,
    place: Place,
) -> Result<(scrypt::Params, u64), Pkcs12Error> {
    if cost < 2 || !cost.is_power_of_two() || block_size == 0 || parallelization == 0 {
        return Err(parameter(place, "scrypt with parameters that it does not allow"));
    }
    let (block_size_wide, parallelization_wide) = (u64::from(block_size), u64::from(parallelization));
    let blocks = cost.saturating_add(parallelization_wide);
    if blocks.saturating_mul(block_size_wide).saturating_mul(128) > limits::SCRYPT_BYTES {
        return Err(memory(place));
    }
    let work = cost.saturating_mul(block_size_wide).saturating_mul(parallelization_wide);
    derivations::check_iterations(place, work)?;
    let log = u8::try_from(cost.trailing_zeros()).unwrap_or(u8::MAX);
    let parameters = scrypt::Params::new(log, block_size, parallelization).map_err(|_| memory(place))?;
    Ok((parameters, work))
}

impl KeyLength {
    fn read(fields: &mut Reader<'_>, field: &'static str) -> Result<Self, Asn1Error> {
        let offset = fields.offset();
        let value = fields.optional(tag::INTEGER, field)?;
        let octets = value.map(|value| value.unsigned(field)).transpose()?;
        Ok(Self { field, offset, octets })
    }

    /// The length, which has bounds and may not be missing.
    pub(super) fn within(&self, bounds: RangeInclusive<usize>) -> Result<usize, Asn1Error> {
        let [least, most] =
            [bounds.start(), bounds.end()].map(|&bound| u64::try_from(bound).unwrap_or(u64::MAX));
        let problem = match self.octets {
            None => Problem::Content("it is missing"),
            Some(found) => match usize::try_from(found) {
                Ok(length) if bounds.contains(&length) => return Ok(length),
                _ => Problem::Bounds { found, least, most },
            },
        };
        Err(Asn1Error { field: self.field, offset: self.offset, problem })
    }
}

impl Pbkdf2 {
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
        let key_length = KeyLength::read(&mut fields, "PBKDF2 key length").at(place)?;
        let prf = match fields.optional(tag::SEQUENCE, "PBKDF2 PRF").at(place)? {
            Some(value) => read_hmac(&mut value.reader(), place)?,
            None => HashFunction::Sha1,
        };
        fields.end("PBKDF2 parameters").at(place)?;
        Ok(Self { salt, iterations, key_length, prf })
    }
}

/// The AlgorithmIdentifier of PBKDF2. The default PRF is left out, as DER demands.
pub(super) fn pbkdf2(salt: &[u8], iterations: u64, key_length: Option<usize>, prf: HashFunction) -> Vec<u8> {
    let mut parameters = vec![asn1::octet_string(salt), asn1::integer(iterations)];
    parameters.extend(key_length.map(length));
    if prf != HashFunction::Sha1 {
        parameters.push(hmac(prf));
    }
    asn1::sequence(&[asn1::object_identifier(oid::PBKDF2), asn1::sequence(&parameters)])
}

/// The AlgorithmIdentifier of PBES2.
fn pbes2(derivation: Vec<u8>, cipher: Cipher, iv: &[u8]) -> Vec<u8> {
    let algorithm = CIPHERS.iter().find(|(_, c)| *c == cipher).map_or(&[][..], |(oid, _)| oid);
    let iv = match cipher {
        Cipher::Rc2With128Bits => asn1::sequence(&[asn1::integer(RC2_128_BITS), asn1::octet_string(iv)]),
        _ => asn1::octet_string(iv),
    };
    let scheme = asn1::sequence(&[asn1::object_identifier(algorithm), iv]);
    asn1::sequence(&[asn1::object_identifier(oid::PBES2), asn1::sequence(&[derivation, scheme])])
}

fn length(length: usize) -> Vec<u8> {
    asn1::integer(u64::try_from(length).unwrap_or(u64::MAX))
}

/// The initialization vector of a cipher, alone or with the version that RC2 has before it.
fn read_iv(cipher: Cipher, scheme: &mut Reader<'_>, place: Place) -> Result<Vec<u8>, Pkcs12Error> {
    const FIELD: &str = "initialization vector";
    let offset = scheme.offset();
    let iv = if cipher == Cipher::Rc2With128Bits {
        let mut fields = scheme.sequence("RC2 parameters").at(place)?;
        let version = fields.optional(tag::INTEGER, "RC2 version").at(place)?;
        let version = version.map(|version| version.unsigned("RC2 version")).transpose().at(place)?;
        if version != Some(RC2_128_BITS) {
            return Err(parameter(place, "RC2 with an effective key of other than 128 bits"));
        }
        fields.octet_string(FIELD).at(place)?.into_owned()
    } else {
        scheme.octet_string(FIELD).at(place)?.into_owned()
    };
    if iv.len() != cipher.block_length() {
        let problem = Problem::Content("it is not as long as a block of the cipher");
        return Err(Asn1Error { field: FIELD, offset, problem }).at(place);
    }
    Ok(iv)
}

fn memory(place: Place) -> Pkcs12Error {
    Pkcs12Error::Memory { place, limit: limits::SCRYPT_BYTES }
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
