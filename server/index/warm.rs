//! Opens, after a start, what searches will look into first, so that the first search is as fast as any: the newest segments
//! of all tenants, as far as memory for blocks reaches.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use types::TenantId;

use crate::Index;
use crate::feed::quietly;
use crate::manifest::Entry;
use crate::tenant::Tenant;

/// Bytes of blocks that are opened ahead: less than may be kept of them.
const AHEAD: usize = 30 << 20;

impl Index {
    /// Opens blocks of these tenants. What cannot be opened is left to whoever searches in it.
    pub(crate) async fn warm(&self, tenants: &BTreeSet<TenantId>) {
        let mut newest: Vec<(Arc<Tenant>, Entry)> = Vec::new();
        for id in tenants {
            let Ok(tenant) = self.tenant(*id).await else { continue };
            newest.extend(tenant.manifest().segments.iter().map(|entry| (tenant.clone(), *entry)));
        }
        newest.sort_unstable_by_key(|(_, entry)| Reverse(entry.last));
        let opened = quietly(move || {
            let mut room = AHEAD;
            for (tenant, entry) in newest {
                if room == 0 {
                    return;
                }
                if let Err(error) = tenant.segment(&entry).and_then(|segment| segment.warm(&mut room)) {
                    tracing::debug!(%error, "a segment was not opened ahead");
                }
            }
        });
        if let Err(error) = opened.await {
            tracing::warn!(%error, "the index was not opened ahead");
        }
    }
}
