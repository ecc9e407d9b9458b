//! Certificates, keys and stores that the tests make on the spot.

use keyward::format::pkcs12::{Derivations, decode, encode, encrypt_key};
use keyward::model::entropy::EntropyError;
use keyward::model::key_store::pfx::{
    Attribute, Bag, BagContent, MacScheme, Part, Pfx, Profile, Protection, Scheme,
};
use keyward::model::key_store::{EncodedCertificate, KeyStore};
use keyward::model::{Entropy, Password};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

/// Octets that never repeat, the same in every run.
#[derive(Default)]
pub(crate) struct Counting(u64);

impl Entropy for Counting {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        for piece in buffer.chunks_mut(8) {
            self.0 += 1;
            let octets = self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
            piece.copy_from_slice(&octets[..piece.len()]);
        }
        Ok(())
    }
}

/// A root, an intermediate and a leaf, and a root that has nothing to do with them.
pub(crate) struct Pki {
    pub(crate) root: EncodedCertificate,
    pub(crate) intermediate: EncodedCertificate,
    pub(crate) leaf: EncodedCertificate,
    pub(crate) renewed_leaf: EncodedCertificate,
    pub(crate) stranger: EncodedCertificate,
    /// PrivateKeyInfo of the leaf.
    pub(crate) key: Vec<u8>,
}

impl Pki {
    pub(crate) fn new() -> Self {
        let (root_key, intermediate_key, key) = (new_key(), new_key(), new_key());
        let root_params = params("Root", true);
        let root = root_params.self_signed(&root_key).unwrap();
        let root_issuer = Issuer::new(root_params, root_key);
        let intermediate_params = params("Intermediate", true);
        let intermediate = intermediate_params.signed_by(&intermediate_key, &root_issuer).unwrap();
        let issuer = Issuer::new(intermediate_params, intermediate_key);
        let leaf = params("Leaf", false).signed_by(&key, &issuer).unwrap();
        let renewed_leaf = params("Leaf", false).signed_by(&key, &issuer).unwrap();
        let stranger = params("Stranger", true).self_signed(&new_key()).unwrap();
        Self {
            root: EncodedCertificate::x509(root.der()),
            intermediate: EncodedCertificate::x509(intermediate.der()),
            leaf: EncodedCertificate::x509(leaf.der()),
            renewed_leaf: EncodedCertificate::x509(renewed_leaf.der()),
            stranger: EncodedCertificate::x509(stranger.der()),
            key: key.serialize_der(),
        }
    }
}

pub(crate) fn new_key() -> KeyPair {
    KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).unwrap()
}

pub(crate) fn params(name: &str, ca: bool) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.distinguished_name.push(DnType::OrganizationName, "Keyward");
    params.use_authority_key_identifier_extension = true;
    params.is_ca = if ca { IsCa::Ca(BasicConstraints::Unconstrained) } else { IsCa::NoCa };
    params
}

pub(crate) fn password() -> Password {
    Password::new("changeit".to_owned())
}

pub(crate) fn shrouded(key: &[u8], name: Option<&str>, id: Option<&[u8]>) -> Bag {
    let scheme = fast(&Profile::java17()).keys;
    let mut derivations = Derivations::new();
    let bytes = encrypt_key(key, &scheme, &password(), &mut Counting::default(), &mut derivations).unwrap();
    attributed(BagContent::ShroudedKey(bytes), name, id)
}

pub(crate) fn certificate(held: &EncodedCertificate, name: Option<&str>, id: Option<&[u8]>) -> Bag {
    attributed(BagContent::Certificate(held.clone()), name, id)
}

pub(crate) fn attributed(content: BagContent, name: Option<&str>, id: Option<&[u8]>) -> Bag {
    let mut bag = Bag::new(content);
    bag.attributes.extend(name.map(|name| Attribute::FriendlyName(name.encode_utf16().collect())));
    bag.attributes.extend(id.map(|id| Attribute::LocalKeyId(id.to_vec())));
    bag
}

/// A profile with few iterations.
pub(crate) fn fast(profile: &Profile) -> Profile {
    let scheme = |scheme: &Scheme| {
        let mut scheme = scheme.clone();
        let (Scheme::Pbes2 { iterations, .. } | Scheme::Pkcs12 { iterations, .. }) = &mut scheme else {
            return scheme;
        };
        *iterations = 20;
        scheme
    };
    let mut profile = profile.clone();
    profile.keys = scheme(&profile.keys);
    if let Protection::Encrypted(old) = &profile.certificates {
        profile.certificates = Protection::Encrypted(scheme(old));
    }
    if let Some(MacScheme::Pkcs12 { iterations, .. } | MacScheme::Pbmac1 { iterations, .. }) =
        &mut profile.mac
    {
        *iterations = 20;
    }
    profile
}

/// A store of a part with keys and one with certificates, written and read again.
pub(crate) fn store(profile: &Profile, keys: Vec<Bag>, certificates: Vec<Bag>) -> KeyStore {
    let profile = fast(profile);
    let parts = vec![Part::new(Protection::Plain, keys), Part::new(profile.certificates, certificates)];
    reopened(&Pfx::from_parts(parts, profile.mac, Default::default()))
}

pub(crate) fn reopened(pfx: &Pfx) -> KeyStore {
    let mut derivations = Derivations::new();
    let bytes = encode(pfx, Some(&password()), &mut Counting::default(), &mut derivations).unwrap();
    let decoded = decode(&bytes, Some(&password()), &mut derivations).unwrap();
    assert_eq!(decoded.pfx, *pfx);
    KeyStore::Pkcs12(decoded.pfx)
}

pub(crate) fn pfx(store: &KeyStore) -> &Pfx {
    match store {
        KeyStore::Pkcs12(pfx) => pfx,
        KeyStore::Java(_) => panic!("a PKCS12 store is expected"),
    }
}

/// Aliases with kind, hidden or not, and the length of the chain.
pub(crate) fn listing(store: &KeyStore) -> Vec<String> {
    let entry = |e: &keyward::model::key_store::Entry<'_>| {
        let hidden = e.hidden.map(|hidden| format!(" {hidden:?}")).unwrap_or_default();
        format!("{} {} {}{hidden}", e.alias, e.kind.id(), e.chain.len())
    };
    store.entries().iter().map(entry).collect()
}
