//! PEM and what stands in it.

use keyward::format::pem;
use keyward::model::Fingerprint;

#[test]
fn a_fingerprint_is_of_the_der() {
    let der = b"\x30\x00";
    let text = pem::encode("CERTIFICATE", der);
    let block = pem::blocks(text.as_bytes()).remove(0).unwrap();
    assert_eq!(Fingerprint::of(&block.der), Fingerprint::of(der));
}
