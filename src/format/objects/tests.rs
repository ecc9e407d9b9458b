use super::{EncodedKey, Encoding, Object, bare_base64, read};
use crate::format::certificates::Place;
use crate::format::detect::Kind;
use crate::format::pem;

const ROOT: &str = include_str!("../../../testdata/pki/root.pem");
const KEY: &str = include_str!("../../../testdata/pki/root.key");
const REQUEST: &str = include_str!("../../../testdata/inputs/request.csr");
const CRL: &str = include_str!("../../../testdata/inputs/root.crl.pem");
const P7B: &[u8] = include_bytes!("../../../testdata/inputs/chain.p7b");

fn der(text: &str) -> Vec<u8> {
    pem::blocks(text.as_bytes()).remove(0).unwrap().der.to_vec()
}

/// The name of each object, with its place.
fn names(bytes: &[u8]) -> Vec<(&'static str, Place)> {
    let name = |object: &Object| match object {
        Object::Certificate(_) => "certificate",
        Object::PrivateKey(_) => "key",
        Object::Request(_) => "request",
        Object::Crl(_) => "crl",
        Object::PublicKey(_) => "public key",
        Object::Damaged { .. } => "damaged",
    };
    read(bytes).unwrap().found.iter().map(|found| (name(&found.object), found.place)).collect()
}

#[test]
fn objects_of_every_kind_stand_in_one_file() {
    let text = format!("the root\n{ROOT}{KEY}between\n{REQUEST}");
    let kinds: Vec<&str> = names(text.as_bytes()).into_iter().map(|(name, _)| name).collect();
    assert_eq!(kinds, ["certificate", "key", "request"]);
    assert_eq!(names(text.as_bytes())[0].1, Place::Line(2));
}

#[test]
fn der_values_follow_one_another() {
    let bytes = [der(ROOT), der(REQUEST), P7B.to_vec()].concat();
    let kinds: Vec<&str> = names(&bytes).into_iter().map(|(name, _)| name).collect();
    assert_eq!(kinds, ["certificate", "request", "certificate", "certificate"]);
    assert_eq!(names(&bytes)[1].1, Place::Offset(der(ROOT).len()));
    assert_eq!(read(&bytes).unwrap().encoding, Encoding::Der);
    assert_eq!(read(P7B).unwrap().encoding, Encoding::Pkcs7);
}

#[test]
fn bytes_after_the_last_object_are_named() {
    let bytes = [der(ROOT), b"\n\nand more".to_vec()].concat();
    let objects = read(&bytes).unwrap();
    assert_eq!(objects.found.len(), 1);
    assert_eq!(
        objects.passed_over,
        [(Place::Offset(der(ROOT).len()), "10 bytes at the end are passed over".to_owned())]
    );
    assert!(read(&[der(ROOT), b"\r\n".to_vec()].concat()).unwrap().passed_over.is_empty());
}

#[test]
fn a_damaged_object_hides_no_other() {
    let broken = ROOT.replacen("\nMI", "\n!!", 1);
    let kinds: Vec<&str> =
        names(format!("{broken}{KEY}").as_bytes()).into_iter().map(|(name, _)| name).collect();
    assert_eq!(kinds, ["damaged", "key"]);
    let mut cut = der(REQUEST);
    cut.truncate(cut.len() - 1);
    assert_eq!(names(&cut), [("damaged", Place::Offset(0))]);
}

#[test]
fn an_ec_key_keeps_the_parameters_before_it() {
    let text = format!("{}{KEY}{KEY}", pem::encode("EC PARAMETERS", &[6, 1, 42]));
    let objects = read(text.as_bytes()).unwrap().found;
    let parameters: Vec<bool> = objects
        .iter()
        .map(|found| {
            matches!(&found.object, Object::PrivateKey(EncodedKey::Block { ec_parameters: Some(_), .. }))
        })
        .collect();
    assert_eq!(parameters, [true, false]);
}

#[test]
fn base64_text_is_what_it_stands_for() {
    let armoured = pem::encode("X", &der(ROOT));
    let bare: String = armoured.lines().filter(|line| !line.starts_with('-')).collect();
    assert_eq!(read(bare.as_bytes()).unwrap().encoding, Encoding::Base64);
    assert_eq!(bare_base64(b"hello world, this is text"), None);
    assert_eq!(read(b"hello").unwrap_err(), Kind::Text);
    assert_eq!(read(b"").unwrap_err(), Kind::Empty);
    assert_eq!(read(&[0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2]).unwrap_err(), Kind::Jks);
}

#[test]
fn no_key_is_in_a_debug_text() {
    let text = format!("{:?}", read(KEY.as_bytes()).unwrap());
    assert!(text.contains("PRIVATE KEY") && text.len() < 300, "{text}");
}

#[test]
fn crls_of_pkcs7_are_shown() {
    use crate::format::asn1;
    let crl = der(CRL);
    let crls = asn1::tlv(asn1::tag::context(1) | asn1::tag::CONSTRUCTED, &crl);
    let nothing: [&[u8]; 0] = [];
    let with = |certificates: &[u8]| {
        let signed = asn1::sequence(&[
            asn1::integer(1),
            asn1::set(&nothing),
            asn1::sequence(&[asn1::object_identifier(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1])]),
            certificates.to_vec(),
            crls.clone(),
            asn1::set(&nothing),
        ]);
        let id = asn1::object_identifier(crate::format::pkcs7::SIGNED_DATA);
        asn1::sequence(&[id, asn1::explicit(0, &signed)])
    };
    let kinds = |bytes: &[u8]| names(bytes).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    assert_eq!(kinds(&with(&[])), ["crl"]);
    let certificates = asn1::tlv(asn1::tag::context(0) | asn1::tag::CONSTRUCTED, &der(ROOT));
    assert_eq!(kinds(&with(&certificates)), ["certificate", "crl"]);
}

#[test]
fn blocks_of_other_standards_are_passed_over() {
    // The parameters of DH: two numbers, as in an RSA key. OpenPGP ends its base64 with a checksum.
    let text = "-----BEGIN DH PARAMETERS-----\nMAYCAQcCAQI=\n-----END DH PARAMETERS-----\n\
                -----BEGIN PGP PUBLIC KEY BLOCK-----\nComment: x\n\nmQENBF8A\n=AbCd\n-----END PGP PUBLIC KEY BLOCK-----\n";
    let objects = read(format!("{text}{ROOT}").as_bytes()).unwrap();
    assert_eq!(objects.found.len(), 1, "{objects:?}");
    let passed: Vec<&str> = objects.passed_over.iter().map(|(_, what)| what.as_str()).collect();
    assert_eq!(
        passed,
        ["a block \"DH PARAMETERS\" is passed over", "a block \"PGP PUBLIC KEY BLOCK\" is passed over"]
    );
}
