-- What its sender alone is told of the passwords with which a part of his mail left: a record of its own, under the key of
-- the mail, so that whoever destroys that key has destroyed the passwords too.

CREATE TABLE password_note (
    parcel INTEGER PRIMARY KEY REFERENCES parcel (id),
    record INTEGER NOT NULL
) STRICT;
CREATE INDEX password_note_record ON password_note (record);
