//! A bounded HTTP request to an address that a stranger wrote.

mod transport;

use std::fmt;
use std::io::Read;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::http::{StatusCode, header};

use super::address::{LocalClass, deadline, remaining};
use super::connection::{Connection, TooMuch};
use super::error::{FetchCause, Waited};
use super::issuers::AiaReach;
use super::proxy::{Proxies, Proxy, ProxyKind};
use super::resolver::Resolver;
use super::route::{Log, Way};
use super::target::{Host, authority, split_resource};
use transport::{Ready, Resolved};

#[cfg(test)]
mod tests;

/// What one download may cost, and where it may lead.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) bytes: u64,
    pub(super) redirects: usize,
    /// For everything: resolving, each redirect, the last byte.
    pub(super) time: Duration,
    pub(super) reach: AiaReach,
}

/// Why a download came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum DownloadError {
    #[error("only http is followed")]
    Scheme,
    #[error("a redirect to {0}, and only http is followed")]
    RedirectScheme(String),
    #[error("not a usable address: {0}")]
    Address(String),
    #[error("the address {address} is {class}, and such are not asked for another's sake")]
    Local { address: IpAddr, class: LocalClass },
    #[error("the name {0} means this machine, and such are not asked for another's sake")]
    LocalName(String),
    #[error("{0}")]
    Host(String),
    #[error("HTTP {0}")]
    Status(u16),
    #[error("a redirect without a target (HTTP {0})")]
    NoLocation(u16),
    #[error("more than {0} redirects")]
    Redirects(usize),
    #[error("the answer is {0}-encoded, which was not asked for")]
    Encoded(String),
    #[error("more than {}", Size(*.0))]
    TooLarge(u64),
    #[error("timed out after {}", Waited(*.0))]
    Timeout(Duration),
    #[error("{0}")]
    Http(String),
}

/// Gets an address, following redirects by hand: each goes through the same checks of scheme and resolved
/// addresses, and the checked addresses are the ones that are connected to.
///
/// Through a proxy that resolves names itself only addresses that stand in the text can be checked, and names
/// that mean the machine itself (RFC 6761 section 6.3).
pub(super) fn download(address: &str, bounds: Bounds, way: &WayOut) -> Result<Vec<u8>, DownloadError> {
    exchange(address, None, bounds, way)
}

/// What is sent with a POST.
#[derive(Clone, Copy, Debug)]
pub(super) struct Upload<'a> {
    pub(super) content_type: &'a str,
    pub(super) body: &'a [u8],
}

/// Sends something to an address and gets the answer, with the same checks. Where a redirect leads it is sent again.
pub(super) fn post(
    address: &str,
    upload: Upload<'_>,
    bounds: Bounds,
    way: &WayOut,
) -> Result<Vec<u8>, DownloadError> {
    exchange(address, Some(upload), bounds, way)
}

fn exchange(
    address: &str,
    upload: Option<Upload<'_>>,
    bounds: Bounds,
    way: &WayOut,
) -> Result<Vec<u8>, DownloadError> {
    let deadline = deadline(Instant::now(), bounds.time);
    let mut place = Place::parse(address)?;
    for _ in 0..=bounds.redirects {
        match request(&place, upload, bounds, way, deadline)? {
            Step::Done(body) => return Ok(body),
            Step::Redirect(location) => place = place.follow(&location)?,
        }
    }
    Err(DownloadError::Redirects(bounds.redirects))
}

/// The way to strangers' addresses.
#[derive(Debug, Default)]
pub(super) struct WayOut {
    pub(super) proxies: Proxies,
    pub(super) names: Resolver,
}

/// The parts of an `http` address.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    host: Host,
    port: u16,
    resource: String,
}

impl Place {
    fn parse(address: &str) -> Result<Self, DownloadError> {
        let (scheme, rest) = address
            .split_once("://")
            .ok_or_else(|| if address.contains(':') { DownloadError::Scheme } else { unusable(address) })?;
        if !scheme.eq_ignore_ascii_case("http") {
            return Err(DownloadError::Scheme);
        }
        let (place, resource) = split_resource(rest);
        if place.contains('@') {
            return Err(DownloadError::Address("it holds a user name".to_owned()));
        }
        let (host, port) = authority(place, 80).map_err(|error| DownloadError::Address(error.to_string()))?;
        Ok(Self { host, port, resource: encoded(&resource) })
    }

