//! The arguments of `identity listen`.

use clap::Args;

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  keyward identity listen")]
pub(crate) struct IdentityListenArgs {
    /// JSON instead of text (docs/json.md).
    #[arg(long)]
    pub(crate) json: bool,
}
