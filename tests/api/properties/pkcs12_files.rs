//! PKCS12.

use keyward::format::asn1;
use keyward::format::pkcs12::{Derivations, decode, encode};
use keyward::model::Password;
use keyward::model::entropy::SystemEntropy;
use keyward::model::key_store::pfx::{
    Attribute, Bag, BagContent, Cipher, HashFunction, LegacyCipher, MacScheme, Part, PasswordForm,
    Protection, Scheme,
};
use keyward::model::key_store::{Integrity, KeyStore, Pfx};
use proptest::prelude::*;
use time::OffsetDateTime;

use super::super::fuzz_replay::codecs;

fn hash() -> impl Strategy<Value = HashFunction> {
    use HashFunction::{Sha1, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256};
    prop::sample::select(vec![Sha1, Sha224, Sha256, Sha384, Sha512, Sha512_224, Sha512_256])
}

fn scheme() -> impl Strategy<Value = Scheme> {
    use LegacyCipher::{
        Rc2With40Bits, Rc2With128Bits, Rc4With40Bits, Rc4With128Bits, TripleDes, TwoKeyTripleDes,
    };
    let cipher =
        prop::sample::select(vec![Cipher::Aes128, Cipher::Aes192, Cipher::Aes256, Cipher::TripleDes]);
    let legacy = prop::sample::select(vec![
        TripleDes,
        TwoKeyTripleDes,
        Rc2With128Bits,
        Rc2With40Bits,
        Rc4With128Bits,
        Rc4With40Bits,
    ]);
    prop_oneof![
        (cipher, hash(), 1..4u64, 1..40usize, any::<bool>()).prop_map(
            |(cipher, prf, iterations, salt_length, key_length_written)| Scheme::Pbes2 {
                cipher,
                prf,
                iterations,
                salt_length,
                key_length_written
            }
        ),
        (legacy, 1..4u64, 1..40usize).prop_map(|(cipher, iterations, salt_length)| Scheme::Pkcs12 {
            cipher,
            iterations,
            salt_length
        }),
    ]
}

fn mac() -> impl Strategy<Value = MacScheme> {
    let any_hash = prop_oneof![hash(), Just(HashFunction::Md5)];
    prop_oneof![
        (any_hash, 1..4u64, 1..40usize).prop_map(|(hash, iterations, salt_length)| MacScheme::Pkcs12 {
            hash,
            iterations,
            salt_length
        }),
        (hash(), hash(), 1..4u64, 1..40usize, 20..=128usize).prop_map(
            |(hash, prf, iterations, salt_length, key_length)| MacScheme::Pbmac1 {
                hash,
                prf,
                iterations,
                salt_length,
                key_length
            }
        ),
    ]
}

/// One value in DER.
fn value() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..40).prop_map(|octets| asn1::octet_string(&octets))
}

/// Object identifiers that no codec knows.
fn unknown() -> impl Strategy<Value = Vec<u8>> {
    (0..0x80u8).prop_map(|arc| vec![0x2a, 0x03, arc])
}

fn attribute() -> impl Strategy<Value = Attribute> {
    let values = prop::collection::vec(value(), 0..3).prop_map(|values| values.concat());
    let usages = prop::collection::vec(unknown().prop_map(|oid| asn1::object_identifier(&oid)), 1..3);
    prop_oneof![
        super::alias().prop_map(|alias| Attribute::FriendlyName(alias.encode_utf16().collect())),
        prop::collection::vec(any::<u16>(), 0..8).prop_map(Attribute::FriendlyName),
        prop::collection::vec(any::<u8>(), 0..24).prop_map(Attribute::LocalKeyId),
        usages.prop_map(|usages| Attribute::TrustedKeyUsage(usages.concat())),
        (unknown(), values).prop_map(|(kind, values)| Attribute::Other { kind, values }),
    ]
}

fn bag() -> impl Strategy<Value = Bag> {
    let content = prop_oneof![
        value().prop_map(|value| BagContent::Key(value.into())),
        value().prop_map(BagContent::ShroudedKey),
        super::certificate().prop_map(BagContent::Certificate),
        (unknown(), value()).prop_map(|(kind, value)| {
            let fields = [asn1::object_identifier(&kind), asn1::explicit(0, &value)];
            BagContent::OtherCertificate(asn1::sequence(&fields))
        }),
        value().prop_map(BagContent::Crl),
        value().prop_map(|value| BagContent::Secret(value.into())),
        (unknown(), value()).prop_map(|(kind, value)| BagContent::Other { kind, value }),
    ];
    let with_attributes = |content: BagContent, attributes| {
        let mut bag = Bag::new(content);
        bag.attributes = attributes;
        bag
    };
    let leaf = (content, prop::collection::vec(attribute(), 0..4))
        .prop_map(move |(content, attributes)| with_attributes(content, attributes));
    leaf.prop_recursive(3, 8, 3, move |inner| {
        let nested = prop::collection::vec(inner, 0..3).prop_map(BagContent::Nested);
        (nested, prop::collection::vec(attribute(), 0..2))
            .prop_map(move |(content, attributes)| with_attributes(content, attributes))
    })
}

