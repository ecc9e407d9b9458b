//! From a host to a connected socket: which addresses, which of them may be asked, within which time.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::error::{FetchCause, Phase};
use super::target::Host;
use crate::limits;

#[cfg(test)]
mod tests;

/// A class of addresses that a stranger's certificate has no business to name, because they lead into the
/// machine or its hosting (RFC 6890).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LocalClass {
    /// 127.0.0.0/8 and ::1.
    Loopback,
    /// 169.254.0.0/16 and fe80::/10. The metadata services of clouds are here.
    LinkLocal,
    /// 0.0.0.0/8 and ::, which reach the machine itself.
    Unspecified,
    /// Multicast and broadcast.
    Multicast,
}

impl LocalClass {
    /// The class of an address; `None` for one that may be asked. IPv6 forms that carry an IPv4 address
    /// (mapped, compatible, NAT64, 6to4) count as that address. Private ranges (RFC 1918, RFC 4193) may be
    /// asked: the certification authorities of intranets are there.
    #[must_use]
    pub fn of(address: IpAddr) -> Option<Self> {
        match address {
            IpAddr::V4(v4) => Self::of_v4(v4),
            IpAddr::V6(v6) if v6.is_loopback() => Some(Self::Loopback),
            IpAddr::V6(v6) if v6.is_unspecified() => Some(Self::Unspecified),
            IpAddr::V6(v6) if v6.is_multicast() => Some(Self::Multicast),
            IpAddr::V6(v6) => match v6.segments() {
                [first, ..] if first & 0xffc0 == 0xfe80 => Some(Self::LinkLocal),
                [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
                    Self::of_v4(v4(high, low))
                }
                [0x2002, high, low, ..] => Self::of_v4(v4(high, low)),
                _ => None,
            },
        }
    }

    fn of_v4(address: Ipv4Addr) -> Option<Self> {
        match address.octets() {
            [127, ..] => Some(Self::Loopback),
            [169, 254, ..] => Some(Self::LinkLocal),
            [0, ..] => Some(Self::Unspecified),
            [224..=239, ..] | [255, 255, 255, 255] => Some(Self::Multicast),
            _ => None,
        }
    }
}

impl fmt::Display for LocalClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loopback => "loopback",
            Self::LinkLocal => "link-local",
            Self::Unspecified => "unspecified",
            Self::Multicast => "multicast",
        })
    }
}

/// The addresses of a host, in the resolver's order, without duplicates, at most
/// [`limits::HOST_ADDRESSES`].
///
/// The system's resolver knows no time limit, so it runs on a thread of its own, which ends when the
/// resolver gives up.
pub(super) fn resolve(host: &Host, port: u16, deadline: Instant) -> Result<Vec<SocketAddr>, FetchCause> {
    let name = match host {
        Host::Address(address) => return Ok(vec![SocketAddr::new(*address, port)]),
        Host::Name(name) => name.to_string(),
    };
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::Builder::new()
        .name("resolve".to_owned())
        .spawn(move || {
            let found = (name.as_str(), port).to_socket_addrs().map(Iterator::collect::<Vec<_>>);
            // Nobody listens any more when the time was up.
            let _ = sender.send(found);
        })
        .map_err(|error| FetchCause::Connection(error.to_string()))?;
    let found = receiver
        .recv_timeout(remaining(deadline))
        .map_err(|_| FetchCause::Timeout(Phase::Resolve))?
        .map_err(|error| FetchCause::Resolve(resolver_words(&error)))?;
    let mut addresses: Vec<SocketAddr> = Vec::new();
    for address in found {
        if !addresses.contains(&address) && addresses.len() < limits::HOST_ADDRESSES {
            addresses.push(address);
        }
    }
    if addresses.is_empty() {
        return Err(FetchCause::Resolve("the name has no address".to_owned()));
    }
    Ok(addresses)
}

/// Connects to the first of the addresses that answers. Each gets an even share of the time that is left,
/// so that one silent address does not hide the next. The failure returned is the most telling one; the
/// second value lists the addresses in the order in which they were tried.
pub(super) fn connect(
    addresses: &[SocketAddr],
    deadline: Instant,
) -> (Result<TcpStream, FetchCause>, Vec<SocketAddr>) {
    let mut tried = Vec::new();
    let mut failure: Option<FetchCause> = None;
    let mut left = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
    for address in addresses {
        let share = remaining(deadline) / left.max(1);
        left = left.saturating_sub(1);
        if share.is_zero() {
            break;
        }
        tried.push(*address);
        match TcpStream::connect_timeout(address, share) {
            Ok(stream) => return (Ok(stream), tried),
            Err(error) => {
                let cause = connect_cause(&error);
                if failure.as_ref().is_none_or(|known| telling(&cause) > telling(known)) {
                    failure = Some(cause);
                }
            }
        }
    }
    (Err(failure.unwrap_or(FetchCause::Timeout(Phase::Connect))), tried)
}

/// When the time is up, which is held below [`limits::TIME_MOST`] so that no clock overflows.
pub(super) fn deadline(start: Instant, time: Duration) -> Instant {
    start + time.min(limits::TIME_MOST)
}

/// The time until the deadline, zero once it has passed.
pub(super) fn remaining(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}

fn connect_cause(error: &io::Error) -> FetchCause {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::ConnectionRefused => FetchCause::Refused,
        Kind::TimedOut | Kind::WouldBlock => FetchCause::Timeout(Phase::Connect),
        Kind::HostUnreachable | Kind::NetworkUnreachable | Kind::NetworkDown | Kind::AddrNotAvailable => {
            FetchCause::Unreachable(error.to_string())
        }
        _ => FetchCause::Connection(error.to_string()),
    }
}

/// A host that is up and refuses says more than one that is silent, and that more than a missing route:
/// machines without IPv6 have none to half of the addresses.
fn telling(cause: &FetchCause) -> u8 {
    match cause {
        FetchCause::Refused => 3,
        FetchCause::Timeout(_) => 2,
        FetchCause::Connection(_) => 1,
        _ => 0,
    }
}

/// The resolver's own words, without the preface that std puts before them.
fn resolver_words(error: &io::Error) -> String {
    let text = error.to_string();
    text.strip_prefix("failed to lookup address information: ").unwrap_or(&text).to_owned()
}

fn v4(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(high) << 16 | u32::from(low))
}
