//! CREATE, RENAME, DELETE and SUBSCRIBE: changes of the tree of names, each inside the writer's transaction.

use store::{Event, Mailbox, MailboxName, MailboxRole, StoreError};
use types::{MailboxId, TenantId, UserId};

use super::rows::{MailboxRow, mailbox_columns};
use super::tree::Tree;
use crate::database::failed;
use crate::sql;

type Result<T> = std::result::Result<T, StoreError>;

/// Messages that a DELETE takes out at once; more are left to [`sweep`].
const AT_ONCE: i64 = 1_000;

/// The tree of a person's mailboxes, read inside the transaction that changes it.
async fn tree(db: &mut sql::Here, user: UserId) -> Result<Tree> {
    let sql = concat!("SELECT ", mailbox_columns!(), " FROM mailbox WHERE user = $1");
    let rows: Vec<MailboxRow> = sql::query_as(sql).bind(user.0).fetch_all(db).await.map_err(failed)?;
    Ok(Tree::new(rows))
}

/// Takes `count` numbers from the tenant's counter of UIDVALIDITY; the first of them. The counter begins at the
/// present second, so that a server made anew does not repeat the numbers of the one before.
async fn take_validity(db: &mut sql::Here, tenant: i64, count: usize) -> Result<i64> {
    let sql = "INSERT INTO uid_validity (tenant, next) VALUES ($1, unixepoch() + $2)
               ON CONFLICT (tenant) DO UPDATE SET next = next + $2 RETURNING next - $2";
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    sql::query_scalar(sql).bind(tenant).bind(count).fetch_one(db).await.map_err(failed)
}

/// A mailbox to be inserted.
struct NewRow<'a> {
    parent: Option<i64>,
    leaf: &'a str,
    role: Option<i64>,
    subscribed: bool,
}

async fn insert(db: &mut sql::Here, tenant: i64, user: UserId, new: &NewRow<'_>, validity: i64) -> Result<i64> {
    let sql = "INSERT INTO mailbox (tenant, user, parent, leaf, role, subscribed, uid_validity)
               VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id";
    let query = sql::query_scalar(sql).bind(tenant).bind(user.0).bind(new.parent).bind(new.leaf);
    query.bind(new.role).bind(new.subscribed).bind(validity).fetch_one(db).await.map_err(failed)
}

/// How the database names a role: its place in [`MailboxRole::ALL`].
fn role_number(role: MailboxRole) -> i64 {
    let place = MailboxRole::ALL.iter().position(|(other, _, _)| *other == role);
    place.and_then(|place| i64::try_from(place).ok()).unwrap_or(0)
}

/// The place of the role that a top-level mailbox of this name has (RFC 6154).
fn role_named(leaf: &str) -> Option<i64> {
    MailboxRole::ALL.iter().position(|(_, name, _)| *name == leaf).and_then(|place| i64::try_from(place).ok())
}

/// Makes the six mailboxes of a person who has none. Doing it again changes nothing.
pub async fn make_first(db: &mut sql::Here, tenant: TenantId, user: UserId) -> Result<()> {
    let tree = tree(db, user).await?;
    let missing: Vec<(i64, &str)> = (0..)
        .zip(MailboxRole::ALL)
        .filter(|(place, _)| !tree.has_role(*place))
        .map(|(place, (_, name, _))| (place, name))
        .collect();
    let first = take_validity(db, tenant.0, missing.len()).await?;
    for ((role, leaf), validity) in missing.into_iter().zip(first..) {
        let new = NewRow { parent: None, leaf, role: Some(role), subscribed: true };
        insert(db, tenant.0, user, &new, validity).await?;
    }
    Ok(())
}

