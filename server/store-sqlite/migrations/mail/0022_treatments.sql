-- What is done to a part of a mail at its release, and the forms in which it leaves that are not its submission's own.

ALTER TABLE parcel ADD COLUMN treatment TEXT;               -- JSON; NULL: nothing

CREATE TABLE variant (
    id     INTEGER PRIMARY KEY,
    parcel INTEGER NOT NULL,
    record INTEGER,                                         -- under the key of the submission's; NULL: that itself
    prefix BLOB    NOT NULL,
    cuts   TEXT    NOT NULL                                 -- JSON [[start,end],…]
) STRICT;
CREATE INDEX variant_parcel ON variant (parcel);
CREATE INDEX variant_record ON variant (record) WHERE record IS NOT NULL;
INSERT INTO counter (name, next) VALUES ('variant', 1);

ALTER TABLE queue ADD COLUMN variant INTEGER;               -- NULL: the submission's own form
