//! Unit tests of reading certificates from any input.

use rcgen::{CertificateParams, CertifiedIssuer, DnType, Issuer, KeyPair};

use super::*;
use crate::model::EncodedCertificate;

/// A leaf and its issuer, and the leaf's key as PEM.
struct Pair {
    leaf: Certificate,
    root: Certificate,
    key: String,
}

fn pair() -> Pair {
    let named = |name: &str| {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params
    };
    let root = CertifiedIssuer::self_signed(named("Root"), KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let issuer: &Issuer<'_, KeyPair> = &root;
    let leaf = named("leaf").signed_by(&key, issuer).unwrap();
    let read = |der: &[u8]| Certificate::from_der(der).unwrap();
    Pair { leaf: read(leaf.der()), root: read(root.der()), key: key.serialize_pem() }
}

fn pem(certificate: &Certificate) -> String {
    pem::encode("CERTIFICATE", certificate.der())
}

fn found(input: impl AsRef<[u8]>) -> Vec<Certificate> {
    let reading = read(input.as_ref()).unwrap();
    reading.certificates.into_iter().map(|found| found.certificate).collect()
}

fn refused(input: impl AsRef<[u8]>) -> String {
    read(input.as_ref()).unwrap_err().to_string()
}

#[test]
fn every_form_gives_the_certificates_in_order() {
    let Pair { leaf, root, key } = pair();
    let both = [leaf.clone(), root.clone()];
    let encoded = both.each_ref().map(EncodedCertificate::from);
    let p7 = pkcs7::encode(&encoded);
    let text = format!("{}{}", pem(&leaf), pem(&root));
    let ders = [leaf.der(), root.der()].concat();
    let forms: Vec<(&str, Vec<u8>)> = vec![
        ("PEM", text.clone().into()),
        ("DER twice", ders.clone()),
        ("DER twice, line end", [&ders, &b"\r\n"[..]].concat()),
        ("DER, then PEM", [leaf.der(), pem(&root).as_bytes()].concat()),
        ("PEM, then DER", [pem(&leaf).as_bytes(), root.der()].concat()),
        ("PKCS7", p7.clone()),
        ("PKCS7 in PEM", pem::encode("PKCS7", &p7).into()),
        ("CMS", pem::encode("CMS", &p7).into()),
        ("PKCS7 as CERTIFICATE", pem::encode("CERTIFICATE", &p7).into()),
        ("X509 CERTIFICATE", text.replace("CERTIFICATE", "X509 CERTIFICATE").into()),
        ("any label", text.replace("CERTIFICATE", "FOO").into()),
        ("key first", format!("{key}{text}").into()),
        ("key between", format!("{}{key}{}", pem(&leaf), pem(&root)).into()),
        ("s_client", format!("CONNECTED(00000003)\n---\n 0 s:CN = leaf\n{text}---\nDONE\n").into()),
        ("base64 of the PEM", base64_of(text.as_bytes())),
        ("base64 of the PKCS7", base64_of(&p7)),
        ("UTF-16", [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()),
    ];
    for (name, bytes) in forms {
        assert_eq!(found(&bytes), both, "{name}");
    }
    assert_eq!(found(base64_of(root.der())), [root]);
    assert_eq!(found(leaf.der()), [leaf]);
}

fn base64_of(bytes: &[u8]) -> Vec<u8> {
    let text = pem::encode("X", bytes);
    text.lines().filter(|line| !line.starts_with('-')).collect::<Vec<_>>().join("\r\n").into()
}

#[test]
fn places_are_lines_and_offsets() {
    let Pair { leaf, root, .. } = pair();
    let text = format!("\n\n{}x\n{}", pem(&leaf), pem(&root));
    let second = 2 + pem(&leaf).lines().count() + 2;
    let places = |bytes: &[u8]| read(bytes).unwrap().certificates.iter().map(|f| f.place).collect::<Vec<_>>();
    assert_eq!(places(text.as_bytes()), [Place::Line(3), Place::Line(second)]);
    let ders = [leaf.der(), root.der()].concat();
    assert_eq!(places(&ders), [Place::Offset(0), Place::Offset(leaf.der().len())]);
}

#[test]
fn trust_settings_of_openssl_are_dropped_with_a_note() {
    let Pair { root, .. } = pair();
    let trusted = [root.der(), &[0x30, 0x0a, 0x30, 0x08, 6, 6, 0x2a, 3, 4, 5, 6, 7]].concat();
    let reading = read(pem::encode("TRUSTED CERTIFICATE", &trusted).as_bytes()).unwrap();
    assert_eq!(reading.certificates[0].certificate, root);
    assert_eq!(reading.notes, [Note { place: Place::Line(1), remark: Remark::TrustSettings }]);
}

#[test]
fn a_bad_block_is_a_note_and_the_good_one_is_read() {
    let Pair { leaf, root, key } = pair();
    let broken = pem(&leaf).replacen("MII", "M?I", 1);
    let reading = read(format!("{broken}{key}{}", pem(&root)).as_bytes()).unwrap();
    assert_eq!(reading.certificates.len(), 1);
    let notes: Vec<String> = reading.notes.iter().map(Note::to_string).collect();
    let key_line = pem(&leaf).lines().count() + 1;
    let passed = format!("line {key_line}: a private key (PKCS8) is passed over");
    assert_eq!(notes, ["line 2: ? is no character of base64".to_owned(), passed]);
    assert_eq!(
        refused(format!("{key}{broken}")),
        format!("no certificate can be read: line {}: ? is no character of base64", key.lines().count() + 2)
    );
}

#[test]
fn junk_after_der_is_a_note() {
    let Pair { root, .. } = pair();
    let reading = read(&[root.der(), b"junk"].concat()).unwrap();
    let place = Place::Offset(root.der().len());
    assert_eq!(reading.notes, [Note { place, remark: Remark::Trailing(4) }]);
}

#[test]
fn other_inputs_are_named() {
    let Pair { key, root, .. } = pair();
    let request = CertificateParams::new(Vec::new()).unwrap();
    let request = request.serialize_request(&KeyPair::generate().unwrap()).unwrap();
    for (input, message) in [
        (Vec::new(), "the input is empty"),
        (b" \n".to_vec(), "the input is empty"),
        (b"hello".to_vec(), "the input is plain text, not a certificate"),
        (b"MIIB".to_vec(), "the input is plain text, not a certificate"),
        (b"<html><body>404</body></html>".to_vec(), "the input is an HTML page, not a certificate"),
        (b"\xfe\xed\xfe\xed\0\0\0\x02".to_vec(), "the input is a Java keystore (JKS), not a certificate"),
        (key.clone().into_bytes(), "the input is a private key (PKCS8), not a certificate"),
        (request.der().to_vec(), "the input is a certificate request, not a certificate"),
        (request.pem().unwrap().into_bytes(), "the input is a certificate request, not a certificate"),
        (pem::encode("DH PARAMETERS", b"\x30\0").into(), "the input is PEM text, not a certificate"),
        (pkcs7::encode(&[]), "no certificate can be read: offset 0: a PKCS7 file without certificates"),
    ] {
        assert_eq!(refused(&input), message);
    }
    let cut = &root.der()[..root.der().len() - 1];
    assert_eq!(refused(cut), "no certificate can be read: offset 0: the data ends too early");
}

#[test]
fn an_input_cut_anywhere_is_refused_or_read_in_part() {
    let Pair { leaf, root, .. } = pair();
    let p7 = pkcs7::encode(&[&leaf, &root].map(EncodedCertificate::from));
    for input in [[leaf.der(), root.der()].concat(), p7, format!("{}{}", pem(&leaf), pem(&root)).into()] {
        for length in 0..input.len() {
            if let Ok(reading) = read(&input[..length]) {
                assert!(reading.certificates.iter().all(|f| f.certificate == leaf || f.certificate == root));
            }
        }
    }
}
