//! Ed448 signatures of certificates: those that openssl makes, and those made to be read differently, held against
//! the EdDSA verifier of each JVM.

mod commands;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::{array, fs};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed448_goldilocks_plus::{CompressedEdwardsY, EdwardsPoint, Scalar, ScalarBytes, WideScalarBytes};
use keyward::chain::signature;
use keyward::format::public_key;
use keyward::model::{Certificate, PrivateKey};
use shake::Shake256;
use shake::digest::{ExtendableOutput, Update, XofReader};

use crate::jsse_verdict::{ask, value, with_signature};
use crate::jvm::scratch;
use crate::peers::jdks;

pub use commands::through_the_commands;

/// Keys that openssl makes, each with a certificate.
const KEYS: usize = 200;

/// Octets of a point and of a number.
const LENGTH: usize = 57;

/// The order of the base point (RFC 8032 section 5.2), little-endian.
const ORDER: [u8; LENGTH] = [
    0xf3, 0x44, 0x58, 0xab, 0x92, 0xc2, 0x78, 0x23, 0x55, 0x8f, 0xc5, 0x8d, 0x72, 0xc2, 0x6c, 0x21, 0x90,
    0x36, 0xd6, 0xae, 0x49, 0xdb, 0x4e, 0xc4, 0xe9, 0x23, 0xca, 0x7c, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0x3f, 0,
];

/// A certificate, and a key that may have signed it.
struct Case {
    name: String,
    certificate: Certificate,
    /// `SubjectPublicKeyInfo`.
    key: Vec<u8>,
}

/// keyward and every JVM say the same of each signature; of those by openssl they say that they are good.
pub fn signatures() {
    let folder = scratch("ed448");
    let (own, template) = by_openssl(&folder);
    let mut cases = own;
    let good = cases.len();
    for case in &cases {
        let key = public_key::read(&case.key).unwrap();
        assert_eq!(signature::verify(&case.certificate, &key), Ok(()), "{}", case.name);
    }
    damaged(&mut cases, good);
    Crafted { template, cases: &mut cases, made: 0 }.all();
    assert!(cases.len() > 800, "{} cases are too few", cases.len());
    let list = folder.join("cases");
    let mut text = String::new();
    for Case { name, certificate, key } in &cases {
        let (certificate, key) = (STANDARD.encode(certificate.der()), STANDARD.encode(key));
        writeln!(text, "{name} {certificate} Ed448 {key}").unwrap();
    }
    fs::write(&list, text).unwrap();
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/java/VerifySignatures.java");
    for jdk in jdks() {
        let said = ask(Command::new(jdk.tool("java")), &program, &list);
        let verify = if jdk.feature == 17 { signature::verify_as_java_17 } else { signature::verify };
        let (mut agreeing, mut signed, mut differing) = (0, 0, Vec::new());
        for Case { name, certificate, key } in &cases {
            let ours = public_key::read(key).is_ok_and(|key| verify(certificate, &key).is_ok());
            let theirs = &said[name];
            signed += usize::from(ours);
            if ours == (theirs == "signed") {
                agreeing += 1;
            } else {
                differing.push(format!("{name}: {ours}, JDK {}: {theirs}", jdk.feature));
            }
        }
        println!("Ed448: {agreeing} of {} as JDK {}, {signed} of them signed", cases.len(), jdk.feature);
        assert!(differing.is_empty(), "{}", differing.join("\n"));
    }
}

/// Self-signed certificates with keys of their own, each of which keyward matches to its private key; and one more
/// whose serial number is of 8 octets.
fn by_openssl(folder: &Path) -> (Vec<Case>, Certificate) {
    let mut cases: Vec<Case> = Vec::with_capacity(KEYS);
    for i in 0..=KEYS {
        let (key, certificate) = (folder.join(format!("{i}.key")), folder.join(format!("{i}.crt")));
        let output = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ed448", "-nodes", "-days", "3650", "-outform", "DER"])
            .args(["-set_serial", "0x1122334455667788", "-subj", &format!("/O=Keyward Test/CN={i}")])
            .arg("-keyout")
            .arg(&key)
            .arg("-out")
            .arg(&certificate)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let certificate = Certificate::from_der(&fs::read(certificate).unwrap()).unwrap();
        let text = fs::read_to_string(key).unwrap();
        let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
        let private = PrivateKey::from_pkcs8(&STANDARD.decode(body).unwrap()).unwrap();
        assert_eq!(private.public_key().as_deref(), Some(&*certificate.key().spki), "key {i}");
        assert_eq!(private.fits(&certificate), Some(true), "key {i}");
        if let Some(last) = cases.last() {
            assert_eq!(private.fits(&last.certificate), Some(false), "key {i}");
        }
        let key = certificate.key().spki.to_vec();
        cases.push(Case { name: format!("openssl-{i}"), certificate, key });
    }
    let template = cases.pop().unwrap().certificate;
    (cases, template)
}

