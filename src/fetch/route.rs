//! The way to a server, up to where TLS begins: names resolved, a proxy asked, STARTTLS said.

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use super::connection::Connection;
use super::error::{FetchCause, Phase};
use super::proxy::{Proxy, ProxyError};
use super::resolver::Resolver;
use super::starttls::{Dialogue, Names, StartTls, StartTlsError, Turn};
use super::target::{Host, Target};
use super::{Options, Sni, Times, address};
use crate::limits;

/// A connection on which TLS can begin.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) connection: Connection,
    /// The other end of the socket: the server, or the proxy.
    pub(super) peer: SocketAddr,
    /// The server's address, where it is known: not when a proxy resolved its name.
    pub(super) server: Option<IpAddr>,
    /// The proxy that was used, without its credentials.
    pub(super) proxy: Option<String>,
    /// What was spoken before TLS.
    pub(super) start_tls: Option<StartTls>,
}

/// What happened on the way, kept where it fails too.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// The addresses that were tried, in that order.
    pub(super) tried: Vec<SocketAddr>,
    pub(super) times: Times,
}

/// Opens a connection to a target on which TLS can begin. Whoever speaks TLS on it takes it from here.
pub(super) fn open(
    target: &Target,
    options: &Options,
    deadline: Instant,
    log: &mut Log,
) -> Result<Opened, FetchCause> {
    let place = options.connect.as_ref().unwrap_or(target);
    let proxy = options.proxies.to(place.host(), place.port());
    let way = Way { proxy, names: &options.resolver, deadline };
    let addresses = way.addresses(place.host(), place.port(), log)?;
    let (mut connection, server) = way.connect(place.host(), place.port(), addresses, log)?;
    let io = |error: io::Error| FetchCause::Connection(error.to_string());
    let peer = connection.peer().map_err(io)?;
    let start_tls = options.start_tls.of(target, place);
    if let Some(protocol) = start_tls {
        let names = Names { server: domain(target, options), client: connection.local().map_err(io)?.ip() };
        let start = Instant::now();
        converse(&mut connection, protocol, &names)?;
        log.times.start_tls = Some(start.elapsed());
    }
    connection.begin(limits::HANDSHAKE_BYTES);
    Ok(Opened { connection, peer, server, proxy: proxy.map(ToString::to_string), start_tls })
}

/// The domain that a server is asked for: the name that SNI carries, else the target's host.
fn domain(target: &Target, options: &Options) -> String {
    match (&options.sni, target.host()) {
        (Sni::Name(name), _) => name.as_str().to_owned(),
        (_, Host::Name(name)) => name.as_str().to_owned(),
        (_, Host::Address(address)) => address.to_string(),
    }
}

/// How hosts are reached.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way<'a> {
    pub(super) proxy: Option<&'a Proxy>,
    pub(super) names: &'a Resolver,
    pub(super) deadline: Instant,
}

