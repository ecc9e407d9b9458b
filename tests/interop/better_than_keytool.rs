//! Where keyward does not do as keytool does, on purpose. Any other difference is a fault, and so is a line here
//! that no cell needs.

use crate::importing::Decision::{self, Asks, Ignores, Imported, Refuses, Unchanged};

/// A difference that is meant.
pub struct Better {
    /// `group/what`, for all stores, or `group/what/store`.
    pub cell: &'static str,
    pub keytool: Decision,
    pub keyward: Decision,
    pub reason: &'static str,
}

const fn better(cell: &'static str, keytool: Decision, keyward: Decision, reason: &'static str) -> Better {
    Better { cell, keytool, keyward, reason }
}

const COPIED: &str = "blanks that a copy by hand or an editor adds change nothing about the certificate";
const TEXT: &str = "what stands around the certificate is text, whatever it looks like";
const NAMED: &str = "the certificate stands in the file, in a form with a name of its own";
const KEY: &str = "the certificate stands in the file; the key beside it is passed over";
const AGAIN: &str = "what was asked for is so already: a second run of a script is no error";
const GAP: &str = "a chain with a gap would make every client of this key fail";

const WHOLE: &str = "keytool completes the chain of a lone leaf up to the root of the store, and of a leaf with its \
                     issuers only in PKCS12, else by one certificate: keyward does it each time";

/// Every meant difference. Where both decide alike, the stores differ as the reason says.
pub const BETTER: &[Better] = &[
    better("rendering/indented", Refuses, Asks, COPIED),
    better("rendering/tab-indented", Refuses, Asks, COPIED),
    better("rendering/utf-8-bom", Refuses, Asks, COPIED),
    better("rendering/utf-8-bom-crlf", Refuses, Asks, COPIED),
    better("rendering/utf-16-le-bom", Refuses, Asks, COPIED),
    better("rendering/text-glued-before", Refuses, Asks, TEXT),
    better("rendering/rule-of-hyphens-before", Refuses, Asks, TEXT),
    better("rendering/zero-before", Refuses, Asks, TEXT),
    better("rendering/trusted-certificate", Refuses, Asks, NAMED),
    better("rendering/pkcs7-pem", Refuses, Asks, NAMED),
    better("rendering/pkcs7-der", Refuses, Asks, NAMED),
    better("rendering/localhost-chain-pkcs7", Refuses, Asks, NAMED),
    better("rendering/base64-only", Refuses, Asks, NAMED),
    better("rendering/key-then-certificate", Refuses, Asks, KEY),
    better("situation/same-alias-same-certificate", Refuses, Unchanged, AGAIN),
    better("situation/same-alias-in-capitals-same-certificate", Refuses, Unchanged, AGAIN),
    better("alias/again", Refuses, Unchanged, AGAIN),
    better("reply/identical", Refuses, Unchanged, AGAIN),
    better(
        "situation/issuer-is-no-ca",
        Imported,
        Asks,
        "a pinned server certificate (CA:FALSE) may issue nothing, so it vouches for nobody",
    ),
    better(
        "situation/alias-of-a-secret-key",
        Ignores,
        Refuses,
        "silence and success while nothing was done leave the operator in the wrong",
    ),
    better("reply/chain/both-trusted/jks", Imported, Imported, WHOLE),
    better("reply/chain-of-a-sub-ca/both-trusted/jks", Imported, Imported, WHOLE),
    better("reply/pkcs7-pem/both-trusted/jks", Imported, Imported, WHOLE),
    better("reply/pkcs7-der/both-trusted/jks", Imported, Imported, WHOLE),
    better("reply/leaf-and-root", Asks, Refuses, GAP),
    better("reply/leaf-and-unrelated", Asks, Refuses, GAP),
    better("reply/leaf-and-root", Imported, Refuses, GAP),
];
