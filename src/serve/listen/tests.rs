use time::macros::datetime;

use super::*;
use crate::fetch::{self, Options, Target, Versions};
use crate::model::OidFilter;
use crate::serve::pki::Draft;

/// Requests that rustls would not send, of any length, arrive as they were meant, and the handshake is finished.
#[test]
fn any_request_arrives_to_the_byte() {
    let server = Draft::new("localhost", 5, datetime!(2024-01-01 00:00 UTC), datetime!(2044-01-01 00:00 UTC));
    let server = server.server(&["localhost"]).self_signed().unwrap();
    for names in [0_u16, 1, 2_000] {
        let authorities: Vec<Vec<u8>> =
            (0..names).map(|number| [&[0x30, 0x10][..], &[7; 14], &number.to_be_bytes()].concat()).collect();
        let tls12 = ClientAuthRequest {
            version: 0x0303,
            types: vec![64, 2],
            signature_algorithms: Some(vec![0x0402, 0x0403, 0x0809, 0x0301]),
            authorities: authorities.clone(),
            ..ClientAuthRequest::default()
        };
        let tls13 = ClientAuthRequest {
            version: 0x0304,
            signature_algorithms: Some(vec![0x0809, 0x0403, 0xfe01]),
            signature_algorithms_cert: Some(vec![0x0401, 0x0201]),
            authorities,
            oid_filters: vec![OidFilter { oid: vec![6, 1, 42], values: vec![5, 0] }],
            ..ClientAuthRequest::default()
        };
        let options = ListenOptions {
            address: ([127, 0, 0, 1], 0).into(),
            chain: vec![server.certificate.clone()],
            key: server.key.clone(),
            tls12: Some(tls12.clone()),
            tls13: Some(tls13.clone()),
            required: false,
        };
        let listening = Listening::start(&options, |_| {}).unwrap();
        for (versions, expected) in [(Versions::Tls12, tls12), (Versions::Tls13, tls13)] {
            let options = Options { versions, ..Options::default() };
            let presented = fetch::fetch(&Target::from(listening.address()), &options).unwrap();
            assert_eq!(presented.ended, None, "{versions:?}, {names} names");
            assert!(presented.client_request.as_ref() == Some(&expected), "{versions:?}, {names} names");
        }
    }
}
