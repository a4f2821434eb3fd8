-- How far the review of incoming mail has come in the journal, and how old rows of `delivered` are.

-- What came in before this version was delivered without such a review: it stays so.
CREATE TABLE review_position (
    tenant INTEGER PRIMARY KEY,
    seq    INTEGER NOT NULL                     -- entries of the journal up to here are reviewed
) STRICT;
INSERT INTO review_position (tenant, seq) SELECT tenant, max(seq) FROM journal GROUP BY tenant;

-- At this moment ingest numbers had come so far: from it follows which rows of `delivered` are old.
CREATE TABLE ingest_mark (
    at     INTEGER PRIMARY KEY,
    ingest INTEGER NOT NULL
) STRICT;
