//! The arguments of `identity`.

mod attempt;
mod build;
mod check;
mod explain;
mod listen;
mod request;

pub(crate) use attempt::IdentityTryArgs;
pub(crate) use build::{IdentityBuildArgs, RootName};
pub(crate) use check::{IdentityCheckArgs, JavaRelease};
pub(crate) use explain::IdentityExplainArgs;
pub(crate) use listen::{IdentityListenArgs, TlsVersion};
pub(crate) use request::IdentityRequestArgs;
