//! What is encoded is decoded again as the same.

use keyward::format::pkcs12::{Derivations, Pkcs12Error, Place, decode, decrypt_key, encode, encrypt_key};
use keyward::limits;
use keyward::model::key_store::pfx::{
    Attribute, Bag, BagContent, Cipher, HashFunction, LegacyCipher, MacScheme, Part, PasswordForm, Pfx,
    Profile, Protection, Scheme,
};
use keyward::model::key_store::{EncodedCertificate, Integrity, KeyStore};
use keyward::model::{Entropy, Password};

use super::fixture::{Counting, Pki, attributed, certificate, fast, listing, password, pfx, shrouded, store};

fn all_schemes() -> Vec<Scheme> {
    use HashFunction::{Sha1, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};
    let mut schemes = Vec::new();
    for cipher in [Cipher::Aes128, Cipher::Aes192, Cipher::Aes256, Cipher::TripleDes] {
        for prf in [Sha1, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256] {
            for key_length_written in [true, false] {
                schemes.push(Scheme::Pbes2 {
                    cipher,
                    prf,
                    iterations: 3,
                    salt_length: 9,
                    key_length_written,
                });
            }
        }
    }
    for cipher in [
        LegacyCipher::TripleDes,
        LegacyCipher::TwoKeyTripleDes,
        LegacyCipher::Rc2With128Bits,
        LegacyCipher::Rc2With40Bits,
        LegacyCipher::Rc4With128Bits,
        LegacyCipher::Rc4With40Bits,
    ] {
        schemes.push(Scheme::Pkcs12 { cipher, iterations: 3, salt_length: 11 });
    }
    schemes
}

#[test]
fn every_scheme_round_trips_in_a_part_and_around_a_key() {
    let held = EncodedCertificate::x509(b"not read by the codec");
    for scheme in all_schemes() {
        let bags = vec![certificate(&held, Some("ä €"), None)];
        let part = Part::new(Protection::Encrypted(scheme.clone()), bags);
        let original = Pfx::from_parts(vec![part], None, PasswordForm::default());
        let mut derivations = Derivations::new();
        let bytes = encode(&original, Some(&password()), &mut Counting::default(), &mut derivations).unwrap();
        let decoded = decode(&bytes, Some(&password()), &mut Derivations::new()).unwrap();
        assert_eq!(decoded.pfx, original, "{scheme:?}");
        assert_eq!(decoded.integrity, Integrity::None);

        let key = keyward::format::asn1::sequence(&[b"a key that nobody reads"]);
        let shrouded =
            encrypt_key(&key, &scheme, &password(), &mut Counting::default(), &mut derivations).unwrap();
        assert_eq!(*decrypt_key(&shrouded, &password(), &mut Derivations::new()).unwrap(), key, "{scheme:?}");
        let wrong = Password::new("changeit ".to_owned());
        let refused = decrypt_key(&shrouded, &wrong, &mut Derivations::new()).unwrap_err();
        assert_eq!(refused, Pkcs12Error::Password { place: Place::Key }, "{scheme:?}");
    }
}

#[test]
fn every_mac_round_trips_and_refuses_another_password() {
    use HashFunction::{Md5, Sha1, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};
    let mut macs = Vec::new();
    for hash in [Md5, Sha1, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256] {
        macs.push(MacScheme::Pkcs12 { hash, iterations: 2, salt_length: 8 });
    }
    for hash in [Sha1, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256] {
        macs.push(MacScheme::Pbmac1 { hash, prf: Sha512, iterations: 2, salt_length: 8, key_length: 20 });
        macs.push(MacScheme::Pbmac1 {
            hash: Sha256,
            prf: hash,
            iterations: 2,
            salt_length: 8,
            key_length: 64,
        });
    }
    for mac in macs {
        let original = Pfx::from_parts(Vec::new(), Some(mac.clone()), PasswordForm::default());
        let bytes =
            encode(&original, Some(&password()), &mut Counting::default(), &mut Derivations::new()).unwrap();
        let decoded = decode(&bytes, Some(&password()), &mut Derivations::new()).unwrap();
        assert_eq!((decoded.pfx.mac(), decoded.integrity), (Some(&mac), Integrity::Verified));
        let wrong = Password::new("changeIt".to_owned());
        let refused = decode(&bytes, Some(&wrong), &mut Derivations::new()).unwrap_err();
        assert_eq!(refused, Pkcs12Error::Password { place: Place::Mac });
        assert_eq!(refused.to_string(), "MAC of the PKCS12 file: wrong password or damaged file");
        assert_eq!(decode(&bytes, None, &mut Derivations::new()).unwrap().integrity, Integrity::Unchecked);
    }
}

