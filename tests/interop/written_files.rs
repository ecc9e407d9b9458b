//! Files that keyward wrote, in the hands of the others.

use std::path::PathBuf;
use std::process::Command;

use crate::importing::{Format, PASSWORD, trust_add};
use crate::jvm::{Jvm, KeytoolRun, keytool_process, scratch, text};
use crate::keyward::{Keyward, testdata};
use crate::peers::{jdk, jdks};

/// New stores and changed ones of both formats, each with the alias `Written`.
fn written(folder: &str) -> Vec<(PathBuf, Format)> {
    let mut stores = Vec::new();
    for format in Format::BOTH {
        for base in [None, Some("trust"), Some("rich"), Some("own-key")] {
            let extension = format.extension();
            let folder = scratch(&format!("written/{folder}"));
            let store = folder.join(format!("{}.{extension}", base.unwrap_or("new")));
            if let Some(base) = base {
                std::fs::copy(testdata(&format!("stores/{base}.{extension}")), &store).expect("the fixture");
            }
            trust_add(&testdata("pki/root.pem"), &store, format)
                .args(["--alias", "Written", "--yes"])
                .run()
                .exits(0);
            stores.push((store, format));
        }
    }
    stores
}

fn keytool(arguments: &[&str]) -> KeytoolRun {
    let run = Jvm::of(jdk()).keytool("", arguments);
    assert_eq!(run.code, 0, "keytool {arguments:?}: {run:?}");
    run
}

/// The command `keytool` of each JDK lists them, with the fingerprint.
pub fn keytool_lists() {
    let sha256 = Keyward::new(["trust", "list", text(&testdata("stores/trust.jks"))])
        .args(["--password", "pass:changeit", "--json"])
        .run()
        .exits(0);
    assert_eq!(sha256.json()["entries"].as_array().map(Vec::len), Some(2), "{sha256}");
    for (store, format) in written("keytool") {
        for jdk in jdks() {
            let arguments = ["-list", "-keystore", text(&store), "-storepass", PASSWORD];
            let run = keytool_process(jdk, "", &arguments);
            assert_eq!(run.code, 0, "{}: {run:?}", store.display());
            assert!(run.out.to_lowercase().contains("written, "), "{run:?}");
            assert!(!run.err.contains("NOT been verified"), "{run:?}");
            let listing = Jvm::of(jdk).list(&store, Some(PASSWORD)).expect("a store");
            assert_eq!(listing.format, format.name().to_uppercase());
            assert!(Jvm::of(jdk).list(&store, Some("not the password")).is_err(), "{}", store.display());
        }
    }
}

/// openssl reads the PKCS12 ones, and finds the alias and Java's trust attribute.
pub fn openssl_reads() {
    for (store, _) in written("openssl").into_iter().filter(|(_, format)| *format == Format::Pkcs12) {
        let output = Command::new("openssl")
            .args(["pkcs12", "-info", "-noenc", "-in", text(&store), "-passin", "pass:changeit"])
            .output()
            .expect("openssl runs");
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{}: {err}", store.display());
        assert!(out.contains("friendlyName: Written"), "{out}");
        assert!(out.contains("2.16.840.1.113894.746875.1.1"), "{out}");
        for words in ["MAC: sha256, Iteration 10000", "AES-256-CBC, Iteration 10000, PRF hmacWithSHA256"] {
            // The fixture that openssl made keeps openssl's 2048.
            let words = if store.ends_with("own-key.p12") {
                words.replace("10000", "2048")
            } else {
                words.to_owned()
            };
            assert!(err.contains(&words), "{}: {words:?} in {err}", store.display());
        }
    }
}

/// keytool can change them further, and nothing of keyward's is lost.
pub fn keytool_goes_on() {
    let other = testdata("pki/not-a-ca.pem");
    for (store, format) in written("further") {
        let before = Jvm::of(jdk()).list(&store, Some(PASSWORD)).expect("a store");
        let at = ["-keystore", text(&store), "-storetype", format.name(), "-storepass", PASSWORD];
        keytool(
            &[&["-importcert", "-noprompt", "-alias", "further", "-file", text(&other)][..], &at].concat(),
        );
        keytool(&[&["-changealias", "-alias", "written", "-destalias", "by keytool"][..], &at].concat());
        let after = Jvm::of(jdk()).list(&store, Some(PASSWORD)).expect("a store");
        assert_eq!(after.entries.len(), before.entries.len() + 1, "{}", store.display());
        let entry = |listing: &crate::jvm::Listing, alias: &str| {
            listing.entry(alias).map(|entry| entry.chain.clone())
        };
        assert_eq!(entry(&before, "written"), entry(&after, "by keytool"), "{}", store.display());
    }
}
