//! `keyward convert` among the real tools: what they wrote is read, what it writes they read, or refuse as
//! `docs/profiles.md` says.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::importing::PASSWORD;
use crate::jvm::{Jvm, Listing, keytool_process, scratch, text};
use crate::keyward::{Keyward, testdata};
use crate::peers::{jdk, jdks};

fn convert(inputs: &[&Path], to: &Path, more: &[&str]) {
    let inputs: Vec<&str> = inputs.iter().map(|input| text(input)).collect();
    Keyward::new(["convert"])
        .args(inputs)
        .args(["-o", text(to), "--password", "pass:changeit"])
        .args(more)
        .run()
        .exits(0);
}

fn list(store: &Path) -> Listing {
    Jvm::of(jdk()).list(store, Some(PASSWORD)).unwrap_or_else(|e| panic!("{}: {e}", store.display()))
}

fn openssl(arguments: &[&str]) -> Output {
    Command::new("openssl").args(arguments).output().expect("openssl runs")
}

/// Whether openssl opens a PKCS12 file, keys and certificates.
fn openssl_opens(store: &Path, password: &str, more: &[&str]) -> bool {
    let password = format!("pass:{password}");
    let common = ["pkcs12", "-noenc", "-in", text(store), "-passin", &password];
    openssl(&[&common[..], more].concat()).status.success()
}

fn identity() -> Vec<PathBuf> {
    ["localhost.key", "localhost-chain.pem", "root.pem"].map(|name| testdata(&format!("pki/{name}"))).to_vec()
}