#[test]
fn every_profile_holds_an_identity_and_an_anchor() {
    let pki = Pki::new();
    for profile in
        [Profile::java17(), Profile::java8(), Profile::openssl3(), Profile::modern(), Profile::passwordless()]
    {
        let mut store = store(
            &profile,
            vec![shrouded(&pki.key, Some("server"), Some(b"Time 1700000000000"))],
            vec![
                certificate(&pki.leaf, Some("server"), Some(b"Time 1700000000000")),
                certificate(&pki.intermediate, Some("CN=Intermediate"), None),
            ],
        );
        store.add_trusted("Anchor", &pki.stranger, time::OffsetDateTime::UNIX_EPOCH).unwrap();
        let store = super::fixture::reopened(pfx(&store));
        assert_eq!(listing(&store), ["server private-key 2", "Anchor trusted-certificate 1"]);
        let created = store.find("SERVER").unwrap().created.unwrap();
        assert_eq!(created.unix_timestamp(), 1_700_000_000);
    }
}

#[test]
fn an_empty_java17_store_has_the_bytes_that_java_writes() {
    // keytool 17, a store whose last entry was deleted: all but the MAC's value and salt.
    let mut derivations = Derivations::new();
    let bytes = encode(&Pfx::empty(), Some(&password()), &mut Counting::default(), &mut derivations).unwrap();
    assert_eq!(bytes.len(), 103);
    let start = [
        0x30, 0x65, 0x02, 0x01, 0x03, 0x30, 0x11, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07,
        0x01, 0xa0, 0x04, 0x04, 0x02, 0x30, 0x00, 0x30, 0x4d, 0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86,
        0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
    ];
    assert_eq!(bytes[..start.len()], start);
    assert_eq!(bytes[77..79], [0x04, 0x14]);
    assert_eq!(bytes[99..], [0x02, 0x02, 0x27, 0x10]);
}

#[test]
fn the_trust_attribute_has_the_bytes_that_java_writes() {
    let mut store = KeyStore::Pkcs12(Pfx::with_profile(&Profile::passwordless()));
    let held = EncodedCertificate::x509(b"unread");
    store.add_trusted("Ab", &held, time::OffsetDateTime::UNIX_EPOCH).unwrap();
    let bytes = encode(pfx(&store), None, &mut Counting::default(), &mut Derivations::new()).unwrap();
    let attributes = [
        &[0x31, 0x2d, 0x30, 0x13, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x14][..],
        &[0x31, 0x06, 0x1e, 0x04, 0x00, 0x41, 0x00, 0x62],
        &[0x30, 0x16, 0x06, 0x0c, 0x60, 0x86, 0x48, 0x01, 0x86, 0xf9, 0x66, 0xad, 0xca, 0x7b, 0x01, 0x01],
        &[0x31, 0x06, 0x06, 0x04, 0x55, 0x1d, 0x25, 0x00],
    ]
    .concat();
    assert!(bytes.ends_with(&attributes), "{bytes:02x?}");
}

#[test]
fn decoding_what_was_just_encoded_derives_nothing() {
    let pki = Pki::new();
    let mut store = KeyStore::Pkcs12(Pfx::empty());
    store.add_trusted("a", &pki.root, time::OffsetDateTime::UNIX_EPOCH).unwrap();
    let mut derivations = Derivations::new();
    let bytes = encode(pfx(&store), Some(&password()), &mut Counting::default(), &mut derivations).unwrap();
    assert_eq!(derivations.spent(), 20_000);
    decode(&bytes, Some(&password()), &mut derivations).unwrap();
    assert_eq!(derivations.spent(), 20_000);
    decode(&bytes, Some(&password()), &mut Derivations::new()).unwrap();
}

