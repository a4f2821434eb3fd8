-- Lists of decided and of sent mail, newest first.

ALTER TABLE approval ADD COLUMN tenant INTEGER;
UPDATE approval SET tenant =
    (SELECT s.tenant FROM parcel AS p JOIN submission AS s ON s.id = p.submission WHERE p.id = approval.parcel);
CREATE INDEX approval_decided ON approval (tenant, decided_at, parcel);
CREATE INDEX approval_decided_by ON approval (decided_by, decided_at, parcel);
CREATE INDEX submission_author ON submission (author, id) WHERE author IS NOT NULL;
CREATE INDEX submission_tenant ON submission (tenant, id);
CREATE INDEX queue_open ON queue (id) WHERE state IN ('waiting', 'held');
