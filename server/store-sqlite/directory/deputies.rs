//! Who stands in for whom, for the audit log: a change of settings that names another deputy, or none, says so.

use sqlx::SqliteConnection;
use store::{Change, StoreError};
use types::{Deputy, Settings, UserId};

use crate::database::failed;
use crate::outgoing::words;

type Result<T> = std::result::Result<T, StoreError>;

/// What the audit says of a change that names another deputy than before; asked before it is made.
pub(super) async fn changed(tx: &mut SqliteConnection, change: &Change) -> Result<Option<String>> {
    let Change::SetUser(user, change) = change else { return Ok(None) };
    let Some(settings) = &change.settings else { return Ok(None) };
    let before = of(tx, *user).await?;
    if before == settings.deputy {
        return Ok(None);
    }
    let detail = match settings.deputy {
        None => serde_json::json!({ "deputy": "" }),
        Some(Deputy { user, from, until }) => serde_json::json!({
            "deputy": address(tx, user).await?, "from_ms": from.0, "until_ms": until.0,
        }),
    };
    Ok(Some(detail.to_string()))
}

async fn of(tx: &mut SqliteConnection, user: UserId) -> Result<Option<Deputy>> {
    let sql = "SELECT settings FROM user WHERE id = $1";
    let text: Option<String> = sqlx::query_scalar(sql).bind(user.0).fetch_optional(tx).await.map_err(failed)?;
    let Some(text) = text else { return Ok(None) };
    Ok(words::json::<Settings>(&text)?.deputy)
}

async fn address(tx: &mut SqliteConnection, user: UserId) -> Result<Option<String>> {
    let sql = "SELECT address FROM user WHERE id = $1";
    sqlx::query_scalar(sql).bind(user.0).fetch_optional(tx).await.map_err(failed)
}
