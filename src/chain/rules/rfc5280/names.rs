//! The name that was asked for: RFC 9525 for servers, RFC 5280 section 4.2.1.6 for mail.

use super::super::super::names::{self, PeerName};
use super::super::Question;
use super::super::violation::{Rank, Violation};
use super::Link;

/// The peer's certificate has the name among its alternative names.
pub(super) fn check(path: &[Link<'_>], question: &Question<'_>, found: &mut Vec<Violation>) {
    let (Some(leaf), Some(name)) = (path.first(), question.name) else { return };
    if names::presents(leaf.certificate, name) {
        return;
    }
    let has = leaf.certificate.alternative_names().unwrap_or_default();
    let listed = match has {
        [] => "it has no alternative names".to_owned(),
        names => {
            let shown: Vec<String> = names.iter().take(5).map(ToString::to_string).collect();
            format!("it is for {}", shown.join(", "))
        }
    };
    let section = match name {
        PeerName::Server(_) => "RFC 9525 section 6",
        PeerName::Mail(_) => "RFC 5280 section 4.2.1.6",
    };
    let message = format!("{} is not for {name}: {listed}", leaf.called());
    found.push(leaf.breaks("name-mismatch", Rank::Name, section, message));
}
