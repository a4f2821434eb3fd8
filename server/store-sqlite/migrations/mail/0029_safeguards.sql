-- How the sender of a mail wants its files to be kept from others: it must outlast a long review.

ALTER TABLE submission ADD COLUMN safeguard TEXT;               -- tls, zip, link; NULL: as the rules say
