//! Writes a segment: documents first, then terms in their order, then the contents.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use types::RecordId;

use super::{BLOCK, Block, Contents, MAGIC, Vault};
use crate::IndexError;
use crate::postings;
use crate::varint;

/// How hard texts are compressed: they are read again at every search.
const LEVEL: i32 = 3;

/// A block that is being filled.
#[derive(Default)]
struct Open {
    bytes: Vec<u8>,
    first: u32,
}

/// A segment that is being written.
pub(crate) struct Writer {
    path: PathBuf,
    file: BufWriter<File>,
    vault: Vault,
    offset: u64,
    contents: Contents,
    head: Open,
    body: Open,
    list: Vec<u8>,
    terms: Vec<u8>,
    first_term: Vec<u8>,
    last_term: Vec<u8>,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) docs: u32,
    pub(crate) first: RecordId,
    pub(crate) last: RecordId,
    pub(crate) bytes: u64,
}

impl Writer {
    pub(crate) fn create(path: &Path, vault: Vault) -> Result<Self, IndexError> {
        let file = File::create(path).map_err(IndexError::file(path))?;
        Ok(Self {
            path: path.to_owned(),
            file: BufWriter::with_capacity(64 << 10, file),
            vault,
            offset: 0,
            contents: Contents::default(),
            head: Open::default(),
            body: Open::default(),
            list: Vec::new(),
            terms: Vec::new(),
            first_term: Vec::new(),
            last_term: Vec::new(),
        })
    }

    /// Documents so far.
    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.contents.records.len()).unwrap_or(u32::MAX)
    }

    /// Adds the next document; its record is greater than those before. All documents come before all terms.
    pub(crate) fn document(&mut self, record: RecordId, marks: u8, head: &[u8], body: &[u8]) -> Result<(), IndexError> {
        let number = self.count();
        self.contents.records.push(record.0);
        self.contents.marks.push(marks);
        if let Some(block) = add(&mut self.head, number, head) {
            let block = self.block(&block.bytes, block.first)?;
            self.contents.heads.push(block);
        }
        if let Some(block) = add(&mut self.body, number, body) {
            let block = self.block(&block.bytes, block.first)?;
            self.contents.bodies.push(block);
        }
        Ok(())
    }

    /// Adds the next term, greater than those before, with its documents.
    pub(crate) fn term(&mut self, term: &[u8], docs: &[u32]) -> Result<(), IndexError> {
        if self.terms.is_empty() {
            self.first_term = term.to_vec();
            self.last_term.clear();
        }
        let shared = self.last_term.iter().zip(term).take_while(|(a, b)| a == b).count();
        let rest = term.get(shared..).unwrap_or_default();
        varint::put(&mut self.terms, shared as u64);
        varint::put(&mut self.terms, rest.len() as u64);
        self.terms.extend_from_slice(rest);
        varint::put(&mut self.terms, docs.len() as u64);
        match docs {
            [only] => varint::put(&mut self.terms, u64::from(*only)),
            several => {
                let list = postings::write(several, self.count());
                varint::put(&mut self.terms, self.contents.lists.len() as u64);
                varint::put(&mut self.terms, self.list.len() as u64);
                varint::put(&mut self.terms, list.len() as u64);
                self.list.extend_from_slice(&list);
                self.close_lists(BLOCK)?;
            }
        }
        self.last_term.clear();
        self.last_term.extend_from_slice(term);
        self.close_terms(BLOCK)
    }

    fn close_lists(&mut self, from: usize) -> Result<(), IndexError> {
        if self.list.len() >= from.max(1) {
            let bytes = std::mem::take(&mut self.list);
            let block = self.block(&bytes, 0)?;
            self.contents.lists.push(block);
        }
        Ok(())
    }
    fn close_terms(&mut self, from: usize) -> Result<(), IndexError> {
        if self.terms.len() >= from.max(1) {
            let bytes = std::mem::take(&mut self.terms);
            let block = self.block(&bytes, 0)?;
            self.contents.terms.push((block, std::mem::take(&mut self.first_term)));
        }
        Ok(())
    }

    fn block(&mut self, plain: &[u8], first: u32) -> Result<Block, IndexError> {
        let sealed = self.vault.seal(&self.offset.to_string(), plain, LEVEL)?;
        self.file.write_all(&sealed).map_err(IndexError::file(&self.path))?;
        let len = u32::try_from(sealed.len()).map_err(|_| IndexError::Failed("a block is too large"))?;
        let block = Block { offset: self.offset, len, first };
        self.offset += u64::from(len);
        Ok(block)
    }

    /// Ends the file and flushes it to the disk.
    pub(crate) fn finish(mut self) -> Result<Written, IndexError> {
        for (open, bodies) in [(std::mem::take(&mut self.head), false), (std::mem::take(&mut self.body), true)] {
            if !open.bytes.is_empty() {
                let block = self.block(&open.bytes, open.first)?;
                if bodies { &mut self.contents.bodies } else { &mut self.contents.heads }.push(block);
            }
        }
        self.close_lists(0)?;
        self.close_terms(0)?;
        let contents = postcard::to_allocvec(&self.contents).map_err(|_| IndexError::Failed("contents"))?;
        let sealed = self.vault.seal("contents", &contents, LEVEL)?;
        let mut tail = sealed;
        let len = tail.len() as u64;
        tail.extend_from_slice(&len.to_le_bytes());
        tail.extend_from_slice(MAGIC);
        self.file.write_all(&tail).map_err(IndexError::file(&self.path))?;
        let file = self.file.into_inner().map_err(|error| IndexError::file(&self.path)(error.into_error()))?;
        file.sync_data().map_err(IndexError::file(&self.path))?;
        let record = |record: Option<&i64>| RecordId(record.copied().unwrap_or(0));
        Ok(Written {
            docs: u32::try_from(self.contents.records.len()).unwrap_or(u32::MAX),
            first: record(self.contents.records.first()),
            last: record(self.contents.records.last()),
            bytes: self.offset + tail.len() as u64,
        })
    }
}

/// Puts a document's bytes into the open block; the block, when it is full now.
fn add(open: &mut Open, number: u32, bytes: &[u8]) -> Option<Open> {
    if open.bytes.is_empty() {
        open.first = number;
    }
    varint::put(&mut open.bytes, bytes.len() as u64);
    open.bytes.extend_from_slice(bytes);
    (open.bytes.len() >= BLOCK).then(|| std::mem::take(open))
}
