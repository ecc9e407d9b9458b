//! Servers made by hand, for what a TLS library would not do.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use keyward::serve::{PrivatePki, ServerOptions, Versions};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::Acceptor;
use rustls::{ServerConfig, ServerConnection};

/// Serves one connection with the function.
pub(super) fn once(serve: impl FnOnce(TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        if let Ok((socket, _)) = listener.accept() {
            socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            serve(socket);
        }
    });
    address
}

/// Reads the ClientHello, says the words, closes in order.
pub(super) fn says(words: &[u8]) -> SocketAddr {
    let words = words.to_vec();
    once(move |mut socket| {
        let mut hello = [0u8; 4096];
        let _ = socket.read(&mut hello);
        let _ = socket.write_all(&words);
        let _ = socket.shutdown(std::net::Shutdown::Write);
        let _ = socket.read(&mut hello);
    })
}

/// Says the words and keeps the connection open.
pub(super) fn says_and_waits(words: &[u8]) -> SocketAddr {
    let words = words.to_vec();
    once(move |mut socket| {
        let _ = socket.write_all(&words);
        let mut rest = Vec::new();
        let _ = socket.read_to_end(&mut rest);
    })
}

pub(super) fn says_for_ever(words: &'static [u8]) -> SocketAddr {
    once(move |mut socket| while socket.write_all(&words.repeat(500)).is_ok() {})
}

/// A ServerHello of TLS 1.0 with TLS_RSA_WITH_AES_128_CBC_SHA.
pub(super) fn says_tls_1_0() -> SocketAddr {
    let mut hello = vec![3, 1];
    hello.extend([7u8; 32]);
    hello.extend([0, 0, 0x2f, 0]);
    says(&record(1, &handshake(2, &hello)))
}

/// A TLS 1.2 flight whose Certificate message is empty, as RFC 5246 section 7.4.2 forbids servers.
pub(super) fn empty_certificate_message() -> SocketAddr {
    let mut hello = vec![3, 3];
    hello.extend([7u8; 32]);
    // No session, ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, no compression; extended master secret.
    hello.extend([0, 0xc0, 0x2b, 0, 0, 4, 0, 0x17, 0, 0]);
    let mut exchange = vec![3, 0, 29, 32];
    exchange.extend([9u8; 32]);
    exchange.extend([4, 3, 0, 4, 1, 2, 3, 4]);
    let flight =
        [handshake(2, &hello), handshake(11, &[0, 0, 0]), handshake(12, &exchange), handshake(14, &[])];
    says(&flight.iter().flat_map(|message| record(3, message)).collect::<Vec<u8>>())
}

fn handshake(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut message = vec![kind, 0, 0, u8::try_from(body.len()).unwrap()];
    message.extend(body);
    message
}

fn record(minor: u8, message: &[u8]) -> Vec<u8> {
    let mut record = vec![22, 3, minor, 0, u8::try_from(message.len()).unwrap()];
    record.extend(message);
    record
}

/// Reports the server name of one ClientHello.
pub(super) fn server_name_seen() -> (SocketAddr, mpsc::Receiver<Option<String>>) {
    let (sender, receiver) = mpsc::channel();
    let address = once(move |mut socket| {
        let mut acceptor = Acceptor::default();
        loop {
            acceptor.read_tls(&mut socket).unwrap();
            if let Some(accepted) = acceptor.accept().map_err(|(error, _)| error).unwrap() {
                sender.send(accepted.client_hello().server_name().map(str::to_owned)).unwrap();
                return;
            }
        }
    });
    (address, receiver)
}

fn config(chain: &[keyward::model::EncodedCertificate], key: &[u8], versions: Versions) -> ServerConfig {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions: &[&rustls::SupportedProtocolVersion] = match versions {
        Versions::Tls12 => &[&rustls::version::TLS12],
        _ => &[&rustls::version::TLS13],
    };
    ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            chain.iter().map(|c| CertificateDer::from(c.der.to_vec())).collect(),
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.to_vec())),
        )
        .unwrap()
}

pub(super) fn with_alpn(pki: &PrivatePki, protocol: &[u8]) -> (SocketAddr, ()) {
    let mut config = config(std::slice::from_ref(&pki.server.certificate), &pki.server.key, Versions::Tls13);
    config.alpn_protocols = vec![protocol.to_vec()];
    let address = once(move |mut socket| {
        let mut tls = ServerConnection::new(Arc::new(config)).unwrap();
        while tls.is_handshaking() {
            if tls.complete_io(&mut socket).is_err() {
                return;
            }
        }
    });
    (address, ())
}

/// The server's first flight, up to ServerHelloDone or Finished.
fn flight(config: ServerConfig, socket: &mut TcpStream) -> Vec<u8> {
    let mut tls = ServerConnection::new(Arc::new(config)).unwrap();
    while !tls.wants_write() {
        tls.read_tls(socket).unwrap();
        tls.process_new_packets().unwrap();
    }
    let mut flight = Vec::new();
    while tls.wants_write() {
        tls.write_tls(&mut flight).unwrap();
    }
    flight
}

pub(super) fn abort_after_flight(serving: &ServerOptions, versions: Versions) -> SocketAddr {
    let config = config(&serving.chain, &serving.key, versions);
    once(move |mut socket| {
        let flight = flight(config, &mut socket);
        let _ = socket.write_all(&flight);
        // An orderly end: a reset might overtake the flight.
        let _ = socket.shutdown(std::net::Shutdown::Write);
        let _ = socket.read_to_end(&mut Vec::new());
    })
}

pub(super) fn drip(serving: &ServerOptions, interval: Duration) -> SocketAddr {
    let config = config(&serving.chain, &serving.key, Versions::Tls12);
    once(move |mut socket| {
        for byte in flight(config, &mut socket) {
            if socket.write_all(&[byte]).is_err() {
                return;
            }
            thread::sleep(interval);
        }
    })
}
