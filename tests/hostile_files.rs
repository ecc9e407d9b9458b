//! Small files that ask for much, each with what an error about it has to say.

use keyward::format::asn1;
use keyward::format::jks::{JCEKS_MAGIC, JKS_MAGIC};

const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
const ENCRYPTED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x06];
const SAFE_CONTENTS_BAG: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01, 0x06];
const SHA256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
const HMAC_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x09];
const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c];
const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d];
const PBMAC1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0e];
const AES256_CBC: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a];
const TRIPLE_DES: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01, 0x03];
/// `com.sun.crypto.provider.KeyProtector` of JCEKS.
const JCE_PROTECTOR: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x2a, 0x02, 0x13, 0x01];

/// 2^31, which nobody means.
const MUCH: u64 = 1 << 31;
const DEEP: usize = 1_000_000;

/// A file that must be refused.
pub struct Hostile {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    /// The whole message of the library.
    pub message: String,
}

/// Keystores that must be refused, with the password `changeit` given.
pub fn key_stores() -> Vec<Hostile> {
    let mut files = java_stores();
    files.extend(pkcs12_lengths());
    files.extend(pkcs12_derivations());
    files.extend(pkcs12_nestings());
    files
}

fn java_stores() -> Vec<Hostile> {
    let too_long = "the file ends too early: 4294967295 bytes are needed and 0 are left";
    let huge = u32::MAX.to_be_bytes();
    let key = java_store(JKS_MAGIC, 1, &[&java_entry(1, "key"), &[0, 0, 0, 3], b"key"]);
    let trusted = java_store(JKS_MAGIC, 1, &[&java_entry(2, "ca"), &[0, 5], b"X.509"]);
    let secret = java_store(JCEKS_MAGIC, 1, &[&java_entry(3, "secret")]);
    vec![
        Hostile {
            name: "entries.jks",
            message: "number of entries at offset 8: 4294967295 is more than the 200000 that are read".into(),
            bytes: java_store(JKS_MAGIC, u32::MAX, &[&[0; 64]]),
        },
        Hostile {
            name: "few-entries.jks",
            message: "number of entries at offset 8: the file ends too early: 3600000 bytes are needed and 64 are left"
                .into(),
            bytes: java_store(JKS_MAGIC, 200_000, &[&[0; 64]]),
        },
        Hostile {
            name: "chain.jks",
            message: "entry 1 \"key\", length of the chain at offset 36: 4294967295 is more than the 1000 that are read"
                .into(),
            bytes: [&key[..], &huge].concat(),
        },
        Hostile {
            name: "key-length.jks",
            message: format!("entry 1 \"key\", protected private key at offset 29: {too_long}"),
            bytes: java_store(JKS_MAGIC, 1, &[&java_entry(1, "key"), &huge]),
        },
        Hostile {
            name: "certificate-length.jks",
            message: format!("entry 1 \"ca\", certificate at offset 35: {too_long}"),
            bytes: [&trusted[..], &huge].concat(),
        },
        Hostile {
            name: "chain-certificate-length.jceks",
            message: format!(
                "entry 1 \"key\", certificate 2 of the chain, certificate at offset 59: {too_long}"
            ),
            bytes: [
                &java_store(JCEKS_MAGIC, 1, &[&java_entry(1, "key"), &[0, 0, 0, 3], b"key"])[..],
                &[0, 0, 0, 2],
                b"\0\x05X.509\0\0\0\x01c",
                b"\0\x05X.509",
                &huge,
            ]
            .concat(),
        },
        Hostile {
            name: "sealed-array.jceks",
            message: format!("entry 1 \"secret\", secret key at offset 32: {too_long}"),
            bytes: [&secret[..], &sealed_object(&[b"\x75\x72\0\x02[B\0\0\0\0\0\0\0\0\x02\0\0\x78\x70", &huge])]
                .concat(),
        },
        Hostile {
            name: "sealed-nesting.jceks",
            message: "entry 1 \"secret\", secret key at offset 32: 0x75 begins no name of a type".into(),
            // Each class has a field whose type is named by an array of such a class.
            bytes: [&secret[..], b"\xac\xed\0\x05\x73", &b"\x72\0\x01A\0\0\0\0\0\0\0\0\x02\0\x01[\0\x01a\x75".repeat(DEEP)]
                .concat(),
        },
    ]
}

