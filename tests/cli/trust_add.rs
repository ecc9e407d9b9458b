//! `keyward trust add`: what is decided, what is written, what is said.

use std::path::Path;

use crate::certificates::{Folder, pem, sha256};
use crate::keyward::{Keyward, Outcome};
use crate::{loopback, odd_certificates};

fn add(source: &str, store: &str, options: &[&str]) -> Outcome {
    Keyward::new(["trust", "add", source, "--to", store, "--password", "pass:changeit", "--json"])
        .args(options)
        .run()
}

/// Alias and fingerprint of each entry.
fn entries(store: &str) -> Vec<(String, Option<String>)> {
    let outcome =
        Keyward::new(["trust", "list", store, "--password", "pass:changeit", "--json"]).run().exits(0);
    let json = outcome.json();
    assert_eq!(json["schema"], "keyward.trust-list/1");
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let entries = json["entries"].as_array().expect("entries").clone();
    entries.iter().map(|e| (text(&e["alias"]).expect("alias"), text(&e["certificate"]["sha256"]))).collect()
}

fn starts_with(file: &[u8], magic: &[u8]) -> bool {
    file.starts_with(magic)
}

#[test]
fn trust_add_makes_a_new_store_of_the_format_its_name_says() {
    let folder = Folder::new();
    for (name, format, magic) in [
        ("new.jks", None, &[0xfe, 0xed, 0xfe, 0xed][..]),
        ("new.p12", None, &[0x30]),
        ("new.pfx", None, &[0x30]),
        ("truststore", None, &[0x30]),
        ("named.jks", Some("pkcs12"), &[0x30]),
        ("named.p12", Some("jks"), &[0xfe, 0xed, 0xfe, 0xed]),
    ] {
        let store = folder.file(name);
        let format = format.map_or_else(Vec::new, |format| vec!["--format", format]);
        let outcome =
            add(&pem("root"), &store, &[&["--alias", "root", "--yes"], &format[..]].concat()).exits(0);
        let json = outcome.json();
        assert_eq!(json["schema"], "keyward.trust-add/1");
        assert_eq!(json["store"], store);
        assert_eq!(json["changed"], true);
        assert_eq!(json["entries"][0]["alias"], "root");
        assert_eq!(json["entries"][0]["basis"], "confirmed");
        assert_eq!(json["entries"][0]["certificate"]["sha256"], sha256("root"));
        assert!(starts_with(&folder.read(name), magic), "{name}");
        assert_eq!(entries(&store), [("root".to_owned(), Some(sha256("root")))]);
    }
}

#[test]
fn trust_add_finds_the_real_format_whatever_the_name_says() {
    let folder = Folder::new();
    let jks = folder.with("really-jks.p12", &std::fs::read(folder.store("trust.jks")).expect("a copy"));
    add(&pem("root"), &jks, &["--alias", "root", "--yes"]).exits(0);
    assert!(starts_with(&folder.read("really-jks.p12"), &[0xfe, 0xed, 0xfe, 0xed]));
    assert_eq!(entries(&jks).len(), 3);
}

#[test]
fn trust_add_without_a_terminal_or_a_yes_refuses() {
    let folder = Folder::new();
    let store = folder.store("trust.p12");
    let before = folder.read("trust.p12");
    let outcome = add(&pem("root"), &store, &["--alias", "root"]).exits(2);
    assert!(outcome.err.contains("--yes"), "the way on is due\n{outcome}");
    assert_eq!(folder.read("trust.p12"), before);
    // A yes on a pipe is no person's yes.
    let call = Keyward::new(["trust", "add", &pem("root"), "--to", &store, "--alias", "root"]);
    call.args(["--password", "pass:changeit"]).stdin(b"yes\n").run().exits(2);
    assert_eq!(folder.read("trust.p12"), before);
    let fresh = folder.file("fresh.p12");
    add(&pem("root"), &fresh, &["--alias", "root"]).exits(2);
    assert!(!Path::new(&fresh).exists());
}

