//! What the client has enabled (RFC 5161): it changes the form of what it is told from then on.

/// The extensions that are enabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Enabled {
    /// Flags are told with their MODSEQ (RFC 7162 3.1). Also enabled by any command that uses MODSEQs.
    pub(crate) condstore: bool,
    /// What went is told by UID (RFC 7162 3.2); enables `condstore` too.
    pub(crate) qresync: bool,
}

impl Enabled {
    /// Enables what `word` (in capitals) names; whether it is known.
    pub(crate) fn enable(&mut self, word: &str) -> bool {
        match word {
            "CONDSTORE" => self.condstore = true,
            "QRESYNC" => (self.condstore, self.qresync) = (true, true),
            _ => return false,
        }
        true
    }
}