fn part() -> impl Strategy<Value = Part> {
    let protection = prop_oneof![Just(Protection::Plain), scheme().prop_map(Protection::Encrypted)];
    (protection, prop::collection::vec(bag(), 0..4))
        .prop_map(|(protection, bags)| Part::new(protection, bags))
}

fn pfx() -> impl Strategy<Value = Pfx> {
    let empty = prop_oneof![Just(PasswordForm::Standard), Just(PasswordForm::Absent)];
    (prop::collection::vec(part(), 0..4), prop::option::of(mac()), empty)
        .prop_map(|(parts, mac, empty)| Pfx::from_parts(parts, mac, empty))
}

fn write(pfx: &Pfx, password: &Password) -> Vec<u8> {
    encode(pfx, Some(password), &mut SystemEntropy, &mut Derivations::new()).unwrap()
}

/// What each part holds, and how it stands in the file if no edit has touched it.
fn parts(store: &KeyStore) -> Vec<(Option<Vec<u8>>, String)> {
    let KeyStore::Pkcs12(pfx) = store else { panic!("a PKCS12 store is expected") };
    pfx.parts()
        .iter()
        .map(|part| (part.original().map(<[u8]>::to_vec), format!("{:?}", part.bags())))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_again(pfx in pfx(), text in any::<String>()) {
        let password = Password::new(text);
        let bytes = write(&pfx, &password);
        let decoded = decode(&bytes, Some(&password), &mut Derivations::new()).unwrap();
        let integrity = if pfx.mac().is_some() { Integrity::Verified } else { Integrity::None };
        prop_assert_eq!((&decoded.pfx, decoded.integrity, decoded.trailing), (&pfx, integrity, 0));

        // Written again, only the salt of the MAC and with it the MAC are new.
        let again = write(&decoded.pfx, &password);
        prop_assert_eq!(again.len(), bytes.len());
        if pfx.mac().is_none() {
            prop_assert_eq!(again, bytes);
        }
    }

    #[test]
    fn an_edit_leaves_the_other_parts_to_the_byte(
        pfx in pfx(),
        which in any::<prop::sample::Index>(),
        new in super::alias(),
        held in super::certificate(),
        edit in 0..5u8,
    ) {
        let password = Password::new("changeit".to_owned());
        let bytes = write(&pfx, &password);
        let mut store = KeyStore::Pkcs12(decode(&bytes, Some(&password), &mut Derivations::new()).unwrap().pfx);
        let before = parts(&store);
        let aliases: Vec<String> = store.entries().into_iter().map(|entry| entry.alias).collect();
        let old = if aliases.is_empty() { String::new() } else { which.get(&aliases).clone() };
        let created = OffsetDateTime::UNIX_EPOCH;
        let done = match edit {
            0 => store.add_trusted(&new, &held, created),
            1 => store.rename(&old, &new),
            2 => store.remove(&old),
            3 => store.replace_trusted(&old, &held, created),
            _ => store.set_chain(&old, std::slice::from_ref(&held)),
        };
        let after = parts(&store);
        if done.is_err() {
            prop_assert_eq!(&after, &before);
        }
        // The parts that are still as they were stand in the file that is written, in their order.
        let untouched: Vec<Vec<u8>> = after.iter().filter_map(|(original, _)| original.clone()).collect();
        let mut known = before.iter().filter_map(|(original, _)| original.as_ref());
        prop_assert!(untouched.iter().all(|part| known.any(|old| old == part)));
        prop_assert!(before.len() - untouched.len().min(before.len()) <= 2, "an edit touches the parts of one entry");
        let KeyStore::Pkcs12(edited) = &store else { panic!("a PKCS12 store is expected") };
        let written = write(edited, &password);
        let read = decode(&written, Some(&password), &mut Derivations::new()).unwrap().pfx;
        prop_assert_eq!(&read, edited);
        for part in &untouched {
            prop_assert!(read.parts().iter().any(|read| read.original() == Some(&**part)));
        }
    }

    #[test]
    fn damage_is_survived(pfx in pfx(), damage in super::damage()) {
        let bytes = write(&pfx, &Password::new("changeit".to_owned()));
        codecs::run("pkcs12", &damage.on(&bytes));
    }
}
