//! Writes keystores and keys again with next to no iterations of key derivation, as seeds for `fuzz/run.sh`: with the
//! iterations of real files a fuzzer would derive keys and do little else.
//!
//! `light_seeds FOLDER FILE…`: what opens with a password of test data is written under the password `changeit`, into
//! a folder of its format in FOLDER, with a number as its name. All else is passed over.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use keyward::format::key_store::{self, Opened};
use keyward::format::pkcs12::{Derivations, encode_secret, encrypt_key};
use keyward::format::{detect, jks, objects, private_key};
use keyward::model::entropy::SystemEntropy;
use keyward::model::key_store::java_store::JavaContent;
use keyward::model::key_store::pfx::{
    Bag, BagContent, Cipher, HashFunction, LegacyCipher, MacScheme, Part, Pbes1Cipher, Protection, Scheme,
};
use keyward::model::key_store::{JavaStore, Pfx, StoreFormat};
use keyward::model::{KeyStore, Password, PrivateKey};

/// Passwords that projects give their test data.
const PASSWORDS: &[&str] = &[
    "changeit",
    "",
    "password",
    "foo",
    "foobar",
    "notasecret",
    "passw0rd",
    "1234",
    "12345678",
    "123456",
    "secret",
    "storepass",
    "keypass",
    "asdf",
    "test",
];

/// Any protection of a seed in Java's formats.
const PROTECTION: jks::Protection = jks::Protection { salt: [1, 2, 3, 4, 5, 6, 7, 8], iterations: 2 };

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let folder = arguments.next().context("the first argument is a folder")?;
    let passwords: Vec<Password> = PASSWORDS.iter().map(|text| Password::new((*text).to_owned())).collect();
    let passwords: Vec<&Password> = passwords.iter().collect();
    for (number, path) in arguments.enumerate() {
        let bytes = std::fs::read(&path)?;
        if detect::detect(&bytes).is_key_store() {
            let opened = passwords
                .iter()
                .find_map(|password| key_store::decode(&bytes, Some(password), &mut Derivations::new()).ok());
            let Some(Opened { store, .. }) = opened else { continue };
            let (kind, written) = light_store(store, &passwords)?;
            write(&folder, kind, number, 0, &written)?;
            if let Ok(read) = key_store::decode(&written, Some(&changeit()), &mut Derivations::new()) {
                for (index, secret) in secrets(&read.store)?.iter().enumerate() {
                    write(&folder, "secret_keys", number, index, secret)?;
                }
            }
        } else if let Ok(read) = objects::read(&bytes) {
            let keys = read.found.into_iter().filter_map(|found| match found.object {
                objects::Object::PrivateKey(objects::EncodedKey::Block { block, ec_parameters }) => {
                    let curve = ec_parameters.as_ref().map(|der| der.as_slice());
                    private_key::read_block(&block, curve, &passwords, &mut Derivations::new()).ok()
                }
                objects::Object::PrivateKey(objects::EncodedKey::Der(der)) => {
                    private_key::read(&der, &passwords, &mut Derivations::new()).ok()
                }
                _ => None,
            });
            for (index, key) in keys.take(2).enumerate() {
                for (scheme, protected) in protected(&key)?.iter().enumerate() {
                    write(&folder, "keys", number, index * 100 + scheme, protected)?;
                }
            }
        }
    }
    Ok(())
}

fn write(folder: &Path, kind: &str, number: usize, index: usize, bytes: &[u8]) -> Result<()> {
    let folder = folder.join(kind);
    std::fs::create_dir_all(&folder)?;
    Ok(std::fs::write(folder.join(format!("light-{number}-{index}")), bytes)?)
}

fn changeit() -> Password {
    Password::new("changeit".to_owned())
}

/// A store with next to no iterations in it, its keys too, and the folder for its format.
fn light_store(mut store: KeyStore, passwords: &[&Password]) -> Result<(&'static str, Vec<u8>)> {
    let kind = match &mut store {
        KeyStore::Java(java) => {
            light_keys(java, passwords)?;
            if java.format == StoreFormat::Jks { "jks" } else { "jceks" }
        }
        KeyStore::Pkcs12(pfx) => {
            let light = light(pfx, passwords)?;
            *pfx = light;
            "pkcs12"
        }
    };
    let written = key_store::encode(&store, Some(&changeit()), &mut SystemEntropy, &mut Derivations::new())?;
    Ok((kind, written))
}

fn light_keys(store: &mut JavaStore, passwords: &[&Password]) -> Result<()> {
    for entry in &mut store.entries {
        match &mut entry.content {
            JavaContent::PrivateKey { protected, .. } => {
                let open = |password: &&Password| {
                    jks::recover_key(protected, password, &mut Derivations::new()).ok()
                };
                let Some(key) = passwords.iter().find_map(open) else { continue };
                *protected = match store.format {
                    StoreFormat::Jks => jks::protect_key(&key, &changeit(), [7; 20]),
                    _ => jks::protect_jceks_key(&key, &changeit(), PROTECTION)?,
                };
            }
            JavaContent::SecretKey(sealed) => {
                let open = |password: &&Password| {
                    jks::unseal_secret_key(sealed, password, &mut Derivations::new()).ok()
                };
                if let Some(key) = passwords.iter().find_map(open) {
                    *sealed = jks::seal_secret_key(&key, &changeit(), PROTECTION)?;
                }
            }
            JavaContent::TrustedCertificate(_) => {}
        }
    }
    Ok(())
}