/// The one mailbox of an owner who is no person; made when there is none.
pub async fn make_box(
    db: &mut sql::Here,
    tenant: TenantId,
    owner: UserId,
    events: &mut Vec<Event>,
) -> Result<MailboxId> {
    let sql = "SELECT id FROM mailbox WHERE user = $1 ORDER BY id LIMIT 1";
    let found: Option<i64> = sql::query_scalar(sql).bind(owner.0).fetch_optional(&mut *db).await.map_err(failed)?;
    if let Some(id) = found {
        return Ok(MailboxId(id));
    }
    let validity = take_validity(db, tenant.0, 1).await?;
    let new = NewRow { parent: None, leaf: "Handlers", role: None, subscribed: false };
    events.push(Event::Mailboxes { user: owner });
    Ok(MailboxId(insert(db, tenant.0, owner, &new, validity).await?))
}

/// CREATE (RFC 3501 6.3.3, for a use RFC 6154 3): makes the mailbox and those above it, or makes a mere name
/// selectable.
pub async fn create(
    db: &mut sql::Here,
    tenant: TenantId,
    user: UserId,
    name: &MailboxName,
    role: Option<MailboxRole>,
) -> Result<Mailbox> {
    let tree = tree(db, user).await?;
    let place = role.map(role_number);
    if place.is_some_and(|place| tree.has_role(place)) {
        return Err(StoreError::Invalid("another mailbox is for this use already".into()));
    }
    make_named(db, tenant, user, name, &tree).await?;
    if let Some(place) = place {
        let id = self::tree(db, user).await?.find(name).map(|row| row.id);
        let sql = "UPDATE mailbox SET role = $2 WHERE id = $1";
        sql::query(sql).bind(id).bind(place).execute(&mut *db).await.map_err(failed)?;
    }
    made(db, user, name).await
}

async fn make_named(db: &mut sql::Here, tenant: TenantId, user: UserId, name: &MailboxName, tree: &Tree) -> Result<()> {
    let (at, missing) = tree.walk(name);
    if missing.is_empty() {
        let found = tree.find(name).filter(|row| !row.selectable);
        let id = found.ok_or_else(|| StoreError::Exists(format!("the mailbox {name}")))?.id;
        let validity = take_validity(db, tenant.0, 1).await?;
        let sql = "UPDATE mailbox SET selectable = 1, uid_validity = $2 WHERE id = $1";
        sql::query(sql).bind(id).bind(validity).execute(&mut *db).await.map_err(failed)?;
    } else {
        // a company's mailboxes are for no use of one person: `Shared/Trash` is not everybody's trash
        let may = at.is_none() && store::company_of(user).is_none();
        let role = |leaf: &str| role_named(leaf).filter(|role| may && !tree.has_role(*role));
        make(db, tenant.0, user, at, &missing, role).await?;
    }
    Ok(())
}

/// Makes `levels` below `parent`; the innermost one's number.
async fn make(
    db: &mut sql::Here,
    tenant: i64,
    user: UserId,
    mut parent: Option<i64>,
    levels: &[&str],
    role: impl Fn(&str) -> Option<i64>,
) -> Result<Option<i64>> {
    let first = take_validity(db, tenant, levels.len()).await?;
    for (leaf, validity) in levels.iter().zip(first..) {
        // a role belongs to a top-level name only
        let role = if levels.len() == 1 { role(leaf) } else { None };
        let new = NewRow { parent, leaf, role, subscribed: false };
        let made = insert(db, tenant, user, &new, validity).await?;
        inherit(db, tenant, made, parent).await?;
        parent = Some(made);
    }
    Ok(parent)
}

/// A mailbox has the rights of the one above it from the start (RFC 4314 section 4, CREATE); nobody gave them, so the audit
/// row names the mailbox from which they come.
async fn inherit(db: &mut sql::Here, tenant: i64, made: i64, parent: Option<i64>) -> Result<()> {
    let Some(parent) = parent else { return Ok(()) };
    let sql = "INSERT INTO mailbox_right (mailbox, kind, number, rights)
               SELECT $1, kind, number, rights FROM mailbox_right WHERE mailbox = $2";
    let rows = sql::query(sql).bind(made).bind(parent).execute(&mut *db).await.map_err(failed)?;
    if rows.rows_affected() == 0 {
        return Ok(());
    }
    let detail = serde_json::json!({ "inherited_from": parent, "identifiers": rows.rows_affected() }).to_string();
    let sql = "INSERT INTO audit (tenant, actor, at, event, subject, detail)
               VALUES ($1, NULL, CAST(unixepoch('subsec') * 1000 AS INTEGER), 'mailbox.shared', $2, $3)";
    let query = sql::query(sql).bind(tenant).bind(made.to_string()).bind(detail);
    query.execute(db).await.map_err(failed)?;
    Ok(())
}

