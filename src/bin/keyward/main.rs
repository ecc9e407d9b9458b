//! The command `keyward`.

#[allow(dead_code, reason = "the verbs that ask for passwords follow")]
mod password;

fn main() {}
