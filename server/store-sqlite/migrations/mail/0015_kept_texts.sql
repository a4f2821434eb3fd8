-- What was read in the attachments of a record: a record of its own, under the same key, so that whoever destroys the
-- key of a mail has destroyed its texts too.

CREATE TABLE kept_texts (
    record  INTEGER PRIMARY KEY,
    texts   INTEGER NOT NULL,                   -- the record that holds them
    edition INTEGER NOT NULL                    -- of the readers; what another edition has read counts as absent
) STRICT;
