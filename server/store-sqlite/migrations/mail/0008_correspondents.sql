-- To whom people have sent mail.

CREATE TABLE correspondent (
    user    INTEGER NOT NULL,
    address TEXT    NOT NULL,                   -- Address::key
    name    TEXT    NOT NULL,                   -- numbers masked
    search  TEXT    NOT NULL,                   -- store::search_text
    sent    INTEGER NOT NULL,
    last    INTEGER NOT NULL,
    PRIMARY KEY (user, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX correspondent_last ON correspondent (user, last);
