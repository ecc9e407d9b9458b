//! Chains whose certificates name, map, demand and forbid policies in many ways.

use rcgen::{CertificateParams, CustomExtension};

use super::Cases;
use super::pki::*;
use keyward::model::Certificate;

/// 2.5.29.32.0, 1.3.6.1.4.1.99999.1 and so on, as the content of an OBJECT IDENTIFIER.
const ANY: &[u8] = &[0x55, 0x1d, 0x20, 0];
const ONE: &[u8] = &[0x2b, 6, 1, 4, 1, 0x86, 0x8d, 0x1f, 1];
const TWO: &[u8] = &[0x2b, 6, 1, 4, 1, 0x86, 0x8d, 0x1f, 2];
const THREE: &[u8] = &[0x2b, 6, 1, 4, 1, 0x86, 0x8d, 0x1f, 3];

const POLICIES: [&[&[u8]]; 8] =
    [&[], &[ONE], &[TWO], &[ONE, TWO], &[ANY], &[ANY, ONE], &[TWO, THREE], &[ONE, TWO, THREE, ANY]];

type Mapping = (&'static [u8], &'static [u8]);

const MAPPINGS: [&[Mapping]; 9] = [
    &[],
    &[],
    &[],
    &[(ONE, TWO)],
    &[(TWO, ONE), (ONE, THREE)],
    &[(ONE, TWO), (ONE, THREE)],
    &[(THREE, TWO)],
    &[(ANY, ONE)],
    &[(ONE, ANY)],
];

/// Certificates for which an explicit policy is not required yet, and for which mappings count.
const CONSTRAINTS: [(Option<u8>, Option<u8>); 7] = [
    (None, None),
    (None, None),
    (Some(0), None),
    (Some(1), None),
    (Some(2), None),
    (Some(0), Some(0)),
    (Some(0), Some(1)),
];

const INHIBIT: [Option<u8>; 5] = [None, None, None, Some(0), Some(1)];

/// Four hundred of them, each another choice of what the two CAs and the server's certificate say.
pub(super) fn add(all: &mut Cases) {
    let root = authority("Root", |p| p.custom_extensions.push(constraints((Some(0), None))));
    let mut choice = Choice(7);
    for number in 0..400 {
        let upper = root.authority("Upper", |p| choice.extensions(p));
        let name = if choice.of(6) == 0 { "Upper" } else { "Lower" };
        let lower = upper.authority(name, |p| choice.extensions(p));
        let leaf = lower.leaf(HOST, |p| choice.extensions(p));
        let chain: [&Certificate; 3] = [&leaf, &lower.certificate, &upper.certificate];
        let built: [&Certificate; 4] = [&leaf, &upper.certificate, &root.certificate, &lower.certificate];
        if number % 5 == 0 && name == "Lower" {
            all.add(&format!("policy-{number}-built"), &built, &[&root.certificate]);
        }
        all.add(&format!("policy-{number}"), &chain, &[&root.certificate]);
    }
}

/// The same choices in each run.
struct Choice(u64);

impl Choice {
    fn of(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % count
    }

    fn extensions(&mut self, params: &mut CertificateParams) {
        let policies = POLICIES[self.of(POLICIES.len())];
        let mappings = MAPPINGS[self.of(MAPPINGS.len())];
        let limits = CONSTRAINTS[self.of(CONSTRAINTS.len())];
        let inhibit = INHIBIT[self.of(INHIBIT.len())];
        let critical = self.of(4) == 0;
        if !policies.is_empty() {
            let list: Vec<u8> = policies.iter().flat_map(|oid| tlv(0x30, &tlv(6, oid))).collect();
            params.custom_extensions.push(extension(32, critical, &tlv(0x30, &list)));
        }
        if !mappings.is_empty() {
            let pair = |(from, to): &Mapping| tlv(0x30, &[tlv(6, from), tlv(6, to)].concat());
            let list: Vec<u8> = mappings.iter().flat_map(pair).collect();
            params.custom_extensions.push(extension(33, critical, &tlv(0x30, &list)));
        }
        if limits != (None, None) {
            params.custom_extensions.push(constraints(limits));
        }
        if let Some(after) = inhibit {
            params.custom_extensions.push(extension(54, true, &tlv(2, &[after])));
        }
    }
}

fn constraints((explicit, mapping): (Option<u8>, Option<u8>)) -> CustomExtension {
    let field = |tag, count: Option<u8>| count.map(|count| tlv(tag, &[count])).unwrap_or_default();
    extension(36, true, &tlv(0x30, &[field(0x80, explicit), field(0x81, mapping)].concat()))
}

fn extension(number: u64, critical: bool, content: &[u8]) -> CustomExtension {
    let mut extension = CustomExtension::from_oid_content(&[2, 5, 29, number], content.to_vec());
    extension.set_criticality(critical);
    extension
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag, u8::try_from(content.len()).unwrap()], content].concat()
}
