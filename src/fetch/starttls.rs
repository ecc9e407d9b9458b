//! Asking a server, in the clear, to go on with TLS.
//!
//! Each protocol is a machine that knows no socket: it is given what the server said and answers with what to
//! say next ([`Dialogue`]). What a server says here comes from anybody on the way: it is bounded, and shown
//! only escaped. Nothing of it is carried over into TLS: bytes that follow the server's consent are an error,
//! because whoever put them there wants them taken for the server's (RFC 3207 section 6, CVE-2011-0411).

mod ftp;
mod heard;
mod imap;
mod irc;
mod ldap;
mod lmtp;
mod mysql;
mod nntp;
mod pop3;
mod postgres;
mod reply;
mod sieve;
mod smtp;
mod telnet;
mod xml;
mod xmpp;

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::limits;
use heard::Heard;

#[cfg(test)]
mod tests;

/// A protocol with a way from plain text to TLS. The names are those of `openssl s_client -starttls`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StartTls {
    /// Mail submission and transfer (RFC 3207).
    Smtp,
    /// Local mail transfer (RFC 2033).
    Lmtp,
    /// POP3 (RFC 2595).
    Pop3,
    /// IMAP (RFC 9051).
    Imap,
    /// FTP (RFC 4217).
    Ftp,
    /// NNTP (RFC 4642).
    Nntp,
    /// ManageSieve (RFC 5804).
    Sieve,
    /// XMPP, as a client (RFC 6120).
    Xmpp,
    /// XMPP, as a server (RFC 6120).
    XmppServer,
    /// IRC (the `STARTTLS` of IRCv3).
    Irc,
    /// LDAP (RFC 4511 section 4.14).
    Ldap,
    /// PostgreSQL (its protocol's `SSLRequest`).
    Postgres,
    /// MySQL and MariaDB (their protocol's `SSLRequest`).
    MySql,
    /// Telnet (draft-altman-telnet-starttls).
    Telnet,
}

impl StartTls {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Smtp,
        Self::Lmtp,
        Self::Pop3,
        Self::Imap,
        Self::Ftp,
        Self::Nntp,
        Self::Sieve,
        Self::Xmpp,
        Self::XmppServer,
        Self::Irc,
        Self::Ldap,
        Self::Postgres,
        Self::MySql,
        Self::Telnet,
    ];

    /// The name, as it is typed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Lmtp => "lmtp",
            Self::Pop3 => "pop3",
            Self::Imap => "imap",
            Self::Ftp => "ftp",
            Self::Nntp => "nntp",
            Self::Sieve => "sieve",
            Self::Xmpp => "xmpp",
            Self::XmppServer => "xmpp-server",
            Self::Irc => "irc",
            Self::Ldap => "ldap",
            Self::Postgres => "postgres",
            Self::MySql => "mysql",
            Self::Telnet => "telnet",
        }
    }

    /// The port of the protocol in the registry of IANA.
    #[must_use]
    pub fn port(self) -> u16 {
        match self {
            Self::Smtp => 25,
            Self::Lmtp => 24,
            Self::Pop3 => 110,
            Self::Imap => 143,
            Self::Ftp => 21,
            Self::Nntp => 119,
            Self::Sieve => 4190,
            Self::Xmpp => 5222,
            Self::XmppServer => 5269,
            Self::Irc => 6667,
            Self::Ldap => 389,
            Self::Postgres => 5432,
            Self::MySql => 3306,
            Self::Telnet => 23,
        }
    }

    /// The protocol that is spoken on a port before TLS, by the registry of IANA. 587 is mail submission.
    #[must_use]
    pub fn of_port(port: u16) -> Option<Self> {
        if port == 587 {
            return Some(Self::Smtp);
        }
        Self::ALL.into_iter().find(|protocol| protocol.port() == port)
    }
}

impl fmt::Display for StartTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no protocol's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such protocol with STARTTLS")]
pub struct UnknownProtocol;

impl FromStr for StartTls {
    type Err = UnknownProtocol;

    /// Reads a name, in any case; `postgresql`, `pop`, `mariadb` and `xmpp-client` are taken too.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.to_ascii_lowercase();
        Self::ALL.into_iter().find(|protocol| protocol.name() == text).map_or_else(
            || match text.as_str() {
                "postgresql" => Ok(Self::Postgres),
                "mariadb" => Ok(Self::MySql),
                "pop" => Ok(Self::Pop3),
                "xmpp-client" => Ok(Self::Xmpp),
                _ => Err(UnknownProtocol),
            },
            Ok,
        )
    }
}

/// Why a server did not come as far as TLS. What it said is escaped and cut.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartTlsError {
    /// It said no.
    #[error("the server refused: \"{0}\"")]
    Refused(String),
    /// It has no TLS, by what it says of itself.
    #[error("the server does not offer TLS: {0}")]
    NotOffered(String),
    /// It said what the protocol does not have in this place.
    #[error("the server does not speak this protocol: it said \"{0}\"")]
    Unexpected(String),
    /// It said more after its consent, where only TLS may follow. It may have been put there by another.
    #[error("plain text follows the server's consent, where TLS has to begin: \"{0}\"")]
    Injected(String),
    /// It said more than [`limits::STARTTLS_BYTES`].
    #[error("the server said more than {} bytes before TLS", limits::STARTTLS_BYTES)]
    TooLarge,
    /// It closed the connection; what it had said, if anything, was not finished.
    #[error("the server closed the connection{}", after(.0))]
    Closed(String),
}

