-- What a draft was written under beside the mail that was sent of it: its fields, its files, its copies in Drafts, also those that
-- gave way to later ones. Rows stay when the draft ends (numbers of drafts are not given out again); what belongs to a draft that is
-- gone and of which no mail was sent is garbage.
CREATE TABLE draft_trace (
    key    INTEGER PRIMARY KEY,                 -- in keys.db
    draft  INTEGER NOT NULL,
    record INTEGER                              -- a file or a copy; NULL: the fields
) STRICT;
CREATE INDEX draft_trace_draft ON draft_trace (draft);

-- The mails whose words a draft holds: what was sent of it (of one that came back perhaps several), the copy from which it was opened,
-- what it answers or forwards.
CREATE TABLE draft_mail (
    record INTEGER NOT NULL,
    draft  INTEGER NOT NULL,
    PRIMARY KEY (record, draft)
) STRICT, WITHOUT ROWID;

INSERT INTO draft_trace (key, draft) SELECT key, id FROM draft;
INSERT OR IGNORE INTO draft_trace (key, draft, record)
    SELECT r.key, a.draft, r.id FROM draft_attachment AS a JOIN record AS r ON r.id = a.record;
-- what came in or was sent is no copy that the browser made
INSERT OR IGNORE INTO draft_trace (key, draft, record)
    SELECT r.key, d.id, r.id FROM draft AS d JOIN message AS m ON m.mailbox = d.mailbox AND m.uid = d.uid
    JOIN record AS r ON r.id = m.record
    WHERE r.id NOT IN (SELECT record FROM journal) AND r.id NOT IN (SELECT record FROM submission);
INSERT OR IGNORE INTO draft_mail (record, draft) SELECT record, draft FROM submission WHERE draft IS NOT NULL;
INSERT OR IGNORE INTO draft_mail (record, draft)
    SELECT m.record, d.id FROM draft AS d JOIN message AS m ON m.mailbox = d.mailbox AND m.uid = d.uid;
INSERT OR IGNORE INTO draft_mail (record, draft)
    SELECT m.record, d.id FROM draft AS d JOIN message AS m ON m.mailbox = d.origin_mailbox AND m.uid = d.origin_uid;

-- Records that were disposed of, in that order, for whoever clears what he keeps of them.
CREATE TABLE disposed_record (
    seq    INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant INTEGER NOT NULL,
    record INTEGER NOT NULL
) STRICT;
INSERT INTO disposed_record (tenant, record)
    SELECT DISTINCT tenant, record FROM ledger WHERE state = 'disposed' ORDER BY record;
DROP INDEX ledger_disposed;
