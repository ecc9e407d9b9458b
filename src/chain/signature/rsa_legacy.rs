//! RSA signatures with parameters that aws-lc-rs does not take: RFC 8017 sections 8.1.2 and 8.2.2.
//!
//! Only public-key operations of the `rsa` crate are used; its known timing weakness is one of private keys.

use aws_lc_rs::signature::{self, VerificationAlgorithm};
use md5::Md5;
use rsa::traits::PublicKeyParts;
use rsa::{BigUint, Pkcs1v15Sign, RsaPublicKey};
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};
use x509_parser::asn1_rs::{Any, Integer, Sequence, Tag};
use x509_parser::prelude::FromDer as _;
use x509_parser::signature_algorithm::RsaSsaPssParams;

use super::{SignatureError, Signed};
use crate::limits;
use crate::model::public_key::SignatureAlgorithm;

/// A digest with what RSA padding needs to know of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DigestKind {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Sha512T224,
    Sha512T256,
}

impl DigestKind {
    fn of_name(name: &str) -> Option<Self> {
        Some(match name {
            "MD5" => Self::Md5,
            "SHA1" => Self::Sha1,
            "SHA224" => Self::Sha224,
            "SHA256" => Self::Sha256,
            "SHA384" => Self::Sha384,
            "SHA512" => Self::Sha512,
            "SHA512/224" => Self::Sha512T224,
            "SHA512/256" => Self::Sha512T256,
            _ => return None,
        })
    }

    fn of_oid(oid: &str) -> Option<Self> {
        Some(match oid {
            "1.3.14.3.2.26" => Self::Sha1,
            "2.16.840.1.101.3.4.2.4" => Self::Sha224,
            "2.16.840.1.101.3.4.2.1" => Self::Sha256,
            "2.16.840.1.101.3.4.2.2" => Self::Sha384,
            "2.16.840.1.101.3.4.2.3" => Self::Sha512,
            "2.16.840.1.101.3.4.2.5" => Self::Sha512T224,
            "2.16.840.1.101.3.4.2.6" => Self::Sha512T256,
            _ => return None,
        })
    }

    fn hash(self, parts: &[&[u8]]) -> Vec<u8> {
        fn run<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
            let mut digest = D::new();
            parts.iter().for_each(|part| digest.update(part));
            digest.finalize().to_vec()
        }
        match self {
            Self::Md5 => run::<Md5>(parts),
            Self::Sha1 => run::<Sha1>(parts),
            Self::Sha224 => run::<Sha224>(parts),
            Self::Sha256 => run::<Sha256>(parts),
            Self::Sha384 => run::<Sha384>(parts),
            Self::Sha512 => run::<Sha512>(parts),
            Self::Sha512T224 => run::<Sha512_224>(parts),
            Self::Sha512T256 => run::<Sha512_256>(parts),
        }
    }

    fn length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha224 | Self::Sha512T224 => 28,
            Self::Sha256 | Self::Sha512T256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The DER of `DigestInfo` up to the digest itself (RFC 8017 section 9.2, note 1).
    fn digest_info(self) -> Vec<u8> {
        let oid: &[u8] = match self {
            Self::Md5 => &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05],
            Self::Sha1 => &[0x2b, 0x0e, 0x03, 0x02, 0x1a],
            Self::Sha224 => &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x04],
            Self::Sha256 => &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01],
            Self::Sha384 => &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02],
            Self::Sha512 => &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03],
            Self::Sha512T224 => &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x05],
            Self::Sha512T256 => &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x06],
        };
        let octet = |n: usize| u8::try_from(n).unwrap_or(u8::MAX);
        let digest = self.length();
        let mut out = vec![0x30, octet(oid.len() + digest + 8), 0x30, octet(oid.len() + 4)];
        out.extend([0x06, octet(oid.len())]);
        out.extend(oid);
        out.extend([0x05, 0x00, 0x04, octet(digest)]);
        out
    }
}

/// RSASSA-PKCS1-v1_5 with any digest that is known here. `key` is the DER of `RSAPublicKey`.
pub(super) fn verify_pkcs1(signed: &Signed<'_>, key: &[u8]) -> Result<(), SignatureError> {
    let name = &signed.algorithm.name;
    let digest = signed
        .algorithm
        .digest
        .and_then(DigestKind::of_name)
        .ok_or_else(|| SignatureError::Unsupported(name.clone()))?;
    let scheme =
        Pkcs1v15Sign { hash_len: Some(digest.length()), prefix: digest.digest_info().into_boxed_slice() };
    public_key(key)?
        .verify(scheme, &digest.hash(&[signed.data]), signed.signature)
        .map_err(|_| SignatureError::Bad)
}

/// RSASSA-PSS with the parameters of the algorithm identifier (RFC 4055 section 3.1).
/// `key` is the DER of `RSAPublicKey`; restrictions in the parameters of a PSS key are not looked at.
pub(super) fn verify_pss(signed: &Signed<'_>, key: &[u8]) -> Result<(), SignatureError> {
    let parameters = PssParameters::of(signed.algorithm)?;
    let public = public_key(key)?;
    if let Some(fast) = parameters.standard(public.n().bits()) {
        return super::check(fast, key, signed);
    }
    let hashed = parameters.digest.hash(&[signed.data]);
    let signature = BigUint::from_bytes_be(signed.signature);
    if signed.signature.len() != public.n().bits().div_ceil(8) || &signature >= public.n() {
        return Err(SignatureError::Bad);
    }
    let bits = public.n().bits().saturating_sub(1);
    let message = signature.modpow(public.e(), public.n()).to_bytes_be();
    let length = bits.div_ceil(8);
    let missing = length.checked_sub(message.len()).ok_or(SignatureError::Bad)?;
    let mut encoded = vec![0; missing];
    encoded.extend(message);
    if parameters.fits(&hashed, &encoded, bits) { Ok(()) } else { Err(SignatureError::Bad) }
}

