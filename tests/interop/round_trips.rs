//! What keyward writes, in each profile and format, in the hands of every tool that `docs/profiles.md` names: the same
//! entries, and keys that do their work. And what keytool writes, in keyward's.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use ::keyward::format::key_store::{self, protect_private_key};
use ::keyward::format::pkcs12::Derivations;
use ::keyward::format::{certificates, private_key};
use ::keyward::model::entropy::SystemEntropy;
use ::keyward::model::{EncodedCertificate, Password};
use serde_json::Value;
use time::macros::datetime;

use crate::importing::PASSWORD;
use crate::jvm::{Jvm, Listing, keytool_process, scratch, text};
use crate::keyward::{Keyward, testdata};
use crate::peers::{jdk, jdks, python};

/// A password that no encoding is the same for.
const WIDE: &str = "Schlüssel €";

/// Alias, what `openssl genpkey` takes, and what Java calls the algorithm.
const KEYS: [(&str, &[&str], &str); 6] = [
    ("rsa", &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "RSA"),
    ("größe-漢字", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], "EC"),
    ("p-384", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"], "EC"),
    ("p-521", &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"], "EC"),
    ("ed25519", &["-algorithm", "ED25519"], "EdDSA"),
    ("pss", &["-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"], "RSASSA-PSS"),
];

/// Options of `convert`, the name's extension, and whether JVMs and openssl (with which option) read it.
type Target = (&'static [&'static str], &'static str, bool, Option<&'static [&'static str]>);

const TARGETS: [Target; 9] = [
    (&["--profile", "java17"], "p12", true, Some(&[])),
    (&["--profile", "java8"], "p12", true, Some(&["-legacy"])),
    (&["--profile", "openssl3"], "p12", true, Some(&[])),
    (&["--profile", "passwordless"], "p12", true, Some(&[])),
    (&["--mac", "sha384"], "p12", true, Some(&[])),
    // The openssl of these tests may know PBMAC1 or not: pyca tells.
    (&["--profile", "modern", "--iterations", "2000"], "p12", false, None),
    (&[], "jks", true, None),
    (&[], "jceks", true, None),
    (&["--format", "pem"], "pem", false, None),
];

fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program).args(arguments).env("LC_ALL", "C.UTF-8").output().expect("the program runs")
}

fn done(program: &str, arguments: &[&str]) -> String {
    let output = run(program, arguments);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {error}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn convert(inputs: &[&Path], to: &Path, password: &str, more: &[&str]) {
    let inputs: Vec<&str> = inputs.iter().map(|input| text(input)).collect();
    Keyward::new(["convert"])
        .args(inputs)
        .args(["-o", text(to), "--password", &format!("pass:{password}")])
        .args(more)
        .run()
        .exits(0);
}

fn inspect(file: &Path, password: &str) -> Value {
    let password = format!("pass:{password}");
    let outcome = Keyward::new(["inspect", "--json", "--password", &password, text(file)]).run().exits(0);
    outcome.json()["files"][0].clone()
}

/// A key of each kind, each with a certificate of its own, in one PEM file: openssl makes them. DSA comes from the
/// fixtures, because its parameters take long to make.
fn identities() -> &'static Path {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| {
        let folder = scratch("round-trips/identities");
        let mut all = String::new();
        for (alias, arguments, _) in KEYS {
            let key = folder.join("key.pem");
            done("openssl", &[&["genpkey", "-out", text(&key)], arguments].concat());
            all += &identity(alias, &key);
        }
        // The first key of the fixture alone: it holds the same in many encodings.
        let dsa = folder.join("dsa.pem");
        done("openssl", &["pkey", "-in", text(&testdata("keys/dsa.pem")), "-out", text(&dsa)]);
        all += &identity("dsa", &dsa);
        let file = folder.join("all.pem");
        std::fs::write(&file, all).expect("target/ can be written");
        file
    })
}

/// A key and a self-signed certificate for it.
fn identity(name: &str, key: &Path) -> String {
    let subject = format!("/CN={name}");
    let common = ["req", "-x509", "-utf8", "-days", "3650", "-sha256", "-subj", &subject, "-key", text(key)];
    let certificate = done("openssl", &common);
    std::fs::read_to_string(key).expect("a key") + &certificate
}

