//! Reading, writing and planning an import into keystores in process, by format and size: time must grow as the
//! size does.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use keyward::format::pkcs12::Derivations;
use keyward::format::{certificates, key_store};
use keyward::model::entropy::SystemEntropy;
use keyward::model::key_store::{EncodedCertificate, StoreFormat};
use keyward::model::{Certificate, KeyStore, Password};
use keyward::trust::{Terms, import};
use time::OffsetDateTime;
use time::macros::datetime;

fn password() -> Password {
    Password::new("changeit".to_owned())
}

fn certificate(name: &str) -> Certificate {
    let pem = std::fs::read(format!("testdata/pki/{name}")).expect("a fixture");
    let reading = certificates::read(&pem).expect("a certificate");
    reading.certificates.first().expect("one certificate").certificate.clone()
}

fn store_of(format: StoreFormat, count: usize) -> KeyStore {
    let certificate = EncodedCertificate::from(&certificate("root.pem"));
    let mut store = KeyStore::empty(format);
    for number in 0..count {
        store
            .add_trusted(&format!("certificate {number}"), &certificate, OffsetDateTime::UNIX_EPOCH)
            .expect("a free alias");
    }
    store
}

fn terms() -> Terms<'static> {
    Terms { pinned: false, replace: false, cacerts: None, now: datetime!(2030-01-01 0:00 UTC) }
}

fn key_stores(criterion: &mut Criterion) {
    for (format, name) in [(StoreFormat::Jks, "jks"), (StoreFormat::Pkcs12, "pkcs12")] {
        let mut group = criterion.benchmark_group(name);
        group
            .sample_size(20)
            .warm_up_time(Duration::from_millis(300))
            .measurement_time(Duration::from_secs(1));
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
            for name in ["other-root.pem", "localhost.pem"] {
                let new = [certificate(name)];
                group.bench_with_input(
                    BenchmarkId::new(format!("plan {name}"), count),
                    &store,
                    |bench, store| {
                        bench.iter(|| import::plan(black_box(store), &new, None, &terms()));
                    },
                );
            }
        }
        group.finish();
    }
}

criterion_group!(benches, key_stores);
criterion_main!(benches);
