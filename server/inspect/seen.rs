//! What one look at a mail gave: everything that rules and notices need, so that the bytes are read once.

use std::fmt;
use std::sync::Arc;

use detect::{Finding, Labels, Level, Place, find};
use extract::Kept;
use message::{Leaf, LeafRole, Parsed};
use review::{AttachmentFact, AuthorFact, Facts, FindingFact, RecipientFact, Seat, ShownFact, TextFact, Unseen};
use types::{Address, Limits, Timestamp};

use crate::content::{Content, Take};
use crate::places::{Places, places};

/// A part, or a file in it, that could not be inspected.
#[derive(Clone, PartialEq, Eq)]
pub struct NotSeen {
    /// IMAP part number.
    pub part: String,
    /// The way inside the part, empty for the part itself; masked.
    pub inner: String,
    /// Why.
    pub reason: Unseen,
}

impl fmt::Debug for NotSeen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NotSeen({}, {:?})", self.part, self.reason)
    }
}

/// A mail as the inspection saw it. Its `Debug` shows no text of it.
#[derive(Clone)]
pub struct Seen {
    /// The distinct My Numbers, with their digits.
    pub findings: Vec<Finding>,
    /// The distinct numbers of other classes: cards, telephones, addresses and the like.
    pub neighbours: Vec<Finding>,
    /// What could not be inspected.
    pub not_inspected: Vec<NotSeen>,
    /// What was encrypted and one of the passwords to try has opened: part number, and way inside, masked.
    pub opened: Vec<(String, String)>,
    /// The attachments, without the pictures that its text shows.
    pub attachments: Arc<Vec<AttachmentFact>>,
    /// Whether its text shows pictures.
    pub pictures_in_text: bool,
    /// The subject as it is.
    pub subject: String,
    /// The subject with numbers of level likely or above made unreadable.
    pub masked_subject: String,
    /// Part number and masked name of the parts that have one.
    pub(crate) names: Vec<(String, String)>,
    size: u64,
    headers: Arc<Vec<(String, String)>>,
    /// The addresses in To and Cc, each once in a field.
    shown: Vec<(Seat, Address)>,
    texts: Arc<Vec<TextFact>>,
    /// The part of each of the texts.
    text_parts: Vec<String>,
    found: Arc<Vec<FindingFact>>,
    pub(crate) kept: Kept,
    pub(crate) fresh: bool,
    pub(crate) settled: bool,
}

/// Most characters of a file's text that are shown.
const SHOWN_TEXT: usize = 200_000;

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seen")
            .field("findings", &self.findings.len())
            .field("neighbours", &self.neighbours.len())
            .field("not_inspected", &self.not_inspected)
            .field("attachments", &self.attachments.len())
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

impl Seen {
    /// Looks at a mail, all of it in this process: for tests. A server goes through [`crate::Inspector`].
    #[must_use]
    pub fn of(bytes: &[u8], limits: &Limits) -> Self {
        Self::of_mail(bytes, limits, &Labels::default(), &mut |leaf| extract::extract(leaf, limits))
    }

    /// Looks at a mail whose texts `take` takes out of its parts. CPU work.
    pub(crate) fn of_mail(bytes: &[u8], limits: &Limits, labels: &Labels, take: Take<'_>) -> Self {
        let parsed = Parsed::parse(bytes, limits);
        let headers = headers(&parsed);
        let seen = Self::new(Content::of_mail(&parsed, take), labels, parsed.subject(), headers, bytes.len());
        Self { shown: shown(&parsed), ..seen }
    }

    /// Looks at a file that is no mail, as the only attachment of one.
    pub(crate) fn of_file(name: &str, bytes: &[u8], labels: &Labels, take: Take<'_>) -> Self {
        let leaf = Leaf {
            part: "1".to_owned(),
            role: LeafRole::Attachment,
            content_type: "application/octet-stream".to_owned(),
            name: Some(name.to_owned()),
            charset: None,
            bytes: bytes.into(),
            text: None,
            issue: None,
        };
        let mut content = Content::default();
        content.read(&leaf, false, take);
        Self::new(content, labels, String::new(), Vec::new(), bytes.len())
    }

    fn new(content: Content, labels: &Labels, subject: String, headers: Vec<(String, String)>, size: usize) -> Self {
        let Content { pieces, mut not_inspected, mut opened, attachments, pictures_in_text, names } = content;
        let segments: Vec<_> = pieces.iter().map(crate::content::Piece::segment).collect();
        let findings = find(&segments, labels);
        let neighbours = detect::neighbours(&segments);
        let masked_subject = masked(&subject, &findings);
        let names = names.into_iter().map(|(part, name)| (part, masked(&name, &findings))).collect();
        for one in &mut not_inspected {
            one.inner = masked(&one.inner, &findings);
        }
        for (_, inner) in &mut opened {
            *inner = masked(inner, &findings);
        }
        let found = Arc::new(findings.iter().chain(&neighbours).map(fact).collect());
        let text_parts = pieces.iter().map(|piece| piece.part.clone()).collect();
        let texts = pieces.into_iter().map(|piece| TextFact::new(piece.place, piece.text)).collect();
        Self {
            findings,
            neighbours,
            not_inspected,
            opened,
            attachments: Arc::new(attachments),
            pictures_in_text,
            subject,
            masked_subject,
            names,
            size: size as u64,
            headers: Arc::new(headers),
            shown: Vec::new(),
            texts: Arc::new(texts),
            text_parts,
            found,
            kept: Kept::default(),
            fresh: false,
            settled: true,
        }
    }

