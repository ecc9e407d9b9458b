//! The transport of one connection: with a deadline, and with our CertificateRequest in the place of rustls's where
//! that is in the clear (TLS 1.2).

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::request::Substitution;

/// Bytes of a record's header.
const HEADER: usize = 5;

/// The most that a record may carry (RFC 5246 section 6.2.1).
const RECORD: usize = 1 << 14;

/// The alert of rustls for a certificate that did not come, as it stands on the wire: TLS 1.2 has no such alert, and
/// servers of that version say `handshake_failure`.
const CERTIFICATE_REQUIRED: [u8; 7] = [21, 3, 3, 0, 2, 2, 116];
const HANDSHAKE_FAILURE: [u8; 7] = [21, 3, 3, 0, 2, 2, 40];

/// A socket whose reads and writes end at a deadline.
pub(super) struct Wire {
    socket: TcpStream,
    deadline: Instant,
    /// Written by the TLS library and not yet a whole record; empty once what follows is encrypted.
    pending: Vec<u8>,
    clear: bool,
    stream: Substitution,
}

impl Wire {
    pub(super) fn new(socket: TcpStream, time: Duration, request: Arc<[u8]>) -> Self {
        // Only costs time where it cannot be had.
        let _ = socket.set_nodelay(true);
        Self {
            socket,
            deadline: Instant::now() + time,
            pending: Vec::new(),
            clear: true,
            stream: Substitution::new(request),
        }
    }

    /// Sets another deadline.
    pub(super) fn end_in(&mut self, time: Duration) {
        self.deadline = Instant::now() + time;
    }

    /// Says that nothing more will be said, and reads what the client has still to say: a socket that is closed on
    /// unread bytes is reset, and with it goes what the client has not read.
    pub(super) fn linger(&mut self, most: usize) {
        let _ = self.socket.shutdown(std::net::Shutdown::Write);
        let mut buffer = [0; 4096];
        let mut read = 0_usize;
        while read < most {
            match self.read(&mut buffer) {
                Ok(0) | Err(_) => return,
                Ok(count) => read = read.saturating_add(count),
            }
        }
    }

    fn wait(&self) -> io::Result<Duration> {
        let time = self.deadline.saturating_duration_since(Instant::now());
        if time.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(time) }
    }

    /// Sends the whole records of `pending`, ours in the place of rustls's.
    fn send_records(&mut self) -> io::Result<()> {
        let mut out = Vec::new();
        while self.clear
            && let Some((&[kind, major, minor, high, low], rest)) = self.pending.split_first_chunk::<HEADER>()
        {
            let length = usize::from(u16::from_be_bytes([high, low]));
            let Some(content) = rest.get(..length) else { break };
            if kind == 22 {
                let content = self.stream.pass(content);
                for piece in content.chunks(RECORD) {
                    let length = u16::try_from(piece.len()).unwrap_or_default();
                    out.extend([kind, major, minor]);
                    out.extend(length.to_be_bytes());
                    out.extend_from_slice(piece);
                }
            } else {
                // After ChangeCipherSpec a record of any type is encrypted; in TLS 1.3 they are data.
                self.clear = kind == 21;
                let whole = self.pending.get(..HEADER.saturating_add(length)).unwrap_or_default();
                let whole = if whole == CERTIFICATE_REQUIRED { &HANDSHAKE_FAILURE } else { whole };
                out.extend_from_slice(whole);
            }
            self.pending.drain(..HEADER.saturating_add(length).min(self.pending.len()));
        }
        if !self.clear {
            out.append(&mut self.pending);
        }
        self.send(&out)
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut left = bytes;
        while !left.is_empty() {
            self.socket.set_write_timeout(Some(self.wait()?))?;
            let count = self.socket.write(left).map_err(timed_out)?;
            if count == 0 {
                return Err(io::ErrorKind::WriteZero.into());
            }
            left = left.get(count..).unwrap_or_default();
        }
        Ok(())
    }
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.socket.set_read_timeout(Some(self.wait()?))?;
        self.socket.read(buffer).map_err(timed_out)
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.clear {
            self.pending.extend_from_slice(bytes);
            self.send_records()?;
        } else {
            self.send(bytes)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

/// A socket whose time is up says "would block" on Unix.
fn timed_out(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::WouldBlock { io::ErrorKind::TimedOut.into() } else { error }
}
