//! An HTTP request after the handshake, for servers that want a client certificate for some paths only.
//!
//! On TLS 1.2 such a server asks for a new handshake (HelloRequest, RFC 5246 section 7.4.1.1). It is encrypted, but
//! its record says that it is part of a handshake. On TLS 1.3 only a client that offers `post_handshake_auth` may be
//! asked (RFC 8446 section 4.6.2), which the TLS library does not; there the TLS 1.2 of the same server is asked.

use std::io::{self, Read, Write};
use std::time::Instant;

use rustls::{ClientConnection, ProtocolVersion};

use super::connection::Connection;
use super::error::FetchCause;
use super::handshake;
use super::target::{Host, Target};
use super::{Options, Sni};
use crate::limits;

/// What came of a request after the handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathAnswer {
    /// The protocol version of the connection that tells.
    pub protocol: String,
    /// The status of the answer, where one came.
    pub status: Option<u16>,
    /// Whether the server asked for a new handshake, as servers do that want a client certificate for this path.
    /// `None` where that cannot be seen: on TLS 1.3.
    pub renegotiation: Option<bool>,
    /// What ended the connection before an answer came.
    pub ended: Option<FetchCause>,
}

/// Sends a HEAD request and waits for what comes of it.
pub(super) fn send(
    tls: &mut ClientConnection,
    connection: &mut Connection,
    target: &Target,
    options: &Options,
    path: &str,
) -> PathAnswer {
    connection.end_by(Instant::now() + limits::REQUEST_TIME);
    let mut answer = PathAnswer { protocol: String::new(), status: None, renegotiation: None, ended: None };
    match exchange(tls, connection, &request(target, options, "HEAD", path)) {
        Ok(status) => answer.status = status,
        Err(cause) => answer.ended = Some(cause),
    }
    answer.protocol = tls.protocol_version().map(handshake::protocol_name).unwrap_or_default();
    if tls.protocol_version() == Some(ProtocolVersion::TLSv1_2) {
        answer.renegotiation = Some(begins_anew(connection.copy()));
    }
    answer
}

/// The request. What could break out of its line is not sent as it is.
pub(super) fn request(target: &Target, options: &Options, method: &str, path: &str) -> String {
    let host = match (&options.sni, target.host()) {
        (Sni::Name(name), _) => name.as_str().to_owned(),
        (_, Host::Name(name)) => name.as_str().to_owned(),
        (_, Host::Address(std::net::IpAddr::V6(address))) => format!("[{address}]"),
        (_, Host::Address(address)) => address.to_string(),
    };
    let mut line = String::new();
    for octet in path.bytes() {
        match octet {
            b'!'..=b'~' => line.push(char::from(octet)),
            other => line.push_str(&format!("%{other:02X}")),
        }
    }
    let root = if line.starts_with('/') { "" } else { "/" };
    format!(
        "{method} {root}{line} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: keyward\r\nAccept: */*\r\nConnection: close\r\n\r\n"
    )
}

/// Bytes of an answer that are looked at for its status.
const STATUS_BYTES: usize = 64;

fn exchange(
    tls: &mut ClientConnection,
    connection: &mut Connection,
    request: &str,
) -> Result<Option<u16>, FetchCause> {
    tls.writer()
        .write_all(request.as_bytes())
        .map_err(|error| FetchCause::Internal(format!("the request cannot be sent: {error}")))?;
    let mut said = Vec::new();
    loop {
        while tls.wants_write() {
            if let Err(error) = tls.write_tls(connection) {
                return Err(handshake::cause(tls, connection, &error));
            }
        }
        if said.len() >= STATUS_BYTES || said.contains(&b'\n') {
            return Ok(status(&said));
        }
        match tls.read_tls(connection) {
            Ok(0) => return Ok(status(&said)),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::TimedOut => return Ok(status(&said)),
            Err(error) => return Err(handshake::cause(tls, connection, &error)),
        }
        let state = tls.process_new_packets().map_err(|error| handshake::tls_cause(&error))?;
        let mut more = [0; STATUS_BYTES];
        let count = tls.reader().read(&mut more).unwrap_or_default();
        said.extend(more.iter().take(count));
        if state.peer_has_closed() {
            return Ok(status(&said));
        }
    }
}

/// The number in `HTTP/1.1 200 OK`.
pub(super) fn status(said: &[u8]) -> Option<u16> {
    let line = std::str::from_utf8(said.split(|&byte| byte == b'\r' || byte == b'\n').next()?).ok()?;
    let mut words = line.strip_prefix("HTTP/")?.split(' ');
    words.next()?;
    words.next()?.parse().ok()
}

/// Whether a handshake begins once more after the first one (TLS 1.2): after ChangeCipherSpec the server's first
/// handshake record is its Finished; another one asks for a new handshake.
pub(super) fn begins_anew(mut heard: &[u8]) -> bool {
    let mut encrypted = false;
    let mut handshakes = 0;
    while let Some((&[kind, _, _, high, low], rest)) = heard.split_first_chunk::<5>() {
        match kind {
            20 => encrypted = true,
            22 if encrypted => handshakes += 1,
            _ => {}
        }
        heard = rest.get(usize::from(u16::from_be_bytes([high, low]))..).unwrap_or_default();
    }
    handshakes > 1
}
