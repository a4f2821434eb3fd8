//! What the client has enabled (RFC 5161): it changes the form of what it is told from then on.

/// The extensions that are enabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Enabled {
    /// Flags are told with their MODSEQ (RFC 7162 3.1). Also enabled by any command that uses MODSEQs.
    pub(crate) condstore: bool,
    /// What went is told by UID (RFC 7162 3.2); enables `condstore` too.
    pub(crate) qresync: bool,
    /// Names of mailboxes are UTF-8 (RFC 9755).
    pub(crate) utf8: bool,
    /// The session speaks IMAP4rev2 (RFC 9051): no `\Recent`, ESEARCH for SEARCH, names in UTF-8.
    pub(crate) rev2: bool,
    /// Changes of annotations of mailboxes are told (RFC 5464 4.4.2).
    pub(crate) metadata: bool,
    /// Changes of annotations of the server are told.
    pub(crate) metadata_server: bool,
}

impl Enabled {
    /// Enables what `word` (in capitals) names; the word as it is told, if it is known.
    pub(crate) fn enable(&mut self, word: &str) -> Option<&'static str> {
        Some(match word {
            "CONDSTORE" => {
                self.condstore = true;
                "CONDSTORE"
            }
            "QRESYNC" => {
                (self.condstore, self.qresync) = (true, true);
                "QRESYNC"
            }
            "UTF8=ACCEPT" => {
                self.utf8 = true;
                "UTF8=ACCEPT"
            }
            "METADATA" => {
                (self.metadata, self.metadata_server) = (true, true);
                "METADATA"
            }
            "METADATA-SERVER" => {
                self.metadata_server = true;
                "METADATA-SERVER"
            }
            "IMAP4REV2" => {
                self.rev2 = true;
                "IMAP4rev2"
            }
            _ => return None,
        })
    }

    /// Whether names of mailboxes are written and read as UTF-8, not as modified UTF-7.
    pub(crate) fn names_in_utf8(self) -> bool {
        self.utf8 || self.rev2
    }
}
