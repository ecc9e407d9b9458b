//! What a server asks of a client's certificate, as `fetch` shows it and as it is saved and read again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::model::client_auth::{certificate_type_name, signature_scheme_name};
use crate::model::{ClientAuthRequest, Name, OidFilter};

#[cfg(test)]
mod tests;

/// The `client_auth` of `keyward.fetch/1`. Each list is complete and in the server's order: which certificate a client
/// sends depends on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientAuth {
    /// `none`; `requested` (how the server goes on without one did not show), `optional`, `required`;
    /// `after-request`, where it asked once a path was requested.
    pub status: String,
    /// Why the lists are empty though a request came: it could not be read. `None` where they are the request.
    #[serde(default)]
    pub unread: Option<String>,
    /// The protocol version's number in the request, 771 for TLS 1.2 and 772 for TLS 1.3; `None` without a request.
    #[serde(default)]
    pub version: Option<u16>,
    /// Certificate types, up to TLS 1.2.
    #[serde(default)]
    pub types: Vec<Numbered>,
    /// Signature algorithms; `None` before TLS 1.2.
    #[serde(default)]
    pub signature_algorithms: Option<Vec<Numbered>>,
    /// What the signatures in certificates may be, where TLS 1.3 says it apart.
    #[serde(default)]
    pub signature_algorithms_cert: Option<Vec<Numbered>>,
    /// The names of the authorities.
    #[serde(default)]
    pub authorities: Vec<Authority>,
    /// Extensions that the certificate has to have (TLS 1.3).
    #[serde(default)]
    pub oid_filters: Vec<Filter>,
}

/// Something with a number in a registry of IANA.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbered {
    /// The number.
    pub id: u16,
    /// The name; `None` where it is not known.
    pub name: Option<String>,
}

/// The name of an authority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authority {
    /// RFC 4514; `None` where the encoding cannot be read.
    pub name: Option<String>,
    /// The encoding as it was sent, base64.
    pub der: String,
}

/// An extension that the certificate has to have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// The extension's object identifier, its DER as base64.
    pub oid: String,
    /// The values, their DER as base64.
    pub values: String,
}

/// A saved request that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} holds what is no base64")]
pub struct SavedRequestError {
    /// The field.
    pub field: &'static str,
}

impl ClientAuth {
    /// What is shown of a request. `unread` says why there is none though one came.
    #[must_use]
    pub fn new(status: &str, request: Option<&ClientAuthRequest>, unread: Option<String>) -> Self {
        let none = ClientAuthRequest::default();
        let shown = request.unwrap_or(&none);
        let schemes = |list: &Vec<u16>| list.iter().map(|id| Numbered::scheme(*id)).collect();
        Self {
            status: status.to_owned(),
            unread,
            version: request.map(|request| request.version),
            types: shown
                .types
                .iter()
                .map(|id| Numbered {
                    id: u16::from(*id),
                    name: certificate_type_name(*id).map(str::to_owned),
                })
                .collect(),
            signature_algorithms: shown.signature_algorithms.as_ref().map(schemes),
            signature_algorithms_cert: shown.signature_algorithms_cert.as_ref().map(schemes),
            authorities: shown.authorities.iter().map(|der| authority(der)).collect(),
            oid_filters: shown
                .oid_filters
                .iter()
                .map(|filter| Filter {
                    oid: STANDARD.encode(&filter.oid),
                    values: STANDARD.encode(&filter.values),
                })
                .collect(),
        }
    }

    /// The request that this shows; `None` where there is none. Only numbers and encodings count, not the names.
    ///
    /// # Errors
    ///
    /// [`SavedRequestError`] when an encoding is no base64, or a certificate type no octet.
    pub fn request(&self) -> Result<Option<ClientAuthRequest>, SavedRequestError> {
        let Some(version) = self.version else { return Ok(None) };
        let wrong = |field| SavedRequestError { field };
        let decode = |text: &str, field| STANDARD.decode(text).map_err(|_| wrong(field));
        let numbers = |list: &Vec<Numbered>| list.iter().map(|numbered| numbered.id).collect();
        let types = self.types.iter().map(|numbered| u8::try_from(numbered.id).map_err(|_| wrong("types")));
        let filters = self.oid_filters.iter().map(|filter| {
            let oid = decode(&filter.oid, "oid_filters")?;
            Ok(OidFilter { oid, values: decode(&filter.values, "oid_filters")? })
        });
        Ok(Some(ClientAuthRequest {
            version,
            types: types.collect::<Result<_, _>>()?,
            signature_algorithms: self.signature_algorithms.as_ref().map(numbers),
            signature_algorithms_cert: self.signature_algorithms_cert.as_ref().map(numbers),
            authorities: self
                .authorities
                .iter()
                .map(|authority| decode(&authority.der, "authorities"))
                .collect::<Result<_, _>>()?,
            oid_filters: filters.collect::<Result<_, _>>()?,
        }))
    }
}

impl Numbered {
    /// A signature scheme (RFC 8446 section 4.2.3).
    #[must_use]
    pub fn scheme(id: u16) -> Self {
        Self { id, name: signature_scheme_name(id).map(str::to_owned) }
    }
}

fn authority(der: &[u8]) -> Authority {
    Authority { name: Name::from_der(der).map(|name| name.rfc4514().to_owned()), der: STANDARD.encode(der) }
}
