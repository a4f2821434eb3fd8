-- Files that recipients of links sent back: how many, how large, and the mail that brought them. The record is a number only: what
-- becomes of the mail is decided where it lies.

CREATE TABLE link_upload (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    link   INTEGER NOT NULL REFERENCES link (id) ON DELETE CASCADE,
    at     INTEGER NOT NULL,
    files  INTEGER NOT NULL,
    bytes  INTEGER NOT NULL,
    record INTEGER NOT NULL
) STRICT;
CREATE INDEX link_upload_link ON link_upload (link);
