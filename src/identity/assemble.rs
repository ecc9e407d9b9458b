//! An identity made of a key and certificates.
