//! The trace header fields (RFC 5321 4.4). They stand before the mail; its own bytes are never changed.

use std::fmt::Write;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use types::{Envelope, Reference, Timestamp};

use crate::wire::header::Scan;
use crate::{Peer, Trace, date};

/// What is known about a mail apart from its bytes.
pub(crate) struct Known<'a> {
    pub(crate) hostname: &'a str,
    pub(crate) peer: &'a Peer,
    pub(crate) esmtp: bool,
    pub(crate) utf8: bool,
    pub(crate) signed_in: bool,
    pub(crate) envelope: &'a Envelope,
}

/// Makes the trace of a complete mail.
pub(crate) fn make(known: &Known<'_>, scan: &Scan, size: u64, id: Reference, at: Timestamp) -> Trace {
    let mut received = received(known, id, at);
    let return_path = match &known.envelope.from {
        _ if known.signed_in => String::new(),
        Some(from) => format!("Return-Path: <{from}>\r\n"),
        None => "Return-Path: <>\r\n".to_owned(),
    };
    if known.signed_in {
        if !scan.date {
            let _ = write!(received, "Date: {}\r\n", date::rfc5322(at));
        }
        if !scan.message_id {
            let _ = write!(received, "Message-ID: <{}.{id}@{}>\r\n", at.0, known.hostname);
        }
    }
    Trace { id, at, return_path: return_path.into_bytes(), received: received.into_bytes(), size }
}

fn received(known: &Known<'_>, id: Reference, at: Timestamp) -> String {
    let mut text = String::from("Received: ");
    // Where our people sit is nobody's business outside; the log has it under the id.
    if !known.signed_in {
        let _ = write!(text, "from {} ({})\r\n\t", printable(&known.peer.helo), address(known.peer.addr.ip()));
    }
    let _ = write!(text, "by {} with {}", known.hostname, protocol(known));
    if let Some((version, suite)) = &known.peer.tls {
        let _ = write!(text, "\r\n\t(version={version} cipher={suite})");
    }
    let _ = write!(text, "\r\n\tid {id}");
    // With more than one recipient the field would tell each of the others, Bcc among them.
    if let [only] = known.envelope.to.as_slice()
        && (only.is_ascii() || known.utf8)
    {
        let _ = write!(text, "\r\n\tfor <{only}>");
    }
    let _ = write!(text, ";\r\n\t{}\r\n", date::rfc5322(at));
    text
}

/// The words of RFC 3848 and RFC 6531 4.3.
fn protocol(known: &Known<'_>) -> &'static str {
    match (known.utf8, known.esmtp, known.peer.tls.is_some(), known.signed_in) {
        (true, _, true, true) => "UTF8SMTPSA",
        (true, _, true, false) => "UTF8SMTPS",
        (true, _, false, true) => "UTF8SMTPA",
        (true, _, false, false) => "UTF8SMTP",
        (false, false, ..) => "SMTP",
        (false, true, true, true) => "ESMTPSA",
        (false, true, true, false) => "ESMTPS",
        (false, true, false, true) => "ESMTPA",
        (false, true, false, false) => "ESMTP",
    }
}

fn address(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => format!("[{ip}]"),
        IpAddr::V6(ip) => format!("[IPv6:{ip}]"),
    }
}

/// The client's name as far as it cannot break the field.
fn printable(helo: &str) -> String {
    let good = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
    let text: String = helo.chars().map(|c| if good(c) { c } else { '?' }).collect();
    if text.is_empty() { "unknown".to_owned() } else { text }
}

/// A fresh name for a taking: keyed by a secret of this process, so that it tells nothing about the load.
pub(crate) fn fresh_id() -> Reference {
    static SECRET: std::sync::LazyLock<RandomState> = std::sync::LazyLock::new(RandomState::new);
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let hash = SECRET.hash_one(COUNT.fetch_add(1, Ordering::Relaxed)).to_be_bytes();
    let [a, b, c, d, e, ..] = hash;
    Reference::from_random([a, b, c, d, e])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ListenerKind;
    use types::Address;

    fn peer(kind: ListenerKind, tls: bool) -> Peer {
        let tls = tls.then(|| ("TLS1.3", "TLS_AES_256_GCM_SHA384".to_owned()));
        Peer { addr: "192.0.2.1:5000".parse().unwrap(), helo: "client.example".into(), tls, kind }
    }

    fn envelope(to: &[&str]) -> Envelope {
        let address = |text: &&str| Address::parse(text).unwrap();
        Envelope { from: Some(address(&"a@client.example")), to: to.iter().map(address).collect() }
    }

    fn trace(known: &Known<'_>, header: &[u8]) -> Trace {
        let mut scan = Scan::new();
        scan.feed(header);
        make(known, &scan, 0, Reference::parse("7F3K92QA").unwrap(), Timestamp::from_secs(1_795_501_457))
    }

    #[test]
    fn mail_to_us_gets_return_path_and_where_it_came_from() {
        let peer = peer(ListenerKind::Mx, true);
        let envelope = envelope(&["taro@example.jp"]);
        let known = Known {
            hostname: "mx.example.jp",
            peer: &peer,
            esmtp: true,
            utf8: false,
            signed_in: false,
            envelope: &envelope,
        };
        let text = String::from_utf8(trace(&known, b"\r\n").prefix()).unwrap();
        assert_eq!(
            text,
            "Return-Path: <a@client.example>\r\n\
             Received: from client.example ([192.0.2.1])\r\n\
             \tby mx.example.jp with ESMTPS\r\n\
             \t(version=TLS1.3 cipher=TLS_AES_256_GCM_SHA384)\r\n\
             \tid 7F3K-92QA\r\n\
             \tfor <taro@example.jp>;\r\n\
             \tTue, 24 Nov 2026 15:24:17 +0900\r\n"
        );
    }

    #[test]
    fn mail_that_is_handed_in_tells_nothing_of_the_inside_and_gets_what_it_lacks() {
        let peer = peer(ListenerKind::Submission, false);
        let envelope = envelope(&["b@partner.example", "secret@example.jp"]);
        let known = Known {
            hostname: "mx.example.jp",
            peer: &peer,
            esmtp: true,
            utf8: false,
            signed_in: true,
            envelope: &envelope,
        };
        let text = String::from_utf8(trace(&known, b"Date: x\r\n\r\n").prefix()).unwrap();
        assert_eq!(
            text,
            "Received: by mx.example.jp with ESMTPA\r\n\tid 7F3K-92QA;\r\n\tTue, 24 Nov 2026 15:24:17 +0900\r\n\
             Message-ID: <1795501457000.7F3K-92QA@mx.example.jp>\r\n"
        );
    }

    #[test]
    fn a_strange_client_name_cannot_break_the_field() {
        assert_eq!(printable("a\r\nX-Evil: (1)"), "a??X-Evil:??1?");
        assert_eq!(printable("[IPv6:2001:db8::1]"), "[IPv6:2001:db8::1]");
    }

    #[test]
    fn ids_differ() {
        assert_ne!(fresh_id(), fresh_id());
    }
}
