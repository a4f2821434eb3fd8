//! Shared mailboxes: the rights of others beside a mailbox, read into memory whole at each change. Triggers count changes
//! (migration 0030), so whoever changes a mailbox need not know who shares it.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use async_trait::async_trait;
use sqlx::SqlitePool;
use store::{
    Event, FlagChange, FlagRow, Hand, Identifier, Mailbox, Moved, NewMessage, Placed, ReaderState, Rights,
    RightsChange, SeenOf, SeenRow, Share, Shares, SharingEngine, StoreError, company_owner, handlers_owner,
};
use types::{GroupId, MailboxId, TenantId, Timestamp, Uid, UidSet, UserId};

use crate::SqliteEngine;
use crate::database::failed;
use crate::sql;
use crate::writer::{Job, Lane};

type Result<T> = std::result::Result<T, StoreError>;

/// Most identifiers of one mailbox.
const IDENTIFIERS_MOST: i64 = 1_000;

/// So long after a failed reading the shares are read again.
const AGAIN: Duration = Duration::from_secs(1);

/// A shared mailbox with one of its rights; a company's mailbox stands here without one too, and the generation without
/// any mailbox.
struct Row {
    generation: i64,
    mailbox: Option<i64>,
    user: i64,
    tenant: i64,
    kind: Option<i64>,
    number: Option<i64>,
    rights: Option<i64>,
}

sql::from_row!(Row: generation, mailbox, user, tenant, kind, number, rights);

/// Who a row means.
fn identifier(kind: i64, number: i64) -> Option<Identifier> {
    match kind {
        0 => Some(Identifier::Anyone),
        1 => Some(Identifier::User(UserId(number))),
        2 => Some(Identifier::Group(GroupId(number))),
        _ => None,
    }
}

fn columns(who: Identifier) -> (i64, i64) {
    match who {
        Identifier::Anyone => (0, 0),
        Identifier::User(user) => (1, user.0),
        Identifier::Group(group) => (2, group.0),
    }
}

/// Reads the snapshot with its generation in one statement, so that they are of one moment.
pub(crate) async fn load(db: &SqlitePool) -> Result<Shares> {
    let sql = "SELECT c.next AS generation, s.mailbox, ifnull(s.user, 0) AS user, ifnull(s.tenant, 0) AS tenant,
                 s.kind, s.number, s.rights
               FROM counter AS c LEFT JOIN
                 (SELECT m.id AS mailbox, m.user, m.tenant, r.kind, r.number, r.rights
                  FROM mailbox_right AS r CROSS JOIN mailbox AS m ON m.id = r.mailbox WHERE m.user > $1
                  UNION ALL SELECT id, user, tenant, NULL, NULL, NULL FROM mailbox WHERE user > $1 AND user < 0) AS s
               WHERE c.name = 'share' ORDER BY 2, 5, 6";
    // of the handlers' box nobody has a part
    let handlers = handlers_owner(TenantId(0)).0;
    let rows: Vec<Row> = sql::query_as(sql).bind(handlers).fetch_all(db).await.map_err(failed)?;
    let missing = || StoreError::Damaged("the generation of shares".into());
    let generation = rows.first().ok_or_else(missing)?.generation;
    let mut by_mailbox: HashMap<MailboxId, Share> = HashMap::new();
    for row in rows {
        let (Some(mailbox), owner, tenant) = (row.mailbox, UserId(row.user), TenantId(row.tenant)) else { continue };
        let share = by_mailbox.entry(MailboxId(mailbox));
        let share = share.or_insert_with(|| Share { owner, tenant, entries: Vec::new() });
        let who = row.kind.zip(row.number).and_then(|(kind, number)| identifier(kind, number));
        share.entries.extend(who.zip(row.rights.map(Rights::from_bits)));
    }
    Ok(Shares::new(generation, by_mailbox))
}

/// A change of somebody's rights on a mailbox.
struct SetRights {
    owner: UserId,
    mailbox: MailboxId,
    who: Identifier,
    change: Option<RightsChange>,
    by: Option<UserId>,
    at: Timestamp,
}

#[async_trait]
impl Job for SetRights {
    type Answer = ();
    async fn run(&self, tx: &mut sql::Here, _: &mut Vec<Event>) -> Result<()> {
        let (kind, number) = columns(self.who);
        let sql = "SELECT m.tenant, ifnull((SELECT rights FROM mailbox_right
                       WHERE mailbox = $1 AND kind = $3 AND number = $4), 0),
                     (SELECT count(*) FROM mailbox_right WHERE mailbox = $1)
                   FROM mailbox AS m WHERE m.id = $1 AND m.user = $2";
        let query = sql::query_as(sql).bind(self.mailbox.0).bind(self.owner.0).bind(kind).bind(number);
        let found: Option<(i64, i64, i64)> = query.fetch_optional(&mut *tx).await.map_err(failed)?;
        let (tenant, before, count) = found.ok_or_else(|| StoreError::NotFound("the mailbox".into()))?;
        let rights = self.change.map_or(Rights::NONE, |change| change.applied(Rights::from_bits(before)));
        if rights != Rights::NONE && before == 0 && count >= IDENTIFIERS_MOST {
            return Err(StoreError::Invalid("the mailbox is shared with too many".into()));
        }
        // who has no right is not kept
        let sql = if rights == Rights::NONE {
            "DELETE FROM mailbox_right WHERE mailbox = $1 AND kind = $2 AND number = $3 AND $4 = 0"
        } else {
            "INSERT INTO mailbox_right (mailbox, kind, number, rights) VALUES ($1, $2, $3, $4)
             ON CONFLICT (mailbox, kind, number) DO UPDATE SET rights = excluded.rights"
        };
        let query = sql::query(sql).bind(self.mailbox.0).bind(kind).bind(number).bind(rights.bits());
        query.execute(&mut *tx).await.map_err(failed)?;
        let detail = serde_json::json!({ "kind": kind, "number": number, "rights": rights.to_string() }).to_string();
        let sql = "INSERT INTO audit (tenant, actor, at, event, subject, detail)
                   VALUES ($1, $2, $3, 'mailbox.shared', $4, $5)";
        let query = sql::query(sql).bind(tenant).bind(self.by.map(|by| by.0)).bind(self.at.0);
        query.bind(self.mailbox.0.to_string()).bind(detail).execute(tx).await.map_err(failed)?;
        Ok(())
    }
}

