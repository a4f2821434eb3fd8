-- Each parcel that waits to leave has a moment of its own: rules put some of a mail off for longer than the rest.

ALTER TABLE parcel ADD COLUMN release_at INTEGER;                   -- NULL: the moment of its submission
