//! The command line: what can be typed, and the help for it.

mod convert;
mod identity;
mod verb;
mod verify;

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, Parser, ValueEnum};
use keyward::fetch::{Group, StartTls, StartTlsChoice};
use keyward::trust::Pick;

use crate::password::SpecText;
pub(crate) use convert::{ConvertArgs, MacName, ProfileArgs, ProfileName, TargetFormat};
pub(crate) use identity::{
    IdentityBuildArgs, IdentityCheckArgs, IdentityExplainArgs, IdentityListenArgs, IdentityRequestArgs,
    IdentityTryArgs, JavaRelease, RootName, TlsVersion,
};
pub(crate) use verb::{IdentityVerb, TrustVerb, Verb};
pub(crate) use verify::VerifyArgs;

/// The whole command line.
#[derive(Debug, Parser)]
#[command(name = "keyward", version, about = "Certificate chains and trust stores: fetch, diagnose, import, with the results a JVM would give", long_about = None, max_term_width = 100)]
#[command(after_help = "\
Examples:
  keyward fetch example.org                        the chain that a server presents
  keyward diagnose example.org                     what is wrong with it, and what repairs it
  keyward trust add example.org --pick root --to trust.p12
  keyward verify example.org --trust trust.p12     would a JVM accept it? would rustls? the standard?
  keyward inspect server.p12 --password env:STOREPASS
  keyward convert old.jks -o new.p12 --in-password env:OLDPASS --password env:NEWPASS
  keyward trust list trust.p12
  keyward demo                                     the whole story, on this machine alone

Exit codes:
  0  done, and nothing wrong found
  1  done, and what was examined falls short; or the answer to a question was no
  2  the call or the input cannot be used
  3  the network, the disk or another part of the world failed")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// How a server is reached.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectArgs {
    /// Server name to send: a name, or `none` for none. Default: the target's host.
    #[arg(long, value_name = "NAME|none")]
    pub(crate) sni: Option<String>,
    /// Connect here instead; the target keeps giving the name.
    #[arg(long, value_name = "ADDR[:PORT]")]
    pub(crate) connect: Option<String>,
    /// Time to resolve, connect and shake hands, in seconds (or with a unit: 500ms, 2s, 1m).
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration)]
    pub(crate) timeout: Duration,
    /// What is spoken before TLS: smtp, lmtp, pop3, imap, ftp, nntp, sieve, xmpp, xmpp-server, irc, ldap, postgres,
    /// mysql, telnet; or `none`. Default: by the target's scheme (smtp://…), else by its port.
    #[arg(long, value_name = "PROTOCOL|none", value_parser = start_tls)]
    pub(crate) starttls: Option<StartTlsChoice>,
    /// The proxy: http://, socks5:// (names resolved here) or socks5h://, with USER:PASSWORD@ where it wants them;
    /// or `none`. Default: HTTPS_PROXY, else ALL_PROXY, but for the hosts of NO_PROXY.
    #[arg(long, value_name = "URL|none")]
    pub(crate) proxy: Option<ProxyText>,
    /// Read the certificates in the clear, without keys (TLS 1.2 and older): always, never, or when the server ends
    /// the handshake before they were seen, as where nothing common is found. It does not prove then that it holds the key.
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = PlaintextChoice::Auto)]
    pub(crate) plaintext: PlaintextChoice,
    /// Groups for the key exchange, in order: x25519, secp256r1, secp384r1, secp521r1, x25519mlkem768, secp256r1mlkem768,
    /// mlkem768, mlkem1024.
    #[arg(long, value_name = "GROUP,…", value_delimiter = ',', value_parser = group)]
    pub(crate) groups: Vec<Group>,
    /// Protocols to offer (ALPN), such as h2,http/1.1.
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', value_parser = protocol_name)]
    pub(crate) alpn: Vec<String>,
}

/// When certificates are read in the clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlaintextChoice {
    /// Where a handshake ends before they were seen.
    Auto,
    /// In any case; no handshake is made.
    Always,
    /// Not at all.
    Never,
}

impl std::fmt::Display for PlaintextChoice {
    /// As it is typed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        })
    }
}

/// The address of a proxy as it was typed. It may hold a password, and is in no `Debug`.
#[derive(Clone)]
pub(crate) struct ProxyText(pub(crate) String);

impl From<String> for ProxyText {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl std::fmt::Debug for ProxyText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProxyText(..)")
    }
}

impl ConnectArgs {
    /// The time-out unless one is given.
    pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);
}

