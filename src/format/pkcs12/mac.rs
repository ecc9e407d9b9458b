//! MacData: the integrity of the file (RFC 7292 section 4, and RFC 9879 for PBMAC1).

use hmac::{Hmac, KeyInit};
use zeroize::Zeroizing;

use super::algorithm::{self, Pbkdf2, random, read_hmac, unsupported};
use super::cipher::Secret;
use super::derivations::{self, Derivations, Function, Request};
use super::error::{At, Pkcs12Error, Place};
use super::kdf::Purpose;
use super::oid;
use crate::format::asn1::{self, Reader};
use crate::limits;
use crate::model::entropy::Entropy;
use crate::model::key_store::pfx::{HashFunction, MacScheme};

const PLACE: Place = Place::Mac;

/// What RFC 9879 section 5 puts into the fields that PBMAC1 does not use.
const UNUSED_SALT: &[u8] = b"NOT USED";

/// A MAC as it stands in a file.
pub(super) struct Mac {
    pub(super) scheme: MacScheme,
    salt: Vec<u8>,
    value: Vec<u8>,
}

impl Mac {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Pkcs12Error> {
        let mut fields = reader.sequence("MacData").at(PLACE)?;
        let mut info = fields.sequence("DigestInfo").at(PLACE)?;
        let mut algorithm = info.sequence("digestAlgorithm").at(PLACE)?;
        let value = info.octet_string("digest").at(PLACE)?.into_owned();
        info.end("DigestInfo").at(PLACE)?;
        let kind = algorithm.object_identifier("digestAlgorithm").at(PLACE)?;
        if kind == oid::PBMAC1 {
            return Self::read_pbmac1(&mut algorithm, value);
        }
        let hash = hash_function(kind).ok_or_else(|| unsupported(PLACE, "hash function", kind))?;
        let salt = algorithm::read_salt(&mut fields, PLACE)?;
        let iterations = if fields.is_empty() { 1 } else { algorithm::read_iterations(&mut fields, PLACE)? };
        fields.end("MacData").at(PLACE)?;
        Ok(Self { scheme: MacScheme::Pkcs12 { hash, iterations, salt_length: salt.len() }, salt, value })
    }

    fn read_pbmac1(algorithm: &mut Reader<'_>, value: Vec<u8>) -> Result<Self, Pkcs12Error> {
        let mut fields = algorithm.sequence("PBMAC1 parameters").at(PLACE)?;
        let derivation = Pbkdf2::read(&mut fields, PLACE)?;
        let mut scheme = fields.sequence("messageAuthScheme").at(PLACE)?;
        let hash = read_hmac(&mut scheme, PLACE)?;
        fields.end("PBMAC1 parameters").at(PLACE)?;
        let key_length =
            derivation.key_length.within(limits::PBMAC1_KEY_OCTETS..=limits::DERIVED_OCTETS).at(PLACE)?;
        let Pbkdf2 { salt, iterations, prf, .. } = derivation;
        let scheme = MacScheme::Pbmac1 { hash, prf, iterations, salt_length: salt.len(), key_length };
        Ok(Self { scheme, salt, value })
    }

    /// What deriving its key counts as in [`Derivations`].
    pub(super) fn cost(&self) -> u64 {
        cost(&self.scheme)
    }

    /// Derives the key under the password.
    pub(super) fn keyed(
        &self,
        secret: Secret<'_>,
        derivations: &mut Derivations,
    ) -> Result<KeyedMac<'_>, Pkcs12Error> {
        let (hash, key) = key(&self.scheme, &self.salt, secret, derivations)?;
        Ok(KeyedMac { hash, key, value: &self.value })
    }
}

/// A MAC with the key that a password gives.
pub(super) struct KeyedMac<'a> {
    hash: HashFunction,
    key: Zeroizing<Vec<u8>>,
    value: &'a [u8],
}

impl KeyedMac<'_> {
    /// Whether the MAC is that of the contents. Takes the same time whatever differs.
    pub(super) fn fits(&self, contents: &[u8]) -> bool {
        let value = hmac(self.hash, &self.key, contents);
        aws_lc_rs::constant_time::verify_slices_are_equal(&value, self.value).is_ok()
    }
}

