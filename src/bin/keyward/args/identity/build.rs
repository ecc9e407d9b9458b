//! The arguments of `identity build`.

use clap::Args;

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  keyward identity build")]
pub(crate) struct IdentityBuildArgs {
    /// JSON instead of text (docs/json.md).
    #[arg(long)]
    pub(crate) json: bool,
}
