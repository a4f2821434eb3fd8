//! A company's policies: one column, read and written in the transaction that changes some of them.

use sqlx::SqliteConnection;
use store::StoreError;
use types::{Policies, PolicyChange, TenantId};

use crate::database::failed;
use crate::outgoing::words;

type Result<T> = std::result::Result<T, StoreError>;

/// Changes them as they stand now.
pub(super) async fn change(tx: &mut SqliteConnection, tenant: TenantId, changes: &[PolicyChange]) -> Result<()> {
    let mut policies = of(tx, tenant).await?;
    for change in changes {
        policies.change(change).map_err(|error| StoreError::Invalid(error.to_string()))?;
    }
    let policies = serde_json::to_string(&policies).map_err(|error| StoreError::Engine(error.to_string()))?;
    let sql = "UPDATE tenant SET policies = $2 WHERE id = $1";
    sqlx::query(sql).bind(tenant.0).bind(policies).execute(tx).await.map_err(failed)?;
    Ok(())
}

/// What the audit says of them: how all of them stand.
pub(super) async fn told(tx: &mut SqliteConnection, tenant: TenantId) -> Result<String> {
    let policies = of(tx, tenant).await?;
    let told = serde_json::json!({
        "undo_seconds": policies.undo.span().as_secs(), "try_passwords": policies.try_passwords,
        "approvers_need_deputy": policies.approvers_need_deputy, "ledger_years": policies.ledger_years,
        "ledger_dispose": policies.ledger_dispose, "partners": policies.partners, "mail_passwords": policies.mail_passwords,
        "telephone": policies.telephone, "second_factor": policies.second_factor,
        "document_kinds": policies.document_kinds.iter().map(|kind| format!("{} ({}, {})", kind.name, kind.years, kind.from.word())).collect::<Vec<_>>(),
    });
    Ok(told.to_string())
}

async fn of(tx: &mut SqliteConnection, tenant: TenantId) -> Result<Policies> {
    let sql = "SELECT policies FROM tenant WHERE id = $1";
    let found: Option<String> = sqlx::query_scalar(sql).bind(tenant.0).fetch_optional(tx).await.map_err(failed)?;
    words::json(&found.ok_or_else(|| StoreError::NotFound(format!("tenant {tenant}")))?)
}