/// One bit of each signature is turned, another key is asked, and the signature gets another length.
fn damaged(cases: &mut Vec<Case>, good: usize) {
    for i in 0..good {
        let Case { certificate, key, .. } = &cases[i];
        let (certificate, key) = (certificate.clone(), key.clone());
        let signature = certificate.signature().to_vec();
        let bit = i * 37 % (8 * signature.len());
        let mut turned = signature.clone();
        turned[bit / 8] ^= 1 << (bit % 8);
        let length = i * 5 % 230;
        let mut cut = signature;
        cut.resize(length, 0);
        let add = |cases: &mut Vec<Case>, what: &str, signature: &[u8]| {
            let certificate = with_signature(&certificate, signature);
            cases.push(Case { name: format!("{what}-{i}"), certificate, key: key.clone() });
        };
        add(cases, "turned", &turned);
        add(cases, "resized", &cut);
        let key = cases[(i + 1) % good].key.clone();
        cases.push(Case { name: format!("stranger-{i}"), certificate: certificate.clone(), key });
    }
}

/// Signatures that hold, or nearly do, in encodings that verifiers differ about.
struct Crafted<'a> {
    template: Certificate,
    cases: &'a mut Vec<Case>,
    made: u64,
}

/// A point and how it is written.
#[derive(Clone, Copy)]
struct Written {
    octets: [u8; LENGTH],
}

impl Crafted<'_> {
    fn all(mut self) {
        let one = little(1);
        let prime = subtract(&power(448), &add(&power(224), &one));
        let minus_one = subtract(&prime, &one);
        let secret = scalar(&[7; 56]);
        let nonce = scalar(&[9; 56]);
        let small = [one, minus_one, [0; LENGTH], signed([0; LENGTH])];
        // A key or a commitment with a part of small order: good or bad by the hash.
        for (a, of_key) in small.iter().enumerate() {
            for (r, of_commitment) in small.iter().enumerate() {
                for times in 0..8 {
                    let key = written(point(of_key) + EdwardsPoint::GENERATOR * secret);
                    let commitment = written(point(of_commitment) + EdwardsPoint::GENERATOR * nonce);
                    self.add(&format!("mixed-{a}-{r}-{times}"), key, secret, commitment, nonce);
                    let (key, commitment) = (Written { octets: *of_key }, Written { octets: *of_commitment });
                    self.add(&format!("small-{a}-{r}-{times}"), key, Scalar::ZERO, commitment, Scalar::ZERO);
                }
            }
        }
        // The same points in other encodings: the neutral point and that of order two with a sign, numbers from the
        // prime on, and bits that mean nothing.
        let mut odd: Vec<[u8; LENGTH]> = vec![signed(one), signed(minus_one), prime, signed(prime)];
        odd.extend([add(&prime, &one), signed(add(&prime, &one)), add(&prime, &minus_one)]);
        odd.extend((1..0x80).step_by(9).map(|bits| last(one, bits)));
        for (n, octets) in odd.iter().enumerate() {
            let usual = |number| written(EdwardsPoint::GENERATOR * number);
            for times in 0..4 {
                let odd = Written { octets: *octets };
                self.add(&format!("odd-key-{n}-{times}"), odd, Scalar::ZERO, usual(nonce), nonce);
                self.add(&format!("odd-commitment-{n}-{times}"), usual(secret), secret, odd, Scalar::ZERO);
            }
        }
        let key = written(EdwardsPoint::GENERATOR * secret);
        let commitment = written(EdwardsPoint::GENERATOR * nonce);
        for bits in [0x01, 0x40, 0x7f, 0x80, 0xff] {
            let turned = |written: Written| Written { octets: last(written.octets, bits) };
            self.add(&format!("bits-of-key-{bits}"), turned(key), secret, commitment, nonce);
            self.add(&format!("bits-of-commitment-{bits}"), key, secret, turned(commitment), nonce);
        }
        // Numbers from zero on that are no points, most of them.
        for low in 2..40 {
            self.add(&format!("no-key-{low}"), Written { octets: little(low) }, secret, commitment, nonce);
            self.add(&format!("no-commitment-{low}"), key, secret, Written { octets: little(low) }, nonce);
        }
        self.numbers(key, secret, commitment, nonce);
    }

    /// The same number and multiples of the order more; octets behind; keys of another length.
    fn numbers(&mut self, key: Written, secret: Scalar, commitment: Written, nonce: Scalar) {
        let mut number = self.add("usual", key, secret, commitment, nonce);
        let name = |what: &str| format!("usual-{what}");
        let usual = self.cases.last().map(|case| (case.certificate.clone(), case.key.clone())).unwrap();
        let mut with = |what: &str, number: &[u8], info: &[u8]| {
            let certificate = with_signature(&usual.0, &[&commitment.octets, number].concat());
            self.cases.push(Case { name: name(what), certificate, key: info.to_vec() });
        };
        for bits in [1, 2, 0x40, 0x80, 0xff] {
            with(&format!("last-{bits}"), &last(number, bits), &usual.1);
        }
        for more in [&[0][..], &[1], &[0x80], &[0, 0], &[0; LENGTH]] {
            let what = format!("more-{}-{}", more.len(), more[0]);
            with(&what, &[&number, more].concat(), &usual.1);
        }
        with("less", &number[..LENGTH - 1], &usual.1);
        with("zero", &[0; LENGTH], &usual.1);
        with("order", &ORDER, &usual.1);
        for octets in [&key.octets[..LENGTH - 1], &[&key.octets[..], &[0]].concat(), &[]] {
            with(&format!("key-of-{}", octets.len()), &number, &info(octets));
        }
        for times in 1..6 {
            number = add(&number, &ORDER);
            with(&format!("order-{times}"), &number, &usual.1);
        }
    }

    /// Signs a certificate of its own; gives the number of the signature.
    fn add(
        &mut self,
        name: &str,
        key: Written,
        secret: Scalar,
        commitment: Written,
        nonce: Scalar,
    ) -> [u8; LENGTH] {
        self.made += 1;
        let mut der = self.template.der().to_vec();
        let serial = der
            .windows(8)
            .position(|octets| octets == [0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88])
            .unwrap();
        der[serial + 1..serial + 8].copy_from_slice(&self.made.to_be_bytes()[1..]);
        let certificate = Certificate::from_der(&der).unwrap();
        let mut hash = WideScalarBytes::default();
        Shake256::default()
            .chain(b"SigEd448\0\0")
            .chain(commitment.octets)
            .chain(key.octets)
            .chain(certificate.tbs())
            .finalize_xof()
            .read(&mut hash);
        let number = nonce + Scalar::from_bytes_mod_order_wide(&hash) * secret;
        let number: [u8; LENGTH] = number.to_bytes_rfc_8032().into();
        let certificate = with_signature(&certificate, &[commitment.octets, number].concat());
        self.cases.push(Case { name: name.to_owned(), certificate, key: info(&key.octets) });
        number
    }
}

