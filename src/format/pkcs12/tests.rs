use super::derivations::{Function, Request};
use super::kdf::{self, Purpose};
use super::*;
use crate::limits;
use crate::model::key_store::pfx::{HashFunction, Profile, Protection};

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
}

/// Peter Gutmann's vectors, which every implementation carries, and the same function as `openssl kdf
/// PKCS12KDF` of OpenSSL 3.0 computes it where several blocks of output are needed.
#[test]
fn the_pkcs12_derivation_has_the_known_results() {
    let smeg = "0073006D006500670000";
    let queeg = "007100750065006500670000";
    let cases = [
        (
            HashFunction::Sha1,
            smeg,
            "0A58CF64530D823F",
            1,
            Purpose::Key,
            "8AAAE6297B6CB04642AB5B077851284EB7128F1A2A7FBCA3",
        ),
        (HashFunction::Sha1, smeg, "0A58CF64530D823F", 1, Purpose::Iv, "79993DFE048D3B76"),
        (
            HashFunction::Sha1,
            queeg,
            "05DEC959ACFF72F7",
            1000,
            Purpose::Key,
            "ED2034E36328830FF09DF1E1A07DD357185DAC0D4F9EB3D4",
        ),
        (
            HashFunction::Sha1,
            queeg,
            "263216FCC2FAB31C",
            1000,
            Purpose::Mac,
            "5EC4C7A80DF652294C3925B6489A7AB857C83476",
        ),
        (
            HashFunction::Md5,
            queeg,
            "05DEC959ACFF72F7",
            10,
            Purpose::Iv,
            "1B6A558DD5302358C95FE54C74ECCBEFA4A0BE4861B8623FE8E21D9C9A605C8FA267FF256E98803D17E8170A787336508CA7A257\
             E99E6C449B476EA6F9ABEFA1653A0C811B53",
        ),
        (
            HashFunction::Sha256,
            queeg,
            "05DEC959ACFF72F7",
            10,
            Purpose::Key,
            "469BB02CC0410686D00769568EE0E981DDB9139104B7CC0F3C76C7F70D9FDFF8F28DB6A2CA564620BC0D1362535FE646EAEC38DB\
             3AC1A8AC73DBE25A4E3105F06932695A7AC76580AE3A07135A153E165AB8187FF24D29856778FE395C00392B7A10155B",
        ),
        (
            HashFunction::Sha512,
            queeg,
            "05DEC959ACFF72F7",
            10,
            Purpose::Mac,
            "F6D6C8183642B0BB1FD9E24FE5397BC3BAA4E7F3F93B78AF2C26120 8FB52AB313E1AAEE0381EBA5E14CE6A3702A1B267BBF724D9\
             3C05B6AB30F24E033483013E42D69D05A12DD67D9B535E0CCBCB994C9BBA3E06D0BA5AF82607779D83DF7FF3BF4E1452333CE7ED\
             49E0F112E8ACC67B3421779768CB5070E48A6C0E184A278820DD",
        ),
        (
            HashFunction::Sha512_256,
            queeg,
            "05DEC959ACFF72F7",
            10,
            Purpose::Mac,
            "ACCF0638C4DCC3FC4EE5993B1CF650BAFB0BF00EFF084F7A5CFDD2BD331DA43537312667B7D2BC3226B6F4F5D99F00E7E923569C\
             164D96B6E5FE097CF0E8A38F226208169085D82C9178252A499BF3554F5927D0757423C09E45AF5D695EFB64ADF6C20296BA74FE\
             38A2AB03B93492ED537A44D095FCF21A07057C65C2E04BC105E9",
        ),
    ];
    for (hash, password, salt, iterations, purpose, expected) in cases {
        let expected = hex(expected);
        let mut out = vec![0; expected.len()];
        kdf::pkcs12(hash, &hex(password), &hex(salt), purpose, iterations, &mut out);
        assert_eq!(out, expected, "{hash:?} {purpose:?}");
    }
}

