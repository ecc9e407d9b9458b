//! A reader without keys: up to TLS 1.2 the server's certificates travel in the clear, so whoever sends a
//! ClientHello can read them, whatever version, suite, group and key the server wants.
//!
//! Nothing is proved by what is read so: whoever answers may have copied the certificates from elsewhere.

mod flight;
mod hello;

#[cfg(test)]
mod tests;

use std::io::{self, Read, Write};

use super::connection::{Connection, TooMuch};
use super::error::{FetchCause, Phase, quoted};
use super::handshake::Shown;
use super::message::{self, ServerHello};
use super::target::{Host, Target};
use super::verifier::KeyProof;
use super::{ClientCertificate, Options, Sni, alert};
pub use flight::{FlightError, Progress, ServerFlight};
use hello::Offer;

/// Reads a chain in the clear. `connect` gives a new connection for each ClientHello that has to be tried, of which
/// there are three at most.
pub(super) fn read(
    target: &Target,
    options: &Options,
    mut connect: impl FnMut() -> Result<Connection, FetchCause>,
) -> Result<Shown, FetchCause> {
    let refusal = match converse(&mut connect()?, Offer::UpTo12, target, options) {
        Err(refusal) if is_refusal(&refusal) => refusal,
        answer => return answer,
    };
    // What else a server that wants none of that may want: TLS 1.3, or a hello that it understands.
    match converse(&mut connect()?, Offer::Ask13, target, options) {
        Err(FetchCause::Incompatible(words)) => return Err(FetchCause::Incompatible(words)),
        Err(_) => {}
        answer => return answer,
    }
    match converse(&mut connect()?, Offer::Plain10, target, options) {
        Err(_) => Err(refusal),
        answer => answer,
    }
}

/// Whether a server said no to a hello, and may say yes to another.
fn is_refusal(cause: &FetchCause) -> bool {
    // unexpected_message, handshake_failure, illegal_parameter, decode_error, protocol_version,
    // insufficient_security, internal_error
    matches!(
        cause,
        FetchCause::Alert { number: 10 | 40 | 47 | 50 | 70 | 71 | 80, .. } | FetchCause::Closed(0)
    )
}

fn converse(
    connection: &mut Connection,
    offer: Offer,
    target: &Target,
    options: &Options,
) -> Result<Shown, FetchCause> {
    let mut random = [0; 32];
    aws_lc_rs::rand::fill(&mut random)
        .map_err(|_| FetchCause::Internal("no random numbers are to be had".to_owned()))?;
    let hello = hello::client_hello(offer, name(target, options), &options.alpn, &random);
    let mut flight = ServerFlight::new();
    let said = connection.write_all(&hello);
    let mut ended = match said {
        Ok(()) => listen(connection, &mut flight).err(),
        // The server's alert may wait to be read.
        Err(error) => listen(connection, &mut flight).err().or_else(|| Some(cause(connection, &error))),
    };
    if flight.chain.is_empty() {
        return Err(match ended.take() {
            Some(ended) => ended,
            None => without_chain(&flight),
        });
    }
    // user_canceled and close_notify, as warnings (RFC 8446 section 6.1): the server need not wonder.
    let _ = connection.write_all(&[21, 3, 1, 0, 2, 1, 90, 21, 3, 1, 0, 2, 1, 0]);
    let hello = flight.hello.take().unwrap_or_default();
    let ServerHello { version, suite, alpn, scts, .. } = hello;
    Ok(Shown {
        client_certificate: match flight.request {
            Some(_) => ClientCertificate::Requested,
            None => ClientCertificate::NotRequested,
        },
        chain: flight.chain,
        omitted: flight.omitted,
        key_proof: KeyProof::Absent,
        protocol: Some(message::version_name(version)),
        cipher_suite: Some(message::suite_name(suite)),
        group: flight.group,
        alpn: alpn.map(|name| name.escape_ascii().to_string()),
        ocsp: flight.ocsp,
        scts,
        client_request: flight.request,
        request_unread: None,
        path_answer: None,
        ended,
    })
}

/// Reads until the flight is over.
fn listen(connection: &mut Connection, flight: &mut ServerFlight) -> Result<(), FetchCause> {
    let mut buffer = [0; 16 * 1024];
    loop {
        let count = match connection.read(&mut buffer) {
            Ok(0) => return Err(closed(connection)),
            Ok(count) => count,
            Err(error) => return Err(cause(connection, &error)),
        };
        if let Some(words) = connection.first_words_unlike_tls() {
            return Err(FetchCause::NotTls(quoted(words)));
        }
        match flight.hear(buffer.get(..count).unwrap_or_default()) {
            Ok(Progress::More) => {}
            Ok(Progress::Done | Progress::Hidden) => return Ok(()),
            Ok(Progress::Alert(number)) => return Err(alert::cause(number)),
            Err(error) => return Err(broken(&error)),
        }
    }
}

/// Why a flight that came to its end showed no certificate.
fn without_chain(flight: &ServerFlight) -> FetchCause {
    let Some(hello) = flight.hello.as_ref().filter(|hello| hello.version >= 0x0304) else {
        return FetchCause::NoCertificate;
    };
    let mut words =
        "the server speaks TLS 1.3, which hides its certificates from a reader without keys".to_owned();
    let suite = message::suite_name(hello.suite);
    if !(0x1301..=0x1303).contains(&hello.suite) {
        words = format!("the server wants TLS 1.3 with {suite}, which keyward cannot speak");
    }
    if let Some(group) = hello.group.filter(|group| !CAN.contains(group)) {
        let group = message::group_name(group);
        words = format!(
            "the server wants TLS 1.3 with the key-exchange group {group}, which keyward cannot speak"
        );
    }
    FetchCause::Incompatible(words)
}

/// Groups in which keyward can exchange keys on TLS 1.3.
const CAN: [u16; 8] = [23, 24, 25, 29, 513, 514, 4587, 4588];

fn broken(error: &FlightError) -> FetchCause {
    use super::record::RecordError as R;
    match error {
        FlightError::Record(
            R::RecordTooLong { .. } | R::TooManyRecords(_) | R::Idle(_) | R::MessageTooLong { .. },
        ) => FetchCause::TooLarge(error.to_string()),
        _ => FetchCause::Broken(error.to_string()),
    }
}

fn closed(connection: &Connection) -> FetchCause {
    match connection.first_words_unlike_tls() {
        Some(words) => FetchCause::NotTls(quoted(words)),
        None => FetchCause::Closed(connection.received()),
    }
}

fn cause(connection: &Connection, error: &io::Error) -> FetchCause {
    use io::ErrorKind as Kind;
    if error.get_ref().is_some_and(|inner| inner.is::<TooMuch>()) {
        return FetchCause::TooLarge(error.to_string());
    }
    match error.kind() {
        Kind::TimedOut => FetchCause::Timeout(Phase::Handshake),
        Kind::BrokenPipe | Kind::ConnectionReset | Kind::ConnectionAborted | Kind::UnexpectedEof => {
            closed(connection)
        }
        _ => FetchCause::Connection(error.to_string()),
    }
}

/// The name to send (RFC 6066 section 3: never an address).
fn name<'a>(target: &'a Target, options: &'a Options) -> Option<&'a str> {
    match (&options.sni, target.host()) {
        (Sni::Name(name), _) | (Sni::FromTarget, Host::Name(name)) => Some(name.as_str()),
        (Sni::FromTarget, Host::Address(_)) | (Sni::None, _) => None,
    }
}
