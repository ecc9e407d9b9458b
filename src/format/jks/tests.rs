//! Unit tests of the JKS and JCEKS codec.

use super::modified_utf8;
use super::*;
use crate::format::pkcs12::Derivations;
use crate::limits;
use crate::model::key_store::java_store::{JavaContent, JavaEntry};
use crate::model::key_store::{Integrity, JavaStore, StoreFormat};
use crate::model::{EncodedCertificate, Password};

fn password(text: &str) -> Password {
    Password::new(text.to_owned())
}

fn trusted(alias: &str, der: &[u8]) -> JavaEntry {
    JavaEntry {
        alias: alias.to_owned(),
        created: 1_700_000_000_123,
        content: JavaContent::TrustedCertificate(EncodedCertificate::x509(der)),
    }
}

fn small(format: StoreFormat) -> JavaStore {
    let key = JavaContent::PrivateKey {
        protected: b"protected".to_vec(),
        chain: vec![EncodedCertificate::x509(b"leaf"), EncodedCertificate::x509(b"root")],
    };
    let mut store = JavaStore::empty(format);
    store.entries.push(trusted("root", b"root"));
    store.entries.push(JavaEntry { alias: "schlüssel".to_owned(), created: -1, content: key });
    if format == StoreFormat::Jceks {
        let content = JavaContent::SecretKey(sealed_object());
        store.entries.push(JavaEntry { alias: "secret".to_owned(), created: 0, content });
    }
    store
}

/// The stream that `ObjectOutputStream` makes of a `SealedObjectForKeyProtector`, with short contents.
fn sealed_object() -> Vec<u8> {
    let text = |text: &str| [&u16::try_from(text.len()).unwrap().to_be_bytes(), text.as_bytes()].concat();
    [
        &[0xac, 0xed, 0, 5, 0x73, 0x72][..],
        &text("com.sun.crypto.provider.SealedObjectForKeyProtector"),
        &[0xcd, 0x57, 0xca, 0x59, 0xe7, 0x30, 0xbb, 0x53, 2, 0, 0, 0x78, 0x72],
        &text("javax.crypto.SealedObject"),
        &[0x3e, 0x36, 0x3d, 0xa6, 0xc3, 0xb7, 0x54, 0x70, 2, 0, 4, b'['],
        &text("encodedParams"),
        &[0x74],
        &text("[B"),
        b"[",
        &text("encryptedContent"),
        &[0x71, 0, 0x7e, 0, 2, b'L'],
        &text("paramsAlg"),
        &[0x74],
        &text("Ljava/lang/String;"),
        b"L",
        &text("sealAlg"),
        &[0x71, 0, 0x7e, 0, 3, 0x78, 0x70],
        &[0x75, 0x72],
        &text("[B"),
        &[0xac, 0xf3, 0x17, 0xf8, 6, 8, 0x54, 0xe0, 2, 0, 0, 0x78, 0x70, 0, 0, 0, 2, 0x30, 0],
        &[0x75, 0x71, 0, 0x7e, 0, 5, 0, 0, 0, 3, 1, 2, 3],
        &[0x74],
        &text("PBEWithMD5AndTripleDES"),
        &[0x70],
    ]
    .concat()
}

