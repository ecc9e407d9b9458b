//! The arguments of `identity check`.

use clap::{Args, ValueEnum};
use time::Duration;

use crate::args::{IssuerArgs, PasswordArgs};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  keyward identity check client.p12 --password env:STOREPASS
  keyward identity check client.jks#partner --password file:/run/secrets/store --within 60d
  keyward identity check client.p12 --for-java 8 --untrusted issuing.pem --no-aia

The exit code is 1 where something is an error or a warning, 0 where nothing is or only information.")]
pub(crate) struct IdentityCheckArgs {
    /// The keystore, or one entry of it as STORE#ALIAS.
    #[arg(value_name = "STORE[#ALIAS]")]
    pub(crate) store: String,
    /// Warn of certificates that expire within this time: 30d, 12h, 2w.
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = window)]
    pub(crate) within: Duration,
    /// The Java that has to read the store: 8 is Java 8 before 8u301.
    #[arg(long, value_enum, value_name = "RELEASE", default_value = "17")]
    pub(crate) for_java: JavaRelease,
    /// JSON instead of text (docs/json.md).
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) issuers: IssuerArgs,
    #[command(flatten)]
    pub(crate) passwords: PasswordArgs,
}

/// A release of Java by what it reads of PKCS12.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum JavaRelease {
    /// Java 8 before 8u301.
    #[value(name = "8")]
    Old,
    /// OpenJDK 17 and later.
    #[value(name = "17")]
    Current,
}

/// A length of time in days, as `30d` or `30`; in weeks, hours: `2w`, `12h`. At most a hundred years.
fn window(text: &str) -> Result<Duration, String> {
    const MOST_HOURS: i64 = 100 * 366 * 24;
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let (number, unit) = text.split_at(digits.len());
    let number: u32 = number.parse().map_err(|_| format!("\"{text}\" is no length of time"))?;
    let hours = match unit {
        "h" => 1,
        "" | "d" => 24,
        "w" => 7 * 24,
        _ => return Err(format!("\"{unit}\" is no unit of time: h, d or w")),
    };
    let hours = i64::from(number).saturating_mul(hours);
    if hours > MOST_HOURS {
        Err("it has to be a hundred years at most".to_owned())
    } else {
        Ok(Duration::hours(hours))
    }
}
