-- Incidents (漏えい等事案): what a company reports about mail of its ledger. No number of anybody.
CREATE TABLE incident (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant         INTEGER NOT NULL,
    state          TEXT    NOT NULL,
    version        INTEGER NOT NULL,            -- the newest
    made           INTEGER NOT NULL,
    made_by        INTEGER,
    first_reported INTEGER,
    fully_reported INTEGER,
    remind         INTEGER                      -- when handlers are reminded next
) STRICT;
CREATE INDEX incident_tenant ON incident (tenant, id);
CREATE INDEX incident_remind ON incident (remind, id) WHERE remind IS NOT NULL;

CREATE TABLE incident_version (
    incident INTEGER NOT NULL,
    version  INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    by       INTEGER,
    known    INTEGER NOT NULL,
    wrongful INTEGER NOT NULL,
    items    TEXT    NOT NULL,                  -- JSON: nine texts
    PRIMARY KEY (incident, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE incident_line (
    incident INTEGER NOT NULL,
    line     INTEGER NOT NULL,                  -- of the ledger
    PRIMARY KEY (incident, line)
) STRICT, WITHOUT ROWID;
CREATE INDEX incident_line_line ON incident_line (line);