fn expected_uses() -> BTreeMap<String, String> {
    let keys = KEYS.iter().map(|(alias, _, algorithm)| ((*alias).to_owned(), format!("{algorithm} signs")));
    keys.chain([("dsa".to_owned(), "DSA signs".to_owned())]).collect()
}

fn extension_of(number: usize, extension: &str) -> String {
    format!("{number}.{extension}")
}

/// Every kind of key, in every profile and format: each JVM opens it, signs with it, and verifies with the
/// certificate of its entry; openssl gives out as many keys and certificates.
pub fn keys_sign_in_java() {
    let folder = scratch("round-trips/keys");
    let before = inspect(identities(), PASSWORD);
    let sha256 = |file: &Value| -> BTreeSet<String> {
        let entries = file["entries"].as_array().expect("entries").iter();
        entries.filter_map(|entry| entry["key"]["pkcs8_sha256"].as_str().map(str::to_owned)).collect()
    };
    assert_eq!(sha256(&before).len(), KEYS.len() + 1);
    for (number, (options, extension, java, openssl)) in TARGETS.into_iter().enumerate() {
        let store = folder.join(extension_of(number, extension));
        convert(&[identities()], &store, PASSWORD, options);
        assert_eq!(sha256(&inspect(&store, PASSWORD)), sha256(&before), "{options:?}");
        for jdk in jdks() {
            let uses = Jvm::of(jdk).use_keys(&store, PASSWORD, PASSWORD);
            match java {
                true => assert_eq!(uses, Ok(expected_uses()), "{options:?} {extension}, JDK {}", jdk.feature),
                false => assert!(uses.is_err(), "{options:?} {extension}, JDK {}: {uses:?}", jdk.feature),
            }
        }
        if let Some(with) = openssl {
            let arguments = ["pkcs12", "-noenc", "-in", text(&store), "-passin", "pass:changeit"];
            let text = done("openssl", &[&arguments[..], with].concat());
            let count = |what: &str| text.matches(what).count();
            assert_eq!(count("BEGIN PRIVATE KEY"), KEYS.len() + 1, "{options:?}");
            assert_eq!(count("BEGIN CERTIFICATE"), KEYS.len() + 1, "{options:?}");
        }
    }
    let p7b = folder.join("all.p7b");
    convert(&[identities()], &p7b, PASSWORD, &["--lossy"]);
    let printed = done("openssl", &["pkcs7", "-inform", "DER", "-in", text(&p7b), "-print_certs", "-noout"]);
    assert_eq!(printed.matches("subject").count(), KEYS.len() + 1, "{printed}");
}

/// Secret keys have the same octets on either side, and whatever the two formats they go through.
pub fn secret_keys() {
    let folder = scratch("round-trips/secrets");
    let made = folder.join("made.jceks");
    for (alias, algorithm, bits) in
        [("aes", "AES", "256"), ("three", "DESede", "168"), ("mac", "HmacSHA256", "200")]
    {
        let arguments = ["-genseckey", "-alias", alias, "-keyalg", algorithm, "-keysize", bits];
        let store = ["-keystore", text(&made), "-storetype", "JCEKS", "-storepass", PASSWORD];
        let run = Jvm::of(jdk()).keytool("", &[&arguments[..], &store, &["-keypass", PASSWORD]].concat());
        assert_eq!(run.code, 0, "{run:?}");
    }
    let uses = |store: &Path| {
        let uses = Jvm::of(jdk()).use_keys(store, PASSWORD, PASSWORD).expect("Java reads it");
        let octets = uses
            .into_iter()
            .map(|(alias, key)| (alias, key.rsplit(' ').next().unwrap_or_default().to_owned()));
        octets.collect::<BTreeMap<_, _>>()
    };
    assert_eq!(uses(&made).len(), 3);
    go_round(&folder, &made, &uses);
    // A password that is kept as a secret: its algorithm is one of PBE.
    let secret = folder.join("secret.p12");
    let arguments = ["-importpass", "-alias", "pass", "-keystore", text(&secret), "-storepass", PASSWORD];
    let run = Jvm::of(jdk()).keytool("a secret\na secret\n", &arguments);
    assert_eq!(run.code, 0, "{run:?}");
    let algorithms =
        |store: &Path| Jvm::of(jdk()).use_keys(store, PASSWORD, PASSWORD).expect("Java reads it");
    assert!(algorithms(&secret)["pass"].starts_with("PBEWithMD5AndDES "));
    go_round(&folder.join("pass"), &secret, &algorithms);
}

