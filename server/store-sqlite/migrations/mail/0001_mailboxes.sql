-- Mailboxes, their messages and what was expunged (DESIGN.md section 5, "IMAP truth").

-- The next UIDVALIDITY of a tenant; grows, so that a name made again has a greater one.
CREATE TABLE uid_validity (
    tenant INTEGER PRIMARY KEY,
    next   INTEGER NOT NULL
) STRICT;

CREATE TABLE mailbox (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant       INTEGER NOT NULL,
    user         INTEGER NOT NULL,
    parent       INTEGER REFERENCES mailbox (id),
    leaf         TEXT    NOT NULL,
    role         INTEGER,                       -- place in MailboxRole::ALL
    subscribed   INTEGER NOT NULL DEFAULT 0,
    selectable   INTEGER NOT NULL DEFAULT 1,
    uid_validity INTEGER NOT NULL,
    uid_next     INTEGER NOT NULL DEFAULT 1,
    modseq       INTEGER NOT NULL DEFAULT 1,    -- RFC 7162 3.1.2.1: at least 1
    messages     INTEGER NOT NULL DEFAULT 0,
    unseen       INTEGER NOT NULL DEFAULT 0,
    deleted      INTEGER NOT NULL DEFAULT 0,
    size         INTEGER NOT NULL DEFAULT 0,
    recent_from  INTEGER NOT NULL DEFAULT 1     -- UIDs from here on were shown to no session as recent
) STRICT;
CREATE UNIQUE INDEX mailbox_place ON mailbox (user, ifnull(parent, 0), leaf);
CREATE UNIQUE INDEX mailbox_role ON mailbox (user, role) WHERE role IS NOT NULL;
CREATE INDEX mailbox_parent ON mailbox (parent) WHERE parent IS NOT NULL;

-- Deleted mailboxes whose messages and tombstones are still to be cleared away.
CREATE TABLE mailbox_gone (
    id INTEGER PRIMARY KEY
) STRICT;

CREATE TABLE message (
    mailbox       INTEGER NOT NULL,
    uid           INTEGER NOT NULL,
    modseq        INTEGER NOT NULL,
    created       INTEGER NOT NULL,             -- modseq at which it came
    flags         INTEGER NOT NULL,             -- SystemFlags
    keywords      TEXT    NOT NULL,             -- Flags::keyword_text
    internal_date INTEGER NOT NULL,
    record        INTEGER NOT NULL,
    size          INTEGER NOT NULL,             -- as seen: prefix + record - cuts
    prefix        BLOB    NOT NULL,
    cuts          TEXT    NOT NULL,             -- JSON [[start,end],…]
    PRIMARY KEY (mailbox, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_modseq ON message (mailbox, modseq);
CREATE INDEX message_deleted ON message (mailbox, uid) WHERE flags & 8 = 8;

CREATE TABLE tombstone (
    mailbox  INTEGER NOT NULL,
    expunged INTEGER NOT NULL,                  -- modseq at which it went
    uid      INTEGER NOT NULL,
    created  INTEGER NOT NULL,
    at       INTEGER NOT NULL,                  -- when, for clearing away
    PRIMARY KEY (mailbox, expunged, uid)
) STRICT, WITHOUT ROWID;
