//! The arguments of `identity try`.

use clap::Args;

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  keyward identity try")]
pub(crate) struct IdentityTryArgs {
    /// JSON instead of text (docs/json.md).
    #[arg(long)]
    pub(crate) json: bool,
}
