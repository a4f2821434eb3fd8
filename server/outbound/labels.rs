//! The inspection by a company's own labels: the shipped words with hers, read once for each list.

use std::sync::{Arc, PoisonError};

use inspect::Inspector;
use inspect::detect::{Labels, LabelsError};
use store::Label;
use types::TenantId;

use crate::Outbound;

/// A company's labels as stored, and as read.
pub(crate) type Cached = (Arc<Vec<Label>>, Labels);

/// The shipped labels with those of a company.
///
/// # Errors
/// [`LabelsError`] with the place in the list, three lines for each label.
pub fn labels(own: &[Label]) -> Result<Labels, LabelsError> {
    Labels::with(&own.iter().map(|label| format!("[{}]\n{}\n\n", label.kind, label.word)).collect::<String>())
}

impl Outbound {
    /// The inspection of a company's mail. Labels that cannot be read (they were checked when added) are left out as a
    /// whole: the shipped ones hold always.
    pub(crate) fn inspector_of(&self, tenant: TenantId) -> Inspector {
        let Some(own) = self.store.directory().labels.get(&tenant).cloned() else { return self.inspector.clone() };
        let mut cache = self.labels.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, labels)) = cache.get(&tenant)
            && *known == own
        {
            return self.inspector.with_labels(labels.clone());
        }
        let read = labels(&own).unwrap_or_else(|error| {
            tracing::error!(tenant.id = tenant.0, %error, "the labels in force cannot be read");
            Labels::default()
        });
        cache.insert(tenant, (own, read.clone()));
        self.inspector.with_labels(read)
    }
}
