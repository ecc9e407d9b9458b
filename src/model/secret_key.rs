//! Secret keys, as keystores hold them.

use std::fmt;

use zeroize::Zeroizing;

/// The algorithms of secret keys that Java has both a number and a name for (`sun.security.util.KnownOIDs`): the
/// number, the name that Java reads, and another one, if any, that it writes the number for. Those of PBE are of
/// passwords, as `keytool -importpass` stores them.
const NUMBERS: [(&str, &str, &str); 26] = [
    ("2.16.840.1.101.3.4.1", "AES", ""),
    ("1.3.14.3.2.17", "DESede", "TripleDES"),
    ("1.3.14.3.2.7", "DES/CBC", "DES"),
    ("1.2.840.113549.3.2", "RC2/CBC/PKCS5Padding", "RC2"),
    ("1.2.840.113549.3.4", "ARCFOUR", "RC4"),
    ("1.2.840.113549.2.7", "HmacSHA1", ""),
    ("1.2.840.113549.2.8", "HmacSHA224", ""),
    ("1.2.840.113549.2.9", "HmacSHA256", ""),
    ("1.2.840.113549.2.10", "HmacSHA384", ""),
    ("1.2.840.113549.2.11", "HmacSHA512", ""),
    ("1.2.840.113549.2.12", "HmacSHA512/224", ""),
    ("1.2.840.113549.2.13", "HmacSHA512/256", ""),
    ("2.16.840.1.101.3.4.2.13", "HmacSHA3-224", ""),
    ("2.16.840.1.101.3.4.2.14", "HmacSHA3-256", ""),
    ("2.16.840.1.101.3.4.2.15", "HmacSHA3-384", ""),
    ("2.16.840.1.101.3.4.2.16", "HmacSHA3-512", ""),
    ("1.2.840.113549.1.5.3", "PBEWithMD5AndDES", ""),
    ("1.2.840.113549.1.5.6", "PBEWithMD5AndRC2", ""),
    ("1.2.840.113549.1.5.10", "PBEWithSHA1AndDES", ""),
    ("1.2.840.113549.1.5.11", "PBEWithSHA1AndRC2", ""),
    ("1.2.840.113549.1.5.12", "PBKDF2WithHmacSHA1", ""),
    ("1.2.840.113549.1.12.1.1", "PBEWithSHA1AndRC4_128", ""),
    ("1.2.840.113549.1.12.1.2", "PBEWithSHA1AndRC4_40", ""),
    ("1.2.840.113549.1.12.1.3", "PBEWithSHA1AndDESede", ""),
    ("1.2.840.113549.1.12.1.5", "PBEWithSHA1AndRC2_128", ""),
    ("1.2.840.113549.1.12.1.6", "PBEWithSHA1AndRC2_40", ""),
];

/// A secret key: its octets and what Java calls its algorithm. Zeroized when dropped, absent from `Debug`,
/// not `Clone`.
#[derive(PartialEq, Eq)]
pub struct SecretKey {
    algorithm: String,
    octets: Zeroizing<Vec<u8>>,
}

impl SecretKey {
    /// Takes over a key. Whether the octets suit the algorithm is not checked; Java does not either.
    #[must_use]
    pub fn new(algorithm: String, octets: Zeroizing<Vec<u8>>) -> Self {
        Self { algorithm, octets }
    }

    /// The algorithm by Java's name (`AES`, `HmacSHA256`), or a dotted number that Java has no name for.
    #[must_use]
    pub fn algorithm(&self) -> &str {
        &self.algorithm
    }

    /// The dotted number that PKCS12 has for the algorithm: the one that Java writes for its name, or the algorithm
    /// itself where that is a number. Java stores no other secret key in PKCS12.
    #[must_use]
    pub fn number(&self) -> Option<&str> {
        let named = |name: &str| !name.is_empty() && name.eq_ignore_ascii_case(&self.algorithm);
        let known = NUMBERS.iter().find(|(_, name, other)| named(name) || named(other));
        known.map(|(number, ..)| *number).or_else(|| is_number(&self.algorithm).then_some(&*self.algorithm))
    }

    /// The name that Java reads for a dotted number, or the number itself.
    #[must_use]
    pub fn algorithm_of(number: String) -> String {
        let known = NUMBERS.iter().find(|(known, ..)| *known == number);
        known.map_or(number, |(_, name, _)| (*name).to_owned())
    }

    /// The key itself (Java's `RAW` format). The caller must not log or keep it.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// The size in bits: eight for each octet, the parity bits of DES keys included.
    #[must_use]
    pub fn bits(&self) -> usize {
        self.octets.len().saturating_mul(8)
    }
}

/// Whether a text is a dotted number as X.690 section 8.19 can encode it, each arc within 32 bits.
fn is_number(text: &str) -> bool {
    let arcs = text.split('.').map(|arc| {
        let digits = arc.bytes().all(|digit| digit.is_ascii_digit()) && (arc == "0" || !arc.starts_with('0'));
        arc.parse::<u32>().ok().filter(|_| digits)
    });
    let Some(arcs) = arcs.collect::<Option<Vec<u32>>>() else { return false };
    matches!(arcs.as_slice(), [first @ 0..=2, second, ..] if *second < 40 || *first == 2 && *second < u32::MAX - 80)
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({} {} bit, ..)", self.algorithm, self.bits())
    }
}
