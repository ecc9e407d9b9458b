//! What holds for every keystore that the model can hold, over generated ones.

mod java_stores;
mod pkcs12_files;

use keyward::model::EncodedCertificate;
use proptest::prelude::*;

/// A certificate as far as a codec looks at it.
fn certificate() -> impl Strategy<Value = EncodedCertificate> {
    prop::collection::vec(any::<u8>(), 0..40).prop_map(|der| EncodedCertificate::x509(&der))
}

/// Aliases of every script, with zero and what lies beyond U+FFFF among them.
fn alias() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9-]{0,12}",
        any::<String>(),
        prop::collection::vec(prop_oneof![Just('\0'), Just('\u{10ffff}'), Just('ß'), Just('İ')], 0..6)
            .prop_map(String::from_iter),
    ]
}

/// Changes to some bytes.
#[derive(Clone, Debug)]
struct Damage(Vec<(prop::sample::Index, Change)>);

#[derive(Clone, Debug)]
enum Change {
    Set(u8),
    Insert(Vec<u8>),
    Remove(usize),
    Cut,
}

fn damage() -> impl Strategy<Value = Damage> {
    let change = prop_oneof![
        8 => prop_oneof![any::<u8>(), Just(0), Just(0x7f), Just(0x80), Just(0xff)].prop_map(Change::Set),
        2 => prop::collection::vec(any::<u8>(), 1..8).prop_map(Change::Insert),
        2 => (1..8usize).prop_map(Change::Remove),
        1 => Just(Change::Cut),
    ];
    prop::collection::vec((any::<prop::sample::Index>(), change), 1..6).prop_map(Damage)
}

impl Damage {
    fn on(&self, bytes: &[u8]) -> Vec<u8> {
        let mut damaged = bytes.to_vec();
        for (place, change) in &self.0 {
            if damaged.is_empty() {
                break;
            }
            let at = place.index(damaged.len());
            match change {
                Change::Set(octet) => damaged[at] = *octet,
                Change::Insert(octets) => drop(damaged.splice(at..at, octets.iter().copied())),
                Change::Remove(count) => drop(damaged.drain(at..damaged.len().min(at + count))),
                Change::Cut => damaged.truncate(at),
            }
        }
        damaged
    }
}
