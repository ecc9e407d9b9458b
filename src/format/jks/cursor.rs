//! Big-endian numbers and counted bytes, as `java.io.DataInputStream` reads them.

use super::error::Problem;

/// A position in bytes. Reading past the end is an error and moves nothing.
#[derive(Clone, Debug)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    /// How many bytes have been read.
    pub(super) fn position(&self) -> usize {
        self.position
    }

    /// What has not been read.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.position..).unwrap_or_default()
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Problem> {
        let rest = self.rest();
        let taken = rest.get(..count).ok_or(Problem::Truncated {
            needed: u64::try_from(count).unwrap_or(u64::MAX),
            left: rest.len(),
        })?;
        self.position = self.position.saturating_add(count);
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Problem> {
        let left = self.rest().len();
        let needed = u64::try_from(N).unwrap_or(u64::MAX);
        self.take(N)?.try_into().map_err(|_| Problem::Truncated { needed, left })
    }

    pub(super) fn u8(&mut self) -> Result<u8, Problem> {
        self.array().map(u8::from_be_bytes)
    }

    pub(super) fn u16(&mut self) -> Result<u16, Problem> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Problem> {
        self.array().map(u32::from_be_bytes)
    }

    pub(super) fn i64(&mut self) -> Result<i64, Problem> {
        self.array().map(i64::from_be_bytes)
    }

    /// Bytes after their length in 32 bits.
    pub(super) fn counted(&mut self) -> Result<&'a [u8], Problem> {
        let length = self.u32()?;
        let count = usize::try_from(length).unwrap_or(usize::MAX);
        self.take(count)
    }

    /// Bytes after their length in 16 bits: what `writeUTF` makes.
    pub(super) fn short_counted(&mut self) -> Result<&'a [u8], Problem> {
        let length = self.u16()?;
        self.take(usize::from(length))
    }
}
