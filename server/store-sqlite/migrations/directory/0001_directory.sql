-- Companies, domains, people, groups, rules.

CREATE TABLE tenant (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    name  TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL
) STRICT;

CREATE TABLE domain (
    name   TEXT PRIMARY KEY,
    tenant INTEGER NOT NULL REFERENCES tenant (id)
) STRICT, WITHOUT ROWID;

CREATE TABLE user (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant      INTEGER NOT NULL REFERENCES tenant (id),
    address     TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    department  TEXT    NOT NULL DEFAULT '',
    supervisor  INTEGER REFERENCES user (id) ON DELETE SET NULL,
    roles       INTEGER NOT NULL,
    quota       INTEGER,
    state       TEXT    NOT NULL DEFAULT 'active',
    language    TEXT    NOT NULL DEFAULT 'ja',
    credentials TEXT,                           -- JSON
    generation  INTEGER NOT NULL DEFAULT 1
) STRICT;

CREATE TABLE alias (
    address TEXT PRIMARY KEY,
    user    INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- A group of people, or a list of addresses that rules name.
CREATE TABLE circle (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant  INTEGER NOT NULL REFERENCES tenant (id),
    kind    TEXT    NOT NULL,
    name    TEXT    NOT NULL,
    address TEXT,
    UNIQUE (tenant, kind, name)
) STRICT;

CREATE TABLE member (
    circle  INTEGER NOT NULL REFERENCES circle (id) ON DELETE CASCADE,
    place   INTEGER NOT NULL,
    user    INTEGER REFERENCES user (id) ON DELETE CASCADE,
    address TEXT,
    PRIMARY KEY (circle, place)
) STRICT, WITHOUT ROWID;

-- Every version of a tenant's rules; the greatest is in force.
CREATE TABLE rules (
    tenant  INTEGER NOT NULL REFERENCES tenant (id),
    version INTEGER NOT NULL,
    text    TEXT    NOT NULL,
    by      INTEGER,
    at      INTEGER NOT NULL,
    PRIMARY KEY (tenant, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    id      INTEGER PRIMARY KEY,
    tenant  INTEGER,
    actor   INTEGER,
    at      INTEGER NOT NULL,
    event   TEXT    NOT NULL,
    subject TEXT    NOT NULL
) STRICT;