/// From a store with secret keys into others and back, and Java finds the same in each.
fn go_round(folder: &Path, made: &Path, uses: &dyn Fn(&Path) -> BTreeMap<String, String>) {
    std::fs::create_dir_all(folder).expect("target/ can be written");
    let before = uses(made);
    let mut from = made.to_owned();
    for (number, extension) in ["p12", "jceks", "p12"].into_iter().enumerate() {
        let to = folder.join(extension_of(number, extension));
        convert(&[&from], &to, PASSWORD, &[]);
        assert_eq!(uses(&to), before, "{extension}");
        from = to;
    }
}

/// A password beyond ASCII, and a key with one of its own.
pub fn passwords() {
    let folder = scratch("round-trips/passwords");
    let [key, chain] = ["localhost.key", "localhost-chain.pem"].map(|name| testdata(&format!("pki/{name}")));
    let inputs: [&Path; 2] = [&key, &chain];
    let jks = folder.join("wide.jks");
    convert(&inputs, &jks, WIDE, &["--alias", "server"]);
    for jdk in jdks() {
        let uses = Jvm::of(jdk).use_keys(&jks, WIDE, WIDE).expect("JKS takes every password");
        assert_eq!(uses.get("server").map(String::as_str), Some("EC signs"), "JDK {}", jdk.feature);
    }
    for (profile, with) in [("java17", None), ("java8", Some("-legacy")), ("openssl3", None)] {
        let store = folder.join(format!("wide-{profile}.p12"));
        convert(&inputs, &store, WIDE, &["--profile", profile]);
        let password = format!("pass:{WIDE}");
        let mut arguments = vec!["pkcs12", "-noenc", "-in", text(&store), "-passin", &password];
        arguments.extend(with);
        assert!(done("openssl", &arguments).contains("BEGIN PRIVATE KEY"), "{profile}");
        // PBEKey of JDK 17 takes ASCII only; that of 25 takes UTF-8, of which the old ciphers get seven bits.
        for jdk in jdks() {
            let uses = Jvm::of(jdk).use_keys(&store, WIDE, WIDE);
            assert_eq!(
                uses.is_ok(),
                jdk.feature >= 25 && profile != "java8",
                "{profile}, JDK {}",
                jdk.feature
            );
        }
        let note = inspect(&store, WIDE)["notes"][0]["message"].to_string();
        assert_eq!(note.contains("; Java 25 opens this one"), profile != "java8", "{note}");
    }
    for (number, (options, extension, ..)) in TARGETS.into_iter().filter(|target| target.2).enumerate() {
        let store = folder.join(extension_of(number, extension));
        let own = [options, &["--alias", "server", "--out-key-password", "pass:another one"]].concat();
        convert(&inputs, &store, PASSWORD, &own);
        for jdk in jdks() {
            let uses =
                Jvm::of(jdk).use_keys(&store, PASSWORD, "another one").expect("its own password opens it");
            assert_eq!(uses.get("server").map(String::as_str), Some("EC signs"), "{options:?} {extension}");
            let refused = Jvm::of(jdk).use_keys(&store, PASSWORD, PASSWORD);
            assert!(refused.is_err(), "{options:?} {extension}: {refused:?}");
        }
    }
}

