//! Open segments and what was read of them lately, shared by all searches and bounded in bytes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use moka::sync::Cache;
use types::TenantId;

use crate::known::Known;
use crate::segment::{Lately, Segment};

/// Memory of open segments, bytes, about.
const MOST: usize = 64 << 20;
/// Memory of blocks that were opened lately, bytes, about.
const BLOCKS: u64 = 32 << 20;
/// What keeping a block costs beside its bytes.
const COST: usize = 200;

#[derive(Default)]
struct Books {
    open: HashMap<(TenantId, u64), (Arc<Segment>, u64)>,
    bytes: usize,
    clock: u64,
}

/// The open segments.
pub(crate) struct Shelf {
    books: Mutex<Books>,
    /// For segments that are to be opened.
    pub(crate) lately: Lately,
}

impl Default for Shelf {
    fn default() -> Self {
        let weight = |_: &(u64, u64), bytes: &Bytes| u32::try_from(bytes.len() + COST).unwrap_or(u32::MAX);
        let blocks = Cache::builder().weigher(weight).max_capacity(BLOCKS).build();
        Self { books: Mutex::default(), lately: Lately { blocks, known: Known::default() } }
    }
}

impl Shelf {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self, tenant: TenantId, segment: u64) -> Option<Arc<Segment>> {
        let mut books = self.books();
        books.clock += 1;
        let clock = books.clock;
        let (found, used) = books.open.get_mut(&(tenant, segment))?;
        *used = clock;
        Some(found.clone())
    }

    pub(crate) fn put(&self, tenant: TenantId, id: u64, segment: &Arc<Segment>) {
        let mut books = self.books();
        books.clock += 1;
        books.bytes += segment.memory();
        let entry = (segment.clone(), books.clock);
        if let Some((old, _)) = books.open.insert((tenant, id), entry) {
            books.bytes -= old.memory();
        }
        while books.bytes > MOST && books.open.len() > 1 {
            let Some(oldest) = books.open.iter().min_by_key(|(_, (_, used))| *used).map(|(key, _)| *key) else { break };
            books.take(oldest);
        }
    }

    /// Forgets what was read and answered of segments lately, since something in it is gone for good.
    pub(crate) fn forget_lately(&self) {
        self.lately.blocks.invalidate_all();
        self.lately.blocks.run_pending_tasks();
        self.lately.known.forget();
    }

    /// Forgets a segment whose file is going.
    pub(crate) fn remove(&self, tenant: TenantId, id: u64) {
        self.books().take((tenant, id));
    }
}

impl Books {
    fn take(&mut self, key: (TenantId, u64)) {
        if let Some((gone, _)) = self.open.remove(&key) {
            self.bytes -= gone.memory();
        }
    }
}
