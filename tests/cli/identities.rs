//! Client identities, sound or with a chosen flaw, and stores of them.

use keyward::format::key_store::{self, protect_private_key};
use keyward::format::pkcs12::Derivations;
use keyward::model::entropy::SystemEntropy;
use keyward::model::key_store::{EncodedCertificate, StoreFormat};
use keyward::model::{KeyStore, Password, PrivateKey};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PublicKeyData, RsaKeySize, SignatureAlgorithm,
};
use time::OffsetDateTime;
use time::macros::datetime;

/// The password of the stores.
pub const PASSWORD: &str = "changeit";

const BEGIN: OffsetDateTime = datetime!(2020-01-01 00:00 UTC);
const END: OffsetDateTime = datetime!(2120-01-01 00:00 UTC);
const CREATED: OffsetDateTime = datetime!(2024-01-01 00:00 UTC);

/// A certification authority.
pub struct Authority {
    pub der: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
    key: Vec<u8>,
}

/// A certificate with its key, PKCS8.
pub struct Made {
    pub der: Vec<u8>,
    pub key: Vec<u8>,
}

pub fn ec() -> KeyPair {
    KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).expect("a key")
}

pub fn rsa() -> KeyPair {
    KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_2048).expect("a key")
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (BEGIN, END);
    params.use_authority_key_identifier_extension = true;
    params
}

