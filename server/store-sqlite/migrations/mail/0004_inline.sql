-- Stored bytes of small records, written with their rows, so that a mail costs one flush (docs/decisions/003). The
-- record's place is file 0, offset 0 meanwhile. They are moved into a segment file in the background.
CREATE TABLE inline_record (
    record INTEGER PRIMARY KEY,
    bytes  BLOB NOT NULL
) STRICT;

-- Only what lies in segment files has a place there.
DROP INDEX record_place;
CREATE INDEX record_place ON record (file, offset) WHERE file > 0;