#[test]
fn both_forms_of_the_empty_password_are_found_and_kept() {
    let profile = fast(&Profile::java8());
    let none = Password::new(String::new());
    for form in [PasswordForm::Standard, PasswordForm::Absent] {
        let held = EncodedCertificate::x509(b"unread");
        let part = Part::new(profile.certificates.clone(), vec![certificate(&held, None, None)]);
        let original = Pfx::from_parts(vec![part], profile.mac.clone(), form);
        let mut entropy = Counting::default();
        let bytes = encode(&original, Some(&none), &mut entropy, &mut Derivations::new()).unwrap();
        let decoded = decode(&bytes, Some(&none), &mut Derivations::new()).unwrap();
        assert_eq!((decoded.pfx.password_form(), &decoded.pfx), (form, &original));
    }
}

#[test]
fn seven_bits_of_a_password_are_for_the_old_ciphers_alone() {
    let wide = Password::new("пароль €".to_owned());
    let (old, new) = (fast(&Profile::java8()), fast(&Profile::java17()));
    let held = EncodedCertificate::x509(b"unread");
    let part = |scheme: &Protection| Part::new(scheme.clone(), vec![certificate(&held, None, None)]);
    let parts = vec![part(&new.certificates), part(&old.certificates), part(&new.certificates)];
    let original = Pfx::from_parts(parts, old.mac.clone(), PasswordForm::SevenBits);
    let bytes = encode(&original, Some(&wide), &mut Counting::default(), &mut Derivations::new()).unwrap();
    let decoded = decode(&bytes, Some(&wide), &mut Derivations::new()).unwrap();
    assert_eq!((decoded.pfx.password_form(), &decoded.pfx), (PasswordForm::SevenBits, &original));
    assert_eq!(decoded.integrity, Integrity::Verified);
    assert_eq!(&**Password::new("ü".to_owned()).bmp_string_of_seven_bits(), [0, 0x43, 0, 0x3c, 0, 0]);
}

/// The MAC of a large file is computed beside the reading.
#[test]
fn a_large_file_is_refused_and_read_as_a_small_one() {
    let profile = fast(&Profile::java8());
    let (none, wide) = (Password::new(String::new()), Password::new("пароль €".to_owned()));
    let large = EncodedCertificate::x509(&[7; 300_000]);
    let written = |password: &Password, form| {
        let part = Part::new(profile.certificates.clone(), vec![certificate(&large, Some("large"), None)]);
        let original = Pfx::from_parts(vec![part], profile.mac.clone(), form);
        let mut entropy = Counting::default();
        (encode(&original, Some(password), &mut entropy, &mut Derivations::new()).unwrap(), original)
    };
    // The first form that is tried is not the one of every file.
    for (password, form) in [
        (&password(), PasswordForm::Standard),
        (&none, PasswordForm::Standard),
        (&none, PasswordForm::Absent),
        (&wide, PasswordForm::SevenBits),
    ] {
        let (bytes, original) = written(password, form);
        let decoded = decode(&bytes, Some(password), &mut Derivations::new()).unwrap();
        assert_eq!((&decoded.pfx, decoded.integrity), (&original, Integrity::Verified));
        assert_eq!(decoded.pfx.password_form(), form);
        let unchecked = decode(&bytes, None, &mut Derivations::new()).unwrap();
        assert_eq!(unchecked.integrity, Integrity::Unchecked);
    }
    let (mut bytes, _) = written(&password(), PasswordForm::Standard);
    let refused = |bytes: &[u8], password: &str| {
        let password = Password::new(password.to_owned());
        decode(bytes, Some(&password), &mut Derivations::new()).unwrap_err()
    };
    let at_mac = Pkcs12Error::Password { place: Place::Mac };
    assert_eq!(refused(&bytes, "another"), at_mac);
    // One changed octet of the ciphertext: what the MAC says comes first.
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    assert_eq!(refused(&bytes, password().reveal()), at_mac);
}

