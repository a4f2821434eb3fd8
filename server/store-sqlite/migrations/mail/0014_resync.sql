-- Up to which MODSEQ a mailbox's tombstones are forgotten: what a session of an earlier M has lost is told otherwise.

ALTER TABLE mailbox ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0;
-- Of what went before this version only the present tombstones are known.
UPDATE mailbox SET forgotten = ifnull((SELECT min(expunged) - 1 FROM tombstone WHERE mailbox = mailbox.id), modseq);
