-- How a queue row must go, and what the last attempts said of TLS, for rules that ask.

ALTER TABLE queue ADD COLUMN verified_tls INTEGER NOT NULL DEFAULT 0;
ALTER TABLE queue ADD COLUMN route TEXT;                    -- NULL: any

CREATE TABLE tls_seen (
    domain    TEXT    NOT NULL PRIMARY KEY,
    encrypted INTEGER NOT NULL,
    at        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tls_seen_at ON tls_seen (at);
