//! The kind of a line's documents: columns beside the line, and an entry of its history that says the same.

use std::sync::Arc;

use async_trait::async_trait;
use store::{Classified, Event, LedgerAct, LedgerDocuments, StoreError};
use types::{Timestamp, UserId};

use super::append;
use crate::SqliteEngine;
use crate::database::failed;
use crate::keys::Keys;
use crate::posting::WriteError;
use crate::sql;
use crate::writer::{Job, Lane};

/// Writes it down for one line.
pub(super) async fn write(
    tx: &mut sql::Here,
    keys: &Keys,
    (tenant, line): (i64, i64),
    documents: Option<&LedgerDocuments>,
    (by, at): (Option<UserId>, Timestamp),
) -> Result<(), WriteError> {
    let sql = "UPDATE ledger SET documents = $2, stated = $3, due = $4, proposed = $5 WHERE id = $1";
    let query = sql::query(sql).bind(line).bind(documents.map(|one| one.kind.as_str()));
    let query = query.bind(documents.and_then(|one| one.stated).map(|day| day.0));
    let query = query.bind(documents.and_then(|one| one.due).map(|due| due.0));
    query.bind(documents.is_some_and(|one| one.proposed)).execute(&mut *tx).await?;
    let detail = serde_json::json!(documents).to_string();
    append::act(tx, keys, (tenant, line), (LedgerAct::Classified, &detail), (by, at)).await
}

struct Classify(Classified, Arc<Keys>);

#[async_trait]
impl Job for Classify {
    type Answer = ();
    async fn run(&self, tx: &mut sql::Here, _events: &mut Vec<Event>) -> Result<(), StoreError> {
        let Classified { tenant, lines, by, at } = &self.0;
        let mut last = None;
        for (line, documents) in lines {
            let sql = "SELECT reference FROM ledger WHERE tenant = $1 AND id = $2 AND state <> 'disposed'";
            let query = sql::query_scalar(sql).bind(tenant.0).bind(line.0);
            let found: Option<String> = query.fetch_optional(&mut *tx).await.map_err(failed)?;
            let missing = || StoreError::NotFound(format!("line {line} of the ledger, or what is left of it"));
            last = Some((found.ok_or_else(missing)?, documents));
            write(tx, &self.1, (tenant.0, line.0), documents.as_ref(), (*by, *at)).await?;
        }
        let Some((reference, documents)) = last else { return Ok(()) };
        let detail = serde_json::json!({ "documents": documents.as_ref().map(|one| &one.kind), "rows": lines.len() });
        let sql = "INSERT INTO audit (tenant, actor, at, event, subject, detail) VALUES ($1, $2, $3, $4, $5, $6)";
        let query = sql::query(sql).bind(tenant.0).bind(by.map(|by| by.0)).bind(at.0).bind("ledger.classified");
        let subject = if lines.len() == 1 { reference } else { String::new() };
        query.bind(subject).bind(detail.to_string()).execute(tx).await.map_err(failed)?;
        Ok(())
    }
}

impl SqliteEngine {
    pub(super) async fn write_kinds(&self, classified: Classified) -> Result<(), StoreError> {
        self.writer.run(Lane::Quick, Classify(classified, self.keys.clone())).await
    }
}
