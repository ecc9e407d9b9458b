//! What comes from outside does not drive the terminal, on neither stream.

use crate::certificates::{Folder, pem};
use crate::keyward::{Keyward, Outcome};
use crate::loopback;

const HOSTILE: &str = "x\u{1b}[31m\u{202e}y";

#[track_caller]
fn is_tame(outcome: &Outcome) {
    let streams = [String::from_utf8_lossy(&outcome.out).into_owned(), outcome.err.clone()];
    let hostile = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!streams.iter().any(|text| text.contains(hostile)), "{:?} {:?}", streams, outcome.shown);
}

#[test]
fn trust_of_a_hostile_alias_shows_it_tamed_and_pasteable() {
    let folder = Folder::new();
    let store = folder.file("trust.p12");
    let trust =
        |words: &[&str]| Keyward::new(["trust"]).args(words).args(["--password", "pass:changeit"]).run();
    let added = trust(&["add", &pem("root"), "--to", &store, "--alias", HOSTILE, "--yes"]).exits(0);
    is_tame(&added);
    is_tame(&trust(&["list", &store]).exits(0));
    let missing = trust(&["remove", &store, "other"]).exits(2);
    is_tame(&missing);
    assert!(missing.err.contains(r"$'x\033[31m\342\200\256y'"), "{missing}");
    is_tame(&trust(&["rename", &store, HOSTILE, "tame"]).exits(0));
}

#[test]
fn paths_and_servers_cannot_colour_an_error() {
    is_tame(&Keyward::new(["trust", "list", HOSTILE]).run().exits(2));
    is_tame(&Keyward::new(["diagnose", &format!("{HOSTILE}.pem")]).run().exits(2));
    let greeting = loopback::plain_text("220 \u{1b}]0;title\u{7}\u{1b}[31m ready\r\n");
    is_tame(&Keyward::new(["fetch", &greeting]).run().exits(3));
}