/// Where issuers may be looked for.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Issuers")]
pub(crate) struct IssuerArgs {
    /// Do not ask the addresses in the certificates (AIA) for missing issuers.
    #[arg(long)]
    pub(crate) no_aia: bool,
    /// Follow AIA addresses on this machine and its link too.
    #[arg(long)]
    pub(crate) aia_local: bool,
    /// Files with certificates that may be used to build a path; they are not trusted.
    #[arg(long, value_name = "FILE")]
    pub(crate) untrusted: Vec<PathBuf>,
    /// The JDK whose cacerts is asked. Default: JAVA_HOME, else the `java` on PATH.
    #[arg(long, value_name = "DIR")]
    pub(crate) java_home: Option<PathBuf>,
}

/// Passwords, the same in every verb.
#[derive(Debug, Args)]
#[command(next_help_heading = "Passwords")]
pub(crate) struct PasswordArgs {
    /// Opens the store. Without it: a prompt. SPEC is env:NAME, file:PATH (its first line), fd:N, stdin, or
    /// pass:TEXT, which every user of the machine can see.
    #[arg(long, value_name = "SPEC")]
    pub(crate) password: Option<SpecText>,
    /// Opens what is read from, where that is a keystore; repeatable, each is tried.
    #[arg(long, value_name = "SPEC")]
    pub(crate) in_password: Vec<SpecText>,
    /// Opens keys whose password is not the store's; repeatable. Of use to verbs that open keys.
    #[arg(long, value_name = "[ALIAS=]SPEC")]
    pub(crate) key_password: Vec<SpecText>,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  keyward fetch example.org
  keyward fetch example.org:8443 --sni none --pem > chain.pem
  keyward fetch --connect 10.0.0.7 example.org --first -o leaf.pem
  keyward fetch mail.example.org:587               STARTTLS, by the port
  keyward fetch --starttls postgres db.example.org:15432
  keyward fetch --proxy http://proxy.example.org:3128 example.org
  keyward fetch --plaintext always old.example.org  without a handshake; nothing is proved
  keyward fetch --path /private example.org        is a client certificate wanted there?
  keyward fetch --list hosts.txt --jobs 50 --rate 100 --jsonl")]
pub(crate) struct FetchArgs {
    /// HOST, HOST:PORT, https://HOST/… or smtp://HOST, ldap://HOST, … ; port 443 unless given; IPv6 as [::1]:443.
    #[arg(value_name = "TARGET", required_unless_present = "list")]
    pub(crate) targets: Vec<String>,
    /// A file with one target a line; `-` for standard input. It is read as targets are needed.
    #[arg(long, value_name = "FILE")]
    pub(crate) list: Option<PathBuf>,
    /// Print the chain as PEM, leaf first.
    #[arg(long, conflicts_with = "json")]
    pub(crate) pem: bool,
    /// Only the first certificate.
    #[arg(long)]
    pub(crate) first: bool,
    /// Request this path by HTTP (HEAD) after the handshake, to see whether a client certificate is asked for then.
    #[arg(long, value_name = "PATH", conflicts_with = "starttls")]
    pub(crate) path: Option<String>,
    /// Write the chain to a file: PEM, P7B or (one certificate) DER, by its extension or --format.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The format of what is written.
    #[arg(long, value_enum)]
    pub(crate) format: Option<CertificateFormat>,
    /// Targets that are asked at once.
    #[arg(long, value_name = "N", default_value_t = keyward::limits::JOBS, value_parser = jobs)]
    pub(crate) jobs: usize,
    /// New connections in a second, at most.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) rate: Option<u32>,
    /// Time for all targets together; those whose turn does not come fail.
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) total_timeout: Option<Duration>,
    /// JSON instead of text (docs/json.md), in the order of the targets.
    #[arg(long)]
    pub(crate) json: bool,
    /// One JSON object a line for each target, as they come (docs/json.md).
    #[arg(long, conflicts_with_all = ["json", "pem", "output", "format"])]
    pub(crate) jsonl: bool,
    #[command(flatten)]
    pub(crate) connect: ConnectArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  keyward diagnose example.org
  keyward diagnose example.org --trust trust.jks --password env:STOREPASS
  keyward diagnose chain.pem --name example.org -o repaired.pem")]
pub(crate) struct DiagnoseArgs {
    /// Targets as in `fetch`, or files with certificates; `-` for standard input.
    #[arg(value_name = "TARGET|FILE", required = true)]
    pub(crate) subjects: Vec<String>,
    /// A trust store that should have the anchor; repeatable. Without it: the system's, Mozilla's and the
    /// JDK's anchors.
    #[arg(long, value_name = "STORE")]
    pub(crate) trust: Vec<PathBuf>,
    /// The name that the certificate has to be for. Default: the target's host; a file has none.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Write the repaired chain, leaf first.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The format of what is written.
    #[arg(long, value_enum)]
    pub(crate) format: Option<CertificateFormat>,
    /// JSON instead of text (docs/json.md).
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) issuers: IssuerArgs,
    #[command(flatten)]
    pub(crate) connect: ConnectArgs,
    #[command(flatten)]
    pub(crate) passwords: PasswordArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  keyward inspect trust.jks                        without a password: what can be seen without one
  keyward inspect server.p12 --password env:STOREPASS --key-password server=env:KEYPASS
  keyward inspect *.p12 --in-password file:old.txt --in-password file:new.txt --json
  kubectl get secret tls -o jsonpath='{.data.tls\\.crt}' | keyward inspect -")]
pub(crate) struct InspectArgs {
    /// The files, of whatever kind; `-` for standard input.
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) passwords: PasswordArgs,
    /// JSON instead of text (docs/json.md).
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  keyward trust add ca.pem --to trust.jks --alias company-ca --password env:STOREPASS
  keyward trust add example.org --pick root --to trust.p12
  keyward trust add example.org --pick sha256:3f2a… --to trust.p12     (a pin: no question)
  keyward trust add root.pem --to trust.p12 --for example.org:8443     (does that help?)
  cat root.pem | keyward trust add - --to trust.p12")]
pub(crate) struct TrustAddArgs {
    /// A file, `-` for standard input, or a target as in `fetch`.
    #[arg(value_name = "SOURCE")]
    pub(crate) source: String,
    /// The store. Its real format is kept; a missing one is made.
    #[arg(long, value_name = "STORE")]
    pub(crate) to: PathBuf,
    /// The alias. Default: made from the subject. That of a private key installs a certificate reply.
    #[arg(long)]
    pub(crate) alias: Option<String>,
    /// Which certificate: first, leaf, issuer, root, missing, all, or sha256:HEX (a pin: no question).
    #[arg(long, value_name = "WHICH", value_parser = Pick::from_str)]
    pub(crate) pick: Option<Pick>,
    /// Let the JDK's cacerts vouch too.
    #[arg(long)]
    pub(crate) trust_cacerts: bool,
    /// Swap a trusted certificate under the alias for this one.
    #[arg(long)]
    pub(crate) replace: bool,
    /// Answer every question with yes.
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// The format of a new store. Default: by the extension, else PKCS12.
    #[arg(long, value_enum)]
    pub(crate) format: Option<StoreFormatName>,
    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
    /// For a file: the target that a JVM should accept afterwards.
    #[arg(long = "for", value_name = "TARGET")]
    pub(crate) target: Option<String>,
    /// JSON instead of text (docs/json.md).
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) save: SaveArgs,
    #[command(flatten)]
    pub(crate) issuers: IssuerArgs,
    #[command(flatten)]
    pub(crate) connect: ConnectArgs,
    #[command(flatten)]
    pub(crate) passwords: PasswordArgs,
}