/// SUBSCRIBE and UNSUBSCRIBE of another's mailbox.
struct Subscribe {
    reader: UserId,
    mailbox: MailboxId,
    on: bool,
}

#[async_trait]
impl Job for Subscribe {
    type Answer = ();
    async fn run(&self, tx: &mut sql::Here, events: &mut Vec<Event>) -> Result<()> {
        let sql = if self.on {
            "INSERT INTO subscription (user, mailbox) SELECT $1, id FROM mailbox WHERE id = $2 ON CONFLICT DO NOTHING"
        } else {
            "DELETE FROM subscription WHERE user = $1 AND mailbox = $2"
        };
        sql::query(sql).bind(self.reader.0).bind(self.mailbox.0).execute(tx).await.map_err(failed)?;
        events.push(Event::Mailboxes { user: self.reader });
        Ok(())
    }
}

impl SqliteEngine {
    /// Brings the snapshot up to what is written, and tells the companies whose mailboxes are shared otherwise now. One
    /// reads at a time, so that what was read later stays.
    ///
    /// # Errors
    /// It could not be read: nobody has any right on another's mailbox until it can.
    pub(crate) async fn catch_up_with_shares(&self) -> Result<()> {
        let turn = self.sharing.acquire().await;
        let read = self.newer_shares().await;
        if read.is_err() && self.shares.swap(Arc::default()).generation != Shares::default().generation {
            // whoever holds a right gets it back as soon as anything can be read
            tokio::spawn(read_again(self.me.clone()));
        }
        drop(turn);
        read
    }

    async fn newer_shares(&self) -> Result<()> {
        let sql = "SELECT next FROM counter WHERE name = 'share'";
        let generation: i64 = sql::query_scalar(sql).fetch_one(&self.readers).await.map_err(failed)?;
        if self.shares.load().generation == generation {
            return Ok(());
        }
        let new = Arc::new(load(&self.readers).await?);
        let old = self.shares.swap(new.clone());
        for tenant in old.differing(&new) {
            // told only now: who hears of it looks at the snapshot
            self.events.tell(Event::Shares { tenant });
        }
        Ok(())
    }
}

/// After a reading that failed: reads until it works, or the engine is gone.
async fn read_again(engine: Weak<SqliteEngine>) {
    tracing::error!("who may do what with shared mailboxes could not be read: nobody may, until it can");
    loop {
        tokio::time::sleep(AGAIN).await;
        let Some(engine) = engine.upgrade().filter(|engine| !engine.stop.is_cancelled()) else { return };
        let turn = engine.sharing.acquire().await;
        let read = engine.newer_shares().await;
        drop(turn);
        if read.is_ok() {
            return;
        }
    }
}

#[async_trait]
impl SharingEngine for SqliteEngine {
    fn shares(&self) -> Arc<Shares> {
        self.shares.load_full()
    }
    async fn set_rights(
        &self,
        owner: UserId,
        mailbox: MailboxId,
        who: Identifier,
        change: Option<RightsChange>,
        by: Option<UserId>,
        at: Timestamp,
    ) -> Result<()> {
        self.writer.run(Lane::Quick, SetRights { owner, mailbox, who, change, by, at }).await?;
        self.catch_up_with_shares().await
    }
    async fn create_company_mailbox(&self, tenant: TenantId, name: &str) -> Result<Mailbox> {
        let made = self.mailboxes().create(tenant, company_owner(tenant), name, None).await?;
        self.catch_up_with_shares().await?;
        Ok(made)
    }
    async fn seen(&self, reader: UserId, mailbox: MailboxId, of: SeenOf<'_>) -> Result<Vec<SeenRow>> {
        crate::mailbox::seen(&self.readers, reader, mailbox, of).await
    }
    async fn reader_states(&self, reader: UserId, mailboxes: &[MailboxId]) -> Result<Vec<ReaderState>> {
        crate::mailbox::reader_states(&self.readers, reader, mailboxes).await
    }
    async fn subscribe_shared(&self, reader: UserId, mailbox: MailboxId, on: bool) -> Result<()> {
        self.writer.run(Lane::Quick, Subscribe { reader, mailbox, on }).await
    }
    async fn store_flags_shared(
        &self,
        hand: Hand,
        uids: &UidSet,
        change: FlagChange,
    ) -> Result<(Vec<FlagRow>, UidSet)> {
        self.mailboxes().store_flags_shared(hand, uids, change).await
    }
    async fn transfer_shared(&self, from: Hand, to: Hand, uids: &UidSet, at: Timestamp, moving: bool) -> Result<Moved> {
        self.mailboxes().transfer(from, uids, to, at, moving).await
    }
    async fn replace_shared(&self, from: Hand, uid: Uid, to: Hand, message: NewMessage) -> Result<Placed> {
        self.mailboxes().replace((from.owner, from.mailbox), uid, (to.owner, to.mailbox), message).await
    }
}

#[cfg(test)]
mod tests;
