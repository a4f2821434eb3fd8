-- Submissions, their parcels, held mail, the queue, timers, timelines.

CREATE TABLE submission (
    id               INTEGER PRIMARY KEY,
    tenant           INTEGER NOT NULL,
    author           INTEGER,
    origin           TEXT    NOT NULL,
    sender           TEXT,                      -- NULL: the null sender
    recipients       TEXT    NOT NULL,          -- JSON
    reference        TEXT    NOT NULL UNIQUE,
    record           INTEGER NOT NULL,
    prefix           BLOB    NOT NULL,
    cuts             TEXT    NOT NULL,          -- JSON [[start,end],…]
    state            TEXT    NOT NULL,
    join_key         TEXT    NOT NULL,
    form_key         TEXT UNIQUE,
    at               INTEGER NOT NULL,
    verdict          TEXT    NOT NULL,
    reply            TEXT,                      -- JSON
    unanswered_until INTEGER                    -- its answer was not written: a repeat joins it until then
) STRICT;
CREATE INDEX submission_open ON submission (state, id) WHERE state IN ('new', 'reviewing');
CREATE INDEX submission_unanswered ON submission (join_key) WHERE unanswered_until IS NOT NULL;

CREATE TABLE parcel (
    id         INTEGER PRIMARY KEY,
    submission INTEGER NOT NULL REFERENCES submission (id),
    recipients TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    rules      TEXT    NOT NULL
) STRICT;
CREATE INDEX parcel_submission ON parcel (submission);
CREATE INDEX parcel_held ON parcel (id) WHERE state = 'held';

CREATE TABLE approval (
    parcel     INTEGER PRIMARY KEY REFERENCES parcel (id),
    approvers  TEXT    NOT NULL,
    deadline   INTEGER NOT NULL,
    outcome    TEXT    NOT NULL,
    message    TEXT    NOT NULL,
    decided_by INTEGER,
    comment    TEXT,
    decided_at INTEGER
) STRICT;

CREATE TABLE queue (
    id          INTEGER PRIMARY KEY,
    parcel      INTEGER NOT NULL REFERENCES parcel (id),
    recipient   TEXT    NOT NULL,
    domain      TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    attempts    INTEGER NOT NULL DEFAULT 0,
    due         INTEGER NOT NULL,
    leased      INTEGER NOT NULL DEFAULT 0,     -- nobody else claims it before
    expires     INTEGER NOT NULL,
    since       INTEGER NOT NULL,
    last_answer TEXT    NOT NULL DEFAULT '',
    delay_told  INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX queue_due ON queue (due) WHERE state = 'waiting';
CREATE INDEX queue_parcel ON queue (parcel);

CREATE TABLE timer (
    id     INTEGER PRIMARY KEY,
    kind   TEXT    NOT NULL,
    parcel INTEGER NOT NULL REFERENCES parcel (id),
    due    INTEGER NOT NULL,
    leased INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX timer_due ON timer (due);
CREATE INDEX timer_parcel ON timer (parcel);

CREATE TABLE trail (
    id         INTEGER PRIMARY KEY,
    submission INTEGER NOT NULL,
    parcel     INTEGER,
    at         INTEGER NOT NULL,
    event      TEXT    NOT NULL,
    detail     TEXT    NOT NULL,
    for_sender INTEGER NOT NULL
) STRICT;
CREATE INDEX trail_submission ON trail (submission, id);