/// What a JVM from 25 on writes under a password beyond ASCII, and 17 cannot read.
pub fn wide_passwords_of_java() {
    let folder = scratch("round-trips/wide-passwords");
    let legacy: &[&str] = &["-J-Dkeystore.pkcs12.legacy"];
    for jdk in jdks().iter().filter(|jdk| jdk.feature >= 25) {
        for (name, kind, more) in
            [("new.p12", "PKCS12", &[][..]), ("old.p12", "PKCS12", legacy), ("x.jceks", "JCEKS", &[])]
        {
            let store = folder.join(format!("{}-{name}", jdk.feature));
            let make = ["-genkeypair", "-keyalg", "EC", "-alias", "server", "-dname", "CN=server"];
            let to = ["-keystore", text(&store), "-storetype", kind, "-storepass", WIDE, "-keypass", WIDE];
            let run = keytool_process(jdk, "", &[more, &make, &to].concat());
            assert_eq!(run.code, 0, "{run:?}");
            let seen = inspect(&store, WIDE);
            assert_eq!(seen["entries"][0]["key"]["fits_certificate"], true, "{name}: {seen}");
            let reads = if kind == "JCEKS" { "but-keys" } else { "nothing" };
            assert_eq!(seen["readers"]["java17"]["reads"], reads, "{name}: {seen}");
            assert!(Jvm::of(self::jdk()).use_keys(&store, WIDE, WIDE).is_err(), "{name}");
            if kind == "PKCS12" {
                let note = seen["notes"][0]["message"].to_string();
                assert!(note.contains("; Java 25 opens this one"), "{name}: {note}");
            }
            // A change keeps the file for its reader.
            let password = format!("pass:{WIDE}");
            let root = testdata("pki/root.pem");
            Keyward::new([
                "trust",
                "add",
                text(&root),
                "--to",
                text(&store),
                "--yes",
                "--password",
                &password,
            ])
            .run()
            .exits(0);
            let listing = Jvm::of(jdk).list(&store, Some(WIDE)).expect("it reads its own");
            assert_eq!(listing.entries.len(), 2, "{name}: {listing:?}");
            let uses = Jvm::of(jdk).use_keys(&store, WIDE, WIDE).expect("the key is as it was");
            assert_eq!(uses.get("server").map(String::as_str), Some("EC signs"), "{name}");
            let plain = folder.join(format!("{}-{name}.p12", jdk.feature));
            convert(&[&store], &plain, PASSWORD, &["--in-password", &password]);
            let uses = Jvm::of(self::jdk()).use_keys(&plain, PASSWORD, PASSWORD).expect("a store for all");
            assert_eq!(uses.get("server").map(String::as_str), Some("EC signs"), "{name}");
        }
    }
}

/// Chains of three, a key without a certificate, a store without entries, aliases that only Java folds.
pub fn odd_stores() {
    let folder = scratch("round-trips/odd");
    let inputs =
        ["localhost.key", "localhost-chain.pem", "root.pem"].map(|name| testdata(&format!("pki/{name}")));
    let inputs: Vec<&Path> = inputs.iter().map(PathBuf::as_path).collect();
    for (number, (options, extension, _, openssl)) in TARGETS.into_iter().filter(|t| t.2).enumerate() {
        let store = folder.join(extension_of(number, extension));
        let alias = "Ä B ΣΑΣ 漢字 😀";
        convert(&inputs, &store, PASSWORD, &[options, &["--alias", alias]].concat());
        for jdk in jdks() {
            let listing = Jvm::of(jdk).list(&store, Some(PASSWORD)).expect("a store");
            let [entry] = &listing.entries[..] else { panic!("{listing:?}") };
            assert_eq!((&*entry.alias, entry.chain.len()), ("ä b σας 漢字 😀", 3), "{options:?} {extension}");
        }
        if let Some(with) = openssl {
            let arguments = ["pkcs12", "-noenc", "-in", text(&store), "-passin", "pass:changeit"];
            let printed = done("openssl", &[&arguments[..], with].concat());
            // It prints the alias as octets; that the units are right Java has said.
            assert_eq!(printed.matches("BEGIN CERTIFICATE").count(), 3, "{printed}");
        }
        // The same store with its one entry gone.
        Keyward::new(["trust", "remove", text(&store), alias, "--key", "--password", "pass:changeit"])
            .run()
            .exits(0);
        for jdk in jdks() {
            let listing = Jvm::of(jdk).list(&store, Some(PASSWORD)).expect("an empty store");
            assert!(listing.entries.is_empty(), "{listing:?}");
        }
    }
    let alone = folder.join("alone.p12");
    convert(&[&testdata("pki/localhost.key")], &alone, PASSWORD, &["--alias", "alone"]);
    let listing = Jvm::of(jdk()).list(&alone, Some(PASSWORD)).expect("a store");
    let chains: Vec<usize> = listing.entries.iter().map(|entry| entry.chain.len()).collect();
    assert_eq!(chains, [0]);
    let printed = done("openssl", &["pkcs12", "-noenc", "-in", text(&alone), "-passin", "pass:changeit"]);
    assert!(printed.contains("BEGIN PRIVATE KEY") && !printed.contains("BEGIN CERTIFICATE"), "{printed}");
}

