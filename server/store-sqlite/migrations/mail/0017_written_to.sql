-- To whom anybody of a company has written, for rules that ask for a first contact.

CREATE INDEX correspondent_address ON correspondent (address, user);