    /// The way inside an attachment to a finding, with numbers made unreadable.
    pub(crate) fn inner(&self, finding: &Finding) -> String {
        masked(&finding.inner, &self.findings)
    }

    /// Whether anything of level likely or above was found.
    #[must_use]
    pub fn sensitive(&self) -> bool {
        self.findings.iter().any(|finding| finding.level >= Level::Likely)
    }

    /// Whether a finding of level likely or above stands outside the files: in the header or the text.
    #[must_use]
    pub fn has_findings_in_text(&self) -> bool {
        let of_file = |place: &Place| matches!(place, Place::Attachment | Place::AttachmentName);
        let sure = self.findings.iter().filter(|finding| finding.level >= Level::Likely);
        sure.into_iter()
            .any(|finding| !of_file(&finding.place) || finding.also.iter().any(|(place, _)| !of_file(place)))
    }

    /// A text of this mail, or about it, for people who are not its owner: what was found anywhere in the mail, and
    /// what the text itself shows to be a number, is made unreadable.
    #[must_use]
    pub fn mask(&self, text: &str) -> String {
        masked(text, &self.findings)
    }

    /// What was read in the attachment `part`, for people who are not its owner: every number is made unreadable,
    /// cells are separated by tabs; empty when it holds no text.
    #[must_use]
    pub fn masked_text(&self, part: &str) -> String {
        let of_part = self
            .texts
            .iter()
            .zip(&self.text_parts)
            .filter(|(text, of)| text.place == Place::Attachment && of.as_str() == part);
        let text = of_part.map(|(text, _)| text.text.as_str()).collect::<Vec<_>>().join("\n");
        let shown: String = masked(&text, &self.findings).chars().take(SHOWN_TEXT).collect();
        shown.replace(detect::CELL, "\t").replace(detect::NUMBER, "")
    }

    /// What was read in its parts that are not plain, to be kept beside it.
    #[must_use]
    pub fn kept(&self) -> &Kept {
        &self.kept
    }

    /// Whether some of [`Self::kept`] was read by this look.
    #[must_use]
    pub fn fresh(&self) -> bool {
        self.fresh
    }

    /// Whether another look would see the same: no file had trouble that it may not have again.
    #[must_use]
    pub fn settled(&self) -> bool {
        self.settled
    }

    /// About how many bytes of memory it takes.
    #[must_use]
    pub fn weight(&self) -> usize {
        // what is kept holds the texts of attachments once more, and rules look for words in a form of their own
        3 * self.texts.iter().map(|text| text.text.len()).sum::<usize>()
    }

    /// Where the findings of level likely or above stand, for people and for SMTP.
    #[must_use]
    pub fn places(&self) -> Places {
        places(self)
    }

    /// The facts for rules, as they are `at` that moment. `is_inside` says whether an address is of the company.
    #[must_use]
    pub fn facts(
        &self,
        author: AuthorFact,
        recipients: Vec<RecipientFact>,
        is_inside: impl Fn(&Address) -> bool,
        at: Timestamp,
    ) -> Facts {
        let shown = self.shown.iter().map(|(seat, address)| ShownFact {
            seat: *seat,
            inside: is_inside(address),
            address: address.clone(),
        });
        Facts {
            at,
            author,
            recipients,
            shown: shown.collect(),
            headers: Arc::clone(&self.headers),
            size: self.size,
            attachments: Arc::clone(&self.attachments),
            findings: Arc::clone(&self.found),
            not_inspected: self.not_inspected.iter().map(|one| one.reason).collect(),
            texts: Arc::clone(&self.texts),
        }
    }
}

/// A short text without the numbers that were found anywhere, and without those that it shows to be one itself.
fn masked(text: &str, findings: &[Finding]) -> String {
    detect::mask_numbers(&detect::mask(text, findings))
}

fn fact(finding: &Finding) -> FindingFact {
    let also = finding.also.iter().map(|(place, _)| place.clone());
    let places = std::iter::once(finding.place.clone()).chain(also).collect();
    FindingFact { class: finding.class, level: finding.level, places }
}

/// The addresses that To and Cc show to everybody; what is no address is none to be counted.
fn shown(parsed: &Parsed<'_>) -> Vec<(Seat, Address)> {
    let mut all: Vec<(Seat, Address)> = Vec::new();
    for (seat, field) in [(Seat::To, "To"), (Seat::Cc, "Cc")] {
        let mut known = std::collections::HashSet::new();
        let read = parsed.people(field).into_iter().filter_map(|person| Address::parse(&person.address).ok());
        all.extend(read.filter(|address| known.insert(address.key())).map(|address| (seat, address)));
    }
    all
}

