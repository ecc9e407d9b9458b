//! Where answers about revocation may come from.

use std::sync::Arc;

use crate::model::Crl;
use crate::model::ocsp::{CertificateId, OcspAnswer};

/// Something that can be asked about revocation at the addresses that certificates name. What it gives is checked by
/// the caller.
pub trait RevocationSource {
    /// Gets the CRL at an address.
    ///
    /// # Errors
    ///
    /// [`SourceError`].
    fn crl(&mut self, address: &str) -> Result<Arc<Crl>, SourceError>;

    /// Asks the responder at an address for the status of a certificate. The hashes in `certificate` are of SHA-1.
    /// With the answer comes the nonce that was sent.
    ///
    /// # Errors
    ///
    /// [`SourceError`].
    fn ocsp(
        &mut self,
        address: &str,
        certificate: &CertificateId,
    ) -> Result<(OcspAnswer, Box<[u8]>), SourceError>;
}

/// Why a source gives nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Nobody answered, or nobody was asked: the address is out of reach or out of bounds, the time was up, the
    /// answer without end, the server says that it has none.
    #[error("{0}")]
    NoAnswer(String),
    /// Somebody answered with something else than was asked for.
    #[error("{0}")]
    Unusable(String),
}
