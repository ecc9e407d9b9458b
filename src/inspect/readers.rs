//! Which JVMs can read a keystore file, by what protects it and by its certificates.
//!
//! OpenJDK 17: measured with one store of each scheme (`tests/interop/inspect_agrees.rs`), after
//! `sun.security.pkcs12.PKCS12KeyStore` and `com.sun.crypto.provider.SunJCE`. Java 8 before 8u301: after the
//! sources of 8u and CSR JDK-8267701; it knows neither PBES2 for a part nor any MAC but HMAC-SHA1.

use crate::model::Password;
use crate::model::key_store::pfx::{
    Cipher, HashFunction, LegacyCipher, MacScheme, PasswordForm, Pbes1Cipher, Pfx, Protection, Scheme,
};
use crate::model::key_store::{KeyProtection, KeyStore};
use crate::report::inspect::{Reader, Readers, Reads};
use crate::report::protection::{EncryptionReport, MacReport};

/// Which JVMs can read a store, its keys aside.
#[must_use]
pub fn of_store(store: &KeyStore) -> Readers {
    let mut readers = Readers { java17: Reader::default(), java8: Reader::default() };
    add_certificates(&mut readers, store);
    add_protection(&mut readers, store);
    readers
}

/// The same, by what protects the store alone: its certificates are not read.
pub fn of_protection(store: &KeyStore) -> Readers {
    let mut readers = Readers { java17: Reader::default(), java8: Reader::default() };
    add_protection(&mut readers, store);
    readers
}

fn add_protection(readers: &mut Readers, store: &KeyStore) {
    let KeyStore::Pkcs12(pfx) = store else { return };
    for (number, part) in pfx.parts().iter().enumerate() {
        let name = format!("part {}", number.saturating_add(1));
        match part.protection() {
            Protection::Plain => {}
            Protection::Encrypted(scheme) => {
                let encryption = describe(&scheme.into());
                if !java17_decrypts(scheme) {
                    lacks(&mut readers.java17, Reads::Nothing, format!("{name}: {encryption}"));
                }
                if !java8_decrypts(scheme) {
                    lacks(&mut readers.java8, Reads::Nothing, format!("{name}: {encryption}"));
                }
            }
            Protection::Other(_) => {
                for reader in [&mut readers.java17, &mut readers.java8] {
                    lacks(reader, Reads::Nothing, format!("{name}: not protected by a password"));
                }
            }
        }
    }
    if let Some(mac) = pfx.mac() {
        let name = format!("MAC: {}", describe_mac(&mac.into()));
        if !java17_verifies(mac) {
            lacks(&mut readers.java17, Reads::Nothing, name.clone());
        }
        if !matches!(mac, MacScheme::Pkcs12 { hash: HashFunction::Sha1, .. }) {
            lacks(&mut readers.java8, Reads::Nothing, name);
        }
    }
}

/// Takes a key into account that a JVM may list and not open. `beyond_ascii` is whether its password has other
/// characters than printable ASCII.
pub fn add_key(readers: &mut Readers, alias: &str, protection: &KeyProtection, beyond_ascii: bool) {
    if beyond_ascii && matches!(protection, KeyProtection::Jceks { .. } | KeyProtection::Scheme(_)) {
        for reader in [&mut readers.java17, &mut readers.java8] {
            let reason = format!("key \"{alias}\": its password has other characters than printable ASCII");
            lacks(reader, Reads::ButKeys, reason);
        }
    }
    let java17 = match protection {
        KeyProtection::None | KeyProtection::Jks | KeyProtection::Jceks { .. } => true,
        KeyProtection::Scheme(scheme) => java17_decrypts(scheme),
        KeyProtection::Pem { .. } | KeyProtection::Other(_) => false,
    };
    if !java17 && let Some(encryption) = EncryptionReport::of_key(protection) {
        let reason = format!("key \"{alias}\": {}", describe(&encryption));
        lacks(&mut readers.java17, Reads::ButKeys, reason);
    }
}

/// No JVM of these opens the file with the password that it has.
pub(super) fn without_password(readers: &mut Readers) {
    for reader in [&mut readers.java17, &mut readers.java8] {
        lacks(reader, Reads::Nothing, "the password has other characters than printable ASCII".to_owned());
    }
}

/// Whether Java would have to use the store's password: JKS and JCEKS take any characters, and so does a
/// PKCS12 file in which nothing is protected by it.
#[must_use]
pub fn needs_ascii(store: &KeyStore) -> bool {
    match store {
        KeyStore::Java(_) => false,
        KeyStore::Pkcs12(pfx) => !Pfx::is_passwordless(pfx),
    }
}

