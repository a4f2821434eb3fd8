//! Reading everything back: bytes, rows, counters, chains. It looks in small steps, each a snapshot of its own, so the
//! server goes on meanwhile. Repair recounts counters; lost bytes cannot be mended, only named.

mod counters;
mod drafts;
mod journal;
mod ledger;
mod records;
mod rows;

use blobs::Segments;
use sqlx::SqlitePool;
use store::{Damage, StoreError, VerifyReport};

use crate::database::failed;
use crate::keys::Keys;
use crate::writer::Writer;

type Result<T> = std::result::Result<T, StoreError>;

/// The parts of the engine that are read back.
pub(crate) struct Verify<'a> {
    pub readers: &'a SqlitePool,
    pub writer: &'a Writer,
    pub keys: &'a Keys,
    pub segments: &'a Segments,
}

impl Verify<'_> {
    /// Reads everything back, and mends counters when `repair`.
    ///
    /// # Errors
    /// The database could not be read at all; what is damaged is in the report.
    pub async fn run(&self, repair: bool) -> Result<VerifyReport> {
        let mut report = VerifyReport::default();
        self.file(&mut report).await?;
        records::verify(self, &mut report).await?;
        counters::verify(self, repair, &mut report).await?;
        journal::verify(self.readers, &mut report).await?;
        ledger::verify(self.readers, self.keys, &mut report).await?;
        drafts::verify(self, &mut report).await?;
        rows::verify(self.readers, &mut report).await?;
        Ok(report)
    }

    /// The database file's own structure.
    async fn file(&self, report: &mut VerifyReport) -> Result<()> {
        let said: Vec<String> =
            sqlx::query_scalar("PRAGMA quick_check(20)").fetch_all(self.readers).await.map_err(failed)?;
        for what in said.into_iter().filter(|line| line != "ok") {
            report.damage.push(damage("mail.db", what));
        }
        Ok(())
    }
}

/// Something that is not mended.
fn damage(place: impl Into<String>, what: impl Into<String>) -> Damage {
    Damage { place: place.into(), what: what.into(), repaired: false }
}

#[cfg(test)]
mod tests;
