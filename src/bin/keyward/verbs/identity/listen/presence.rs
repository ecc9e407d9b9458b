//! What the listener itself presents: a given certificate, or one that is made for the run.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use keyward::format::pkcs12::Derivations;
use keyward::format::private_key;
use keyward::model::entropy::SystemEntropy;
use keyward::model::{EncodedCertificate, Entropy, Password};
use keyward::serve::pki::{CertificateAuthority, Draft, PkiError};
use time::Duration;
use zeroize::Zeroizing;

use crate::args::IdentityListenArgs;
use crate::exit::Failure;
use crate::output::Output;
use crate::purse::Purse;
use crate::{certificates, clock, identity, source, store};

/// A server's certificates and its key.
pub(crate) struct Presence {
    /// The certificates, the server's own first.
    pub(crate) chain: Vec<EncodedCertificate>,
    /// PKCS8 DER.
    pub(crate) key: Zeroizing<Vec<u8>>,
}

impl Presence {
    /// What the call says.
    pub(crate) fn new(
        args: &IdentityListenArgs,
        purse: &mut Purse,
        output: &mut Output,
    ) -> Result<Self, Failure> {
        match (&args.cert, &args.key, &args.identity) {
            (Some(cert), Some(key), _) => {
                let reading = source::certificates_of_file(cert)?;
                let bytes = Zeroizing::new(source::read_file(key)?);
                let passwords: Vec<_> = purse.keys()?.into_iter().map(|key| key.password).collect();
                let passwords: Vec<&Password> = passwords.iter().map(|password| &**password).collect();
                let read =
                    private_key::read(&bytes, &passwords, &mut Derivations::new()).map_err(|error| {
                        Failure::unusable("not-a-key", format!("{}: {error}", key.display()))
                            .hint("for a key that is protected: --key-password env:NAME")
                    })?;
                let leaf = reading.certificates.first();
                if leaf.and_then(|leaf| read.fits(leaf)) == Some(false) {
                    return Err(Failure::unusable(
                        "key-mismatch",
                        format!("{} is not the key of {}", key.display(), cert.display()),
                    ));
                }
                Ok(Self {
                    chain: reading.certificates.iter().map(EncodedCertificate::from).collect(),
                    key: Zeroizing::new(read.pkcs8().to_vec()),
                })
            }
            (_, _, Some(text)) => {
                let (store, identity) = identity::one(text, purse)?;
                let key = identity::opened(&identity, &store)?;
                Ok(Self {
                    chain: identity.chain.iter().map(EncodedCertificate::from).collect(),
                    key: Zeroizing::new(key.pkcs8().to_vec()),
                })
            }
            _ => Self::made(args, output),
        }
    }

    /// An authority and a server below it, for a month. The authority's key is gone once this returns.
    fn made(args: &IdentityListenArgs, output: &mut Output) -> Result<Self, Failure> {
        let unmade = |error: PkiError| Failure::world("no-certificate", error);
        let now = clock::now();
        let (from, until) = (now - Duration::DAY, now + Duration::days(30));
        let mut serial = [0; 8];
        SystemEntropy
            .fill(&mut serial)
            .map_err(|error| Failure::world("no-randomness", format!("no randomness: {error}")))?;
        let serial = u64::from_be_bytes(serial) >> 2;
        let mut names = vec![
            "localhost".to_owned(),
            IpAddr::from(Ipv4Addr::LOCALHOST).to_string(),
            IpAddr::from(Ipv6Addr::LOCALHOST).to_string(),
        ];
        let own = args.listen.ip();
        if !own.is_loopback() && !own.is_unspecified() {
            names.push(own.to_string());
        }
        // A double answers for the name of its partner as well.
        if let Some(target) = args.like.as_deref().and_then(|text| source::target(text).ok()) {
            let host = target.host().to_string();
            if !names.contains(&host) {
                names.push(host);
            }
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let root = Draft::new("keyward listener CA", serial, from, until);
        let root = CertificateAuthority::root(&root).map_err(unmade)?;
        let server = Draft::new("localhost", serial.wrapping_add(1), from, until).server(&names);
        let server = root.issue(&server).map_err(unmade)?;
        if let Some(path) = &args.write_ca {
            let pem = certificates::pem(&root.certificate.der);
            store::write_certificates(path, pem.as_bytes(), output)?;
        }
        Ok(Self { chain: vec![server.certificate, root.certificate], key: server.key })
    }
}