#[test]
fn trust_add_shows_the_fingerprint_it_asks_about() {
    let folder = Folder::new();
    let store = folder.store("trust.p12");
    let outcome = Keyward::new(["trust", "add", &pem("root"), "--to", &store, "--alias", "root"])
        .args(["--password", "pass:changeit"])
        .run()
        .exits(2);
    let said = format!("{}{}", outcome.err, outcome.text()).to_lowercase().replace(':', "");
    assert!(said.contains(&sha256("root")), "{outcome}");
}

#[test]
fn trust_add_a_pin_needs_no_question() {
    let folder = Folder::new();
    let store = folder.store("trust.jks");
    let pin = format!("sha256:{}", sha256("root"));
    let json = add(&pem("root"), &store, &["--alias", "root", "--pick", &pin]).exits(0).json();
    assert_eq!(json["entries"][0]["basis"], "pinned");
    let other = format!("sha256:{}", sha256("other-root"));
    let before = folder.read("trust.jks");
    add(&pem("root"), &store, &["--alias", "wrong", "--pick", &other]).exits(2);
    assert_eq!(folder.read("trust.jks"), before);
}

#[test]
fn trust_add_what_the_store_vouches_for_needs_no_question() {
    let folder = Folder::new();
    let store = folder.file("roots.p12");
    add(&pem("root"), &store, &["--alias", "root", "--yes"]).exits(0);
    let json = add(&pem("issuing"), &store, &["--alias", "issuing"]).exits(0).json();
    assert_eq!(json["entries"][0]["basis"], "vouched");
}

#[test]
fn trust_add_a_certificate_that_is_no_ca_vouches_for_nothing() {
    let folder = Folder::new();
    let store = folder.file("pinned.p12");
    add(&pem("not-a-ca"), &store, &["--alias", "pinned", "--yes"]).exits(0);
    add(&pem("behind-not-a-ca"), &store, &["--alias", "behind"]).exits(2);
}

#[test]
fn trust_add_a_second_run_changes_nothing() {
    let folder = Folder::new();
    for name in ["trust.jks", "trust.p12"] {
        let store = folder.store(name);
        add(&pem("root"), &store, &["--alias", "Root", "--yes"]).exits(0);
        let before = folder.read(name);
        for alias in ["Root", "root", "ROOT"] {
            let json = add(&pem("root"), &store, &["--alias", alias]).exits(0).json();
            assert_eq!(json["changed"], false);
        }
        assert_eq!(folder.read(name), before);
    }
}

#[test]
fn trust_add_another_certificate_under_an_alias_is_refused() {
    let folder = Folder::new();
    for name in ["trust.jks", "trust.p12"] {
        let store = folder.store(name);
        let before = folder.read(name);
        let outcome = add(&pem("root"), &store, &["--alias", "OTHER ROOT", "--yes"]).exits(2);
        assert!(outcome.err.to_lowercase().contains("other root"), "the alias is due\n{outcome}");
        assert_eq!(folder.read(name), before);
    }
}

#[test]
fn trust_add_replace_swaps_a_certificate_for_its_renewal() {
    let folder = Folder::new();
    for name in ["swap.jks", "swap.p12"] {
        let store = folder.file(name);
        add(&pem("localhost"), &store, &["--alias", "server", "--yes"]).exits(0);
        let json = add(&pem("renewed"), &store, &["--alias", "server", "--replace", "--yes"]).exits(0).json();
        assert_eq!(json["changed"], true);
        assert_eq!(entries(&store), [("server".to_owned(), Some(sha256("renewed")))]);
    }
}

#[test]
fn trust_add_takes_the_first_certificate_and_all_when_asked() {
    let folder = Folder::new();
    let first = folder.file("first.p12");
    add(&pem("localhost-chain"), &first, &["--alias", "one", "--yes"]).exits(0);
    assert_eq!(entries(&first), [("one".to_owned(), Some(sha256("localhost")))]);
    let all = folder.file("all.p12");
    let json = add(&pem("localhost-chain"), &all, &["--pick", "all", "--yes"]).exits(0).json();
    assert_eq!(json["entries"].as_array().map(Vec::len), Some(2));
    let mut held: Vec<_> = entries(&all).into_iter().filter_map(|(_, sha256)| sha256).collect();
    held.sort();
    let mut expected = [sha256("localhost"), sha256("issuing")];
    expected.sort();
    assert_eq!(held, expected);
    let issuer = folder.file("issuer.p12");
    add(&pem("localhost-chain"), &issuer, &["--pick", "issuer", "--alias", "ca", "--yes"]).exits(0);
    assert_eq!(entries(&issuer), [("ca".to_owned(), Some(sha256("issuing")))]);
}

