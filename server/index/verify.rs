//! Compares the index with the mails: every record is in it as it would be taken in today, or is known to be apart, and
//! its terms are those of what is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::sync::Arc;

use store::IndexRow;
use types::{RecordId, TenantId};

use crate::document::prepare;
use crate::files::is_settled;
use crate::segment::Segment;
use crate::tenant::Tenant;
use crate::tokens::{DIGITS, Zone, terms};
use crate::{Document, Index, IndexError};

/// What is said of a record that the index does not have.
const ABSENT: &str = "it is not in the index";
/// Records compared in one step.
const STEP: usize = 256;

/// A record, or a segment, whose index is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Whose.
    pub tenant: TenantId,
    /// Where: `record 12`, `segment 3`.
    pub place: String,
    /// What.
    pub what: &'static str,
}

impl Index {
    /// Compares everything up to the position; how many records were compared, and what differs.
    ///
    /// # Errors
    /// The store could not be read.
    pub async fn compare(&self) -> Result<(u64, Vec<Difference>), IndexError> {
        let (mut differences, mut compared) = (Vec::new(), 0);
        let tenants: Vec<TenantId> = self.0.store.directory().tenants.keys().copied().collect();
        for id in tenants {
            let tenant = self.tenant(id).await?;
            let found = tokio::task::spawn_blocking(move || terms_differ(&tenant, id)).await;
            differences.extend(found.map_err(|_| IndexError::Failed("comparing was interrupted"))?);
        }
        let (mut after, until) = (RecordId(0), self.position());
        // a record that no message names is not searched: it was a file of a draft, say, when it was met
        let named = self.0.store.records_of_messages(&self.0.access).await?;
        loop {
            let rows = self.0.store.records_after(&self.0.access, after, STEP).await?;
            let rows: Vec<_> = rows.into_iter().filter(|row| row.record <= until).collect();
            let Some(last) = rows.last() else { return Ok((compared, differences)) };
            after = last.record;
            compared += rows.len() as u64;
            for row in rows {
                let what = self.record_differs(&row).await?;
                let what = what.filter(|what| *what != ABSENT || named.binary_search(&row.record).is_ok());
                let place = format!("record {}", row.record);
                differences.extend(what.map(|what| Difference { tenant: row.tenant, place, what }));
            }
        }
    }

    async fn record_differs(&self, row: &IndexRow) -> Result<Option<&'static str>, IndexError> {
        let tenant = self.tenant(row.tenant).await?;
        if tenant.manifest().apart.contains(&row.record.0) {
            return Ok(None);
        }
        // a damaged record is told of by the store's own check
        let Ok(mail) = self.0.store.record_bytes(&self.0.access, row).await else { return Ok(None) };
        let mail: Arc<[u8]> = mail.into();
        // what nothing can read now, or read well, cannot be compared
        let Some(files) = self.files(row.record, &mail).await.ok().filter(|files| is_settled(files)) else {
            return Ok(None);
        };
        let (reading, record) = (self.0.reading.clone(), row.record);
        let compare = move || differs(&tenant, record, &reading.document(&mail, &files));
        let what = tokio::task::spawn_blocking(compare).await;
        what.map_err(|_| IndexError::Failed("comparing was interrupted"))
    }
}

/// What the index has of a record, compared with what it would take in today.
fn differs(tenant: &Tenant, record: RecordId, today: &Document) -> Option<&'static str> {
    let manifest = tenant.manifest();
    let entries = manifest.segments.iter().filter(|entry| entry.first <= record.0 && record.0 <= entry.last);
    for entry in entries {
        let Ok(segment) = tenant.segment(entry) else { return Some("its segment cannot be read") };
        let Some(doc) = segment.place(record) else { continue };
        let Ok(kept) = segment.document(doc) else { return Some("what is kept of it cannot be read") };
        let today = prepare(today, &tenant.hasher());
        return (kept != today.kept).then_some("what is kept of it is not what the mail says");
    }
    Some(ABSENT)
}

fn terms_differ(tenant: &Tenant, id: TenantId) -> Vec<Difference> {
    let manifest = tenant.manifest();
    let mut found = Vec::new();
    for entry in &manifest.segments {
        let same = tenant.segment(entry).and_then(|segment| has_its_terms(&segment));
        let what = match same {
            Ok(true) => continue,
            Ok(false) => "its terms are not those of its documents",
            Err(_) => "it cannot be read",
        };
        found.push(Difference { tenant: id, place: format!("segment {}", entry.id), what });
    }
    found
}

/// Whether the lists of a segment say what its kept documents say: sums of hashes of terms, document by document. The
/// hashes of hidden digits cannot be made from what is kept, and are left out.
fn has_its_terms(segment: &Segment) -> Result<bool, IndexError> {
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    let mut sums: BTreeMap<u32, u64> = BTreeMap::new();
    let (mut walk, mut cached) = (segment.terms(&[]), None);
    while walk.step()? {
        if walk.term.first() == Some(&DIGITS) {
            continue;
        }
        let hash = hasher.hash_one(&walk.term);
        for doc in segment.docs(walk.list, &mut cached)? {
            let sum = sums.entry(doc).or_default();
            *sum = sum.wrapping_add(hash);
        }
    }
    for doc in 0..segment.count() {
        let kept = segment.document(doc)?;
        let mut own: BTreeSet<Vec<u8>> = BTreeSet::new();
        let mut note = |term: &[u8]| {
            own.insert(term.to_vec());
        };
        kept.fields.iter().for_each(|(_, value)| {
            terms(value, Zone::Head, &mut note);
        });
        kept.texts.iter().for_each(|text| {
            terms(text, Zone::Body, &mut note);
        });
        let sum = own.iter().fold(0u64, |sum, term| sum.wrapping_add(hasher.hash_one(term)));
        if sums.get(&doc).copied().unwrap_or(0) != sum {
            return Ok(false);
        }
    }
    Ok(true)
}