/// JKS or JCEKS, version 2, without its digest.
fn java_store(magic: [u8; 4], count: u32, rest: &[&[u8]]) -> Vec<u8> {
    [&magic[..], &[0, 0, 0, 2], &count.to_be_bytes(), &rest.concat()].concat()
}

/// Type, alias and date of an entry.
fn java_entry(kind: u8, alias: &str) -> Vec<u8> {
    let length = u8::try_from(alias.len()).expect("a short alias");
    [&[0, 0, 0, kind, 0, length], alias.as_bytes(), &[0; 8]].concat()
}

/// A sealed object of the right class with one field, an array of bytes.
fn sealed_object(field: &[&[u8]]) -> Vec<u8> {
    let class = b"com.sun.crypto.provider.SealedObjectForKeyProtector";
    let length = u8::try_from(class.len()).expect("a short name");
    let start =
        [&b"\xac\xed\0\x05\x73\x72\0"[..], &[length], class, &[0; 8], b"\x02\0\x01[\0\x01a\x74\0\x02[B"];
    [start.concat(), b"\x78\x70".to_vec(), field.concat()].concat()
}

fn pkcs12_lengths() -> Vec<Hostile> {
    let start = [&[0x02, 0x01, 0x03][..], &asn1::sequence(&[asn1::object_identifier(DATA)])].concat();
    let octets = [0x04, 0x84, 0xff, 0xff, 0xff, 0xff];
    let content = asn1::sequence(&[asn1::object_identifier(DATA), asn1::tlv(0xa0, &octets)]);
    vec![
        Hostile {
            name: "length.p12",
            message: "PKCS12 file: PFX at offset 0: the data ends too early".into(),
            bytes: [&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], &start[..]].concat(),
        },
        Hostile {
            name: "longest.p12",
            message: "PKCS12 file: PFX at offset 0: the length is larger than any file".into(),
            bytes: [&[0x30, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], &start[..]].concat(),
        },
        Hostile {
            name: "octets.p12",
            message: "PKCS12 file: AuthenticatedSafe at offset 20: the data ends too early".into(),
            bytes: asn1::sequence(&[asn1::integer(3), content]),
        },
    ]
}

fn pkcs12_derivations() -> Vec<Hostile> {
    let iterations = |place: &str, bytes: Vec<u8>| {
        let offset = position(&bytes, &asn1::integer(MUCH));
        let message = format!(
            "{place}: iterations at offset {offset}: 2147483648 is outside the bounds of 1 to 5000000"
        );
        (bytes, message)
    };
    let key_length = |length: u64| {
        let mac = pbmac1(2048, length);
        let bytes = pfx(&[], Some(mac));
        let offset = position(&bytes, &[&asn1::integer(2048)[..], &asn1::integer(length)].concat()) + 4;
        let place = "MAC of the PKCS12 file: PBKDF2 key length";
        let message = format!("{place} at offset {offset}: {length} is outside the bounds of 20 to 128");
        (bytes, message)
    };
    let mac = "MAC of the PKCS12 file";
    let part = "part 2 of the PKCS12 file";
    let files = [
        ("mac-iterations.p12", iterations(mac, pfx(&[], Some(mac_data(MUCH))))),
        ("pbmac1-iterations.p12", iterations(mac, pfx(&[], Some(pbmac1(MUCH, 32))))),
        ("pbes2-iterations.p12", iterations(part, pfx(&[data(&[0x30, 0]), encrypted(&pbes2(MUCH))], None))),
        ("pbe-iterations.p12", iterations(part, pfx(&[data(&[0x30, 0]), encrypted(&pbe(MUCH))], None))),
        ("pbmac1-key-1.p12", key_length(1)),
        ("pbmac1-key-2-31.p12", key_length(MUCH)),
    ];
    files.map(|(name, (bytes, message))| Hostile { name, bytes, message }).into()
}

