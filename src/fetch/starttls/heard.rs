//! What a server said and a machine has not understood yet.

/// Bytes, taken off from the front.
#[derive(Debug, Default)]
pub(super) struct Heard {
    bytes: Vec<u8>,
    /// Bytes that hold no line end, so that a server that says one byte at a time is not searched anew for each.
    searched: usize,
}

impl Heard {
    pub(super) fn push(&mut self, more: &[u8]) {
        self.bytes.extend_from_slice(more);
    }

    /// All that was not taken.
    pub(super) fn rest(&self) -> &[u8] {
        &self.bytes
    }

    /// Takes so many bytes, once they are there.
    pub(super) fn take(&mut self, count: usize) -> Option<Vec<u8>> {
        if self.bytes.len() < count {
            return None;
        }
        self.searched = 0;
        Some(self.bytes.drain(..count).collect())
    }

    /// Takes a line, once its end is there, without the end: LF, or CR and LF.
    pub(super) fn line(&mut self) -> Option<Vec<u8>> {
        let found = self.bytes.iter().skip(self.searched).position(|&byte| byte == b'\n');
        let Some(at) = found.map(|at| at.saturating_add(self.searched)) else {
            self.searched = self.bytes.len();
            return None;
        };
        let mut line = self.take(at.saturating_add(1))?;
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Some(line)
    }
}