#[test]
fn trust_add_from_stdin() {
    let folder = Folder::new();
    let store = folder.file("stdin.p12");
    let certificate = std::fs::read(pem("root")).expect("a fixture");
    let call = Keyward::new(["trust", "add", "-", "--to", &store, "--alias", "root", "--yes"]);
    call.args(["--password", "pass:changeit"]).stdin(&certificate).run().exits(0);
    assert_eq!(entries(&store), [("root".to_owned(), Some(sha256("root")))]);
    let call = Keyward::new(["trust", "add", "-", "--to", &store, "--alias", "again", "--yes"]);
    call.args(["--password", "stdin"]).stdin(&certificate).run().exits(2);
}

#[test]
fn trust_add_from_a_server_says_unverified_and_shows_the_fingerprint() {
    let folder = Folder::new();
    let store = folder.file("seen.p12");
    let target = loopback::tls(&["own-key"]);
    add(&target, &store, &["--alias", "seen"]).exits(2);
    let outcome = add(&target, &store, &["--alias", "seen", "--yes"]).exits(0);
    let json = outcome.json();
    assert_eq!(json["entries"][0]["basis"], "unverified");
    assert!(outcome.err.to_lowercase().replace(':', "").contains(&sha256("own-key")), "{outcome}");
    assert!(json["verdict"].is_object(), "{outcome}");
}

#[test]
fn trust_add_says_what_a_jvm_would_now_do() {
    let folder = Folder::new();
    let (good, expired) = (loopback::tls(&["localhost", "issuing"]), loopback::tls(&["expired", "issuing"]));
    let store = folder.file("verdict.p12");
    let verdict = |target: &str, alias: &str| {
        let outcome = add(&pem("root"), &store, &["--alias", alias, "--yes", "--for", target]);
        outcome.json()["verdict"]["accepted"].as_bool().unwrap_or_else(|| panic!("{outcome}"))
    };
    assert!(verdict(&good, "one"));
    assert!(!verdict(&expired, "two"));
}

#[test]
fn trust_add_without_a_target_gives_no_verdict() {
    let folder = Folder::new();
    let store = folder.file("none.p12");
    assert!(add(&pem("root"), &store, &["--alias", "root", "--yes"]).exits(0).json()["verdict"].is_null());
}

#[test]
fn trust_add_points_out_that_a_leaf_is_pinned() {
    let folder = Folder::new();
    let store = folder.file("leaf.p12");
    let outcome = add(&pem("localhost-chain"), &store, &["--alias", "leaf", "--yes"]).exits(0);
    assert!(outcome.err.contains("--pick"), "the alternative is due\n{outcome}");
}

#[test]
fn trust_add_finds_issuer_and_root_above_a_leaf_that_is_pinned() {
    let folder = Folder::new();
    let store = folder.file("pinned.p12");
    let target = loopback::tls(&["localhost", "issuing", "root"]);
    let pinned = add(&target, &store, &["--alias", "leaf", "--yes"]).exits(0);
    let fix = pinned.json()["notes"][0]["fix"].as_str().expect("a command").to_owned();
    assert!(fix.contains("--pick root"), "{pinned}");
    for (pick, found) in [("root", "root"), ("issuer", "issuing")] {
        let outcome = add(&target, &store, &["--pick", pick, "--yes"]).exits(0);
        assert_eq!(outcome.json()["entries"][0]["certificate"]["sha256"], sha256(found), "{outcome}");
    }
}

