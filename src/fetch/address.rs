//! From a host to a connected socket: which addresses, which of them may be asked, within which time.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, FdFlags};
use rustix::net::{AddressFamily, SocketType};

use super::error::{FetchCause, Phase};
use super::target::HostName;
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

/// The addresses of a name, in the resolver's order, without duplicates, at most [`limits::HOST_ADDRESSES`].
///
/// The system's resolver knows no time limit, so it runs on a thread of its own, which ends when the
/// resolver gives up.
pub(super) fn look_up(name: &HostName, deadline: Instant) -> Result<Vec<IpAddr>, FetchCause> {
    let name = name.to_string();
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::Builder::new()
        .name("resolve".to_owned())
        .spawn(move || {
            let found = (name.as_str(), 0).to_socket_addrs().map(Iterator::collect::<Vec<_>>);
            // Nobody listens any more when the time was up.
            let _ = sender.send(found);
        })
        .map_err(|error| FetchCause::Connection(error.to_string()))?;
    let found = receiver
        .recv_timeout(remaining(deadline))
        .map_err(|_| FetchCause::Timeout(Phase::Resolve))?
        .map_err(|error| FetchCause::Resolve(resolver_words(&error)))?;
    let mut addresses: Vec<IpAddr> = Vec::new();
    for address in found {
        if !addresses.contains(&address.ip()) && addresses.len() < limits::HOST_ADDRESSES {
            addresses.push(address.ip());
        }
    }
    if addresses.is_empty() {
        return Err(FetchCause::Resolve("the name has no address".to_owned()));
    }
    Ok(addresses)
}

/// Connects to the address that answers first. They are tried one after the other, IPv6 first and the families
/// in turn; the next one begins when one has failed, or has not answered for [`limits::CONNECT_STAGGER`]
/// (RFC 8305 sections 4 and 5, of which this is a part: the resolver is asked for both families at once). The
/// failure returned is the most telling one; the second value lists the addresses in the order in which they
/// were tried.
pub(super) fn connect(
    addresses: &[SocketAddr],
    deadline: Instant,
) -> (Result<TcpStream, FetchCause>, Vec<SocketAddr>) {
    let mut waiting = in_turn(addresses).into_iter().peekable();
    let mut tried = Vec::new();
    let mut attempts: Vec<TcpStream> = Vec::new();
    let mut failure: Option<FetchCause> = None;
    let mut fail = |error: &io::Error| {
        let cause = connect_cause(error);
        if failure.as_ref().is_none_or(|known| telling(&cause) > telling(known)) {
            failure = Some(cause);
        }
    };
    let mut next = Instant::now();
    let stream = loop {
        let now = Instant::now();
        if now >= deadline {
            fail(&io::ErrorKind::TimedOut.into());
            break None;
        }
        if now >= next
            && let Some(address) = waiting.next()
        {
            tried.push(address);
            match begin(address) {
                Ok(Begun::Connected(stream)) => break Some(stream),
                Ok(Begun::UnderWay(attempt)) => {
                    attempts.push(attempt);
                    next = now + limits::CONNECT_STAGGER;
                }
                Err(error) => fail(&error),
            }
            continue;
        }
        if attempts.is_empty() && waiting.peek().is_none() {
            break None;
        }
        let until = if waiting.peek().is_some() { deadline.min(next) } else { deadline };
        match await_any(&mut attempts, until) {
            Ok(Some(stream)) => break Some(stream),
            Ok(None) => {}
            Err(error) => {
                fail(&error);
                next = now;
            }
        }
    };
    let result = match stream {
        Some(stream) => stream.set_nonblocking(false).map(|()| stream).map_err(|error| connect_cause(&error)),
        None => Err(failure.unwrap_or(FetchCause::Timeout(Phase::Connect))),
    };
    (result, tried)
}

/// The addresses with the families in turn, IPv6 first, each family in the resolver's order.
fn in_turn(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let (v6, v4): (Vec<SocketAddr>, Vec<SocketAddr>) =
        addresses.iter().copied().partition(SocketAddr::is_ipv6);
    let (mut v6, mut v4) = (v6.into_iter(), v4.into_iter());
    let mut turns = Vec::with_capacity(addresses.len());
    while turns.len() < addresses.len() {
        turns.extend(v6.next());
        turns.extend(v4.next());
    }
    turns
}

enum Begun {
    Connected(TcpStream),
    UnderWay(TcpStream),
}

fn begin(address: SocketAddr) -> io::Result<Begun> {
    let family = if address.is_ipv6() { AddressFamily::INET6 } else { AddressFamily::INET };
    let socket = rustix::net::socket(family, SocketType::STREAM, None)?;
    rustix::io::fcntl_setfd(&socket, FdFlags::CLOEXEC)?;
    let socket = TcpStream::from(socket);
    socket.set_nonblocking(true)?;
    match rustix::net::connect(&socket, &address) {
        Ok(()) => Ok(Begun::Connected(socket)),
        Err(Errno::INPROGRESS | Errno::INTR) => Ok(Begun::UnderWay(socket)),
        Err(error) => Err(error.into()),
    }
}

/// Waits until one of the attempts is decided or the time comes. A failed attempt is taken off and is the
/// error; a connected one is returned.
fn await_any(attempts: &mut Vec<TcpStream>, until: Instant) -> io::Result<Option<TcpStream>> {
    let time = Timespec::try_from(remaining(until)).map_err(|_| io::ErrorKind::InvalidInput)?;
    let mut polled: Vec<PollFd<'_>> =
        attempts.iter().map(|attempt| PollFd::new(attempt, PollFlags::OUT)).collect();
    match poll(&mut polled, Some(&time)) {
        Ok(0) | Err(Errno::INTR) => return Ok(None),
        Ok(_) => {}
        Err(error) => return Err(error.into()),
    }
    let decided = polled.iter().position(|polled| !polled.revents().is_empty());
    drop(polled);
    let Some(decided) = decided.filter(|&at| at < attempts.len()) else { return Ok(None) };
    let attempt = attempts.remove(decided);
    match attempt.take_error()? {
        Some(error) => Err(error),
        None => Ok(Some(attempt)),
    }
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
