//! The arguments of `identity request`.

use clap::Args;

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  keyward identity request")]
pub(crate) struct IdentityRequestArgs {
    /// JSON instead of text (docs/json.md).
    #[arg(long)]
    pub(crate) json: bool,
}
