-- Mail that its author can still take back: it waits until release_at; the draft from which it was sent waits beside
-- it, out of sight.

ALTER TABLE submission ADD COLUMN release_at INTEGER;               -- NULL: at once
ALTER TABLE submission ADD COLUMN draft INTEGER;                    -- the draft that waits beside it
ALTER TABLE submission ADD COLUMN keep_in_sent INTEGER NOT NULL DEFAULT 0;
ALTER TABLE parcel ADD COLUMN telling TEXT;                         -- JSON: who is told when it goes
ALTER TABLE draft ADD COLUMN leaving INTEGER NOT NULL DEFAULT 0;
CREATE INDEX parcel_waiting ON parcel (id) WHERE state = 'waiting';
