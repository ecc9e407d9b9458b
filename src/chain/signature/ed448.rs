//! Ed448 signatures (RFC 8032 section 5.2), with the curve of `ed448-goldilocks-plus`.
//!
//! Its own verifier is not asked: it takes encodings that are not canonical, and refuses keys of small order and zero
//! as a number, both unlike RFC 8032 and the JVM. As in the JVM (`sun.security.ec.ed.EdDSAOperations`), the cofactor
//! is not multiplied in.

#[cfg(test)]
mod tests;

use ed448_goldilocks_plus::{CompressedEdwardsY, EdwardsPoint, Scalar, ScalarBytes, WideScalarBytes};
use shake::Shake256;
use shake::digest::{ExtendableOutput, Update, XofReader};

use super::{SignatureError, Signed};

/// Octets of a point and of a number.
const LENGTH: usize = 57;

/// `dom4` without prehash and context (RFC 8032 section 2), the only use in X.509 (RFC 8410 section 3).
const DOMAIN: &[u8] = b"SigEd448\0\0";

/// Checks a signature with the octets of a public key. A key that is no point of the curve made no signature.
pub(super) fn verify(signed: &Signed<'_>, key: &[u8]) -> Result<(), SignatureError> {
    if is_made_with(key, signed.data, signed.signature) { Ok(()) } else { Err(SignatureError::Bad) }
}

/// Whether `S * B = R + k * A` with `signature = R || S`, `key = A` and `k` the hash of all (RFC 8032 section 5.2.7).
fn is_made_with(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let Some((point_octets, number_octets)) = signature.split_at_checked(LENGTH) else { return false };
    let (Some(public), Some(commitment)) = (point(key), point(point_octets)) else { return false };
    let Some(number) = number(number_octets) else { return false };
    let mut hash = WideScalarBytes::default();
    Shake256::default()
        .chain(DOMAIN)
        .chain(point_octets)
        .chain(key)
        .chain(message)
        .finalize_xof()
        .read(&mut hash);
    let challenge = Scalar::from_bytes_mod_order_wide(&hash);
    EdwardsPoint::GENERATOR * number == commitment + public * challenge
}

/// Decodes a point (section 5.2.3). Only the encoding that the point itself has is taken: `y` below the prime, no
/// sign at a zero, no other bit in the last octet.
fn point(octets: &[u8]) -> Option<EdwardsPoint> {
    let encoded = CompressedEdwardsY(octets.try_into().ok()?);
    let point = Option::<EdwardsPoint>::from(encoded.decompress_unchecked())?;
    (point.compress() == encoded).then_some(point)
}

/// Decodes a number below the order of the base point. The crate looks at the last octet only where the one before
/// is too large.
fn number(octets: &[u8]) -> Option<Scalar> {
    let octets: [u8; LENGTH] = octets.try_into().ok()?;
    let [.., 0] = octets else { return None };
    Scalar::from_canonical_bytes(&ScalarBytes::from(octets)).into()
}
