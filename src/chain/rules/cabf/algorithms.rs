//! Keys and signature algorithms: BR sections 6.1.5, 6.1.6, 7.1.3.

use x509_parser::public_key::PublicKey as ParsedKey;

use super::super::rfc5280::{Link, Place};
use super::super::violation::{Rank, Violation};
use crate::model::public_key::KeyAlgorithm;

const SIZES: &str = "BR section 6.1.5";
const PARAMETERS: &str = "BR section 6.1.6";
const KEYS: &str = "BR section 7.1.3.1";
const SIGNATURES: &str = "BR section 7.1.3.2";

/// RSA of 2048 bits or more, a multiple of 8, with an odd exponent of 3 or more; or P-256, P-384, P-521 by
/// name.
pub(super) fn keys(link: &Link<'_>, found: &mut Vec<Violation>) {
    let key = link.certificate.key();
    let mut breaks = |id, section, message: String| {
        found.push(link.breaks(id, Rank::Algorithm, section, format!("{} {message}", link.called())));
    };
    match key.algorithm {
        KeyAlgorithm::Rsa => {
            let bits = key.bits.unwrap_or_default();
            if bits < 2048 || !bits.is_multiple_of(8) {
                breaks("key-size", SIZES, format!("has an RSA key of {bits} bits"));
            }
            if let Ok(ParsedKey::RSA(rsa)) = link.parsed.public_key().parsed()
                && !exponent_is_fine(rsa.exponent)
            {
                breaks(
                    "key-exponent",
                    PARAMETERS,
                    "has an RSA key with an even or too small exponent".to_owned(),
                );
            }
        }
        KeyAlgorithm::Ec => match key.curve.as_deref() {
            Some("secp256r1" | "secp384r1" | "secp521r1") => {}
            Some(curve) => breaks("key-algorithm", SIZES, format!("has a key on {curve}")),
            None => breaks("explicit-curve", "BR section 7.1.3.1.2", "spells its curve out".to_owned()),
        },
        _ => breaks("key-algorithm", KEYS, format!("has a key for {}", key.algorithm)),
    }
}

fn exponent_is_fine(exponent: &[u8]) -> bool {
    let significant: Vec<u8> = exponent.iter().copied().skip_while(|&octet| octet == 0).collect();
    significant.last().is_some_and(|last| last & 1 == 1) && !matches!(significant.as_slice(), [1])
}

/// RSA and ECDSA with SHA-256, SHA-384 or SHA-512. The signature of an anchor is not looked at.
pub(super) fn signatures(link: &Link<'_>, found: &mut Vec<Violation>) {
    if link.place == Place::Anchor {
        return;
    }
    let algorithm = link.certificate.signature_algorithm();
    let fine = match algorithm.digest {
        Some("SHA256" | "SHA384" | "SHA512") => {
            algorithm.name.ends_with("withRSA") || algorithm.name.ends_with("withECDSA")
        }
        _ => algorithm.name == "RSASSA-PSS",
    };
    if !fine {
        let message = format!("{} is signed with {}", link.called(), algorithm.name);
        found.push(link.breaks("signature-algorithm", Rank::Algorithm, SIGNATURES, message));
    }
}
