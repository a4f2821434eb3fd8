-- Keys (in keys.db) of mail that was disposed of: written in the transaction that clears its rows. Each is destroyed after
-- the commit, or at the next start; the records under it mean nothing any more, and their digests stay for the chains.

CREATE TABLE disposed_key (
    key       INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    destroyed INTEGER                           -- when; NULL: it is still to be done
) STRICT;
CREATE INDEX disposed_key_left ON disposed_key (key) WHERE destroyed IS NULL;

-- The masked subject of a line, sealed under the key of its mail, so that it goes with that key wherever a copy of the file
-- may be. Lines of an earlier version have it in `subject`.
ALTER TABLE ledger ADD COLUMN sealed_subject BLOB;
