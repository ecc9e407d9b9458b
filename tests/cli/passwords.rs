//! Passwords from each of their sources, and no password where it may be seen.

use std::process::Command;

use crate::certificates::{Folder, pem};
use crate::keyward::{Keyward, binary};

fn list(store: &str, spec: &str) -> Keyward {
    Keyward::new(["trust", "list", store, "--password", spec])
}

#[test]
fn passwords_come_from_each_source() {
    let folder = Folder::new();
    let store = folder.store("trust.p12");
    let file = folder.with("password", b"changeit\r\nanother line\n");
    list(&store, "pass:changeit").run().exits(0);
    list(&store, "env:STORE_PASSWORD").env("STORE_PASSWORD", "changeit").run().exits(0);
    list(&store, &format!("file:{file}")).run().exits(0);
    list(&store, "stdin").stdin(b"changeit\n").run().exits(0);
    list(&store, "fd:0").stdin(b"changeit\n").run().exits(0);
}

#[cfg(unix)]
#[test]
fn passwords_come_from_a_descriptor() {
    let folder = Folder::new();
    let (store, file) = (folder.store("trust.jks"), folder.with("password", b"changeit\n"));
    let status = Command::new("/bin/sh")
        .args(["-c", r#""$0" trust list "$1" --password fd:7 7< "$2" > /dev/null"#])
        .arg(binary())
        .args([&store, &file])
        .status()
        .expect("a shell");
    assert!(status.success(), "{status}");
}

#[test]
fn passwords_that_cannot_be_had_exit_2_and_say_why() {
    let folder = Folder::new();
    let store = folder.store("trust.p12");
    let missing = format!("file:{}", folder.file("no-such-file"));
    for (spec, word) in [
        ("env:NO_SUCH_VARIABLE_AT_ALL", "NO_SUCH_VARIABLE_AT_ALL"),
        (missing.as_str(), "no-such-file"),
        // What is no source may be the password itself, and is not repeated.
        ("vault:x", "pass:TEXT, env:NAME"),
        ("fd:x", "fd"),
        ("", "pass:TEXT, env:NAME"),
    ] {
        let outcome = list(&store, spec).run();
        assert!(matches!(outcome.code, 2 | 3), "{outcome}");
        assert!(outcome.err.contains(word) && !outcome.err.trim().is_empty(), "{word:?} is due\n{outcome}");
    }
}

#[test]
fn passwords_wrong_is_never_guessed_to_be_damage_nor_the_reverse() {
    let folder = Folder::new();
    for name in ["trust.p12", "trust.jks", "rich.jceks"] {
        let outcome = list(&folder.store(name), "pass:not the password").run().exits(2);
        assert!(outcome.err.contains("wrong password or damaged file"), "{outcome}");
        assert!(!outcome.err.contains("not the password"), "a password is in sight\n{outcome}");
    }
}

#[test]
fn passwords_are_needed_and_there_is_no_terminal() {
    let folder = Folder::new();
    let outcome = Keyward::new(["trust", "list", &folder.store("trust.p12")]).run().exits(2);
    assert!(outcome.err.contains("--password"), "the way on is due\n{outcome}");
}

#[test]
fn passwords_of_a_new_store_have_six_characters() {
    let folder = Folder::new();
    let store = folder.file("short.p12");
    let call = Keyward::new(["trust", "add", &pem("root"), "--to", &store, "--alias", "root", "--yes"]);
    call.args(["--password", "pass:five5"]).run().exits(2);
    assert!(!std::path::Path::new(&store).exists());
}

#[test]
fn passwords_any_opens_a_store_that_has_none() {
    let folder = Folder::new();
    list(&folder.store("java-passwordless.p12"), "pass:whatever").run().exits(0);
}
