//! Fuzz targets: what must hold for any bytes at all. A target is a function that panics when it does not hold.

mod imap_wire;
mod mails;
pub mod mutate;
mod office;
mod small;

/// A target.
pub struct Target {
    /// Its name, and the name of its folder of seeds.
    pub name: &'static str,
    /// Panics when something does not hold for these bytes.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: [Target; 25] = [
    Target { name: "imap_command", run: imap_wire::command },
    Target { name: "imap_stream", run: imap_wire::stream },
    Target { name: "imap_name", run: imap_wire::name },
    Target { name: "smtp_command", run: smtp::fuzz::commands },
    Target { name: "smtp_data", run: small::smtp_data },
    Target { name: "pop3_command", run: pop3::fuzz::commands },
    Target { name: "pop3_message", run: small::pop3_message },
    Target { name: "smtp_next_hop", run: queue::fuzz::next_hop },
    Target { name: "message", run: mails::message },
    Target { name: "dsn", run: mails::dsn },
    Target { name: "extract", run: mails::extract },
    Target { name: "pdf", run: mails::pdf },
    Target { name: "outlook", run: mails::outlook },
    Target { name: "papers", run: mails::papers },
    Target { name: "office", run: office::packages },
    Target { name: "old_office", run: office::compounds },
    Target { name: "rtf", run: office::rtf },
    Target { name: "locked", run: office::locked },
    Target { name: "detect", run: mails::detect },
    Target { name: "charset", run: small::charset },
    Target { name: "address", run: small::address },
    Target { name: "uid_set", run: small::uid_set },
    Target { name: "rules", run: small::rules },
    Target { name: "record", run: blobs::fuzz::record },
    Target { name: "sealed", run: small::sealed },
];

/// The target of that name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// All names, for people.
pub fn names() -> String {
    TARGETS.map(|target| target.name).join(", ")
}