async fn made(db: &mut sql::Here, user: UserId, name: &MailboxName) -> Result<Mailbox> {
    let tree = tree(db, user).await?;
    let row = tree.find(name).ok_or_else(|| missing(name))?;
    Ok(row.named(name.as_str().to_owned(), tree.has_children(row.id)))
}

fn missing(name: &MailboxName) -> StoreError {
    StoreError::NotFound(format!("the mailbox {name}"))
}

/// RENAME (RFC 3501 6.3.5) of `from` with all below it. INBOX: its row becomes the new name, a new INBOX appears.
pub async fn rename(db: &mut sql::Here, user: UserId, from: &MailboxName, to: &MailboxName) -> Result<()> {
    let before = tree(db, user).await?;
    let row = before.find(from).ok_or_else(|| missing(from))?.clone();
    if before.find(to).is_some() {
        return Err(StoreError::Exists(format!("the mailbox {to}")));
    }
    if !from.is_inbox() && to.is_below(from) {
        return Err(StoreError::Invalid("a mailbox cannot be moved below itself".into()));
    }
    if !from.is_inbox() {
        // What lies below goes along, and must have a name there too.
        for below in before.below(row.id) {
            MailboxName::parse(&format!("{to}/{below}"))?;
        }
    }
    let now = if from.is_inbox() { renew_inbox(db, user, &row).await? } else { before };
    let (at, missing) = now.walk(to);
    let Some((leaf, above)) = missing.split_last() else { return Err(StoreError::Exists(format!("the mailbox {to}"))) };
    let parent = make(db, row.tenant, user, at, above, |_| None).await?;
    let sql = "UPDATE mailbox SET parent = $2, leaf = $3 WHERE id = $1";
    sql::query(sql).bind(row.id).bind(parent).bind(*leaf).execute(&mut *db).await.map_err(failed)?;
    if !from.is_inbox() {
        drop_empty_names(db, user, row.parent).await?;
    }
    Ok(())
}

/// Takes the row of INBOX out of its place and puts a new one there, above what was below; the tree after it.
async fn renew_inbox(db: &mut sql::Here, user: UserId, old: &MailboxRow) -> Result<Tree> {
    // no level is empty, so this place is free
    let sql = "UPDATE mailbox SET leaf = '', role = NULL WHERE id = $1";
    sql::query(sql).bind(old.id).execute(&mut *db).await.map_err(failed)?;
    let validity = take_validity(db, old.tenant, 1).await?;
    let new = NewRow { parent: None, leaf: "INBOX", role: role_named("INBOX"), subscribed: old.subscribed };
    let inbox = insert(db, old.tenant, user, &new, validity).await?;
    let sql = "UPDATE mailbox SET parent = $2 WHERE parent = $1";
    sql::query(sql).bind(old.id).bind(inbox).execute(&mut *db).await.map_err(failed)?;
    tree(db, user).await
}

/// Takes out names without mail that have no child any more, from `id` upwards.
async fn drop_empty_names(db: &mut sql::Here, user: UserId, id: Option<i64>) -> Result<()> {
    for id in tree(db, user).await?.empty_names_from(id) {
        sql::query("DELETE FROM mailbox WHERE id = $1").bind(id).execute(&mut *db).await.map_err(failed)?;
    }
    Ok(())
}