/// How a store is written.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Writing")]
pub(crate) struct SaveArgs {
    /// Keep the old file beside the new one, as STORE.bak.
    #[arg(long)]
    pub(crate) backup: bool,
    /// Write into the file itself where it cannot be replaced, after a backup: beside it, or else among the
    /// temporary files. Not crash-safe.
    #[arg(long)]
    pub(crate) in_place: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  keyward trust list trust.jks --password env:STOREPASS")]
pub(crate) struct TrustListArgs {
    /// The store.
    pub(crate) store: PathBuf,
    /// JSON instead of text (docs/json.md).
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) passwords: PasswordArgs,
}

/// One entry of a store. Fingers that know keytool type `--alias`.
#[derive(Clone, Debug, Args)]
pub(crate) struct AliasArgs {
    /// The alias of the entry.
    #[arg(value_name = "ALIAS", required_unless_present = "named")]
    positional: Option<String>,
    /// The same.
    #[arg(long = "alias", id = "named", value_name = "ALIAS", hide = true, conflicts_with = "positional")]
    named: Option<String>,
}

impl AliasArgs {
    /// The alias, whichever way it was given.
    pub(crate) fn text(&self) -> &str {
        self.positional.as_deref().or(self.named.as_deref()).unwrap_or_default()
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  keyward trust remove trust.jks old-ca --password env:STOREPASS")]
pub(crate) struct TrustRemoveArgs {
    /// The store.
    pub(crate) store: PathBuf,
    #[command(flatten)]
    pub(crate) alias: AliasArgs,
    /// Remove a private or secret key too. It is gone then.
    #[arg(long)]
    pub(crate) key: bool,
    /// JSON instead of text (docs/json.md).
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) save: SaveArgs,
    #[command(flatten)]
    pub(crate) passwords: PasswordArgs,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  keyward trust rename trust.jks mykey company-ca --password env:STOREPASS"
)]
pub(crate) struct TrustRenameArgs {
    /// The store.
    pub(crate) store: PathBuf,
    /// The alias as it is.
    pub(crate) old: String,
    /// The alias as it shall be.
    pub(crate) new: String,
    /// JSON instead of text (docs/json.md).
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) save: SaveArgs,
    #[command(flatten)]
    pub(crate) passwords: PasswordArgs,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  keyward trust export trust.jks company-ca -o company-ca.pem --password env:STOREPASS"
)]
pub(crate) struct TrustExportArgs {
    /// The store.
    pub(crate) store: PathBuf,
    #[command(flatten)]
    pub(crate) alias: AliasArgs,
    /// The whole chain of a private key's entry, not its first certificate alone.
    #[arg(long)]
    pub(crate) chain: bool,
    /// Where to write it. Default: standard output.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// The format of what is written. Default: by the extension, else PEM.
    #[arg(long, value_enum)]
    pub(crate) format: Option<CertificateFormat>,
    /// JSON instead of text (docs/json.md).
    #[arg(long, conflicts_with = "output")]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) passwords: PasswordArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  keyward demo")]
pub(crate) struct DemoArgs {
    /// The folder for the demo's files. Default: a new one among the temporary files.
    #[arg(long, value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// Keep the demo's server up until Enter is pressed, to type the commands oneself.
    #[arg(long)]
    pub(crate) hold: bool,
}

/// How certificates are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CertificateFormat {
    /// PEM, one block a certificate.
    Pem,
    /// DER of a single certificate.
    Der,
    /// PKCS7 without signatures, DER.
    P7b,
}

