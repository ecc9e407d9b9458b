//! The only client of the network: the chain that a server presents, and the certificates that AIA
//! addresses give.
//!
//! [`fetch`] records and judges nothing. The chain is taken down inside the TLS verifier, so that it is there
//! for expired, self-signed, foreign and unreadable certificates, and also when the server goes on to
//! demand a client certificate or to abort.

mod address;
mod alert;
pub mod attempt;
mod connection;
mod download;
mod error;
mod group;
mod handshake;
mod issuers;
mod many;
mod message;
mod overheard;
mod p521;
mod path_request;
pub mod plaintext;
mod proxy;
mod record;
mod resolver;
mod revocation;
mod route;
pub mod starttls;
mod target;
mod verifier;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::limits;
use crate::model::{ClientAuthRequest, EncodedCertificate};

pub use address::LocalClass;
pub use error::{FetchCause, FetchError, Phase};
pub use group::{Group, UnknownGroup};
pub use issuers::{AiaAnswers, AiaIssuers, AiaOptions, AiaReach};
pub use many::{Delivery, Fetched, Pace, fetch_all, fetch_each};
pub use message::MessageError;
pub use path_request::PathAnswer;
pub use proxy::{Bypass, Proxies, Proxy, ProxyAddressError, ProxyError, ProxyKind};
pub use record::RecordError;
pub use resolver::Resolver;
pub use revocation::{RevocationAddresses, RevocationOptions};
pub use starttls::{StartTls, StartTlsError};
pub use target::{
    Host, HostName, ListError, Opening, Target, TargetError, target_of_line, targets_from_list,
};
pub use verifier::KeyProof;

/// The server name indication (RFC 6066 section 3) that a fetch sends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Sni {
    /// The target's host where it is a name, none where it is an address.
    #[default]
    FromTarget,
    /// None.
    None,
    /// This name.
    Name(HostName),
}

/// What is spoken before TLS (STARTTLS).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StartTlsChoice {
    /// What the target's scheme says, else what is spoken on its port by the registry of IANA.
    #[default]
    ByTarget,
    /// This protocol, unless the target's scheme says otherwise.
    Always(StartTls),
    /// Nothing: TLS begins at once.
    Never,
}

impl StartTlsChoice {
    /// What is spoken to a target that is connected to at a place.
    fn of(self, target: &Target, place: &Target) -> Option<StartTls> {
        let opening = target.opening().or(place.opening());
        match (self, opening) {
            (Self::Never, _) | (_, Some(Opening::Tls)) => None,
            (_, Some(Opening::StartTls(protocol))) | (Self::Always(protocol), None) => Some(protocol),
            (Self::ByTarget, None) => {
                StartTls::of_port(target.port()).or_else(|| StartTls::of_port(place.port()))
            }
        }
    }
}

/// When certificates are read in the clear, without keys (TLS 1.2 and older).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Plaintext {
    /// Where the server ends the handshake before its certificates were seen.
    #[default]
    Auto,
    /// In any case; no handshake is made.
    Always,
    /// Not at all.
    Never,
}

/// The protocol versions that a handshake offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Versions {
    /// TLS 1.2 and 1.3.
    #[default]
    Both,
    /// TLS 1.2 only.
    Tls12,
    /// TLS 1.3 only.
    Tls13,
}

impl Versions {
    fn offered(self) -> &'static [&'static rustls::SupportedProtocolVersion] {
        static TLS12: [&rustls::SupportedProtocolVersion; 1] = [&rustls::version::TLS12];
        static TLS13: [&rustls::SupportedProtocolVersion; 1] = [&rustls::version::TLS13];
        match self {
            Self::Both => rustls::DEFAULT_VERSIONS,
            Self::Tls12 => &TLS12,
            Self::Tls13 => &TLS13,
        }
    }
}

/// How certificates were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// In a handshake, which the server's signature is part of.
    Handshake,
    /// In the clear. Whoever answered has not shown that it holds the key.
    Plaintext {
        /// Why the handshake failed; `None` where none was tried.
        after: Option<FetchCause>,
    },
}

