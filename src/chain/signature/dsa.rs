//! DSA signatures (FIPS 186-4), with the `dsa` crate. Keys of other sizes than the standard's are not judged.

use dsa::pkcs8::DecodePublicKey as _;
use dsa::signature::hazmat::PrehashVerifier as _;
use dsa::{Signature, VerifyingKey};
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use super::{SignatureError, Signed};
use crate::model::public_key::PublicKey;

/// Checks a signature with the `SubjectPublicKeyInfo` of a DSA key, its parameters included.
pub(super) fn verify(signed: &Signed<'_>, key: &PublicKey) -> Result<(), SignatureError> {
    let name = &signed.algorithm.name;
    let unsupported = || SignatureError::Unsupported(name.clone());
    let hash = match signed.algorithm.digest {
        Some("SHA1") => Sha1::digest(signed.data).to_vec(),
        Some("SHA224") => Sha224::digest(signed.data).to_vec(),
        Some("SHA256") => Sha256::digest(signed.data).to_vec(),
        Some("SHA384") => Sha384::digest(signed.data).to_vec(),
        Some("SHA512") => Sha512::digest(signed.data).to_vec(),
        _ => return Err(unsupported()),
    };
    let usual = matches!(key.bits, Some(1024 | 2048 | 3072));
    let key = VerifyingKey::from_public_key_der(&key.spki).ok().filter(|_| usual).ok_or_else(unsupported)?;
    let signature = Signature::try_from(signed.signature).map_err(|_| SignatureError::Bad)?;
    key.verify_prehash(&hash, &signature).map_err(|_| SignatureError::Bad)
}
