//! Trust stores: what an import decides by the rules of `keytool -importcert`, and the edits that follow.
//!
//! Deciding and doing are apart, because a question is asked before the store is locked and the decision is
//! made again under the lock: [`import::plan`] looks, [`import::Plan::apply`] changes.

pub mod import;
mod known;
pub mod pick;
mod reply;
mod vouch;

#[cfg(test)]
mod tests;

pub use import::{Action, Basis, ImportError, Plan, Question, Step, Terms, plan};
pub use pick::Pick;
