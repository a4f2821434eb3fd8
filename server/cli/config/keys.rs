//! Every key of the configuration: its name, the shape of its value, its default, what it means. The pages in
//! `docs/configure.md` are checked against this table by a test.

use types::Limits;

/// The shape of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A text.
    Text,
    /// A file or folder.
    Path,
    /// A list of socket addresses.
    Sockets,
    /// A list of IP addresses.
    Addresses,
    /// An origin such as `https://mail.example.co.jp`, or nothing.
    Url,
    /// A list of socket addresses of a listener that is not built yet: takes `[]` only.
    NotBuilt,
    /// A whole number.
    Number,
}

/// A key.
#[derive(Debug, Clone)]
pub struct Key {
    /// `section.name`, or `name` at the top.
    pub name: &'static str,
    /// Shape.
    pub shape: Shape,
    /// Default, as TOML.
    pub default: String,
    /// What it means, in one line.
    pub meaning: &'static str,
}

fn key(name: &'static str, shape: Shape, default: &str, meaning: &'static str) -> Key {
    Key { name, shape, default: default.to_owned(), meaning }
}

/// All keys, in the order in which they are shown. `[[route]]` stands apart (see [`super::Route`]).
#[must_use]
pub fn all() -> Vec<Key> {
    use Shape::{Addresses, NotBuilt, Number, Path, Sockets, Text, Url};
    let mut keys = vec![
        key("hostname", Text, "\"\"", "the name of this server; empty: the machine's own name"),
        key("data_dir", Path, "\"/var/lib/sekisho\"", "the folder that holds everything"),
        key("listen.smtp", Sockets, "[\"[::]:25\"]", "mail from other servers; never relays"),
        key("listen.submission", Sockets, "[\"[::]:587\"]", "mail from people, STARTTLS before signing in"),
        key("listen.submissions", Sockets, "[\"[::]:465\"]", "mail from people, TLS from the first byte"),
        key("listen.imap", Sockets, "[\"[::]:143\"]", "IMAP, STARTTLS before signing in"),
        key("listen.imaps", Sockets, "[\"[::]:993\"]", "IMAP, TLS from the first byte"),
        key("listen.pop3", Sockets, "[]", "POP3, STLS before signing in"),
        key("listen.pop3s", Sockets, "[\"[::]:995\"]", "POP3, TLS from the first byte"),
        key("listen.web", Sockets, "[\"[::]:443\"]", "webmail, always HTTPS"),
        key(
            "listen.admin",
            Sockets,
            "[\"[::]:8443\"]",
            "console, always HTTPS; who administers signs in with a second factor",
        ),
        key(
            "listen.content",
            Sockets,
            "[\"[::]:8444\"]",
            "message bodies and attachments for the browser, the download page for recipients outside, an origin of its own, always HTTPS",
        ),
        key("listen.http", Sockets, "[\"[::]:80\"]", "plain HTTP: leads to webmail and serves nothing"),
        key("listen.metrics", NotBuilt, "[]", "Prometheus: not built yet"),
        key(
            "tls.certificate",
            Path,
            "\"\"",
            "PEM file with the certificate and those above it; empty: self-signed, made at first start",
        ),
        key("tls.key", Path, "\"\"", "PEM file with the certificate's private key"),
        key("web.mail_url", Url, "\"\"", "what people type for webmail; empty: https, hostname and port"),
        key("web.admin_url", Url, "\"\"", "what administrators type for the console; empty: https, hostname and port"),
        key(
            "web.content_url",
            Url,
            "\"\"",
            "the content origin's address, as mails with links name it; empty: https, hostname and port",
        ),
        key(
            "web.trusted_proxies",
            Addresses,
            "[]",
            "IP addresses of reverse proxies whose X-Forwarded-For is believed",
        ),
        key("keys.file", Path, "\"\"", "the master key; empty: master.key in data_dir"),
        key("database.url", Text, "\"sqlite\"", "sqlite (in data_dir)"),
        key("blobs.url", Text, "\"file\"", "file (in data_dir)"),
        key(
            "extract.tesseract",
            Text,
            "\"auto\"",
            "the program that reads pictures: auto (Debian's, where it is installed), a path, or empty for none",
        ),
        key("dns.servers", Sockets, "[]", "DNS servers; empty: the system's"),
    ];
    keys.extend(limits().into_iter().map(|(name, default, meaning)| key(name, Number, &default.to_string(), meaning)));
    keys
}

/// The keys of `[limits]` with their defaults.
fn limits() -> Vec<(&'static str, u64, &'static str)> {
    let d = Limits::default();
    vec![
        ("limits.message_size", d.message_size, "largest mail, bytes"),
        ("limits.recipients", d.recipients as u64, "most recipients of one mail"),
        ("limits.connections", d.connections as u64, "most connections at once"),
        (
            "limits.connections_per_peer",
            d.connections_per_peer as u64,
            "most connections at once from one address; loopback is free",
        ),
        ("limits.memory", d.memory, "memory for whole mails under work, bytes"),
        ("limits.command_line", d.command_line as u64, "longest command line, bytes"),
        ("limits.command", d.command as u64, "longest IMAP command with its literals, bytes; APPEND's mail is apart"),
        ("limits.command_before_sign_in", d.command_before_sign_in as u64, "the same before signing in, bytes"),
        ("limits.depth", d.depth as u64, "deepest nesting of MIME parts"),
        ("limits.parts", d.parts as u64, "most MIME parts that are read of one mail"),
        ("limits.header_bytes", d.header_bytes as u64, "most header bytes that are read of one part"),
        ("limits.addresses", d.addresses as u64, "most addresses that are read of one header field"),
        ("limits.errors", d.errors as u64, "wrong commands before a session is ended"),
        ("limits.smtp_idle", d.smtp_idle, "seconds of silence in SMTP"),
        ("limits.imap_idle", d.imap_idle, "seconds of silence in IMAP after signing in"),
        ("limits.pop3_idle", d.pop3_idle, "seconds of silence in POP3 after signing in"),
        ("limits.sign_in_idle", d.sign_in_idle, "seconds of silence before signing in"),
        (
            "limits.sign_in_failures",
            u64::from(d.sign_in_failures),
            "wrong passwords per account in ten minutes; a network with ten times as many is slowed down. So many wrong codes \
             of a second factor in an hour too, but at most 10",
        ),
        ("limits.submissions_per_hour", u64::from(d.submissions_per_hour), "mails one account may send in an hour"),
        (
            "limits.extract_workers",
            d.extract_workers as u64,
            "child processes that read attachments at once; 0: one a processor core, two at least",
        ),
        ("limits.extract_memory", d.extract_memory, "memory of one such child, bytes"),
        ("limits.extract_seconds", d.extract_seconds, "processor time for one attachment"),
        (
            "limits.ocr_pictures",
            d.ocr_pictures as u64,
            "pictures of one attachment that are read, where tesseract is there",
        ),
    ]
}
