//! Reports as text for people. JSON is the same structs through serde.

pub(crate) mod certificate;
pub(crate) mod convert;
pub(crate) mod diagnose;
pub(crate) mod fetch;
pub(crate) mod identity_build;
pub(crate) mod identity_check;
pub(crate) mod identity_explain;
pub(crate) mod identity_listen;
pub(crate) mod identity_request;
pub(crate) mod identity_try;
pub(crate) mod inspect;
pub(crate) mod trust;
pub(crate) mod verdict;
pub(crate) mod verify;
