-- Signed-in browsers, and what each person has chosen for himself (JSON, types::Settings).

CREATE TABLE session (
    hash       BLOB PRIMARY KEY,                -- SHA-256 of its id
    user       INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    kind       TEXT    NOT NULL,
    generation INTEGER NOT NULL,
    created    INTEGER NOT NULL,
    seen       INTEGER NOT NULL,
    peer       TEXT    NOT NULL,
    agent      TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_user ON session (user, created);

ALTER TABLE user ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