/// The format of a new store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StoreFormatName {
    /// Sun's JKS.
    Jks,
    /// SunJCE's JCEKS.
    Jceks,
    /// PKCS12, as JDK 17 writes it.
    #[value(alias = "p12", alias = "pfx")]
    Pkcs12,
}

impl std::fmt::Display for StoreFormatName {
    /// As it is typed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Jks => "jks",
            Self::Jceks => "jceks",
            Self::Pkcs12 => "pkcs12",
        })
    }
}

/// A protocol with STARTTLS, or `none`.
fn start_tls(text: &str) -> Result<StartTlsChoice, String> {
    if text.eq_ignore_ascii_case("none") {
        return Ok(StartTlsChoice::Never);
    }
    text.parse().map(StartTlsChoice::Always).map_err(|_| {
        let names: Vec<&str> = StartTls::ALL.iter().map(|protocol| protocol.name()).collect();
        format!("it has to be none or one of {}", names.join(", "))
    })
}

/// A group for the key exchange.
fn group(text: &str) -> Result<Group, String> {
    text.parse().map_err(|_| {
        let names: Vec<String> = Group::ALL.iter().map(|group| group.name().to_lowercase()).collect();
        format!("it has to be one of {}", names.join(", "))
    })
}

/// A protocol's name for ALPN: 1 to 255 octets (RFC 7301 section 3.1).
fn protocol_name(text: &str) -> Result<String, String> {
    if (1..=255).contains(&text.len()) {
        Ok(text.to_owned())
    } else {
        Err("it has 1 to 255 octets".to_owned())
    }
}

/// A number of jobs, within [`keyward::limits::JOBS_MOST`].
fn jobs(text: &str) -> Result<usize, String> {
    let most = keyward::limits::JOBS_MOST;
    let number = text.parse().ok().filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| format!("it has to be a number from 1 to {most}"))
}

/// A length of time: `10`, `10s`, `500ms`, `2m`. More than an hour is a slip.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let (number, unit) = text.split_at(digits.len());
    let number: f64 = number.parse().map_err(|_| format!("\"{text}\" is no length of time"))?;
    let seconds = match unit {
        "" | "s" => number,
        "ms" => number / 1000.0,
        "m" => number * 60.0,
        _ => return Err(format!("\"{unit}\" is no unit of time: ms, s or m")),
    };
    if seconds > 0.0 && seconds <= 3600.0 {
        Ok(Duration::from_secs_f64(seconds))
    } else {
        Err("it has to be more than nothing and an hour at most".to_owned())
    }
}