impl StartTlsError {
    /// The stable name, for scripts.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Refused(_) | Self::NotOffered(_) => "starttls-refused",
            Self::Unexpected(_) => "starttls-protocol",
            Self::Injected(_) => "starttls-injection",
            Self::TooLarge => "too-large",
            Self::Closed(_) => "connection-closed",
        }
    }

    /// The server said no, in these bytes.
    fn refused(said: &[u8]) -> Self {
        Self::Refused(words(said))
    }

    /// These bytes do not belong here.
    fn unexpected(said: &[u8]) -> Self {
        Self::Unexpected(words(said))
    }
}

fn after(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(" after it had said \"{said}\"") }
}

/// What the client calls itself and the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// The domain that the server is asked for (XMPP's `to`).
    pub server: String,
    /// The client's address, which stands for its name (the address literal of RFC 5321 section 4.1.3).
    pub client: IpAddr,
}

/// What the client does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It needs to hear more.
    Wait,
    /// It says this, and takes its next turn at once.
    Say(Vec<u8>),
    /// It begins with TLS.
    Begin,
}

/// A protocol, played one step after the other.
trait Machine: fmt::Debug + Send {
    /// The next step, from what was heard; what has been understood is taken off it. Must not ask for
    /// [`Turn::Say`] without end while nothing is heard.
    fn turn(&mut self, heard: &mut Heard) -> Result<Turn, StartTlsError>;
}

/// A conversation up to the point where TLS begins.
#[derive(Debug)]
pub struct Dialogue {
    machine: Box<dyn Machine>,
    heard: Heard,
    total: usize,
}

impl Dialogue {
    /// Starts one. Nothing was said yet.
    #[must_use]
    pub fn new(protocol: StartTls, names: &Names) -> Self {
        let machine: Box<dyn Machine> = match protocol {
            StartTls::Smtp => Box::new(smtp::Smtp::new("EHLO", names)),
            StartTls::Lmtp => Box::new(lmtp::new(names)),
            StartTls::Pop3 => Box::new(pop3::Pop3::default()),
            StartTls::Imap => Box::new(imap::Imap::default()),
            StartTls::Ftp => Box::new(ftp::Ftp::default()),
            StartTls::Nntp => Box::new(nntp::Nntp::default()),
            StartTls::Sieve => Box::new(sieve::Sieve::default()),
            StartTls::Xmpp => Box::new(xmpp::Xmpp::new("jabber:client", names)),
            StartTls::XmppServer => Box::new(xmpp::Xmpp::new("jabber:server", names)),
            StartTls::Irc => Box::new(irc::Irc::default()),
            StartTls::Ldap => Box::new(ldap::Ldap::default()),
            StartTls::Postgres => Box::new(postgres::Postgres::default()),
            StartTls::MySql => Box::new(mysql::MySql::default()),
            StartTls::Telnet => Box::new(telnet::Telnet::default()),
        };
        Self { machine, heard: Heard::default(), total: 0 }
    }

    /// Takes what the server said.
    ///
    /// # Errors
    ///
    /// [`StartTlsError::TooLarge`] when it said more than [`limits::STARTTLS_BYTES`].
    pub fn hear(&mut self, bytes: &[u8]) -> Result<(), StartTlsError> {
        self.total = self.total.saturating_add(bytes.len());
        if self.total > limits::STARTTLS_BYTES {
            return Err(StartTlsError::TooLarge);
        }
        self.heard.push(bytes);
        Ok(())
    }

    /// The client's next turn.
    ///
    /// # Errors
    ///
    /// [`StartTlsError`] when the server does not go on to TLS, or says more after it agreed to.
    pub fn turn(&mut self) -> Result<Turn, StartTlsError> {
        let turn = self.machine.turn(&mut self.heard)?;
        match (&turn, self.heard.rest()) {
            (Turn::Begin, rest @ [_, ..]) => Err(StartTlsError::Injected(words(rest))),
            _ => Ok(turn),
        }
    }

    /// What it means that the server closed the connection now.
    #[must_use]
    pub fn closed(&self) -> StartTlsError {
        StartTlsError::Closed(words(self.heard.rest()))
    }
}

/// Words of a peer, fit for a message: one line, what is not printable escaped, at most
/// [`limits::PEER_WORDS`] characters.
pub(super) fn words(said: &[u8]) -> String {
    let text =
        String::from_utf8_lossy(said.get(..said.len().min(limits::STARTTLS_BYTES)).unwrap_or_default());
    let line = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    let mut out = String::new();
    for (count, character) in line.chars().enumerate() {
        if count >= limits::PEER_WORDS {
            out.push('…');
            break;
        }
        match character {
            '"' | '\'' | '\\' => out.push(character),
            other => out.extend(other.escape_debug()),
        }
    }
    out
}
