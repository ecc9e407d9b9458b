//! From the connection arguments to a fetch, and from its failure to advice.

use keyward::chain::names::ServerName;
use keyward::fetch::{
    self, ClientCertificate, FetchCause, FetchError, Host, HostName, Options, Presented, Sni, Target,
};

use crate::args::ConnectArgs;
use crate::exit::{Exit, Failure};
use crate::source;

/// How the targets of a call are fetched.
pub(crate) fn options(args: &ConnectArgs, of: Option<&Target>) -> Result<Options, Failure> {
    let sni = match args.sni.as_deref() {
        None => Sni::FromTarget,
        Some("none") => Sni::None,
        Some(name) => Sni::Name(
            HostName::parse(name)
                .map_err(|error| Failure::unusable("not-a-name", format!("--sni: {error}")))?,
        ),
    };
    let connect = args.connect.as_deref().map(|text| place(text, of)).transpose()?;
    Ok(Options { sni, connect, timeout: args.timeout, ..Options::default() })
}

/// Fetches one target.
pub(crate) fn fetch(target: &Target, args: &ConnectArgs) -> Result<Presented, Failure> {
    let options = options(args, Some(target))?;
    fetch::fetch(target, &options).map_err(|error| failure(&error))
}

/// Whether the server wants a client certificate, as the JSON says it.
pub(crate) fn client_certificate(presented: &Presented) -> &'static str {
    match presented.client_certificate {
        ClientCertificate::NotRequested => "not-requested",
        ClientCertificate::Requested => "requested",
        ClientCertificate::Optional => "optional",
        ClientCertificate::Required => "required",
    }
}

/// The name that a certificate of the target has to be for.
pub(crate) fn server_name(target: &Target) -> ServerName {
    match target.host() {
        Host::Name(name) => ServerName::Dns(name.as_str().to_owned()),
        Host::Address(address) => ServerName::Ip(*address),
    }
}

/// A fetch that failed, with the next thing to try.
pub(crate) fn failure(error: &FetchError) -> Failure {
    let failure =
        Failure { exit: Exit::World, id: error.id(), message: error.to_string(), hints: Vec::new() };
    match &error.cause {
        FetchCause::Resolve(_) => {
            failure.hint("check the name; to give the address by hand: --connect ADDRESS")
        }
        FetchCause::Refused => failure.hint("nothing listens there: check the port, and whether the server runs"),
        FetchCause::Timeout(fetch::Phase::Connect) => {
            failure.hint("a firewall may drop the packets; to wait longer: --timeout 60s")
        }
        FetchCause::Timeout(fetch::Phase::Handshake) => {
            failure.hint("the port may not speak TLS, or wait for the client to speak first (STARTTLS)")
        }
        FetchCause::NotTls(_) => failure
            .hint("the port speaks another protocol: look for the TLS port (443, 8443, 636, 993, …)"),
        FetchCause::Closed(_) => failure.hint(
            "a proxy or SNI router in between may close unknown names: compare with --sni none, or another --sni",
        ),
        FetchCause::Alert { name, .. } if *name == "unrecognized_name" => {
            failure.hint("the server does not know the name: give one that it serves with --sni NAME")
        }
        _ => failure,
    }
}

/// Where to connect: an address or a name, with the target's port unless it has one of its own.
fn place(text: &str, of: Option<&Target>) -> Result<Target, Failure> {
    let parsed = source::target(text)?;
    let has_port = matches!(text.rsplit_once(':'), Some((host, port))
        if port.chars().all(|c| c.is_ascii_digit()) && !port.is_empty() && (!host.contains(':') || host.ends_with(']')));
    match of {
        Some(target) if !has_port => Ok(Target::new(parsed.host().clone(), target.port())),
        _ => Ok(parsed),
    }
}
