//! What stood in a store before `keyward trust add` stands in it afterwards.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use crate::importing::{Format, PASSWORD, trust_add};
use crate::jvm::{Jvm, Listing, scratch, text};
use crate::keyward::{Keyward, Outcome, testdata};
use crate::peers::jdk;

/// Stores of `testdata/stores` that hold more than trusted certificates, with the password that opens them.
const STORES: &[(&str, &str)] = &[
    ("rich.p12", PASSWORD),
    ("rich.jks", PASSWORD),
    ("rich.jceks", PASSWORD),
    ("other-key-password.jks", PASSWORD),
    ("secret.p12", PASSWORD),
    ("own-key.p12", PASSWORD),
    ("openssl-chain.p12", PASSWORD),
    ("openssl-loose.p12", PASSWORD),
    ("openssl-legacy.p12", PASSWORD),
    ("openssl-plain-certificates.p12", PASSWORD),
    ("openssl-no-trust-attribute.p12", PASSWORD),
    ("openssl-passwordless.p12", ""),
    ("java-passwordless.p12", PASSWORD),
];

fn copy_of(name: &str, folder: &str) -> PathBuf {
    let store = scratch(&format!("lost/{folder}")).join(name);
    fs::copy(testdata(&format!("stores/{name}")), &store).expect("the fixture");
    store
}

/// Adds a certificate that none of the stores' chains meets.
fn add(store: &Path, password: &str) -> Outcome {
    add_as(store, password, "added", "rekeyed-root")
}

fn add_as(store: &Path, password: &str, alias: &str, certificate: &str) -> Outcome {
    let source = testdata(&format!("pki/{certificate}.pem"));
    Keyward::new(["trust", "add", text(&source), "--to", text(store), "--alias", alias, "--yes", "--json"])
        .args(["--password", &format!("pass:{password}")])
        .run()
}

fn bytes(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn is_pkcs12(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "p12")
}

/// Java lists every old entry unchanged, its key opened, and the new one.
pub fn java_sees_all() {
    let jvm = Jvm::of(jdk());
    let list = |store: &Path, password| {
        jvm.list(store, Some(password)).unwrap_or_else(|e| panic!("{}: {e}", store.display()))
    };
    for &(name, password) in STORES {
        let store = copy_of(name, "java");
        let before = list(&store, password);
        add(&store, password).exits(0);
        let after = list(&store, password);
        assert_eq!(before.format, after.format, "{name}");
        let added = after.entry("added").unwrap_or_else(|| panic!("{name}: not added: {after:?}"));
        assert_eq!(added.kind, "trustedCertEntry", "{name}");
        assert_eq!(after.entries.len(), before.entries.len() + 1, "{name}");
        holds_all(name, &after, &before);
    }
}

fn holds_all(name: &str, after: &Listing, before: &Listing) {
    for old in &before.entries {
        let kept = after.entry(&old.alias).unwrap_or_else(|| panic!("{name}: {} is lost", old.alias));
        let mut kept = kept.clone();
        if is_pkcs12(name) && old.kind == "trustedCertEntry" {
            // Java dates these at each load.
            kept.date = old.date;
        }
        if name.starts_with("openssl") || name == "own-key.p12" {
            // Made by openssl: a key without a "Time …" key id is dated at each load too.
            kept.date = old.date;
        }
        assert_eq!(&kept, old, "{name}");
    }
}

/// What openssl shows of a PKCS12 file: its bags with their attributes, and the algorithms of its parts.
struct OpenSslView {
    /// How often each bag's text occurs.
    bags: BTreeMap<String, usize>,
    algorithms: BTreeMap<String, usize>,
}

fn openssl_view(store: &Path, password: &str) -> OpenSslView {
    let output = Command::new("openssl")
        .args([
            "pkcs12",
            "-info",
            "-legacy",
            "-noenc",
            "-in",
            text(store),
            "-passin",
            &format!("pass:{password}"),
        ])
        .output()
        .expect("openssl runs");
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "openssl refuses {}: {err}", store.display());
    let count = |parts: Vec<&str>| {
        parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).fold(
            BTreeMap::new(),
            |mut all, part| {
                *all.entry(part.to_owned()).or_default() += 1;
                all
            },
        )
    };
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    // openssl ends this label's line on stdout, or not at all.
    let err = err.replace("Bag Value:", "\n");
    OpenSslView {
        bags: count(out.split("Bag Attributes").collect()),
        algorithms: count(err.lines().collect()),
    }
}