/// Each profile is read by those that its page names, and refused by those that it excludes.
pub fn profiles_are_read_as_documented() {
    let folder = scratch("conversions/profiles");
    let inputs = identity();
    let inputs: Vec<&Path> = inputs.iter().map(PathBuf::as_path).collect();
    // Profile, options, whether JVMs read it, how openssl reads it.
    type Case = (&'static str, &'static [&'static str], bool, Option<&'static [&'static str]>);
    let cases: [Case; 7] = [
        ("java17", &[], true, Some(&[])),
        ("java8", &[], true, Some(&["-legacy"])),
        ("openssl3", &[], true, Some(&[])),
        ("modern", &["--iterations", "2000"], false, None),
        ("java17", &["--mac", "sha512"], true, Some(&[])),
        ("java17", &["--mac", "none"], true, Some(&[])),
        ("passwordless", &[], true, Some(&[])),
    ];
    for (number, (profile, more, java, with)) in cases.into_iter().enumerate() {
        let store = folder.join(format!("{profile}-{number}.p12"));
        convert(&inputs, &store, &[&["--alias", "server", "--profile", profile][..], more].concat());
        for jdk in jdks() {
            let listing = Jvm::of(jdk).list(&store, Some(PASSWORD));
            let Some(listing) = listing.ok().filter(|_| java) else {
                assert!(!java, "{profile} {more:?}: JDK {} refuses it", jdk.feature);
                assert!(Jvm::of(jdk).list(&store, Some(PASSWORD)).is_err(), "{profile}: JDK {}", jdk.feature);
                continue;
            };
            let entry = listing.entry("server").unwrap_or_else(|| panic!("{listing:?}"));
            assert_eq!((listing.entries.len(), &*entry.kind, entry.chain.len()), (1, "PrivateKeyEntry", 3));
            let key = entry.key.as_deref().unwrap_or_default();
            assert!(key.len() == 64, "{profile}: {key}");
        }
        match with {
            Some(with) => assert!(openssl_opens(&store, PASSWORD, with), "{profile} {more:?}"),
            None => assert!(!openssl_opens(&store, PASSWORD, &[]), "{profile} {more:?}"),
        }
        if profile == "java8" {
            assert!(!openssl_opens(&store, PASSWORD, &[]), "openssl reads java8 without -legacy");
        }
    }
}

/// Stores of keytool and of openssl, in all formats: Java lists the same before and after, keys opened.
pub fn java_sees_the_same_in_every_format() {
    let folder = scratch("conversions/stores");
    let legacy = folder.join("legacy.p12");
    let arguments = [
        "-J-Dkeystore.pkcs12.legacy",
        "-importkeystore",
        "-noprompt",
        "-srckeystore",
        text(&testdata("stores/rich.p12")),
        "-srcstorepass",
        PASSWORD,
        "-destkeystore",
        text(&legacy),
        "-deststorepass",
        PASSWORD,
        "-deststoretype",
        "PKCS12",
    ]
    .map(str::to_owned);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let run = keytool_process(jdk(), "", &arguments);
    assert_eq!(run.code, 0, "{run:?}");
    let mut stores = vec![legacy];
    for name in
        ["rich.p12", "rich.jks", "rich.jceks", "secret.p12", "openssl-chain.p12", "openssl-legacy.p12"]
    {
        stores.push(testdata(&format!("stores/{name}")));
    }
    for store in &stores {
        let before = list(store);
        let stem = store.file_name().and_then(|name| name.to_str()).expect("a name");
        for extension in ["p12", "jceks", "jks"] {
            let to = folder.join(format!("{stem}.{extension}"));
            let secrets = before.entries.iter().filter(|entry| entry.kind == "SecretKeyEntry").count();
            if extension == "jks" && secrets == before.entries.len() {
                continue;
            }
            convert(&[store], &to, &["--lossy"]);
            let after = list(&to);
            let mut expected = before.contents();
            expected.retain(|entry| extension != "jks" || entry.1 != "SecretKeyEntry");
            assert_eq!(after.contents(), expected, "{stem} as {extension}");
            for jdk in jdks() {
                let again = Jvm::of(jdk).list(&to, Some(PASSWORD)).expect("every JDK reads it");
                assert_eq!(again.contents(), expected, "{stem} as {extension}, JDK {}", jdk.feature);
            }
        }
    }
}

/// The keys of JKS get the store's password, where keytool leaves the one of the source.
pub fn keys_have_the_password_of_the_store() {
    let folder = scratch("conversions/passwords");
    let from = testdata("stores/other-key-password.jks");
    let closed = list(&from);
    assert!(closed.entries.iter().any(|e| e.key.as_deref().is_some_and(|key| key.starts_with("closed"))));
    for extension in ["jks", "jceks", "p12"] {
        let to = folder.join(format!("out.{extension}"));
        convert(&[&from], &to, &["--key-password", "pass:keypassword"]);
        for entry in list(&to).entries.iter().filter(|entry| entry.kind == "PrivateKeyEntry") {
            let key = entry.key.as_deref().unwrap_or_default();
            assert_eq!(key.len(), 64, "{extension}: {}: {key}", entry.alias);
        }
    }
}

/// openssl reads the PEM files, plain and encrypted, and its own PKCS12 files become the same keys.
pub fn openssl_reads_files() {
    let folder = scratch("conversions/files");
    let key = testdata("pki/localhost.key");
    let public = |file: &Path, password: &str| {
        let password = format!("pass:{password}");
        let output = openssl(&["pkey", "-in", text(file), "-passin", &password, "-pubout"]);
        assert!(output.status.success(), "{}: {}", file.display(), String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let expected = public(&key, "");
    for (number, more) in
        [&["-legacy"][..], &[], &["-nomac"], &["-keypbe", "NONE", "-certpbe", "NONE"]].into_iter().enumerate()
    {
        let store = folder.join(format!("{number}.p12"));
        let chain = testdata("pki/localhost-chain.pem");
        let common = [
            "pkcs12",
            "-export",
            "-inkey",
            text(&key),
            "-in",
            text(&chain),
            "-name",
            "server",
            "-out",
            text(&store),
            "-passout",
            "pass:changeit",
        ];
        let made = openssl(&[&common[..], more].concat());
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let plain = folder.join(format!("{number}.pem"));
        Keyward::new(["convert", text(&store), "--in-password", "pass:changeit", "-o", text(&plain)])
            .run()
            .exits(0);
        assert_eq!(public(&plain, ""), expected, "{more:?}");
        let sealed = folder.join(format!("{number}-sealed.pem"));
        convert(&[&store], &sealed, &[]);
        assert_eq!(public(&sealed, PASSWORD), expected, "{more:?}");
        let java = folder.join(format!("{number}.jks"));
        convert(&[&store], &java, &[]);
        let listing = list(&java);
        let entry = listing.entry("server").unwrap_or_else(|| panic!("{more:?}: {listing:?}"));
        assert_eq!(entry.chain.len(), 2, "{more:?}");
    }
}
