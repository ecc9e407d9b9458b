//! The arguments of `identity`.

mod attempt;
mod build;
mod check;
mod explain;
mod listen;
mod request;

pub(crate) use attempt::IdentityTryArgs;
pub(crate) use build::IdentityBuildArgs;
pub(crate) use check::IdentityCheckArgs;
pub(crate) use explain::IdentityExplainArgs;
pub(crate) use listen::{IdentityListenArgs, TlsVersion};
pub(crate) use request::IdentityRequestArgs;
