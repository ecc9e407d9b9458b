//! What has to hold of the talk before TLS for whatever a server says.

use std::net::Ipv4Addr;

use keyward::fetch::StartTls;
use keyward::fetch::starttls::{Dialogue, Names, StartTlsError, Turn};
use keyward::limits;

/// A dialogue of the protocol that the first byte chooses: what comes of it does not depend on the pieces in which the
/// server's words arrive, it ends, and its messages are one line of text.
pub fn starttls(bytes: &[u8]) {
    let Some((choice, words)) = bytes.split_first() else { return };
    let protocol = StartTls::ALL[usize::from(*choice) % StartTls::ALL.len()];
    let whole = played(protocol, words, usize::MAX);
    // In pieces, the end may come before the bound is reached.
    if words.len() <= limits::STARTTLS_BYTES {
        for piece in [1, 7] {
            assert_eq!(played(protocol, words, piece), whole, "{protocol} in pieces of {piece}");
        }
    }
}

/// How a dialogue ends. What the messages repeat of the server's words depends on how many have come.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// TLS begins, or would, if nothing else had come along.
    Consent,
    Waits,
    Fails(&'static str),
}

fn played(protocol: StartTls, words: &[u8], piece: usize) -> (Vec<u8>, End) {
    let names = Names { server: "host.example".to_owned(), client: Ipv4Addr::new(192, 0, 2, 7).into() };
    let mut dialogue = Dialogue::new(protocol, &names);
    let mut said = Vec::new();
    let mut pieces = words.chunks(piece);
    // Each of the client's turns answers something that the server said, but for the first ones.
    let mut turns = words.len() + 8;
    let end = loop {
        match dialogue.turn() {
            Ok(Turn::Say(words)) => {
                turns = turns.checked_sub(1).expect("a client that stops talking");
                said.extend(words);
            }
            Ok(Turn::Begin) => break End::Consent,
            Ok(Turn::Wait) => match pieces.next().map(|piece| dialogue.hear(piece)) {
                Some(Ok(())) => {}
                Some(Err(error)) => break failed(&error),
                None => break End::Waits,
            },
            Err(error) => break failed(&error),
        }
    };
    is_one_line(&dialogue.closed());
    // Telnet answers what has come so far before it asks for TLS: its turns are in another order.
    if protocol == StartTls::Telnet {
        said.clear();
    }
    (said, end)
}

fn failed(error: &StartTlsError) -> End {
    is_one_line(error);
    match error {
        StartTlsError::Injected(_) => End::Consent,
        other => End::Fails(other.id()),
    }
}

fn is_one_line(error: &StartTlsError) {
    let text = error.to_string();
    assert!(!text.chars().any(char::is_control), "{text:?}");
    assert!(text.chars().count() < limits::PEER_WORDS * 10, "{} characters", text.chars().count());
}
