//! The index of one tenant: takes documents in, merges, answers.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use blobs::RecordKey;
use types::{RecordId, TenantId, Timestamp};

use crate::IndexError;
use crate::batch::Batch;
use crate::document::{Document, Hasher};
use crate::manifest::{Entry, Manifest};
use crate::query::{Answer, Ask};
use crate::search;
use crate::segment::{Segment, Vault, Writer, merge};
use crate::shelf::Shelf;

/// Memory of documents that wait for their segment, bytes, about.
const BATCH: usize = 32 << 20;

/// So often a search begins again because segments went that it was about to look into. Each time the index has changed.
const TRIES: usize = 100;

/// One tenant's index.
pub(crate) struct Tenant {
    id: TenantId,
    folder: PathBuf,
    key: RecordKey,
    shelf: Arc<Shelf>,
    manifest: Mutex<Arc<Manifest>>,
}

impl Tenant {
    /// Opens the folder, which need not be there.
    pub(crate) fn open(folder: &Path, id: TenantId, key: RecordKey, shelf: Arc<Shelf>) -> Self {
        let manifest = Manifest::read(&folder.join("manifest"), &key);
        Self { id, folder: folder.to_owned(), key, shelf, manifest: Mutex::new(Arc::new(manifest)) }
    }

    /// What it consists of now.
    pub(crate) fn manifest(&self) -> Arc<Manifest> {
        self.manifest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
    /// The last record that was met.
    pub(crate) fn through(&self) -> RecordId {
        RecordId(self.manifest().through)
    }
    pub(crate) fn hasher(&self) -> Hasher {
        Hasher::new(&self.key)
    }

    fn path(&self, segment: u64) -> PathBuf {
        self.folder.join(format!("{segment:08}.seg"))
    }
    fn vault(&self, segment: u64) -> Vault {
        Vault::new(self.key.clone(), segment)
    }
    fn publish(&self, manifest: Manifest) -> Result<(), IndexError> {
        manifest.write(&self.folder.join("manifest"), &self.key)?;
        *self.manifest.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(manifest);
        Ok(())
    }

    /// Takes documents in, ascending by record; `None` where a mail could not be read. On disk when it returns.
    pub(crate) fn add(&self, documents: Vec<(RecordId, Option<Document>)>, now: Timestamp) -> Result<(), IndexError> {
        fs::create_dir_all(&self.folder).map_err(IndexError::file(&self.folder))?;
        let mut manifest = (*self.manifest()).clone();
        let (mut batch, mut of) = (Batch::new(self.hasher()), 0);
        for (record, document) in documents {
            if record.0 <= manifest.through {
                continue;
            }
            let month = manifest.month_of(record, now);
            if month != of || batch.bytes() > BATCH {
                self.write(std::mem::replace(&mut batch, Batch::new(self.hasher())), of, &mut manifest)?;
                of = month;
            }
            if !matches!(document, Some(document) if batch.add(record, &document)?) {
                manifest.apart.push(record.0);
            }
            manifest.through = record.0;
        }
        self.write(batch, of, &mut manifest)?;
        self.publish(manifest)
    }

    fn write(&self, batch: Batch, month: u32, manifest: &mut Manifest) -> Result<(), IndexError> {
        if batch.is_empty() {
            return Ok(());
        }
        let id = manifest.next;
        manifest.next += 1;
        let written = batch.write(&self.path(id), self.vault(id))?;
        manifest.add(id, month, written);
        Ok(())
    }

    /// Merges once, where that is due; whether it was.
    pub(crate) fn tidy(&self) -> Result<bool, IndexError> {
        let mut manifest = (*self.manifest()).clone();
        let Some(of) = manifest.to_merge() else { return Ok(false) };
        let sources = of.iter().map(|entry| self.segment(entry)).collect::<Result<Vec<_>, _>>()?;
        let id = manifest.next;
        manifest.next += 1;
        let writer = Writer::create(&self.path(id), self.vault(id))?;
        let sources: Vec<&Segment> = sources.iter().map(Arc::as_ref).collect();
        let written = merge(&sources, &BTreeSet::new(), writer)?;
        manifest.merged(&of, (id, written));
        self.publish(manifest)?;
        for entry in of {
            self.forget(entry.id);
        }
        Ok(true)
    }

    /// Takes the documents of these records out: the first segment that holds some is written anew without them; whether there
    /// was one. Nothing of them is left in the folder when there is none any more.
    pub(crate) fn drop_documents(&self, records: &BTreeSet<RecordId>) -> Result<bool, IndexError> {
        let mut manifest = (*self.manifest()).clone();
        let apart = manifest.apart.len();
        manifest.apart.retain(|record| !records.contains(&RecordId(*record)));
        let Some((entry, segment)) = self.holding(&manifest, records)? else {
            if manifest.apart.len() < apart {
                self.publish(manifest)?;
            }
            return Ok(false);
        };
        let gone = records.iter().filter(|record| segment.place(**record).is_some()).count();
        manifest.segments.retain(|other| other.id != entry.id);
        if gone < segment.count() as usize {
            let id = manifest.next;
            manifest.next += 1;
            let written = merge(&[&segment], records, Writer::create(&self.path(id), self.vault(id))?)?;
            manifest.add(id, entry.month, written);
            manifest.segments.sort_by_key(|entry| entry.month);
        }
        self.publish(manifest)?;
        self.forget(entry.id);
        self.shelf.forget_lately();
        Ok(true)
    }

    fn holding(
        &self,
        manifest: &Manifest,
        records: &BTreeSet<RecordId>,
    ) -> Result<Option<(Entry, Arc<Segment>)>, IndexError> {
        for entry in &manifest.segments {
            let within: Vec<RecordId> = records.range(RecordId(entry.first)..=RecordId(entry.last)).copied().collect();
            if within.is_empty() {
                continue;
            }
            let segment = self.segment(entry)?;
            if within.iter().any(|record| segment.place(*record).is_some()) {
                return Ok(Some((*entry, segment)));
            }
        }
        Ok(None)
    }

    fn forget(&self, segment: u64) {
        self.shelf.remove(self.id, segment);
        // one that stays is cleared away at the next start
        let _ = fs::remove_file(self.path(segment));
    }

    /// Begins anew, with nothing.
    pub(crate) fn clear(&self) -> Result<(), IndexError> {
        let old = self.manifest();
        fs::create_dir_all(&self.folder).map_err(IndexError::file(&self.folder))?;
        self.publish(old.anew())?;
        old.segments.iter().for_each(|entry| self.forget(entry.id));
        Ok(())
    }

    /// Removes segments that the manifest does not name: what a process left that ended in between.
    pub(crate) fn sweep(&self) {
        let manifest = self.manifest();
        let Ok(files) = fs::read_dir(&self.folder) else { return };
        for file in files.flatten() {
            let name = file.file_name();
            let id = name.to_str().and_then(|name| name.strip_suffix(".seg")).and_then(|id| id.parse::<u64>().ok());
            if id.is_some_and(|id| !manifest.segments.iter().any(|entry| entry.id == id)) {
                let _ = fs::remove_file(file.path());
            }
        }
    }

    /// The open segment.
    pub(crate) fn segment(&self, entry: &Entry) -> Result<Arc<Segment>, IndexError> {
        if let Some(open) = self.shelf.get(self.id, entry.id) {
            return Ok(open);
        }
        let segment = Arc::new(Segment::open(&self.path(entry.id), self.vault(entry.id), self.shelf.lately.clone())?);
        self.shelf.put(self.id, entry.id, &segment);
        Ok(segment)
    }

    /// The answers about `records` (ascending), in their order; [`Answer::Maybe`] about those that are not here.
    pub(crate) fn answers(&self, ask: &Ask, records: &[RecordId]) -> Result<Vec<Answer>, IndexError> {
        let answers = self.as_it_is(|manifest| self.answers_by(manifest, ask, records))?;
        Ok(answers.unwrap_or_else(|| vec![Answer::Maybe; records.len()]))
    }

    /// What is found in the segments of one moment. Merges and disposals take files away under a search's hands: then it looks
    /// again, at those that took their place; `None` when that went on for too long. A file that is missing while nothing has
    /// changed is an error.
    pub(crate) fn as_it_is<T>(
        &self,
        mut look: impl FnMut(&Manifest) -> Result<T, IndexError>,
    ) -> Result<Option<T>, IndexError> {
        for _ in 0..TRIES {
            let manifest = self.manifest();
            match look(&manifest) {
                Err(IndexError::File { .. }) if !Arc::ptr_eq(&manifest, &self.manifest()) => {}
                looked => return looked.map(Some),
            }
        }
        Ok(None)
    }

    pub(crate) fn answers_by(
        &self,
        manifest: &Manifest,
        ask: &Ask,
        records: &[RecordId],
    ) -> Result<Vec<Answer>, IndexError> {
        let mut answers = vec![Answer::Maybe; records.len()];
        let hasher = self.hasher();
        for entry in &manifest.segments {
            let from = records.partition_point(|record| record.0 < entry.first);
            let to = records.partition_point(|record| record.0 <= entry.last);
            let range = records.get(from..to).unwrap_or_default();
            if range.is_empty() {
                continue;
            }
            let segment = self.segment(entry)?;
            let places: Vec<(usize, u32)> =
                (from..).zip(range).filter_map(|(at, record)| segment.place(*record).map(|doc| (at, doc))).collect();
            let docs: Vec<u32> = places.iter().map(|(_, doc)| *doc).collect();
            let found = search::answers(&segment, ask, &docs, &hasher)?;
            for ((at, _), answer) in places.into_iter().zip(found) {
                if let Some(known) = answers.get_mut(at) {
                    *known = answer;
                }
            }
        }
        Ok(answers)
    }
}