    /// Where a `Location` leads (RFC 9110 section 10.2.2), relative forms included.
    fn follow(&self, location: &str) -> Result<Self, DownloadError> {
        if let Some((scheme, _)) = location.split_once("://")
            && !scheme.contains(['/', '?', '#'])
        {
            return Self::parse(location).map_err(|error| match error {
                DownloadError::Scheme => {
                    DownloadError::RedirectScheme(scheme.escape_debug().take(20).collect())
                }
                other => other,
            });
        }
        if location.starts_with("//") {
            return Self::parse(&format!("http:{location}"));
        }
        let location = location.split('#').next().unwrap_or_default();
        let resource = if location.starts_with('/') {
            location.to_owned()
        } else {
            let path = self.resource.split('?').next().unwrap_or_default();
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            format!("{folder}/{location}")
        };
        Ok(Self { resource: encoded(&resource), ..self.clone() })
    }

    fn uri(&self) -> String {
        format!("{}{}", self.origin(), self.resource)
    }

    /// Scheme, host and port.
    fn origin(&self) -> String {
        match self.host {
            Host::Address(address @ IpAddr::V6(_)) => format!("http://[{address}]:{}", self.port),
            _ if self.port == 80 => format!("http://{}", self.host),
            _ => format!("http://{}:{}", self.host, self.port),
        }
    }
}

enum Step {
    Done(Vec<u8>),
    Redirect(String),
}

fn request(
    place: &Place,
    upload: Option<Upload<'_>>,
    bounds: Bounds,
    way: &WayOut,
    deadline: Instant,
) -> Result<Step, DownloadError> {
    let proxy = way.proxies.to(&place.host, place.port);
    let way = Way { proxy, names: &way.names, deadline };
    let connection = open(place, bounds, &way)?;
    // An HTTP proxy is given the whole address: to such it leads where it opens no tunnels.
    let asked = proxy.filter(|proxy| proxy.kind() == ProxyKind::Http);
    let prefix = asked.map(|_| place.origin()).unwrap_or_default();
    let time = remaining(deadline);
    if time.is_zero() {
        return Err(DownloadError::Timeout(bounds.time));
    }
    let config = Agent::config_builder()
        .proxy(None)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .timeout_global(Some(time))
        .max_idle_connections(0)
        .user_agent(concat!("keyward/", env!("CARGO_PKG_VERSION")))
        .accept("*/*")
        .build();
    let peer = connection.peer().map_err(|error| DownloadError::Http(error.to_string()))?;
    let agent = Agent::with_parts(config, Ready::new(connection, prefix), Resolved(peer));
    let failed = |error: ureq::Error| http_error(&error, bounds);
    let authorization = asked.and_then(Proxy::authorization);
    let response = match upload {
        None => {
            let mut request = agent.get(place.uri());
            if let Some(authorization) = &authorization {
                request = request.header(header::PROXY_AUTHORIZATION, authorization.as_str());
            }
            request.call()
        }
        Some(upload) => {
            let mut request = agent.post(place.uri()).header(header::CONTENT_TYPE, upload.content_type);
            if let Some(authorization) = &authorization {
                request = request.header(header::PROXY_AUTHORIZATION, authorization.as_str());
            }
            request.send(upload.body)
        }
    }
    .map_err(failed)?;
    let status = response.status();
    if matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        let location = response.headers().get(header::LOCATION);
        let location = location.map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned());
        return match location.filter(|location| !location.is_empty()) {
            Some(location) => Ok(Step::Redirect(location)),
            None => Err(DownloadError::NoLocation(status.as_u16())),
        };
    }
    if status != StatusCode::OK {
        return Err(DownloadError::Status(status.as_u16()));
    }
    let encoding = response.headers().get(header::CONTENT_ENCODING).map(|value| value.as_bytes());
    if let Some(encoding) = encoding.filter(|value| !value.eq_ignore_ascii_case(b"identity")) {
        return Err(DownloadError::Encoded(encoding.escape_ascii().to_string()));
    }
    let body = response.into_body();
    if body.content_length().is_some_and(|length| length > bounds.bytes) {
        return Err(DownloadError::TooLarge(bounds.bytes));
    }
    let mut bytes = Vec::new();
    body.into_reader()
        .take(bounds.bytes.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| failed(ureq::Error::from(error)))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= bounds.bytes) {
        Ok(Step::Done(bytes))
    } else {
        Err(DownloadError::TooLarge(bounds.bytes))
    }
}

