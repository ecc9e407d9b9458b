//! What has to hold of handshakes for whatever a server says.

use keyward::fetch::plaintext::{FlightError, Progress, ServerFlight};
use keyward::limits;
use keyward::model::EncodedCertificate;

/// The server's flight in the clear: what is read does not depend on the pieces in which it arrives, and is bounded.
pub fn plaintext(bytes: &[u8]) {
    let whole = heard(bytes, usize::MAX);
    assert!(whole.1.len() <= limits::PRESENTED_CERTIFICATES);
    for piece in [1, 7, 1000] {
        assert_eq!(heard(bytes, piece), whole, "in pieces of {piece}");
    }
}

fn heard(bytes: &[u8], piece: usize) -> (Result<Progress, FlightError>, Vec<EncodedCertificate>) {
    let mut flight = ServerFlight::new();
    let mut progress = Ok(Progress::More);
    for piece in bytes.chunks(piece) {
        progress = flight.hear(piece);
        if progress != Ok(Progress::More) {
            break;
        }
    }
    (progress, flight.chain().to_vec())
}
