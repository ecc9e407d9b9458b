//! SOCKS 5 (RFC 1928), with user name and password (RFC 1929).

use std::io::{Read, Write};
use std::net::IpAddr;

use zeroize::Zeroizing;

use super::{Credentials, Failure, ProxyError};
use crate::fetch::connection::Connection;
use crate::fetch::starttls::words;
use crate::fetch::target::Host;

const VERSION: u8 = 5;

/// Methods of authentication (RFC 1928 section 3).
const NONE: u8 = 0;
const PASSWORD: u8 = 2;
const NOT_ACCEPTABLE: u8 = 0xff;

/// The version of the negotiation of user name and password (RFC 1929 section 2).
const PASSWORD_VERSION: u8 = 1;

/// Asks for a connection.
pub(super) fn connect(
    connection: &mut Connection,
    host: &Host,
    port: u16,
    credentials: Option<&Credentials>,
) -> Result<(), Failure> {
    let methods: &[u8] =
        if credentials.is_some() { &[VERSION, 2, NONE, PASSWORD] } else { &[VERSION, 1, NONE] };
    connection.write_all(methods)?;
    match (read::<2>(connection)?, credentials) {
        ([VERSION, NONE], _) => {}
        ([VERSION, PASSWORD], Some(credentials)) => {
            connection.write_all(&log_in(credentials))?;
            let [_, status] = read::<2>(connection)?;
            if status != 0 {
                let said = format!("user name or password is wrong (status {status})");
                return Err(ProxyError::Credentials(said).into());
            }
        }
        ([VERSION, NOT_ACCEPTABLE], Some(_)) => {
            return Err(ProxyError::Credentials("it takes no user name and password".to_owned()).into());
        }
        ([VERSION, NOT_ACCEPTABLE], None) => {
            return Err(ProxyError::Credentials("it takes nobody without".to_owned()).into());
        }
        (said, _) => return Err(unexpected(connection, &said)),
    }
    connection.write_all(&request(host, port))?;
    let [version, reply, _, kind] = read::<4>(connection)?;
    if version != VERSION {
        return Err(ProxyError::Unexpected(words(&[version, reply, kind])).into());
    }
    if reply != 0 {
        return Err(ProxyError::Refused(reply_text(reply)).into());
    }
    // The proxy's own address and port, of no use here.
    let octets = match kind {
        1 => 4,
        3 => {
            let [length] = read::<1>(connection)?;
            usize::from(length)
        }
        4 => 16,
        _ => return Err(ProxyError::Unexpected(format!("an address of the type {kind}")).into()),
    };
    let mut bound = vec![0; octets.saturating_add(2)];
    connection.read_exact(&mut bound)?;
    Ok(())
}

fn read<const COUNT: usize>(connection: &mut Connection) -> Result<[u8; COUNT], Failure> {
    let mut octets = [0; COUNT];
    connection.read_exact(&mut octets)?;
    Ok(octets)
}

/// The start of something else, such as HTTP, with as much of it as came along.
fn unexpected(connection: &mut Connection, said: &[u8]) -> Failure {
    let mut more = [0; 256];
    let count = connection.read(&mut more).unwrap_or(0);
    let all = [said, more.get(..count).unwrap_or_default()].concat();
    ProxyError::Unexpected(words(&all)).into()
}

fn log_in(credentials: &Credentials) -> Zeroizing<Vec<u8>> {
    let mut out = Zeroizing::new(Vec::with_capacity(513));
    out.push(PASSWORD_VERSION);
    for part in [&credentials.user, &credentials.password] {
        // Held to 255 octets where the proxy's address was read.
        out.push(u8::try_from(part.len()).unwrap_or(u8::MAX));
        out.extend_from_slice(part.get(..part.len().min(255)).unwrap_or_default());
    }
    out
}

/// CONNECT to a host (RFC 1928 section 4).
fn request(host: &Host, port: u16) -> Vec<u8> {
    let mut out = vec![VERSION, 1, 0];
    match host {
        Host::Address(IpAddr::V4(address)) => {
            out.push(1);
            out.extend(address.octets());
        }
        Host::Address(IpAddr::V6(address)) => {
            out.push(4);
            out.extend(address.octets());
        }
        Host::Name(name) => {
            // A host name has 253 octets at most.
            let name = name.as_str().as_bytes();
            out.extend([3, u8::try_from(name.len()).unwrap_or(u8::MAX)]);
            out.extend(name);
        }
    }
    out.extend(port.to_be_bytes());
    out
}

/// The replies of RFC 1928 section 6.
fn reply_text(reply: u8) -> String {
    let text = match reply {
        1 => "general failure of the server",
        2 => "connection not allowed by its rules",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "TTL expired",
        7 => "command not supported",
        8 => "address type not supported",
        _ => "a reply without a meaning",
    };
    format!("{text} ({reply})")
}