/// How chains are fetched.
#[derive(Clone, Debug)]
pub struct Options {
    /// The server name to send.
    pub sni: Sni,
    /// Where to connect, if not to the target itself: a node behind a load balancer, a forwarded port.
    pub connect: Option<Target>,
    /// Time for the whole fetch of one target: resolving, connecting, what comes before TLS, and the handshake.
    /// More than [`limits::TIME_MOST`] counts as that.
    pub timeout: Duration,
    /// Protocols to offer (RFC 7301); none sends no such extension.
    pub alpn: Vec<Vec<u8>>,
    /// What is spoken before TLS.
    pub start_tls: StartTlsChoice,
    /// The way out.
    pub proxies: Proxies,
    /// Groups for the key exchange, in this order; the first one's share goes along with the ClientHello.
    pub groups: Vec<Group>,
    /// Whether certificates may be read in the clear.
    pub plaintext: Plaintext,
    /// The versions that a handshake offers.
    pub versions: Versions,
    /// A path that is requested by HTTP after the handshake, to see whether a client certificate is asked for then.
    pub path: Option<String>,
    /// The names that were resolved; clones of the options share them.
    pub resolver: Arc<Resolver>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            sni: Sni::default(),
            connect: None,
            timeout: limits::HANDSHAKE_TIME,
            alpn: Vec::new(),
            start_tls: StartTlsChoice::default(),
            proxies: Proxies::none(),
            groups: Group::USUAL.to_vec(),
            plaintext: Plaintext::default(),
            versions: Versions::default(),
            path: None,
            resolver: Arc::default(),
        }
    }
}

/// The time that each part of a fetch took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// Asking the resolver, or waiting for another who asks for the same name.
    pub resolve: Duration,
    /// Connecting, to the proxy where there is one.
    pub connect: Duration,
    /// Asking the proxy for the way.
    pub proxy: Option<Duration>,
    /// What was spoken before TLS.
    pub start_tls: Option<Duration>,
    /// The handshake, and the server's word on a client certificate.
    pub handshake: Duration,
}

/// What a server wants of a client's certificate, as far as a handshake without one shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientCertificate {
    /// It does not ask, at least not in the handshake.
    NotRequested,
    /// It asks; whether it goes on without one did not show.
    Requested,
    /// It asks, and goes on without one.
    Optional,
    /// It asks, and refused to go on without one.
    Required,
}

/// What a server presented in a handshake.
#[derive(Clone, Debug)]
pub struct Presented {
    /// The certificates in the order in which they were sent, unread. Never empty.
    pub chain: Vec<EncodedCertificate>,
    /// Certificates sent beyond [`limits::PRESENTED_CERTIFICATES`], which are not in `chain`.
    pub omitted: usize,
    /// Whether the server holds the key of the first certificate.
    pub key_proof: KeyProof,
    /// The protocol version, such as `TLSv1.3`.
    pub protocol: Option<String>,
    /// The cipher suite by its registered name, such as `TLS_AES_256_GCM_SHA384`.
    pub cipher_suite: Option<String>,
    /// The key exchange group, such as `x25519`.
    pub group: Option<String>,
    /// The application protocol that the server chose.
    pub alpn: Option<String>,
    /// The address that answered: the proxy's, where there is one.
    pub peer: SocketAddr,
    /// The server's own address; `None` where only a proxy knows it.
    pub server: Option<IpAddr>,
    /// The proxy, without its credentials.
    pub proxy: Option<String>,
    /// What was spoken before TLS.
    pub start_tls: Option<StartTls>,
    /// The stapled answer about revocation, unread (RFC 6066 section 8).
    pub ocsp: Option<Vec<u8>>,
    /// What the server wants of a client's certificate.
    pub client_certificate: ClientCertificate,
    /// Its request for one, complete and in its order; `None` where it did not ask, or its message could not be read.
    pub client_request: Option<ClientAuthRequest>,
    /// Why the request could not be read, where it came.
    pub request_unread: Option<String>,
    /// What came of the request for [`Options::path`].
    pub path_answer: Option<PathAnswer>,
    /// The stamps of certificate transparency that came in the handshake, unread (RFC 6962 section 3.3.1). Asked for
    /// only where certificates are read in the clear.
    pub scts: Option<Vec<u8>>,
    /// How the certificates were read.
    pub reading: Reading,
    /// What ended the handshake after the chain had come; `None` where it was finished.
    pub ended: Option<FetchCause>,
    /// The time of the whole fetch.
    pub elapsed: Duration,
    /// The time of its parts.
    pub times: Times,
}

impl Presented {
    /// Whether the server proved that it holds the key of the first certificate.
    #[must_use]
    pub fn key_proved(&self) -> bool {
        self.key_proof == KeyProof::Proved
    }
}

/// Fetches the chain that a target presents.
///
/// Neither names, dates, signatures of certificates nor trust are checked; the server's signature over the
/// handshake is checked and only recorded. TLS 1.2 and 1.3 are spoken; of a server
/// that wants something else the chain is read in the clear, where that can be ([`Plaintext`]). A certificate message
/// of more than 64 KiB is refused by the TLS library ([`FetchCause::TooLarge`]).
///
/// # Errors
///
/// [`FetchError`] when no chain came. A handshake that breaks after the chain came is no error:
/// [`Presented::ended`] says how it did.
pub fn fetch(target: &Target, options: &Options) -> Result<Presented, FetchError> {
    fetch_until(target, options, None)
}

