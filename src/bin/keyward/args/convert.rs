//! The command line of `convert`, and the protection of new PKCS12 stores.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::SaveArgs;
use crate::password::SpecText;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  keyward convert server.key server.pem issuing.pem -o server.p12 --alias server --password env:STOREPASS
  keyward convert old.jks -o new.p12 --in-password env:OLDPASS --password env:NEWPASS
  keyward convert ca-bundle.pem -o trust.jks --password env:STOREPASS
  keyward convert server.p12 --in-password env:STOREPASS --only server -o server.pem
  keyward convert a.jks b.jks -o all.p12 --in-password env:A --in-password env:B --password env:C
  keyward convert new.p12 -o for-java8.p12 --profile java8 --password env:STOREPASS

What the target cannot hold is said before anything is written, and takes --lossy.")]
pub(crate) struct ConvertArgs {
    /// Files with certificates and keys, and keystores; `-` for standard input.
    #[arg(value_name = "IN", required = true)]
    pub(crate) inputs: Vec<PathBuf>,
    /// What to write. Without it, or with `-`: standard output.
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    /// The format of what is written. Default: by the extension; PEM on standard output.
    #[arg(long, value_enum)]
    pub(crate) format: Option<TargetFormat>,
    #[command(flatten)]
    pub(crate) profile: ProfileArgs,
    /// Only the entries with this alias; repeatable.
    #[arg(long, value_name = "ALIAS", help_heading = "Entries")]
    pub(crate) only: Vec<String>,
    /// The alias of the one private key, or of the one entry.
    #[arg(long, help_heading = "Entries")]
    pub(crate) alias: Option<String>,
    /// Give an entry another alias; repeatable.
    #[arg(long, value_name = "OLD=NEW", help_heading = "Entries")]
    pub(crate) rename: Vec<String>,
    /// Write although the target cannot hold everything.
    #[arg(long, help_heading = "Writing")]
    pub(crate) lossy: bool,
    /// Write over a file that exists.
    #[arg(long, help_heading = "Writing")]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) save: SaveArgs,
    #[command(flatten)]
    pub(crate) passwords: ConvertPasswordArgs,
    /// JSON instead of text (docs/json.md).
    #[arg(long, requires = "output")]
    pub(crate) json: bool,
}

/// The passwords of both sides.
#[derive(Debug, Args)]
#[command(
    next_help_heading = "Passwords (SPEC: env:NAME, file:PATH, fd:N, stdin, pass:TEXT — pass: is visible to other users)"
)]
pub(crate) struct ConvertPasswordArgs {
    /// Protects what is written: a store, or the private keys of a PEM file, which are in the clear without it.
    /// Tried on the inputs too.
    #[arg(long, value_name = "SPEC", visible_alias = "out-password")]
    pub(crate) password: Option<SpecText>,
    /// Opens the inputs; repeatable, each is tried. Without it: --password, or a prompt.
    #[arg(long, value_name = "SPEC")]
    pub(crate) in_password: Vec<SpecText>,
    /// Opens keys whose password is not the store's; repeatable.
    #[arg(long, value_name = "[ALIAS=]SPEC")]
    pub(crate) key_password: Vec<SpecText>,
    /// Protects the keys that are written. Default: the password of the store that is written.
    #[arg(long, value_name = "SPEC")]
    pub(crate) out_key_password: Option<SpecText>,
}

/// What can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TargetFormat {
    /// PEM: certificates and PKCS8 keys.
    Pem,
    /// DER: one certificate or one PKCS8 key.
    Der,
    /// PKCS7 without signatures, DER: certificates.
    P7b,
    /// Sun's JKS.
    Jks,
    /// SunJCE's JCEKS.
    Jceks,
    /// PKCS12, protected as --profile says.
    #[value(alias = "p12", alias = "pfx")]
    Pkcs12,
}

/// How a new PKCS12 store is protected.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Protection of a new PKCS12 store (docs/profiles.md)")]
pub(crate) struct ProfileArgs {
    /// Who is to read it. Default: java17.
    #[arg(long, value_enum)]
    pub(crate) profile: Option<ProfileName>,
    /// Iterations of each key derivation, instead of the profile's.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=keyward::limits::ITERATIONS))]
    pub(crate) iterations: Option<u64>,
    /// The integrity check, instead of the profile's.
    #[arg(long, value_enum)]
    pub(crate) mac: Option<MacName>,
}

/// The profiles of `docs/profiles.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProfileName {
    /// As JDK 17 to 25 write it; openssl reads it.
    Java17,
    /// For JDK 8 and old middleware; weak. OpenSSL 3 reads it with -legacy.
    Java8,
    /// As openssl 3 writes it.
    Openssl3,
    /// PBMAC1 and many iterations, for OpenSSL 3.4 and later. JDK 17 and 25 refuse it.
    Modern,
    /// Certificates in the clear, no integrity check, as the cacerts of JDK 18 and later.
    Passwordless,
}

/// The integrity checks of PKCS12.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MacName {
    /// HMAC with SHA-1.
    Sha1,
    /// HMAC with SHA-256.
    Sha256,
    /// HMAC with SHA-384.
    Sha384,
    /// HMAC with SHA-512.
    Sha512,
    /// PBMAC1 with SHA-256 (RFC 9879).
    Pbmac1,
    /// None.
    None,
}
