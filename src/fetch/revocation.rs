//! Answers about revocation from the addresses that certificates name: CRLs (RFC 5280 section 4.2.1.13) and OCSP
//! (RFC 6960 appendix A).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::download::{Bounds, Upload, WayOut, download, post};
use super::issuers::AiaReach;
use super::proxy::Proxies;
use crate::chain::revocation::{RevocationSource, SourceError};
use crate::format::pem::blocks;
use crate::format::{crl, ocsp};
use crate::limits;
use crate::model::Crl;
use crate::model::entropy::{Entropy, SystemEntropy};
use crate::model::ocsp::{CertificateId, OcspAnswer};

/// How addresses are asked about revocation.
#[derive(Clone, Copy, Debug)]
pub struct RevocationOptions {
    /// Which local addresses may be asked.
    pub reach: AiaReach,
    /// Time for one CRL with its redirects.
    pub crl_time: Duration,
    /// Time for one OCSP answer with its redirects.
    pub ocsp_time: Duration,
    /// Time for all that is asked.
    pub time: Duration,
}

impl Default for RevocationOptions {
    fn default() -> Self {
        Self {
            reach: AiaReach::default(),
            crl_time: limits::CRL_TIME,
            ocsp_time: limits::OCSP_TIME,
            time: limits::REVOCATION_TIME,
        }
    }
}

/// Asks the addresses that certificates name, for one subject: one target or one file.
///
/// Only `http` is followed, and the addresses are checked as those of AIA are ([`super::AiaIssuers`]). Bytes, time,
/// redirects and requests are bounded ([`limits`]). A CRL may be DER or PEM. An address is asked once for its CRL, unless
/// its CRLs together have more than [`limits::CRL_BYTES`].
#[derive(Debug)]
pub struct RevocationAddresses {
    options: RevocationOptions,
    way: WayOut,
    asked: usize,
    spent: Duration,
    crls: HashMap<String, Result<Arc<Crl>, SourceError>>,
    kept: u64,
}

/// Octets of a nonce, as RFC 9654 section 2.1 asks for.
const NONCE: usize = 32;

impl RevocationAddresses {
    /// A source for one subject.
    #[must_use]
    pub fn new(options: RevocationOptions) -> Self {
        Self {
            options,
            way: WayOut::default(),
            asked: 0,
            spent: Duration::ZERO,
            crls: HashMap::new(),
            kept: 0,
        }
    }

    /// Asks through these proxies; without this, straight.
    #[must_use]
    pub fn through(self, proxies: Proxies) -> Self {
        Self { way: WayOut { proxies, ..WayOut::default() }, ..self }
    }

    /// Asks for something within what is left of requests and time. Whatever keeps an answer from coming whole is no
    /// answer.
    fn ask(
        &mut self,
        address: &str,
        upload: Option<Upload<'_>>,
        bytes: u64,
        time: Duration,
    ) -> Result<Vec<u8>, SourceError> {
        let left = self.options.time.saturating_sub(self.spent);
        if self.asked >= limits::REVOCATION_REQUESTS || left.is_zero() {
            let text = format!("not asked: {} addresses were asked before it", self.asked);
            return Err(SourceError::NoAnswer(text));
        }
        self.asked += 1;
        let bounds = Bounds {
            bytes,
            redirects: limits::AIA_REDIRECTS,
            time: time.min(left),
            reach: self.options.reach,
        };
        let start = Instant::now();
        let came = match upload {
            Some(upload) => post(address, upload, bounds, &self.way),
            None => download(address, bounds, &self.way),
        };
        self.spent += start.elapsed();
        came.map_err(|error| SourceError::NoAnswer(error.to_string()))
    }

    fn get(&mut self, address: &str) -> Result<Crl, SourceError> {
        let bytes = self.ask(address, None, limits::CRL_BYTES, self.options.crl_time)?;
        read_crl(&bytes)
    }
}

impl RevocationSource for RevocationAddresses {
    fn crl(&mut self, address: &str) -> Result<Arc<Crl>, SourceError> {
        if let Some(known) = self.crls.get(address) {
            return known.clone();
        }
        let came = self.get(address).map(Arc::new);
        let size = came.as_ref().map_or(0, |list| list.der.len() as u64);
        if self.kept.saturating_add(size) <= limits::CRL_BYTES {
            self.kept += size;
            self.crls.insert(address.to_owned(), came.clone());
        }
        came
    }

    fn ocsp(
        &mut self,
        address: &str,
        certificate: &CertificateId,
    ) -> Result<(OcspAnswer, Box<[u8]>), SourceError> {
        let mut nonce = [0; NONCE];
        SystemEntropy.fill(&mut nonce).map_err(|error| SourceError::NoAnswer(error.to_string()))?;
        let request = ocsp::request(certificate, &nonce);
        let upload = Upload { content_type: "application/ocsp-request", body: &request };
        let bytes = self.ask(address, Some(upload), limits::OCSP_BYTES, self.options.ocsp_time)?;
        let answer = ocsp::read(&bytes).map_err(|error| SourceError::Unusable(error.to_string()))?;
        Ok((answer, nonce.into()))
    }
}

/// DER, as RFC 5280 section 4.2.1.13 asks for, or PEM, as some serve it.
fn read_crl(bytes: &[u8]) -> Result<Crl, SourceError> {
    let unusable = |error: crl::CrlError| SourceError::Unusable(error.to_string());
    if bytes.trim_ascii_start().starts_with(b"-----BEGIN")
        && let Some(Ok(block)) = blocks(bytes).into_iter().next()
    {
        return crl::read(&block.der).map_err(unusable);
    }
    crl::read(bytes).map_err(unusable)
}
