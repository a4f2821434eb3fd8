//! Links that a posting makes, beside the parcels for which they stand, and files that come back by them. One by one, since few mails
//! have any.

use store::{NewLink, StoreError};

use super::{Ready, RecordInfo, Result};

use crate::sql;

/// A link with the numbers of its submission and its parcel.
pub(super) struct LinkOf {
    pub submission: i64,
    pub parcel: i64,
    pub link: NewLink,
}

const MAKE: &str = "INSERT INTO link (submission, parcel, recipient, who, token, whole, password, replies, downloads, made, \
     expires) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

const ASK: &str = "INSERT INTO collection (link, tenant, title, note, expected, remind_at) \
     SELECT l.id, s.tenant, $2, $3, $4, $5 FROM link l JOIN submission s ON s.id = l.submission WHERE l.token = $1";

/// After the rows of the parcels.
pub(super) async fn write(tx: &mut sql::Here, links: &[LinkOf]) -> Result<()> {
    for LinkOf { submission, parcel, link } in links {
        sql::query(MAKE)
            .bind(submission)
            .bind(parcel)
            .bind(link.recipient.to_string())
            .bind(link.recipient.key())
            .bind(&link.token.0[..])
            .bind(link.whole)
            .bind(link.password.as_ref().map(|hash| hash.reveal()))
            .bind(link.replies)
            .bind(link.downloads)
            .bind(link.at.0)
            .bind(link.expires.0)
            .execute(&mut *tx)
            .await?;
        if let Some(collection) = &link.collection {
            sql::query(ASK)
                .bind(&link.token.0[..])
                .bind(&collection.title)
                .bind(&collection.note)
                .bind(serde_json::to_string(&collection.expected)?)
                .bind(collection.remind_at.map(|at| at.0))
                .execute(&mut *tx)
                .await?;
        }
    }
    Ok(())
}

/// Links that lead on by another address from now on.
pub(super) async fn renewed(tx: &mut sql::Here, postings: &[&Ready]) -> Result<()> {
    for renewal in postings.iter().flat_map(|posting| &posting.posting.renewed) {
        crate::links::renewed(&mut *tx, renewal).await?;
    }
    Ok(())
}

/// Requests that were reminded of, each once.
pub(super) async fn reminded(tx: &mut sql::Here, postings: &[&Ready]) -> Result<()> {
    for link in postings.iter().flat_map(|posting| &posting.posting.reminded) {
        let query = sql::query("UPDATE collection SET remind_at = NULL WHERE link = $1 AND remind_at IS NOT NULL");
        if query.bind(link.0).execute(&mut *tx).await?.rows_affected() == 0 {
            return Err(StoreError::Decided("reminded".into()).into());
        }
    }
    Ok(())
}

/// After the rows of the mails that bring them.
pub(super) async fn uploads(tx: &mut sql::Here, postings: &[&Ready], records: &[Vec<RecordInfo>]) -> Result<()> {
    for (posting, records) in postings.iter().zip(records) {
        for upload in &posting.posting.uploads {
            let record = records.get(upload.mail);
            let record = record.ok_or_else(|| StoreError::Invalid(format!("there is no mail {}", upload.mail)))?;
            crate::links::sent_back(&mut *tx, upload, record.id.0).await?;
        }
    }
    Ok(())
}
