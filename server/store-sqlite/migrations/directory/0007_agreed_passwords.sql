-- Passwords that a company has agreed with others for encrypted files, sealed under the company's key.
CREATE TABLE agreed_password (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant  INTEGER NOT NULL REFERENCES tenant (id),
    mark    BLOB    NOT NULL UNIQUE,
    name    TEXT    NOT NULL,
    domain  TEXT,
    circle  TEXT,
    sealed  BLOB    NOT NULL,
    added   INTEGER NOT NULL,
    adder   INTEGER,
    UNIQUE (tenant, name)
) STRICT;
