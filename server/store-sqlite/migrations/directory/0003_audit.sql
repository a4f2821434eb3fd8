-- The audit log, newest first.
CREATE INDEX audit_at ON audit (tenant, at);
CREATE INDEX audit_everywhere ON audit (at);
