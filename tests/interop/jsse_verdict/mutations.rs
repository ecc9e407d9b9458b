//! Chains with one or two things wrong: what is wrong with the server's certificate, with the CA between and
//! with the root, by how the chain is sent, by what is trusted.

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, CustomExtension, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, KeyUsagePurpose, NameConstraints, SanType,
};

use super::pki::*;
use super::{Case, Cases};
use keyward::model::Certificate;

type Change = (&'static str, fn(&mut CertificateParams));

/// The server's certificate.
const LEAVES: [Change; 16] = [
    ("good", |_| {}),
    ("expired", expired),
    ("future", future),
    ("client-only", |p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]),
    ("both-usages", |p| p.extended_key_usages.push(ExtendedKeyUsagePurpose::ClientAuth)),
    ("no-signature", |p| p.key_usages = vec![KeyUsagePurpose::KeyEncipherment]),
    ("critical", |p| p.custom_extensions.push(unknown(true))),
    ("uncritical", |p| p.custom_extensions.push(unknown(false))),
    ("other-name", |p| p.subject_alt_names = vec![dns("other.example.org")]),
    ("name-outside", |p| p.subject_alt_names = vec![dns(HOST), dns("www.example.net")]),
    ("wildcard", |p| p.subject_alt_names = vec![dns("*.example.org")]),
    ("wide-wildcard", |p| p.subject_alt_names = vec![dns("*.org")]),
    ("address", |p| p.subject_alt_names = vec![dns(HOST), ip("10.1.2.3")]),
    ("mail", |p| p.subject_alt_names = vec![dns(HOST), mail("a@example.org")]),
    ("no-names", |p| p.subject_alt_names.clear()),
    ("ca", |p| p.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)),
];

/// The CA between it and the root.
const AUTHORITIES: [Change; 21] = [
    ("good", |_| {}),
    ("expired", expired),
    ("future", future),
    ("no-ca", |p| p.is_ca = IsCa::ExplicitNoCa),
    ("silent", |p| p.is_ca = IsCa::NoCa),
    ("length-0", |p| p.is_ca = IsCa::Ca(BasicConstraints::Constrained(0))),
    ("no-cert-sign", |p| p.key_usages = vec![KeyUsagePurpose::CrlSign]),
    ("no-key-usage", |p| p.key_usages.clear()),
    ("critical", |p| p.custom_extensions.push(unknown(true))),
    ("server-usage", |p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth]),
    ("mail-usage", |p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection]),
    ("permits-domain", |p| permit(p, vec![GeneralSubtree::DnsName("example.org".to_owned())])),
    ("permits-below", |p| permit(p, vec![GeneralSubtree::DnsName(".example.org".to_owned())])),
    ("permits-host", |p| permit(p, vec![GeneralSubtree::DnsName(HOST.to_owned())])),
    ("permits-other", |p| permit(p, vec![GeneralSubtree::DnsName("example.net".to_owned())])),
    ("excludes-host", |p| exclude(p, vec![GeneralSubtree::DnsName(HOST.to_owned())])),
    ("excludes-other", |p| exclude(p, vec![GeneralSubtree::DnsName("example.net".to_owned())])),
    ("permits-network", |p| {
        permit(p, vec![GeneralSubtree::IpAddress(CidrSubnet::V4([10, 0, 0, 0], [255, 0, 0, 0]))])
    }),
    ("excludes-network", |p| {
        exclude(p, vec![GeneralSubtree::IpAddress(CidrSubnet::V4([10, 0, 0, 0], [255, 0, 0, 0]))])
    }),
    ("permits-mail", |p| permit(p, vec![GeneralSubtree::Rfc822Name("example.net".to_owned())])),
    ("permits-directory", |p| permit(p, vec![GeneralSubtree::DirectoryName(organization("Others"))])),
];

