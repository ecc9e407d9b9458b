//! Certificates that no JVM reads, and that therefore have to stay out of keystores: what
//! `Certificate::java_reads` says of each is what a JVM makes of a store that holds it.

use std::fs;
use std::process::Command;

use ::keyward::format::key_store;
use ::keyward::format::pkcs12::Derivations;
use ::keyward::model::entropy::SystemEntropy;
use ::keyward::model::key_store::StoreFormat;
use ::keyward::model::{Certificate, EncodedCertificate, KeyStore, Password};
use time::OffsetDateTime;

use crate::jvm::{Jvm, scratch};
use crate::keyward::Keyward;
use crate::odd_certificates;
use crate::peers::jdks;

pub fn java_says_the_same() {
    let folder = scratch("unreadable");
    let (read, unread) = odd_certificates::all();
    let cases = read.iter().map(|case| (case, true)).chain(unread.iter().map(|case| (case, false)));
    let (mut agreed, mut wrong) = (0, Vec::new());
    for (number, ((name, der), loads)) in cases.enumerate() {
        let certificate = match Certificate::from_der(der) {
            Ok(certificate) => certificate,
            Err(error) => panic!("{name}: {error}"),
        };
        let said = certificate.java_reads();
        if said.is_ok() != loads {
            wrong.push(format!("{name}: {said:?}"));
        }
        for format in [StoreFormat::Jks, StoreFormat::Pkcs12] {
            let mut store = KeyStore::empty(format);
            let encoded = EncodedCertificate::from(&certificate);
            store.add_trusted("odd", &encoded, OffsetDateTime::UNIX_EPOCH).expect("an empty store");
            let password = Password::new("changeit".to_owned());
            let bytes =
                key_store::encode(&store, Some(&password), &mut SystemEntropy, &mut Derivations::new());
            let path = folder.join(format!("{number}.{format:?}"));
            fs::write(&path, bytes.expect("a store")).expect("the store is written");
            for jdk in jdks() {
                let listed = Jvm::of(jdk).list(&path, Some("changeit"));
                if listed.as_ref().is_ok_and(|listing| listing.entries.len() == 1) == said.is_ok() {
                    agreed += 1;
                } else {
                    wrong.push(format!("{name}, {format:?}, JDK {}: {said:?}, {listed:?}", jdk.feature));
                }
            }
        }
    }
    println!("unreadable certificates: {agreed} of {} as the JVMs", agreed + wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The key's curve is described instead of named: no identity for a JVM, and no end of the others beside it.
pub fn an_identity_of_one_is_refused() {
    let folder = scratch("unreadable-identity");
    let file = |name: &str| folder.join(name).display().to_string();
    let openssl = |arguments: &str| {
        let output = Command::new("openssl").args(arguments.split(' ')).current_dir(&folder).output();
        let output = output.expect("openssl runs");
        assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    };
    for (name, encoding) in [("named", "named_curve"), ("described", "explicit")] {
        openssl(&format!("ecparam -name prime256v1 -param_enc {encoding} -genkey -noout -out {name}.key"));
        openssl(&format!("req -x509 -new -key {name}.key -subj /CN={name} -days 3000 -out {name}.pem"));
    }
    let build = |name: &str, code: i32| {
        let (key, certificate, store) =
            (file(&format!("{name}.key")), file(&format!("{name}.pem")), file("both.p12"));
        let words =
            ["identity", "build", "--key", &key, "--cert", &certificate, "--alias", name, "-o", &store];
        Keyward::new(words).args(["--no-aia", "--password", "pass:changeit"]).run().exits(code)
    };
    build("named", 0);
    let before = fs::read(folder.join("both.p12")).expect("a store");
    let outcome = build("described", 2);
    assert!(outcome.err.contains("cannot be read by a JVM") && outcome.err.contains("curve"), "{outcome}");
    assert_eq!(fs::read(folder.join("both.p12")).expect("a store"), before, "the store was touched");
    // What JVMs make of the store that was not written: openssl writes it.
    openssl("pkcs12 -export -inkey described.key -in described.pem -passout pass:changeit -out other.p12");
    for jdk in jdks() {
        let listed = |name: &str| Jvm::of(jdk).list(&folder.join(name), Some("changeit"));
        assert!(listed("both.p12").is_ok_and(|listing| listing.entries.len() == 1), "JDK {}", jdk.feature);
        assert!(listed("other.p12").is_err(), "JDK {} reads it", jdk.feature);
    }
    let check =
        ["identity", "check", &file("other.p12"), "--password", "pass:changeit", "--no-aia", "--json"];
    let checked = Keyward::new(check).run().exits(1).json();
    let findings = checked["findings"].as_array().expect("findings").clone();
    let finding = findings.iter().find(|finding| finding["id"] == "unreadable-by-java").expect("the finding");
    // Another store of the same certificate would be no better.
    assert!(finding["fix"].is_null(), "{finding}");
}
