//! Walks over the bytes of a mail and finds its parts (RFC 2046): own code rather than a parser's offsets,
//! because BODYSTRUCTURE and `BODY[section]` must name the same bytes, to the byte.

use types::Limits;

use crate::describe::described;
use crate::header::{Field, fields, line_length};
use crate::summary::{HeaderSummary, MailAddress, Part, PartIssue, PartKind};
use crate::{Raw, addresses};

/// Finds the parts of a mail; its outermost part is the answer.
pub(crate) fn walk(bytes: &[u8], limits: &Limits) -> Part {
    let mut walker = Walker { bytes, limits, boundaries: Vec::new(), parts: 0 };
    walker.part(0, Place { depth: 0, in_digest: false }).0
}

/// Reads the header fields that ENVELOPE shows out of a header block.
pub(crate) fn envelope(block: &[u8], limits: &Limits) -> HeaderSummary {
    let mut header = HeaderSummary::default();
    for field in fields(bounded(block, limits)) {
        let text = || Some(Raw(field.unfolded()));
        if field.is("Date") {
            header.date = header.date.or_else(text);
        } else if field.is("Subject") {
            header.subject = header.subject.or_else(text);
        } else if field.is("Message-ID") {
            header.message_id = header.message_id.or_else(text);
        } else if field.is("In-Reply-To") {
            header.in_reply_to = header.in_reply_to.or_else(text);
        } else if let Some(list) = address_field(&mut header, &field) {
            let room = limits.addresses.saturating_sub(list.len());
            list.extend(addresses::parse(field.value, room));
        }
    }
    header
}

/// Two fields of one name count as one list, as if they stood on one line.
fn address_field<'a>(header: &'a mut HeaderSummary, field: &Field<'_>) -> Option<&'a mut Vec<MailAddress>> {
    let lists = [
        ("From", &mut header.from),
        ("Sender", &mut header.sender),
        ("Reply-To", &mut header.reply_to),
        ("To", &mut header.to),
        ("Cc", &mut header.cc),
        ("Bcc", &mut header.bcc),
    ];
    lists.into_iter().find(|(name, _)| field.is(name)).map(|(_, list)| list)
}

/// As much of a header as the limits allow to read.
pub(crate) fn bounded<'a>(block: &'a [u8], limits: &Limits) -> &'a [u8] {
    block.get(..limits.header_bytes).unwrap_or(block)
}

/// Where a part stands.
#[derive(Clone, Copy)]
struct Place {
    depth: usize,
    in_digest: bool,
}

/// Why a body ended.
struct Stop {
    /// The end of what stands before, without the line end that belongs to the boundary.
    end: usize,
    /// Where reading goes on.
    next: usize,
    /// Which boundary (index from the outermost) it was; `None` at the end of the mail.
    boundary: Option<usize>,
    /// Whether it was the last one of its multipart.
    closing: bool,
}

struct Walker<'a> {
    bytes: &'a [u8],
    limits: &'a Limits,
    boundaries: Vec<Vec<u8>>,
    parts: usize,
}

