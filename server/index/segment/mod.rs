//! A segment: a file with the documents of some records and their terms, written once, sealed block by block under
//! the tenant's index key. Nothing of a mail stands in it in plain form.
//!
//! ```text
//! sealed blocks …   kept header fields and kept texts of the documents, lists of documents, terms
//! sealed contents   where each block lies, which records the documents are
//! length of the sealed contents (8 bytes), "SEKINDX1"
//! ```

mod merge;
mod read;
mod write;

use std::cell::RefCell;

use blobs::RecordKey;
use serde::{Deserialize, Serialize};
use zstd::bulk::Decompressor;

pub(crate) use merge::merge;
pub(crate) use read::{Lately, Segment, Terms};
pub(crate) use write::{Writer, Written};

use crate::IndexError;

/// Plain bytes after which a block is closed.
const BLOCK: usize = 16 << 10;
/// The end of every segment file.
const MAGIC: &[u8; 8] = b"SEKINDX1";
/// Bytes of the tail.
const TAIL: usize = 16;

/// A block of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Block {
    offset: u64,
    len: u32,
    /// The first document in it, of blocks that hold documents.
    first: u32,
}

/// What the file holds and where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Contents {
    /// The record of each document, ascending.
    records: Vec<i64>,
    /// What is peculiar about each document: [`VEILED`], [`UNSURE`], [`LONG`].
    marks: Vec<u8>,
    heads: Vec<Block>,
    bodies: Vec<Block>,
    lists: Vec<Block>,
    terms: Vec<(Block, Vec<u8>)>,
}

/// Digits of the document are hidden.
pub(crate) const VEILED: u8 = 1;
/// More than digits is hidden: the mail itself must be asked.
pub(crate) const UNSURE: u8 = 2;
/// It holds a word that is not whole in terms.
pub(crate) const LONG: u8 = 4;

/// Seals blocks of one file; a block opens at its own place only.
#[derive(Clone)]
pub(crate) struct Vault {
    key: RecordKey,
    file: String,
}

const PLAIN: u8 = 0;
const PACKED: u8 = 1;
/// Most plain bytes of a block, as far as opening one is concerned.
const LARGEST: usize = 256 << 20;

impl Vault {
    /// For the file `segment` of the tenant whose key it is.
    pub(crate) fn new(key: RecordKey, segment: u64) -> Self {
        Self { key, file: format!("index segment {segment}") }
    }

    fn seal(&self, place: &str, plain: &[u8], level: i32) -> Result<Vec<u8>, IndexError> {
        let packed = zstd::bulk::compress(plain, level).unwrap_or_default();
        let mut block = Vec::with_capacity(plain.len().min(packed.len()) + 1);
        if packed.is_empty() || packed.len() >= plain.len() {
            block.push(PLAIN);
            block.extend_from_slice(plain);
        } else {
            block.push(PACKED);
            block.extend_from_slice(&packed);
        }
        let place = format!("{} {place}", self.file);
        self.key.seal_column(&place, &block).map_err(|_| IndexError::Failed("a block could not be sealed"))
    }

    fn open(&self, place: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let block = self.key.open_column(&format!("{} {place}", self.file), sealed).ok()?;
        let (kind, body) = block.split_first()?;
        if *kind == PLAIN {
            return Some(body.to_vec());
        }
        let size = usize::try_from(zstd::zstd_safe::get_frame_content_size(body).ok()??).ok()?;
        if size > LARGEST { None } else { unpacked(body, size) }
    }
}

thread_local! {
    /// Making one costs as much as a block.
    static UNPACKER: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

fn unpacked(body: &[u8], size: usize) -> Option<Vec<u8>> {
    UNPACKER.with_borrow_mut(|slot| {
        if slot.is_none() {
            *slot = Decompressor::new().ok();
        }
        slot.as_mut()?.decompress(body, size).ok()
    })
}
