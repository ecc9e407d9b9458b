//! PKCS7: the bundles of others.

use keyward::format::pkcs7;

use crate::corpora;

#[test]
fn bundles_of_others_cut_anywhere_are_refused() {
    let Some(corpora) = corpora() else { return };
    for name in ["boringssl/crypto/pkcs7/test/nss.p7c", "pyca/amazon-roots.der"] {
        let bytes = std::fs::read(corpora.join("pkcs7").join(name)).unwrap();
        for length in 0..bytes.len() {
            assert!(pkcs7::certificates(&bytes[..length]).is_err(), "{name} {length}");
        }
    }
}
