//! PEM: text that carries DER (RFC 7468, RFC 1421), read from whatever stands around it.
//!
//! A file of blocks is read block by block: what is wrong with one block is an error of that block, with its
//! line, and the others are read. Read are byte order marks, UTF-16, line ends of every system and none,
//! indentation, text before, between and after the blocks, also on their lines, long and blank lines, and
//! the headers of RFC 1421. A label means nothing here: any pair is carried.

mod blocks;
mod text;

#[cfg(test)]
mod tests;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub use blocks::{Block, PemError, PemProblem, base64, blocks, has_block};
pub use text::{Text, is_utf16, text};

/// Writes a block as RFC 7468 section 3 has it: lines of 64 characters, `\n` at their ends.
///
/// The text of a private key is a secret too: it is for the caller to zeroize.
#[must_use]
pub fn encode(label: &str, der: &[u8]) -> String {
    let mut out = format!("-----BEGIN {label}-----\n");
    out.reserve(der.len() / 48 * 65 + label.len() + 100);
    for line in der.chunks(48) {
        STANDARD.encode_string(line, &mut out);
        out.push('\n');
    }
    out.push_str("-----END ");
    out.push_str(label);
    out.push_str("-----\n");
    out
}
