//! Certificate chains and keystores, with the results that a JVM would give.
//!
//! Data flows one way: [`format`] turns bytes into the [`model`], the operations ([`chain`], [`trust`], [`convert`],
//! [`inspect`], [`identity`]) turn the model into a model or a [`report`], and [`save`] is the only code that changes a
//! keystore file.
//! [`fetch`] is the only client of the network, [`serve`] the only server; [`anchors`] reads the trust
//! anchors of the system, of Mozilla and of a JDK. Nothing here prints, and nothing here reads a clock, a
//! terminal or a random source that was not handed in.

pub mod anchors;
pub mod chain;
pub mod convert;
pub mod fetch;
pub mod format;
pub mod identity;
pub mod inspect;
pub mod limits;
pub mod model;
pub mod report;
pub mod save;
pub mod serve;
pub mod trust;
