//! The arguments of `identity explain`.

use std::path::PathBuf;

use clap::Args;

use crate::args::{ConnectArgs, PasswordArgs};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  keyward identity explain client.p12 --for partner.example.org:8443 --password env:STOREPASS
  keyward identity explain client.jks#client --for partner.example.org --password env:STOREPASS
  keyward fetch --json partner.example.org > request.json
  keyward identity explain client.p12 --request request.json --password env:STOREPASS

The rules are those of OpenJDK 17 and 25, measured against both; those of IBM's JVMs and of Java 8 are not known.
Exit code 0: with the default key manager, SunX509, something is sent (with STORE#ALIAS: this alias); 1: nothing
is, or another alias; or the server asks for no certificate.")]
pub(crate) struct IdentityExplainArgs {
    /// The keystore that the JVM gets; with #ALIAS the identity that is meant to be sent. A JVM always has the whole
    /// store to choose from.
    #[arg(value_name = "STORE[#ALIAS]")]
    pub(crate) store: String,
    /// The server, as in `fetch`.
    #[arg(
        long = "for",
        value_name = "TARGET",
        required_unless_present = "request",
        conflicts_with = "request"
    )]
    pub(crate) target: Option<String>,
    /// A server's request in a file, saved with `keyward fetch --json`; `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) request: Option<PathBuf>,
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
