//! What a verdict takes beside the signature checks in it, and what reading a CRL takes, for `benches/reach.sh`.
//!
//! `verdict_speed verdict` prints a line for each rule set and each kind of key: the rule set, the kind, nanoseconds of
//! the signature checks alone, nanoseconds of a verdict, and of reading the certificates with a verdict after it. The
//! chain is of an end entity, an intermediate and the root, the anchors are the root and Mozilla's. `verdict_speed crl
//! ENTRIES` prints the bytes of a CRL with so many entries, milliseconds of reading it, and of looking one up.

use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use keyward::chain::names::PeerName;
use keyward::chain::path::Candidates;
use keyward::chain::revocation::Revocation;
use keyward::chain::rules::{Purpose, Question, RuleSet};
use keyward::format::asn1::{self, tag};
use keyward::format::crl;
use keyward::model::Certificate;
use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use rcgen::{KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256, SignatureAlgorithm};
use time::OffsetDateTime;
use time::macros::datetime;
use x509_parser::prelude::{FromDer, X509Certificate};

const NOW: OffsetDateTime = datetime!(2030-06-01 0:00 UTC);
const ROUNDS: usize = 101;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["verdict"] => {
            verdicts("EC", &PKCS_ECDSA_P256_SHA256, &ECDSA_P256_SHA256_ASN1)?;
            verdicts("RSA", &PKCS_RSA_SHA256, &RSA_PKCS1_2048_8192_SHA256)
        }
        ["crl", entries] => large_crl(entries.parse()?),
        _ => Err("verdict, or crl and a number of entries".into()),
    }
}

fn verdicts(
    kind: &str,
    key: &'static SignatureAlgorithm,
    check: &'static dyn VerificationAlgorithm,
) -> Result<(), Box<dyn Error>> {
    let ders = chain(key)?;
    let parsed = ders
        .iter()
        .map(|der| Ok(X509Certificate::from_der(der)?.1))
        .collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    let checks = || {
        for (certificate, issuer) in parsed.iter().zip(parsed.iter().skip(1)) {
            let key = UnparsedPublicKey::new(check, &issuer.public_key().subject_public_key.data);
            let signature = &certificate.signature_value.data;
            assert!(key.verify(certificate.tbs_certificate.as_ref(), signature).is_ok());
        }
    };
    let read = || ders.iter().map(|der| Certificate::from_der(der)).collect::<Result<Vec<_>, _>>();
    let certificates = read()?;
    let roots: Vec<Certificate> = webpki_root_certs::TLS_SERVER_ROOT_CERTS
        .iter()
        .filter_map(|der| Certificate::from_der(der).ok())
        .collect();
    let anchors: Candidates = roots.iter().chain(certificates.last()).collect();
    let name = PeerName::parse("host.example")?;
    for rules in RuleSet::ALL {
        let judge = |chain: &[Certificate]| {
            let verdict = rules.judge(&question(chain, &anchors, &name));
            assert!(verdict.is_accepted(), "{verdict:?}");
        };
        // By turns, so that whatever else the machine does meets all alike.
        let (mut alone, mut judged, mut whole) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            alone.push(took(checks));
            judged.push(took(|| judge(black_box(&certificates))));
            whole.push(took(|| judge(&read().unwrap_or_default())));
        }
        let nanoseconds = [alone, judged, whole].map(|times| middle(times).as_nanos());
        println!("{} {kind} {} {} {}", rules.name(), nanoseconds[0], nanoseconds[1], nanoseconds[2]);
    }
    Ok(())
}

fn question<'a>(chain: &'a [Certificate], anchors: &'a Candidates, name: &'a PeerName) -> Question<'a> {
    Question {
        chain,
        untrusted: &[],
        anchors,
        name: Some(name),
        now: NOW,
        purpose: Purpose::Server,
        max_depth: None,
        revocation: Revocation::default(),
    }
}

fn took(mut work: impl FnMut()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// The end entity, the intermediate, the root.
fn chain(key: &'static SignatureAlgorithm) -> Result<[Vec<u8>; 3], Box<dyn Error>> {
    let params = |name: &str, ca: bool| {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::OrganizationName, "Example");
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_before = datetime!(2030-01-01 0:00 UTC);
        params.not_after = if ca { datetime!(2040-01-01 0:00 UTC) } else { datetime!(2030-07-01 0:00 UTC) };
        params.use_authority_key_identifier_extension = true;
        if ca {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        } else {
            params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        }
        params
    };
    let (root_key, issuing_key, key) =
        (KeyPair::generate_for(key)?, KeyPair::generate_for(key)?, KeyPair::generate_for(key)?);
    let (root, issuing) = (params("Root", true), params("Issuing", true));
    let mut leaf = params("host.example", false);
    leaf.subject_alt_names = CertificateParams::new(vec!["host.example".to_owned()])?.subject_alt_names;
    let root_der = root.self_signed(&root_key)?.der().to_vec();
    let root = Issuer::new(root, root_key);
    let issuing_der = issuing.signed_by(&issuing_key, &root)?.der().to_vec();
    let issuing = Issuer::new(issuing, issuing_key);
    Ok([leaf.signed_by(&key, &issuing)?.der().to_vec(), issuing_der, root_der])
}

fn large_crl(entries: u32) -> Result<(), Box<dyn Error>> {
    let der = list(entries);
    let start = Instant::now();
    let list = crl::read(&der)?;
    let read = start.elapsed();
    let start = Instant::now();
    let found = list.entries_of(&serial(entries.saturating_sub(1))).count();
    println!("{} {} {}", der.len(), read.as_millis(), start.elapsed().as_millis());
    if (list.revoked, found) == (usize::try_from(entries)?, 1) {
        Ok(())
    } else {
        Err("the list was misread".into())
    }
}

/// Sixteen octets, as the serial numbers of public CAs have.
fn serial(number: u32) -> [u8; 16] {
    let mut octets = [0x5a; 16];
    octets[..4].copy_from_slice(&(number | 0x4000_0000).to_be_bytes());
    octets
}

/// A list with a signature of nobody; every second entry says why.
fn list(entries: u32) -> Vec<u8> {
    let time = |text: &str| asn1::tlv(tag::UTC_TIME, text.as_bytes());
    let algorithm =
        asn1::sequence(&[asn1::object_identifier(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02])]);
    let reason = asn1::sequence(&[asn1::sequence(&[
        asn1::object_identifier(&[0x55, 0x1d, 0x15]),
        asn1::octet_string(&asn1::tlv(tag::ENUMERATED, &[1])),
    ])]);
    let revoked: Vec<Vec<u8>> = (0..entries)
        .map(|number| {
            let entry = [asn1::tlv(tag::INTEGER, &serial(number)), time("300101000000Z"), reason.clone()];
            asn1::sequence(entry.get(..if number % 2 == 0 { 3 } else { 2 }).unwrap_or_default())
        })
        .collect();
    let signed = asn1::sequence(&[
        asn1::integer(1),
        algorithm.clone(),
        asn1::sequence::<&[u8]>(&[]),
        time("300101000000Z"),
        time("310101000000Z"),
        asn1::sequence(&revoked),
    ]);
    asn1::sequence(&[signed, algorithm, asn1::tlv(tag::BIT_STRING, &[0, 1])])
}
