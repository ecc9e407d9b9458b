//! Doubles of servers with STARTTLS: they speak as much of a protocol as comes before TLS.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::loopback::{config, hold, listen};

/// The names of the protocols, as OpenSSL has them.
pub const PROTOCOLS: [&str; 14] = [
    "smtp",
    "lmtp",
    "pop3",
    "imap",
    "ftp",
    "nntp",
    "sieve",
    "xmpp",
    "xmpp-server",
    "irc",
    "ldap",
    "postgres",
    "mysql",
    "telnet",
];

/// What a server says, each part once the client has said the words before it.
type Script = Vec<(&'static [u8], Vec<u8>)>;

/// The handshake packet of a MySQL server, with CLIENT_SSL.
fn mysql() -> Vec<u8> {
    let mut payload = b"\x0a8.0.36\0\x01\0\0\0scramble\0\xff\xff\xff\x02\0\xff\xdf\x15".to_vec();
    payload.extend([0; 10]);
    payload.extend(b"twelve chars\0caching_sha2_password\0");
    [&[payload.len() as u8, 0, 0, 0][..], &payload].concat()
}

/// A server's part, up to and with its consent.
pub fn script(protocol: &str) -> Script {
    let mut parts: Script = Vec::new();
    let mut say = |after: &'static [u8], words: &[u8]| parts.push((after, words.to_vec()));
    match protocol {
        "smtp" | "lmtp" => {
            say(b"", b"220-double.example ESMTP\r\n220 ready\r\n");
            say(b"HLO ", b"");
            say(b"\r\n", b"250-double.example\r\n250-PIPELINING\r\n250 STARTTLS\r\n");
            say(b"STARTTLS\r\n", b"220 2.0.0 Ready to start TLS\r\n");
        }
        "pop3" => {
            say(b"", b"+OK ready <1.2@double.example>\r\n");
            say(b"STLS\r\n", b"+OK begin\r\n");
        }
        "imap" => {
            say(b"", b"* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n");
            say(b" CAPABILITY\r\n", b"* CAPABILITY IMAP4rev1 STARTTLS\r\n");
            // The client's tag: keyward's, or openssl's.
            say(b"", b"@ OK done\r\n");
            say(b" STARTTLS\r\n", b"@ OK begin\r\n");
        }
        "ftp" => {
            say(b"", b"220-Welcome\r\n  to this server\r\n220 ready\r\n");
            say(b"AUTH TLS\r\n", b"234 go on\r\n");
        }
        "nntp" => {
            say(b"", b"200 double.example ready\r\n");
            say(b"CAPABILITIES\r\n", b"101 capabilities\r\nVERSION 2\r\nSTARTTLS\r\n.\r\n");
            say(b"STARTTLS\r\n", b"382 go on\r\n");
        }
        "sieve" => {
            say(b"", b"\"IMPLEMENTATION\" \"double\"\r\n\"STARTTLS\"\r\nOK \"ready\"\r\n");
            say(b"STARTTLS\r\n", b"OK \"begin\"\r\n");
        }
        "xmpp" | "xmpp-server" => {
            say(
                b"version='1.0'>",
                b"<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' version='1.0' \
                  id='1'><stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>",
            );
            say(
                b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
                b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
            );
        }
        "irc" => {
            say(b"", b":double.example 020 * :Please wait while we process your connection.\r\n");
            say(b"STARTTLS\r\n", b":double.example 670 * :STARTTLS successful\r\n");
        }
        "ldap" => say(b"1.3.6.1.4.1.1466.20037", b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00"),
        "postgres" => say(b"\x04\xd2\x16\x2f", b"S"),
        "mysql" => say(b"", &mysql()),
        "telnet" => {
            say(b"", b"\xff\xfd\x2e");
            say(b"\xff\xfb\x2e\xff\xfa\x2e\x01\xff\xf0", b"\xff\xfa\x2e\x01\xff\xf0");
        }
        other => panic!("no double of {other}"),
    }
    parts
}

/// Plays a part, and tells whether the client kept to it.
fn play(connection: &mut TcpStream, script: &Script) -> bool {
    let mut tag = String::new();
    for (after, words) in script {
        let mut heard = Vec::new();
        // One byte at a time: what follows belongs to TLS.
        while !heard.ends_with(after) {
            let mut byte = [0];
            if connection.read(&mut byte).unwrap_or(0) == 0 {
                return false;
            }
            heard.push(byte[0]);
        }
        if let Some(word) = heard.split(|&byte| byte == b' ').next().filter(|word| !word.is_empty()) {
            tag = String::from_utf8_lossy(word).into_owned();
        }
        let words = match words.strip_prefix(b"@") {
            Some(rest) => [tag.as_bytes(), rest].concat(),
            None => words.clone(),
        };
        if connection.write_all(&words).is_err() {
            return false;
        }
    }
    true
}

/// A double with these certificates, `localhost:PORT`.
pub fn server(protocol: &str, chain: &[&str]) -> String {
    let (script, mysql) = (script(protocol), protocol == "mysql");
    let config = config(chain, false);
    listen(move |mut connection| {
        if !play(&mut connection, &script) {
            return;
        }
        // The client's request, to which MySQL has no answer.
        if !mysql || connection.read_exact(&mut [0; 36]).is_ok() {
            hold(connection, &config);
        }
    })
}

/// Plays the part of a protocol, its last words being these, and falls silent.
pub fn ending(protocol: &str, last: &'static [u8]) -> String {
    let mut script = script(protocol);
    script.last_mut().expect("a part").1 = last.to_vec();
    listen(move |mut connection| {
        play(&mut connection, &script);
        let _ = connection.read(&mut [0; 1]);
    })
}

/// Says this again and again, with a pause in between.
pub fn endless(words: &'static [u8], pause: Duration) -> String {
    listen(move |mut connection| {
        let start = Instant::now();
        while connection.write_all(words).is_ok() && start.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(pause);
        }
    })
}
