//! What has to hold of each codec for every input: what is read, written and read again is the same.
//!
//! Each function takes any bytes, and panics where that does not hold. None of them says what may be read: that
//! is for the other tests.

use keyward::chain::signature;
use keyward::format::asn1::{self, Asn1Error, Problem, Reader, tag};
use keyward::format::certificates::Reading;
use keyward::format::jks::JksError;
use keyward::format::pkcs12::{Derivations, Pkcs12Error};
use keyward::format::{certificates, detect, jks, pem, pkcs7, pkcs12};
use keyward::model::entropy::EntropyError;
use keyward::model::key_store::pfx::{MacScheme, Part, Protection, Scheme};
use keyward::model::key_store::{EncodedCertificate, KeyStore, Pfx};
use keyward::model::{Certificate, Entropy, Password};
use time::OffsetDateTime;

// Beside this file, wherever it is taken in from.
#[path = "conversions.rs"]
mod conversions;
#[path = "dialogues.rs"]
mod dialogues;
#[path = "handshakes.rs"]
mod handshakes;
#[path = "keys.rs"]
mod keys;
#[path = "revocation.rs"]
mod revocation;

/// Iterations of key derivation that are worth a run. Inputs that ask for more are for the tests of the limits.
const FEW: u64 = 500;

/// What holds of a codec, for any bytes.
pub type Target = fn(&[u8]);

/// The targets by name.
pub const TARGETS: &[(&str, Target)] = &[
    ("asn1", asn1_values),
    ("jks", |bytes| java_store(jks::JKS_MAGIC, bytes)),
    ("jceks", |bytes| java_store(jks::JCEKS_MAGIC, bytes)),
    ("pkcs12", pkcs12_file),
    ("pkcs7", pkcs7_bundle),
    ("pem", pem_text),
    ("certificates", certificate_input),
    ("keys", keys::protected_key),
    ("private_keys", keys::private_key),
    ("secret_keys", keys::secret_key),
    ("objects", keys::objects),
    ("inspect", conversions::inspect),
    ("convert", conversions::convert),
    ("plaintext", handshakes::plaintext),
    ("starttls", dialogues::starttls),
    ("crl", revocation::crl),
    ("ocsp", revocation::ocsp),
];

/// Runs the target of this name.
///
/// # Panics
///
/// When there is none, or when what it asserts does not hold.
pub fn run(name: &str, bytes: &[u8]) {
    let (_, target) = TARGETS.iter().find(|(known, _)| *known == name).expect("a target of this name");
    target(bytes);
}

/// ASN.1: values mean the same in DER.
fn asn1_values(bytes: &[u8]) {
    if let Ok(values) = nodes(Reader::new(bytes)) {
        let encoded: Vec<u8> = values.iter().flat_map(Node::encode).collect();
        assert_eq!(nodes(Reader::new(&encoded)), Ok(values));
    }
    if let Ok(octets) = Reader::new(bytes).octet_string("octets") {
        let encoded = asn1::octet_string(&octets);
        assert_eq!(Reader::new(&encoded).octet_string("octets"), Ok(octets));
    }
    if let Ok(number) = Reader::new(bytes).unsigned("number") {
        assert_eq!(Reader::new(&asn1::integer(number)).unsigned("number"), Ok(number));
    }
}

/// JKS or JCEKS, whatever the first four bytes are.
fn java_store(magic: [u8; 4], bytes: &[u8]) {
    let mut bytes = bytes.to_vec();
    bytes.splice(..bytes.len().min(4), magic);
    let _ = jks::decode(&bytes, Some(&password()));
    let Ok(decoded) = jks::decode(&bytes, None) else { return };
    let encoded = match jks::encode(&decoded.store, &password()) {
        Ok(encoded) => encoded,
        // A zero octet of an alias takes two as Java writes it, and so the alias may become too long.
        Err(JksError::Entry { .. }) => return,
        Err(error) => panic!("what was read cannot be written: {error}"),
    };
    let again = jks::decode(&encoded, Some(&password())).expect("what was written is read");
    assert_eq!((&again.store, again.trailing), (&decoded.store, 0));
    edits(KeyStore::Java(again.store));
}

