//! `sun.security.validator.EndEntityChecker` for TLS servers: what the server's own certificate must allow.
//! Left out by the JVM where that certificate is itself the anchor.

use x509_parser::prelude::{FromDer, ParsedExtension, X509Certificate};

use super::super::Purpose;
use super::{Failure, Phase};
use crate::model::Certificate;

/// serverAuth, anyExtendedKeyUsage, and the server-gated cryptography of Microsoft and Netscape.
const SERVER: [&str; 4] =
    ["1.3.6.1.5.5.7.3.1", "2.5.29.37.0", "1.3.6.1.4.1.311.10.3.3", "2.16.840.1.113730.4.1"];

/// clientAuth and anyExtendedKeyUsage.
const CLIENT: [&str; 2] = ["1.3.6.1.5.5.7.3.2", "2.5.29.37.0"];

/// Checks key usage, extended key usage and the Netscape certificate type. The key exchange is taken to be
/// an ephemeral one: static RSA (`TLS_RSA_*`) is disabled in both releases.
pub(super) fn check(leaf: &Certificate, purpose: Purpose) -> Result<(), Failure> {
    let fail = |id, text: &str| Err(Failure::new(id, Phase::EndEntity, leaf, text));
    let (usages, id, extended, netscape): (&[&str], _, _, _) = match purpose {
        Purpose::Server => (&SERVER, "no-server-auth", "TLS server", "server"),
        Purpose::Client => (&CLIENT, "no-client-auth", "TLS client", "client"),
        Purpose::Any => return Ok(()),
    };
    if leaf.key_usage().is_some_and(|usage| !usage.digital_signature()) {
        return fail("no-digital-signature", "KeyUsage does not allow digital signatures");
    }
    if leaf.extended_key_usage().is_some_and(|usage| !usage.iter().any(|u| usages.contains(&u.as_str()))) {
        return fail(id, &format!("Extended key usage does not permit use for {extended} authentication"));
    }
    if leaf.has_extension("2.16.840.1.113730.1.1") && !is_netscape(leaf, purpose) {
        return fail(id, &format!("Netscape cert type does not permit use for SSL {netscape}"));
    }
    Ok(())
}

fn is_netscape(leaf: &Certificate, purpose: Purpose) -> bool {
    let Ok((_, parsed)) = X509Certificate::from_der(leaf.der()) else { return false };
    parsed.extensions().iter().any(|extension| match extension.parsed_extension() {
        ParsedExtension::NSCertType(kind) if purpose == Purpose::Client => kind.ssl_client(),
        ParsedExtension::NSCertType(kind) => kind.ssl_server(),
        _ => false,
    })
}