/// The same, by a time that may be nearer than the options say.
fn fetch_until(target: &Target, options: &Options, until: Option<Instant>) -> Result<Presented, FetchError> {
    let start = Instant::now();
    let deadline = address::deadline(start, options.timeout);
    let deadline = until.map_or(deadline, |until| deadline.min(until));
    let mut log = route::Log::default();
    attempt(target, options, deadline, &mut log)
        .map(|presented| Presented { elapsed: start.elapsed(), ..presented })
        .map_err(|cause| FetchError {
            target: target.clone(),
            tried: once(log.tried).into(),
            elapsed: start.elapsed(),
            cause,
        })
}

/// Each address once, where several connections were made.
fn once(tried: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let mut seen = std::collections::HashSet::new();
    tried.into_iter().filter(|address| seen.insert(*address)).collect()
}

fn attempt(
    target: &Target,
    options: &Options,
    deadline: Instant,
    log: &mut route::Log,
) -> Result<Presented, FetchCause> {
    let after = match options.plaintext {
        Plaintext::Always => None,
        Plaintext::Auto | Plaintext::Never => match handshake(target, options, deadline, log) {
            Err(cause) if options.plaintext == Plaintext::Auto && ended_unseen(&cause) => Some(cause),
            answer => return answer,
        },
    };
    let mut opened = None;
    let mut start = Instant::now();
    let shown = plaintext::read(target, options, || {
        let opening = route::open(target, options, deadline, log)?;
        start = Instant::now();
        let (connection, place) = Place::of(opening);
        opened = Some(place);
        Ok(connection)
    });
    let reading = Reading::Plaintext { after: after.clone() };
    match (shown, opened) {
        (Ok(shown), Some(place)) => Ok(place.presented(shown, reading, start.elapsed(), log)),
        // What the server wants says more than what it refused.
        (Err(FetchCause::Incompatible(words)), _) => Err(FetchCause::Incompatible(words)),
        (Err(cause), _) => Err(after.unwrap_or(cause)),
        (Ok(_), None) => Err(FetchCause::NoCertificate),
    }
}

/// Whether the server ended a handshake in which no certificate was seen: nothing was found that both sides can, or,
/// before TLS 1.3, it gave up between its certificates and the end of its flight, where the TLS library looks at them.
/// Reading in the clear may help then.
fn ended_unseen(cause: &FetchCause) -> bool {
    matches!(cause, FetchCause::Incompatible(_) | FetchCause::Closed(_) | FetchCause::Alert { .. })
}

/// A handshake, and what was asked for after it.
fn handshake(
    target: &Target,
    options: &Options,
    deadline: Instant,
    log: &mut route::Log,
) -> Result<Presented, FetchCause> {
    let shake = |versions: &[_], log: &mut route::Log| {
        let (mut connection, place) = Place::of(route::open(target, options, deadline, log)?);
        let start = Instant::now();
        let shown = handshake::shake(&mut connection, target, options, versions)?;
        Ok(place.presented(shown, Reading::Handshake, start.elapsed(), log))
    };
    let mut presented = shake(options.versions.offered(), log)?;
    let unseen = presented.path_answer.as_ref().is_some_and(|answer| answer.renegotiation.is_none());
    if unseen && presented.client_certificate == ClientCertificate::NotRequested {
        let times = log.times;
        let older: Result<Presented, FetchCause> = shake(&[&rustls::version::TLS12], log);
        log.times = times;
        if let Ok(Presented { path_answer: answer @ Some(_), .. }) = older {
            presented.path_answer = answer;
        }
    }
    Ok(presented)
}

/// Where a connection leads, apart from it.
struct Place {
    peer: SocketAddr,
    server: Option<IpAddr>,
    proxy: Option<String>,
    start_tls: Option<StartTls>,
}

impl Place {
    fn of(opened: route::Opened) -> (connection::Connection, Self) {
        let route::Opened { connection, peer, server, proxy, start_tls } = opened;
        (connection, Self { peer, server, proxy, start_tls })
    }

    fn presented(
        self,
        shown: handshake::Shown,
        reading: Reading,
        handshake: Duration,
        log: &route::Log,
    ) -> Presented {
        Presented {
            chain: shown.chain,
            omitted: shown.omitted,
            key_proof: shown.key_proof,
            protocol: shown.protocol,
            cipher_suite: shown.cipher_suite,
            group: shown.group,
            alpn: shown.alpn,
            peer: self.peer,
            server: self.server,
            proxy: self.proxy,
            start_tls: self.start_tls,
            ocsp: shown.ocsp,
            client_certificate: shown.client_certificate,
            client_request: shown.client_request,
            request_unread: shown.request_unread,
            path_answer: shown.path_answer,
            scts: shown.scts,
            reading,
            ended: shown.ended,
            elapsed: Duration::ZERO,
            times: Times { handshake, ..log.times },
        }
    }
}