/// Opens a store, signs with its key, verifies with its certificate, prints what else there is.
const PYCA: &str = "
import sys
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
store = pkcs12.load_pkcs12(open(sys.argv[1], 'rb').read(), sys.argv[2].encode())
algorithm = ec.ECDSA(hashes.SHA256())
signature = store.key.sign(b'a message', algorithm)
store.cert.certificate.public_key().verify(signature, b'a message', algorithm)
print(store.cert.friendly_name.decode(), 1 + len(store.additional_certs))
";

/// Says whether the OpenSSL under pyca knows PBMAC1 (3.4), and the old ciphers, which a build may leave out.
const PYCA_VERSION: &str = "
from cryptography.hazmat.backends.openssl import backend
print(int(backend.openssl_version_number() >= 0x30400000))
";

/// pyca/cryptography opens every profile, PBMAC1 too where its OpenSSL knows that.
pub fn pyca_reads() {
    let python = python().expect("tests that ask for pyca say so");
    let folder = scratch("round-trips/pyca");
    let inputs =
        ["localhost.key", "localhost-chain.pem", "root.pem"].map(|name| testdata(&format!("pki/{name}")));
    let inputs: Vec<&Path> = inputs.iter().map(PathBuf::as_path).collect();
    let knows_pbmac1 = done(python, &["-c", PYCA_VERSION]).trim() == "1";
    let mut read = 0;
    for (number, (options, ..)) in TARGETS.into_iter().filter(|target| target.1 == "p12").enumerate() {
        for password in [PASSWORD, WIDE] {
            let store = folder.join(extension_of(number, "p12"));
            let _ = std::fs::remove_file(&store);
            convert(&inputs, &store, password, &[options, &["--alias", "Grüße"]].concat());
            let output = run(python, &["-c", PYCA, text(&store), password]);
            let error = String::from_utf8_lossy(&output.stderr);
            if options.contains(&"modern") && !knows_pbmac1 {
                assert!(!output.status.success(), "this pyca/cryptography knows PBMAC1 after all");
                println!("pyca/cryptography here has no PBMAC1");
                continue;
            }
            assert!(output.status.success(), "{options:?}: {error}");
            assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "Grüße 3", "{options:?}");
            read += 1;
        }
    }
    println!("pyca/cryptography reads {read} stores");
}

/// NSS takes a file into its database, key and certificates, under the alias: a chain with an EC key, and an RSA key.
pub fn nss_reads() {
    let folder = scratch("round-trips/nss");
    let chain = ["localhost.key", "localhost-chain.pem", "root.pem"];
    let chain = chain.map(|name| testdata(&format!("pki/{name}")));
    let key = folder.join("rsa.key");
    done(
        "openssl",
        &["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", text(&key)],
    );
    let rsa = folder.join("rsa.pem");
    std::fs::write(&rsa, identity("rsa", &key)).expect("target/ can be written");
    let identities: [(&str, Vec<&Path>, &str); 2] =
        [("server", chain.iter().map(PathBuf::as_path).collect(), "ec "), ("rsa", vec![&rsa], "rsa ")];
    for (number, (options, ..)) in TARGETS.into_iter().filter(|target| target.1 == "p12").enumerate() {
        for (alias, inputs, kind) in &identities {
            let name = format!("{alias}-{number}");
            let (store, database) = (folder.join(format!("{name}.p12")), folder.join(&name));
            convert(inputs, &store, PASSWORD, &[options, &["--alias", alias]].concat());
            std::fs::create_dir_all(&database).expect("target/ can be written");
            let database = format!("sql:{}", text(&database));
            done("certutil", &["-N", "-d", &database, "--empty-password"]);
            let taken = run("pk12util", &["-i", text(&store), "-d", &database, "-W", PASSWORD, "-K", ""]);
            let said =
                String::from_utf8_lossy(&taken.stderr).into_owned() + &String::from_utf8_lossy(&taken.stdout);
            let refused = NSS_REFUSES.iter().any(|name| options.contains(name));
            assert_eq!(taken.status.success(), !refused, "{alias}, {options:?}: {said}");
            if !refused {
                let certificates = done("certutil", &["-L", "-d", &database]);
                assert!(certificates.contains(&format!("{alias} ")), "{options:?}: {certificates}");
                let keys = done("certutil", &["-K", "-d", &database]);
                assert!(keys.contains(kind) && keys.contains(alias), "{options:?}: {keys}");
            }
        }
    }
}