/// PKCS12: as the file stands, with every part written anew, and edited.
fn pkcs12_file(bytes: &[u8]) {
    let Ok(locked) = pkcs12::decode(bytes, None, &mut Derivations::new()) else { return };
    if iterations(&locked.pfx) > FEW {
        return;
    }
    pkcs12_round_trips(locked.pfx, None);
    for text in ["changeit", ""] {
        let password = Password::new(text.to_owned());
        if let Ok(open) = pkcs12::decode(bytes, Some(&password), &mut few()) {
            pkcs12_round_trips(open.pfx, Some(&password));
        }
    }
}

fn pkcs12_round_trips(read: Pfx, opened_with: Option<&Password>) {
    let anew = read.parts().iter().map(|part| match part.bags() {
        Some(bags) => Part::new(part.protection().clone(), bags.to_vec()),
        None => part.clone(),
    });
    let anew = Pfx::from_parts(anew.collect(), read.mac().cloned(), read.password_form());
    let any = password();
    for pfx in [&read, &anew] {
        let mut derivations = Derivations::new();
        let encoded = pkcs12::encode(pfx, opened_with.or(Some(&any)), &mut Counting(0), &mut derivations)
            .expect("what was read can be written");
        match pkcs12::decode(&encoded, opened_with, &mut derivations) {
            Ok(again) => assert_eq!((&again.pfx, again.trailing), (pfx, 0)),
            // Octets in pieces have their depth counted from the start, and in one piece from the file's.
            Err(Pkcs12Error::Asn1 { error: Asn1Error { problem: Problem::TooDeep, .. }, .. }) => {}
            Err(error) => panic!("what was written is not read: {error}"),
        }
    }
    edits(KeyStore::Pkcs12(anew));
}

/// PKCS7: the same certificates in the same order.
fn pkcs7_bundle(bytes: &[u8]) {
    if let Ok(certificates) = pkcs7::certificates(bytes) {
        assert_eq!(pkcs7::certificates(&pkcs7::encode(&certificates)), Ok(certificates));
    }
}

/// PEM: the same label and bytes, if the label is one that RFC 7468 has.
fn pem_text(bytes: &[u8]) {
    for block in pem::blocks(bytes) {
        let block = match block {
            Ok(block) => block,
            Err(error) => {
                assert!(!error.to_string().is_empty());
                continue;
            }
        };
        if is_label(&block.label) {
            let mut again = pem::blocks(pem::encode(&block.label, &block.der).as_bytes());
            assert_eq!(again.len(), 1);
            let again = again.remove(0).expect("what was written is read");
            assert_eq!((&again.label, &*again.der), (&block.label, &*block.der));
        }
    }
}

/// Certificates out of anything: the same ones out of PKCS7 and out of PEM.
fn certificate_input(bytes: &[u8]) {
    assert!(!detect::detect(bytes).to_string().is_empty());
    let Ok(reading) = certificates::read(bytes) else { return };
    for note in &reading.notes {
        assert!(!note.to_string().is_empty());
    }
    for found in reading.certificates.iter().take(8) {
        let certificate = &found.certificate;
        assert_eq!(Certificate::from_der(certificate.der()).as_ref(), Ok(certificate));
        let _ = signature::verify(certificate, certificate.key());
        let _ = (certificate.subject().rfc4514(), certificate.issuer().canonical(), certificate.serial_hex());
    }
    let ders = |reading: &Reading| -> Vec<EncodedCertificate> {
        reading.certificates.iter().map(|found| EncodedCertificate::from(&found.certificate)).collect()
    };
    let held = ders(&reading);
    let bundle = certificates::read(&pkcs7::encode(&held)).expect("a bundle of certificates is read");
    assert_eq!(ders(&bundle), held);
    let text: String = held.iter().map(|held| pem::encode("CERTIFICATE", &held.der)).collect();
    let text = certificates::read(text.as_bytes()).expect("certificates in PEM are read");
    assert_eq!(ders(&text), held);
}

