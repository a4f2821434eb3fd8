-- What became of mail to the outside when it was judged, and the codes (JSON) of the rules that stopped it: what a dashboard counts. Nothing
-- is known of mail from before this version.
CREATE TABLE outward (
    tenant     INTEGER NOT NULL,
    fate       TEXT    NOT NULL,
    at         INTEGER NOT NULL,
    submission INTEGER NOT NULL,
    rules      TEXT    NOT NULL,
    PRIMARY KEY (tenant, fate, at, submission)
) STRICT, WITHOUT ROWID;

-- What a company knows of an entry of its list 委託先, beside the address, which stands in the list alone.
CREATE TABLE partner (
    tenant        INTEGER NOT NULL,
    entry         TEXT    NOT NULL,             -- the key of the address
    name          TEXT    NOT NULL,
    contract      TEXT    NOT NULL,
    since         INTEGER,
    until         INTEGER,
    checked       INTEGER,
    checked_by    INTEGER,
    note          TEXT    NOT NULL,
    due           INTEGER,                      -- of the next check
    PRIMARY KEY (tenant, entry)
) STRICT, WITHOUT ROWID;
