//! The arguments of `verify`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use keyward::chain::revocation::Demand;
use keyward::chain::rules::{Purpose, RuleSet};
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime, Time};

use super::{ConnectArgs, PasswordArgs};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  keyward verify example.org --trust trust.p12 --password env:STOREPASS
  keyward verify chain.pem --trust ca.pem --name example.org
  keyward verify example.org --rules jsse17 --at 2027-01-01
  keyward verify example.org --rules jsse25 --java-security custom.java.security
  keyward verify chain.pem --trust ca.pem --rules rfc5280 --crl ca.crl
  keyward verify example.org --trust ca.pem --rules rfc5280,cabf --revocation hard
  keyward verify client.pem --trust ca.pem --purpose client --rules rfc5280")]
pub(crate) struct VerifyArgs {
    /// A target as in `fetch`, or a file with a chain, the certificate to judge first; `-` for standard input.
    #[arg(value_name = "TARGET|FILE")]
    pub(crate) subject: String,
    /// A trust store, or a file of certificates; repeatable, all of them together. Without it: the JDK's cacerts
    /// for the JVM's rules, the system's bundle for the others.
    #[arg(long, value_name = "STORE")]
    pub(crate) trust: Vec<PathBuf>,
    /// Files with certificates that may be used to build a path, as if they had been sent; they are not trusted.
    #[arg(long, value_name = "FILE")]
    pub(crate) untrusted: Vec<PathBuf>,
    /// The name that the certificate has to be for: DNS, IP address or mailbox. Default: the target's host; for a
    /// file no name is checked.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// The time to judge at: 2027-01-31, or 2027-01-31T12:00:00Z. Default: now.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) at: Option<OffsetDateTime>,
    /// What the certificate has to serve for.
    #[arg(long, value_enum, default_value_t = PurposeName::Server)]
    pub(crate) purpose: PurposeName,
    /// Whose rules; repeatable, or several with commas. Default: all, side by side.
    #[arg(long, value_name = "RULES", value_enum, value_delimiter = ',')]
    pub(crate) rules: Vec<RulesName>,
    /// CRLs, PEM or DER; repeatable. A file may hold several. Without --revocation they are all that is asked: what
    /// they do not cover passes.
    #[arg(long, value_name = "FILE")]
    pub(crate) crl: Vec<PathBuf>,
    /// Whether certificates may be revoked, by --crl, by what the server staples, and by the OCSP responders and the
    /// CRLs that the certificates name: `soft` lets pass a certificate of which nobody says anything, `hard` does not.
    /// For the rules rfc5280 and cabf, and webpki with --crl; a JVM leaves it out unless it is configured. Default: off.
    #[arg(long, value_enum)]
    pub(crate) revocation: Option<RevocationName>,
    /// The most intermediates that a path may hold.
    #[arg(long, value_name = "N")]
    pub(crate) max_depth: Option<usize>,
    /// Ask the addresses in the certificates (AIA) for missing issuers. A JVM and rustls do not do that.
    #[arg(long)]
    pub(crate) aia: bool,
    /// With --aia or --revocation: follow addresses on this machine and its link too.
    #[arg(long)]
    pub(crate) aia_local: bool,
    /// The JDK whose cacerts is asked, and whose update jsse17 speaks for. Default: JAVA_HOME, else the `java` on PATH.
    #[arg(long, value_name = "DIR")]
    pub(crate) java_home: Option<PathBuf>,
    /// A java.security file whose disabled algorithms hold instead of the defaults.
    #[arg(long, value_name = "FILE")]
    pub(crate) java_security: Option<PathBuf>,
    /// JSON instead of text (docs/json.md).
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) connect: ConnectArgs,
    #[command(flatten)]
    pub(crate) passwords: PasswordArgs,
}

impl VerifyArgs {
    /// The rule sets that were asked for, each once; all where none was.
    pub(crate) fn rule_sets(&self) -> Vec<RuleSet> {
        let mut sets = Vec::new();
        for name in &self.rules {
            let set = name.rule_set();
            if !sets.contains(&set) {
                sets.push(set);
            }
        }
        if sets.is_empty() { RuleSet::ALL.to_vec() } else { sets }
    }
}

/// A rule set as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RulesName {
    /// A JVM as OpenJDK 17.
    Jsse17,
    /// A JVM as OpenJDK 25.
    Jsse25,
    /// A client with rustls.
    Webpki,
    /// RFC 5280, read strictly.
    Rfc5280,
    /// RFC 5280 and the CA/Browser Forum's baseline requirements.
    Cabf,
}

impl RulesName {
    fn rule_set(self) -> RuleSet {
        match self {
            Self::Jsse17 => RuleSet::Jsse17,
            Self::Jsse25 => RuleSet::Jsse25,
            Self::Webpki => RuleSet::Webpki,
            Self::Rfc5280 => RuleSet::Rfc5280,
            Self::Cabf => RuleSet::Cabf,
        }
    }
}

/// A demand on revocation as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RevocationName {
    /// Nothing is looked at.
    Off,
    /// What nobody says anything about passes.
    Soft,
    /// Every certificate must be known not to be revoked.
    Hard,
}

impl VerifyArgs {
    /// The demand on revocation.
    pub(crate) fn demand(&self) -> Demand {
        match self.revocation {
            Some(RevocationName::Off) => Demand::Off,
            Some(RevocationName::Soft) => Demand::Soft,
            Some(RevocationName::Hard) => Demand::Hard,
            None if self.crl.is_empty() => Demand::Off,
            None => Demand::Soft,
        }
    }

    /// Whether the network is asked about revocation.
    pub(crate) fn asks_about_revocation(&self) -> bool {
        matches!(self.revocation, Some(RevocationName::Soft | RevocationName::Hard))
    }
}

/// A purpose as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PurposeName {
    /// A TLS server.
    Server,
    /// A TLS client.
    Client,
    /// Whatever the certificate allows.
    Any,
}

impl From<PurposeName> for Purpose {
    fn from(name: PurposeName) -> Self {
        match name {
            PurposeName::Server => Self::Server,
            PurposeName::Client => Self::Client,
            PurposeName::Any => Self::Any,
        }
    }
}

/// RFC 3339, or a day, which means its beginning in UTC.
fn time(text: &str) -> Result<OffsetDateTime, String> {
    let day = Date::parse(text, format_description!("[year]-[month]-[day]"));
    match day {
        Ok(day) => Ok(day.with_time(Time::MIDNIGHT).assume_utc()),
        Err(_) => OffsetDateTime::parse(text, &Rfc3339).map_err(|_| {
            "it has to be a day such as 2027-01-31, or a time such as 2027-01-31T12:00:00Z".to_owned()
        }),
    }
}
