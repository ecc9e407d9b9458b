//! Chains of Ed25519 and Ed448 keys: good, damaged, expired, and with a signature of another length.

use keyward::model::Certificate;

use super::{Cases, OpenSsl};

/// Adds the chains of both curves.
pub(super) fn add(openssl: &OpenSsl, all: &mut Cases) {
    for curve in ["ed448", "ed25519"] {
        let name = |part: &str| format!("{curve}-all-{part}");
        let (root, root_key) = openssl.root(&name("root"), curve, "");
        let (inter, inter_key) = openssl.issue(&name("inter"), curve, "", &root_key, true);
        let (leaf, _) = openssl.issue(&name("leaf"), curve, "", &inter_key, false);
        let (direct, _) = openssl.issue(&name("direct"), curve, "", &root_key, false);
        let (old_leaf, _) = openssl.issue(&name("leaf-expired"), curve, "", &inter_key, false);
        let (old_inter, old_inter_key) = openssl.issue(&name("inter-expired"), curve, "", &root_key, true);
        let (below_old, _) = openssl.issue(&name("below-old"), curve, "", &old_inter_key, false);
        let (stranger, _) = openssl.root(&name("stranger"), curve, "");
        // The subject of the root, another key.
        let (rekeyed, _) = openssl.root(&name("root"), curve, "");
        let mut case = |part: &str, chain: &[&Certificate], trust: &[&Certificate]| {
            all.add(&name(part), chain, trust);
        };
        case("good", &[&leaf, &inter], &[&root]);
        case("good-with-root", &[&leaf, &inter, &root], &[&root]);
        case("good-direct", &[&direct], &[&root]);
        case("built", &[&leaf, &root, &inter], &[&root]);
        case("inter-trusted", &[&leaf], &[&inter]);
        case("leaf-only", &[&leaf], &[&root]);
        case("unknown-root", &[&leaf, &inter], &[&stranger]);
        case("rekeyed-root", &[&leaf, &inter], &[&rekeyed]);
        case("rekeyed-and-right", &[&leaf, &inter], &[&rekeyed, &root]);
        case("expired-leaf", &[&old_leaf, &inter], &[&root]);
        case("expired-inter", &[&below_old, &old_inter], &[&root]);
        case("expired-built", &[&old_leaf, &root, &inter], &[&root]);
        for (part, of) in [("leaf", &leaf), ("inter", &inter)] {
            let chain = |changed: &Certificate| match part {
                "leaf" => [changed.clone(), inter.clone()],
                _ => [leaf.clone(), changed.clone()],
            };
            let signature = of.signature();
            let half = signature.len() / 2;
            let flipped = |at: usize, bits: u8| {
                let mut changed = signature.to_vec();
                changed[at] ^= bits;
                changed
            };
            let damages = [
                ("first", flipped(0, 1)),
                ("commitment", flipped(half - 1, 0x01)),
                ("sign", flipped(half - 1, 0x80)),
                ("number", flipped(half, 1)),
                ("last", flipped(2 * half - 1, 0x80)),
                ("short", signature[1..].to_vec()),
                ("cut", signature[..2 * half - 1].to_vec()),
                ("zero-more", [signature, &[0]].concat()),
                ("one-more", [signature, &[1]].concat()),
                ("two-more", [signature, &[0, 0]].concat()),
                ("empty", Vec::new()),
            ];
            for (damage, signature) in damages {
                let [one, other] = chain(&with_signature(of, &signature));
                case(&format!("{part}-{damage}"), &[&one, &other], &[&root]);
                case(&format!("{part}-{damage}-built"), &[&one, &root, &other], &[&root]);
            }
        }
    }
}

/// The same certificate under another signature.
pub fn with_signature(certificate: &Certificate, signature: &[u8]) -> Certificate {
    let der = certificate.der();
    let tbs = certificate.tbs();
    let header = usize::from(der[1] & 0x7f) * usize::from(der[1] & 0x80 != 0) + 2;
    let after = header + tbs.len();
    let identifier = &der[after..after + 2 + usize::from(der[after + 1])];
    let bits = value(3, &[&[0], signature].concat());
    Certificate::from_der(&value(0x30, &[tbs, identifier, &bits].concat())).unwrap()
}

/// One DER value of a tag.
pub fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap();
    let header = match length.to_be_bytes() {
        [0, low] if low < 0x80 => vec![tag, low],
        [0, low] => vec![tag, 0x81, low],
        [high, low] => vec![tag, 0x82, high, low],
    };
    [header, content.to_vec()].concat()
}
