//! Requests, CRLs and public keys.

use keyward::format::pem::blocks;
use keyward::format::{crl, public_key, request};
use time::macros::datetime;

use super::testdata;

fn der(file: &str) -> Vec<u8> {
    blocks(&testdata(file)).remove(0).unwrap().der.to_vec()
}

#[test]
fn a_request_shows_what_it_asks_for() {
    let read = request::read(&der("inputs/request-with-names.csr")).unwrap();
    assert_eq!(read.subject.rfc4514(), "CN=localhost,O=Example");
    assert_eq!(read.key.to_string(), "EC secp256r1");
    assert_eq!(read.signature_algorithm.name, "SHA256withECDSA");
    let names: Vec<String> = read.alternative_names.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["DNS:localhost", "IP:127.0.0.1"]);
    assert_eq!(&*read.der, der("inputs/request-with-names.csr"));
    assert!(request::read(&der("inputs/request.csr")).unwrap().alternative_names.is_empty());
}

#[test]
fn a_crl_shows_its_dates_number_and_count() {
    let read = crl::read(&der("inputs/root.crl.pem")).unwrap();
    assert_eq!(read.issuer.rfc4514(), "CN=Example Root CA,O=Example,C=CH");
    assert_eq!(read.this_update, datetime!(2024-01-01 0:00 UTC));
    assert_eq!(read.next_update, Some(datetime!(2044-01-01 0:00 UTC)));
    assert_eq!(read.number.as_deref(), Some(&[0x12, 0x34][..]));
    assert_eq!((read.revoked, read.signature_algorithm.name.as_str()), (2, "SHA256withECDSA"));
}

#[test]
fn a_public_key_of_pkcs1_becomes_the_usual_one() {
    let info = blocks(&testdata("keys/rsa.pem")).remove(1).unwrap().der;
    // After the algorithm identifier and the frame of the BIT STRING.
    let pkcs1 = &info[24..];
    let read = public_key::read(pkcs1).unwrap();
    assert_eq!((&*read.spki, read.to_string().as_str()), (info.as_slice(), "RSA 2048 bit"));
    assert_eq!(public_key::read(&info).unwrap(), read);
}

#[test]
fn no_truncation_is_read() {
    let (asked, list) = (der("inputs/request.csr"), der("inputs/root.crl.pem"));
    let info = blocks(&testdata("keys/rsa.pem")).remove(1).unwrap().der;
    assert!((0..asked.len()).all(|end| request::read(&asked[..end]).is_err()));
    assert!((0..list.len()).all(|end| crl::read(&list[..end]).is_err()));
    assert!((0..info.len()).all(|end| public_key::read(&info[..end]).is_err()));
    assert!(request::read(&[asked.as_slice(), b"x"].concat()).is_err());
    assert!(crl::read(&[list.as_slice(), b"x"].concat()).is_err());
    assert!(public_key::read(&[info.as_slice(), b"x"].concat()).is_err());
}
