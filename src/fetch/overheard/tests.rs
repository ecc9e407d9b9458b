use aws_lc_rs::aead::{Aad, LessSafeKey, Nonce, UnboundKey};

use super::*;

/// The server's side of [`Opener`]: seals a record of the handshake.
fn seal(suite: u16, secret: &[u8], number: u8, kind: u8, content: &[u8]) -> Vec<u8> {
    let (digest, algorithm): (hkdf::Algorithm, &'static Algorithm) = match suite {
        0x1301 => (HKDF_SHA256, &AES_128_GCM),
        0x1302 => (HKDF_SHA384, &AES_256_GCM),
        _ => (HKDF_SHA256, &CHACHA20_POLY1305),
    };
    let secret = Prk::new_less_safe(digest, secret);
    let mut key = vec![0; algorithm.key_len()];
    expand(&secret, b"tls13 key", &mut key).unwrap();
    let mut iv = [0; 12];
    expand(&secret, b"tls13 iv", &mut iv).unwrap();
    iv[11] ^= number;
    // Some padding.
    let mut sealed = [content, &[kind, 0, 0, 0]].concat();
    let length = u16::try_from(sealed.len() + 16).unwrap().to_be_bytes();
    let header = [23, 3, 3, length[0], length[1]];
    let key = LessSafeKey::new(UnboundKey::new(algorithm, &key).unwrap());
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(iv), Aad::from(&header), &mut sealed).unwrap();
    [&header[..], &sealed].concat()
}

fn hello(suite: u16) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend([7; 32]);
    body.push(0);
    body.extend(suite.to_be_bytes());
    body.extend(b"\x00\x00\x06\x00\x2b\x00\x02\x03\x04");
    let length = u8::try_from(body.len()).unwrap();
    [&[22, 3, 3, 0, length + 4, 2, 0, 0, length][..], &body].concat()
}

/// Of RFC 8448 section 3: a secret of a server, with the key and the vector that are derived from it.
#[test]
fn keys_are_those_of_the_rfc() {
    let secret = [
        0xb6, 0x7b, 0x7d, 0x69, 0x0c, 0xc1, 0x6c, 0x4e, 0x75, 0xe5, 0x42, 0x13, 0xcb, 0x2d, 0x37, 0xb4, 0xe9,
        0xc9, 0x12, 0xbc, 0xde, 0xd9, 0x10, 0x5d, 0x42, 0xbe, 0xfd, 0x59, 0xd3, 0x91, 0xad, 0x38,
    ];
    let prk = Prk::new_less_safe(HKDF_SHA256, &secret);
    let mut key = [0; 16];
    expand(&prk, b"tls13 key", &mut key).unwrap();
    assert_eq!(
        key,
        [0x3f, 0xce, 0x51, 0x60, 0x09, 0xc2, 0x17, 0x27, 0xd0, 0xf2, 0xe4, 0xe8, 0x6e, 0xe4, 0x03, 0xbc]
    );
    let mut iv = [0; 12];
    expand(&prk, b"tls13 iv", &mut iv).unwrap();
    assert_eq!(iv, [0x5d, 0x31, 0x3e, 0xb2, 0x67, 0x12, 0x76, 0xee, 0x13, 0x00, 0x0b, 0x30]);
}

#[test]
fn a_request_is_found_under_every_suite() {
    let request = b"\x0d\x00\x00\x0b\x00\x00\x08\x00\x0d\x00\x04\x00\x02\x04\x01";
    for (suite, length) in [(0x1301, 32), (0x1302, 48), (0x1303, 32)] {
        let secret = vec![5; length];
        // EncryptedExtensions, then the request in two records.
        let stream = [
            hello(suite),
            b"\x14\x03\x03\x00\x01\x01".to_vec(),
            seal(suite, &secret, 0, 22, b"\x08\x00\x00\x02\x00\x00\x0d\x00"),
            seal(suite, &secret, 1, 22, &request[2..]),
        ]
        .concat();
        let read = certificate_request(&stream, Some(&secret)).unwrap();
        assert_eq!(read.signature_algorithms, Some(vec![0x0401]), "{suite:#06x}");
        let other = vec![6; length];
        assert_eq!(certificate_request(&stream, Some(&other)), Err(Unread::Sealed));
        assert_eq!(certificate_request(&stream, None), Err(Unread::NoSecret));
        assert_eq!(certificate_request(&stream[..stream.len() - 1], Some(&secret)), Err(Unread::Missing));
    }
}

#[test]
fn a_secret_is_in_no_debug() {
    let secret = Secret::default();
    secret.log("CLIENT_RANDOM", &[], &[1]);
    assert!(secret.take().is_none());
    secret.log(LABEL, &[], &[222; 32]);
    assert_eq!(format!("{secret:?}"), "Secret(..)");
    assert_eq!(secret.take().unwrap().len(), 32);
}
