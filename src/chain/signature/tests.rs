use rcgen::{CertificateParams, KeyPair, SignatureAlgorithm};

use super::*;

fn made_with(algorithm: &'static SignatureAlgorithm) -> Certificate {
    let key = KeyPair::generate_for(algorithm).unwrap();
    let params = CertificateParams::new(vec!["example.org".to_owned()]).unwrap();
    Certificate::from_der(params.self_signed(&key).unwrap().der()).unwrap()
}

#[test]
fn a_signature_verifies_with_its_key_and_with_no_other() {
    let all = [
        &rcgen::PKCS_ECDSA_P256_SHA256,
        &rcgen::PKCS_ECDSA_P384_SHA384,
        &rcgen::PKCS_ECDSA_P521_SHA512,
        &rcgen::PKCS_ED25519,
    ];
    for algorithm in all {
        let (own, other) = (made_with(algorithm), made_with(algorithm));
        assert_eq!(verify(&own, own.key()), Ok(()), "{algorithm:?}");
        assert_eq!(verify(&own, other.key()), Err(SignatureError::Bad), "{algorithm:?}");
        assert!(is_self_signed(&own));
    }
}

#[test]
fn a_key_of_another_kind_did_not_sign() {
    let ec = made_with(&rcgen::PKCS_ECDSA_P256_SHA256);
    let edwards = made_with(&rcgen::PKCS_ED25519);
    assert_eq!(verify(&ec, edwards.key()), Err(SignatureError::Bad));
    assert_eq!(verify(&edwards, ec.key()), Err(SignatureError::Bad));
}

#[test]
fn a_changed_certificate_does_not_verify() {
    let own = made_with(&rcgen::PKCS_ECDSA_P256_SHA256);
    let mut der = own.der().to_vec();
    let at = der.windows(11).position(|w| w == b"example.org").unwrap();
    der[at] = b'E';
    let changed = Certificate::from_der(&der).unwrap();
    assert_eq!(verify(&changed, own.key()), Err(SignatureError::Bad));
    assert!(!is_self_signed(&changed));
}

#[test]
fn inner_and_outer_algorithm_must_agree() {
    let own = made_with(&rcgen::PKCS_ECDSA_P256_SHA256);
    let mut der = own.der().to_vec();
    let oid = [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
    let at = der.windows(8).rposition(|w| w == oid).unwrap();
    der[at + 7] = 3;
    let changed = Certificate::from_der(&der).unwrap();
    assert!(matches!(verify(&changed, own.key()), Err(SignatureError::Malformed(_))));
}

fn stored(name: &str) -> Certificate {
    use base64::Engine as _;
    let file = format!("{}/testdata/signatures/{name}.pem", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(file).unwrap();
    let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    Certificate::from_der(&base64::engine::general_purpose::STANDARD.decode(body).unwrap()).unwrap()
}

#[test]
fn stored_signatures_of_every_kind_verify_and_fail_when_changed() {
    let names = [
        "md5",
        "sha1-rsa1024",
        "sha224",
        "sha384-rsa1024",
        "sha512-256",
        "rsa768",
        "pss",
        "pss-salt20",
        "pss-sha1-mask",
        "pss-rsa1025",
        "pss-key",
        "dsa1024-sha1",
        "dsa2048-sha224",
        "dsa2048",
        "ed448",
    ];
    for name in names {
        let own = stored(name);
        assert_eq!(verify(&own, own.key()), Ok(()), "{name}");
        let mut der = own.der().to_vec();
        let at = der.windows(12).position(|w| w == b"Keyward Test").unwrap();
        der[at] = b'k';
        let changed = Certificate::from_der(&der).unwrap();
        assert_eq!(verify(&changed, own.key()), Err(SignatureError::Bad), "{name}");
        let other = stored(match name {
            "sha224" => "md5",
            "dsa2048" => "dsa2048-sha224",
            "ed448" => "ed448-other",
            name if name.starts_with("dsa") => "dsa2048",
            _ => "sha224",
        });
        assert_eq!(verify(&own, other.key()), Err(SignatureError::Bad), "{name}");
    }
}

#[test]
fn what_cannot_be_checked_is_not_called_bad() {
    let brainpool = stored("brainpool");
    let name = "SHA256withECDSA on brainpoolP256r1".to_owned();
    assert_eq!(verify(&brainpool, brainpool.key()), Err(SignatureError::Unsupported(name)));
    assert!(is_self_signed(&brainpool));
}

#[test]
fn an_rsassa_pss_signature_that_names_no_digest_rests_on_sha1() {
    let pss = |parameters: &[u8]| crate::model::public_key::SignatureAlgorithm {
        oid: "1.2.840.113549.1.1.10".to_owned(),
        name: "RSASSA-PSS".to_owned(),
        digest: None,
        parameters: Some(parameters.into()),
    };
    let named = |oid: &[u8]| {
        let length = |n: usize| u8::try_from(n).unwrap();
        let id = [&[6, length(oid.len())], oid, &[5, 0]].concat();
        let sequence = [&[0x30, length(id.len())], id.as_slice()].concat();
        [&[0xa0, length(sequence.len())], sequence.as_slice()].concat()
    };
    assert!(rests_on_sha1(&pss(&[])));
    assert!(rests_on_sha1(&pss(&named(b"\x2b\x0e\x03\x02\x1a"))));
    assert!(!rests_on_sha1(&pss(&named(b"\x60\x86\x48\x01\x65\x03\x04\x02\x01"))));
}