impl Walker<'_> {
    /// Reads the part that begins at `start`.
    fn part(&mut self, start: usize, place: Place) -> (Part, Stop) {
        self.parts += 1;
        let (body_start, early) = self.header_end(start);
        let block = self.slice(start, body_start);
        let (mut part, boundary) = described(bounded(block, self.limits), place.in_digest);
        if block.len() > self.limits.header_bytes {
            part.issue = Some(PartIssue::HeaderTooLong);
        }
        let nested = boundary.is_some() || part.kind == PartKind::Message;
        if nested && place.depth >= self.limits.depth {
            part.kind = PartKind::Basic;
            part.issue = Some(PartIssue::TooDeep);
        }
        let stop = match (early, part.kind, boundary) {
            (Some(stop), _, _) => stop,
            (None, PartKind::Multipart, Some(boundary)) => {
                self.multipart(&mut part, body_start, boundary, Place { depth: place.depth + 1, ..place })
            }
            (None, PartKind::Message, _) => {
                let (child, stop) = self.part(body_start, Place { depth: place.depth + 1, in_digest: false });
                let inner = self.slice(body_start, child.body_start as usize);
                part.message = Some(Box::new(envelope(inner, self.limits)));
                part.children.push(child);
                stop
            }
            (None, _, _) => self.next_boundary(body_start),
        };
        let body_end = stop.end.max(body_start);
        if matches!(part.kind, PartKind::Text | PartKind::Message) {
            part.lines = count(memchr::memchr_iter(b'\n', self.slice(body_start, body_end)).count());
        }
        part.header_start = count(start);
        part.body_start = count(body_start);
        part.body_end = count(body_end);
        (part, stop)
    }

    /// Reads the parts of a multipart, then its epilogue.
    fn multipart(&mut self, part: &mut Part, body_start: usize, boundary: Vec<u8>, place: Place) -> Stop {
        let level = self.boundaries.len();
        let in_digest = part.subtype.eq_ignore_ascii_case("digest");
        self.boundaries.push(boundary);
        let mut stop = self.next_boundary(body_start);
        while stop.boundary == Some(level) && !stop.closing {
            if self.parts >= self.limits.parts {
                stop = self.remainder(part, stop.next, level);
                break;
            }
            let (child, next) = self.part(stop.next, Place { depth: place.depth, in_digest });
            part.children.push(child);
            stop = next;
        }
        self.boundaries.truncate(level);
        if part.issue == Some(PartIssue::HeaderTooLong)
            && let Some(first) = part.children.first_mut()
        {
            // Only leaves are looked at: the first one tells that something above it was not read.
            first.issue.get_or_insert(PartIssue::HeaderTooLong);
        }
        if stop.boundary == Some(level) { self.next_boundary(stop.next) } else { stop }
    }

    /// One opaque part for all that is left of a multipart with too many parts.
    fn remainder(&mut self, part: &mut Part, start: usize, level: usize) -> Stop {
        self.boundaries.truncate(level);
        let stop = self.next_boundary(start);
        let mut rest = described(b"Content-Type: application/octet-stream\r\n", false).0;
        rest.issue = Some(PartIssue::TooMany);
        rest.header_start = count(start);
        rest.body_start = count(start);
        rest.body_end = count(stop.end.max(start));
        part.children.push(rest);
        stop
    }

    /// Where the body begins: after the first empty line. A boundary before it ends the part at once.
    fn header_end(&self, start: usize) -> (usize, Option<Stop>) {
        let mut at = start;
        loop {
            let rest = self.slice(at, self.bytes.len());
            let length = line_length(rest);
            match rest.get(..length).unwrap_or_default() {
                [] => return (at, None),
                b"\n" | b"\r\n" => return (at + length, None),
                line => {
                    // The line end before it is the header's own, also for the parts around this one.
                    if let Some(stop) = self.boundary_line(line, at, at) {
                        return (at, Some(stop));
                    }
                }
            }
            at += length;
        }
    }

    /// The next boundary line at or after `from`, or the end of the mail.
    fn next_boundary(&self, from: usize) -> Stop {
        let end = self.bytes.len();
        if !self.boundaries.is_empty() {
            let mut at = from;
            while at < end {
                let rest = self.slice(at, end);
                if rest.starts_with(b"--")
                    && let Some(stop) = self.boundary_line(rest.get(..line_length(rest)).unwrap_or(rest), at, from)
                {
                    return stop;
                }
                match memchr::memmem::find(rest, b"\n--") {
                    Some(found) => at += found + 1,
                    None => break,
                }
            }
        }
        Stop { end, next: end, boundary: None, closing: false }
    }

    /// Whether `line`, which begins at `at`, is one of the open boundaries. Like Dovecot, and unlike RFC
    /// 2046 5.1.1 to the letter, the longest boundary that the line begins with counts, the innermost
    /// first, since mailers append blanks and other things. The line end before `floor` is not the boundary's:
    /// between a closing boundary and the next one outside it stays the closing line's, as in Dovecot.
    fn boundary_line(&self, line: &[u8], at: usize, floor: usize) -> Option<Stop> {
        let text = line.strip_prefix(b"--")?.trim_ascii_end();
        let mut best: Option<(usize, &Vec<u8>)> = None;
        for (level, boundary) in self.boundaries.iter().enumerate().rev() {
            if text.starts_with(boundary) && best.is_none_or(|(_, longest)| longest.len() < boundary.len()) {
                best = Some((level, boundary));
                if text.len() == boundary.len() || text.get(boundary.len()..) == Some(b"--") {
                    break;
                }
            }
        }
        let (level, boundary) = best?;
        let before = self.slice(floor, at);
        let line_end = if before.ends_with(b"\r\n") { 2 } else { usize::from(before.ends_with(b"\n")) };
        Some(Stop {
            end: at - line_end,
            next: at + line.len(),
            boundary: Some(level),
            closing: text.get(boundary.len()..).is_some_and(|rest| rest.starts_with(b"--")),
        })
    }

    fn slice(&self, from: usize, to: usize) -> &[u8] {
        self.bytes.get(from..to).unwrap_or_default()
    }
}

