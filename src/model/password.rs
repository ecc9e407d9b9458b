//! Passwords, and the bytes that each format makes of them.

use std::fmt;

use zeroize::Zeroizing;

/// A password: text, as Java and OpenSSL take it. Zeroized when dropped, absent from `Debug`, not `Clone`.
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes over the text.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The text itself. The caller must not log or keep it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The number of characters as Java counts them: UTF-16 units.
    #[must_use]
    pub fn java_length(&self) -> usize {
        self.0.encode_utf16().count()
    }

    /// Whether every character is in ASCII. `keytool` of JDK 17 cannot write a PKCS12 store under another one.
    #[must_use]
    pub fn is_ascii(&self) -> bool {
        self.0.is_ascii()
    }

    /// UTF-16BE without a terminator: what JKS digests (`sun.security.provider.JavaKeyStore`).
    #[must_use]
    pub fn utf16be(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.0.len() * 2 + 2));
        bytes.extend(self.0.encode_utf16().flat_map(u16::to_be_bytes));
        bytes
    }

    /// BMPString with its two zero octets: the password of the PKCS12 key derivation (RFC 7292
    /// appendix B.1).
    #[must_use]
    pub fn bmp_string(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = self.utf16be();
        bytes.extend([0, 0]);
        bytes
    }
}

impl Password {
    /// ISO 8859-1, if every character is in it.
    #[must_use]
    pub fn latin1(&self) -> Option<Zeroizing<Vec<u8>>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.0.len()));
        for c in self.0.chars() {
            bytes.push(u8::try_from(u32::from(c)).ok()?);
        }
        Some(bytes)
    }

    /// As [`Password::bmp_string`], but of a text whose characters are the octets of this one in UTF-8: what
    /// OpenSSL before 1.1.0 made of it (`OPENSSL_asc2uni`).
    #[must_use]
    pub fn bmp_string_of_octets(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.0.len().saturating_mul(2).saturating_add(2)));
        bytes.extend(self.0.bytes().flat_map(|octet| [0, octet]));
        bytes.extend([0, 0]);
        bytes
    }

    /// As [`Password::bmp_string_of_octets`], but of each octet the lower seven bits only: what OpenJDK 25 makes of it
    /// for encryption (`com.sun.crypto.provider.PKCS12PBECipherCore`).
    #[must_use]
    pub fn bmp_string_of_seven_bits(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = self.bmp_string_of_octets();
        bytes.iter_mut().for_each(|octet| *octet &= 0x7f);
        bytes
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}
