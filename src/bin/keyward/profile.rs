//! The protection of new PKCS12 stores, from the names on the command line.

use keyward::model::key_store::pfx::{HashFunction, MacScheme, Profile};

use crate::args::{MacName, ProfileArgs, ProfileName};

impl ProfileArgs {
    /// Whether any of them was given.
    pub(crate) fn is_given(&self) -> bool {
        self.profile.is_some() || self.iterations.is_some() || self.mac.is_some()
    }

    /// The profile's name, as typed and as reports have it.
    pub(crate) fn name(&self) -> &'static str {
        match self.profile.unwrap_or(ProfileName::Java17) {
            ProfileName::Java17 => "java17",
            ProfileName::Java8 => "java8",
            ProfileName::Openssl3 => "openssl3",
            ProfileName::Modern => "modern",
            ProfileName::Passwordless => "passwordless",
        }
    }

    /// The protection.
    pub(crate) fn protection(&self) -> Profile {
        let profile = match self.profile.unwrap_or(ProfileName::Java17) {
            ProfileName::Java17 => Profile::java17(),
            ProfileName::Java8 => Profile::java8(),
            ProfileName::Openssl3 => Profile::openssl3(),
            ProfileName::Modern => Profile::modern(),
            ProfileName::Passwordless => Profile::passwordless(),
        };
        let profile = match self.mac {
            None => profile,
            Some(MacName::None) => profile.with_mac(None),
            Some(MacName::Sha1) => profile.with_hmac(HashFunction::Sha1),
            Some(MacName::Sha256) => profile.with_hmac(HashFunction::Sha256),
            Some(MacName::Sha384) => profile.with_hmac(HashFunction::Sha384),
            Some(MacName::Sha512) => profile.with_hmac(HashFunction::Sha512),
            Some(MacName::Pbmac1) => {
                let iterations = profile.mac_iterations();
                profile.with_mac(Some(MacScheme::Pbmac1 {
                    hash: HashFunction::Sha256,
                    prf: HashFunction::Sha256,
                    iterations,
                    salt_length: 16,
                    key_length: 32,
                }))
            }
        };
        match self.iterations {
            Some(iterations) => profile.with_iterations(iterations),
            None => profile,
        }
    }
}
