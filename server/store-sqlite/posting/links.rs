//! Links that a posting makes, beside the parcels for which they stand. One by one, since few mails have any.

use sqlx::SqliteConnection;
use store::NewLink;

use super::{Ready, Result};

/// A link with the numbers of its submission and its parcel.
pub(super) struct LinkOf {
    pub submission: i64,
    pub parcel: i64,
    pub link: NewLink,
}

const MAKE: &str = "INSERT INTO link (submission, parcel, recipient, who, token, whole, password, replies, downloads, made, \
     expires) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

/// Whether any of them makes one.
pub(super) fn are_made(postings: &[&Ready]) -> bool {
    postings.iter().any(|posting| !posting.posting.links.is_empty())
}

/// After the rows of the parcels.
pub(super) async fn write(tx: &mut SqliteConnection, links: &[LinkOf]) -> Result<()> {
    for LinkOf { submission, parcel, link } in links {
        sqlx::query(MAKE)
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
    }
    Ok(())
}
