-- Collection requests: links by which files come in and nothing goes out. What came is `link_upload`; its mail lies in the handlers' box.

CREATE TABLE collection (
    link      INTEGER PRIMARY KEY REFERENCES link (id) ON DELETE CASCADE,
    tenant    INTEGER NOT NULL,
    title     TEXT    NOT NULL,
    note      TEXT    NOT NULL,
    expected  TEXT    NOT NULL,                 -- JSON: what is asked for, a line each
    remind_at INTEGER                           -- NULL: it was reminded of, or there is no need any more
) STRICT;
CREATE INDEX collection_tenant ON collection (tenant, link);
CREATE INDEX collection_remind ON collection (remind_at) WHERE remind_at IS NOT NULL;
CREATE INDEX link_upload_record ON link_upload (record);
