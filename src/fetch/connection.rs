//! A socket with a deadline for the whole conversation and a bound on its bytes.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use super::address::remaining;
use crate::limits;

#[cfg(test)]
mod tests;

/// The conversation exceeded its bound, in bytes.
#[derive(Debug, thiserror::Error)]
#[error("more than {0} bytes")]
pub(super) struct TooMuch(usize);

/// A connected socket. Every read and write waits no longer than the deadline, so a peer that sends a byte
/// a second gains nothing. Past it they fail with [`io::ErrorKind::TimedOut`].
#[derive(Debug)]
pub(super) struct Connection {
    socket: TcpStream,
    deadline: Instant,
    bound: usize,
    received: usize,
    sent: usize,
    first: Vec<u8>,
    /// Read from the socket and given back, to be read again.
    ahead: Vec<u8>,
    /// What the peer said since a copy is kept; the bound bounds it too.
    copy: Option<Vec<u8>>,
}

impl Connection {
    pub(super) fn new(socket: TcpStream, deadline: Instant) -> Self {
        // Only costs time where it cannot be had.
        let _ = socket.set_nodelay(true);
        Self {
            socket,
            deadline,
            bound: limits::HANDSHAKE_BYTES,
            received: 0,
            sent: 0,
            first: Vec::new(),
            ahead: Vec::new(),
            copy: None,
        }
    }

    /// Begins another conversation on the same socket, with a bound of its own: what was said so far, to a
    /// proxy or before TLS, does not count any more.
    pub(super) fn begin(&mut self, bound: usize) {
        (self.bound, self.received, self.sent) = (bound, 0, 0);
        self.first.clear();
        self.copy = None;
    }

    /// Keeps a copy of what the peer says from now on.
    pub(super) fn keep_copy(&mut self) {
        self.copy = Some(Vec::new());
    }

    /// The copy.
    pub(super) fn copy(&self) -> &[u8] {
        self.copy.as_deref().unwrap_or_default()
    }

    /// Gives back what was read too much: the next read begins with it.
    pub(super) fn give_back(&mut self, bytes: &[u8]) {
        self.received = self.received.saturating_sub(bytes.len());
        self.ahead.splice(0..0, bytes.iter().copied());
    }

    /// Moves the deadline nearer; a later one changes nothing.
    pub(super) fn end_by(&mut self, deadline: Instant) {
        self.deadline = self.deadline.min(deadline);
    }

    pub(super) fn peer(&self) -> io::Result<SocketAddr> {
        self.socket.peer_addr()
    }

    /// Our own end.
    pub(super) fn local(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Bytes that came from the peer.
    pub(super) fn received(&self) -> usize {
        self.received
    }

    /// The peer's first words, where they are not the start of a TLS record that answers a ClientHello: a
    /// handshake or an alert of version 3.x (RFC 8446 section 5.1).
    pub(super) fn first_words_unlike_tls(&self) -> Option<&[u8]> {
        match self.first.as_slice() {
            [] | [21 | 22] | [21 | 22, 3, ..] => None,
            words => Some(words),
        }
    }

    /// The time for the next system call. It is never zero, which a socket would take for "no limit".
    fn wait(&self) -> io::Result<std::time::Duration> {
        let time = remaining(self.deadline);
        if time.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(time) }
    }

    fn count(&self, more: usize) -> io::Result<()> {
        let total = self.received.saturating_add(self.sent).saturating_add(more);
        if total > self.bound {
            return Err(io::Error::new(io::ErrorKind::InvalidData, TooMuch(self.bound)));
        }
        Ok(())
    }
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = if self.ahead.is_empty() {
            self.socket.set_read_timeout(Some(self.wait()?))?;
            self.socket.read(buffer).map_err(timed_out)?
        } else {
            let count = self.ahead.as_slice().read(buffer)?;
            self.ahead.drain(..count);
            count
        };
        self.count(count)?;
        self.received = self.received.saturating_add(count);
        let room = limits::FIRST_WORDS.saturating_sub(self.first.len());
        self.first.extend(buffer.iter().take(count.min(room)));
        if let Some(copy) = &mut self.copy {
            copy.extend(buffer.iter().take(count));
        }
        Ok(count)
    }
}

impl Write for Connection {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.count(buffer.len())?;
        self.socket.set_write_timeout(Some(self.wait()?))?;
        let count = self.socket.write(buffer).map_err(timed_out)?;
        self.sent = self.sent.saturating_add(count);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

/// A socket whose time is up says "would block" on Unix.
fn timed_out(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::WouldBlock { io::ErrorKind::TimedOut.into() } else { error }
}