/// RFC 6070, and RFC 7914 section 11 for SHA-256.
#[test]
fn pbkdf2_has_the_known_results() {
    let cases = [
        (HashFunction::Sha1, "password", "salt", 4096, "4b007901b765489abead49d926f721d065a429c1"),
        (
            HashFunction::Sha1,
            "passwordPASSWORDpassword",
            "saltSALTsaltSALTsaltSALTsaltSALTsalt",
            4096,
            "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038",
        ),
        (
            HashFunction::Sha256,
            "passwd",
            "salt",
            1,
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645991664b39d77ef317c71b845b1e\
             30bd509112041d3a19783",
        ),
    ];
    for (hash, password, salt, iterations, expected) in cases {
        let expected = hex(expected);
        let mut out = vec![0; expected.len()];
        kdf::pbkdf2(hash, password.as_bytes(), salt.as_bytes(), iterations, &mut out);
        assert_eq!(out, expected);
    }
}

fn request(salt: &[u8], iterations: u64) -> Request<'_> {
    let (function, hash) = (Function::Pkcs12(Purpose::Key), HashFunction::Sha1);
    Request { function, hash, password: b"", salt, iterations, length: 24 }
}

#[test]
fn derivations_are_done_once_and_every_block_counts() {
    let mut derivations = Derivations::new();
    let first = derivations.derive(Place::Key, &request(b"salt", 100)).unwrap();
    assert_eq!(derivations.spent(), 200);
    assert_eq!(derivations.derive(Place::Key, &request(b"salt", 100)).unwrap(), first);
    assert_eq!(derivations.spent(), 200);
    assert_ne!(derivations.derive(Place::Key, &request(b"other", 100)).unwrap(), first);
    assert_eq!(derivations.spent(), 400);
}

#[test]
fn a_file_has_one_budget_of_iterations() {
    let mut derivations = Derivations::with_spent(limits::ITERATIONS_PER_FILE - 20);
    derivations.derive(Place::Mac, &request(b"a", 10)).unwrap();
    let refused = derivations.derive(Place::Part(2), &request(b"b", 1)).unwrap_err();
    let limit = limits::ITERATIONS_PER_FILE;
    assert_eq!(refused, Pkcs12Error::IterationsPerFile { place: Place::Part(2), limit });
    derivations.derive(Place::Mac, &request(b"a", 10)).unwrap();
    let refused = derivations.derive(Place::Mac, &request(b"a", 0)).unwrap_err();
    assert_eq!(refused.to_string(), "MAC of the PKCS12 file: 0 iterations of key derivation");
}

/// Stores of 200 keys as tools write them, at the counts that are in use.
#[test]
fn honest_stores_are_within_the_budget() {
    let profiles = [Profile::java17(), Profile::java8(), Profile::openssl3(), Profile::modern()];
    for profile in profiles {
        let mac = profile.mac.as_ref().map_or(0, mac::cost);
        let part = match &profile.certificates {
            Protection::Encrypted(scheme) => cipher::cost(scheme),
            _ => 0,
        };
        assert!(Derivations::new().afford(mac + part).is_ok(), "{profile:?}");
        let all = mac + part + 200 * cipher::cost(&profile.keys);
        assert!(Derivations::new().charge(all).is_ok(), "{profile:?}: {all}");
    }
    assert!(Derivations::new().charge(200 * crate::format::jks::Protection::ITERATIONS).is_ok());
}

#[test]
fn object_identifiers_are_named() {
    assert_eq!(oid::describe(oid::TRUSTED_KEY_USAGE), "2.16.840.1.113894.746875.1.1");
    let scrypt = hex("2B06010401DA47040B");
    assert_eq!(oid::describe(&scrypt), "scrypt (1.3.6.1.4.1.11591.4.11)");
    assert_eq!(oid::describe(&[]), "");
}