/// The MacData of contents, with a new salt.
pub(super) fn encode(
    scheme: &MacScheme,
    contents: &[u8],
    secret: Secret<'_>,
    entropy: &mut dyn Entropy,
    derivations: &mut Derivations,
) -> Result<Vec<u8>, Pkcs12Error> {
    let (MacScheme::Pkcs12 { salt_length, .. } | MacScheme::Pbmac1 { salt_length, .. }) = scheme;
    let salt = random(*salt_length, entropy)?;
    let (hash, key) = key(scheme, &salt, secret, derivations)?;
    let value = asn1::octet_string(&hmac(hash, &key, contents));
    Ok(match scheme {
        MacScheme::Pkcs12 { hash, iterations, .. } => {
            let algorithm = asn1::sequence(&[asn1::object_identifier(hash_oid(*hash)), asn1::null()]);
            let info = asn1::sequence(&[algorithm, value]);
            asn1::sequence(&[info, asn1::octet_string(&salt), asn1::integer(*iterations)])
        }
        MacScheme::Pbmac1 { hash, prf, iterations, key_length, .. } => {
            let derivation = algorithm::pbkdf2(&salt, *iterations, Some(*key_length), *prf);
            let parameters = asn1::sequence(&[derivation, algorithm::hmac(*hash)]);
            let algorithm = asn1::sequence(&[asn1::object_identifier(oid::PBMAC1), parameters]);
            let info = asn1::sequence(&[algorithm, value]);
            asn1::sequence(&[info, asn1::octet_string(UNUSED_SALT), asn1::integer(1)])
        }
    })
}

/// What deriving the key counts as in [`Derivations`].
pub(super) fn cost(scheme: &MacScheme) -> u64 {
    match *scheme {
        MacScheme::Pkcs12 { hash, iterations, .. } => {
            derivations::cost(hash, iterations, hash.output_length())
        }
        MacScheme::Pbmac1 { prf, iterations, key_length, .. } => {
            derivations::cost(prf, iterations, key_length)
        }
    }
}

/// The key, and the hash function of the HMAC that it is for.
fn key(
    scheme: &MacScheme,
    salt: &[u8],
    secret: Secret<'_>,
    derivations: &mut Derivations,
) -> Result<(HashFunction, Zeroizing<Vec<u8>>), Pkcs12Error> {
    match *scheme {
        MacScheme::Pkcs12 { hash, iterations, .. } => {
            let (function, password) = (Function::Pkcs12(Purpose::Mac), secret.bmp_string());
            let length = hash.output_length();
            let request = Request { function, hash, password: &password, salt, iterations, length };
            Ok((hash, derivations.derive(PLACE, &request)?))
        }
        MacScheme::Pbmac1 { hash, prf, iterations, key_length, .. } => {
            let (function, password) = (Function::Pbkdf2, secret.octets());
            let request =
                Request { function, hash: prf, password: &password, salt, iterations, length: key_length };
            Ok((hash, derivations.derive(PLACE, &request)?))
        }
    }
}

fn hmac(hash: HashFunction, key: &Zeroizing<Vec<u8>>, contents: &[u8]) -> Vec<u8> {
    fn with<M: KeyInit + hmac::Mac>(key: &[u8], contents: &[u8]) -> Vec<u8> {
        // HMAC takes keys of every length; an empty value would equal no MAC of a file.
        let mac = <M as KeyInit>::new_from_slice(key);
        mac.map(|mac| mac.chain_update(contents).finalize().into_bytes().to_vec()).unwrap_or_default()
    }
    let compute = match hash {
        HashFunction::Md5 => with::<Hmac<md5::Md5>>,
        HashFunction::Sha1 => with::<Hmac<sha1::Sha1>>,
        HashFunction::Sha224 => with::<Hmac<sha2::Sha224>>,
        HashFunction::Sha256 => with::<Hmac<sha2::Sha256>>,
        HashFunction::Sha384 => with::<Hmac<sha2::Sha384>>,
        HashFunction::Sha512 => with::<Hmac<sha2::Sha512>>,
        HashFunction::Sha512_224 => with::<Hmac<sha2::Sha512_224>>,
        HashFunction::Sha512_256 => with::<Hmac<sha2::Sha512_256>>,
    };
    compute(key, contents)
}

const HASH_FUNCTIONS: [(&[u8], HashFunction); 8] = [
    (&oid::rsa_digest(5), HashFunction::Md5),
    (oid::SHA1, HashFunction::Sha1),
    (&oid::nist_hash(4), HashFunction::Sha224),
    (&oid::nist_hash(1), HashFunction::Sha256),
    (&oid::nist_hash(2), HashFunction::Sha384),
    (&oid::nist_hash(3), HashFunction::Sha512),
    (&oid::nist_hash(5), HashFunction::Sha512_224),
    (&oid::nist_hash(6), HashFunction::Sha512_256),
];

fn hash_function(kind: &[u8]) -> Option<HashFunction> {
    HASH_FUNCTIONS.iter().find(|(oid, _)| *oid == kind).map(|&(_, hash)| hash)
}

fn hash_oid(hash: HashFunction) -> &'static [u8] {
    HASH_FUNCTIONS.iter().find(|(_, h)| *h == hash).map_or(&[], |&(oid, _)| oid)
}
