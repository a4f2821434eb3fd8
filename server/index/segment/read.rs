//! Reads a segment. What is open holds its contents in memory; blocks are read when they are asked for, and kept for the next who
//! asks.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use moka::sync::Cache;
use types::RecordId;

use super::{Block, Contents, MAGIC, TAIL, Vault};
use crate::IndexError;
use crate::document::Kept;
use crate::known::{Facts, Known};
use crate::postings;
use crate::query::Ask;
use crate::tokens::Zone;
use crate::varint::Cursor;

/// Most sealed bytes of the contents, as far as opening is concerned.
const LARGEST_CONTENTS: u64 = 1 << 30;

/// Blocks that were opened lately, by the number of the open segment and their offset.
pub(crate) type Blocks = Cache<(u64, u64), Bytes>;

/// What all open segments share: what was read and answered of them lately.
#[derive(Clone)]
pub(crate) struct Lately {
    pub blocks: Blocks,
    pub known: Known,
}

/// How many segments this process has opened: a file that is made again under its old name is another segment.
static OPENED: AtomicU64 = AtomicU64::new(0);

/// An open segment.
pub(crate) struct Segment {
    number: u64,
    lately: Lately,
    path: PathBuf,
    file: File,
    vault: Vault,
    contents: Contents,
}

/// The documents of a term.
#[derive(Debug, Clone, Copy)]
pub(crate) enum List {
    /// One document.
    One(u32),
    /// A list in a block.
    At { block: usize, offset: usize, len: usize },
}

impl Segment {
    pub(crate) fn open(path: &Path, vault: Vault, lately: Lately) -> Result<Self, IndexError> {
        let file = File::open(path).map_err(IndexError::file(path))?;
        let damaged = |what| IndexError::damaged(path, what);
        let size = file.metadata().map_err(IndexError::file(path))?.len();
        let tail_at = size.checked_sub(TAIL as u64).ok_or_else(|| damaged("too short"))?;
        let tail = read_at(&file, path, tail_at, TAIL)?;
        let (len, magic) = tail.split_first_chunk::<8>().ok_or_else(|| damaged("too short"))?;
        let len = u64::from_le_bytes(*len);
        if magic != MAGIC || len > LARGEST_CONTENTS || len > tail_at {
            return Err(damaged("no end"));
        }
        let sealed = read_at(&file, path, tail_at - len, usize::try_from(len).unwrap_or(0))?;
        let plain = vault.open("contents", &sealed).ok_or_else(|| damaged("the contents do not open"))?;
        let contents = postcard::from_bytes(&plain).map_err(|_| damaged("the contents cannot be read"))?;
        let number = OPENED.fetch_add(1, Ordering::Relaxed);
        Ok(Self { number, lately, path: path.to_owned(), file, vault, contents })
    }

