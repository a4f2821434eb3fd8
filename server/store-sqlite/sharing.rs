//! Shared mailboxes: the rights of others beside a mailbox, read into memory whole at each change.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::{FromRow, SqliteConnection, SqlitePool};
use store::{
    Event, FlagChange, FlagRow, Hand, Identifier, Mailbox, Moved, NewMessage, Placed, ReaderState, Rights,
    RightsChange, SeenOf, SeenRow, Share, Shares, SharingEngine, StoreError, company_of, company_owner, handlers_owner,
};
use types::{GroupId, MailboxId, TenantId, Timestamp, Uid, UidSet, UserId};

use crate::SqliteEngine;
use crate::database::failed;
use crate::writer::{Job, Lane};

type Result<T> = std::result::Result<T, StoreError>;

/// Most identifiers of one mailbox.
const IDENTIFIERS_MOST: i64 = 1_000;

/// A shared mailbox with one of its rights; a company's mailbox stands here without one too.
#[derive(FromRow)]
struct Row {
    mailbox: i64,
    user: i64,
    tenant: i64,
    kind: Option<i64>,
    number: Option<i64>,
    rights: Option<i64>,
}

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

/// Reads the snapshot. Its generation is read before the rows: it may be too low for them, never too high.
pub(crate) async fn load(db: &SqlitePool) -> Result<Shares> {
    let sql = "SELECT next FROM counter WHERE name = 'share'";
    let generation: i64 = sqlx::query_scalar(sql).fetch_one(db).await.map_err(failed)?;
    let sql = "SELECT m.id AS mailbox, m.user, m.tenant, r.kind, r.number, r.rights
               FROM mailbox_right AS r CROSS JOIN mailbox AS m ON m.id = r.mailbox WHERE m.user > $1
               UNION ALL SELECT id, user, tenant, NULL, NULL, NULL FROM mailbox WHERE user > $1 AND user < 0
               ORDER BY 1, 4, 5";
    // of the handlers' box nobody has a part
    let handlers = handlers_owner(TenantId(0)).0;
    let rows: Vec<Row> = sqlx::query_as(sql).bind(handlers).fetch_all(db).await.map_err(failed)?;
    let mut shares = Shares { generation, ..Shares::default() };
    for row in rows {
        let (owner, tenant) = (UserId(row.user), TenantId(row.tenant));
        let share = shares.by_mailbox.entry(MailboxId(row.mailbox));
        let share = share.or_insert_with(|| Share { owner, tenant, entries: Vec::new() });
        let who = row.kind.zip(row.number).and_then(|(kind, number)| identifier(kind, number));
        share.entries.extend(who.zip(row.rights.map(Rights::from_bits)));
    }
    Ok(shares)
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
    async fn run(&self, tx: &mut SqliteConnection, _: &mut Vec<Event>) -> Result<()> {
        let (kind, number) = columns(self.who);
        let sql = "SELECT m.tenant, ifnull((SELECT rights FROM mailbox_right
                       WHERE mailbox = $1 AND kind = $3 AND number = $4), 0),
                     (SELECT count(*) FROM mailbox_right WHERE mailbox = $1)
                   FROM mailbox AS m WHERE m.id = $1 AND m.user = $2";
        let query = sqlx::query_as(sql).bind(self.mailbox.0).bind(self.owner.0).bind(kind).bind(number);
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
        let query = sqlx::query(sql).bind(self.mailbox.0).bind(kind).bind(number).bind(rights.bits());
        query.execute(&mut *tx).await.map_err(failed)?;
        grow(tx).await?;
        let detail = serde_json::json!({ "kind": kind, "number": number, "rights": rights.to_string() }).to_string();
        let sql = "INSERT INTO audit (tenant, actor, at, event, subject, detail)
                   VALUES ($1, $2, $3, 'mailbox.shared', $4, $5)";
        let query = sqlx::query(sql).bind(tenant).bind(self.by.map(|by| by.0)).bind(self.at.0);
        query.bind(self.mailbox.0.to_string()).bind(detail).execute(tx).await.map_err(failed)?;
        Ok(())
    }
}

/// The snapshot in memory is older than what is written now.
pub(crate) async fn grow(tx: &mut SqliteConnection) -> Result<()> {
    sqlx::query("UPDATE counter SET next = next + 1 WHERE name = 'share'").execute(tx).await.map_err(failed)?;
    Ok(())
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
    async fn run(&self, tx: &mut SqliteConnection, events: &mut Vec<Event>) -> Result<()> {
        let sql = if self.on {
            "INSERT INTO subscription (user, mailbox) SELECT $1, id FROM mailbox WHERE id = $2 ON CONFLICT DO NOTHING"
        } else {
            "DELETE FROM subscription WHERE user = $1 AND mailbox = $2"
        };
        sqlx::query(sql).bind(self.reader.0).bind(self.mailbox.0).execute(tx).await.map_err(failed)?;
        events.push(Event::Mailboxes { user: self.reader });
        Ok(())
    }
}

impl SqliteEngine {
    /// Reads the shares again; one that somebody else read later stays.
    pub(crate) async fn reload_shares(&self) -> Result<()> {
        let read = Arc::new(load(&self.readers).await?);
        self.shares.rcu(|now| if now.generation <= read.generation { read.clone() } else { now.clone() });
        Ok(())
    }
    /// Whether any mailbox of this owner may be shared, so that one made below it may be too.
    pub(crate) fn shares_any(&self, owner: UserId) -> bool {
        company_of(owner).is_some() || self.shares.load().by_mailbox.values().any(|share| share.owner == owner)
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
        self.reload_shares().await?;
        // told only now: who hears of it looks at the snapshot
        let _ = self.events.send(Event::Mailboxes { user: owner });
        Ok(())
    }
    async fn create_company_mailbox(&self, tenant: TenantId, name: &str) -> Result<Mailbox> {
        let made = self.mailboxes().create(tenant, company_owner(tenant), name, None).await?;
        self.reload_shares().await?;
        let _ = self.events.send(Event::Mailboxes { user: company_owner(tenant) });
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