impl Way<'_> {
    /// The addresses of a host, never empty; `None` where the proxy is the one to resolve its name.
    pub(super) fn addresses(
        &self,
        host: &Host,
        port: u16,
        log: &mut Log,
    ) -> Result<Option<Vec<SocketAddr>>, FetchCause> {
        match host {
            Host::Name(_) if self.proxy.is_some_and(Proxy::resolves) => Ok(None),
            _ => self.resolve(host, port, log).map(Some),
        }
    }

    /// A connection to the first of the addresses that answers, through the proxy if there is one; with it the
    /// server's address, unless the proxy alone knows it.
    pub(super) fn connect(
        &self,
        host: &Host,
        port: u16,
        addresses: Option<Vec<SocketAddr>>,
        log: &mut Log,
    ) -> Result<(Connection, Option<IpAddr>), FetchCause> {
        let Some(proxy) = self.proxy else {
            let connection = self.direct(&addresses.unwrap_or_default(), log)?;
            let server = connection.peer().map(|peer| peer.ip()).ok();
            return Ok((connection, server));
        };
        let Some(addresses) = addresses else {
            return Ok((self.through(proxy, host, port, log)?, None));
        };
        // A proxy takes one address; the next is for when it cannot reach the one before.
        let mut failure = FetchCause::Timeout(Phase::Proxy);
        for address in addresses {
            match self.through(proxy, &Host::Address(address.ip()), port, log) {
                Ok(connection) => return Ok((connection, Some(address.ip()))),
                Err(cause) if is_refusal(&cause) => failure = cause,
                Err(cause) => return Err(cause),
            }
        }
        Err(failure)
    }

    /// A connection to the proxy itself.
    pub(super) fn reach_proxy(&self, proxy: &Proxy, log: &mut Log) -> Result<Connection, FetchCause> {
        let connection =
            self.resolve(proxy.host(), proxy.port(), log).and_then(|addresses| self.direct(&addresses, log));
        connection.map_err(|cause| match cause {
            FetchCause::Timeout(_) => FetchCause::Timeout(Phase::Proxy),
            cause => proxy.failed(ProxyError::Unreachable(cause.to_string())),
        })
    }

    fn through(
        &self,
        proxy: &Proxy,
        host: &Host,
        port: u16,
        log: &mut Log,
    ) -> Result<Connection, FetchCause> {
        let mut connection = self.reach_proxy(proxy, log)?;
        let start = Instant::now();
        proxy.lead(&mut connection, host, port)?;
        log.times.proxy = Some(log.times.proxy.unwrap_or_default() + start.elapsed());
        Ok(connection)
    }

    fn resolve(&self, host: &Host, port: u16, log: &mut Log) -> Result<Vec<SocketAddr>, FetchCause> {
        let start = Instant::now();
        let addresses = self.names.addresses(host, port, self.deadline);
        log.times.resolve += start.elapsed();
        addresses
    }

    fn direct(&self, addresses: &[SocketAddr], log: &mut Log) -> Result<Connection, FetchCause> {
        let start = Instant::now();
        let (socket, tried) = address::connect(addresses, self.deadline);
        log.tried.extend(tried);
        log.times.connect += start.elapsed();
        Ok(Connection::new(socket?, self.deadline))
    }
}

/// Whether a proxy said no to one address; it may say yes to another.
fn is_refusal(cause: &FetchCause) -> bool {
    matches!(cause, FetchCause::Proxy { error, .. } if matches!(**error, ProxyError::Refused(_)))
}

/// Speaks a protocol up to where TLS begins.
fn converse(connection: &mut Connection, protocol: StartTls, names: &Names) -> Result<(), FetchCause> {
    // The dialogue has its own, smaller bound on what the server says; this one is on what we answer.
    connection.begin(limits::STARTTLS_BYTES.saturating_mul(2));
    let failed = |error: StartTlsError| FetchCause::StartTls { protocol, error: error.into() };
    let mut dialogue = Dialogue::new(protocol, names);
    let mut buffer = [0; 4096];
    loop {
        match dialogue.turn().map_err(failed)? {
            Turn::Begin => return Ok(()),
            Turn::Say(words) => {
                connection.write_all(&words).map_err(|error| broken(&dialogue, protocol, &error))?
            }
            Turn::Wait => match connection.read(&mut buffer) {
                Ok(0) => return Err(failed(dialogue.closed())),
                Ok(count) => dialogue.hear(buffer.get(..count).unwrap_or_default()).map_err(failed)?,
                Err(error) => return Err(broken(&dialogue, protocol, &error)),
            },
        }
    }
}

fn broken(dialogue: &Dialogue, protocol: StartTls, error: &io::Error) -> FetchCause {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::TimedOut => FetchCause::Timeout(Phase::StartTls),
        Kind::ConnectionReset | Kind::BrokenPipe | Kind::ConnectionAborted => {
            FetchCause::StartTls { protocol, error: dialogue.closed().into() }
        }
        _ => FetchCause::Connection(error.to_string()),
    }
}
