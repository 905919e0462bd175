//! A stream in sealed chunks: none can be changed, moved, left out or cut off without being noticed.
//!
//! Each chunk is bound to the file's header, to its place, and to whether it is the last (the STREAM
//! construction of Hoang, Reyhanitabar, Rogaway and Vizár, "Online Authenticated-Encryption and its
//! Nonce-Reuse Misuse-Resistance", with the place in the associated data).

use std::io::{self, Read, Write};

use keytide_jose::Rng;
use zeroize::Zeroizing;

use crate::fields::Fields;
use crate::kek::Tag;
use crate::row::number;
use crate::seal::SealKey;

/// Seals what is written to it, chunk by chunk.
pub(crate) struct SealedWriter<'a, W> {
    to: W,
    key: SealKey,
    header: Tag,
    rng: &'a mut dyn Rng,
    chunk: Zeroizing<Vec<u8>>,
    index: u64,
}

impl<'a, W: Write> SealedWriter<'a, W> {
    /// Behind a header of this digest.
    pub(crate) fn new(to: W, key: SealKey, header: Tag, rng: &'a mut dyn Rng) -> Self {
        let chunk = Zeroizing::new(Vec::with_capacity(CHUNK));
        Self { to, key, header, rng, chunk, index: 0 }
    }

    /// Writes the last chunk and gives back what was written to.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        self.put(true)?;
        self.to.flush()?;
        Ok(self.to)
    }

    fn put(&mut self, last: bool) -> io::Result<()> {
        let place = place(&self.header, self.index, last);
        let sealed = self.key.seal(&place, &self.chunk, self.rng).map_err(io::Error::other)?;
        let length = u32::try_from(sealed.len()).map_err(io::Error::other)?;
        self.to.write_all(&length.to_be_bytes())?;
        self.to.write_all(&[u8::from(last)])?;
        self.to.write_all(&sealed)?;
        self.chunk.clear();
        self.index += 1;
        Ok(())
    }
}

impl<W: Write> Write for SealedWriter<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.chunk.len() == CHUNK {
            self.put(false)?;
        }
        let room = bytes.len().min(CHUNK - self.chunk.len());
        self.chunk.extend_from_slice(&bytes[..room]);
        Ok(room)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Opens what a [`SealedWriter`] wrote. An end comes only after the last chunk.
pub(crate) struct SealedReader<R> {
    from: R,
    key: SealKey,
    header: Tag,
    chunk: Zeroizing<Vec<u8>>,
    read: usize,
    index: u64,
    ended: bool,
}

impl<R: Read> SealedReader<R> {
    pub(crate) fn new(from: R, key: SealKey, header: Tag) -> Self {
        let chunk = Zeroizing::default();
        Self { from, key, header, chunk, read: 0, index: 0, ended: false }
    }

    fn take(&mut self) -> io::Result<()> {
        let mut head = [0; 5];
        self.from.read_exact(&mut head).map_err(cut_short)?;
        let [a, b, c, d, last] = head;
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        if length > CHUNK + 64 {
            return Err(changed());
        }
        let mut sealed = vec![0; length];
        self.from.read_exact(&mut sealed).map_err(cut_short)?;
        let place = place(&self.header, self.index, last == 1);
        self.chunk = self.key.open(&place, &sealed).ok_or_else(changed)?;
        self.read = 0;
        self.index += 1;
        self.ended = last == 1;
        if self.ended && self.from.read(&mut [0])? != 0 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "something stands behind its end",
            ));
        }
        Ok(())
    }
}

impl<R: Read> Read for SealedReader<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.read == self.chunk.len() {
            if self.ended {
                return Ok(0);
            }
            self.take()?;
        }
        let count = into.len().min(self.chunk.len() - self.read);
        into[..count].copy_from_slice(&self.chunk[self.read..self.read + count]);
        self.read += count;
        Ok(count)
    }
}

fn place(header: &Tag, index: u64, last: bool) -> Fields {
    Fields::of("chunk 1").bytes(header).number(number(index)).number(i64::from(last))
}

fn changed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a part of it was changed or moved")
}

fn cut_short(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            io::Error::new(io::ErrorKind::InvalidData, "it was cut short")
        }
        _ => error,
    }
}

/// Bytes of plaintext in a chunk.
const CHUNK: usize = 1 << 16;

#[cfg(test)]
mod tests {
    use keytide_jose::SystemRng;

    use super::*;

    fn key() -> SealKey {
        SealKey::new(&[3; 32])
    }

    fn sealed(plain: &[u8]) -> Vec<u8> {
        let mut rng = SystemRng;
        let mut writer = SealedWriter::new(Vec::new(), key(), [7; 32], &mut rng);
        writer.write_all(plain).unwrap();
        writer.finish().unwrap()
    }

    fn opened(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut plain = Vec::new();
        SealedReader::new(bytes, key(), [7; 32]).read_to_end(&mut plain)?;
        Ok(plain)
    }

    #[test]
    fn what_was_written_is_read_whatever_its_length() {
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            let plain: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            assert!(opened(&sealed(&plain)).unwrap() == plain, "{length}");
        }
    }

    #[test]
    fn no_chunk_can_be_changed_left_out_swapped_or_cut_off() {
        let whole = sealed(&vec![1; 3 * CHUNK]);
        let frame = CHUNK + 28 + 5;
        let frames: Vec<_> = whole.chunks(frame).collect();
        assert_eq!(frames.len(), 3);
        for other in [
            [frames[0], frames[2]].concat(),
            [frames[1], frames[0], frames[2]].concat(),
            [frames[0], frames[1]].concat(),
            [frames[0], frames[1], frames[2], frames[2]].concat(),
            whole[..whole.len() - 1].to_vec(),
            Vec::new(),
        ] {
            assert!(opened(&other).is_err());
        }
        for at in (0..whole.len()).step_by(997) {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            assert!(opened(&changed).is_err(), "byte {at}");
        }
        let mut other_header = SealedReader::new(&whole[..], key(), [8; 32]);
        assert!(other_header.read(&mut [0]).is_err());
    }
}
