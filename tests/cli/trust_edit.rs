//! `keyward trust list`, `remove`, `rename`, `export`.

use crate::certificates::{Folder, der, pem, sha256};
use crate::keyward::{Keyward, Outcome, binary};

fn trust(words: &[&str]) -> Outcome {
    Keyward::new(["trust"]).args(words).args(["--password", "pass:changeit"]).run()
}

/// Alias and kind of each entry, sorted.
fn entries(store: &str) -> Vec<(String, String)> {
    let outcome = trust(&["list", store, "--json"]).exits(0);
    let json = outcome.json();
    assert_eq!(json["schema"], "keyward.trust-list/1", "{outcome}");
    let text = |value: &serde_json::Value| value.as_str().expect("a string").to_owned();
    let mut entries: Vec<_> = json["entries"]
        .as_array()
        .expect("entries")
        .iter()
        .map(|entry| (text(&entry["alias"]), text(&entry["kind"])))
        .collect();
    entries.sort();
    entries
}

fn pair(alias: &str, kind: &str) -> (String, String) {
    (alias.to_owned(), kind.to_owned())
}

const STORES: [&str; 3] = ["rich.p12", "rich.jks", "rich.jceks"];

#[test]
fn trust_list_names_every_entry_and_its_kind() {
    let folder = Folder::new();
    for name in STORES {
        let store = folder.store(name);
        let mut listed: Vec<_> =
            entries(&store).into_iter().map(|(alias, kind)| (alias.to_lowercase(), kind)).collect();
        let mut expected = vec![
            pair("grüße-😀", "trusted-certificate"),
            pair("other root", "trusted-certificate"),
            pair("second", "private-key"),
            pair("server", "private-key"),
        ];
        if name != "rich.jks" {
            expected.push(pair("secret", "secret-key"));
        }
        // The order is the file's: in JKS and JCEKS that of a Java hash table.
        listed.sort();
        expected.sort();
        assert_eq!(listed, expected, "{name}");
    }
}

#[test]
fn trust_list_shows_certificates_as_the_contract_says() {
    let folder = Folder::new();
    let outcome = trust(&["list", &folder.store("trust.jks"), "--json"]).exits(0);
    let json = outcome.json();
    let entry = json["entries"]
        .as_array()
        .expect("entries")
        .iter()
        .find(|entry| entry["alias"] == "other root")
        .unwrap_or_else(|| panic!("{outcome}"));
    assert_eq!(entry["certificate"]["sha256"], sha256("other-root"));
    assert_eq!(entry["certificate"]["subject"], "CN=Other Root CA,O=Other,C=CH");
    assert_eq!(entry["certificate"]["ca"], true);
    let text = trust(&["list", &folder.store("trust.jks")]).exits(0);
    assert!(text.text().contains("other root") && text.text().contains("Other Root CA"), "{text}");
}

#[test]
fn trust_remove_takes_a_trusted_certificate_only() {
    let folder = Folder::new();
    for name in STORES {
        let store = folder.store(name);
        let before = entries(&store);
        trust(&["remove", &store, "OTHER ROOT"]).exits(0);
        let after = entries(&store);
        assert_eq!(after.len() + 1, before.len());
        assert!(after.iter().all(|(alias, _)| alias.to_lowercase() != "other root"));
        let unchanged = folder.read(name);
        trust(&["remove", &store, "server"]).exits(2);
        trust(&["remove", &store, "no such alias"]).exits(2);
        assert_eq!(folder.read(name), unchanged);
        trust(&["remove", &store, "server", "--key"]).exits(0);
        assert!(entries(&store).iter().all(|(alias, _)| alias != "server"));
    }
}

#[test]
fn trust_rename_keeps_all_but_the_name() {
    let folder = Folder::new();
    for name in STORES {
        let store = folder.store(name);
        trust(&["rename", &store, "Other Root", "renamed"]).exits(0);
        assert!(entries(&store).contains(&pair("renamed", "trusted-certificate")));
        trust(&["rename", &store, "server", "client"]).exits(0);
        assert!(entries(&store).contains(&pair("client", "private-key")));
        let unchanged = folder.read(name);
        trust(&["rename", &store, "client", "SECOND"]).exits(2);
        trust(&["rename", &store, "no such alias", "x"]).exits(2);
        assert_eq!(folder.read(name), unchanged);
    }
}

#[test]
fn trust_export_gives_the_certificate() {
    let folder = Folder::new();
    for name in STORES {
        let store = folder.store(name);
        let pem = trust(&["export", &store, "other root"]).exits(0);
        assert!(pem.text().contains("-----BEGIN CERTIFICATE-----"), "{pem}");
        assert!(!pem.text().contains("PRIVATE KEY"));
        let file = folder.file("out.der");
        trust(&["export", &store, "OTHER ROOT", "-o", &file]).exits(0);
        assert_eq!(folder.read("out.der"), der("other-root"));
        trust(&["export", &store, "no such alias"]).exits(2);
    }
}

#[test]
fn trust_verbs_on_a_missing_store_name_it() {
    let folder = Folder::new();
    let store = folder.file("missing.jks");
    for words in [
        &["list", &store][..],
        &["remove", &store, "x"],
        &["rename", &store, "x", "y"],
        &["export", &store, "x"],
    ] {
        let outcome = trust(words);
        assert!(matches!(outcome.code, 2 | 3), "{outcome}");
        assert!(outcome.err.contains("missing.jks"), "{outcome}");
        assert!(!std::path::Path::new(&store).exists());
    }
}

#[test]
fn trust_list_without_a_password_says_once_that_nothing_was_verified() {
    let folder = Folder::new();
    let outcome = Keyward::new(["trust", "list", &folder.store("trust.jks")]).run().exits(0);
    assert_eq!(outcome.text().matches("NOT verified").count(), 1, "{outcome}");
    assert!(outcome.err.is_empty(), "{outcome}");
}