/// A connection over which a place can be asked for.
fn open(place: &Place, bounds: Bounds, way: &Way<'_>) -> Result<Connection, DownloadError> {
    let mut log = Log::default();
    let failed = |cause: FetchCause| match cause {
        FetchCause::Timeout(_) => DownloadError::Timeout(bounds.time),
        cause => DownloadError::Host(cause.to_string()),
    };
    let addresses = way.addresses(&place.host, place.port, &mut log).map_err(failed)?;
    // One that must not be asked spoils all: a name that leads outside and inside is an attempt to get in.
    for address in addresses.iter().flatten() {
        if let Some(class) = LocalClass::of(address.ip())
            && !bounds.reach.permits(class)
        {
            return Err(DownloadError::Local { address: address.ip(), class });
        }
    }
    if addresses.is_none() && means_this_machine(&place.host) && !bounds.reach.permits(LocalClass::Loopback) {
        return Err(DownloadError::LocalName(place.host.to_string()));
    }
    let mut connection = match way.proxy {
        Some(proxy) if proxy.kind() == ProxyKind::Http => way.reach_proxy(proxy, &mut log),
        _ => way.connect(&place.host, place.port, addresses, &mut log).map(|(connection, _)| connection),
    }
    .map_err(failed)?;
    let body = usize::try_from(bounds.bytes).unwrap_or(usize::MAX);
    connection.begin(body.saturating_add(HEAD_BYTES));
    Ok(connection)
}

/// Bytes of a request and of what surrounds the body of an answer: its head, and the marks of its chunks.
const HEAD_BYTES: usize = 256 * 1024;

/// `localhost` and the names below it.
fn means_this_machine(host: &Host) -> bool {
    match host {
        Host::Name(name) => name.as_str() == "localhost" || name.as_str().ends_with(".localhost"),
        Host::Address(_) => false,
    }
}

fn http_error(error: &ureq::Error, bounds: Bounds) -> DownloadError {
    match error {
        ureq::Error::Timeout(_) => DownloadError::Timeout(bounds.time),
        ureq::Error::BodyExceedsLimit(_) => DownloadError::TooLarge(bounds.bytes),
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => {
            DownloadError::Timeout(bounds.time)
        }
        ureq::Error::Io(error) if error.get_ref().is_some_and(|inner| inner.is::<TooMuch>()) => {
            DownloadError::TooLarge(bounds.bytes)
        }
        ureq::Error::Io(error) => DownloadError::Http(error.to_string()),
        // A protocol error may repeat what the server said.
        other => DownloadError::Http(other.to_string().replace(char::is_control, "\u{fffd}")),
    }
}

fn unusable(address: &str) -> DownloadError {
    DownloadError::Address(format!("\"{}\"", address.escape_debug().take(100).collect::<String>()))
}

/// Percent-encodes what may not stand in a request line (RFC 3986 section 2.1): CAs of old put blanks
/// into their addresses.
fn encoded(resource: &str) -> String {
    let mut out = String::with_capacity(resource.len());
    for byte in resource.bytes() {
        if byte.is_ascii_graphic()
            && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
        {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// A number of bytes as people read it.
struct Size(u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MIB: u64 = 1024 * 1024;
        if self.0 >= MIB && self.0.is_multiple_of(MIB) {
            write!(f, "{} MiB", self.0 / MIB)
        } else {
            write!(f, "{} bytes", self.0)
        }
    }
}
