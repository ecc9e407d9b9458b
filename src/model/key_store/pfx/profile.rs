//! What a new PKCS12 store gets.

use super::protection::{Cipher, HashFunction, LegacyCipher, MacScheme, Protection, Scheme};

/// The protection of a new PKCS12 store. A file that exists keeps its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// How private keys are encrypted, each on its own.
    pub keys: Scheme,
    /// How the part with the certificates is protected.
    pub certificates: Protection,
    /// How integrity is protected, if it is.
    pub mac: Option<MacScheme>,
}

impl Profile {
    /// What JDK 16 to 25 write (`sun.security.pkcs12.PKCS12KeyStore`, measured with 17 and 25): PBES2 with
    /// PBKDF2-HMAC-SHA256 and AES-256, an HMAC with SHA-256, 10,000 iterations, salts of 20 octets.
    #[must_use]
    pub fn java17() -> Self {
        let scheme = pbes2(10_000, 20, true);
        Self {
            keys: scheme.clone(),
            certificates: Protection::Encrypted(scheme),
            mac: Some(MacScheme::Pkcs12 { hash: HashFunction::Sha256, iterations: 10_000, salt_length: 20 }),
        }
    }

    /// What `-Dkeystore.pkcs12.legacy` makes of a JDK 17, and JDK 8 reads: triple DES for keys and RC2 with 40
    /// bits for certificates (50,000 iterations), an HMAC with SHA-1 (100,000). Weak: 40 bits hide nothing.
    #[must_use]
    pub fn java8() -> Self {
        let scheme = |cipher| Scheme::Pkcs12 { cipher, iterations: 50_000, salt_length: 20 };
        Self {
            keys: scheme(LegacyCipher::TripleDes),
            certificates: Protection::Encrypted(scheme(LegacyCipher::Rc2With40Bits)),
            mac: Some(MacScheme::Pkcs12 { hash: HashFunction::Sha1, iterations: 100_000, salt_length: 20 }),
        }
    }

    /// What `openssl pkcs12 -export` of OpenSSL 3.0 writes: PBES2 as in Java, 2,048 iterations, salts of 8
    /// octets.
    #[must_use]
    pub fn openssl3() -> Self {
        let scheme = pbes2(2_048, 8, false);
        Self {
            keys: scheme.clone(),
            certificates: Protection::Encrypted(scheme),
            mac: Some(MacScheme::Pkcs12 { hash: HashFunction::Sha256, iterations: 2_048, salt_length: 8 }),
        }
    }

    /// PBES2 and PBMAC1 (RFC 9879) with 600,000 iterations each, which OWASP advises for
    /// PBKDF2-HMAC-SHA256. OpenSSL reads it from 3.4 on; JDK 17 does not.
    #[must_use]
    pub fn modern() -> Self {
        let scheme = pbes2(600_000, 16, true);
        Self {
            keys: scheme.clone(),
            certificates: Protection::Encrypted(scheme),
            mac: Some(MacScheme::Pbmac1 {
                hash: HashFunction::Sha256,
                prf: HashFunction::Sha256,
                iterations: 600_000,
                salt_length: 16,
                key_length: 32,
            }),
        }
    }

    /// Certificates in the clear and no MAC, as JDK 18 and later build their `cacerts`. Private keys are
    /// encrypted as in [`Profile::java17`].
    #[must_use]
    pub fn passwordless() -> Self {
        Self { keys: pbes2(10_000, 20, true), certificates: Protection::Plain, mac: None }
    }

    /// The same with another integrity check, or none.
    #[must_use]
    pub fn with_mac(mut self, mac: Option<MacScheme>) -> Self {
        self.mac = mac;
        self
    }

    /// The same with an HMAC of RFC 7292 over this hash function, with [`Profile::mac_iterations`].
    #[must_use]
    pub fn with_hmac(self, hash: HashFunction) -> Self {
        let iterations = self.mac_iterations();
        let salt_length = match &self.mac {
            Some(MacScheme::Pkcs12 { salt_length, .. } | MacScheme::Pbmac1 { salt_length, .. }) => {
                *salt_length
            }
            None => 20,
        };
        self.with_mac(Some(MacScheme::Pkcs12 { hash, iterations, salt_length }))
    }

    /// The iterations of the integrity check; of a profile without one, those of its keys (10,000 for scrypt).
    #[must_use]
    pub fn mac_iterations(&self) -> u64 {
        let of_keys = match self.keys {
            Scheme::Pbes2 { iterations, .. }
            | Scheme::Pkcs12 { iterations, .. }
            | Scheme::Pbes1 { iterations, .. } => iterations,
            Scheme::Scrypt { .. } => 10_000,
        };
        self.mac.as_ref().map_or(of_keys, |mac| match mac {
            MacScheme::Pkcs12 { iterations, .. } | MacScheme::Pbmac1 { iterations, .. } => *iterations,
        })
    }

    /// The same with so many iterations in every key derivation that has any; scrypt has none.
    #[must_use]
    pub fn with_iterations(mut self, count: u64) -> Self {
        let set = |scheme: &mut Scheme| match scheme {
            Scheme::Pbes2 { iterations, .. }
            | Scheme::Pkcs12 { iterations, .. }
            | Scheme::Pbes1 { iterations, .. } => *iterations = count,
            Scheme::Scrypt { .. } => {}
        };
        set(&mut self.keys);
        if let Protection::Encrypted(scheme) = &mut self.certificates {
            set(scheme);
        }
        if let Some(MacScheme::Pkcs12 { iterations, .. } | MacScheme::Pbmac1 { iterations, .. }) =
            &mut self.mac
        {
            *iterations = count;
        }
        self
    }

    /// Whether a store without private keys needs no password.
    #[must_use]
    pub fn is_passwordless(&self) -> bool {
        self.mac.is_none() && self.certificates == Protection::Plain
    }
}

fn pbes2(iterations: u64, salt_length: usize, key_length_written: bool) -> Scheme {
    Scheme::Pbes2 {
        cipher: Cipher::Aes256,
        prf: HashFunction::Sha256,
        iterations,
        salt_length,
        key_length_written,
    }
}
