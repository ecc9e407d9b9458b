//! Signature algorithms that no longer bind anybody.

use super::super::violation::{Rank, Violation};
use super::{Link, Place};

/// The digest of a signature has no known collisions. The anchor's own signature proves nothing, so it may
/// be as old as it likes.
pub(super) fn check(link: &Link<'_>, found: &mut Vec<Violation>) {
    if link.place == Place::Anchor {
        return;
    }
    let section = match link.certificate.signature_algorithm().digest {
        Some("MD2") => "RFC 6149",
        Some("MD4") => "RFC 6150",
        Some("MD5") => "RFC 6151",
        Some("SHA1") => "RFC 6194",
        _ => return,
    };
    let message = format!("{} is signed with {}", link.called(), link.certificate.signature_algorithm().name);
    found.push(link.breaks("weak-signature", Rank::Algorithm, section, message));
}
