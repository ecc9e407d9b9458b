//! What a server asks of a client's certificate: its CertificateRequest, complete and in its order.

/// A CertificateRequest (RFC 5246 section 7.4.4, RFC 8446 section 4.3.2). An implementation chooses a certificate by
/// the order of these lists, so nothing is sorted, left out or merged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientAuthRequest {
    /// The protocol version's number: 0x0303 is TLS 1.2.
    pub version: u16,
    /// `certificate_types` of TLS 1.2 and older; TLS 1.3 has none.
    pub types: Vec<u8>,
    /// `supported_signature_algorithms`: of TLS 1.2 and 1.3, `None` before.
    pub signature_algorithms: Option<Vec<u16>>,
    /// `signature_algorithms_cert` of TLS 1.3, where it was sent: what the signatures in certificates may be.
    pub signature_algorithms_cert: Option<Vec<u16>>,
    /// The names of the authorities, each a DER `Name`, not looked into.
    pub authorities: Vec<Vec<u8>>,
    /// `oid_filters` of TLS 1.3: extensions that the certificate has to have.
    pub oid_filters: Vec<OidFilter>,
}

/// An extension that a client's certificate has to have (RFC 8446 section 4.2.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidFilter {
    /// The extension's object identifier, DER.
    pub oid: Vec<u8>,
    /// The values that it has to have, DER.
    pub values: Vec<u8>,
}

/// Certificate types by number (RFC 5246 section 7.4.4, RFC 8422 section 5.5, RFC 9189).
const TYPES: [(u8, &str); 12] = [
    (1, "rsa_sign"),
    (2, "dss_sign"),
    (3, "rsa_fixed_dh"),
    (4, "dss_fixed_dh"),
    (5, "rsa_ephemeral_dh"),
    (6, "dss_ephemeral_dh"),
    (20, "fortezza_dms"),
    (64, "ecdsa_sign"),
    (65, "rsa_fixed_ecdh"),
    (66, "ecdsa_fixed_ecdh"),
    (67, "gost_sign256"),
    (68, "gost_sign512"),
];

/// Signature schemes by number (RFC 8446 section 4.2.3); those of TLS 1.2 that the registry has no name for are
/// written in its manner (RFC 5246 section 7.4.1.4.1: digest, then signature).
const SCHEMES: [(u16, &str); 36] = [
    (0x0101, "rsa_pkcs1_md5"),
    (0x0102, "dsa_md5"),
    (0x0103, "ecdsa_md5"),
    (0x0201, "rsa_pkcs1_sha1"),
    (0x0202, "dsa_sha1"),
    (0x0203, "ecdsa_sha1"),
    (0x0301, "rsa_pkcs1_sha224"),
    (0x0302, "dsa_sha224"),
    (0x0303, "ecdsa_sha224"),
    (0x0401, "rsa_pkcs1_sha256"),
    (0x0402, "dsa_sha256"),
    (0x0403, "ecdsa_secp256r1_sha256"),
    (0x0420, "rsa_pkcs1_sha256_legacy"),
    (0x0501, "rsa_pkcs1_sha384"),
    (0x0502, "dsa_sha384"),
    (0x0503, "ecdsa_secp384r1_sha384"),
    (0x0520, "rsa_pkcs1_sha384_legacy"),
    (0x0601, "rsa_pkcs1_sha512"),
    (0x0602, "dsa_sha512"),
    (0x0603, "ecdsa_secp521r1_sha512"),
    (0x0620, "rsa_pkcs1_sha512_legacy"),
    (0x0708, "sm2sig_sm3"),
    (0x0804, "rsa_pss_rsae_sha256"),
    (0x0805, "rsa_pss_rsae_sha384"),
    (0x0806, "rsa_pss_rsae_sha512"),
    (0x0807, "ed25519"),
    (0x0808, "ed448"),
    (0x0809, "rsa_pss_pss_sha256"),
    (0x080a, "rsa_pss_pss_sha384"),
    (0x080b, "rsa_pss_pss_sha512"),
    (0x081a, "ecdsa_brainpoolP256r1tls13_sha256"),
    (0x081b, "ecdsa_brainpoolP384r1tls13_sha384"),
    (0x081c, "ecdsa_brainpoolP512r1tls13_sha512"),
    (0x0904, "mldsa44"),
    (0x0905, "mldsa65"),
    (0x0906, "mldsa87"),
];

/// The registered name of a certificate type.
#[must_use]
pub fn certificate_type_name(id: u8) -> Option<&'static str> {
    TYPES.iter().find(|(known, _)| *known == id).map(|(_, name)| *name)
}

/// The registered name of a signature scheme.
#[must_use]
pub fn signature_scheme_name(id: u16) -> Option<&'static str> {
    SCHEMES.iter().find(|(known, _)| *known == id).map(|(_, name)| *name)
}
