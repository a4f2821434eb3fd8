//! The index of all tenants: answers searches, and holds what the feeder fills.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use extract::MailTexts;
use store::{Access, Manage, Server, Store};
use tokio::sync::Notify;
use types::{RecordId, TenantId};

use crate::files::Mute;
use crate::manifest::{VERSION, replace};
use crate::query::{Answer, Ask};
use crate::shelf::Shelf;
use crate::tenant::Tenant;
use crate::{IndexError, Reading};

/// The full-text index.
#[derive(Clone)]
pub struct Index(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    folder: PathBuf,
    pub(crate) store: Store,
    pub(crate) access: Access<Server, Manage>,
    pub(crate) reading: Arc<dyn Reading>,
    pub(crate) files: Arc<dyn MailTexts>,
    pub(crate) mute: Mute,
    shelf: Arc<Shelf>,
    tenants: Mutex<HashMap<TenantId, Arc<Tenant>>>,
    position: AtomicI64,
    dropped: AtomicI64,
    anew: Mutex<HashSet<TenantId>>,
    pub(crate) woken: Notify,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Index")
    }
}

impl Index {
    /// The index in `folder`, which need not be there; `access` is how it reads records, `reading` knows mails, `files`
    /// has the texts of what lies in them.
    #[must_use]
    pub fn open(
        folder: &Path,
        store: Store,
        access: Access<Server, Manage>,
        reading: Arc<dyn Reading>,
        files: Arc<dyn MailTexts>,
    ) -> Self {
        let written = |name: &str| fs::read_to_string(folder.join(name)).ok();
        let position = written("position").and_then(|text| position(&text)).unwrap_or(0);
        let dropped = written("dropped").and_then(|text| text.trim().parse().ok()).unwrap_or(0);
        Self(Arc::new(Inner {
            folder: folder.to_owned(),
            store,
            access,
            reading,
            files,
            mute: Mute::default(),
            shelf: Arc::default(),
            tenants: Mutex::default(),
            position: AtomicI64::new(position),
            dropped: AtomicI64::new(dropped),
            anew: Mutex::default(),
            woken: Notify::new(),
        }))
    }

    /// What is known of `records` (ascending) and each question: a list of answers for each of `asks`. It never fails:
    /// what cannot be told is [`Answer::Maybe`].
    pub async fn answers(&self, tenant: TenantId, asks: Vec<Ask>, records: Arc<Vec<RecordId>>) -> Vec<Vec<Answer>> {
        let unknown = vec![vec![Answer::Maybe; records.len()]; asks.len()];
        let found = match self.tenant(tenant).await {
            Ok(of) => tokio::task::spawn_blocking(move || answer_all(&of, &asks, &records)).await,
            Err(error) => Ok(Err(error)),
        };
        match found {
            Ok(Ok(answers)) => answers,
            Ok(Err(error)) => {
                tracing::error!(%error, tenant.id = tenant.0, "the index cannot be read; it is made anew");
                self.make_anew(tenant);
                unknown
            }
            Err(_) => unknown,
        }
    }

    /// Makes the index of a tenant anew, soon, by whoever runs [`Index::feed`].
    pub fn make_anew(&self, tenant: TenantId) {
        self.anew().insert(tenant);
        self.0.woken.notify_one();
    }

    /// The record up to which everything was met.
    #[must_use]
    pub fn position(&self) -> RecordId {
        RecordId(self.0.position.load(Ordering::Acquire))
    }

    /// Bytes of a tenant's segments, and the number of documents in them.
    ///
    /// # Errors
    /// The key of the index could not be read.
    pub async fn size(&self, tenant: TenantId) -> Result<(u64, u64), IndexError> {
        let manifest = self.tenant(tenant).await?.manifest();
        let docs = manifest.segments.iter().map(|entry| u64::from(entry.docs)).sum();
        Ok((manifest.segments.iter().map(|entry| entry.bytes).sum(), docs))
    }

    pub(crate) fn anew(&self) -> MutexGuard<'_, HashSet<TenantId>> {
        self.0.anew.lock().unwrap_or_else(PoisonError::into_inner)
    }
    pub(crate) fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// Notes that everything up to `record` was met.
    pub(crate) fn moved_to(&self, record: RecordId) -> Result<(), IndexError> {
        if record == self.position() {
            return Ok(());
        }
        self.0.position.store(record.0, Ordering::Release);
        replace(&self.0.folder.join("position"), format!("{record} {VERSION}").as_bytes())
    }

    /// The place in the order of disposals up to which everything was taken out. It holds for every version of the index, since
    /// one that is made anew meets nothing that was disposed of.
    pub(crate) fn dropped(&self) -> i64 {
        self.0.dropped.load(Ordering::Acquire)
    }

    /// Notes that everything up to this place was taken out.
    pub(crate) fn dropped_to(&self, seq: i64) -> Result<(), IndexError> {
        replace(&self.0.folder.join("dropped"), seq.to_string().as_bytes())?;
        self.0.dropped.store(seq, Ordering::Release);
        Ok(())
    }

    pub(crate) async fn tenant(&self, id: TenantId) -> Result<Arc<Tenant>, IndexError> {
        let known = |inner: &Inner| inner.tenants.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        if let Some(tenant) = known(&self.0) {
            return Ok(tenant);
        }
        let key = self.0.store.index_key(&self.0.access, id).await?;
        let (folder, shelf) = (self.0.folder.join(id.to_string()), self.0.shelf.clone());
        let opened = tokio::task::spawn_blocking(move || Tenant::open(&folder, id, key, shelf)).await;
        let opened = Arc::new(opened.map_err(|_| IndexError::Failed("opening an index was interrupted"))?);
        let mut tenants = self.0.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(tenants.entry(id).or_insert(opened).clone())
    }
}

/// The record that is written down; `None` where an index of another version came so far.
fn position(text: &str) -> Option<i64> {
    let (record, version) = text.trim().split_once(' ')?;
    version.parse().ok().filter(|version: &u32| *version == VERSION).and_then(|_| record.parse().ok())
}

fn answer_all(tenant: &Tenant, asks: &[Ask], records: &[RecordId]) -> Result<Vec<Vec<Answer>>, IndexError> {
    asks.iter().map(|ask| tenant.answers(ask, records)).collect()
}
