//! The arguments of `identity build`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::args::{IssuerArgs, PasswordArgs, ProfileArgs, ProxyText, SaveArgs, StoreFormatName};
use crate::password::SpecText;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  keyward identity build --key client.key --cert client.pem --chain issuing.pem root.pem --alias client -o client.p12 --password env:STOREPASS
  keyward identity build --from my-private-key.pfx#1 --in-password env:PFXPASS --alias client -o client.jks --password env:STOREPASS
  keyward identity build --from client.p12#client --cert reply.pem --alias client -o client.p12 --replace --password env:STOREPASS
  keyward identity build --key new.key --cert new.pem --alias client -o client.p12 --replace --new-key --password env:STOREPASS

The key gets the password of the store, as a JVM takes for granted, unless --out-key-password says otherwise.")]
pub(crate) struct IdentityBuildArgs {
    /// The private key: PEM, DER, a PFX, or a keystore with one key. Certificates beside it are used too.
    #[arg(long, value_name = "FILE", required_unless_present = "from")]
    pub(crate) key: Option<PathBuf>,
    /// The key's certificate; its chain may stand in the same file. Without it: one that fits is looked for.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) cert: Vec<PathBuf>,
    /// Issuers, in any order.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) chain: Vec<PathBuf>,
    /// An identity that exists: its key, unless --key gives another one, and all certificates beside it.
    #[arg(long, value_name = "STORE[#ALIAS]")]
    pub(crate) from: Option<String>,
    /// The alias in the store, kept as given (JKS and JCEKS keep it in lower case).
    #[arg(long)]
    pub(crate) alias: String,
    /// The store. A missing one is made; in one that exists the identity is added.
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// Whether the root stands in the chain. Whoever checks the chain has it anyway, and a root with an old
    /// signature keeps Java from sending the whole chain.
    #[arg(long, value_enum, default_value_t = RootName::Omit)]
    pub(crate) root: RootName,
    /// Take a chain that does not reach its root.
    #[arg(long)]
    pub(crate) allow_incomplete: bool,
    /// Put the identity in the place of the one under the alias. The key has to be the same.
    #[arg(long)]
    pub(crate) replace: bool,
    /// With --replace: the key may be another one. The old key is gone then.
    #[arg(long, requires = "replace")]
    pub(crate) new_key: bool,
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
    pub(crate) issuers: IssuerArgs,
    /// The proxy on the way to issuers: http://, socks5:// or socks5h://; or `none`. Default: HTTPS_PROXY, else
    /// ALL_PROXY.
    #[arg(long, value_name = "URL|none", help_heading = "Issuers")]
    pub(crate) proxy: Option<ProxyText>,
    #[command(flatten)]
    pub(crate) passwords: IdentityPasswordArgs,
}

/// The passwords of a store that gets an identity, and of what it is made of.
#[derive(Debug, Args)]
#[command(
    next_help_heading = "Passwords (SPEC: env:NAME, file:PATH, fd:N, stdin, pass:TEXT — pass: is visible to other users)"
)]
pub(crate) struct IdentityPasswordArgs {
    /// That of the store that is written, and of the key in it. Tried on the inputs too.
    #[arg(long, value_name = "SPEC", visible_alias = "out-password")]
    pub(crate) password: Option<SpecText>,
    /// Opens the inputs; repeatable, each is tried.
    #[arg(long, value_name = "SPEC")]
    pub(crate) in_password: Vec<SpecText>,
    /// Opens keys whose password is not their store's; repeatable.
    #[arg(long, value_name = "[ALIAS=]SPEC")]
    pub(crate) key_password: Vec<SpecText>,
    /// Protects the key in the store. A JVM that is told the store's password alone cannot open it then.
    #[arg(long, value_name = "SPEC")]
    pub(crate) out_key_password: Option<SpecText>,
}

impl IdentityPasswordArgs {
    /// The same, but for that of the key that is written.
    pub(crate) fn common(&self) -> PasswordArgs {
        PasswordArgs {
            password: self.password.clone(),
            in_password: self.in_password.clone(),
            key_password: self.key_password.clone(),
        }
    }
}

/// What becomes of the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum RootName {
    /// It stands at the end of the chain.
    Include,
    /// It stays out.
    Omit,
}

impl std::fmt::Display for RootName {
    /// As it is typed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Include => "include",
            Self::Omit => "omit",
        })
    }
}
