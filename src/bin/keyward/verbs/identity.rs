//! `keyward identity`: one file a verb.

pub(crate) mod attempt;
pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod explain;
pub(crate) mod listen;
pub(crate) mod request;
