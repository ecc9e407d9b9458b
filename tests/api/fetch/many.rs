//! Many targets at once.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use keyward::fetch::{Delivery, Target, fetch_all};
use keyward::serve::TlsServer;

use super::{brief, options, pki, serving};

#[test]
fn two_hundred_slow_servers_take_less_than_a_second() {
    let pki = pki();
    let mut serving = serving(&pki);
    serving.delay = Duration::from_millis(100);
    let server = TlsServer::start(&serving).unwrap();
    let targets: Vec<Target> = (0..200).map(|_| server.address().into()).collect();
    let start = Instant::now();
    let mut seen = Vec::new();
    fetch_all(&targets, &options(), 50, Delivery::InOrder, |index, result| {
        assert_eq!(result.unwrap().chain, serving.chain);
        seen.push(index);
    });
    assert_eq!(seen, (0..200).collect::<Vec<_>>());
    // One after the other it would be twenty seconds; the second that a release build keeps is measured by
    // the benchmark, not by a debug build among other tests.
    let elapsed = start.elapsed();
    assert!(elapsed < Duration::from_secs(5), "{elapsed:?}");
    println!("200 targets: {elapsed:?}");
}

#[test]
fn a_failing_target_hides_no_other() {
    let pki = pki();
    let server = TlsServer::start(&serving(&pki)).unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let targets: Vec<Target> =
        [silent.local_addr().unwrap(), server.address(), closed, server.address()].map(Target::from).into();
    for (delivery, jobs) in [(Delivery::AsTheyCome, 2), (Delivery::InOrder, 1)] {
        let mut results = Vec::new();
        let options = keyward::fetch::Options { timeout: Duration::from_millis(1500), ..brief() };
        fetch_all(&targets, &options, jobs, delivery, |index, result| {
            results.push((index, result.map(|p| p.chain.len()).map_err(|e| e.id())));
        });
        if delivery == Delivery::AsTheyCome {
            assert_ne!(results.first().unwrap().0, 0, "the silent target came first");
            results.sort_by_key(|(index, _)| *index);
        }
        let expected = [(0, Err("timeout")), (1, Ok(2)), (2, Err("connection-refused")), (3, Ok(2))];
        assert_eq!(results, expected, "{delivery:?} {jobs}");
    }
}

#[test]
fn no_targets_are_no_results() {
    fetch_all(&[], &options(), 0, Delivery::InOrder, |_, _| panic!("a result for nothing"));
}