/// DELETE (RFC 3501 6.3.4). With children the name stays, under a new number, so that a session in the deleted
/// mailbox finds it gone. Whether messages are left for [`sweep`].
pub async fn delete(db: &mut sql::Here, user: UserId, name: &MailboxName) -> Result<bool> {
    let tree = tree(db, user).await?;
    let row = tree.find(name).ok_or_else(|| missing(name))?;
    let children = tree.has_children(row.id);
    if name.is_inbox() {
        return Err(StoreError::Invalid("INBOX cannot be deleted".into()));
    }
    if children && !row.selectable {
        return Err(StoreError::Invalid("this name has mailboxes below it".into()));
    }
    let sql = "INSERT INTO mailbox_gone (id) VALUES ($1)";
    sql::query(sql).bind(row.id).execute(&mut *db).await.map_err(failed)?;
    if children {
        leave_name(db, user, row).await?;
    } else {
        sql::query("DELETE FROM mailbox WHERE id = $1").bind(row.id).execute(&mut *db).await.map_err(failed)?;
        drop_empty_names(db, user, row.parent).await?;
    }
    sweep(db).await
}

/// Puts a mere name in the place of a deleted mailbox.
async fn leave_name(db: &mut sql::Here, user: UserId, row: &MailboxRow) -> Result<()> {
    let sql = "UPDATE mailbox SET leaf = '' WHERE id = $1";
    sql::query(sql).bind(row.id).execute(&mut *db).await.map_err(failed)?;
    let sql = "INSERT INTO mailbox (tenant, user, parent, leaf, subscribed, selectable, uid_validity)
               VALUES ($1, $2, $3, $4, $5, 0, $6) RETURNING id";
    let query = sql::query_scalar(sql).bind(row.tenant).bind(user.0).bind(row.parent).bind(&row.leaf);
    let query = query.bind(row.subscribed).bind(row.uid_validity);
    let name: i64 = query.fetch_one(&mut *db).await.map_err(failed)?;
    let sql = "UPDATE mailbox SET parent = $2 WHERE parent = $1";
    sql::query(sql).bind(row.id).bind(name).execute(&mut *db).await.map_err(failed)?;
    sql::query("DELETE FROM mailbox WHERE id = $1").bind(row.id).execute(&mut *db).await.map_err(failed)?;
    Ok(())
}

/// Clears away messages and tombstones of deleted mailboxes, some of them; whether there are more.
pub async fn sweep(db: &mut sql::Here) -> Result<bool> {
    let sql = "SELECT id FROM mailbox_gone LIMIT 1";
    let Some(id): Option<i64> = sql::query_scalar(sql).fetch_optional(&mut *db).await.map_err(failed)? else {
        return Ok(false);
    };
    let messages = "DELETE FROM message WHERE mailbox = $1 AND uid IN
                    (SELECT uid FROM message WHERE mailbox = $1 LIMIT $2)";
    let tombstones = "DELETE FROM tombstone WHERE mailbox = $1 AND (expunged, uid) IN
                      (SELECT expunged, uid FROM tombstone WHERE mailbox = $1 LIMIT $2)";
    let seen = "DELETE FROM seen WHERE mailbox = $1 AND (user, uid) IN
                (SELECT user, uid FROM seen WHERE mailbox = $1 LIMIT $2)";
    let mut left = AT_ONCE;
    for sql in [messages, tombstones, seen] {
        let done = sql::query(sql).bind(id).bind(left).execute(&mut *db).await.map_err(failed)?;
        left -= i64::try_from(done.rows_affected()).unwrap_or(left);
    }
    if left > 0 {
        sql::query("DELETE FROM mailbox_gone WHERE id = $1").bind(id).execute(&mut *db).await.map_err(failed)?;
    }
    let sql = "SELECT EXISTS (SELECT 1 FROM mailbox_gone)";
    sql::query_scalar(sql).fetch_one(db).await.map_err(failed)
}

/// SUBSCRIBE and UNSUBSCRIBE.
pub async fn subscribe(db: &mut sql::Here, user: UserId, name: &MailboxName, on: bool) -> Result<()> {
    let tree = tree(db, user).await?;
    let row = tree.find(name).ok_or_else(|| missing(name))?;
    let sql = "UPDATE mailbox SET subscribed = $2 WHERE id = $1";
    sql::query(sql).bind(row.id).bind(on).execute(db).await.map_err(failed)?;
    Ok(())
}
