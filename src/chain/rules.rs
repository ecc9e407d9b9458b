//! Rule sets: what a kind of client demands of a chain. Each searches with [`super::path`] and judges with
//! its own checks.

pub mod jsse;
