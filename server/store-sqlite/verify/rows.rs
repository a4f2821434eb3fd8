//! Rows that name other rows: each must find what it names.

use sqlx::SqlitePool;
use store::VerifyReport;

use super::{Result, damage};
use crate::database::failed;

/// What must not exist: the words for it, and a statement that gives the numbers of some that do.
const ORPHANS: [(&str, &str, &str); 30] = [
    (
        "mailbox",
        "its place in the tree leads nowhere",
        "WITH RECURSIVE tree (id, user) AS (SELECT id, user FROM mailbox WHERE parent IS NULL
           UNION ALL SELECT m.id, m.user FROM tree JOIN mailbox AS m ON m.parent = tree.id AND m.user = tree.user)
         SELECT id FROM mailbox WHERE id NOT IN (SELECT id FROM tree) LIMIT 20",
    ),
    (
        "mailbox",
        "messages are left of it and it is gone",
        "SELECT DISTINCT mailbox FROM message WHERE mailbox NOT IN (SELECT id FROM mailbox)
           AND mailbox NOT IN (SELECT id FROM mailbox_gone) LIMIT 20",
    ),
    (
        "mailbox",
        "a UID is there and expunged at once",
        "SELECT DISTINCT t.mailbox FROM tombstone AS t JOIN message AS m ON m.mailbox = t.mailbox AND m.uid = t.uid
         LIMIT 20",
    ),
    (
        "mailbox",
        "it shows mail that was disposed of",
        "SELECT DISTINCT m.mailbox FROM disposed_key AS d JOIN record AS r ON r.key = d.key JOIN message AS m ON m.record = r.id
         LIMIT 20",
    ),
    (
        "mailbox",
        "somebody has seen a message there that is gone",
        "SELECT DISTINCT mailbox FROM seen AS s WHERE NOT EXISTS
           (SELECT 1 FROM message AS m WHERE m.mailbox = s.mailbox AND m.uid = s.uid)
           AND mailbox NOT IN (SELECT id FROM mailbox_gone) LIMIT 20",
    ),
    (
        "mailbox",
        "somebody who is the owner has marks there like a reader",
        "SELECT DISTINCT s.mailbox FROM seen AS s JOIN mailbox AS m ON m.id = s.mailbox WHERE m.user = s.user LIMIT 20",
    ),
    (
        "inline bytes of record",
        "no record has its bytes there",
        "SELECT record FROM inline_record WHERE record NOT IN (SELECT id FROM record WHERE file = 0) LIMIT 20",
    ),
    (
        "submission",
        "its record is missing",
        "SELECT id FROM submission WHERE record NOT IN (SELECT id FROM record) LIMIT 20",
    ),
    (
        "parcel",
        "its submission is missing",
        "SELECT id FROM parcel WHERE submission NOT IN (SELECT id FROM submission) LIMIT 20",
    ),
    (
        "parcel",
        "it is held and nobody is asked to decide",
        "SELECT id FROM parcel WHERE state = 'held' AND id NOT IN (SELECT parcel FROM approval) LIMIT 20",
    ),
    (
        "parcel",
        "it waits and nothing lets it go",
        "SELECT id FROM parcel AS p WHERE state = 'waiting' AND NOT EXISTS
           (SELECT 1 FROM timer AS t JOIN parcel AS other ON other.id = t.parcel
            WHERE t.kind = 'release' AND other.submission = p.submission) LIMIT 20",
    ),
    (
        "draft",
        "it is out of sight and no mail of it waits",
        "SELECT id FROM draft WHERE leaving AND NOT EXISTS (SELECT 1 FROM submission AS s LEFT JOIN parcel AS p
           ON p.submission = s.id WHERE s.draft = draft.id AND (p.state = 'waiting' OR s.state = 'reviewing')) LIMIT 20",
    ),
    (
        "approval of parcel",
        "the parcel is missing",
        "SELECT parcel FROM approval WHERE parcel NOT IN (SELECT id FROM parcel) LIMIT 20",
    ),
    ("queue row", "its parcel is missing", "SELECT id FROM queue WHERE parcel NOT IN (SELECT id FROM parcel) LIMIT 20"),
    (
        "queue row",
        "the form in which it goes is missing",
        "SELECT id FROM queue WHERE variant IS NOT NULL AND variant NOT IN (SELECT id FROM variant) LIMIT 20",
    ),
    (
        "variant",
        "its parcel is missing",
        "SELECT id FROM variant WHERE parcel NOT IN (SELECT id FROM parcel) LIMIT 20",
    ),
    (
        "variant",
        "its record is missing",
        "SELECT id FROM variant WHERE record IS NOT NULL AND record NOT IN (SELECT id FROM record) LIMIT 20",
    ),
    (
        "variant",
        "it stands under another key than its mail",
        "SELECT v.id FROM variant AS v JOIN record AS r ON r.id = v.record JOIN parcel AS p ON p.id = v.parcel
         JOIN submission AS s ON s.id = p.submission JOIN record AS m ON m.id = s.record WHERE m.key <> r.key LIMIT 20",
    ),
    (
        "draft attachment",
        "its record is missing",
        "SELECT id FROM draft_attachment WHERE record NOT IN (SELECT id FROM record) LIMIT 20",
    ),
    (
        "draft attachment",
        "its draft is missing",
        "SELECT id FROM draft_attachment WHERE draft NOT IN (SELECT id FROM draft) LIMIT 20",
    ),
    (
        "texts of record",
        "the record is missing",
        "SELECT record FROM kept_texts WHERE record NOT IN (SELECT id FROM record) LIMIT 20",
    ),
    (
        "texts of record",
        "they are missing",
        "SELECT record FROM kept_texts WHERE texts NOT IN (SELECT id FROM record) LIMIT 20",
    ),
    (
        "texts of record",
        "they stand under another key than the record",
        "SELECT k.record FROM kept_texts AS k JOIN record AS r ON r.id = k.record JOIN record AS t ON t.id = k.texts
         WHERE r.key <> t.key LIMIT 20",
    ),
    ("link", "its parcel is missing", "SELECT id FROM link WHERE parcel NOT IN (SELECT id FROM parcel) LIMIT 20"),
    (
        "note of parcel",
        "its parcel is missing",
        "SELECT parcel FROM password_note WHERE parcel NOT IN (SELECT id FROM parcel) LIMIT 20",
    ),
    (
        "note of parcel",
        "its record is missing",
        "SELECT parcel FROM password_note WHERE record NOT IN (SELECT id FROM record) LIMIT 20",
    ),
    (
        "note of parcel",
        "it stands under another key than its mail",
        "SELECT n.parcel FROM password_note AS n JOIN record AS r ON r.id = n.record JOIN parcel AS p ON p.id = n.parcel
         JOIN submission AS s ON s.id = p.submission JOIN record AS m ON m.id = s.record WHERE m.key <> r.key LIMIT 20",
    ),
    (
        "incident",
        "a line that it is about is missing from the ledger",
        "SELECT DISTINCT incident FROM incident_line WHERE line NOT IN (SELECT id FROM ledger) LIMIT 20",
    ),
    (
        "incident",
        "its newest version is missing",
        "SELECT id FROM incident AS i WHERE NOT EXISTS
           (SELECT 1 FROM incident_version AS v WHERE v.incident = i.id AND v.version = i.version) LIMIT 20",
    ),
    ("timer", "its parcel is missing", "SELECT id FROM timer WHERE parcel NOT IN (SELECT id FROM parcel) LIMIT 20"),
];

pub(super) async fn verify(db: &SqlitePool, report: &mut VerifyReport) -> Result<()> {
    for (kind, what, sql) in ORPHANS {
        let found: Vec<i64> = sqlx::query_scalar(sql).fetch_all(db).await.map_err(failed)?;
        report.damage.extend(found.into_iter().map(|id| damage(format!("{kind} {id}"), what)));
    }
    Ok(())
}
