//! From the connection arguments to a fetch, and from its failure to advice.

use std::net::IpAddr;

use keyward::chain::names::ServerName;
use keyward::chain::rules::RuleSet;
use keyward::chain::rules::jsse::Security;
use keyward::fetch::{
    self, AiaReach, Bypass, ClientCertificate, FetchCause, FetchError, Host, HostName, Options, Plaintext,
    Presented, Proxies, Proxy, ProxyError, Reading, Sni, StartTlsError, Target,
};
use keyward::report::client_auth::ClientAuth;
use keyward::report::finding::Severity;
use keyward::report::verdict::Verdict;

use crate::args::{ConnectArgs, PlaintextChoice, ProxyText};
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
    let usual = Options::default();
    Ok(Options {
        sni,
        connect,
        timeout: args.timeout,
        alpn: args.alpn.iter().map(|name| name.clone().into_bytes()).collect(),
        start_tls: args.starttls.unwrap_or_default(),
        proxies: proxies(args)?,
        plaintext: match args.plaintext {
            PlaintextChoice::Auto => Plaintext::Auto,
            PlaintextChoice::Always => Plaintext::Always,
            PlaintextChoice::Never => Plaintext::Never,
        },
        groups: if args.groups.is_empty() { usual.groups } else { args.groups.clone() },
        ..usual
    })
}

/// Which local addresses the certificates of a peer may lead to: AIA, CRLs and OCSP alike.
pub(crate) fn reach(aia_local: bool, peer: Option<IpAddr>) -> AiaReach {
    match peer {
        _ if aia_local => AiaReach::local(),
        Some(peer) => AiaReach::of_peer(peer),
        None => AiaReach::default(),
    }
}

/// The way out: `--proxy`, else what the environment says, by curl's rules: lower case before upper case, and
/// an empty variable is none. A proxy that was asked for by name is used for `NO_PROXY`'s hosts too.
pub(crate) fn proxies(args: &ConnectArgs) -> Result<Proxies, Failure> {
    proxies_by(args.proxy.as_ref())
}

