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

/// Of rustls-webpki, as it publishes them itself: `third-party/x509-limbo/exceptions.json` of its repository.
pub(super) const WEBPKI_PUBLISHED: [(&str, &str); 29] = [
    ("crl::issuer-missing-crlsign", "an anchor is a name and a key, so that a CRL signed with it counts"),
    ("pathlen::validation-ignores-pathlen-in-leaf", "no CA certificate in leaf position"),
    ("pathlen::self-issued-certs-pathlen", "no self-issued certificates"),
    ("rfc5280::aki::critical-aki", "the authority key identifier is not looked at"),
    ("rfc5280::aki::leaf-missing-aki", "the authority key identifier is not looked at"),
    ("rfc5280::aki::intermediate-missing-aki", "the authority key identifier is not looked at"),
    ("rfc5280::nc::invalid-dnsname-leading-period", "a leading period is taken"),
    ("rfc5280::nc::not-allowed-in-ee-noncritical", "name constraints of end entities are not looked at"),
    ("rfc5280::nc::not-allowed-in-ee-critical", "name constraints of end entities are not looked at"),
    ("rfc5280::san::underscore-dns", "underscores are taken"),
    ("rfc5280::ski::intermediate-missing-ski", "the subject key identifier is not looked at"),
    ("rfc5280::root-missing-basic-constraints", "an anchor is a name and a key"),
    ("rfc5280::root-non-critical-basic-constraints", "an anchor is a name and a key"),
    ("rfc5280::leaf-ku-keycertsign", "the key usage of end entities is not looked at"),
    ("rfc5280::ca-as-leaf", "no CA certificate in leaf position"),
    ("webpki::aki::root-with-aki-missing-keyidentifier", "an anchor is a name and a key"),
    ("webpki::aki::root-with-aki-authoritycertissuer", "an anchor is a name and a key"),
    ("webpki::aki::root-with-aki-authoritycertserialnumber", "an anchor is a name and a key"),
    ("webpki::aki::root-with-aki-all-fields", "an anchor is a name and a key"),
    ("webpki::aki::root-with-aki-ski-mismatch", "an anchor is a name and a key"),
    ("webpki::cn::ipv4-hex-mismatch", "the common name is not looked at"),
    ("webpki::cn::ipv4-leading-zeros-mismatch", "the common name is not looked at"),
    ("webpki::cn::ipv6-uncompressed-mismatch", "the common name is not looked at"),
    ("webpki::cn::ipv6-non-rfc5952-mismatch", "the common name is not looked at"),
    ("webpki::cn::punycode-not-in-san", "the common name is not looked at"),
    ("webpki::cn::not-in-san", "the common name is not looked at"),
    ("webpki::nc::intermediate-permitted-excluded-subtrees-both-null", "the encoding of name constraints"),
    ("webpki::forbidden-dsa-leaf", "the key of end entities is not looked at"),
    (
        "webpki::forbidden-rsa-key-not-divisible-by-8-in-leaf",
        "the key of end entities is not looked at (the list still spells it divisable)",
    ),
];

/// Of rustls-webpki, and not in that list: cases that its own run (`tests/x509_limbo.rs`) skips, or that came after the list.
pub(super) const WEBPKI_UNPUBLISHED: [(&str, &str); 4] = [
    (
        "rfc5280::nc::nc-permits-email-exact",
        "its run skips clients: a constraint of mailboxes is not processed, so a certificate with a mailbox is refused \
         (subject_name::check_name_constraints, GeneralName::Unsupported)",
    ),
    ("rfc5280::nc::nc-permits-email-domain", "its run skips clients: as nc-permits-email-exact"),
    (
        "rfc5280::nc::nc-permits-email-literal-double-asterisk",
        "its run skips clients: as nc-permits-email-exact",
    ),
    (
        "webpki::san::public-suffix-multi-label-wildcard-san",
        "newer than the list: two labels behind the wildcard are enough (subject_name::dns_name::is_valid_dns_id, and \
         *.co.uk is a good name in its unit tests)",
    ),
];