/// Whether OpenJDK 25 opens a PKCS12 file under any password. It takes UTF-8, but for the encryption of RFC 7292
/// only its lower seven bits (`com.sun.crypto.provider.PKCS12PBECipherCore`), as nothing else does.
pub(super) fn java25_takes_any_password(store: &KeyStore) -> bool {
    let KeyStore::Pkcs12(pfx) = store else { return true };
    let form = pfx.password_form();
    let parts = pfx.parts().iter().all(|part| match part.protection() {
        Protection::Plain => true,
        Protection::Encrypted(Scheme::Pkcs12 { cipher, .. }) => {
            *cipher != LegacyCipher::TwoKeyTripleDes && form == PasswordForm::SevenBits
        }
        Protection::Encrypted(scheme) => java17_decrypts(scheme) && form != PasswordForm::Latin1,
        Protection::Other(_) => false,
    });
    let standard = matches!(form, PasswordForm::Standard | PasswordForm::SevenBits);
    parts && pfx.mac().is_none_or(|mac| java17_verifies(mac) && standard)
}

/// Whether `com.sun.crypto.provider.PBEKey` of OpenJDK 17 takes the password.
#[must_use]
pub fn is_plain_ascii(password: &Password) -> bool {
    password.reveal().bytes().all(|octet| matches!(octet, 0x20..=0x7e))
}

/// A scheme in a few words, as `PBES2, AES-256-CBC, HmacSHA256, 10000 iterations`.
#[must_use]
pub fn describe(encryption: &EncryptionReport) -> String {
    let mut words = vec![match encryption.scheme.as_str() {
        "JKS" => "Sun's key protector of JKS (SHA-1, no iterations)".to_owned(),
        "JCEKS" => "PBEWithMD5AndTripleDES".to_owned(),
        "PKCS12" => "PKCS12 PBE".to_owned(),
        "PEM" => "OpenSSL's encrypted PEM".to_owned(),
        scheme => scheme.to_owned(),
    }];
    words.extend(encryption.cipher.clone().filter(|_| encryption.scheme != "JCEKS"));
    words.extend(encryption.prf.or(encryption.hash).map(str::to_owned));
    words.extend(encryption.scrypt.map(|scrypt| format!("scrypt with N={}", scrypt.cost)));
    words.extend(encryption.iterations.map(iterations));
    words.join(", ")
}

/// A MAC in a few words, as `HmacSHA256, 10000 iterations`.
#[must_use]
pub fn describe_mac(mac: &MacReport) -> String {
    let mut words = Vec::new();
    if mac.kdf == Some("PBKDF2") {
        words.push("PBMAC1".to_owned());
    }
    words.push(mac.algorithm.to_owned());
    words.extend(mac.prf.map(|prf| format!("PBKDF2 with {prf}")));
    words.extend(mac.iterations.map(iterations));
    words.join(", ")
}

fn iterations(count: u64) -> String {
    if count == 1 { "1 iteration".to_owned() } else { format!("{count} iterations") }
}

/// One certificate that a JVM cannot read, and it loads none of the store.
fn add_certificates(readers: &mut Readers, store: &KeyStore) {
    for entry in store.entries() {
        for certificate in entry.chain {
            let Ok(certificate) = certificate.read() else { continue };
            let Err(refusal) = certificate.java_reads() else { continue };
            let reason = format!("{}: {refusal}", certificate.subject());
            for reader in [&mut readers.java17, &mut readers.java8] {
                if !reader.reasons.contains(&reason) {
                    lacks(reader, Reads::Nothing, reason.clone());
                }
            }
        }
    }
}

fn lacks(reader: &mut Reader, reads: Reads, reason: String) {
    reader.reads = reader.reads.max(reads);
    reader.reasons.push(reason);
}

fn java17_decrypts(scheme: &Scheme) -> bool {
    match scheme {
        Scheme::Pbes2 { cipher, prf, .. } => {
            matches!(cipher, Cipher::Aes128 | Cipher::Aes256)
                && matches!(
                    prf,
                    HashFunction::Sha1
                        | HashFunction::Sha224
                        | HashFunction::Sha256
                        | HashFunction::Sha384
                        | HashFunction::Sha512
                )
        }
        Scheme::Pkcs12 { cipher, .. } => !matches!(cipher, LegacyCipher::TwoKeyTripleDes),
        Scheme::Pbes1 { cipher, hash, .. } => is_md5_and_des(*cipher, *hash),
        Scheme::Scrypt { .. } => false,
    }
}

fn java8_decrypts(scheme: &Scheme) -> bool {
    match scheme {
        Scheme::Pkcs12 { cipher, .. } => !matches!(cipher, LegacyCipher::TwoKeyTripleDes),
        Scheme::Pbes1 { cipher, hash, .. } => is_md5_and_des(*cipher, *hash),
        Scheme::Pbes2 { .. } | Scheme::Scrypt { .. } => false,
    }
}

/// PBEWithMD5AndDES, the only scheme of PBES1 that `SunJCE` has.
fn is_md5_and_des(cipher: Pbes1Cipher, hash: HashFunction) -> bool {
    cipher == Pbes1Cipher::Des && hash == HashFunction::Md5
}

fn java17_verifies(mac: &MacScheme) -> bool {
    matches!(mac, MacScheme::Pkcs12 { hash, .. } if !matches!(hash, HashFunction::Md5))
}
