-- Keys with which a domain signs its mail; the private half is sealed under the company's key, and empty when it was destroyed.
CREATE TABLE dkim_key (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant    INTEGER NOT NULL REFERENCES tenant (id),
    domain    TEXT    NOT NULL,
    mark      BLOB    NOT NULL UNIQUE,
    selector  TEXT    NOT NULL,
    algorithm TEXT    NOT NULL,
    public    TEXT    NOT NULL,
    sealed    BLOB    NOT NULL,
    state     TEXT    NOT NULL,
    made      INTEGER NOT NULL,
    changed   INTEGER NOT NULL,
    UNIQUE (domain, selector)
) STRICT;
