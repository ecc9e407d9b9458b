//! Certificates that no JVM reads, and that therefore have to stay out of keystores: what
//! `Certificate::java_reads` says of each is what a JVM makes of a store that holds it.

use std::fs;

use ::keyward::format::key_store;
use ::keyward::format::pkcs12::Derivations;
use ::keyward::model::entropy::SystemEntropy;
use ::keyward::model::key_store::StoreFormat;
use ::keyward::model::{Certificate, EncodedCertificate, KeyStore, Password};
use time::OffsetDateTime;

use crate::jvm::{Jvm, scratch};
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
