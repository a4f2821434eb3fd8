-- The last sign-ins of each person by browser; and what an audit row has beside its subject.
CREATE TABLE sign_in (
    id    INTEGER PRIMARY KEY AUTOINCREMENT,
    user  INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
    kind  TEXT    NOT NULL,                     -- SessionKind
    at    INTEGER NOT NULL,
    peer  TEXT    NOT NULL,
    agent TEXT    NOT NULL
) STRICT;
CREATE INDEX sign_in_user ON sign_in (user, id);

ALTER TABLE audit ADD COLUMN detail TEXT NOT NULL DEFAULT '';   -- JSON