/// An entry that comes, gets another alias and goes leaves everything else as it was.
fn edits(mut store: KeyStore) {
    let before = listing(&store);
    let held = EncodedCertificate::x509(b"nothing reads this");
    if store.find("fuzz").is_some() || store.find("fuzz too").is_some() {
        return;
    }
    if store.add_trusted("fuzz", &held, OffsetDateTime::UNIX_EPOCH).is_ok() {
        store.rename("fuzz", "fuzz too").expect("an entry that was added has an alias");
        store.remove("Fuzz Too").expect("an entry that was added can be removed");
        assert_eq!(listing(&store), before);
    }
    let aliases: Vec<String> = store.entries().into_iter().take(4).map(|entry| entry.alias).collect();
    for (number, alias) in aliases.iter().enumerate() {
        let _ = store.rename(alias, &format!("renamed {number}"));
        let _ = store.set_chain(alias, std::slice::from_ref(&held));
        let _ = store.replace_trusted(alias, &held, OffsetDateTime::UNIX_EPOCH);
    }
    for alias in aliases {
        let _ = store.remove(&alias);
    }
    let _ = listing(&store);
}

fn listing(store: &KeyStore) -> String {
    format!("{:?}", store.entries())
}

/// What all key derivations of a file take together.
fn iterations(pfx: &Pfx) -> u64 {
    let mac = match pfx.mac() {
        Some(MacScheme::Pkcs12 { iterations, .. } | MacScheme::Pbmac1 { iterations, .. }) => *iterations,
        None => 0,
    };
    pfx.parts()
        .iter()
        .map(|part| match part.protection() {
            Protection::Encrypted(scheme) => cost(scheme),
            _ => 0,
        })
        .fold(mac, u64::saturating_add)
}

/// What one key derivation takes; of scrypt that of its parameters as one.
fn cost(scheme: &Scheme) -> u64 {
    match *scheme {
        Scheme::Pbes1 { iterations, .. }
        | Scheme::Pbes2 { iterations, .. }
        | Scheme::Pkcs12 { iterations, .. } => iterations,
        Scheme::Scrypt { cost, block_size, parallelization, .. } => {
            cost.saturating_mul(block_size.into()).saturating_mul(parallelization.into())
        }
    }
}

/// Whether RFC 7468 section 3 has the label: printable characters, hyphens and blanks only between others.
fn is_label(label: &str) -> bool {
    let inner = |c: char| matches!(c, '!'..='~') && c != '-';
    label.split(['-', ' ']).all(|word| !word.is_empty() && word.chars().all(inner))
}

/// A value of ASN.1 with the values in it.
#[derive(Debug, PartialEq, Eq)]
enum Node {
    Primitive(u8, Vec<u8>),
    Constructed(u8, Vec<Node>),
}

impl Node {
    fn encode(&self) -> Vec<u8> {
        match self {
            Self::Primitive(tag, content) => asn1::tlv(*tag, content),
            Self::Constructed(tag, values) => {
                asn1::tlv(*tag, &values.iter().flat_map(Self::encode).collect::<Vec<u8>>())
            }
        }
    }
}

/// All values that a reader has left; it bounds the depth.
fn nodes(mut reader: Reader<'_>) -> Result<Vec<Node>, Asn1Error> {
    let mut found = Vec::new();
    while !reader.is_empty() {
        let value = reader.any("value")?;
        found.push(if value.tag & tag::CONSTRUCTED == 0 {
            Node::Primitive(value.tag, value.content.to_vec())
        } else {
            Node::Constructed(value.tag, nodes(value.reader())?)
        });
    }
    Ok(found)
}

/// A budget that one run can spend.
fn few() -> Derivations {
    Derivations::with_budget(8 * FEW)
}

fn password() -> Password {
    Password::new("changeit".to_owned())
}

/// Octets that are the same in every run.
struct Counting(u8);

impl Entropy for Counting {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        for octet in buffer {
            self.0 = self.0.wrapping_add(1);
            *octet = self.0;
        }
        Ok(())
    }
}
