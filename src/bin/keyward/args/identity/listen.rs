//! The arguments of `identity listen`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::args::{ConnectArgs, PasswordArgs};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  keyward identity listen --listen 127.0.0.1:8443 --write-ca listener-ca.pem --ca partner-ca.pem
  keyward identity listen --like partner.example.org --write-ca listener-ca.pem --count 1
  keyward identity listen --require --tls 1.2 --cert server.pem --key server.key --json

Whatever certificate comes is taken and shown; --ca only says who would accept it.
Every request gets the same short answer by HTTP.")]
pub(crate) struct IdentityListenArgs {
    /// The address to listen at; port 0 is a free one.
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,
    /// Ask exactly what this target's server asks: authorities, algorithms, version, optional or required.
    #[arg(long, value_name = "TARGET")]
    pub(crate) like: Option<String>,
    /// Files of certificates, or trust stores, with the authorities that clients have to be of: they are listed in
    /// the request (unless --like says otherwise), and judge what comes.
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Vec<PathBuf>,
    /// Refuse clients without a certificate.
    #[arg(long)]
    pub(crate) require: bool,
    /// The one protocol version to speak. Default: both, or those of --like.
    #[arg(long, value_name = "VERSION", value_enum)]
    pub(crate) tls: Option<TlsVersion>,
    /// The server's certificate and what stands above it. Default: made for this run.
    #[arg(long, value_name = "FILE", requires = "key", conflicts_with = "identity")]
    pub(crate) cert: Option<PathBuf>,
    /// The private key of --cert.
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
    /// The server's certificate and key, from a keystore.
    #[arg(long, value_name = "STORE[#ALIAS]")]
    pub(crate) identity: Option<String>,
    /// Write the authority of the certificate that is made for this run, for clients to trust.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["cert", "identity"])]
    pub(crate) write_ca: Option<PathBuf>,
    /// End after so many clients.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) count: Option<u64>,
    /// JSON instead of text, one object a line (docs/json.md).
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) connect: ConnectArgs,
    #[command(flatten)]
    pub(crate) passwords: PasswordArgs,
}

/// A protocol version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TlsVersion {
    /// TLS 1.2.
    #[value(name = "1.2")]
    Tls12,
    /// TLS 1.3.
    #[value(name = "1.3")]
    Tls13,
}
