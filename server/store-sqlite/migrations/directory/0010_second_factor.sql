-- Second factors: the secret of the codes, sealed under the company's key, and the last step whose code was accepted.
CREATE TABLE second_factor (
    user   INTEGER PRIMARY KEY REFERENCES user (id) ON DELETE CASCADE,
    mark   BLOB    NOT NULL UNIQUE,
    sealed BLOB    NOT NULL,
    made   INTEGER NOT NULL,
    step   INTEGER NOT NULL
) STRICT;

-- Recovery codes that are left, as SHA-256.
CREATE TABLE recovery_code (
    user INTEGER NOT NULL REFERENCES second_factor (user) ON DELETE CASCADE,
    hash BLOB    NOT NULL,
    PRIMARY KEY (user, hash)
) STRICT, WITHOUT ROWID;

-- Passwords of mail programs, of those who have a second factor; the keys of RFC 5802 are under one salt for each person.
CREATE TABLE app_password (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user       INTEGER NOT NULL REFERENCES second_factor (user) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    hash       BLOB    NOT NULL,
    salt       BLOB    NOT NULL,
    iterations INTEGER NOT NULL,
    stored_key BLOB    NOT NULL,
    server_key BLOB    NOT NULL,
    made       INTEGER NOT NULL,
    used       INTEGER
) STRICT;
CREATE INDEX app_password_user ON app_password (user, id);
