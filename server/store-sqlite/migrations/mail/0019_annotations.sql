-- Annotations of mailboxes, and of accounts as a whole (RFC 5464). Values are sealed; they go with their mailbox.

CREATE TABLE annotation (
    user    INTEGER NOT NULL,
    mailbox INTEGER REFERENCES mailbox (id) ON DELETE CASCADE,  -- NULL: of the account
    entry   TEXT    NOT NULL,
    key     INTEGER NOT NULL,                                   -- in keys.db
    value   BLOB,                                               -- sealed under that key; NULL: was taken away
    size    INTEGER NOT NULL,                                   -- plain bytes
    change  INTEGER NOT NULL                                    -- grows with every change
) STRICT;
CREATE UNIQUE INDEX annotation_place ON annotation (user, ifnull(mailbox, 0), entry);
CREATE INDEX annotation_change ON annotation (user, change);
CREATE INDEX annotation_mailbox ON annotation (mailbox) WHERE mailbox IS NOT NULL;
INSERT INTO counter (name, next) VALUES ('annotation', 1);
