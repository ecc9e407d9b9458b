use tls_parser::{TlsMessage, TlsMessageHandshake, parse_tls_plaintext};

use super::*;
use crate::fetch::record::RecordError;

fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[kind, 3, 1], &length[..], content].concat()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap().to_be_bytes();
    [&[kind], &length[1..], body].concat()
}

fn hello(version: u16, suite: u16) -> Vec<u8> {
    let mut body = version.to_be_bytes().to_vec();
    body.extend([9; 32]);
    body.push(0);
    body.extend(suite.to_be_bytes());
    body.push(0);
    message(2, &body)
}

fn heard(stream: &[u8], piece: usize) -> (Result<Progress, FlightError>, ServerFlight) {
    let mut flight = ServerFlight::new();
    let mut progress = Ok(Progress::More);
    for piece in stream.chunks(piece) {
        progress = flight.hear(piece);
        if progress != Ok(Progress::More) {
            break;
        }
    }
    (progress, flight)
}

#[test]
fn hellos_are_read_by_others() {
    let protocols = [b"h2".to_vec()];
    for offer in [Offer::UpTo12, Offer::Plain10, Offer::Ask13] {
        let bytes = hello::client_hello(offer, Some("host.example"), &protocols, &[3; 32]);
        // Some old servers hang on hellos of 256 to 511 bytes.
        assert!(!(256..=511).contains(&bytes.len()) || offer == Offer::Ask13, "{}", bytes.len());
        let (rest, record) = parse_tls_plaintext(&bytes).unwrap();
        assert!(rest.is_empty());
        let [TlsMessage::Handshake(TlsMessageHandshake::ClientHello(hello))] = record.msg.as_slice() else {
            panic!("{offer:?}: {:?}", record.msg)
        };
        let names: Vec<&str> =
            hello.ciphers.iter().filter_map(|id| id.get_ciphersuite()).map(|suite| suite.name).collect();
        assert!(names.iter().all(|name| !name.contains("NULL") && !name.contains("anon")), "{names:?}");
        let (_, extensions) = tls_parser::parse_tls_client_hello_extensions(hello.ext.unwrap()).unwrap();
        assert!(matches!(extensions[0], tls_parser::TlsExtension::SNI(_)));
        if offer == Offer::UpTo12 {
            for name in [
                "TLS_RSA_WITH_AES_128_CBC_SHA",
                "TLS_DHE_DSS_WITH_AES_256_CBC_SHA",
                "TLS_RSA_WITH_RC4_128_MD5",
            ] {
                assert!(names.contains(&name), "{name}");
            }
            assert_eq!(names[0], "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
        }
        if offer == Offer::Plain10 {
            assert!(names.iter().all(|name| !name.contains("GCM") && !name.contains("SHA256")), "{names:?}");
        }
    }
}

#[test]
fn a_flight_is_read_whatever_its_pieces() {
    let flight = [
        record(22, &hello(0x0300, 0x0005)),
        record(22, &message(11, b"\x00\x00\x06\x00\x00\x03abc")),
        record(22, &message(13, b"\x01\x01\x00\x04\x00\x02\x30\x00")),
        record(22, &message(14, b"")),
    ]
    .concat();
    for piece in [1, 7, usize::MAX] {
        let (progress, flight) = heard(&flight, piece);
        assert_eq!(progress, Ok(Progress::Done));
        assert_eq!(flight.chain().len(), 1);
        assert_eq!(flight.request.unwrap().types, [1]);
        assert_eq!(flight.hello.unwrap().version, 0x0300);
    }
}

#[test]
fn what_does_not_belong_there_is_refused() {
    let certificate = message(11, b"\x00\x00\x06\x00\x00\x03abc");
    let without_hello = record(22, &certificate);
    assert_eq!(heard(&without_hello, 64).0, Err(FlightError::Unexpected(11)));
    let twice = record(22, &[hello(0x0303, 0x002f), certificate.clone(), certificate.clone()].concat());
    let (progress, flight) = heard(&twice, 64);
    assert_eq!(progress, Err(FlightError::Unexpected(11)));
    assert_eq!(flight.chain().len(), 1);
    let encrypted = [record(22, &[hello(0x0303, 0x002f), certificate].concat()), record(20, &[1])].concat();
    assert_eq!(heard(&encrypted, 64).0, Err(FlightError::Encrypted));
    let alert = [record(21, &[1, 112]), record(21, &[2, 40])].concat();
    assert_eq!(heard(&alert, 64).0, Ok(Progress::Alert(40)));
    let endless = record(21, &[1, 112]).repeat(1000);
    assert!(matches!(heard(&endless, 64).0, Err(FlightError::Record(RecordError::Idle(_)))));
}

#[test]
fn what_tls_13_wants_is_said_by_name() {
    for (suite, group, word) in [
        (0x1301, Some(30), "x448"),
        (0x1304, Some(29), "CCM"),
        (0x1301, Some(256), "ffdhe2048"),
        (0x1301, None, "hides"),
    ] {
        let mut flight = ServerFlight::new();
        flight.hello = Some(ServerHello { version: 0x0304, suite, group, ..ServerHello::default() });
        let FetchCause::Incompatible(words) = without_chain(&flight) else { panic!("{word}") };
        assert!(words.contains(word), "{words}");
    }
}
