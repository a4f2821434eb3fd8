//! Notes of passwords: records of their own under the keys of the mails whose senders they tell. A posting makes them
//! (`posting/notes.rs`).

use async_trait::async_trait;
use sqlx::Row as _;
use store::{NoteEngine, PasswordNote, StoreError};
use types::{ParcelId, RecordId, SubmissionId};

use crate::SqliteEngine;
use crate::database::failed;

const OF_MAIL: &str = "SELECT n.parcel, n.record FROM password_note AS n JOIN parcel AS p ON p.id = n.parcel \
     JOIN record AS r ON r.id = n.record \
     WHERE p.submission = $1 AND NOT EXISTS (SELECT 1 FROM disposed_key AS d WHERE d.key = r.key) ORDER BY n.parcel";

#[async_trait]
impl NoteEngine for SqliteEngine {
    async fn password_notes(&self, submission: SubmissionId) -> Result<Vec<PasswordNote>, StoreError> {
        let rows = sqlx::query(OF_MAIL).bind(submission.0).fetch_all(&self.readers).await.map_err(failed)?;
        let mut notes = Vec::with_capacity(rows.len());
        for row in rows {
            let (parcel, record) = (ParcelId(row.get(0)), RecordId(row.get(1)));
            let read = self.places.read(&self.readers, &self.segments, &self.keys, record, 0..u64::MAX);
            notes.push(PasswordNote { parcel, bytes: read.await?.into() });
        }
        Ok(notes)
    }
}
