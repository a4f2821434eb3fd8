//! Whole mails: parsing, sections, extraction, detection, reports.

use detect::{Labels, Place, Segment};
use message::dsn::{Action, Dsn, Recipient};
use message::{Parsed, Section, Summary, resolve};
use types::{Address, Limits, Timestamp};

/// Parses a mail; its summary comes back from the database, every section lies inside, every question has an answer.
pub fn message(bytes: &[u8]) {
    let limits = Limits::default();
    let parsed = Parsed::parse(bytes, &limits);
    let summary = parsed.summary();
    let stored = summary.to_bytes();
    let read = Summary::from_bytes(&stored).expect("what was stored is read");
    assert_eq!(read.to_bytes(), stored, "a summary changes on its way through the database");
    // as bytes from a damaged database
    let _ = Summary::from_bytes(bytes);
    let mut paths: Vec<String> = summary.leaves().into_iter().map(|(path, _)| path).collect();
    paths.truncate(50);
    for path in paths {
        for what in ["", ".MIME", ".HEADER", ".TEXT", ".1"] {
            range(&summary, &format!("{path}{what}"), bytes.len());
        }
    }
    for section in ["", "HEADER", "TEXT", "1", "1.MIME", "9.9"] {
        range(&summary, section, bytes.len());
    }
    let _ = (parsed.subject(), parsed.from(), parsed.sender(), parsed.to(), parsed.cc(), parsed.bcc());
    let _ = (parsed.message_id(), parsed.references(), parsed.header_texts(), parsed.received_count());
    let _ = (parsed.auto_submitted(), parsed.is_list(), parsed.delivered_to(), parsed.people("reply-to"));
    let shown = format!("{:?}", parsed.leaves());
    assert!(shown.len() < 10_000_000);
}

fn range(summary: &Summary, section: &str, size: usize) {
    let Some(section) = Section::parse(section) else { return };
    if let Some(range) = resolve(summary, &section) {
        assert!(range.start <= range.end && range.end <= size, "{section:?} is {range:?} of {size} bytes");
    }
}

/// Takes the texts out of all parts (HTML, CSV, the listing of a ZIP, nested mail), as the inspection does.
pub fn extract(bytes: &[u8]) {
    let limits = Limits::default();
    let parsed = Parsed::parse(bytes, &limits);
    for leaf in parsed.leaves() {
        let _ = extract::extract(&leaf, &limits);
        // and as each of the types that it could claim to be
        for content_type in ["text/html", "text/csv", "application/zip", "message/rfc822", "text/tab-separated-values"]
        {
            let text = leaf.text.clone().or_else(|| Some(String::from_utf8_lossy(&leaf.bytes).into_owned()));
            let claimed = message::Leaf { content_type: content_type.to_owned(), text, ..leaf.clone() };
            let _ = extract::extract(&claimed, &limits);
        }
    }
}

/// A file as an attachment of that name.
pub fn attachment(name: &str, bytes: &[u8]) {
    attachment_with(name, bytes, &extract::Passwords::default());
}

/// The same with passwords to try.
pub fn attachment_with(name: &str, bytes: &[u8], passwords: &extract::Passwords) -> extract::Extracted {
    let leaf = message::Leaf {
        part: "2".to_owned(),
        role: message::LeafRole::Attachment,
        content_type: "application/octet-stream".to_owned(),
        name: Some(name.to_owned()),
        charset: None,
        bytes: bytes.into(),
        text: None,
        issue: None,
    };
    extract::extract_with(&leaf, &Limits::default(), passwords)
}

/// Reads a PDF.
pub fn pdf(bytes: &[u8]) {
    attachment("a.pdf", &[b"%PDF-", bytes].concat());
    attachment("a.pdf", bytes);
}

/// Reads the winmail.dat and the mails of Outlook.
pub fn outlook(bytes: &[u8]) {
    attachment("winmail.dat", &[&[0x78, 0x9f, 0x3e, 0x22, 1, 0], bytes].concat());
    attachment("a.msg", bytes);
}

/// Reads cards, calendars, JSON, XML, boxes of mails and signed messages: the same bytes as each.
pub fn papers(bytes: &[u8]) {
    for name in ["a.vcf", "a.ics", "a.json", "a.xml", "a.mbox", "a.p7m", "a.mht", "a.txt", "a.pgp"] {
        attachment(name, bytes);
    }
    attachment("a.json", &[b"{\"", bytes].concat());
    attachment("a.p7m", &[b"-----BEGIN PKCS7-----\n", bytes].concat());
}

/// Finds numbers in any text; what is masked holds none of them any more.
pub fn detect(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (one, two) = text.split_at(text.floor_char_boundary(text.len() / 2));
    let segment = |place, text| Segment { place, part: "1", inner: "", name: None, text };
    let labels = Labels::with("").expect("the shipped labels");
    for segments in
        [vec![segment(Place::Body, &*text)], vec![segment(Place::Subject, one), segment(Place::Attachment, two)]]
    {
        let findings = detect::find(&segments, &labels);
        let _ = detect::mask(&text, &findings);
        let _ = detect::neighbours(&segments);
    }
    // a company's own list of labels is read or refused
    let _ = Labels::with(&text);
    let _ = detect::mask_numbers(&text);
}

/// Writes a report about a mail with this header: it is a mail of three parts, and nothing of the header's makes more.
pub fn dsn(bytes: &[u8]) {
    let address = |text: &str| Address::parse(text).expect("an address");
    let words = String::from_utf8_lossy(bytes.get(..200.min(bytes.len())).unwrap_or_default()).into_owned();
    let mut recipient = Recipient::new(address("b@b.example"), Action::Failed, (5, 1, 1));
    recipient.diagnostic = Some(words.clone());
    let dsn = Dsn {
        from: message::compose::Mailbox::new(words.clone(), address("postmaster@a.example")),
        to: address("a@a.example"),
        date: Timestamp::from_secs(1_700_000_000),
        message_id: "1@a.example".into(),
        subject: words.clone(),
        text: words,
        reporting_mta: "a.example".into(),
        arrival: None,
        envelope_id: None,
        recipients: vec![recipient],
        original_header: Some(bytes),
    };
    let report = dsn.to_bytes();
    let limits = Limits::default();
    let parsed = Parsed::parse(&report, &limits);
    let leaves = parsed.leaves();
    let kinds: Vec<&str> = leaves.iter().map(|leaf| leaf.content_type.as_str()).collect();
    assert_eq!(kinds, ["text/plain", "message/delivery-status", "text/rfc822-headers"]);
    assert_eq!(parsed.headers("To").len(), 1, "the words made a field");
    let status = String::from_utf8_lossy(&leaves[1].bytes).into_owned();
    assert_eq!(status.matches("\r\nAction: ").count() + usize::from(status.starts_with("Action: ")), 1, "{status}");
}
