//! Open segments, shared by all searches and bounded in bytes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use types::TenantId;

use crate::segment::Segment;

/// Memory of open segments, bytes, about.
const MOST: usize = 64 << 20;

#[derive(Default)]
struct Books {
    open: HashMap<(TenantId, u64), (Arc<Segment>, u64)>,
    bytes: usize,
    clock: u64,
}

/// The open segments.
#[derive(Default)]
pub(crate) struct Shelf(Mutex<Books>);

impl Shelf {
    fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
