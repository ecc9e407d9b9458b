//! The protection of private keys in JKS and JCEKS.
//!
//! Both wrap the PKCS8 key in an `EncryptedPrivateKeyInfo` (RFC 5208 section 6) with an algorithm of Sun's
//! own: `sun.security.provider.KeyProtector` (JKS, read in JCEKS too) and
//! `com.sun.crypto.provider.KeyProtector` (JCEKS).

use aws_lc_rs::constant_time;
use sha1::{Digest, Sha1};
use zeroize::Zeroizing;

use super::error::Problem;
use super::triple_des::{self, Protection};
use crate::format::asn1::{self, Asn1Error, Reader};
use crate::format::pkcs12::Derivations;
use crate::limits;
use crate::model::Password;

/// 1.3.6.1.4.1.42.2.17.1.1, of `sun.security.provider.KeyProtector`.
pub(in crate::format) const JKS_PROTECTOR: &[u8] =
    &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x2a, 0x02, 0x11, 0x01, 0x01];
/// 1.3.6.1.4.1.42.2.19.1, PBEWithMD5AndTripleDES of `com.sun.crypto.provider.KeyProtector`.
pub(in crate::format) const JCE_PROTECTOR: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x2a, 0x02, 0x13, 0x01];

const SALT: usize = 20;
const DIGEST: usize = 20;

/// Why a protected key could not be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProtectorError {
    /// No `EncryptedPrivateKeyInfo`, or one that asks for more iterations than [`limits::ITERATIONS`].
    #[error("the protected key cannot be read: {0}")]
    Asn1(#[from] Asn1Error),
    /// Protected by something that JKS and JCEKS do not use.
    #[error("the key is protected by an algorithm that JKS and JCEKS do not have")]
    Algorithm,
    /// The protected octets are not as long as the algorithm makes them.
    #[error("the protected key has an impossible length of {0} bytes")]
    Length(usize),
    /// A key that should be protected with more iterations than [`limits::ITERATIONS`], or with none.
    #[error("{0} iterations are outside the bounds of 1 to {most}", most = limits::ITERATIONS)]
    Iterations(u64),
    /// More iterations for all keys of a file than [`limits::ITERATIONS_PER_FILE`].
    #[error("all key derivations of the file up to here take more than {0} iterations")]
    IterationsPerFile(u64),
    /// A secret key in a sealed object that is not as JCEKS writes one.
    #[error("the sealed key cannot be read: {0}")]
    Sealed(Problem),
    /// A key that OpenJDK 17 could not open: it takes passwords of printable ASCII only. One that OpenJDK 25 has
    /// written under another is read.
    #[error("the password of a key in JCEKS has to be printable ASCII: OpenJDK 17 takes no other")]
    NotAscii,
    /// The check in the key does not fit.
    #[error("wrong password for the key, or damaged key")]
    Integrity,
}

/// Protects a PKCS8 key as `sun.security.provider.KeyProtector` does, and gives the DER of the
/// `EncryptedPrivateKeyInfo`.
///
/// The algorithm is Java's and weak: a key stream of chained SHA-1, without iterations. Nothing is checked
/// about the key.
#[must_use]
pub fn protect_key(pkcs8: &[u8], password: &Password, salt: [u8; SALT]) -> Vec<u8> {
    let secret = password.utf16be();
    let mut protected = Vec::with_capacity(pkcs8.len().saturating_add(SALT + DIGEST));
    protected.extend(salt);
    protected.extend(key_stream(&secret, salt).zip(pkcs8).map(|(k, p)| k ^ p));
    protected.extend(check(&secret, pkcs8));
    let algorithm = asn1::sequence(&[asn1::object_identifier(JKS_PROTECTOR), asn1::null()]);
    asn1::sequence(&[algorithm, asn1::octet_string(&protected)])
}

/// Protects a PKCS8 key as `com.sun.crypto.provider.KeyProtector` does for JCEKS, and gives the DER of the
/// `EncryptedPrivateKeyInfo`. Nothing is checked about the key.
///
/// # Errors
///
/// [`ProtectorError::NotAscii`], [`ProtectorError::Iterations`].
pub fn protect_jceks_key(
    pkcs8: &[u8],
    password: &Password,
    protection: Protection,
) -> Result<Vec<u8>, ProtectorError> {
    let protected = triple_des::encrypt(pkcs8, password, protection)?;
    let algorithm = asn1::sequence(&[asn1::object_identifier(JCE_PROTECTOR), protection.parameters()]);
    Ok(asn1::sequence(&[algorithm, asn1::octet_string(&protected)]))
}

/// Opens a key that JKS or JCEKS protects, and gives its PKCS8 encoding. What the encoding holds is not
/// checked. The iterations of JCEKS count in `derivations`.
///
/// # Errors
///
/// [`ProtectorError`]; [`ProtectorError::Integrity`] for another password.
pub fn recover_key(
    protected: &[u8],
    password: &Password,
    derivations: &mut Derivations,
) -> Result<Zeroizing<Vec<u8>>, ProtectorError> {
    let mut info = Reader::new(protected).sequence("EncryptedPrivateKeyInfo")?;
    let mut algorithm = info.sequence("encryptionAlgorithm")?;
    let oid = algorithm.object_identifier("algorithm")?;
    let octets = info.octet_string("encryptedData")?;
    match oid {
        JKS_PROTECTOR => recover_jks(&octets, password),
        JCE_PROTECTOR => {
            let pkcs8 = triple_des::decrypt(&mut algorithm, &octets, password, derivations)?;
            // One wrong password in 256 leaves a padding that fits; it does not leave a PKCS8 key.
            let mut plausible = Reader::new(&pkcs8).sequence("PrivateKeyInfo");
            match plausible.as_mut().map(|fields| fields.unsigned("version")) {
                Ok(Ok(_)) => Ok(pkcs8),
                _ => Err(ProtectorError::Integrity),
            }
        }
        _ => Err(ProtectorError::Algorithm),
    }
}

fn recover_jks(octets: &[u8], password: &Password) -> Result<Zeroizing<Vec<u8>>, ProtectorError> {
    let length = || ProtectorError::Length(octets.len());
    let (salt, rest) = octets.split_first_chunk::<SALT>().ok_or_else(length)?;
    let (encrypted, expected) = rest.split_last_chunk::<DIGEST>().ok_or_else(length)?;
    let secret = password.utf16be();
    let mut pkcs8 = Zeroizing::new(Vec::with_capacity(encrypted.len()));
    pkcs8.extend(key_stream(&secret, *salt).zip(encrypted).map(|(k, e)| k ^ e));
    constant_time::verify_slices_are_equal(&check(&secret, &pkcs8), expected)
        .map_err(|_| ProtectorError::Integrity)?;
    Ok(pkcs8)
}

/// SHA-1 of the password and the salt, of the password and that digest, and so on.
fn key_stream(secret: &[u8], salt: [u8; SALT]) -> impl Iterator<Item = u8> {
    std::iter::successors(Some(salt), move |last| Some(check(secret, last))).skip(1).flatten()
}

/// SHA-1 of the password and some bytes.
fn check(secret: &[u8], bytes: &[u8]) -> [u8; DIGEST] {
    Sha1::new().chain_update(secret).chain_update(bytes).finalize().into()
}