/// The root.
const ROOTS: [Change; 8] = [
    ("expired", expired),
    ("future", future),
    ("no-ca", |p| p.is_ca = IsCa::ExplicitNoCa),
    ("length-0", |p| p.is_ca = IsCa::Ca(BasicConstraints::Constrained(0))),
    ("no-cert-sign", |p| p.key_usages = vec![KeyUsagePurpose::CrlSign]),
    ("critical", |p| p.custom_extensions.push(unknown(true))),
    ("permits-other", |p| permit(p, vec![GeneralSubtree::DnsName("example.net".to_owned())])),
    ("mail-usage", |p| p.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection]),
];

/// All of them.
pub(super) fn add(all: &mut Cases) {
    pairs(all);
    roots(all);
    senders(all);
    depths(all);
    constraints_in_a_row(all);
    clients(all);
}

/// Each server's certificate below each CA, sent in order; the plain ones also out of it.
fn pairs(all: &mut Cases) {
    let root = authority("Root", |_| {});
    let r = &root.certificate;
    for (ca, change_ca) in AUTHORITIES {
        let inter = root.authority("Inter", change_ca);
        for (kind, change) in LEAVES {
            let leaf = inter.leaf(HOST, change);
            let name = format!("pair-{ca}-{kind}");
            all.add(&name, &[&leaf, &inter.certificate], &[r]);
            if ca == "good" || kind == "good" {
                all.add(&format!("{name}-swapped"), &[&leaf, r, &inter.certificate], &[r]);
                all.add(&format!("{name}-inter-trusted"), &[&leaf], &[&inter.certificate]);
            }
        }
    }
}

fn roots(all: &mut Cases) {
    for (kind, change) in ROOTS {
        let root = authority("Root", change);
        let inter = root.authority("Inter", |_| {});
        let (r, i) = (&root.certificate, &inter.certificate);
        let leaf = inter.leaf(HOST, |_| {});
        let short = root.leaf(HOST, |_| {});
        all.add(&format!("root-{kind}-deep"), &[&leaf, i], &[r]);
        all.add(&format!("root-{kind}-deep-sent"), &[&leaf, i, r], &[r]);
        all.add(&format!("root-{kind}-deep-swapped"), &[&leaf, r, i], &[r]);
        all.add(&format!("root-{kind}-short"), &[&short], &[r]);
        let renewed = root.renewed(|p| {
            *p = ca_params("Root");
            p.serial_number = Some(4711.into());
        });
        all.add(&format!("root-{kind}-renewed"), &[&leaf, i, r], &[&renewed.certificate]);
        // Which of two anchors for one name and key the JVM takes is chance; here it must not matter.
        if !matches!(kind, "no-ca" | "no-cert-sign") {
            all.add(&format!("root-{kind}-both"), &[&leaf, i], &[r, &renewed.certificate]);
        }
        let rekeyed = root.rekeyed();
        all.add(&format!("root-{kind}-rekeyed"), &[&leaf, i, r], &[&rekeyed.certificate]);
        let bridge = authority("Bridge", |_| {});
        let crossed = bridge.cross(&root, |_| {});
        all.add(&format!("root-{kind}-crossed"), &[&leaf, i, &crossed], &[&bridge.certificate]);
        all.add(&format!("root-{kind}-crossed-swapped"), &[&leaf, &crossed, i], &[&bridge.certificate]);
    }
}

/// Odd ways to send a chain, for chains that are good and chains that are not.
fn senders(all: &mut Cases) {
    let root = authority("Root", |_| {});
    let inter = root.authority("Inter", |_| {});
    let stranger = authority("Stranger", |_| {});
    let twin = root.authority("Inter", |_| {});
    let (r, i) = (&root.certificate, &inter.certificate);
    for (kind, change) in LEAVES {
        let leaf = inter.leaf(HOST, change);
        let l = &leaf;
        all.add(&format!("send-{kind}-alone"), &[l], &[r]);
        all.add(&format!("send-{kind}-leaf-last"), &[l, i, l], &[r]);
        all.add(&format!("send-{kind}-stranger"), &[l, &stranger.certificate, i], &[r]);
        all.add(&format!("send-{kind}-twin-first"), &[l, &twin.certificate, i], &[r]);
        all.add(&format!("send-{kind}-twin-only"), &[l, &twin.certificate], &[r]);
        all.add(&format!("send-{kind}-pinned"), &[l, i], &[l]);
        all.add(&format!("send-{kind}-pinned-beside-root"), &[l, i], &[r, l]);
    }
}