    /// Memory used while it is open, bytes, about.
    pub(crate) fn memory(&self) -> usize {
        let Contents { records, heads, bodies, lists, terms, .. } = &self.contents;
        512 + records.len() * 9 + (heads.len() + bodies.len() + lists.len()) * 16 + terms.len() * 64
    }
    /// The number of documents.
    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.contents.records.len()).unwrap_or(u32::MAX)
    }
    /// What was answered lately of its documents.
    pub(crate) fn known(&self, ask: &Ask) -> Arc<Mutex<Facts>> {
        self.lately.known.of(self.number, ask, self.count())
    }
    /// The records of its documents, ascending.
    pub(crate) fn records(&self) -> &[i64] {
        &self.contents.records
    }
    /// What is peculiar about a document.
    pub(crate) fn marks(&self, doc: u32) -> u8 {
        self.contents.marks.get(doc as usize).copied().unwrap_or(super::UNSURE)
    }
    /// Whether any document has one of these marks.
    pub(crate) fn has_marks(&self, marks: u8) -> bool {
        self.contents.marks.iter().any(|found| found & marks != 0)
    }

    fn damaged(&self, what: &'static str) -> IndexError {
        IndexError::damaged(&self.path, what)
    }

    fn block(&self, block: Block) -> Result<Bytes, IndexError> {
        let place = (self.number, block.offset);
        if let Some(known) = self.lately.blocks.get(&place) {
            return Ok(known);
        }
        let sealed = read_at(&self.file, &self.path, block.offset, block.len as usize)?;
        let plain = self.vault.open(&block.offset.to_string(), &sealed);
        let plain = Bytes::from(plain.ok_or_else(|| self.damaged("a block does not open"))?);
        self.lately.blocks.insert(place, plain.clone());
        Ok(plain)
    }

    /// Opens blocks as long as there is `room` for their bytes: terms and lists, then fields and texts, the newest first.
    pub(crate) fn warm(&self, room: &mut usize) -> Result<(), IndexError> {
        let Contents { heads, bodies, lists, terms, .. } = &self.contents;
        let first = terms.iter().map(|(block, _)| block).chain(lists);
        for block in first.chain(heads.iter().rev()).chain(bodies.iter().rev()) {
            let Some(left) = room.checked_sub(self.block(*block)?.len()) else {
                *room = 0;
                return Ok(());
            };
            *room = left;
        }
        Ok(())
    }

    /// Gives what is kept of those of the documents (ascending) that `wanted` names: of the head zone header fields, of
    /// the body zone texts, as their bytes. Each block is opened once.
    pub(crate) fn kept(&self, zone: Zone, wanted: &[u32], give: &mut impl FnMut(u32, &[u8])) -> Result<(), IndexError> {
        let blocks = match zone {
            Zone::Head => &self.contents.heads,
            Zone::Body => &self.contents.bodies,
        };
        let mut wanted = wanted;
        for (at, block) in blocks.iter().enumerate() {
            let end = blocks.get(at + 1).map_or(self.count(), |next| next.first);
            let here = wanted.partition_point(|doc| *doc < end);
            let (mine, rest) = wanted.split_at_checked(here).unwrap_or_default();
            wanted = rest;
            if mine.is_empty() {
                continue;
            }
            let plain = self.block(*block)?;
            let mut cursor = Cursor(&plain);
            for doc in block.first..end {
                let bytes = cursor.size().and_then(|len| cursor.take(len));
                let bytes = bytes.ok_or_else(|| self.damaged("a document ends early"))?;
                if mine.binary_search(&doc).is_ok() {
                    give(doc, bytes);
                }
            }
        }
        Ok(())
    }

    /// All that is kept of one document.
    pub(crate) fn document(&self, doc: u32) -> Result<Kept, IndexError> {
        let mut kept = Kept::default();
        let mut bad = false;
        self.kept(Zone::Head, &[doc], &mut |_, bytes| match postcard::from_bytes(bytes) {
            Ok(fields) => kept.fields = fields,
            Err(_) => bad = true,
        })?;
        self.kept(Zone::Body, &[doc], &mut |_, bytes| match postcard::from_bytes(bytes) {
            Ok(texts) => kept.texts = texts,
            Err(_) => bad = true,
        })?;
        if bad { Err(self.damaged("a document cannot be read")) } else { Ok(kept) }
    }

    /// The terms from `from` on, in their order.
    pub(crate) fn terms(&self, from: &[u8]) -> Terms<'_> {
        let next = self.contents.terms.partition_point(|(_, first)| first.as_slice() <= from).saturating_sub(1);
        Terms {
            segment: self,
            next,
            block: Bytes::new(),
            at: 0,
            term: Vec::new(),
            count: 0,
            list: List::One(0),
            from: from.to_vec(),
        }
    }

    /// The documents of a list.
    pub(crate) fn docs(&self, list: List, cached: &mut Option<(usize, Bytes)>) -> Result<Vec<u32>, IndexError> {
        let List::At { block, offset, len } = list else {
            let List::One(doc) = list else { return Ok(Vec::new()) };
            return Ok(vec![doc]);
        };
        if cached.as_ref().is_none_or(|(number, _)| *number != block) {
            let place = self.contents.lists.get(block).ok_or_else(|| self.damaged("a list is nowhere"))?;
            *cached = Some((block, self.block(*place)?));
        }
        let bytes = cached.as_ref().and_then(|(_, bytes)| bytes.get(offset..offset.checked_add(len)?));
        Ok(postings::read(bytes.ok_or_else(|| self.damaged("a list ends early"))?))
    }

    /// The place of a record among the documents.
    pub(crate) fn place(&self, record: RecordId) -> Option<u32> {
        self.contents.records.binary_search(&record.0).ok().and_then(|at| u32::try_from(at).ok())
    }
}

/// Walks through terms in their order.
pub(crate) struct Terms<'s> {
    segment: &'s Segment,
    next: usize,
    block: Bytes,
    at: usize,
    from: Vec<u8>,
    /// The present term.
    pub(crate) term: Vec<u8>,
    /// In how many documents it stands.
    pub(crate) count: u64,
    /// In which.
    pub(crate) list: List,
}

impl Terms<'_> {
    /// Goes to the next term; `false` after the last.
    pub(crate) fn step(&mut self) -> Result<bool, IndexError> {
        while self.any_step()? {
            if self.term >= self.from {
                self.from.clear();
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn any_step(&mut self) -> Result<bool, IndexError> {
        if self.at >= self.block.len() {
            let Some((block, _)) = self.segment.contents.terms.get(self.next) else { return Ok(false) };
            self.block = self.segment.block(*block)?;
            self.next += 1;
            self.at = 0;
            self.term.clear();
        }
        let rest = self.block.get(self.at..).unwrap_or_default();
        let mut cursor = Cursor(rest);
        let read = entry(&mut cursor, &mut self.term);
        let (count, list) = read.ok_or_else(|| self.segment.damaged("a term cannot be read"))?;
        self.at = self.block.len() - cursor.0.len();
        (self.count, self.list) = (count, list);
        Ok(true)
    }
}

fn entry(cursor: &mut Cursor<'_>, term: &mut Vec<u8>) -> Option<(u64, List)> {
    let (shared, own) = (cursor.size()?, cursor.size()?);
    let rest = cursor.take(own)?;
    term.truncate(shared);
    term.extend_from_slice(rest);
    let count = cursor.number()?;
    let list = if count == 1 {
        List::One(u32::try_from(cursor.number()?).ok()?)
    } else {
        List::At { block: cursor.size()?, offset: cursor.size()?, len: cursor.size()? }
    };
    Some((count, list))
}

fn read_at(file: &File, path: &Path, offset: u64, len: usize) -> Result<Vec<u8>, IndexError> {
    let mut bytes = vec![0; len];
    file.read_exact_at(&mut bytes, offset).map_err(IndexError::file(path))?;
    Ok(bytes)
}
