//! Unit tests of the dispatch.

use super::*;
use crate::model::entropy::SystemEntropy;
use crate::model::key_store::StoreFormat;

#[test]
fn the_bytes_decide() {
    let password = Password::new("changeit".to_owned());
    for format in [StoreFormat::Jks, StoreFormat::Jceks] {
        let store = KeyStore::empty(format);
        let mut derivations = Derivations::default();
        let bytes = encode(&store, Some(&password), &mut SystemEntropy, &mut derivations).unwrap();
        let opened = decode(&bytes, Some(&password), &mut derivations).unwrap();
        assert_eq!((opened.store.format(), opened.integrity), (format, Integrity::Verified));
        let error = encode(&store, None, &mut SystemEntropy, &mut derivations).unwrap_err();
        assert!(matches!(error, StoreError::Password));
    }
}

#[test]
fn what_is_no_keystore_is_named() {
    let refused = |bytes: &[u8]| decode(bytes, None, &mut Derivations::default()).unwrap_err().to_string();
    assert_eq!(refused(b""), "the file is empty");
    assert_eq!(refused(b"<html><body>"), "the file is an HTML page, not a keystore");
    assert_eq!(refused(b"-----BEGIN CERTIFICATE-----"), "the file is PEM text, not a keystore");
    let bks = [&[0, 0, 0, 2, 0, 0, 0, 20][..], &[9; 20], &[0, 0, 4, 0], &[0], &[7; 20]].concat();
    assert_eq!(refused(&bks), "the file is a Bouncy Castle keystore (BKS), which cannot be read");
}