#[test]
fn trust_rename_to_the_same_alias_writes_nothing() {
    let folder = Folder::new();
    for (name, again) in [("trust.jks", "OTHER ROOT"), ("trust.p12", "Other Root")] {
        let store = folder.store(name);
        let before = folder.read(name);
        let json = trust(&["rename", &store, "other root", again, "--json"]).exits(0).json();
        assert_eq!(json["changed"], false);
        assert_eq!(folder.read(name), before, "{name}");
    }
}

#[test]
fn trust_export_never_writes_over_a_private_key() {
    let folder = Folder::new();
    let store = folder.store("trust.jks");
    let key = std::fs::read(pem("root").replace(".pem", ".key")).expect("a fixture");
    let both = [std::fs::read(pem("root")).expect("a fixture"), key.clone()].concat();
    for (name, bytes) in [("server.key", key), ("both.pem", both)] {
        let file = folder.with(name, &bytes);
        let outcome = trust(&["export", &store, "other root", "-o", &file]).exits(2);
        assert!(outcome.err.contains("private key"), "{outcome}");
        assert_eq!(folder.read(name), bytes);
    }
}

#[test]
fn trust_export_of_an_unchecked_store_says_so() {
    let folder = Folder::new();
    let outcome = Keyward::new(["trust", "export", &folder.store("trust.jks"), "other root"]).run().exits(0);
    assert!(outcome.err.contains("as it was written"), "{outcome}");
    let outcome = trust(&["export", &folder.store("trust.jks"), "other root"]).exits(0);
    assert!(!outcome.err.contains("as it was written"), "{outcome}");
}

#[test]
fn an_alias_gives_no_orders_to_the_terminal() {
    let folder = Folder::new();
    let store = folder.store("trust.jks");
    trust(&["rename", &store, "other root", "a\u{1b}[31mred"]).exits(0);
    for words in [&["remove", &store, "none"][..], &["remove", &store, "b\u{1b}[2J"], &["list", &store]] {
        let outcome = trust(words);
        assert!(!format!("{}{}", outcome.err, outcome.text()).contains('\u{1b}'), "{outcome}");
    }
}

#[test]
fn what_stood_behind_the_end_of_a_store_goes_with_a_word() {
    let folder = Folder::new();
    for name in ["trust.jks", "trust.p12"] {
        let bytes = std::fs::read(folder.store(name)).expect("a copy");
        let store = folder.with(name, &[&bytes[..], b"junk"].concat());
        let outcome = trust(&["rename", &store, "other root", "new"]).exits(0);
        assert!(outcome.err.contains("4 bytes"), "{outcome}");
    }
}

#[test]
fn trust_export_and_remove_take_the_alias_as_keytool_spells_it() {
    let folder = Folder::new();
    let store = folder.store("trust.jks");
    let exported = trust(&["export", &store, "--alias", "other root"]).exits(0);
    assert!(exported.text().contains("BEGIN CERTIFICATE"), "{exported}");
    trust(&["remove", &store, "--alias", "other root"]).exits(0);
    trust(&["export", &store, "other root"]).exits(2);
    trust(&["remove", &store]).exits(2);
    trust(&["remove", &store, "a", "--alias", "b"]).exits(2);
}

/// `keyward` as a user who may write `file` but not its folder; `None` where this user cannot be made one.
fn without_the_folder(folder: &Folder, file: &str, arguments: &[&str]) -> Option<std::process::Output> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
    const NOBODY: u32 = 65534;
    let root = std::fs::metadata(folder.root()).ok()?.uid() == 0;
    let allow = |mode| std::fs::set_permissions(folder.root(), std::fs::Permissions::from_mode(mode));
    let mut command = std::process::Command::new(binary());
    if root {
        chown(file, Some(NOBODY), Some(NOBODY)).ok()?;
        command = std::process::Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(binary());
        allow(0o755).ok()?;
    } else {
        allow(0o555).ok()?;
    }
    let reached = command.arg("--version").output().is_ok_and(|output| output.status.success());
    let words: Vec<std::ffi::OsString> =
        command.get_args().filter(|word| *word != "--version").map(ToOwned::to_owned).collect();
    let output = reached.then(|| {
        std::process::Command::new(command.get_program()).args(words).args(arguments).output().expect("a run")
    });
    allow(0o700).ok()?;
    output
}

#[test]
fn a_folder_that_cannot_be_written_does_not_keep_in_place_from_a_backup() {
    let folder = Folder::new();
    let store = folder.store("trust.p12");
    let before = folder.read("trust.p12");
    let add = |more: &[&str]| {
        let root = std::fs::read(pem("root")).expect("a fixture");
        let file = folder.with("root.pem", &root);
        let words = ["trust", "add", &file, "--to", &store, "--yes", "--password", "pass:changeit"];
        without_the_folder(&folder, &store, &[&words[..], more].concat())
    };
    let Some(refused) = add(&[]) else { return eprintln!("skipped: no user without the folder") };
    assert_eq!(refused.status.code(), Some(3), "{}", String::from_utf8_lossy(&refused.stderr));
    let written = add(&["--in-place"]).expect("the same user");
    let said = String::from_utf8_lossy(&written.stderr).into_owned();
    assert_eq!(written.status.code(), Some(0), "{said}");
    let kept = said.lines().find_map(|line| line.strip_prefix("the old file is kept as ")).expect("a backup");
    assert_eq!(std::fs::read(kept).expect("the backup"), before);
    assert_ne!(folder.read("trust.p12"), before);
    std::fs::remove_file(kept).expect("the backup");
}