fn light(pfx: &Pfx, passwords: &[&Password]) -> Result<Pfx> {
    let mut parts = Vec::new();
    for part in pfx.parts() {
        let mut protection = part.protection().clone();
        if let Protection::Encrypted(scheme) = &mut protection {
            lighten(scheme);
        }
        parts.push(match part.bags() {
            None => part.clone(),
            Some(bags) => {
                let bags = bags.iter().map(|bag| light_bag(bag, passwords)).collect::<Result<_>>()?;
                Part::new(protection, bags)
            }
        });
    }
    let mut mac = pfx.mac().cloned();
    if let Some(MacScheme::Pkcs12 { iterations, .. } | MacScheme::Pbmac1 { iterations, .. }) = &mut mac {
        *iterations = 1;
    }
    Ok(Pfx::from_parts(parts, mac, pfx.password_form()))
}

fn light_bag(bag: &Bag, passwords: &[&Password]) -> Result<Bag> {
    let content = match &*bag.content {
        BagContent::ShroudedKey(encrypted) => {
            let open = |password: &&Password| {
                keyward::format::pkcs12::decrypt_key(encrypted, password, &mut Derivations::new()).ok()
            };
            let Some(key) = passwords.iter().find_map(open) else { return Ok(bag.clone()) };
            let mut scheme = keyward::format::pkcs12::key_scheme(encrypted)?;
            lighten(&mut scheme);
            BagContent::ShroudedKey(encrypt(&key, &scheme)?)
        }
        BagContent::Secret(secret) => {
            let open = |password: &&Password| {
                keyward::format::pkcs12::open_secret(secret, password, &mut Derivations::new()).ok()
            };
            let Some(key) = passwords.iter().find_map(open) else { return Ok(bag.clone()) };
            let scheme = Scheme::Pkcs12 { cipher: LegacyCipher::TripleDes, iterations: 1, salt_length: 8 };
            let mut derivations = Derivations::new();
            BagContent::Secret(encode_secret(
                &key,
                &scheme,
                &changeit(),
                &mut SystemEntropy,
                &mut derivations,
            )?)
        }
        BagContent::Nested(bags) => {
            BagContent::Nested(bags.iter().map(|bag| light_bag(bag, passwords)).collect::<Result<_>>()?)
        }
        _ => return Ok(bag.clone()),
    };
    let mut light = Bag::new(content);
    light.attributes = bag.attributes.clone();
    Ok(light)
}

fn lighten(scheme: &mut Scheme) {
    match scheme {
        Scheme::Pbes1 { iterations, .. }
        | Scheme::Pbes2 { iterations, .. }
        | Scheme::Pkcs12 { iterations, .. } => *iterations = 1,
        Scheme::Scrypt { cost, block_size, parallelization, .. } => {
            (*cost, *block_size, *parallelization) = (2, 1, 1);
        }
    }
}

fn encrypt(pkcs8: &[u8], scheme: &Scheme) -> Result<Vec<u8>> {
    Ok(encrypt_key(pkcs8, scheme, &changeit(), &mut SystemEntropy, &mut Derivations::new())?)
}

/// A key under each kind of protection.
fn protected(key: &PrivateKey) -> Result<Vec<Vec<u8>>> {
    let (cipher, prf, salt_length, key_length_written) = (Cipher::Aes128, HashFunction::Sha256, 8, true);
    let schemes = [
        Scheme::Pbes2 { cipher, prf, iterations: 1, salt_length, key_length_written },
        Scheme::Scrypt {
            cipher,
            cost: 2,
            block_size: 1,
            parallelization: 1,
            salt_length,
            key_length_written,
        },
        Scheme::Pbes1 { cipher: Pbes1Cipher::Rc2, hash: HashFunction::Md5, iterations: 1 },
        Scheme::Pkcs12 { cipher: LegacyCipher::Rc4With40Bits, iterations: 1, salt_length },
    ];
    let mut all = schemes.iter().map(|scheme| encrypt(key.pkcs8(), scheme)).collect::<Result<Vec<_>>>()?;
    all.push(jks::protect_key(key.pkcs8(), &changeit(), [7; 20]));
    all.push(jks::protect_jceks_key(key.pkcs8(), &changeit(), PROTECTION)?);
    all.push(key.pkcs8().to_vec());
    Ok(all)
}

/// The secret keys of a store, each as the store keeps it.
fn secrets(store: &KeyStore) -> Result<Vec<Vec<u8>>> {
    fn of_bags(bags: &[Bag], found: &mut Vec<Vec<u8>>) {
        for bag in bags {
            match &*bag.content {
                BagContent::Secret(secret) => found.push(secret.to_vec()),
                BagContent::Nested(bags) => of_bags(bags, found),
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    match store {
        KeyStore::Java(java) => found.extend(java.entries.iter().filter_map(|entry| match &entry.content {
            JavaContent::SecretKey(sealed) => Some(sealed.clone()),
            _ => None,
        })),
        KeyStore::Pkcs12(pfx) => {
            for bags in pfx.parts().iter().filter_map(Part::bags) {
                of_bags(bags, &mut found);
            }
        }
    }
    Ok(found)
}