fn keeps(what: &str, before: &BTreeMap<String, usize>, after: &BTreeMap<String, usize>) {
    for (part, times) in before {
        let kept = after.get(part).copied().unwrap_or_default();
        assert!(kept >= *times, "{what}: {times} times before, {kept} after:\n{part}\nafter: {after:#?}");
    }
}

/// openssl shows every old bag with its attributes, and the same algorithms and iterations.
pub fn openssl_sees_all() {
    for &(name, password) in STORES.iter().filter(|(name, _)| is_pkcs12(name)) {
        let store = copy_of(name, "openssl");
        let before = openssl_view(&store, password);
        add(&store, password).exits(0);
        let after = openssl_view(&store, password);
        keeps(name, &before.bags, &after.bags);
        keeps(name, &before.algorithms, &after.algorithms);
        let new: usize = after.bags.values().sum::<usize>() - before.bags.values().sum::<usize>();
        assert_eq!(new, 1, "{name}: one bag more");
    }
}

/// The encrypted bytes of every private key are the same: a key was never opened to be written again.
pub fn key_blobs_stay() {
    let mut seen = 0_usize;
    for &(name, password) in STORES.iter().filter(|(name, _)| is_pkcs12(name)) {
        let store = copy_of(name, "blobs");
        let before = bytes(&store);
        add(&store, password).exits(0);
        let after = bytes(&store);
        for blob in shrouded_keys(&before) {
            seen += 1;
            assert!(after.windows(blob.len()).any(|window| window == blob), "{name}: a key was written anew");
        }
    }
    assert!(seen >= 7, "{seen} key blobs found; the fixtures have more");
}

/// The `EncryptedPrivateKeyInfo` of each shrouded key bag that stands in the clear of a DER file.
fn shrouded_keys(file: &[u8]) -> Vec<&[u8]> {
    // 1.2.840.113549.1.12.10.1.2, pkcs8ShroudedKeyBag
    const BAG: &[u8] = &[0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01, 0x02];
    let starts = (0..file.len().saturating_sub(BAG.len())).filter(|at| file[*at..].starts_with(BAG));
    starts.map(|at| contents(&file[at + BAG.len()..], 0xa0)).collect()
}

/// The contents of the DER value at the start of `bytes`.
fn contents(bytes: &[u8], tag: u8) -> &[u8] {
    assert_eq!(bytes[0], tag);
    match bytes[1] {
        short @ 0..=0x7f => &bytes[2..2 + usize::from(short)],
        long => {
            let octets = usize::from(long & 0x7f);
            let length =
                bytes[2..2 + octets].iter().fold(0_usize, |length, octet| length << 8 | usize::from(*octet));
            &bytes[2 + octets..2 + octets + length]
        }
    }
}

/// In JKS and JCEKS files all old entries stand together, to the byte, in the new file.
pub fn java_bodies_stay() {
    for &(name, password) in STORES.iter().filter(|(name, _)| !is_pkcs12(name)) {
        let store = copy_of(name, "bodies");
        let before = bytes(&store);
        add(&store, password).exits(0);
        let after = bytes(&store);
        // Magic, version and count stand before, a SHA-1 after.
        let body = &before[12..before.len() - 20];
        assert!(after.windows(body.len()).any(|window| window == body), "{name}: an old entry changed");
    }
}

fn at_once(store: &Path, format: Format) -> Vec<String> {
    let source = testdata("pki/other-root.pem");
    let aliases: Vec<String> = (0..32).map(|number| format!("parallel {number}")).collect();
    thread::scope(|scope| {
        let calls: Vec<_> = aliases
            .iter()
            .map(|alias| {
                let call = trust_add(&source, store, format).args(["--alias", alias, "--yes"]);
                scope.spawn(move || call.run())
            })
            .collect();
        for call in calls {
            call.join().expect("a call that ends").exits(0);
        }
    });
    aliases
}

/// 32 processes write into one store at once; keytool keeps one or two of them.
pub fn thirty_two_at_once() {
    let jvm = Jvm::of(jdk());
    for format in Format::BOTH {
        let name = format!("rich.{}", format.extension());
        let store = copy_of(&name, "parallel");
        let before = jvm.list(&store, Some(PASSWORD)).expect("the fixture");
        let aliases = at_once(&store, format);
        let after = jvm.list(&store, Some(PASSWORD)).expect("the store");
        holds_all(&name, &after, &before);
        let missing: Vec<&String> = aliases.iter().filter(|alias| after.entry(alias).is_none()).collect();
        assert!(missing.is_empty(), "{name}: lost {missing:?}");
        only_files(&store);
    }
}