#[test]
fn everything_that_stands_in_a_part_is_kept() {
    let tlv = |octets: &[u8]| keyward::format::asn1::octet_string(octets);
    let other = Attribute::Other { kind: vec![0x2a, 3], values: tlv(b"value") };
    let mut odd =
        attributed(BagContent::Other { kind: vec![0x2a, 4], value: tlv(b"odd") }, Some("odd"), None);
    odd.attributes.push(other);
    // A friendlyName of another string type names nothing for Java, and is not lost.
    odd.attributes.push(Attribute::Other {
        kind: vec![0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x14],
        values: vec![0x0c, 0x01, b'x'],
    });
    let key = keyward::format::asn1::sequence(&[b"plain"]);
    let bags = vec![
        odd,
        attributed(BagContent::Key(key.clone().into()), Some("plain"), Some(b"id")),
        attributed(BagContent::Crl(tlv(b"crl")), None, None),
        attributed(BagContent::Secret(tlv(b"secret").into()), Some("s"), None),
        Bag::new(BagContent::Nested(vec![attributed(BagContent::ShroudedKey(key), Some("inner"), None)])),
    ];
    let part = Part::new(Protection::Plain, bags);
    let original = Pfx::from_parts(vec![part], None, PasswordForm::default());
    let bytes = encode(&original, None, &mut Counting::default(), &mut Derivations::new()).unwrap();
    let decoded = decode(&bytes, None, &mut Derivations::new()).unwrap();
    assert_eq!(decoded.pfx, original);
    assert_eq!(
        listing(&KeyStore::Pkcs12(decoded.pfx)),
        [
            "odd other 0 UnsupportedBag",
            "plain private-key 0 PlainKeyBag",
            " crl 0 UnsupportedBag",
            "s secret-key 0",
            "inner private-key 0 UnsupportedBag",
        ]
    );
}

#[test]
fn without_a_password_keys_are_listed_and_the_rest_is_locked() {
    let pki = Pki::new();
    let store = store(
        &Profile::java17(),
        vec![shrouded(&pki.key, Some("server"), Some(b"1"))],
        vec![certificate(&pki.leaf, Some("server"), Some(b"1"))],
    );
    let mut entropy = Counting::default();
    let bytes = encode(pfx(&store), Some(&password()), &mut entropy, &mut Derivations::new()).unwrap();
    let decoded = decode(&bytes, None, &mut Derivations::new()).unwrap();
    assert_eq!(decoded.integrity, Integrity::Unchecked);
    let mut locked = KeyStore::Pkcs12(decoded.pfx);
    assert_eq!(listing(&locked), ["server private-key 0"]);
    let refused = locked.add_trusted("a", &pki.root, time::OffsetDateTime::UNIX_EPOCH).unwrap_err();
    assert_eq!(refused, keyward::model::key_store::EditError::Locked);
    let refused = encode(pfx(&locked), None, &mut entropy, &mut Derivations::new()).unwrap_err();
    assert_eq!(refused, Pkcs12Error::PasswordRequired { place: Place::Mac });
}

#[test]
fn iterations_are_bounded() {
    let mac = |iterations| Some(MacScheme::Pkcs12 { hash: HashFunction::Sha1, iterations, salt_length: 8 });
    let write = |pfx: &Pfx| {
        encode(pfx, Some(&password()), &mut Counting::default(), &mut Derivations::new()).map(|_| ())
    };
    let too_many = limits::ITERATIONS + 1;
    let refused = write(&Pfx::from_parts(Vec::new(), mac(too_many), PasswordForm::default())).unwrap_err();
    let expected = Pkcs12Error::Iterations { place: Place::Mac, count: too_many, limit: limits::ITERATIONS };
    assert_eq!(refused, expected);
}

#[test]
fn salts_are_new_each_time_and_untouched_parts_the_same() {
    let pki = Pki::new();
    let store = store(
        &Profile::java17(),
        vec![shrouded(&pki.key, Some("server"), Some(b"1"))],
        vec![certificate(&pki.leaf, Some("server"), Some(b"1"))],
    );
    let mut entropy = Counting::default();
    let mut skipped = [0; 8];
    entropy.fill(&mut skipped).unwrap();
    let one = encode(pfx(&store), Some(&password()), &mut entropy, &mut Derivations::new()).unwrap();
    let two = encode(pfx(&store), Some(&password()), &mut entropy, &mut Derivations::new()).unwrap();
    let differing = one.iter().zip(&two).filter(|(a, b)| a != b).count();
    assert_eq!(one.len(), two.len());
    assert!((1..=52).contains(&differing), "only the MAC differs: {differing} octets");
}

#[test]
fn bytes_after_the_file_are_counted() {
    let mut bytes = encode(
        &Pfx::with_profile(&Profile::passwordless()),
        None,
        &mut Counting::default(),
        &mut Derivations::new(),
    )
    .unwrap();
    bytes.extend(b"junk");
    assert_eq!(decode(&bytes, Some(&password()), &mut Derivations::new()).unwrap().trailing, 4);
}
