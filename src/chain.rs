//! Chains of certificates: signatures, paths, what is missing, and who would accept them.

pub mod issuers;
pub mod signature;
