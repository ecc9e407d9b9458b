//! The chain that a verb is about: of a server, of a file, or of the private key in a keystore.

use keyward::chain::names::ServerName;
use keyward::model::key_store::EntryKind;
use keyward::model::{Certificate, EncodedCertificate};

use crate::args::ConnectArgs;
use crate::connection::NoHandshake;
use crate::exit::Failure;
use crate::output::Output;
use crate::purse::Purse;
use crate::source::{self, Source};
use crate::{connection, shell, store};

/// A chain: what it is called, whom it has to be for, where it came from.
pub(crate) struct Chain {
    /// The target or file as reports call it.
    pub(crate) label: String,
    /// The target's host; a file has none.
    pub(crate) host: Option<ServerName>,
    /// As it was sent or stored.
    pub(crate) presented: Vec<EncodedCertificate>,
    /// The address of the server that sent it.
    pub(crate) peer: Option<std::net::IpAddr>,
    /// The answer about revocation that the server stapled, unread.
    pub(crate) ocsp: Option<Vec<u8>>,
    /// Whether the server wants a client certificate; `None` for a file.
    pub(crate) client_certificate: Option<&'static str>,
    /// What kept it from being had in a handshake.
    pub(crate) no_handshake: Option<NoHandshake>,
    /// The entry whose chain it is, where it was in a keystore.
    pub(crate) alias: Option<String>,
}

/// Reads it.
pub(crate) fn read(
    source: &Source,
    connect: &ConnectArgs,
    purse: &mut Purse,
    output: &mut Output,
) -> Result<Chain, Failure> {
    let label = source.label();
    let reading = match source {
        Source::Target(target) => {
            let presented = connection::fetch(target, connect)?;
            return Ok(Chain {
                label,
                host: Some(connection::server_name(target)),
                client_certificate: Some(connection::client_certificate(&presented)),
                no_handshake: connection::no_handshake(&presented),
                alias: None,
                presented: presented.chain,
                ocsp: presented.ocsp,
                peer: presented.server,
            });
        }
        Source::File(path) => match source::certificates_of_file(path) {
            Err(failure) if failure.id == "is-a-keystore" => {
                let opened = store::open_input(path, purse)?;
                let entries = opened.store.entries();
                let key =
                    entries.iter().find(|entry| entry.kind == EntryKind::PrivateKey).ok_or_else(|| {
                        Failure::unusable(
                            "no-key-entry",
                            format!("{label} holds no private key with a chain"),
                        )
                        .hint(format!(
                            "to look at a trust store: {}",
                            shell::command(["keyward", "trust", "list", &label])
                        ))
                    })?;
                let presented = key.chain.iter().map(|certificate| (*certificate).clone()).collect();
                return Ok(Chain { alias: Some(key.alias.clone()), ..Chain::of_file(label, presented) });
            }
            other => other?,
        },
        Source::Stdin => source::certificates(&source::read_stdin()?, "standard input")?,
    };
    for note in &reading.notes {
        output.warn(note);
    }
    let presented = reading.certificates.iter().map(|c: &Certificate| c.into()).collect();
    Ok(Chain::of_file(label, presented))
}

impl Chain {
    /// One that no server presented.
    fn of_file(label: String, presented: Vec<EncodedCertificate>) -> Self {
        Self {
            label,
            host: None,
            presented,
            peer: None,
            ocsp: None,
            client_certificate: None,
            no_handshake: None,
            alias: None,
        }
    }
}

/// The name of a server, as `--name` gives it.
pub(crate) fn server_name(text: &str) -> Result<ServerName, Failure> {
    ServerName::parse(text).map_err(|error| Failure::unusable("not-a-name", error))
}
