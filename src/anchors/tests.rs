use std::ffi::OsString;
use std::fs;
use std::path::Path;

use time::OffsetDateTime;

use super::*;
use crate::format::key_store;
use crate::format::pkcs12::Derivations;
use crate::model::entropy::SystemEntropy;
use crate::model::key_store::StoreFormat;
use crate::model::{EncodedCertificate, KeyStore, Password};

#[test]
fn mozillas_set_is_read_whole() {
    let set = mozilla();
    assert_eq!(set.unreadable, 0);
    assert!(set.certificates.len() > 100, "{}", set.certificates.len());
}

#[test]
fn a_certificate_that_cannot_be_read_is_counted() {
    let good = mozilla();
    let der = good.certificates[0].der();
    let set = AnchorSet::from_der("x", "y", [der, b"nonsense", &der[..40]]);
    assert_eq!((set.certificates.len(), set.unreadable), (1, 2));
}

#[test]
fn the_jdk_that_was_asked_for_comes_first_then_java_home_then_the_path() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    fs::create_dir_all(root.join("jdk/bin")).unwrap();
    fs::create_dir_all(root.join("links")).unwrap();
    fs::write(root.join("jdk/bin/java"), "").unwrap();
    std::os::unix::fs::symlink(root.join("jdk/bin/java"), root.join("links/java")).unwrap();
    let path = std::env::join_paths([root.join("nothing"), root.join("links")]).unwrap();
    let variable = OsString::from("/opt/jdk");

    let found = java_home(Some(Path::new("/a")), Some(&variable), Some(&path)).unwrap();
    assert_eq!((found.folder.as_path(), found.found_by), (Path::new("/a"), "--java-home"));
    let found = java_home(None, Some(&variable), Some(&path)).unwrap();
    assert_eq!((found.folder.as_path(), found.found_by), (Path::new("/opt/jdk"), "JAVA_HOME"));
    let found = java_home(None, Some(OsString::new().as_os_str()), Some(&path)).unwrap();
    assert_eq!((found.folder, found.found_by), (root.join("jdk"), "PATH"));
    assert_eq!(java_home(None, None, None), None);
    assert_eq!(java_home(None, None, Some(root.join("nothing").as_os_str())), None);
}

#[test]
fn jssecacerts_goes_before_cacerts_and_a_jdk_8_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    assert!(matches!(java(home), Err(JavaAnchorsError::NoCacerts(_))));
    fs::create_dir_all(home.join("jre/lib/security")).unwrap();
    fs::write(home.join("jre/lib/security/cacerts"), "old").unwrap();
    assert_eq!(anchor_file(home).unwrap(), home.join("jre/lib/security/cacerts"));
    fs::create_dir_all(home.join("lib/security")).unwrap();
    fs::write(home.join("lib/security/cacerts"), "cacerts").unwrap();
    let mut store = KeyStore::empty(StoreFormat::Jks);
    let anchor = EncodedCertificate::from(&mozilla().certificates[0]);
    store.add_trusted("anchor", &anchor, OffsetDateTime::UNIX_EPOCH).unwrap();
    let bytes = |password: &str| {
        let password = Password::new(password.to_owned());
        let derivations = &mut Derivations::default();
        key_store::encode(&store, Some(&password), &mut SystemEntropy, derivations).unwrap()
    };
    fs::write(home.join("lib/security/jssecacerts"), bytes("changeit")).unwrap();
    let set = java(home).unwrap();
    assert_eq!((set.label.as_str(), set.certificates.len()), ("java", 1));
    assert!(set.place.ends_with("jssecacerts"));
    fs::write(home.join("lib/security/jssecacerts"), bytes("another")).unwrap();
    let error = java(home).unwrap_err();
    assert!(error.to_string().ends_with("jssecacerts: wrong password or damaged file"), "{error}");
}
