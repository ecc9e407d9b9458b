//! A socket with a deadline for the whole conversation and a bound on its bytes.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use super::address::remaining;
use crate::limits;

#[cfg(test)]
mod tests;

/// The conversation exceeded [`limits::HANDSHAKE_BYTES`].
#[derive(Debug, thiserror::Error)]
#[error("more than {} bytes", limits::HANDSHAKE_BYTES)]
pub(super) struct TooMuch;

/// A connected socket. Every read and write waits no longer than the deadline, so a peer that sends a byte
/// a second gains nothing. Past it they fail with [`io::ErrorKind::TimedOut`].
#[derive(Debug)]
pub(super) struct Connection {
    socket: TcpStream,
    deadline: Instant,
    received: usize,
    sent: usize,
    first: Vec<u8>,
}

impl Connection {
    pub(super) fn new(socket: TcpStream, deadline: Instant) -> Self {
        // Only costs time where it cannot be had.
        let _ = socket.set_nodelay(true);
        Self { socket, deadline, received: 0, sent: 0, first: Vec::new() }
    }

    /// Moves the deadline nearer; a later one changes nothing.
    pub(super) fn end_by(&mut self, deadline: Instant) {
        self.deadline = self.deadline.min(deadline);
    }

    pub(super) fn peer(&self) -> io::Result<SocketAddr> {
        self.socket.peer_addr()
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
        if total > limits::HANDSHAKE_BYTES {
            return Err(io::Error::new(io::ErrorKind::InvalidData, TooMuch));
        }
        Ok(())
    }
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket.set_read_timeout(Some(self.wait()?))?;
        let count = self.socket.read(buffer).map_err(timed_out)?;
        self.count(count)?;
        self.received = self.received.saturating_add(count);
        let room = limits::FIRST_WORDS.saturating_sub(self.first.len());
        self.first.extend(buffer.iter().take(count.min(room)));
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