/// Keystores that ask for little at a time and for much altogether, which counts with a password only.
pub fn costly_key_stores() -> Vec<Hostile> {
    let message = |number: usize| {
        format!(
            "part {number} of the PKCS12 file: all key derivations of the file up to here take more than 20000000 \
             iterations"
        )
    };
    let parts = |count: usize, algorithm: &[u8]| vec![encrypted(algorithm); count];
    vec![
        Hostile {
            name: "many-parts.p12",
            bytes: pfx(&parts(1000, &pbes2(5_000_000)), None),
            message: message(5),
        },
        // Key and vector take three blocks of SHA-1.
        Hostile {
            name: "mac-and-parts.p12",
            bytes: pfx(&parts(2, &pbe(3_000_000)), Some(mac_data(5_000_000))),
            message: message(2),
        },
    ]
}

fn pkcs12_nestings() -> Vec<Hostile> {
    let too_deep = "values are nested deeper than 256";
    let version = asn1::integer(3);
    // Indefinite lengths without ends, and definite ones.
    let open = [&version[..], &[0x30, 0x80], &asn1::object_identifier(DATA), &[0xa0, 0x80]].concat();
    let mut bags = Vec::new();
    for _ in 0..200 {
        let bag = asn1::sequence(&[
            asn1::object_identifier(SAFE_CONTENTS_BAG),
            asn1::explicit(0, &asn1::sequence(&[bags])),
        ]);
        bags = bag;
    }
    vec![
        Hostile {
            name: "open-octets.p12",
            message: format!("PKCS12 file: PFX at offset 0: {too_deep}"),
            bytes: [&[0x30, 0x80][..], &open, &[0x24, 0x80].repeat(DEEP)].concat(),
        },
        // Three values are around the outermost of them.
        Hostile {
            name: "octets-in-octets.p12",
            message: format!("PKCS12 file: AuthenticatedSafe at offset {}: {too_deep}", 29 + 253 * 6),
            bytes: pfx_around(&nested(0x24, DEEP)),
        },
        // Nine values are around the outermost bag, and three from one bag to the next.
        Hostile {
            name: "bags-in-bags.p12",
            message: format!(
                "bag 1 in part 1 of the PKCS12 file: bagId at offset {}: {too_deep}",
                61 + 82 * 25 + 4
            ),
            bytes: pfx(&[data(&asn1::sequence(&[bags]))], None),
        },
    ]
}

/// Values with this identifier octet, one in the other, the innermost empty. Definite lengths.
pub fn nested(tag: u8, depth: usize) -> Vec<u8> {
    // Written from the inside out, turned around at the end.
    let mut reversed: Vec<u8> = Vec::with_capacity(depth * 5);
    for _ in 0..depth {
        let mut header = asn1::tlv(tag, &[]);
        let length = reversed.len();
        if length > 0 {
            header = vec![tag, 0x84];
            header.extend(u32::try_from(length).expect("a short value").to_be_bytes());
        }
        reversed.extend(header.iter().rev());
    }
    reversed.reverse();
    reversed
}

/// A PKCS12 file of these parts.
fn pfx(parts: &[Vec<u8>], mac: Option<Vec<u8>>) -> Vec<u8> {
    let mut fields = vec![asn1::integer(3), data(&asn1::sequence(parts))];
    fields.extend(mac);
    asn1::sequence(&fields)
}

/// A PKCS12 file with this in the place of the OCTET STRING of its AuthenticatedSafe.
fn pfx_around(octets: &[u8]) -> Vec<u8> {
    let content = asn1::sequence(&[asn1::object_identifier(DATA), asn1::explicit(0, octets)]);
    asn1::sequence(&[asn1::integer(3), content])
}