/// Offsets are `u32`: a mail is far smaller than 4 GiB (`limits.message_size`).
fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts as `type/subtype[size,lines]`, a multipart without these; those within in brackets.
    fn shape(part: &Part) -> String {
        let children: Vec<_> = part.children.iter().map(shape).collect();
        let within = if children.is_empty() { String::new() } else { format!("({})", children.join(" ")) };
        let issue = part.issue.map(|issue| format!("!{issue:?}")).unwrap_or_default();
        match part.kind {
            PartKind::Multipart => format!("{}{within}{issue}", part.content_type()),
            _ => format!("{}[{},{}]{within}{issue}", part.content_type(), part.size(), part.lines),
        }
    }

    fn shape_of(mail: &str) -> String {
        shape(&walk(mail.as_bytes(), &Limits::default()))
    }

    #[test]
    fn nasty_mime_has_the_shape_that_dovecot_gives_it() {
        let multipart = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
        for (rest, right) in [
            ("", "multipart/mixed"),
            ("no boundary at all\r\n", "multipart/mixed"),
            ("--b--\r\n", "multipart/mixed"),
            ("--b\r\n\r\nx\r\n--b--\r\n", "multipart/mixed(text/plain[1,0])"),
            ("--b\r\n\r\nx\r\n", "multipart/mixed(text/plain[3,1])"),
            ("--b\r\n\r\nx\r\n--b--", "multipart/mixed(text/plain[1,0])"),
            ("--b \t\r\n\r\nx\r\n--b-- \r\n", "multipart/mixed(text/plain[1,0])"),
            ("--bc\r\n\r\nx\r\n--b--\r\n", "multipart/mixed(text/plain[1,0])"),
            (" --b\r\n\r\nx\r\n", "multipart/mixed"),
            ("--b\r\n--b\r\n--b--\r\n", "multipart/mixed(text/plain[0,0] text/plain[0,0])"),
            ("--b\r\n\r\n\r\n--b--\r\n", "multipart/mixed(text/plain[0,0])"),
            ("--b\nContent-Type: text/html\n\nx\n--b--\n", "multipart/mixed(text/html[1,0])"),
            ("--b\r\nX: no empty line\r\n--b--\r\n", "multipart/mixed(text/plain[0,0])"),
            (
                "--b\r\nContent-Type: multipart/x; boundary=bb\r\n\r\n--bb\r\n\r\ny\r\n--bb--\r\n--b--\r\n",
                "multipart/mixed(multipart/x(text/plain[1,0]))",
            ),
            (
                "--b\r\nContent-Type: multipart/x; boundary=c\r\n\r\n--c\r\n\r\nnever closed\r\n--b\r\n\r\nz\r\n--b--\r\n",
                "multipart/mixed(multipart/x(text/plain[12,0]) text/plain[1,0])",
            ),
            (
                "--b\r\nContent-Type: multipart/x; boundary=b\r\n\r\n--b\r\n\r\nsame name\r\n--b--\r\n--b--\r\n",
                "multipart/mixed(multipart/x(text/plain[9,0]))",
            ),
        ] {
            assert_eq!(shape_of(&format!("{multipart}{rest}")), right, "{rest:?}");
        }
    }

    #[test]
    fn parts_in_a_digest_are_mails() {
        let mail = "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nSubject: x\r\n\r\nhi\r\n--b--\r\n";
        assert_eq!(shape_of(mail), "multipart/digest(message/rfc822[16,2](text/plain[2,0]))");
    }

    #[test]
    fn a_header_cut_by_a_boundary_stays_within_the_mail_around_it() {
        let mail = "Content-Type: multipart/digest; boundary=c\r\n\r\n--c\r\n\r\nSubject: x\r\n--c--";
        let part = walk(mail.as_bytes(), &Limits::default());
        let (attached, inner) = (&part.children[0], &part.children[0].children[0]);
        assert_eq!((inner.size(), inner.body_end), (0, attached.body_end));
        assert_eq!(attached.size(), 12);
    }

    #[test]
    fn the_limits_hold() {
        let limits = Limits { depth: 3, parts: 5, header_bytes: 300, ..Limits::default() };
        let deep = "Content-Type: message/rfc822\r\n\r\n".repeat(10);
        let part = walk(deep.as_bytes(), &limits);
        assert_eq!(
            shape(&part),
            "message/rfc822[288,18](message/rfc822[256,16](message/rfc822[224,14](message/rfc822[192,0]!TooDeep)))"
        );
        let many = format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", "--b\r\n\r\nx\r\n".repeat(20));
        let part = walk(many.as_bytes(), &limits);
        assert_eq!(part.children.len(), 5);
        assert_eq!(part.children[4].issue, Some(PartIssue::TooMany));
        assert_eq!(part.children[4].body_end, part.body_end);
        let long = format!("X: {}\r\nSubject: late\r\n\r\nbody", "y".repeat(400));
        let part = walk(long.as_bytes(), &limits);
        assert_eq!((part.issue, part.size()), (Some(PartIssue::HeaderTooLong), 4));
        let long = format!("Content-Type: multipart/mixed; boundary=b\r\nX: {}\r\n\r\n--b\r\n\r\nx", "y".repeat(400));
        assert_eq!(walk(long.as_bytes(), &limits).children[0].issue, Some(PartIssue::HeaderTooLong));
    }
}