/// Whether SHA-1 is the digest of an RSASSA-PSS signature: named so, or not named at all.
pub(super) fn pss_rests_on_sha1(algorithm: &SignatureAlgorithm) -> bool {
    PssParameters::of(algorithm).is_ok_and(|parameters| parameters.digest == DigestKind::Sha1)
}

struct PssFields {
    digest: Option<String>,
    mask: Option<String>,
    salt: usize,
}

struct PssParameters {
    digest: DigestKind,
    mask: DigestKind,
    salt: usize,
}

impl PssParameters {
    fn of(algorithm: &SignatureAlgorithm) -> Result<Self, SignatureError> {
        let unreadable = || SignatureError::Malformed("its RSASSA-PSS parameters are not readable");
        let unsupported = |oid: String| SignatureError::Unsupported(format!("RSASSA-PSS over {oid}"));
        let read = read_pss(algorithm).ok_or_else(unreadable)?;
        // Absent fields have the RFC's SHA-1 defaults.
        let known = |oid: Option<String>| match oid {
            None => Ok(DigestKind::Sha1),
            Some(oid) => DigestKind::of_oid(&oid).ok_or_else(|| unsupported(oid)),
        };
        Ok(Self { digest: known(read.digest)?, mask: known(read.mask)?, salt: read.salt })
    }

    fn standard(&self, bits: usize) -> Option<&'static dyn VerificationAlgorithm> {
        let usual = self.digest == self.mask && self.salt == self.digest.length();
        if !usual || !(2048..=8192).contains(&bits) {
            return None;
        }
        match self.digest {
            DigestKind::Sha256 => Some(&signature::RSA_PSS_2048_8192_SHA256),
            DigestKind::Sha384 => Some(&signature::RSA_PSS_2048_8192_SHA384),
            DigestKind::Sha512 => Some(&signature::RSA_PSS_2048_8192_SHA512),
            _ => None,
        }
    }

    /// EMSA-PSS-VERIFY, RFC 8017 section 9.1.2; `bits` is emBits.
    fn fits(&self, hashed: &[u8], encoded: &[u8], bits: usize) -> bool {
        let digest = self.digest.length();
        let Some((&0xbc, rest)) = encoded.split_last() else { return false };
        let Some(masked_length) = rest.len().checked_sub(digest) else { return false };
        let Some((masked, hash)) = rest.split_at_checked(masked_length) else { return false };
        let unused = encoded.len().saturating_mul(8).saturating_sub(bits);
        let top = 0xff_u8.checked_shr(u32::try_from(unused).unwrap_or(8)).unwrap_or(0);
        if masked.first().is_none_or(|first| first & !top != 0) {
            return false;
        }
        let mut block: Vec<u8> =
            masked.iter().zip(self.mask_of(hash, masked.len())).map(|(byte, mask)| byte ^ mask).collect();
        if let Some(first) = block.first_mut() {
            *first &= top;
        }
        let Some(padding) = block.len().checked_sub(self.salt.saturating_add(1)) else { return false };
        let Some((zeros, rest)) = block.split_at_checked(padding) else { return false };
        let Some((&0x01, salt)) = rest.split_first() else { return false };
        zeros.iter().all(|&byte| byte == 0) && self.digest.hash(&[&[0; 8], hashed, salt]) == hash
    }

    /// MGF1, RFC 8017 appendix B.2.1.
    fn mask_of(&self, seed: &[u8], length: usize) -> Vec<u8> {
        let mut mask = Vec::new();
        for counter in 0u32.. {
            if mask.len() >= length {
                break;
            }
            mask.extend(self.mask.hash(&[seed, &counter.to_be_bytes()]));
        }
        mask.truncate(length);
        mask
    }
}

/// The parameters as they stand; `None` when they cannot be read.
fn read_pss(algorithm: &SignatureAlgorithm) -> Option<PssFields> {
    let parameters = Any::from_tag_and_data(Tag::Sequence, algorithm.parameters.as_deref()?);
    let read = RsaSsaPssParams::try_from(&parameters).ok()?;
    let mask = match read.mask_gen_algorithm_raw() {
        Some(_) => Some(read.mask_gen_algorithm().ok()?.hash.to_id_string()),
        None => None,
    };
    Some(PssFields {
        digest: read.hash_algorithm().map(|a| a.algorithm.to_id_string()),
        mask,
        salt: usize::try_from(read.salt_length()).ok()?,
    })
}

/// Reads `RSAPublicKey` (RFC 8017 appendix A.1.1). The bounds keep one check below some milliseconds.
fn public_key(der: &[u8]) -> Result<RsaPublicKey, SignatureError> {
    let unreadable = |()| SignatureError::Malformed("the issuer's RSA key is not readable");
    let number = |input| Integer::from_der(input).map_err(|_| unreadable(()));
    let (_, sequence) = Sequence::from_der(der).map_err(|_| unreadable(()))?;
    let (rest, modulus) = number(&sequence.content)?;
    let (_, exponent) = number(rest)?;
    let modulus = BigUint::from_bytes_be(modulus.as_ref());
    let bits = modulus.bits();
    RsaPublicKey::new_with_max_size(modulus, BigUint::from_bytes_be(exponent.as_ref()), limits::RSA_BITS)
        .map_err(|_| SignatureError::Unsupported(format!("this RSA key of {bits} bit")))
}
