-- How held mail is approved: its terms, each approval, who opened what; and lists that walk an index however long.

ALTER TABLE approval ADD COLUMN terms TEXT NOT NULL DEFAULT '{}';        -- JSON
ALTER TABLE approval ADD COLUMN author INTEGER;
UPDATE approval SET author =
    (SELECT s.author FROM parcel AS p JOIN submission AS s ON s.id = p.submission WHERE p.id = approval.parcel);
-- decided_at stands in them so that counting reads no row
CREATE INDEX approval_open ON approval (tenant, deadline, parcel, decided_at) WHERE decided_at IS NULL;
CREATE INDEX approval_author ON approval (author, deadline, parcel, decided_at) WHERE decided_at IS NULL;

CREATE TABLE consent (
    parcel  INTEGER NOT NULL REFERENCES parcel (id),
    seat    INTEGER NOT NULL,                   -- in whose stead
    person  INTEGER NOT NULL,
    comment TEXT    NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (parcel, seat),
    UNIQUE (parcel, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE opening (
    parcel INTEGER NOT NULL REFERENCES parcel (id),
    person INTEGER NOT NULL,
    part   TEXT    NOT NULL,                    -- '': the mail
    at     INTEGER NOT NULL,
    PRIMARY KEY (parcel, person, part)
) STRICT, WITHOUT ROWID;

-- Who is asked, as long as the parcel is held; never its author.
CREATE TABLE asked (
    person   INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    parcel   INTEGER NOT NULL REFERENCES parcel (id),
    PRIMARY KEY (person, deadline, parcel)
) STRICT, WITHOUT ROWID;
CREATE INDEX asked_parcel ON asked (parcel);
INSERT INTO asked (person, deadline, parcel)
    SELECT DISTINCT who.value, a.deadline, a.parcel FROM approval AS a JOIN parcel AS p ON p.id = a.parcel,
        json_each(a.approvers) AS who
    WHERE p.state = 'held' AND who.value IS NOT a.author;