fn malformed(result: Result<Decoded, JksError>) -> (Place, Problem) {
    match result {
        Err(JksError::Malformed { place, problem }) => (*place, problem),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_written_is_read_again() {
    for format in [StoreFormat::Jks, StoreFormat::Jceks] {
        for version in [1, 2] {
            let store = JavaStore { version, ..small(format) };
            let bytes = encode(&store, &password("geheim ლ")).unwrap();
            let decoded = decode(&bytes, Some(&password("geheim ლ"))).unwrap();
            assert_eq!(decoded.store, store);
            assert_eq!(decoded.integrity, Integrity::Verified);
            assert_eq!(decoded.trailing, 0);
            assert_eq!(encode(&decoded.store, &password("geheim ლ")).unwrap(), bytes);
        }
    }
}

#[test]
fn without_a_password_the_digest_is_not_checked() {
    let mut bytes = encode(&small(StoreFormat::Jks), &password("changeit")).unwrap();
    assert_eq!(decode(&bytes, None).unwrap().integrity, Integrity::Unchecked);
    assert_eq!(decode(&bytes, Some(&password("changeIt"))).unwrap_err(), JksError::Integrity);
    *bytes.last_mut().unwrap() ^= 1;
    assert_eq!(decode(&bytes, Some(&password("changeit"))).unwrap_err(), JksError::Integrity);
    assert_eq!(JksError::Integrity.to_string(), "wrong password or damaged file");
}

#[test]
fn bytes_after_the_digest_are_passed_over_and_counted() {
    let mut bytes = encode(&small(StoreFormat::Jks), &password("changeit")).unwrap();
    bytes.extend(b"junk");
    let decoded = decode(&bytes, Some(&password("changeit"))).unwrap();
    assert_eq!((decoded.integrity, decoded.trailing), (Integrity::Verified, 4));
}

#[test]
fn a_store_cut_anywhere_is_refused_with_the_place() {
    for format in [StoreFormat::Jks, StoreFormat::Jceks] {
        let bytes = encode(&small(format), &password("changeit")).unwrap();
        for length in 0..bytes.len() {
            match decode(&bytes[..length], None) {
                Err(JksError::Magic) => assert!(length < 4),
                Err(JksError::Malformed { place, problem }) => {
                    assert!(place.offset <= length, "{length}: {place}");
                    assert!(matches!(problem, Problem::Truncated { .. }), "{length}: {problem}");
                }
                other => panic!("{length}: {other:?}"),
            }
        }
    }
}

#[test]
fn errors_name_entry_alias_certificate_field_and_offset() {
    let bytes = encode(&small(StoreFormat::Jks), &password("changeit")).unwrap();
    let cut = bytes.len() - 20 - 2;
    let error = decode(&bytes[..cut], None).unwrap_err();
    let offset = bytes.len() - 20 - 4 - 4;
    assert_eq!(
        error.to_string(),
        format!(
            "entry 2 \"schlüssel\", certificate 2 of the chain, certificate at offset {offset}: \
             the file ends too early: 4 bytes are needed and 2 are left"
        )
    );
}

#[test]
fn counts_of_four_thousand_million_are_refused_before_anything_is_made() {
    let store = [&JKS_MAGIC[..], &[0, 0, 0, 2], &[0xff; 4], &[0; 40]].concat();
    let (place, problem) = malformed(decode(&store, None));
    assert_eq!((place.field, place.offset), ("number of entries", 8));
    assert_eq!(problem, Problem::Count { count: u32::MAX, most: limits::ENTRIES });

    let key = [&JKS_MAGIC[..], &[0, 0, 0, 2, 0, 0, 0, 1], &[0, 0, 0, 1, 0, 1, b'k'], &[0; 8], &[0; 4]];
    let chain = [&key.concat()[..], &[0xff; 4], &[0; 40]].concat();
    let (place, problem) = malformed(decode(&chain, None));
    assert_eq!((place.field, place.entry, place.offset), ("length of the chain", Some(1), 31));
    assert_eq!(problem, Problem::Count { count: u32::MAX, most: limits::ENTRY_CHAIN });

    let count = [&JKS_MAGIC[..], &[0, 0, 0, 2], &[0, 1, 0, 0], &[0; 40]].concat();
    assert_eq!(malformed(decode(&count, None)).1, Problem::Truncated { needed: 65_536 * 18, left: 40 });

    let length = [&key.concat()[..27], &[0xff; 4], &[0; 40]].concat();
    let (place, problem) = malformed(decode(&length, None));
    assert_eq!((place.field, place.offset), ("protected private key", 27));
    assert_eq!(problem, Problem::Truncated { needed: u64::from(u32::MAX), left: 40 });
}

#[test]
fn unknown_versions_and_tags_are_refused() {
    assert_eq!(decode(b"PK\x03\x04....", None).unwrap_err(), JksError::Magic);
    let three = [&JKS_MAGIC[..], &[0, 0, 0, 3, 0, 0, 0, 0], &[0; 20]].concat();
    assert_eq!(decode(&three, None).unwrap_err(), JksError::Version(3));
    let secret_in_jks = [&JKS_MAGIC[..], &[0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3], &[0; 40]].concat();
    assert_eq!(malformed(decode(&secret_in_jks, None)).1, Problem::Tag(3));
}

#[test]
fn only_the_sealed_object_of_java_is_taken_for_a_secret_key() {
    let damage = |position: usize, byte: u8| {
        let mut store = small(StoreFormat::Jceks);
        let mut sealed = sealed_object();
        sealed[position] = byte;
        store.entries[2].content = JavaContent::SecretKey(sealed);
        let (place, problem) = malformed(decode(&encode(&store, &password("p")).unwrap(), None));
        assert_eq!((place.entry, place.field), (Some(3), "secret key"));
        problem.to_string()
    };
    assert_eq!(damage(0, 0), "it does not begin as a Java serialization stream");
    assert_eq!(damage(4, 0x70), "the stream holds no object");
    assert!(damage(8, b'o').starts_with("an object of class oom.sun.crypto.provider.Sealed"));
}

#[test]
fn a_class_that_is_its_own_superclass_ends_the_walk() {
    let text = |text: &str| [&u16::try_from(text.len()).unwrap().to_be_bytes(), text.as_bytes()].concat();
    let sealed = [
        &[0xac, 0xed, 0, 5, 0x73, 0x72][..],
        &text("com.sun.crypto.provider.SealedObjectForKeyProtector"),
        &[0; 8],
        &[2, 0, 0, 0x78, 0x71, 0, 0x7e, 0, 0],
    ]
    .concat();
    let mut store = JavaStore::empty(StoreFormat::Jceks);
    let content = JavaContent::SecretKey(sealed);
    store.entries.push(JavaEntry { alias: "s".to_owned(), created: 0, content });
    let (_, problem) = malformed(decode(&encode(&store, &password("p")).unwrap(), None));
    assert_eq!(problem, Problem::Sealed("a class with too many superclasses".to_owned()));
}

#[test]
fn stores_that_the_format_cannot_hold_are_not_written() {
    let store = JavaStore { format: StoreFormat::Jks, ..small(StoreFormat::Jceks) };
    let error = encode(&store, &password("p")).unwrap_err();
    let reason = "JKS has no place for secret keys";
    assert_eq!(error, JksError::Entry { alias: "secret".to_owned(), reason });

    let mut store = JavaStore::empty(StoreFormat::Jks);
    store.entries.push(trusted(&"é".repeat(32_768), b"der"));
    assert!(matches!(encode(&store, &password("p")), Err(JksError::Entry { .. })));
    store.entries[0].alias = "é".repeat(32_767);
    assert!(encode(&store, &password("p")).is_ok());
}

#[test]
fn aliases_are_in_modified_utf8() {
    for (text, bytes) in [
        ("plain", &b"plain"[..]),
        ("a\0b", b"a\xc0\x80b"),
        ("é", b"\xc3\xa9"),
        ("ლ", b"\xe1\x83\x9a"),
        ("𐐷", b"\xed\xa0\x81\xed\xb0\xb7"),
    ] {
        assert_eq!(*modified_utf8::encode(text), *bytes);
        assert_eq!(modified_utf8::decode(bytes).as_deref(), Some(text));
    }
    for bytes in [&b"\xf0\x90\x90\xb7"[..], b"\xed\xa0\x81", b"\xc3", b"\xe1\x83", b"\x80", b"\xc3A"] {
        assert_eq!(modified_utf8::decode(bytes), None, "{bytes:x?}");
    }
    assert_eq!(modified_utf8::decode(b"\xc1\x81").as_deref(), Some("A"), "as readUTF takes it");
}

#[test]
fn a_protected_key_is_recovered_by_its_password_only() {
    for length in [0, 1, 19, 20, 21, 1218] {
        let pkcs8: Vec<u8> = (0..length).map(|i: u32| i.to_be_bytes()[3]).collect();
        let protected = protect_key(&pkcs8, &password("key ლ"), [7; 20]);
        assert_eq!(*recover_key(&protected, &password("key ლ"), &mut Derivations::new()).unwrap(), pkcs8);
        assert_eq!(
            recover_key(&protected, &password("kez ლ"), &mut Derivations::new()),
            Err(ProtectorError::Integrity)
        );
        for cut in 0..protected.len() {
            assert!(recover_key(&protected[..cut], &password("key ლ"), &mut Derivations::new()).is_err());
        }
    }
}

#[test]
fn iterations_of_a_key_are_bounded() {
    // EncryptedPrivateKeyInfo, PBEWithMD5AndTripleDES, salt of zeros, 2^31 - 1 iterations.
    let protected = [
        &[0x30, 0x29, 0x30, 0x1d, 0x06, 0x09, 0x2b, 6, 1, 4, 1, 0x2a, 2, 0x13, 1, 0x30, 0x10][..],
        &[4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 2, 4, 0x7f, 0xff, 0xff, 0xff, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0],
    ]
    .concat();
    let error = recover_key(&protected, &password("p"), &mut Derivations::new()).unwrap_err();
    assert_eq!(error, ProtectorError::Iterations(0x7fff_ffff));
}
