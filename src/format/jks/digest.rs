//! The keyed digest that ends a store: SHA-1 over the password, a constant and all that stands before.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use aws_lc_rs::digest::{Context, Digest, SHA1_FOR_LEGACY_USE_ONLY};

use super::error::JksError;
use crate::model::Password;

pub(super) const DIGEST_BYTES: usize = 20;

/// Bytes from which on the digest takes longer than to start a thread for it.
const WORTH_A_THREAD: usize = 256 * 1024;

/// Bytes that are digested between two looks at whether the result is still wanted.
const PIECE: usize = 256 * 1024;

/// The digest of a store's body.
pub(super) fn keyed_digest(password: &Password, body: &[u8]) -> [u8; DIGEST_BYTES] {
    let mut digest = keyed(password);
    digest.update(body);
    octets(&digest.finish())
}

/// Reads a store, and gives the digest of `body` with the result if it was worth computing meanwhile: it takes
/// longer than the reading does. An error of the reading does not wait for it.
pub(super) fn keyed_digest_while<T>(
    password: &Password,
    body: &[u8],
    read: impl FnOnce() -> Result<T, JksError>,
) -> Result<(T, Option<[u8; DIGEST_BYTES]>), JksError> {
    if body.len() < WORTH_A_THREAD {
        return Ok((read()?, None));
    }
    let unwanted = AtomicBool::new(false);
    thread::scope(|scope| {
        let digest = || {
            let mut digest = keyed(password);
            for piece in body.chunks(PIECE) {
                if unwanted.load(Ordering::Relaxed) {
                    return None;
                }
                digest.update(piece);
            }
            Some(octets(&digest.finish()))
        };
        // A system that has no thread to give has the digest computed afterwards.
        let digest = thread::Builder::new().spawn_scoped(scope, digest).ok();
        let read = read();
        unwanted.store(read.is_err(), Ordering::Relaxed);
        let digest = digest.and_then(|digest| digest.join().ok()).flatten();
        Ok((read?, digest))
    })
}

fn keyed(password: &Password) -> Context {
    let mut digest = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    digest.update(password.utf16be().as_slice());
    digest.update(b"Mighty Aphrodite");
    digest
}

fn octets(digest: &Digest) -> [u8; DIGEST_BYTES] {
    digest.as_ref().try_into().unwrap_or_default()
}
