-- The ledger of specified personal information: lines, their history as a chain of hashes per tenant, and beside them
-- the fingerprints by which the same number is counted once.

CREATE TABLE ledger (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant     INTEGER NOT NULL,
    record     INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    kind       TEXT    NOT NULL,
    reference  TEXT    NOT NULL,
    submission INTEGER,
    author     INTEGER,
    sender     TEXT,                            -- NULL: the null sender
    recipients TEXT    NOT NULL,                -- JSON
    people     TEXT    NOT NULL,                -- the keys of both, for searching
    subject    TEXT    NOT NULL,                -- masked; blanked with the disposal, so no part of the chain
    certain    INTEGER NOT NULL,                -- distinct numbers
    likely     INTEGER NOT NULL,
    rules      TEXT    NOT NULL,                -- JSON
    outcome    TEXT    NOT NULL,
    state      TEXT    NOT NULL
) STRICT;
CREATE INDEX ledger_tenant ON ledger (tenant, id);
CREATE INDEX ledger_record ON ledger (record);

-- chain is SHA-256(chain of the entry before ‖ this entry); the detail of a line's first entry holds what the line says.
CREATE TABLE ledger_entry (
    tenant INTEGER NOT NULL,
    seq    INTEGER NOT NULL,
    line   INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    act    TEXT    NOT NULL,
    actor  INTEGER,
    detail TEXT    NOT NULL,
    chain  BLOB    NOT NULL,
    PRIMARY KEY (tenant, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX ledger_entry_line ON ledger_entry (line, seq);

CREATE TABLE ledger_number (
    line        INTEGER NOT NULL,
    fingerprint TEXT    NOT NULL,               -- keyed, 32 bits
    PRIMARY KEY (line, fingerprint)
) STRICT, WITHOUT ROWID;

-- Where a mail lies.
CREATE INDEX message_record ON message (record);
CREATE INDEX submission_record ON submission (record);
