//! What the operations say: plain structs, one file per operation, serialized as `docs/json.md` documents.

pub mod certificate;
pub mod client_auth;
pub mod convert;
pub mod diagnose;
pub mod fetch;
pub mod finding;
pub mod identity_build;
pub mod identity_check;
pub mod identity_explain;
pub mod identity_listen;
pub mod identity_request;
pub mod identity_try;
pub mod inspect;
pub mod protection;
pub mod revocation;
pub mod trust;
pub mod verdict;
pub mod verify;