fn info(key: &[u8]) -> Vec<u8> {
    let bits = value(3, &[&[0], key].concat());
    value(0x30, &[&[0x30, 5, 6, 3, 0x2b, 0x65, 0x71][..], &bits].concat())
}

fn scalar(octets: &[u8; 56]) -> Scalar {
    Scalar::from_bytes_mod_order(&ScalarBytes::from(array::from_fn(|i| octets.get(i).copied().unwrap_or(0))))
}

fn point(octets: &[u8; LENGTH]) -> EdwardsPoint {
    CompressedEdwardsY(*octets).decompress_unchecked().unwrap()
}

fn written(point: EdwardsPoint) -> Written {
    Written { octets: point.compress().to_bytes() }
}

fn signed(octets: [u8; LENGTH]) -> [u8; LENGTH] {
    last(octets, 0x80)
}

/// Bits of the last octet turned.
fn last(mut octets: [u8; LENGTH], bits: u8) -> [u8; LENGTH] {
    octets[LENGTH - 1] ^= bits;
    octets
}

fn little(number: u8) -> [u8; LENGTH] {
    array::from_fn(|i| if i == 0 { number } else { 0 })
}

fn power(exponent: usize) -> [u8; LENGTH] {
    array::from_fn(|i| if i == exponent / 8 { 1 << (exponent % 8) } else { 0 })
}

fn add(a: &[u8; LENGTH], b: &[u8; LENGTH]) -> [u8; LENGTH] {
    let mut carry = 0_u16;
    array::from_fn(|i| {
        carry += u16::from(a[i]) + u16::from(b[i]);
        let [low, high] = carry.to_le_bytes();
        carry = u16::from(high);
        low
    })
}

fn subtract(a: &[u8; LENGTH], b: &[u8; LENGTH]) -> [u8; LENGTH] {
    let complement = array::from_fn(|i| !b[i]);
    add(&add(a, &complement), &little(1))
}