/// The profiles that NSS does not take.
const NSS_REFUSES: [&str; 2] = ["passwordless", "modern"];

/// Stores of keytool with a key of each algorithm, a trusted certificate, and a key with a password of its own:
/// keyward sees what Java sees, and opens the keys.
pub fn keytool_files() {
    let folder = scratch("round-trips/keytool");
    for (kind, legacy) in [("JKS", false), ("JCEKS", false), ("PKCS12", false), ("PKCS12", true)] {
        let store = folder.join(format!("{kind}-{legacy}"));
        let at = ["-keystore", text(&store), "-storetype", kind, "-storepass", PASSWORD];
        let keytool = |arguments: &[&str]| {
            let arguments = [arguments, &at].concat();
            // The property of old protection is read once, so it needs a process.
            let run = if legacy {
                keytool_process(jdk(), "", &[&["-J-Dkeystore.pkcs12.legacy"], &arguments[..]].concat())
            } else {
                Jvm::of(jdk()).keytool("", &arguments)
            };
            assert_eq!(run.code, 0, "{arguments:?}: {run:?}");
        };
        let all: &[(&str, &[&str])] = &[
            ("Größe 漢字", &["-keyalg", "RSA", "-keysize", "2048"]),
            ("p-384", &["-keyalg", "EC", "-groupname", "secp384r1"]),
            ("dsa", &["-keyalg", "DSA", "-keysize", "2048"]),
            ("ed", &["-keyalg", "Ed25519"]),
            ("pss", &["-keyalg", "RSASSA-PSS", "-keysize", "2048"]),
        ];
        for (alias, arguments) in all.iter().take(if legacy { 2 } else { all.len() }) {
            let name = format!("CN={alias}");
            let common = ["-genkeypair", "-alias", alias, "-dname", &name, "-keypass", PASSWORD];
            keytool(&[&common[..], arguments].concat());
        }
        let root = testdata("pki/root.pem");
        keytool(&["-importcert", "-noprompt", "-alias", "Root", "-file", text(&root)]);
        let java = Jvm::of(jdk()).list(&store, Some(PASSWORD)).expect("keytool's own store");
        let ours = inspect(&store, PASSWORD);
        assert_eq!(ours["integrity"], "verified");
        agrees(&ours, &java);
        let out = folder.join(format!("{kind}-{legacy}.p12"));
        convert(&[&store], &out, PASSWORD, &[]);
        let uses = Jvm::of(jdk()).use_keys(&store, PASSWORD, PASSWORD).expect("keytool's own store");
        assert!(uses.values().all(|used| used.ends_with(" signs")), "{uses:?}");
        assert_eq!(Jvm::of(jdk()).use_keys(&out, PASSWORD, PASSWORD), Ok(uses), "{kind}");
    }
}

/// The same entries, chains and opened keys.
fn agrees(ours: &Value, java: &Listing) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let ours: BTreeSet<_> = ours["entries"]
        .as_array()
        .expect("entries")
        .iter()
        .map(|entry| {
            let chain: Vec<String> =
                entry["chain"].as_array().expect("a chain").iter().map(|c| text(&c["sha256"])).collect();
            (text(&entry["alias"]).to_lowercase(), chain, text(&entry["key"]["pkcs8_sha256"]))
        })
        .collect();
    let java: BTreeSet<_> = java
        .entries
        .iter()
        .map(|entry| (entry.alias.clone(), entry.chain.clone(), entry.key.clone().unwrap_or_default()))
        .collect();
    assert_eq!(ours, java);
}

