//! What clients are asked: as told, or as another server asks it.

use keyward::fetch::{self, ClientCertificate, FetchCause, Options, Plaintext, Presented, Versions};
use keyward::model::{Certificate, ClientAuthRequest};

use crate::args::{IdentityListenArgs, TlsVersion};
use crate::exit::Failure;
use crate::{connection, shell, source};

/// What clients are asked, and of whom that was taken over.
pub(crate) struct Asking {
    /// On TLS 1.2, where it is spoken.
    pub(crate) tls12: Option<ClientAuthRequest>,
    /// On TLS 1.3, where it is spoken.
    pub(crate) tls13: Option<ClientAuthRequest>,
    /// Whether a certificate is required.
    pub(crate) required: bool,
    /// The target that is copied.
    pub(crate) like: Option<String>,
    /// In what the copy differs.
    pub(crate) differences: Vec<String>,
}

/// Signature schemes that are asked for unless a server is copied: those of OpenSSL, in its order.
const TLS12: [u16; 20] = [
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0809, 0x080a, 0x080b, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501,
    0x0601, 0x0303, 0x0301, 0x0302, 0x0402, 0x0502, 0x0602,
];
const TLS13: [u16; 14] = [
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0809, 0x080a, 0x080b, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501,
    0x0601,
];

/// `rsa_sign`, `dss_sign`, `ecdsa_sign`.
const TYPES: [u8; 3] = [1, 2, 64];

impl Asking {
    /// What the call says.
    pub(crate) fn new(args: &IdentityListenArgs, authorities: &[Certificate]) -> Result<Self, Failure> {
        match &args.like {
            Some(target) => Self::like(target, args),
            None => Ok(Self::own(args, authorities)),
        }
    }

    fn own(args: &IdentityListenArgs, authorities: &[Certificate]) -> Self {
        let names: Vec<Vec<u8>> =
            authorities.iter().map(|authority| authority.subject().der().to_vec()).collect();
        let request = |version, types: &[u8], schemes: &[u16]| ClientAuthRequest {
            version,
            types: types.to_vec(),
            signature_algorithms: Some(schemes.to_vec()),
            authorities: names.clone(),
            ..ClientAuthRequest::default()
        };
        Self {
            tls12: (args.tls != Some(TlsVersion::Tls13)).then(|| request(0x0303, &TYPES, &TLS12)),
            tls13: (args.tls != Some(TlsVersion::Tls12)).then(|| request(0x0304, &[], &TLS13)),
            required: args.require,
            like: None,
            differences: Vec::new(),
        }
    }

    /// Asks another server on each version that it speaks.
    fn like(text: &str, args: &IdentityListenArgs) -> Result<Self, Failure> {
        let target = source::target(text)?;
        let options = connection::options(&args.connect, Some(&target))?;
        let ask = |versions| {
            let options = Options { versions, plaintext: Plaintext::Never, ..options.clone() };
            fetch::fetch(&target, &options)
        };
        let wanted = match args.tls {
            None => vec![Versions::Tls13, Versions::Tls12],
            Some(TlsVersion::Tls12) => vec![Versions::Tls12],
            Some(TlsVersion::Tls13) => vec![Versions::Tls13],
        };
        let mut asking = Self {
            tls12: None,
            tls13: None,
            required: args.require,
            like: Some(target.to_string()),
            differences: Vec::new(),
        };
        let mut failed = None;
        let mut silent = false;
        for versions in wanted {
            match ask(versions) {
                Ok(presented) => match request_of(&presented, text)? {
                    Some(request) => asking.take(request, &presented),
                    None => silent = true,
                },
                // A server that does not speak a version says so in one of these ways.
                Err(error) if speaks_otherwise(&error.cause) => failed = failed.or(Some(error)),
                Err(error) => return Err(connection::failure(&error)),
            }
        }
        if asking.tls12.is_none() && asking.tls13.is_none() {
            return Err(match failed {
                Some(error) if !silent => connection::failure(&error),
                _ => Failure::unusable(
                    "not-asked",
                    format!("{target} does not ask for a client certificate in the handshake"),
                )
                .hint("it may ask once a path is requested; to see that:")
                .hint(format!("  {}", shell::command(["keyward", "fetch", text, "--path", "/"]))),
            });
        }
        Ok(asking)
    }

    fn take(&mut self, request: ClientAuthRequest, presented: &Presented) {
        match presented.client_certificate {
            ClientCertificate::Required => self.required = true,
            ClientCertificate::Requested if !self.required => self.differences.push(format!(
                "whether the server goes on without a certificate did not show on {}; this one does unless --require \
                 is given",
                presented.protocol.as_deref().unwrap_or("this version")
            )),
            _ => {}
        }
        match request.version {
            0x0304 => self.tls13 = Some(request),
            _ => self.tls12 = Some(request),
        }
    }
}

fn request_of(presented: &Presented, text: &str) -> Result<Option<ClientAuthRequest>, Failure> {
    if presented.client_certificate == ClientCertificate::NotRequested {
        return Ok(None);
    }
    match &presented.client_request {
        Some(request) => Ok(Some(request.clone())),
        None => Err(Failure::world(
            "request-unread",
            format!(
                "{text} asks for a client certificate, but its request cannot be read: {}",
                presented.request_unread.as_deref().unwrap_or("it did not come")
            ),
        )),
    }
}

fn speaks_otherwise(cause: &FetchCause) -> bool {
    matches!(
        cause,
        FetchCause::Incompatible(_)
            | FetchCause::Alert { number: 40 | 70 | 71, .. }
            | FetchCause::Closed(_)
            | FetchCause::NoCertificate
    )
}