/// The same where nothing of a connection but its proxy can be chosen.
pub(crate) fn proxies_by(asked: Option<&ProxyText>) -> Result<Proxies, Failure> {
    let unusable = |name: &str, error: keyward::fetch::ProxyAddressError| {
        Failure::unusable("not-a-proxy", format!("{name}: {error}"))
    };
    match asked.map(|text| text.0.as_str()) {
        Some(text) if text.trim().is_empty() || text == "none" => Ok(Proxies::none()),
        Some(text) => {
            let proxy = Proxy::parse(text).map_err(|error| unusable("--proxy", error))?;
            Ok(Proxies::new(proxy, Bypass::default()))
        }
        None => {
            let variable = |name: &&str| std::env::var(name).is_ok_and(|value| !value.is_empty());
            let named = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"].into_iter().find(variable);
            let Some(name) = named else { return Ok(Proxies::none()) };
            let text = zeroize::Zeroizing::new(std::env::var(name).unwrap_or_default());
            let proxy = Proxy::parse(&text).map_err(|error| unusable(name, error))?;
            let without =
                ["no_proxy", "NO_PROXY"].into_iter().find(variable).and_then(|name| std::env::var(name).ok());
            Ok(Proxies::new(proxy, Bypass::parse(&without.unwrap_or_default())))
        }
    }
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

/// What kept a chain from being had in a handshake.
#[derive(Clone, Debug)]
pub(crate) struct NoHandshake {
    /// How bad that is for a JVM.
    pub(crate) severity: Severity,
    pub(crate) message: String,
    /// The newest protocol that the server speaks, where clients of today have that disabled.
    outdated: Option<String>,
}

impl NoHandshake {
    /// Makes a no of a verdict whose client does not speak to such a server at all.
    pub(crate) fn weigh(&self, rules: RuleSet, verdict: &mut Verdict, security: &Security) {
        let Some(protocol) = &self.outdated else { return };
        // Java's name of the one that has a second number everywhere else.
        let named = if protocol == "TLSv1.0" { "TLSv1" } else { protocol };
        let disabled = match rules {
            RuleSet::Jsse17 | RuleSet::Jsse25 => security.disables_protocol(named),
            RuleSet::Webpki => true,
            RuleSet::Rfc5280 | RuleSet::Cabf => false,
        };
        if disabled {
            verdict
                .refuse("no-handshake", format!("the server speaks {protocol} at most, which is disabled"));
        }
    }
}

/// What kept a chain from being had in a handshake, if anything did.
pub(crate) fn no_handshake(presented: &Presented) -> Option<NoHandshake> {
    let Reading::Plaintext { after: Some(cause) } = &presented.reading else { return None };
    let protocol = presented.protocol.as_deref().unwrap_or("TLS");
    let read = "the certificates were read in the clear, and the server did not prove that it holds the key";
    Some(match protocol {
        "SSLv3" | "TLSv1.0" | "TLSv1.1" => NoHandshake {
            severity: Severity::Error,
            message: format!(
                "the server speaks {protocol} at most, which JVMs and other clients have disabled; {read}"
            ),
            outdated: Some(protocol.to_owned()),
        },
        _ => NoHandshake {
            severity: Severity::Warning,
            message: format!("no handshake came about ({cause}); {read}"),
            outdated: None,
        },
    })
}

/// What the server asks of a client's certificate.
pub(crate) fn client_auth(presented: &Presented) -> ClientAuth {
    let after = presented.path_answer.as_ref().and_then(|answer| answer.renegotiation) == Some(true);
    let status = match presented.client_certificate {
        ClientCertificate::NotRequested if after => "after-request",
        ClientCertificate::NotRequested => "none",
        ClientCertificate::Requested => "requested",
        ClientCertificate::Optional => "optional",
        ClientCertificate::Required => "required",
    };
    let unread = match (status, &presented.request_unread) {
        ("after-request", _) => Some("it came after the request, inside the encrypted connection".to_owned()),
        (_, unread) => unread.clone(),
    };
    ClientAuth::new(status, presented.client_request.as_ref(), unread)
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
            failure.hint("the port may not speak TLS, or want to be asked for it first: --starttls PROTOCOL")
        }
        FetchCause::Timeout(fetch::Phase::StartTls) => {
            failure.hint("if TLS begins at once on this port: --starttls none")
        }
        FetchCause::Timeout(fetch::Phase::Turn) => {
            failure.hint("to give all of them more time: --total-timeout, or more --jobs")
        }
        FetchCause::NotTls(said) => failure
            .hint("the port speaks another protocol: look for the TLS port (443, 8443, 636, 993, …)")
            .hint(format!("where it is a protocol with STARTTLS: --starttls {}", guess(said))),
        FetchCause::StartTls { error, .. } => match **error {
            StartTlsError::Unexpected(_) | StartTlsError::Closed(_) => failure.hint(
                "if another protocol is spoken there: --starttls PROTOCOL; if TLS begins at once: --starttls none",
            ),
            StartTlsError::Injected(_) => failure
                .hint("whoever put it there may sit between here and the server: do not trust this way to it"),
            _ => failure,
        },
        FetchCause::Proxy { error, .. } if matches!(**error, ProxyError::Credentials(_)) => failure.hint(
            "give them as http://USER:PASSWORD@HOST:PORT in HTTPS_PROXY, or with --proxy, which others can see; \
             octets like @ and : as %40 and %3A",
        ),
        FetchCause::Proxy { .. } | FetchCause::Timeout(fetch::Phase::Proxy) => {
            failure.hint("to go without the proxy: --proxy none")
        }
        FetchCause::Closed(_) => failure.hint(
            "a proxy or SNI router in between may close unknown names: compare with --sni none, or another --sni",
        ),
        FetchCause::Alert { name, .. } if *name == "unrecognized_name" => {
            failure.hint("the server does not know the name: give one that it serves with --sni NAME")
        }
        _ => failure,
    }
}

/// The protocol that a greeting belongs to, for a hint.
fn guess(said: &str) -> &'static str {
    const GREETINGS: [(&str, &str); 6] = [
        ("220", "smtp (or ftp)"),
        ("* OK", "imap"),
        ("+OK", "pop3"),
        ("200 ", "nntp"),
        ("201 ", "nntp"),
        ("\"IMPLEMENTATION\"", "sieve"),
    ];
    GREETINGS.iter().find(|(start, _)| said.starts_with(start)).map_or("PROTOCOL", |(_, name)| name)
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
