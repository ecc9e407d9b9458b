//! Many targets in one call.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::certificates::{Folder, sha256};
use crate::keyward::{Keyward, Outcome};
use crate::loopback;

fn lines(outcome: &Outcome) -> Vec<Value> {
    let lines = outcome.text().lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}\n{outcome}")))
        .collect()
}

#[test]
fn fetch_jsonl_is_a_line_for_each_target() {
    let (good, closed) = (loopback::tls(&["localhost"]), loopback::closed());
    let outcome = Keyward::new(["fetch", "--jsonl", &closed, &good, &closed]).run().exits(3);
    let lines = lines(&outcome);
    assert_eq!(lines.len(), 3, "{outcome}");
    let of = |target: &str| lines.iter().filter(|line| line["target"] == target).collect::<Vec<_>>();
    assert_eq!(of(&good)[0]["chain"][0]["sha256"], sha256("localhost"));
    assert_eq!(of(&closed).len(), 2);
    for line in &lines {
        assert_eq!(line["schema"], "keyward.fetch-target/1", "{line}");
        assert_eq!(line["ok"], line["target"] == good, "{line}");
        assert_eq!(
            line["error"]["id"].as_str(),
            (line["target"] != good).then_some("connection-refused"),
            "{line}"
        );
    }
    assert!(outcome.err.contains("3 targets: 1 with a chain, 2 without (connection-refused 2)"), "{outcome}");
    assert_eq!(outcome.err.lines().count(), 1, "a failure is told once, on its line\n{outcome}");
}

#[test]
fn fetch_jsonl_does_not_wait_for_the_slow() {
    let (good, silent) = (loopback::tls(&["localhost"]), loopback::silent());
    let outcome = Keyward::new(["fetch", "--jsonl", &silent, &good, "--timeout", "2"]).run().exits(3);
    let targets: Vec<String> =
        lines(&outcome).iter().map(|line| line["target"].as_str().unwrap().to_owned()).collect();
    assert_eq!(targets, [good, silent]);
}

#[test]
fn fetch_list_is_read_as_it_comes() {
    let good = loopback::tls(&["localhost"]);
    let list = format!("# servers\n{good}\n\nhttp://plain.example\n{good} # again\n\u{fffd}\n");
    let outcome = Keyward::new(["fetch", "--list", "-", "--json"]).stdin(list.as_bytes()).run().exits(2);
    let json = outcome.json();
    let targets = json["targets"].as_array().expect("targets");
    let oks: Vec<bool> = targets.iter().map(|target| target["ok"].as_bool().expect("ok")).collect();
    assert_eq!(oks, [true, false, true, false], "{outcome}");
    assert_eq!(targets[1]["error"]["id"], "not-a-target");
    assert!(targets[1]["error"]["message"].as_str().expect("a message").contains("line 4"), "{outcome}");
    // A file is looked through before anything is asked.
    let folder = Folder::new();
    let file = folder.with("hosts.txt", list.as_bytes());
    let outcome = Keyward::new(["fetch", "--list", &file]).run().exits(2);
    assert!(outcome.out.is_empty() && outcome.err.contains("line 4"), "{outcome}");
    for empty in ["", "# nothing\n"] {
        let outcome = Keyward::new(["fetch", "--list", "-"]).stdin(empty.as_bytes()).run().exits(2);
        assert!(outcome.err.contains("no target"), "{outcome}");
    }
    let endless = vec![b'x'; 1 << 20];
    let outcome = Keyward::new(["fetch", "--list", "-"]).stdin(&endless).run().exits(2);
    assert!(outcome.err.contains("more than"), "{outcome}");
}

#[test]
fn fetch_thousands_keep_their_order() {
    let closed = loopback::closed();
    let port = closed.strip_prefix("localhost:").expect("a port");
    let list: String = (0..3000).map(|n| format!("127.{}.{}.1:{port}\n", n / 250, n % 250 + 1)).collect();
    let outcome = Keyward::new(["fetch", "--list", "-", "--json", "--jobs", "64", "--timeout", "20"])
        .stdin(list.as_bytes())
        .run()
        .exits(3);
    let json = outcome.json();
    let targets: Vec<&str> = json["targets"]
        .as_array()
        .expect("targets")
        .iter()
        .map(|target| target["target"].as_str().unwrap())
        .collect();
    assert_eq!(targets, list.lines().collect::<Vec<_>>());
    assert!(outcome.err.contains("3000 targets: 0 with a chain, 3000 without"), "{}", outcome.err);
}

#[test]
fn fetch_rate_spreads_connections() {
    let good = loopback::tls(&["localhost"]);
    let start = Instant::now();
    let targets = vec![good.as_str(); 6];
    Keyward::new(["fetch", "--jsonl", "--rate", "5"]).args(targets).run().exits(0);
    assert!(start.elapsed() >= Duration::from_secs(1), "{:?}", start.elapsed());
}

#[test]
fn fetch_total_timeout_ends_all() {
    let silent = loopback::silent();
    let start = Instant::now();
    let targets = vec![silent.as_str(); 40];
    let outcome = Keyward::new(["fetch", "--jsonl", "--jobs", "2", "--total-timeout", "1"])
        .args(targets)
        .run()
        .exits(3);
    assert!(start.elapsed() < Duration::from_secs(6), "{:?}", start.elapsed());
    let lines = lines(&outcome);
    assert_eq!(lines.len(), 40);
    let ends = |words: &str| {
        lines
            .iter()
            .filter(|line| line["error"]["message"].as_str().is_some_and(|m| m.contains(words)))
            .count()
    };
    assert_eq!((ends("did not finish"), ends("before its turn")), (2, 38), "{outcome}");
}

#[test]
fn fetch_groups_are_offered_in_order() {
    let target = loopback::tls(&["localhost"]);
    for (groups, expected) in
        [("secp384r1", "secp384r1"), ("P-256,x25519", "secp256r1"), ("x25519mlkem768", "X25519MLKEM768")]
    {
        let outcome = Keyward::new(["fetch", &target, "--json", "--groups", groups]).run().exits(0);
        assert_eq!(outcome.json()["targets"][0]["group"], expected, "{outcome}");
    }
    Keyward::new(["fetch", &target, "--groups", "ffdhe2048"]).run().exits(2);
}