/// Every header field, decoded, for the condition `header`.
fn headers(parsed: &Parsed<'_>) -> Vec<(String, String)> {
    let mut names: Vec<String> = Vec::new();
    for field in message::fields(parsed.header_block()) {
        let name = String::from_utf8_lossy(field.name).to_ascii_lowercase();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let all = |name: String| parsed.headers(&name).into_iter().map(move |value| (name.clone(), value));
    names.into_iter().flat_map(all).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(subject: &str, rows: usize) -> Vec<u8> {
        // 12 numbers with a right check digit, under a heading that names them.
        let numbers = numbers().into_iter().take(rows).map(|number| format!("社員,{number}\r\n"));
        let table = numbers.fold("氏名,個人番号\r\n".to_owned(), |table, row| table + &row);
        format!(
            "From: a@aoba.example\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; \
             boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n名簿です。\r\n--b\r\n\
             Content-Type: text/csv; charset=utf-8\r\nContent-Disposition: attachment; filename=meibo.csv\r\n\
             \r\n{table}\r\n--b--\r\n"
        )
        .into_bytes()
    }

    fn numbers() -> Vec<String> {
        let digits = |n: u64| format!("{n:012}").bytes().map(|b| b - b'0').collect::<Vec<u8>>();
        let good = |n: &u64| <[u8; 12]>::try_from(digits(*n)).is_ok_and(|d| detect::is_my_number(&d));
        (483_920_157_000u64..).step_by(7_919).filter(good).take(12).map(|n| n.to_string()).collect()
    }

    fn seen(bytes: &[u8]) -> Seen {
        Seen::of(bytes, &Limits::default())
    }

    fn file(name: &str, bytes: &[u8]) -> Seen {
        Seen::of_file(name, bytes, &Labels::default(), &mut |leaf| extract::extract(leaf, &Limits::default()))
    }

    #[test]
    fn places_are_named_in_three_tongues() {
        let places = seen(&mail("x", 12)).places();
        assert_eq!(places.ascii, "part 2, row 2 column 2 and 11 more");
        assert_eq!(places.ja, "添付2「meibo.csv」2行2列 ほか11件");
        assert_eq!(places.en, "attachment 2 \"meibo.csv\", row 2 column 2 and 11 more");
        assert_eq!(seen(b"Subject: x\r\n\r\nhello\r\n").places(), Places::default());
    }

    #[test]
    fn the_subject_is_masked_and_debug_shows_nothing() {
        let seen = seen(&mail("マイナンバー 123456789018", 1));
        assert!(seen.sensitive());
        assert_eq!(seen.masked_subject, "マイナンバー ●●●● ●●●● ●●●●");
        let shown = format!("{seen:?}");
        assert!(!shown.contains("1234") && !shown.contains("名簿"));
    }

    #[test]
    fn a_number_in_the_name_of_a_file_is_masked_wherever_the_name_stands() {
        let name = "個人番号123456789018.csv";
        let seen = file(name, "氏名,個人番号\r\n青葉,123456789018\r\n".as_bytes());
        let places = seen.places();
        assert!(seen.sensitive() && !places.ja.contains("1234") && !places.en.contains("1234"), "{places:?}");
    }

    #[test]
    fn a_file_is_shown_to_others_without_its_numbers() {
        let seen = seen(&mail("x", 3));
        let text = seen.masked_text("2");
        assert!(text.contains("氏名\t個人番号") && text.contains("社員\t"), "{text}");
        assert!(!numbers().iter().any(|number| text.contains(number.as_str())), "{text}");
        assert_eq!(seen.masked_text("9"), "");
    }

    #[test]
    fn a_picture_that_the_text_shows_is_no_attachment_and_is_not_forgotten() {
        let mail = |kind: &str, name: &str| {
            let picture = format!("Content-Type: image/png; name=\"{name}\"\r\nContent-ID: <a@b>\r\n\r\nx\r\n");
            format!(
                "Content-Type: multipart/{kind}; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<img src=cid:a@b>\r\n--b\r\n{picture}--b--\r\n"
            )
        };
        for (kind, name, attachments, pictures) in [
            ("related", "", 0, true),
            ("related", "image001.PNG", 0, true),
            // rules may ask for what it is called
            ("related", "list.csv", 1, false),
            ("mixed", "", 1, false),
        ] {
            let seen = seen(mail(kind, name).as_bytes());
            assert_eq!((seen.attachments.len(), seen.pictures_in_text), (attachments, pictures), "{kind} {name}");
        }
    }

    #[test]
    fn twelve_numbers_are_twelve_facts() {
        let facts = seen(&mail("x", 12)).facts(AuthorFact::default(), Vec::new(), |_| false, Timestamp(0));
        assert_eq!(facts.findings.len(), 12);
        assert_eq!(facts.attachments.len(), 1);
        assert!(facts.headers.iter().any(|(name, value)| name == "from" && value.contains("a@aoba.example")));
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..400)) {
            let _ = seen(&bytes).places();
            let _ = file("x.csv", &bytes);
        }
    }
}
