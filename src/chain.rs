//! Chains of certificates: signatures, paths, what is missing, and who would accept them.

pub mod budget;
pub mod completion;
pub mod diagnose;
pub mod issuers;
pub mod names;
pub mod path;
pub mod revocation;
pub mod rules;
pub mod signature;
