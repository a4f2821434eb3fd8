//! Where mail programs connect: this server's name and the ports that are listened on, as pages, profiles and DNS name
//! them.

/// A listener for mail programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailDoor {
    /// IMAP, TLS from the first byte.
    Imaps,
    /// IMAP with STARTTLS.
    Imap,
    /// POP3, TLS from the first byte.
    Pop3s,
    /// POP3 with STLS.
    Pop3,
    /// Submission, TLS from the first byte.
    Submissions,
    /// Submission with STARTTLS.
    Submission,
}

impl MailDoor {
    /// All, the better one of each protocol first (RFC 8314 3).
    pub const ALL: [Self; 6] = [Self::Imaps, Self::Imap, Self::Pop3s, Self::Pop3, Self::Submissions, Self::Submission];

    /// Its key in the configuration's section `listen`, and the name of its SRV record (RFC 6186 3, RFC 8314 5.1).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Imaps => "imaps",
            Self::Imap => "imap",
            Self::Pop3s => "pop3s",
            Self::Pop3 => "pop3",
            Self::Submissions => "submissions",
            Self::Submission => "submission",
        }
    }

    /// The protocol: `imap`, `pop3` or `smtp`.
    #[must_use]
    pub const fn protocol(self) -> &'static str {
        match self {
            Self::Imaps | Self::Imap => "imap",
            Self::Pop3s | Self::Pop3 => "pop3",
            Self::Submissions | Self::Submission => "smtp",
        }
    }

    /// Whether TLS comes before any word.
    #[must_use]
    pub const fn tls_first(self) -> bool {
        matches!(self, Self::Imaps | Self::Pop3s | Self::Submissions)
    }
}

/// The server's name and its open listeners.
#[derive(Debug, Clone, Default)]
pub struct MailDoors {
    /// The name that clients connect to.
    pub host: String,
    open: Vec<(MailDoor, u16)>,
}

impl MailDoors {
    /// The doors of `host`; `port` tells the port of each that is open.
    #[must_use]
    pub fn new(host: String, port: impl Fn(MailDoor) -> Option<u16>) -> Self {
        let open = MailDoor::ALL.into_iter().filter_map(|door| Some((door, port(door)?))).collect();
        Self { host, open }
    }

    /// The open ones with their ports, in the order of [`MailDoor::ALL`].
    #[must_use]
    pub fn open(&self) -> &[(MailDoor, u16)] {
        &self.open
    }

    /// The best open one of a protocol.
    #[must_use]
    pub fn best(&self, protocol: &str) -> Option<(MailDoor, u16)> {
        self.open.iter().copied().find(|(door, _)| door.protocol() == protocol)
    }

    /// The SRV records of a domain, as lines of a zone file: what is closed is said to be (RFC 6186 3.4).
    #[must_use]
    pub fn records(&self, domain: &str) -> Vec<String> {
        let record = |door: MailDoor| {
            let name = door.name();
            match self.open.iter().find(|(open, _)| *open == door) {
                Some((_, port)) => format!("_{name}._tcp.{domain}. IN SRV 0 1 {port} {}.", self.host),
                None => format!("_{name}._tcp.{domain}. IN SRV 0 0 0 ."),
            }
        };
        MailDoor::ALL.into_iter().map(record).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doors() -> MailDoors {
        MailDoors::new("mail.example.jp".into(), |door| match door {
            MailDoor::Imaps => Some(993),
            MailDoor::Submission => Some(587),
            _ => None,
        })
    }

    #[test]
    fn the_best_door_of_a_protocol_is_the_first_that_is_open() {
        assert_eq!(doors().best("imap"), Some((MailDoor::Imaps, 993)));
        assert_eq!(doors().best("smtp"), Some((MailDoor::Submission, 587)));
        assert_eq!(doors().best("pop3"), None);
    }

    #[test]
    fn records_name_what_is_open_and_what_is_not() {
        let records = doors().records("example.jp");
        assert_eq!(records.len(), 6);
        assert!(records.contains(&"_imaps._tcp.example.jp. IN SRV 0 1 993 mail.example.jp.".to_owned()));
        assert!(records.contains(&"_pop3s._tcp.example.jp. IN SRV 0 0 0 .".to_owned()));
    }
}
