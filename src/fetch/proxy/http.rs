//! `CONNECT` (RFC 9110 section 9.3.6).

use std::io::{Read, Write};
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::{Credentials, Failure, ProxyError};
use crate::fetch::connection::Connection;
use crate::fetch::starttls::words;
use crate::fetch::target::Host;

/// Asks for a tunnel.
pub(super) fn connect(
    connection: &mut Connection,
    host: &Host,
    port: u16,
    authorization: Option<Zeroizing<String>>,
) -> Result<(), Failure> {
    connection.write_all(&request(host, port, authorization))?;
    let mut heard = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = connection.read(&mut buffer)?;
        heard.extend_from_slice(buffer.get(..count).unwrap_or_default());
        if count == 0 {
            return Err(if heard.is_empty() { ProxyError::Closed } else { unexpected(&heard) }.into());
        }
        while let Some(answer) = Answer::read(&heard)? {
            match answer.status {
                // The final answer follows (RFC 9110 section 15.2).
                100..=199 => heard.drain(..answer.length).for_each(drop),
                200..=299 => {
                    // What follows the answer comes from the server.
                    connection.give_back(heard.get(answer.length..).unwrap_or_default());
                    return Ok(());
                }
                // 401 is the answer of tinyproxy to credentials that are wrong.
                401 | 407 => return Err(ProxyError::Credentials(answer.said).into()),
                _ => return Err(ProxyError::Refused(answer.said).into()),
            }
        }
    }
}

fn request(host: &Host, port: u16, authorization: Option<Zeroizing<String>>) -> Zeroizing<Vec<u8>> {
    let place = match host {
        Host::Address(address @ IpAddr::V6(_)) => format!("[{address}]:{port}"),
        Host::Address(address) => format!("{address}:{port}"),
        // Without the root's dot, which proxies do not know what to do with.
        Host::Name(name) => format!("{}:{port}", name.as_str()),
    };
    let version = env!("CARGO_PKG_VERSION");
    let head = format!("CONNECT {place} HTTP/1.1\r\nHost: {place}\r\nUser-Agent: keyward/{version}\r\n");
    let mut request = Zeroizing::new(Vec::with_capacity(1024));
    request.extend_from_slice(head.as_bytes());
    if let Some(value) = authorization {
        request.extend_from_slice(b"Proxy-Authorization: ");
        request.extend_from_slice(value.as_bytes());
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    request
}

/// The value of `Proxy-Authorization` (RFC 7617 section 2).
pub(super) fn basic(credentials: &Credentials) -> Zeroizing<String> {
    let mut pair =
        Zeroizing::new(Vec::with_capacity(credentials.user.len() + credentials.password.len() + 1));
    pair.extend_from_slice(&credentials.user);
    pair.push(b':');
    pair.extend_from_slice(&credentials.password);
    let mut value = Zeroizing::new(String::with_capacity(pair.len() * 2 + 10));
    value.push_str("Basic ");
    STANDARD.encode_string(&*pair, &mut value);
    value
}

/// The head of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Status and reason, with what a proxy wants of credentials.
    pub(super) said: String,
    /// Its octets, the empty line included.
    pub(super) length: usize,
}

impl Answer {
    /// Reads a head, once it is whole.
    pub(super) fn read(heard: &[u8]) -> Result<Option<Self>, ProxyError> {
        let start = b"HTTP/1.";
        if !heard.iter().zip(start).all(|(byte, expected)| byte.eq_ignore_ascii_case(expected)) {
            return Err(unexpected(heard));
        }
        let Some(length) = end_of_head(heard) else { return Ok(None) };
        let head = heard.get(..length).unwrap_or_default();
        let mut lines = head.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
        let line = lines.next().unwrap_or_default();
        let status_and_reason = line.splitn(2, |&byte| byte == b' ').nth(1).unwrap_or_default().trim_ascii();
        let status = status_and_reason.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        let status = status.and_then(|digits| digits.parse().ok()).ok_or_else(|| unexpected(line))?;
        let wanted = lines.find_map(|line| {
            let (name, value) = line.split_at_checked(b"proxy-authenticate:".len())?;
            name.eq_ignore_ascii_case(b"proxy-authenticate:").then(|| words(value))
        });
        let mut said = words(status_and_reason);
        if let Some(wanted) = wanted.filter(|_| status == 407) {
            said.push_str(&format!(" ({wanted})"));
        }
        Ok(Some(Self { status, said, length }))
    }
}

/// The octets up to the empty line, LF alone being a line end too (RFC 9112 section 2.2).
fn end_of_head(heard: &[u8]) -> Option<usize> {
    let ends = heard.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at);
    for at in ends {
        match heard.get(at.checked_add(1)?..) {
            Some([b'\n', ..]) => return at.checked_add(2),
            Some([b'\r', b'\n', ..]) => return at.checked_add(3),
            _ => {}
        }
    }
    None
}

fn unexpected(heard: &[u8]) -> ProxyError {
    ProxyError::Unexpected(words(heard))
}
