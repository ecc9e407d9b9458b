//! `keyward identity`: one file a verb.

pub(crate) mod attempt;
pub(crate) mod build;
pub(crate) mod check;
mod entry;
pub(crate) mod explain;
pub(crate) mod listen;
mod material;
pub(crate) mod request;
