//! Reading and writing keystores in process, by format and size: time must grow as the size does.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use keyward::format::pkcs12::Derivations;
use keyward::format::{certificates, key_store};
use keyward::model::entropy::SystemEntropy;
use keyward::model::key_store::{EncodedCertificate, StoreFormat};
use keyward::model::{KeyStore, Password};
use time::OffsetDateTime;

fn password() -> Password {
    Password::new("changeit".to_owned())
}

fn store_of(format: StoreFormat, count: usize) -> KeyStore {
    let pem = std::fs::read("testdata/pki/root.pem").expect("a fixture");
    let reading = certificates::read(&pem).expect("a certificate");
    let root = reading.certificates.first().expect("one certificate");
    let certificate = EncodedCertificate::from(&root.certificate);
    let mut store = KeyStore::empty(format);
    for number in 0..count {
        store
            .add_trusted(&format!("certificate {number}"), &certificate, OffsetDateTime::UNIX_EPOCH)
            .expect("a free alias");
    }
    store
}

fn key_stores(criterion: &mut Criterion) {
    for (format, name) in [(StoreFormat::Jks, "jks"), (StoreFormat::Pkcs12, "pkcs12")] {
        let mut group = criterion.benchmark_group(name);
        group.sample_size(20);
        for count in [1_usize, 100, 1_000, 10_000] {
            let store = store_of(format, count);
            let bytes =
                key_store::encode(&store, Some(&password()), &mut SystemEntropy, &mut Derivations::default())
                    .expect("a store that can be written");
            group.throughput(Throughput::Elements(count as u64));
            group.bench_with_input(BenchmarkId::new("decode", count), &bytes, |bench, bytes| {
                bench.iter(|| {
                    key_store::decode(black_box(bytes), Some(&password()), &mut Derivations::default())
                });
            });
            group.bench_with_input(BenchmarkId::new("encode", count), &store, |bench, store| {
                bench.iter(|| {
                    key_store::encode(
                        black_box(store),
                        Some(&password()),
                        &mut SystemEntropy,
                        &mut Derivations::default(),
                    )
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, key_stores);
criterion_main!(benches);
