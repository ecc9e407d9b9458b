use rustls::SignatureScheme;

use super::*;
use crate::format::pkcs12::Derivations;
use crate::format::private_key;
use crate::model::public_key::PublicKey;

fn key(name: &str) -> PrivateKey {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/keys").join(name);
    private_key::read(&std::fs::read(path).unwrap(), &[], &mut Derivations::new()).unwrap()
}

#[test]
fn keys_that_do_not_sign_are_refused_by_name() {
    for (file, name) in [
        ("dsa.pem", "DSA"),
        ("ed448.pem", "Ed448"),
        ("brainpoolP256r1.pem", "brainpoolP256r1"),
        ("secp224r1.pem", "secp224r1"),
        ("secp256k1.pem", "secp256k1"),
    ] {
        let refused = load(&key(file)).map(|_| ()).unwrap_err();
        assert!(matches!(refused, UnusableKey::Algorithm(_)), "{file}: {refused}");
        assert!(refused.to_string().contains(name), "{file}: {refused}");
    }
}

/// Each signs by the scheme that fits it, and the signature verifies with its public half.
#[test]
fn keys_sign_by_their_scheme() {
    for (file, scheme) in [
        ("rsa-pss.pem", 0x0809),
        ("rsa-pss.pem", 0x080b),
        ("secp256r1.pem", 0x0403),
        ("secp384r1.pem", 0x0503),
        ("secp521r1.pem", 0x0603),
        ("ed25519.pem", 0x0807),
    ] {
        let key = key(file);
        let offered = [0x0202, scheme].map(SignatureScheme::from);
        let signer = load(&key).unwrap().choose_scheme(&offered).unwrap_or_else(|| panic!("{file}"));
        assert_eq!(u16::from(signer.scheme()), scheme, "{file}");
        let signature = signer.sign(b"a handshake").unwrap();
        let spki = key.public_key().unwrap();
        let summary = key.key();
        let public = PublicKey {
            algorithm: summary.algorithm.clone(),
            bits: summary.bits,
            curve: summary.curve.clone(),
            spki: spki.into(),
        };
        assert_eq!(public.verifies_handshake(scheme, b"a handshake", &signature), Some(true), "{file}");
        assert_eq!(public.verifies_handshake(scheme, b"another", &signature), Some(false), "{file}");
        assert!(load(&key).unwrap().choose_scheme(&[SignatureScheme::from(0x0202)]).is_none());
    }
}
