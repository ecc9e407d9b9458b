use super::ClientAuth;
use crate::model::{ClientAuthRequest, OidFilter};

fn request() -> ClientAuthRequest {
    ClientAuthRequest {
        version: 0x0304,
        types: vec![1, 64, 200],
        signature_algorithms: Some(vec![0x0804, 0x0401, 0xfe01]),
        signature_algorithms_cert: Some(vec![0x0201]),
        // CN=a, and what is no name.
        authorities: vec![
            b"\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01a".to_vec(),
            b"\x30\x05".to_vec(),
        ],
        oid_filters: vec![OidFilter { oid: b"\x06\x03\x55\x1d\x25".to_vec(), values: b"\x30\x00".to_vec() }],
    }
}

#[test]
fn a_saved_request_is_the_same_when_it_is_read() {
    let shown = ClientAuth::new("required", Some(&request()), None);
    let text = serde_json::to_string(&shown).unwrap();
    let read: ClientAuth = serde_json::from_str(&text).unwrap();
    assert_eq!(read.request().unwrap(), Some(request()));
    assert_eq!(read, shown);
}

#[test]
fn names_stand_beside_numbers() {
    let shown = ClientAuth::new("required", Some(&request()), None);
    assert_eq!(shown.types[1].name.as_deref(), Some("ecdsa_sign"));
    assert_eq!(shown.types[2].name, None);
    let algorithms = shown.signature_algorithms.unwrap();
    assert_eq!(algorithms[0].name.as_deref(), Some("rsa_pss_rsae_sha256"));
    assert_eq!((algorithms[2].id, &algorithms[2].name), (0xfe01, &None));
    assert_eq!(shown.authorities[0].name.as_deref(), Some("CN=a"));
    assert_eq!(shown.authorities[1].name, None);
}

#[test]
fn without_a_request_there_is_none_to_read() {
    let shown = ClientAuth::new("none", None, None);
    assert_eq!(shown.request().unwrap(), None);
    let least: ClientAuth = serde_json::from_str(r#"{"status": "none"}"#).unwrap();
    assert_eq!(least.request().unwrap(), None);
}

#[test]
fn what_is_no_base64_is_refused() {
    let mut shown = ClientAuth::new("required", Some(&request()), None);
    shown.authorities[0].der = "***".to_owned();
    assert_eq!(shown.request().unwrap_err().field, "authorities");
}
