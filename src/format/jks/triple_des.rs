//! PBEWithMD5AndTripleDES, the encryption of keys in JCEKS (`com.sun.crypto.provider.PBES1Core`).
//!
//! Triple DES in CBC mode; key and initialization vector are MD5 chained over each half of the salt, with the
//! password. Weak, and Java's own: nothing else has it.

use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use md5::{Digest, Md5};
use zeroize::{Zeroize, Zeroizing};

use super::key_protector::ProtectorError;
use crate::format::asn1::{self, Reader};
use crate::format::pkcs12::Derivations;
use crate::limits;
use crate::model::Password;

const SALT: usize = 8;
const BLOCK: usize = 8;

/// The parameters of one protection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protection {
    /// Random octets, new for each key.
    pub salt: [u8; SALT],
    /// How often MD5 is applied: 1 to [`limits::ITERATIONS`].
    pub iterations: u64,
}

impl Protection {
    /// What Java takes where `jdk.jceks.iterationCount` says nothing else.
    pub const ITERATIONS: u64 = 200_000;

    /// A protection with Java's count of iterations.
    #[must_use]
    pub fn new(salt: [u8; SALT]) -> Self {
        Self { salt, iterations: Self::ITERATIONS }
    }

    /// PBEParameter (RFC 8018 appendix A.3).
    pub(super) fn parameters(&self) -> Vec<u8> {
        asn1::sequence(&[asn1::octet_string(&self.salt), asn1::integer(self.iterations)])
    }

    fn read(parameters: &mut Reader<'_>) -> Result<Self, ProtectorError> {
        let mut fields = parameters.sequence("parameters")?;
        let salt = fields.octet_string("salt")?;
        let salt = (*salt).try_into().map_err(|_| ProtectorError::Length(salt.len()))?;
        Ok(Self { salt, iterations: fields.bounded("iterations", 1..=limits::ITERATIONS)? })
    }

    /// The password's octets, if they and the iterations are within the bounds that every JVM keeps.
    fn secret<'p>(&self, password: &'p Password) -> Result<&'p [u8], ProtectorError> {
        if !(1..=limits::ITERATIONS).contains(&self.iterations) {
            return Err(ProtectorError::Iterations(self.iterations));
        }
        let secret = password.reveal().as_bytes();
        // `PBEKey` of OpenJDK 17 takes these, and a zero octet alone; that of 25 takes the UTF-8 of any.
        if secret == [0] || secret.iter().all(|b| matches!(b, 0x20..=0x7e)) {
            Ok(secret)
        } else {
            Err(ProtectorError::NotAscii)
        }
    }
}

/// Decrypts under the parameters that a reader stands before. A padding that is none is
/// [`ProtectorError::Integrity`]; one that fits by chance is for the caller to find out.
pub(super) fn decrypt(
    parameters: &mut Reader<'_>,
    octets: &[u8],
    password: &Password,
    derivations: &mut Derivations,
) -> Result<Zeroizing<Vec<u8>>, ProtectorError> {
    let protection = Protection::read(parameters)?;
    let secret = password.reveal().as_bytes();
    derivations.charge(protection.iterations).map_err(ProtectorError::IterationsPerFile)?;
    let (key, iv) = derive(secret, protection);
    let mut buffer = Zeroizing::new(octets.to_vec());
    let cipher = cbc::Decryptor::<des::TdesEde3>::new_from_slices(&*key, &iv)
        .map_err(|_| ProtectorError::Algorithm)?;
    let length = cipher.decrypt_padded::<Pkcs7>(&mut buffer).map_err(|_| ProtectorError::Integrity)?.len();
    buffer.truncate(length);
    Ok(buffer)
}

/// Encrypts.
pub(super) fn encrypt(
    plaintext: &[u8],
    password: &Password,
    protection: Protection,
) -> Result<Vec<u8>, ProtectorError> {
    let (key, iv) = derive(protection.secret(password)?, protection);
    let padded = (plaintext.len() / BLOCK).saturating_add(1).saturating_mul(BLOCK);
    let mut buffer = Vec::with_capacity(padded);
    buffer.extend_from_slice(plaintext);
    buffer.resize(padded, 0);
    let cipher = cbc::Encryptor::<des::TdesEde3>::new_from_slices(&*key, &iv)
        .map_err(|_| ProtectorError::Algorithm)?;
    cipher
        .encrypt_padded::<Pkcs7>(&mut buffer, plaintext.len())
        .map_err(|_| ProtectorError::Length(plaintext.len()))?;
    Ok(buffer)
}

/// Sixteen octets of each half of the salt. Where both halves are the same, the first is turned around.
fn derive(secret: &[u8], protection: Protection) -> (Zeroizing<[u8; 24]>, [u8; BLOCK]) {
    let [a, b, c, d, second @ ..] = protection.salt;
    let first = if [a, b, c, d] == second { [d, c, b, a] } else { [a, b, c, d] };
    let mut derived = Zeroizing::new([0u8; 32]);
    for (half, out) in [first, second].into_iter().zip(derived.chunks_exact_mut(16)) {
        let mut digest: [u8; 16] = Md5::new().chain_update(half).chain_update(secret).finalize().into();
        for _ in 1..protection.iterations {
            digest = Md5::new().chain_update(digest).chain_update(secret).finalize().into();
        }
        out.copy_from_slice(&digest);
        digest.zeroize();
    }
    let mut key = Zeroizing::new([0u8; 24]);
    let mut iv = [0u8; BLOCK];
    for (out, &octet) in key.iter_mut().chain(&mut iv).zip(derived.iter()) {
        *out = octet;
    }
    (key, iv)
}
