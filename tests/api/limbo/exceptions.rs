//! Cases of which a rule set thinks otherwise, each with the reason.

/// Of RFC 5280 and the baseline requirements.
pub(super) const STANDARDS: [(&str, &str); 2] = [
    (
        "webpki::nc::nc-permits-dns-san-pattern",
        "its common name is no alternative name, which BR 7.1.4.3 forbids and webpki::cn::not-in-san demands",
    ),
    (
        "webpki::san::leftmost-wildcard-san",
        "its common name is no alternative name, which BR 7.1.4.3 forbids and webpki::cn::not-in-san demands",
    ),
];

/// Of rustls-webpki; "published" is what stands in its own list, `third-party/x509-limbo/exceptions.json`.
pub(super) const WEBPKI: [(&str, &str); 34] = [
    ("crl::issuer-missing-crlsign", "an anchor of rustls has no key usage, so its CRLs count"),
    ("pathlen::validation-ignores-pathlen-in-leaf", "published: no CA certificate in leaf position"),
    ("pathlen::self-issued-certs-pathlen", "published: no self-issued certificates"),
    (
        "pathlen::max-chain-depth-1-self-issued",
        "published for others of its kind: no self-issued certificates",
    ),
    ("rfc5280::aki::critical-aki", "published: the authority key identifier is not looked at"),
    ("rfc5280::aki::leaf-missing-aki", "published: the authority key identifier is not looked at"),
    ("rfc5280::aki::intermediate-missing-aki", "published: the authority key identifier is not looked at"),
    ("rfc5280::nc::invalid-dnsname-leading-period", "published: a leading period is taken"),
    (
        "rfc5280::nc::not-allowed-in-ee-noncritical",
        "published: name constraints of end entities are not looked at",
    ),
    (
        "rfc5280::nc::not-allowed-in-ee-critical",
        "published: name constraints of end entities are not looked at",
    ),
    (
        "rfc5280::nc::nc-permits-email-exact",
        "clients are not in webpki's own run: constraints of mailboxes are not processed, so such names are refused",
    ),
    (
        "rfc5280::nc::nc-permits-email-domain",
        "clients are not in webpki's own run: constraints of mailboxes are not processed, so such names are refused",
    ),
    (
        "rfc5280::nc::nc-permits-email-literal-double-asterisk",
        "clients are not in webpki's own run: constraints of mailboxes are not processed, so such names are refused",
    ),
    ("rfc5280::san::underscore-dns", "published: underscores are taken"),
    ("rfc5280::ski::intermediate-missing-ski", "published: the subject key identifier is not looked at"),
    ("rfc5280::root-missing-basic-constraints", "published: an anchor is a name and a key"),
    ("rfc5280::root-non-critical-basic-constraints", "published: an anchor is a name and a key"),
    ("rfc5280::leaf-ku-keycertsign", "published: the key usage of end entities is not looked at"),
    ("rfc5280::ca-as-leaf", "published: no CA certificate in leaf position"),
    ("webpki::aki::root-with-aki-missing-keyidentifier", "published: an anchor is a name and a key"),
    ("webpki::aki::root-with-aki-authoritycertissuer", "published: an anchor is a name and a key"),
    ("webpki::aki::root-with-aki-authoritycertserialnumber", "published: an anchor is a name and a key"),
    ("webpki::aki::root-with-aki-all-fields", "published: an anchor is a name and a key"),
    ("webpki::aki::root-with-aki-ski-mismatch", "published: an anchor is a name and a key"),
    ("webpki::cn::ipv4-hex-mismatch", "published: the common name is not looked at"),
    ("webpki::cn::ipv4-leading-zeros-mismatch", "published: the common name is not looked at"),
    ("webpki::cn::ipv6-uncompressed-mismatch", "published: the common name is not looked at"),
    ("webpki::cn::ipv6-non-rfc5952-mismatch", "published: the common name is not looked at"),
    ("webpki::cn::punycode-not-in-san", "published: the common name is not looked at"),
    ("webpki::cn::not-in-san", "published: the common name is not looked at"),
    (
        "webpki::nc::intermediate-permitted-excluded-subtrees-both-null",
        "published: the encoding of name constraints",
    ),
    (
        "webpki::san::public-suffix-multi-label-wildcard-san",
        "two labels behind the wildcard are enough, as the case itself says of many",
    ),
    ("webpki::forbidden-dsa-leaf", "published: the key of end entities is not looked at"),
    (
        "webpki::forbidden-rsa-key-not-divisible-by-8-in-leaf",
        "published: the key of end entities is not looked at",
    ),
];
