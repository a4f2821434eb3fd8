//! The parts of a document that is a ZIP (ECMA-376 part 2; ODF 1.3 part 2): listed, and each opened as a bounded
//! stream. Where the directory is lost, the parts are found by their local headers. It knows no format of a part.

use std::io::{Cursor, Read};

use flate2::read::DeflateDecoder;
use memchr::memmem;
use zip::ZipArchive;

use super::xml::{self, Sink};
use crate::Reason;
use crate::reader::Reader;

/// Parts of a document at most.
const PARTS: usize = 10_000;
/// The mark of a local header (APPNOTE.TXT 4.3.7).
const LOCAL: &[u8] = b"PK\x03\x04";

/// A document's parts.
pub(crate) struct Package<'a> {
    bytes: &'a [u8],
    archive: Option<ZipArchive<Cursor<&'a [u8]>>>,
    parts: Vec<Part>,
    /// Whether a part needs a password.
    pub encrypted: bool,
}

struct Part {
    name: String,
    place: Place,
}

/// Where the bytes of a part are.
#[derive(Clone, Copy)]
enum Place {
    /// At this index of the directory.
    Listed(usize),
    /// Behind a local header.
    Local { start: usize, size: usize, deflated: bool },
}

impl<'a> Package<'a> {
    /// Lists the parts of `bytes`. A lost directory is [`Reason::Broken`], and what is found is read all the same.
    pub fn open(bytes: &'a [u8], out: &mut Reader) -> Self {
        match ZipArchive::new(Cursor::new(bytes)) {
            Ok(archive) => Self::listed(bytes, archive, out),
            Err(_) => {
                out.refuse(Reason::Broken);
                let encrypted = bytes.get(6).is_some_and(|flags| flags & 1 != 0);
                Self { bytes, archive: None, parts: local_parts(bytes), encrypted }
            }
        }
    }

    fn listed(bytes: &'a [u8], mut archive: ZipArchive<Cursor<&'a [u8]>>, out: &mut Reader) -> Self {
        let (mut parts, mut encrypted) = (Vec::new(), false);
        if archive.len() > PARTS {
            out.refuse(Reason::TooBig);
        }
        for index in 0..archive.len().min(PARTS) {
            let Ok(entry) = archive.by_index_raw(index) else {
                out.refuse(Reason::Broken);
                continue;
            };
            encrypted |= entry.encrypted();
            if !entry.is_dir() {
                let name = String::from_utf8_lossy(entry.name_raw()).replace('\\', "/");
                parts.push(Part { name: name.trim_start_matches('/').to_owned(), place: Place::Listed(index) });
            }
        }
        Self { bytes, archive: Some(archive), parts, encrypted }
    }

    /// How many parts there are.
    pub fn len(&self) -> usize {
        self.parts.len()
    }

    /// The name of a part.
    pub fn name(&self, at: usize) -> &str {
        self.parts.get(at).map_or("", |part| part.name.as_str())
    }

    /// The part with this name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.parts.iter().position(|part| part.name == name)
    }

    /// The first bytes of a part, to see what it is.
    pub fn head(&mut self, at: usize, size: u64) -> Vec<u8> {
        let mut head = Vec::new();
        if let Some(stream) = self.stream(at) {
            // what is damaged is said when the part is read
            let _ = stream.take(size).read_to_end(&mut head);
        }
        head
    }

    /// Pushes an XML part into `sink`.
    pub fn parse(&mut self, at: usize, sink: &mut dyn Sink, out: &mut Reader) {
        let room = out.room();
        let Some(stream) = self.stream(at) else { return out.refuse(Reason::Broken) };
        let mut counted = Counted { inner: stream, room, read: 0 };
        let whole = xml::parse(&mut counted, sink);
        if out.take(counted.read) && !whole {
            out.refuse(Reason::Broken);
        }
    }

    /// A part as a whole, as far as there is room.
    pub fn bytes(&mut self, at: usize, out: &mut Reader) -> Vec<u8> {
        let room = out.room();
        let Some(stream) = self.stream(at) else {
            out.refuse(Reason::Broken);
            return Vec::new();
        };
        let mut counted = Counted { inner: stream, room, read: 0 };
        let mut bytes = Vec::new();
        let whole = counted.read_to_end(&mut bytes).is_ok();
        if out.take(counted.read) && !whole {
            out.refuse(Reason::Broken);
        }
        bytes
    }

    fn stream(&mut self, at: usize) -> Option<Box<dyn Read + '_>> {
        match self.parts.get(at)?.place {
            Place::Listed(index) => Some(Box::new(self.archive.as_mut()?.by_index(index).ok()?)),
            Place::Local { start, size, deflated } => {
                let bytes = self.bytes.get(start..)?;
                match deflated {
                    true => Some(Box::new(DeflateDecoder::new(bytes))),
                    false => Some(Box::new(bytes.get(..size).unwrap_or(bytes))),
                }
            }
        }
    }
}

/// A stream that ends with an error where the room does; `read` is then one more than the room.
struct Counted<R> {
    inner: R,
    room: usize,
    read: usize,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(out)?;
        self.read += read;
        if self.read > self.room {
            return Err(std::io::Error::other("no room"));
        }
        Ok(read)
    }
}

/// The parts by their local headers, for a file whose end is lost.
fn local_parts(bytes: &[u8]) -> Vec<Part> {
    memmem::find_iter(bytes, LOCAL).take(PARTS).filter_map(|at| local_part(bytes, at)).collect()
}

fn local_part(bytes: &[u8], at: usize) -> Option<Part> {
    let header = bytes.get(at..at + 30)?;
    let short = |place: usize| header.get(place..place + 2).map(|two| usize::from(two[0]) | usize::from(two[1]) << 8);
    let (method, length, extra) = (short(8)?, short(26)?, short(28)?);
    let size = short(18)? | short(20)? << 16;
    let name = String::from_utf8_lossy(bytes.get(at + 30..at + 30 + length)?).into_owned();
    let place = Place::Local { start: at + 30 + length + extra, size, deflated: method == 8 };
    (matches!(method, 0 | 8) && !name.ends_with('/')).then_some(Part { name, place })
}
