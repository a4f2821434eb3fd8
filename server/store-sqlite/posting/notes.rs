//! Notes of passwords: a row names the record that holds one, for each parcel that has some. One by one, since few mails do.

use store::StoreError;

use super::Result;

use crate::sql;

/// A note with the number of its parcel and those of the records concerned.
pub(super) struct NoteOf {
    pub parcel: i64,
    pub record: i64,
}

const MAKE: &str = "INSERT INTO password_note (parcel, record) SELECT p.id, n.id FROM parcel AS p \
     JOIN submission AS s ON s.id = p.submission JOIN record AS m ON m.id = s.record JOIN record AS n ON n.key = m.key \
     WHERE p.id = $1 AND n.id = $2";

/// After the rows of the parcels and of the records.
pub(super) async fn write(tx: &mut sql::Here, notes: &[NoteOf]) -> Result<()> {
    for NoteOf { parcel, record } in notes {
        let query = sql::query(MAKE).bind(parcel).bind(record);
        if query.execute(&mut *tx).await?.rows_affected() == 0 {
            return Err(StoreError::Invalid("a note stands under the key of its mail".into()).into());
        }
    }
    Ok(())
}
