//! What `keyward fetch --json` tells of one target.

use serde_json::Value;

use crate::keyward::Keyward;

/// What is told of a target whose fetch ends with this exit code.
pub fn fetched(target: &str, options: &[&str], code: i32) -> Value {
    let outcome = Keyward::new(["fetch", target, "--json"]).args(options).run().exits(code);
    outcome.json()["targets"][0].clone()
}

/// SHA-256 of each certificate of the chain.
pub fn fingerprints(told: &Value) -> Vec<String> {
    let chain = told["chain"].as_array().unwrap_or_else(|| panic!("a chain: {told}"));
    chain.iter().map(|certificate| certificate["sha256"].as_str().expect("sha256").to_owned()).collect()
}

/// A fetch from which no chain comes: its error has this id, and these words in its message. Gives the message.
pub fn fails(target: &str, options: &[&str], id: &str, words: &str) -> String {
    let error = fetched(target, options, 3)["error"].clone();
    let message = error["message"].as_str().expect("a message").to_owned();
    assert!(error["id"] == id && message.contains(words), "{target} {options:?}: {error}, not {id}: {words}");
    message
}
