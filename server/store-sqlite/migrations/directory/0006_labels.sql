-- Words by which a company's mail names numbers, beside those that are shipped; in the order of `id`.
CREATE TABLE label (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant INTEGER NOT NULL REFERENCES tenant (id),
    kind   TEXT    NOT NULL,
    word   TEXT    NOT NULL,
    UNIQUE (tenant, word)
) STRICT;
