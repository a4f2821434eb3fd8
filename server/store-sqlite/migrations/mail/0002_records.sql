-- Records, what was delivered, the archive's journal, the audit log.

-- The next number of each kind; numbers are never used again, whatever is deleted.
CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    next INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counter (name, next) VALUES ('record', 1), ('submission', 1), ('parcel', 1), ('queue', 1), ('ingest', 1);

CREATE TABLE record (
    id        INTEGER PRIMARY KEY,
    tenant    INTEGER NOT NULL,
    key       INTEGER NOT NULL,                 -- in keys.db
    file      INTEGER NOT NULL,                 -- segment file
    offset    INTEGER NOT NULL,
    stored    INTEGER NOT NULL,                 -- stored bytes
    size      INTEGER NOT NULL,                 -- plain bytes
    digest    BLOB    NOT NULL,                 -- SHA-256 of the stored bytes
    summary   BLOB    NOT NULL,                 -- message::Summary, sealed under the record's key
    sensitive INTEGER NOT NULL                  -- findings of level likely or above
) STRICT;
CREATE INDEX record_place ON record (file, offset);

-- Which recipient has a copy of which acceptance: what makes a repeated delivery one copy.
CREATE TABLE delivered (
    ingest    INTEGER NOT NULL,
    recipient TEXT    NOT NULL,
    PRIMARY KEY (ingest, recipient)
) STRICT, WITHOUT ROWID;

-- The archive's journal: an entry for every mail that came in, went out or stayed inside. chain is
-- SHA-256(chain of the entry before ‖ this entry with the SHA-256 of the stored bytes).
CREATE TABLE journal (
    tenant    INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    direction TEXT    NOT NULL,
    envelope  TEXT    NOT NULL,                 -- JSON
    record    INTEGER NOT NULL,
    digest    BLOB    NOT NULL,
    chain     BLOB    NOT NULL,
    PRIMARY KEY (tenant, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    id      INTEGER PRIMARY KEY,
    tenant  INTEGER,
    actor   INTEGER,
    at      INTEGER NOT NULL,
    event   TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    detail  TEXT    NOT NULL
) STRICT;
CREATE INDEX audit_at ON audit (tenant, at);
