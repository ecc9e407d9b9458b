//! How a PKCS12 file is protected: what matters for writing it again the same way.
//!
//! Salts and initialization vectors are not here: they are new with each writing.

/// A hash function, plain or inside an HMAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HashFunction {
    /// MD5. Only files older than RFC 7292 have it.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
    /// SHA-512/224.
    Sha512_224,
    /// SHA-512/256.
    Sha512_256,
}

impl HashFunction {
    /// The length of its output in octets.
    #[must_use]
    pub const fn output_length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha224 | Self::Sha512_224 => 28,
            Self::Sha256 | Self::Sha512_256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// A block cipher in CBC mode with the padding of RFC 8018 appendix B.2, as PBES2 uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cipher {
    /// AES with a key of 128 bits.
    Aes128,
    /// AES with a key of 192 bits.
    Aes192,
    /// AES with a key of 256 bits.
    Aes256,
    /// DES three times with three keys.
    TripleDes,
    /// DES. Broken; only read.
    Des,
    /// RC2 with an effective key of 128 bits.
    Rc2With128Bits,
}

impl Cipher {
    /// The length of its key in octets.
    #[must_use]
    pub const fn key_length(self) -> usize {
        match self {
            Self::Aes128 | Self::Rc2With128Bits => 16,
            Self::Des => 8,
            Self::Aes192 | Self::TripleDes => 24,
            Self::Aes256 => 32,
        }
    }

    /// The length of its initialization vector in octets.
    #[must_use]
    pub const fn block_length(self) -> usize {
        match self {
            Self::Aes128 | Self::Aes192 | Self::Aes256 => 16,
            Self::TripleDes | Self::Des | Self::Rc2With128Bits => 8,
        }
    }
}

/// A cipher of PBES1 (RFC 8018 appendix A.3), in CBC mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pbes1Cipher {
    /// DES.
    Des,
    /// RC2 with a key of 64 bits.
    Rc2,
}

/// A cipher whose key and initialization vector come from the PKCS12 key derivation with SHA-1 (RFC 7292
/// appendix C).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LegacyCipher {
    /// pbeWithSHAAnd3-KeyTripleDES-CBC.
    TripleDes,
    /// pbeWithSHAAnd2-KeyTripleDES-CBC.
    TwoKeyTripleDes,
    /// pbeWithSHAAnd128BitRC2-CBC.
    Rc2With128Bits,
    /// pbewithSHAAnd40BitRC2-CBC.
    Rc2With40Bits,
    /// pbeWithSHAAnd128BitRC4.
    Rc4With128Bits,
    /// pbeWithSHAAnd40BitRC4.
    Rc4With40Bits,
}

impl LegacyCipher {
    /// The length of its key in octets.
    #[must_use]
    pub const fn key_length(self) -> usize {
        match self {
            Self::TripleDes => 24,
            Self::TwoKeyTripleDes | Self::Rc2With128Bits | Self::Rc4With128Bits => 16,
            Self::Rc2With40Bits | Self::Rc4With40Bits => 5,
        }
    }

    /// The length of its initialization vector in octets; 0 for a stream cipher.
    #[must_use]
    pub const fn iv_length(self) -> usize {
        match self {
            Self::Rc4With128Bits | Self::Rc4With40Bits => 0,
            _ => 8,
        }
    }
}

/// A password-based encryption scheme with the parameters that a new encryption keeps.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// PBES2 with PBKDF2 (RFC 8018 sections 5.2 and 6.2).
    Pbes2 {
        /// The cipher.
        cipher: Cipher,
        /// The hash function in the HMAC of PBKDF2.
        prf: HashFunction,
        /// Iterations of PBKDF2.
        iterations: u64,
        /// Octets of salt.
        salt_length: usize,
        /// Whether the length of the key is written, as Java does and OpenSSL does not.
        key_length_written: bool,
    },
    /// PBES2 with scrypt (RFC 7914).
    Scrypt {
        /// The cipher.
        cipher: Cipher,
        /// N, a power of two: the count of blocks in memory.
        cost: u64,
        /// r: the size of a block in units of 128 octets.
        block_size: u32,
        /// p: how often the memory is filled.
        parallelization: u32,
        /// Octets of salt.
        salt_length: usize,
        /// Whether the length of the key is written.
        key_length_written: bool,
    },
    /// PBES1 with PBKDF1 (RFC 8018 sections 5.1 and 6.1). Weak; files of the last century have it.
    Pbes1 {
        /// The cipher.
        cipher: Pbes1Cipher,
        /// The hash function of PBKDF1: MD5 or SHA-1.
        hash: HashFunction,
        /// Iterations of PBKDF1.
        iterations: u64,
    },
    /// The schemes of RFC 7292 appendix C.
    Pkcs12 {
        /// The cipher.
        cipher: LegacyCipher,
        /// Iterations of the PKCS12 key derivation.
        iterations: u64,
        /// Octets of salt.
        salt_length: usize,
    },
}

/// How one part of a PKCS12 file is protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Not at all (content type Data).
    Plain,
    /// By a password (EncryptedData).
    Encrypted(Scheme),
    /// In a way that keyward cannot open, as by a public key (EnvelopedData): the content octets of the
    /// content type's OBJECT IDENTIFIER.
    Other(Vec<u8>),
}

/// How the integrity of a PKCS12 file is protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MacScheme {
    /// An HMAC with a key from the PKCS12 key derivation (RFC 7292 appendix B).
    Pkcs12 {
        /// The hash function of both.
        hash: HashFunction,
        /// Iterations of the key derivation.
        iterations: u64,
        /// Octets of salt.
        salt_length: usize,
    },
    /// PBMAC1 (RFC 9879) with PBKDF2.
    Pbmac1 {
        /// The hash function of the HMAC over the contents.
        hash: HashFunction,
        /// The hash function in the HMAC of PBKDF2.
        prf: HashFunction,
        /// Iterations of PBKDF2.
        iterations: u64,
        /// Octets of salt.
        salt_length: usize,
        /// Octets of the HMAC's key.
        key_length: usize,
    },
}

/// The octets that a file makes of its password. Writers differ for empty and for non-ASCII passwords; a
/// reader has to try, and a file that is written again keeps its form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PasswordForm {
    /// As the standards have it: a BMPString with two zero octets at its end for the derivations of RFC 7292
    /// (also for the empty password, as by OpenSSL's `-passout pass:` and Java's `""`), UTF-8 for all others.
    #[default]
    Standard,
    /// An empty password without the two zero octets: OpenSSL's null password, Java's `"\0"`.
    Absent,
    /// RFC 7292 with each octet of the UTF-8 text taken for a character: OpenSSL before 1.1.0, in a locale
    /// with UTF-8.
    Utf8AsLatin1,
    /// ISO 8859-1 where others take UTF-8: OpenSSL in a locale with it.
    Latin1,
    /// For the encryption of RFC 7292 the lower seven bits of each octet of the UTF-8 text, each taken for a
    /// character; all else, the MAC too, as the standards have it: OpenJDK 25.
    SevenBits,
}