/// Long chains: the builder follows no more than five CAs, the validator any number.
fn depths(all: &mut Cases) {
    let root = authority("Root", |_| {});
    let mut authorities = vec![root.authority("CA 1", |_| {})];
    for number in 2..=9 {
        let next = authorities.last().unwrap().authority(&format!("CA {number}"), |_| {});
        authorities.push(next);
    }
    for depth in 1..=9 {
        let leaf = authorities[depth - 1].leaf(HOST, |_| {});
        let mut chain = vec![&leaf];
        chain.extend(authorities[..depth].iter().rev().map(|authority| &authority.certificate));
        all.add(&format!("depth-{depth}"), &chain, &[&root.certificate]);
        chain.insert(1, &root.certificate);
        all.add(&format!("depth-{depth}-built"), &chain, &[&root.certificate]);
    }
}

/// Constraints of two CAs, one below the other.
fn constraints_in_a_row(all: &mut Cases) {
    let root = authority("Root", |_| {});
    for (upper, change_upper) in
        AUTHORITIES.iter().filter(|(name, _)| name.starts_with("permits") || name.starts_with("excludes"))
    {
        let upper_ca = root.authority("Upper", change_upper);
        for (lower, change_lower) in AUTHORITIES
            .iter()
            .filter(|(name, _)| name.contains("domain") || name.contains("other") || *name == "length-0")
        {
            let lower_ca = upper_ca.authority("Lower", change_lower);
            let leaf = lower_ca.leaf(HOST, |_| {});
            let chain = [&leaf, &lower_ca.certificate, &upper_ca.certificate];
            all.add(&format!("row-{upper}-{lower}"), &chain, &[&root.certificate]);
        }
    }
}

/// The same certificates shown by clients to a server.
fn clients(all: &mut Cases) {
    let root = authority("Root", |_| {});
    let inter = root.authority("Inter", |_| {});
    for (kind, change) in LEAVES {
        let leaf = inter.leaf("client", change);
        let case = |name: String, chain: &[&Certificate], trust: &Certificate| Case {
            name,
            chain: chain.iter().map(|&certificate| certificate.clone()).collect(),
            trust: vec![trust.clone()],
            host: None,
            client: true,
        };
        all.0.push(case(format!("client-{kind}"), &[&leaf, &inter.certificate], &root.certificate));
        all.0.push(case(format!("client-{kind}-alone"), &[&leaf], &root.certificate));
        all.0.push(case(format!("client-{kind}-pinned"), &[&leaf], &leaf));
    }
}

fn unknown(critical: bool) -> CustomExtension {
    let mut extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99_999, 1], vec![5, 0]);
    extension.set_criticality(critical);
    extension
}

fn dns(name: &str) -> SanType {
    SanType::DnsName(name.try_into().unwrap())
}

fn ip(address: &str) -> SanType {
    SanType::IpAddress(address.parse().unwrap())
}

fn mail(address: &str) -> SanType {
    SanType::Rfc822Name(address.try_into().unwrap())
}

fn organization(name: &str) -> rcgen::DistinguishedName {
    let mut subject = rcgen::DistinguishedName::new();
    subject.push(DnType::OrganizationName, name);
    subject
}

fn permit(params: &mut CertificateParams, permitted_subtrees: Vec<GeneralSubtree>) {
    params.name_constraints = Some(NameConstraints { permitted_subtrees, excluded_subtrees: Vec::new() });
}

fn exclude(params: &mut CertificateParams, excluded_subtrees: Vec<GeneralSubtree>) {
    params.name_constraints = Some(NameConstraints { permitted_subtrees: Vec::new(), excluded_subtrees });
}
