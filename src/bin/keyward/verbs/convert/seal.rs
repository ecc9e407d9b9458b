//! Keys under the protection of the target, by the codecs of its format.

use keyward::convert::Sealer;
use keyward::format::jks;
use keyward::format::pkcs12::{self, Derivations};
use keyward::format::private_key;
use keyward::model::entropy::{Entropy as _, SystemEntropy};
use keyward::model::key_store::StoreFormat;
use keyward::model::key_store::pfx::Scheme;
use keyward::model::{Password, PrivateKey, SecretKey};
use zeroize::Zeroizing;

/// Protects the keys of one store.
pub(super) struct StoreSealer<'a> {
    pub(super) format: StoreFormat,
    /// Of PKCS12.
    pub(super) scheme: Option<Scheme>,
    pub(super) password: &'a Password,
    pub(super) derivations: &'a mut Derivations,
}

impl StoreSealer<'_> {
    fn octets<const N: usize>() -> Result<[u8; N], String> {
        let mut octets = [0; N];
        SystemEntropy.fill(&mut octets).map_err(|error| error.to_string())?;
        Ok(octets)
    }
}

impl Sealer for StoreSealer<'_> {
    type Error = String;

    fn private_key(&mut self, _: &str, key: &PrivateKey) -> Result<Vec<u8>, String> {
        match (self.format, &self.scheme) {
            (StoreFormat::Jks, _) => Ok(jks::protect_key(key.pkcs8(), self.password, Self::octets()?)),
            (StoreFormat::Jceks, _) => {
                let protection = jks::Protection::new(Self::octets()?);
                jks::protect_jceks_key(key.pkcs8(), self.password, protection)
                    .map_err(|error| error.to_string())
            }
            (StoreFormat::Pkcs12, Some(scheme)) => {
                private_key::encrypt(key, scheme, self.password, &mut SystemEntropy, self.derivations)
                    .map_err(|error| error.to_string())
            }
            (StoreFormat::Pkcs12, None) => Err("there is no scheme for keys".to_owned()),
        }
    }

    fn secret_key(&mut self, _: &str, key: &SecretKey) -> Result<Zeroizing<Vec<u8>>, String> {
        match (self.format, &self.scheme) {
            (StoreFormat::Jceks, _) => {
                let protection = jks::Protection::new(Self::octets()?);
                jks::seal_secret_key(key, self.password, protection)
                    .map(Zeroizing::new)
                    .map_err(|error| error.to_string())
            }
            (StoreFormat::Pkcs12, Some(scheme)) => {
                pkcs12::encode_secret(key, scheme, self.password, &mut SystemEntropy, self.derivations)
                    .map_err(|error| error.to_string())
            }
            (StoreFormat::Jks | StoreFormat::Pkcs12, _) => {
                Err("there is no place for secret keys".to_owned())
            }
        }
    }
}
