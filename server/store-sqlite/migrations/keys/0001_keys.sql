-- Keys, each wrapped: a record's by its tenant's, a tenant's by the master key. Nothing else lies in this file.

CREATE TABLE master (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    proof BLOB NOT NULL                         -- a known text sealed under the master key
) STRICT;

CREATE TABLE tenant_key (
    tenant  INTEGER PRIMARY KEY,
    wrapped BLOB NOT NULL
) STRICT;

CREATE TABLE record_key (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant  INTEGER NOT NULL,
    wrapped BLOB NOT NULL
) STRICT;
