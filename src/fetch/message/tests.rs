use super::*;

fn hello(version: u16, suite: u16, extensions: &[u8]) -> Vec<u8> {
    let mut body = version.to_be_bytes().to_vec();
    body.extend([9; 32]);
    body.push(0);
    body.extend(suite.to_be_bytes());
    body.push(0);
    if !extensions.is_empty() {
        body.extend(u16::try_from(extensions.len()).unwrap().to_be_bytes());
        body.extend(extensions);
    }
    body
}

#[test]
fn a_server_hello_says_what_was_chosen() {
    let alpn = b"\x00\x10\x00\x05\x00\x03\x02h2";
    let read = server_hello(&hello(0x0302, 0x002f, alpn)).unwrap();
    assert_eq!((read.version, read.suite, read.alpn), (0x0302, 0x002f, Some(b"h2".to_vec())));
    let of_13 = b"\x00\x2b\x00\x02\x03\x04\x00\x33\x00\x02\x00\x1e";
    let read = server_hello(&hello(0x0303, 0x1304, of_13)).unwrap();
    assert_eq!((read.version, read.group, read.retry), (0x0304, Some(30), false));
    assert_eq!(server_hello(&hello(0x0300, 0x0005, b"")).unwrap().version, 0x0300);
}

#[test]
fn a_server_hello_whose_lengths_lie_is_refused() {
    let lies: [&[u8]; 3] = [b"\x00\x10\x00\x05\x00", b"\x00\x10\x00", b"\x00\x2b\x00\x01\x03"];
    for extensions in lies {
        assert!(server_hello(&hello(0x0303, 0x002f, extensions)).is_err(), "{extensions:?}");
    }
    let mut cut = hello(0x0303, 0x002f, b"\x00\x10\x00\x05\x00\x03\x02h2");
    cut.pop();
    assert!(server_hello(&cut).is_err());
}

#[test]
fn no_certificate_is_lost_by_a_length_that_lies() {
    let good = b"\x00\x00\x0a\x00\x00\x03abc\x00\x00\x01d";
    let (chain, omitted) = certificates(good).unwrap();
    assert_eq!(
        chain.iter().map(|one| one.der.to_vec()).collect::<Vec<_>>(),
        [b"abc".to_vec(), b"d".to_vec()]
    );
    assert_eq!(omitted, 0);
    // The second one leads beyond the end of the list.
    assert!(certificates(b"\x00\x00\x0a\x00\x00\x03abc\x00\x00\x02d").is_err());
    assert!(certificates(b"\x00\x00\x09\x00\x00\x03abc\x00\x00\x01d").is_err());
    assert!(certificates(b"\x00\x00\x0b\x00\x00\x03abc\x00\x00\x01d").is_err());
    assert_eq!(certificates(b"\x00\x00\x00").unwrap().0.len(), 0);
}

#[test]
fn of_ten_thousand_certificates_some_are_kept() {
    let list = b"\x00\x00\x01x".repeat(10_000);
    let length = u32::try_from(list.len()).unwrap().to_be_bytes();
    let (chain, omitted) = certificates(&[&length[1..], &list].concat()).unwrap();
    assert_eq!(
        (chain.len(), omitted),
        (limits::PRESENTED_CERTIFICATES, 10_000 - limits::PRESENTED_CERTIFICATES)
    );
}

#[test]
fn a_request_is_read_by_the_rules_of_its_version() {
    let of_12 = b"\x02\x01\x40\x00\x04\x04\x01\x08\x04\x00\x08\x00\x02\x30\x00\x00\x02\x30\x01";
    let request = certificate_request(0x0303, of_12).unwrap();
    assert_eq!(request.types, [1, 64]);
    assert_eq!(request.signature_algorithms, Some(vec![0x0401, 0x0804]));
    assert_eq!(request.authorities, [b"\x30\x00".to_vec(), b"\x30\x01".to_vec()]);
    // The same bytes are no request of TLS 1.1, which knows no list of algorithms.
    assert!(certificate_request(0x0302, of_12).is_err());
    let of_10 = b"\x01\x01\x00\x04\x00\x02\x30\x00";
    let request = certificate_request(0x0301, of_10).unwrap();
    assert_eq!((request.types, request.signature_algorithms), (vec![1], None));
    assert_eq!(request.authorities.len(), 1);
    assert!(certificate_request(0x0303, of_10).is_err());
}

#[test]
fn a_request_of_tls_13_is_read_whole() {
    let mut extensions = Vec::new();
    for (kind, content) in [
        (13_u16, &b"\x00\x04\x08\x04\x04\x01"[..]),
        (50, b"\x00\x02\x02\x01"),
        (47, b"\x00\x04\x00\x02\x30\x00"),
        (48, b"\x00\x08\x03\x55\x1d\x25\x00\x02\x30\x00"),
        (0x0a0a, b"grease"),
    ] {
        extensions.extend(kind.to_be_bytes());
        extensions.extend(u16::try_from(content.len()).unwrap().to_be_bytes());
        extensions.extend(content);
    }
    let body = [&[0][..], &u16::try_from(extensions.len()).unwrap().to_be_bytes(), &extensions].concat();
    let request = certificate_request_13(&body).unwrap();
    assert_eq!(request.version, 0x0304);
    assert_eq!(request.signature_algorithms, Some(vec![0x0804, 0x0401]));
    assert_eq!(request.signature_algorithms_cert, Some(vec![0x0201]));
    assert_eq!(request.authorities, [b"\x30\x00".to_vec()]);
    assert_eq!(request.oid_filters[0].oid, b"\x55\x1d\x25");
    for end in 0..body.len() {
        assert!(certificate_request_13(&body[..end]).is_err(), "{end} octets");
    }
}

#[test]
fn groups_are_named() {
    let named = b"\x03\x00\x15\x01\x04";
    assert_eq!(key_exchange_group(0xc013, named).as_deref(), Some("secp224r1"));
    // A leading octet of zero, as some servers write, and a prime whose first octet is not full.
    for (first, name) in [(&[0x80][..], "dh1024"), (&[0x00, 0x80], "dh1024"), (&[0x01], "dh1017")] {
        let length = u16::try_from(first.len() + 127).unwrap().to_be_bytes();
        let parameters = [&length, first, &[0x80; 127], b"\x00\x01\x02\x00\x01\x03"].concat();
        assert_eq!(key_exchange_group(0x0033, &parameters).as_deref(), Some(name), "{first:?}");
    }
    assert_eq!(key_exchange_group(0x002f, named), None);
    assert_eq!(group_name(0x1234), "0x1234");
}