#[cfg(unix)]
#[test]
fn trust_add_keeps_the_mode_and_leaves_no_litter() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let store = folder.store("rich.p12");
    std::fs::set_permissions(&store, std::fs::Permissions::from_mode(0o640)).expect("a mode");
    add(&pem("root"), &store, &["--alias", "root", "--yes"]).exits(0);
    let mode = std::fs::metadata(&store).expect("the store").permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert_eq!(std::fs::read_dir(folder.root()).expect("the folder").count(), 1);
}

#[test]
fn trust_add_backup_keeps_the_old_file_to_the_byte() {
    let folder = Folder::new();
    let store = folder.store("rich.jks");
    let before = folder.read("rich.jks");
    add(&pem("root"), &store, &["--alias", "root", "--yes", "--backup"]).exits(0);
    let kept = std::fs::read_dir(folder.root())
        .expect("the folder")
        .flatten()
        .filter(|entry| std::fs::read(entry.path()).is_ok_and(|bytes| bytes == before))
        .count();
    assert_eq!(kept, 1);
}

#[test]
fn trust_add_says_what_is_wrong_with_a_password_before_any_question() {
    let folder = Folder::new();
    let store = folder.file("new.p12");
    for (spec, id) in [("env:KEYWARD_NOT_SET", "password-unset"), ("pass:short", "password-too-short")] {
        let outcome =
            Keyward::new(["trust", "add", &pem("root"), "--to", &store, "--password", spec, "--json"])
                .run()
                .exits(2);
        assert_eq!(outcome.json()["error"]["id"], id, "{outcome}");
        assert!(!Path::new(&store).exists());
    }
}

#[test]
fn trust_add_of_an_address_of_a_file_names_the_path() {
    let folder = Folder::new();
    let source = format!("file://{}", pem("root"));
    let outcome = add(&source, &folder.file("new.p12"), &[]).exits(2);
    assert!(outcome.err.lines().any(|line| line.trim() == pem("root")), "{outcome}");
}

#[test]
fn trust_add_says_when_the_chain_of_a_key_grows() {
    let folder = Folder::new();
    for (name, notes) in [("rich.p12", 1), ("rich.jks", 0)] {
        let store = folder.store(name);
        let json = add(&pem("root"), &store, &["--alias", "new root", "--yes"]).exits(0).json();
        let changed = json["notes"].as_array().expect("notes").iter();
        let changed = changed.filter(|note| note["id"] == "key-chain-changed").count();
        assert_eq!(changed, notes, "{name}: {json}");
    }
}

/// A JVM takes the end entity of a private key for an anchor too (`TrustStoreUtil`).
#[test]
fn trust_add_judges_with_the_certificates_of_keys() {
    let folder = Folder::new();
    let target = loopback::tls(&["own-key"]);
    for name in ["own-key.jks", "own-key.p12"] {
        let store = folder.store(name);
        let options = ["--alias", "other", "--yes", "--for", &target];
        let outcome = add(&pem("other-root"), &store, &options);
        let reason = outcome.json()["verdict"]["reason"]["id"].clone();
        assert_ne!(reason, "no-path", "{name}\n{outcome}");
    }
}

/// One such certificate, and a JVM refuses the whole store.
#[test]
fn trust_add_refuses_what_no_jvm_reads() {
    let folder = Folder::new();
    let (read, unread) = odd_certificates::all();
    for store in [folder.file("new.jks"), folder.file("new.p12")] {
        add(&pem("root"), &store, &["--yes"]).exits(0);
        let before = std::fs::read(&store).expect("the store");
        for (name, der) in unread.iter().take(40) {
            let outcome = add(&folder.with("odd.cer", der), &store, &["--yes", "--alias", "odd"]).exits(2);
            assert!(outcome.err.contains("cannot be read by a JVM"), "{name}: {outcome}");
        }
        assert_eq!(std::fs::read(&store).expect("the store"), before);
        for (number, (name, der)) in read.iter().take(20).enumerate() {
            let alias = format!("odd-{number}");
            let outcome = add(&folder.with("odd.cer", der), &store, &["--yes", "--alias", &alias]);
            assert_eq!(outcome.code, 0, "{name}: {outcome}");
        }
    }
}
