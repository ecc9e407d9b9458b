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

    /// Whether every character is in ASCII. `keytool` cannot write a PKCS12 store under another one.
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

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}