/// The same, with no store at the start.
pub fn thirty_two_at_once_into_a_new_file() {
    for format in Format::BOTH {
        let store =
            scratch(&format!("lost/new-{}", format.name())).join(format!("new.{}", format.extension()));
        let aliases = at_once(&store, format);
        let after = Jvm::of(jdk()).list(&store, Some(PASSWORD)).expect("the store");
        assert_eq!(after.entries.len(), aliases.len(), "{format:?}");
        only_files(&store);
    }
}

/// No lock or temporary file is left beside the store.
fn only_files(store: &Path) {
    let folder = store.parent().expect("a folder");
    let litter: Vec<String> = fs::read_dir(folder)
        .expect("the folder")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with('.') || name.contains("lock") || name.contains("tmp"))
        .collect();
    assert!(litter.is_empty(), "left in {}: {litter:?}", folder.display());
}

/// What cannot be done leaves the file to the byte and says why.
pub fn when_refused() {
    for name in ["rich.p12", "rich.jks"] {
        let store = copy_of(name, "refused");
        let whole = bytes(&store);

        refuses(&store, "not the password", &[2], &["password"]);
        assert_eq!(bytes(&store), whole, "{name}: wrong password");

        for (what, damaged) in [
            ("cut", whole[..whole.len() / 2].to_vec()),
            ("last byte gone", whole[..whole.len() - 1].to_vec()),
            ("a bit flipped", flipped(&whole, whole.len() / 2)),
            ("empty", Vec::new()),
            ("garbage", vec![0xa5; 400]),
            ("text", b"this is no keystore\n".to_vec()),
            ("a certificate", bytes(&testdata("pki/root.pem"))),
        ] {
            fs::write(&store, &damaged).expect("the damaged file");
            refuses(&store, PASSWORD, &[2], &[]);
            assert_eq!(bytes(&store), damaged, "{name}: {what}");
        }
        fs::write(&store, &whole).expect("the file");

        fs::set_permissions(&store, Permissions::from_mode(0o444)).expect("a mode");
        refuses(&store, PASSWORD, &[2, 3], &["read-only", "permission"]);
        assert_eq!(bytes(&store), whole, "{name}: read-only");
        fs::set_permissions(&store, Permissions::from_mode(0o644)).expect("a mode");
        only_files(&store);
    }

    let folder = scratch("lost/refused/folder");
    refuses(&folder, PASSWORD, &[2, 3], &["directory", "folder"]);
    assert!(folder.is_dir());

    let nowhere = scratch("lost/refused").join("missing/store.jks");
    refuses(&nowhere, PASSWORD, &[2, 3], &["missing"]);
    assert!(!nowhere.parent().expect("a folder").exists());
}

fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1;
    bytes
}

/// The call ends with one of these codes, and its message has one of these words.
fn refuses(store: &Path, password: &str, codes: &[i32], words: &[&str]) {
    let outcome = add(store, password);
    assert!(codes.contains(&outcome.code), "one of {codes:?} is due\n{outcome}");
    let said = format!("{}{}", outcome.err, String::from_utf8_lossy(&outcome.out)).to_lowercase();
    assert!(!said.trim().is_empty(), "a message is due\n{outcome}");
    assert!(
        words.is_empty() || words.iter().any(|word| said.contains(word)),
        "one of {words:?} is due\n{outcome}"
    );
}

/// A store that went through adding, renaming and removing is what it was.
pub fn over_many_edits() {
    let jvm = Jvm::of(jdk());
    for &(name, password) in STORES {
        let store = copy_of(name, "edits");
        let before = jvm.list(&store, Some(password)).expect("the fixture");
        add_as(&store, password, "one", "rekeyed-root").exits(0);
        add_as(&store, password, "two", "not-a-ca").exits(0);
        let spec = format!("pass:{password}");
        let trust = |verb: &str, words: &[&str]| {
            Keyward::new(["trust", verb, text(&store)]).args(words).args(["--password", &spec]).run().exits(0)
        };
        trust("rename", &["one", "three"]);
        let between = jvm.list(&store, Some(password)).expect("the store");
        assert!(between.entry("three").is_some() && between.entry("one").is_none(), "{name}: {between:?}");
        trust("remove", &["two"]);
        trust("remove", &["three"]);
        let after = jvm.list(&store, Some(password)).expect("the store");
        assert_eq!(after.entries.len(), before.entries.len(), "{name}");
        holds_all(name, &after, &before);
    }
}
