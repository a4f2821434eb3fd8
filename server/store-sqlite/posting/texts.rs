//! What was read in attachments: a row names the record that holds it, for each record that has some. The record with
//! the texts is written with those of the mails.

use store::{StoreError, TextsOf};

use super::{Known, Ready, RecordInfo, Result, change};

use crate::sql;

/// After the rows of the records.
pub(super) async fn write(
    tx: &mut sql::Here,
    postings: &[&Ready],
    records: &[Vec<RecordInfo>],
    known: &Known,
) -> Result<()> {
    let mut rows = Vec::new();
    for (posting, records) in postings.iter().zip(records) {
        for texts in &posting.texts {
            let missing = || StoreError::Invalid("texts of a mail that is not there".into());
            let of = match texts.of {
                TextsOf::Mail(place) if place < posting.own_mails() => {
                    records.get(place).cloned().ok_or_else(missing)?
                }
                TextsOf::Mail(_) => return Err(missing().into()),
                TextsOf::Record(id) => known.record(id)?,
            };
            let kept = records.get(texts.place).ok_or_else(missing)?;
            if kept.key != of.key {
                return Err(StoreError::Invalid("texts stand under the key of their record".into()).into());
            }
            rows.push((of.id.0, kept.id.0, texts.edition));
        }
    }
    change(
        tx,
        "INSERT INTO kept_texts (record, texts, edition) SELECT value->>0, value->>1, value->>2 FROM jsonb_each($1) \
         WHERE true ON CONFLICT (record) DO UPDATE SET texts = excluded.texts, edition = excluded.edition",
        &rows,
    )
    .await
}
