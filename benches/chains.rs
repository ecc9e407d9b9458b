//! Reading certificates from input, and a JVM's verdict on a chain, in process.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use keyward::chain::names::ServerName;
use keyward::chain::rules::jsse::{self, Java};
use keyward::format::certificates;
use keyward::model::Certificate;
use time::macros::datetime;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("testdata/{name}")).expect("a fixture")
}

fn read(bytes: &[u8]) -> Vec<Certificate> {
    let reading = certificates::read(bytes).expect("certificates");
    reading.certificates.into_iter().map(|found| found.certificate).collect()
}

fn input(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("input");
    let chain = fixture("pki/localhost-chain.pem");
    for copies in [1_usize, 100, 1_000] {
        let bytes = chain.repeat(copies);
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_with_input(BenchmarkId::new("pem", copies * 2), &bytes, |bench, bytes| {
            bench.iter(|| certificates::read(black_box(bytes)));
        });
    }
    let pkcs7 = fixture("inputs/chain.p7b");
    group.bench_function("pkcs7", |bench| bench.iter(|| certificates::read(black_box(&pkcs7))));
    let talk = fixture("inputs/s_client-showcerts.txt");
    group.bench_function("s_client", |bench| bench.iter(|| certificates::read(black_box(&talk))));
    group.finish();
}

fn verdict(criterion: &mut Criterion) {
    let chain = read(&fixture("pki/localhost-chain.pem"));
    let anchors = read(&fixture("pki/root.pem"));
    let name = ServerName::parse("localhost").expect("a name");
    let now = datetime!(2030-01-01 0:00 UTC);
    criterion.bench_function("verdict/accepted", |bench| {
        bench.iter(|| jsse::judge(black_box(&chain), &anchors, Some(&name), now, Java::V17));
    });
    let strangers = read(&fixture("pki/other-root.pem"));
    criterion.bench_function("verdict/no path", |bench| {
        bench.iter(|| jsse::judge(black_box(&chain), &strangers, Some(&name), now, Java::V17));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(30)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    targets = input, verdict
}
criterion_main!(benches);