fn data(content: &[u8]) -> Vec<u8> {
    asn1::sequence(&[asn1::object_identifier(DATA), asn1::explicit(0, &asn1::octet_string(content))])
}

fn encrypted(algorithm: &[u8]) -> Vec<u8> {
    let content = asn1::sequence(&[&asn1::object_identifier(DATA), algorithm, &asn1::tlv(0x80, &[0; 16])]);
    let encrypted = asn1::sequence(&[asn1::integer(0), content]);
    asn1::sequence(&[asn1::object_identifier(ENCRYPTED_DATA), asn1::explicit(0, &encrypted)])
}

fn pbe(iterations: u64) -> Vec<u8> {
    let parameters = asn1::sequence(&[asn1::octet_string(&[1; 8]), asn1::integer(iterations)]);
    asn1::sequence(&[asn1::object_identifier(TRIPLE_DES), parameters])
}

fn pbes2(iterations: u64) -> Vec<u8> {
    let cipher = asn1::sequence(&[asn1::object_identifier(AES256_CBC), asn1::octet_string(&[2; 16])]);
    let parameters = asn1::sequence(&[pbkdf2(iterations, None), cipher]);
    asn1::sequence(&[asn1::object_identifier(PBES2), parameters])
}

fn pbkdf2(iterations: u64, key_length: Option<u64>) -> Vec<u8> {
    let mut parameters = vec![asn1::octet_string(&[1; 8]), asn1::integer(iterations)];
    parameters.extend(key_length.map(asn1::integer));
    parameters.push(asn1::sequence(&[asn1::object_identifier(HMAC_SHA256), asn1::null()]));
    asn1::sequence(&[asn1::object_identifier(PBKDF2), asn1::sequence(&parameters)])
}

fn mac_data(iterations: u64) -> Vec<u8> {
    let algorithm = asn1::sequence(&[asn1::object_identifier(SHA256), asn1::null()]);
    let info = asn1::sequence(&[algorithm, asn1::octet_string(&[0; 32])]);
    asn1::sequence(&[info, asn1::octet_string(&[1; 8]), asn1::integer(iterations)])
}

fn pbmac1(iterations: u64, key_length: u64) -> Vec<u8> {
    let hmac = asn1::sequence(&[asn1::object_identifier(HMAC_SHA256), asn1::null()]);
    let parameters = asn1::sequence(&[pbkdf2(iterations, Some(key_length)), hmac]);
    let algorithm = asn1::sequence(&[asn1::object_identifier(PBMAC1), parameters]);
    let info = asn1::sequence(&[algorithm, asn1::octet_string(&[0; 32])]);
    asn1::sequence(&[info, asn1::octet_string(b"NOT USED"), asn1::integer(1)])
}

/// Private keys that must be refused with any password: the octets of their EncryptedPrivateKeyInfo.
#[allow(dead_code, reason = "two test binaries share this file")]
pub fn keys() -> Vec<Hostile> {
    let key = |algorithm: &[u8]| asn1::sequence(&[algorithm, &asn1::octet_string(&[0; 32])]);
    let jce = asn1::sequence(&[asn1::octet_string(&[1; 8]), asn1::integer(MUCH)]);
    let jce = asn1::sequence(&[asn1::object_identifier(JCE_PROTECTOR), jce]);
    let files = [("pbes2 key", key(&pbes2(MUCH))), ("pbe key", key(&pbe(MUCH))), ("key of JCEKS", key(&jce))];
    let hostile = |(name, bytes): (&'static str, Vec<u8>)| {
        let offset = position(&bytes, &asn1::integer(MUCH));
        let message =
            format!("iterations at offset {offset}: 2147483648 is outside the bounds of 1 to 5000000");
        Hostile { name, bytes, message }
    };
    files.map(hostile).into()
}

/// Where a sequence of octets stands.
fn position(bytes: &[u8], pattern: &[u8]) -> usize {
    bytes
        .windows(pattern.len())
        .position(|window| window == pattern)
        .expect("the pattern stands in the bytes")
}
