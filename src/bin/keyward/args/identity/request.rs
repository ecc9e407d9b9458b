//! The arguments of `identity request`.

use std::path::PathBuf;

use clap::Args;
use keyward::limits;
use keyward::model::private_key::KeyKind;

use super::build::IdentityPasswordArgs;
use crate::args::{ProfileArgs, SaveArgs, StoreFormatName};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  keyward identity request --subject \"CN=client,O=Example\" --alias client -o client.p12 --csr client.csr --password env:STOREPASS
  keyward identity request --subject \"CN=client+UID=42,OU=Integration,O=Example\\\\, Inc.,C=DE\" --san client.example.org --san ops@example.org --key-type ec:p256 --alias client -o client.jks --csr client.csr --password env:STOREPASS

When the CA has answered:
  keyward identity build --from client.p12#client --cert reply.pem --alias client -o client.p12 --replace --password env:STOREPASS")]
pub(crate) struct IdentityRequestArgs {
    /// The subject, the most specific part first, as keytool takes it (RFC 4514): CN=client,OU=Unit,O=Example,C=DE.
    #[arg(long, value_name = "DN")]
    pub(crate) subject: String,
    /// A subject alternative name: DNS name, IP address, mail address or URI, by its shape; or with dns:, ip:, email:,
    /// uri: before it; repeatable.
    #[arg(long, value_name = "NAME")]
    pub(crate) san: Vec<String>,
    /// The key: rsa:2048, rsa:3072, rsa:4096, ec:p256, ec:p384, ec:p521 or ed25519 (not for Java below 15).
    #[arg(long, value_name = "TYPE", default_value_t = KeyKind::Rsa3072)]
    pub(crate) key_type: KeyKind,
    /// The alias of the new key.
    #[arg(long)]
    pub(crate) alias: String,
    /// The store. A missing one is made; in one that exists the key is added.
    #[arg(short, long, value_name = "STORE")]
    pub(crate) output: PathBuf,
    /// Where the request is written, as PEM; `-` for standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) csr: PathBuf,
    /// Days for which the placeholder in the store is valid.
    #[arg(long, value_name = "N", default_value_t = 90,
        value_parser = clap::value_parser!(u32).range(1..=i64::from(limits::PLACEHOLDER_DAYS)))]
    pub(crate) days: u32,
    /// The format of a new store. Default: by the extension, else PKCS12.
    #[arg(long, value_enum)]
    pub(crate) format: Option<StoreFormatName>,
    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
    /// JSON instead of text (docs/json.md).
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) save: SaveArgs,
    #[command(flatten)]
    pub(crate) passwords: IdentityPasswordArgs,
}