fn authority_params(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

impl Authority {
    pub fn root(name: &str, key: KeyPair) -> Self {
        let params = authority_params(name);
        let der = params.self_signed(&key).expect("a root").der().to_vec();
        Self { der, key: key.serialize_der(), issuer: Issuer::new(params, key) }
    }

    pub fn below(&self, name: &str, key: KeyPair, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut params = authority_params(name);
        change(&mut params);
        let der = params.signed_by(&key, &self.issuer).expect("an authority").der().to_vec();
        Self { der, key: key.serialize_der(), issuer: Issuer::new(params, key) }
    }

    /// A client's certificate, valid for a century, with clientAuth and digitalSignature.
    pub fn client(&self, name: &str, key: &KeyPair, change: impl FnOnce(&mut CertificateParams)) -> Made {
        Made { der: self.certify(name, key, change), key: key.serialize_der() }
    }

    pub fn certify(
        &self,
        name: &str,
        key: &impl PublicKeyData,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Vec<u8> {
        let mut params = params(name);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        change(&mut params);
        params.signed_by(key, &self.issuer).expect("a certificate").der().to_vec()
    }

    /// Its key, PEM.
    #[allow(dead_code, reason = "two test binaries share this file")]
    pub fn key_pem(&self) -> String {
        self.issuer.key().serialize_pem()
    }

    /// The root, signed anew with SHA-1 or MD5. Its key has to be RSA.
    pub fn with_old_signature(mut self, digest: Digest) -> Self {
        self.der = resigned(&self.der, digest, &self.key);
        self
    }

    /// A certificate of this authority, signed anew with SHA-1 or MD5.
    pub fn resign(&self, der: &[u8], digest: Digest) -> Vec<u8> {
        resigned(der, digest, &self.key)
    }
}

/// A self-signed certificate of a client, as keytool makes one before there is a reply.
pub fn self_signed(name: &str) -> Made {
    let key = ec();
    let der = params(name).self_signed(&key).expect("a certificate").der().to_vec();
    Made { der, key: key.serialize_der() }
}

/// A digest that rcgen does not sign with.
#[derive(Clone, Copy)]
pub enum Digest {
    Sha1,
    Md5,
}

/// sha256WithRSAEncryption, the tail of its number.
const SHA256_WITH_RSA: [u8; 11] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];

fn resigned(der: &[u8], digest: Digest, key: &[u8]) -> Vec<u8> {
    use rsa::pkcs8::DecodePrivateKey as _;
    use sha1::Digest as _;
    let mut der = der.to_vec();
    let places: Vec<usize> = der
        .windows(SHA256_WITH_RSA.len())
        .enumerate()
        .filter(|(_, w)| *w == SHA256_WITH_RSA)
        .map(|(i, _)| i)
        .collect();
    assert_eq!(places.len(), 2, "a certificate signed with RSA and SHA-256");
    for place in &places {
        der[place + SHA256_WITH_RSA.len() - 1] = match digest {
            Digest::Sha1 => 5,
            Digest::Md5 => 4,
        };
    }
    // Certificate and TBSCertificate: 30 82 and two octets each.
    let length = usize::from(u16::from_be_bytes([der[6], der[7]])) + 4;
    let tbs = &der[4..4 + length];
    let info = match digest {
        Digest::Sha1 => {
            let prefix =
                [0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14];
            [&prefix[..], &sha1::Sha1::digest(tbs)].concat()
        }
        Digest::Md5 => {
            let prefix = [
                0x30, 0x20, 0x30, 0x0c, 0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x05, 0x05,
                0x00, 0x04, 0x10,
            ];
            [&prefix[..], &md5::Md5::digest(tbs)].concat()
        }
    };
    let key = rsa::RsaPrivateKey::from_pkcs8_der(key).expect("an RSA key");
    let signature = key.sign(rsa::Pkcs1v15Sign::new_unprefixed(), &info).expect("a signature");
    let end = der.len();
    der[end - signature.len()..].copy_from_slice(&signature);
    der
}

/// A public key that rcgen did not make.
pub struct Foreign {
    pub subject_public_key: Vec<u8>,
    pub algorithm: &'static SignatureAlgorithm,
}

impl PublicKeyData for Foreign {
    fn der_bytes(&self) -> &[u8] {
        &self.subject_public_key
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        self.algorithm
    }
}

/// An RSA key of a size that rcgen does not make.
pub fn small_rsa(bits: usize) -> (Foreign, Vec<u8>) {
    use rsa::pkcs1::EncodeRsaPublicKey as _;
    use rsa::pkcs8::EncodePrivateKey as _;
    let key = rsa::RsaPrivateKey::new(&mut System, bits).expect("a key");
    let public = key.to_public_key().to_pkcs1_der().expect("an encoding").as_bytes().to_vec();
    let foreign = Foreign { subject_public_key: public, algorithm: &rcgen::PKCS_RSA_SHA256 };
    (foreign, key.to_pkcs8_der().expect("an encoding").as_bytes().to_vec())
}

/// The system's randomness for the `rsa` crate.
struct System;

impl rsa::rand_core::RngCore for System {
    fn next_u32(&mut self) -> u32 {
        getrandom::u32().expect("randomness")
    }

    fn next_u64(&mut self) -> u64 {
        getrandom::u64().expect("randomness")
    }

    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("randomness");
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rsa::rand_core::Error> {
        self.fill_bytes(bytes);
        Ok(())
    }
}

impl rsa::rand_core::CryptoRng for System {}

/// A keystore in the making.
pub struct Store {
    store: KeyStore,
    password: String,
}

impl Store {
    pub fn new(format: StoreFormat) -> Self {
        Self { store: KeyStore::empty(format), password: PASSWORD.to_owned() }
    }

    pub fn from(store: KeyStore) -> Self {
        Self { store, password: PASSWORD.to_owned() }
    }

    pub fn password(self, password: &str) -> Self {
        Self { password: password.to_owned(), ..self }
    }

    pub fn key(self, alias: &str, key: &[u8], chain: &[&[u8]]) -> Self {
        let password = self.password.clone();
        self.key_under(alias, key, chain, &password)
    }

    pub fn key_under(mut self, alias: &str, key: &[u8], chain: &[&[u8]], password: &str) -> Self {
        crate::secrets::keep(key);
        let key = PrivateKey::from_pkcs8(key).expect("a key");
        let password = Password::new(password.to_owned());
        let mut derivations = Derivations::new();
        let protected =
            protect_private_key(&self.store, &key, &password, &mut SystemEntropy, &mut derivations);
        let chain: Vec<_> = chain.iter().map(|der| EncodedCertificate::x509(der)).collect();
        self.store
            .add_private_key(alias, protected.expect("a protected key"), &chain, CREATED)
            .expect("an entry");
        self
    }

    pub fn trusted(mut self, alias: &str, der: &[u8]) -> Self {
        self.store.add_trusted(alias, &EncodedCertificate::x509(der), CREATED).expect("an entry");
        self
    }

    pub fn bytes(&self) -> Vec<u8> {
        let password = Password::new(self.password.clone());
        let mut derivations = Derivations::new();
        key_store::encode(&self.store, Some(&password), &mut SystemEntropy, &mut derivations)
            .expect("a store")
    }
}
