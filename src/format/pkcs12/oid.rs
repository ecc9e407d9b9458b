//! The object identifiers of PKCS12 and of the algorithms in it: content octets.

/// pkcs-7 data.
pub(super) const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
/// pkcs-7 encryptedData.
pub(super) const ENCRYPTED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x06];

/// pkcs-12 keyBag.
pub(super) const KEY_BAG: &[u8] = &bag_type(1);
/// pkcs-12 pkcs8ShroudedKeyBag.
pub(super) const SHROUDED_KEY_BAG: &[u8] = &bag_type(2);
/// pkcs-12 certBag.
pub(super) const CERTIFICATE_BAG: &[u8] = &bag_type(3);
/// pkcs-12 crlBag.
pub(super) const CRL_BAG: &[u8] = &bag_type(4);
/// pkcs-12 secretBag.
pub(super) const SECRET_BAG: &[u8] = &bag_type(5);
/// pkcs-12 safeContentsBag.
pub(super) const SAFE_CONTENTS_BAG: &[u8] = &bag_type(6);

/// pkcs-9 x509Certificate.
pub(super) const X509_CERTIFICATE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x16, 0x01];
/// pkcs-9 friendlyName.
pub(super) const FRIENDLY_NAME: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x14];
/// pkcs-9 localKeyID.
pub(super) const LOCAL_KEY_ID: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x15];
/// Oracle's trustedKeyUsage, 2.16.840.1.113894.746875.1.1.
pub(super) const TRUSTED_KEY_USAGE: &[u8] =
    &[0x60, 0x86, 0x48, 0x01, 0x86, 0xf9, 0x66, 0xad, 0xca, 0x7b, 0x01, 0x01];

/// pkcs-5 PBKDF2.
pub(super) const PBKDF2: &[u8] = &pkcs5(12);
/// pkcs-5 PBES2.
pub(super) const PBES2: &[u8] = &pkcs5(13);
/// scrypt (RFC 7914 section 7).
pub(super) const SCRYPT: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b];
/// pkcs-5 PBMAC1.
pub(super) const PBMAC1: &[u8] = &pkcs5(14);

/// AES-CBC with 128 bits.
pub(super) const AES128_CBC: &[u8] = &aes(2);
/// AES-CBC with 192 bits.
pub(super) const AES192_CBC: &[u8] = &aes(22);
/// AES-CBC with 256 bits.
pub(super) const AES256_CBC: &[u8] = &aes(42);
/// des-ede3-cbc.
pub(super) const TRIPLE_DES_CBC: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x07];

/// desCBC of OIW.
pub(super) const DES_CBC: &[u8] = &[0x2b, 0x0e, 0x03, 0x02, 0x07];
/// rc2CBC.
pub(super) const RC2_CBC: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x02];

/// An algorithm of the arc pkcs-12PbeIds.
pub(super) const fn pbe(number: u8) -> [u8; 10] {
    [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01, number]
}

/// An algorithm of the arc digestAlgorithm of RSA Security: 5 is MD5, 7 to 13 are HMACs.
pub(super) const fn rsa_digest(number: u8) -> [u8; 8] {
    [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, number]
}

/// A hash function of NIST.
pub(super) const fn nist_hash(number: u8) -> [u8; 9] {
    [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, number]
}

/// SHA-1.
pub(super) const SHA1: &[u8] = &[0x2b, 0x0e, 0x03, 0x02, 0x1a];

const fn bag_type(number: u8) -> [u8; 11] {
    [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01, number]
}

pub(super) const fn pkcs5(number: u8) -> [u8; 9] {
    [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, number]
}

const fn aes(number: u8) -> [u8; 9] {
    [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, number]
}

/// The dotted form, with the name where it is one that keyward does not do but knows.
pub(super) fn describe(oid: &[u8]) -> String {
    let dotted = dotted(oid);
    let name = match dotted.as_str() {
        "1.2.840.113549.1.7.2" => "signedData",
        "1.2.840.113549.1.7.3" => "envelopedData",
        "1.2.840.113549.1.5.1" => "pbeWithMD2AndDES-CBC",
        "1.2.840.113549.1.5.4" => "pbeWithMD2AndRC2-CBC",
        "1.2.840.113549.3.4" => "rc4",
        "1.2.840.113549.3.9" => "rc5-CBC-PAD",
        "1.2.392.200011.61.1.1.1.2" => "camellia128-CBC",
        "1.2.392.200011.61.1.1.1.3" => "camellia192-CBC",
        "1.2.392.200011.61.1.1.1.4" => "camellia256-CBC",
        "1.2.410.200046.1.1.12" => "aria256-CBC",
        "2.16.840.1.101.3.4.1.6" => "aes128-GCM",
        "2.16.840.1.101.3.4.1.26" => "aes192-GCM",
        "2.16.840.1.101.3.4.1.46" => "aes256-GCM",
        _ => return dotted,
    };
    format!("{name} ({dotted})")
}

pub(super) fn dotted(oid: &[u8]) -> String {
    let mut arcs: Vec<u128> = Vec::new();
    let mut arc = 0u128;
    for &octet in oid.iter().take(64) {
        arc = arc.saturating_mul(128).saturating_add(u128::from(octet & 0x7f));
        if octet & 0x80 == 0 {
            if arcs.is_empty() {
                let first = (arc / 40).min(2);
                arcs.push(first);
                arc -= first * 40;
            }
            arcs.push(arc);
            arc = 0;
        }
    }
    arcs.iter().map(u128::to_string).collect::<Vec<_>>().join(".")
}
