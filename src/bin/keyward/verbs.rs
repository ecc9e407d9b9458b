//! One file a verb: from its arguments to its report.

pub(crate) mod convert;
pub(crate) mod demo;
pub(crate) mod diagnose;
pub(crate) mod fetch;
pub(crate) mod identity;
pub(crate) mod inspect;
pub(crate) mod trust_add;
pub(crate) mod trust_edit;
pub(crate) mod trust_export;
pub(crate) mod trust_list;
pub(crate) mod verify;
