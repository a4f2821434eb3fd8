-- Mails being written in the browser. What stands in them is sealed; files are records like any mail.

CREATE TABLE draft (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    user           INTEGER NOT NULL,
    version        INTEGER NOT NULL DEFAULT 1,
    key            INTEGER NOT NULL,            -- in keys.db
    fields         BLOB    NOT NULL,            -- sealed under that key
    mailbox        INTEGER,                     -- as what it lies in Drafts
    uid            INTEGER,
    origin_mailbox INTEGER,                     -- what it answers or forwards
    origin_uid     INTEGER,
    origin_kind    TEXT,
    changed_at     INTEGER NOT NULL
) STRICT;
CREATE INDEX draft_user ON draft (user, changed_at);
CREATE UNIQUE INDEX draft_copy ON draft (mailbox, uid) WHERE mailbox IS NOT NULL;

CREATE TABLE draft_attachment (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    draft  INTEGER NOT NULL REFERENCES draft (id) ON DELETE CASCADE,
    record INTEGER NOT NULL                     -- its summary is name and type
) STRICT;
CREATE INDEX draft_attachment_draft ON draft_attachment (draft);
