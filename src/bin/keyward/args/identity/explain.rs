//! The arguments of `identity explain`.

use clap::Args;

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  keyward identity explain")]
pub(crate) struct IdentityExplainArgs {
    /// JSON instead of text (docs/json.md).
    #[arg(long)]
    pub(crate) json: bool,
}
