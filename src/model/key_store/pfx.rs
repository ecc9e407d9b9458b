//! PKCS12 in memory.

use super::{EditError, EncodedCertificate, Entry};

/// stub
#[derive(Debug, PartialEq)]
pub struct Pfx {}

impl Pfx {
    /// stub
    #[must_use]
    pub fn empty() -> Self {
        Self {}
    }
    pub(super) fn entries(&self) -> Vec<Entry<'_>> {
        Vec::new()
    }
    pub(super) fn add_trusted(&mut self, _: &str, _: &EncodedCertificate) -> Result<(), EditError> {
        Err(EditError::Locked)
    }
    pub(super) fn replace_trusted(&mut self, _: &str, _: &EncodedCertificate) -> Result<(), EditError> {
        Err(EditError::Locked)
    }
    pub(super) fn set_chain(&mut self, _: &str, _: &[EncodedCertificate]) -> Result<(), EditError> {
        Err(EditError::Locked)
    }
    pub(super) fn remove(&mut self, _: &str) -> Result<(), EditError> {
        Err(EditError::Locked)
    }
    pub(super) fn rename(&mut self, _: &str, _: &str) -> Result<(), EditError> {
        Err(EditError::Locked)
    }
}