/// Stores with a chain that the root of the added identity would lengthen.
const CONTINUED: [&str; 4] =
    ["rich.p12", "openssl-chain.p12", "openssl-legacy.p12", "openssl-plain-certificates.p12"];

/// An identity that comes into each store of others, through the library: every JVM signs with it, and lists all that
/// was there before as before.
pub fn added_identities() {
    let folder = scratch("round-trips/added");
    let password = Password::new(PASSWORD.to_owned());
    let read = |name: &str| std::fs::read(testdata(&format!("pki/{name}"))).expect("a fixture");
    let key = private_key::read(&read("localhost.key"), &[], &mut Derivations::new()).expect("a key");
    let chain = certificates::read(&read("localhost-chain.pem")).expect("certificates").certificates;
    let root = certificates::read(&read("root.pem")).expect("certificates").certificates;
    let whole: Vec<EncodedCertificate> =
        chain.iter().chain(&root).map(|found| EncodedCertificate::from(&found.certificate)).collect();
    let names = [
        "rich.jks",
        "rich.jceks",
        "rich.p12",
        "trust.jks",
        "trust.p12",
        "own-key.jks",
        "own-key.p12",
        "secret.p12",
        "openssl-chain.p12",
        "openssl-legacy.p12",
        "java-passwordless.p12",
        "openssl-plain-certificates.p12",
    ];
    let mut signed = 0;
    for name in names {
        let from = testdata(&format!("stores/{name}"));
        let bytes = std::fs::read(&from).expect("a fixture");
        let mut derivations = Derivations::new();
        let mut store = key_store::decode(&bytes, Some(&password), &mut derivations).expect(name).store;
        let mut chain = whole.clone();
        let to = folder.join(name);
        let before = Jvm::of(jdk()).list(&from, Some(PASSWORD)).expect(name);
        for round in 1..=2 {
            let protected =
                protect_private_key(&store, &key, &password, &mut SystemEntropy, &mut derivations)
                    .expect("a protected key");
            let created = datetime!(2026-03-04 05:06:07.089 UTC);
            if round == 1 {
                // With the root the file would give it to a chain that ends before it: Java finds chains anew.
                let with_root = store.add_private_key("Added Identity", protected.clone(), &chain, created);
                assert_eq!(with_root.is_err(), CONTINUED.contains(&name), "{name}: {with_root:?}");
                if with_root.is_err() {
                    chain.truncate(2);
                    store.add_private_key("Added Identity", protected, &chain, created).expect(name);
                }
            } else {
                store.replace_private_key("added identity", protected, &chain, created).expect(name);
            }
            let bytes = key_store::encode(&store, Some(&password), &mut SystemEntropy, &mut derivations);
            std::fs::write(&to, bytes.expect("a store")).expect("target/ can be written");
            for jdk in jdks() {
                let mut after = Jvm::of(jdk).list(&to, Some(PASSWORD)).expect(name);
                let at = after.entries.iter().position(|e| e.alias == "added identity").expect(name);
                let added = after.entries.remove(at);
                assert_eq!(
                    (added.chain.len(), added.key),
                    (chain.len(), Some(key.sha256().to_string())),
                    "{name}"
                );
                // Java remembers the date in the localKeyID, which may have to make way for another.
                assert!((0..5).contains(&(added.date - 1_772_600_767_089)), "{name}: {}", added.date);
                assert_eq!(after.contents(), before.contents(), "{name}");
            }
            // A store with a key of another password has that one refused first.
            if let Ok(uses) = Jvm::of(jdk()).use_keys(&to, PASSWORD, PASSWORD) {
                assert_eq!(uses.get("added identity").map(String::as_str), Some("EC signs"), "{name}");
                signed += 1;
            }
            if name.ends_with("p12") {
                let with = if name.contains("legacy") { &["-legacy"][..] } else { &[] };
                let arguments = ["pkcs12", "-noenc", "-in", text(&to), "-passin", "pass:changeit"];
                let printed = done("openssl", &[&arguments[..], with].concat());
                assert!(printed.contains("friendlyName: Added Identity"), "{name}: {printed}");
            }
        }
    }
    println!("the added identity signs in {signed} of {} stores", 2 * names.len());
    assert!(signed >= names.len());
}
