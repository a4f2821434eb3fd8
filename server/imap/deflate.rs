//! COMPRESS=DEFLATE (RFC 4978) over bytes: what goes out is deflated and flushed, what comes in is inflated a piece at a
//! time, so that no flood of zeros costs more memory than a piece. Pure.

use bytes::{Buf, BytesMut};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

/// So much is inflated at once.
const PIECE: usize = 16 * 1024;

/// The stream is none, or has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken;

/// Both directions of a connection.
pub(crate) struct Deflate {
    out: Compress,
    back: Decompress,
    /// What came and is not inflated yet.
    pub(crate) raw: BytesMut,
}

impl Deflate {
    /// Begins; `ahead` is what the client has sent already.
    pub(crate) fn new(ahead: &[u8]) -> Self {
        let (out, back) = (Compress::new(Compression::fast(), false), Decompress::new(false));
        Self { out, back, raw: BytesMut::from(ahead) }
    }

    /// The bytes as they are sent: the other side can read all of them at once.
    pub(crate) fn deflated(&mut self, bytes: &[u8]) -> Result<Vec<u8>, Broken> {
        let (start, mut sent) = (self.out.total_in(), Vec::with_capacity(bytes.len() / 2 + 64));
        loop {
            let done = usize::try_from(self.out.total_in() - start).map_err(|_| Broken)?;
            let rest = bytes.get(done..).unwrap_or_default();
            self.out.compress_vec(rest, &mut sent, FlushCompress::Sync).map_err(|_| Broken)?;
            let all = self.out.total_in() - start == bytes.len() as u64;
            // Room that is left says that the flush is whole.
            if all && sent.len() < sent.capacity() {
                return Ok(sent);
            }
            sent.reserve(bytes.len() / 4 + 64);
        }
    }

    /// Inflates a piece of what came into `input`; whether there was something.
    pub(crate) fn inflate(&mut self, input: &mut BytesMut) -> Result<bool, Broken> {
        let (read, written) = (self.back.total_in(), self.back.total_out());
        let mut piece = [0; PIECE];
        let status = self.back.decompress(&self.raw, &mut piece, FlushDecompress::None).map_err(|_| Broken)?;
        let (read, written) = (self.back.total_in() - read, self.back.total_out() - written);
        self.raw.advance(usize::try_from(read).map_err(|_| Broken)?);
        let written = usize::try_from(written).map_err(|_| Broken)?;
        input.extend_from_slice(piece.get(..written).unwrap_or_default());
        if status == Status::StreamEnd && written == 0 { Err(Broken) } else { Ok(written > 0) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What one side makes of what the other sent.
    fn read(side: &mut Deflate, sent: &[u8], piece: usize) -> Vec<u8> {
        let mut input = BytesMut::new();
        for some in sent.chunks(piece) {
            side.raw.extend_from_slice(some);
            while side.inflate(&mut input).unwrap() {}
        }
        input.to_vec()
    }

    proptest! {
        #[test]
        fn what_is_sent_arrives_at_once(texts in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..3_000), 1..8), piece in 1usize..500) {
            let (mut one, mut other) = (Deflate::new(b""), Deflate::new(b""));
            for text in texts {
                let sent = one.deflated(&text).unwrap();
                prop_assert_eq!(read(&mut other, &sent, piece), text);
            }
        }

        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let (mut side, mut input) = (Deflate::new(&bytes), BytesMut::new());
            while side.inflate(&mut input) == Ok(true) {}
        }
    }

    #[test]
    fn a_flood_of_zeros_is_read_in_pieces() {
        // whoever floods us shrinks as much as he can
        let (mut flood, mut other) = (Compress::new(Compression::best(), false), Deflate::new(b""));
        let mut sent = Vec::with_capacity(100_000);
        flood.compress_vec(&vec![0; 10 << 20], &mut sent, FlushCompress::Sync).unwrap();
        assert!(flood.total_in() == 10 << 20 && sent.len() < 100_000);
        other.raw.extend_from_slice(&sent);
        let mut input = BytesMut::new();
        assert_eq!(other.inflate(&mut input), Ok(true));
        assert!(input.len() <= PIECE);
    }
}
