-- What stays here and is fetched from a page: a link for each recipient, how often each file was taken, and every access.

CREATE TABLE link (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    submission   INTEGER NOT NULL REFERENCES submission (id),
    parcel       INTEGER NOT NULL REFERENCES parcel (id),
    recipient    TEXT    NOT NULL,
    who          TEXT    NOT NULL,              -- the recipient in the form that is compared
    token        BLOB    NOT NULL UNIQUE,       -- SHA-256
    whole        INTEGER NOT NULL,              -- the whole mail stays here, not only its files
    password     TEXT,                          -- a hash; NULL: by a code to the address
    replies      INTEGER NOT NULL,              -- files may be sent back
    downloads    INTEGER NOT NULL,              -- of each file
    made         INTEGER NOT NULL,
    expires      INTEGER NOT NULL,
    stopped      INTEGER,
    code         BLOB,                          -- a hash over token and code
    code_until   INTEGER,
    wrong        INTEGER NOT NULL DEFAULT 0,    -- since the last right one or the last lock
    locked_until INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX link_submission ON link (submission);
CREATE INDEX link_who ON link (who);

CREATE TABLE link_file (
    link INTEGER NOT NULL REFERENCES link (id) ON DELETE CASCADE,
    file INTEGER NOT NULL,                      -- its place in the mail from 1 on; 0: the mail itself
    used INTEGER NOT NULL,
    PRIMARY KEY (link, file)
) STRICT, WITHOUT ROWID;

CREATE TABLE link_access (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    link    INTEGER NOT NULL REFERENCES link (id) ON DELETE CASCADE,
    at      INTEGER NOT NULL,
    event   TEXT    NOT NULL,
    network TEXT    NOT NULL,
    agent   TEXT    NOT NULL,
    file    INTEGER                             -- which was taken
) STRICT;
CREATE INDEX link_access_link ON link_access (link, event, at);
