//! The arguments of `identity try`.

use clap::Args;

use crate::args::{ConnectArgs, PasswordArgs};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  keyward identity try partner.example.org --identity client.p12 --password env:STOREPASS
  keyward identity try partner.example.org:8443 --identity client.jks#client --path /api
  keyward identity try partner.example.org --identity client.p12 --hold       nothing is sent after the handshake
  keyward identity try --starttls smtp mail.example.org:25 --identity client.p12

The server's own certificate is not verified here; keyward verify does that.")]
pub(crate) struct IdentityTryArgs {
    /// A target as in `fetch`.
    #[arg(value_name = "TARGET")]
    pub(crate) target: String,
    /// The keystore with the identity, and its alias where there are several.
    #[arg(long, value_name = "STORE[#ALIAS]")]
    pub(crate) identity: String,
    /// Send nothing after the handshake, and wait. So it is after STARTTLS, too.
    #[arg(long)]
    pub(crate) hold: bool,
    /// The path of the HTTP request (HEAD) that is sent after the handshake.
    #[arg(long, value_name = "PATH", default_value = "/", conflicts_with = "hold")]
    pub(crate) path: String,
    /// JSON instead of text (docs/json.md).
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) connect: ConnectArgs,
    #[command(flatten)]
    pub(crate) passwords: PasswordArgs,
}
