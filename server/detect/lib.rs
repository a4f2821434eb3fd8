//! My Numbers in text, and the numbers that only look like them: find, check, weigh, mask. Pure: it knows no
//! mail, no file format and no clock. A caller brings texts, each with the place it stands in, and gets back
//! findings with a level; what follows from a level is not decided here.
//!
//! ```
//! use detect::{Labels, Level, Place, Segment, find};
//! let text = "個人番号は 1234 5678 9018 です。";
//! let body = Segment { place: Place::Body, part: "1", inner: "", name: None, text };
//! let found = find(&[body], &Labels::default());
//! assert_eq!(found[0].level, Level::Certain);
//! assert_eq!(format!("{}", found[0].value), "************");
//! ```

mod check;
mod context;
mod digits;
mod fold;
mod grid;
mod groups;
mod labels;
mod lists;
mod mask;
mod neighbours;
mod secret;
mod shapes;
mod tree;
mod weigh;
mod words;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

pub use check::is_my_number;
pub use fold::folded;
pub use labels::{Labels, LabelsError};
pub use mask::{mask, mask_every_number, mask_numbers, places_of};
pub use neighbours::neighbours;
pub use secret::Secret;

/// The character that separates the cells of a row in [`Segment::text`]; rows end with a line feed.
pub const CELL: char = '\u{1f}';

/// The character that a cell of [`Segment::text`] begins with when its spreadsheet holds a number there and no text:
/// such a cell may have lost its leading zeros. It is no part of what people read.
pub const NUMBER: char = '\u{1e}';

/// How sure a finding is; the order is that of certainty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The number could be one; nothing says so. It never stops mail by default.
    Possible,
    /// The check digit is right and another sign speaks for it.
    Likely,
    /// The check digit is right and a label that belongs to the number names it.
    Certain,
}

/// What kind of number was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// An individual number (個人番号): 12 digits, the last a check digit (平成26年総務省令第85号 第5条).
    MyNumber,
    /// The number of a credit card.
    Card,
    /// A telephone or fax number.
    Phone,
    /// A postal code with an address.
    PostalAddress,
    /// A mail address.
    MailAddress,
    /// The number of a driver's licence (運転免許証).
    Licence,
    /// A corporate number (法人番号), which is public.
    CorporateNumber,
    /// A basic pension number (基礎年金番号).
    Pension,
    /// A health insurer's number or an insured person's (保険者番号, 記号・番号).
    HealthInsurance,
    /// The number of a passport.
    Passport,
    /// The number of a residence card (在留カード).
    ResidenceCard,
    /// The number of a bank account.
    BankAccount,
}

impl Class {
    /// The classes beside My Numbers.
    pub const NEIGHBOURS: [Self; 11] = [
        Self::Card,
        Self::Phone,
        Self::PostalAddress,
        Self::MailAddress,
        Self::Licence,
        Self::CorporateNumber,
        Self::Pension,
        Self::HealthInsurance,
        Self::Passport,
        Self::ResidenceCard,
        Self::BankAccount,
    ];

    /// The word of rules and of `inspect --json`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::MyNumber => "my_number",
            Self::Card => "card",
            Self::Phone => "phone",
            Self::PostalAddress => "postal_address",
            Self::MailAddress => "mail_address",
            Self::Licence => "licence",
            Self::CorporateNumber => "corporate_number",
            Self::Pension => "pension",
            Self::HealthInsurance => "health_insurance",
            Self::Passport => "passport",
            Self::ResidenceCard => "residence_card",
            Self::BankAccount => "bank_account",
        }
    }
}

/// Where in a mail a text stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The subject.
    Subject,
    /// Another header field that people write, by its name in lower case.
    Header(String),
    /// The plain text of the mail.
    Body,
    /// The HTML of the mail.
    Html,
    /// The content of an attachment.
    Attachment,
    /// The file name of an attachment.
    AttachmentName,
}

/// One text to look at.
#[derive(Clone)]
pub struct Segment<'a> {
    /// Where it stands.
    pub place: Place,
    /// The IMAP part number; empty for header fields.
    pub part: &'a str,
    /// The path inside an archive or an attached mail; empty for the part itself.
    pub inner: &'a str,
    /// The file name of the attachment that the text comes from.
    pub name: Option<&'a str>,
    /// The text; cells of a row are separated by [`CELL`], rows by line feeds.
    pub text: &'a str,
}

/// Why a finding has its level. No reason holds a digit of the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The check digit is right.
    CheckDigit,
    /// The check digit is wrong: a slip of the pen under a label.
    WrongCheckDigit,
    /// A label such as マイナンバー stands beside it.
    Label,
    /// A label right below it points to it.
    LabelBelow,
    /// A label stands in the same text, farther away.
    FarLabel,
    /// The heading of its column is such a label.
    ColumnHeading,
    /// The cell to its left is such a label.
    RowLabel,
    /// The entries of the list before it are labelled, and it goes on with them.
    ListLabel,
    /// The file name holds such a label.
    FileName,
    /// The subject holds such a label.
    Subject,
    /// The text is about tax, payroll or personnel.
    Context,
    /// The numbers of a whole column or list pass the check.
    Column,
    /// It is written in kanji numerals, circled digits or another unusual way.
    UnusualWriting,
    /// Zeros that a spreadsheet dropped at the front were put back.
    ZeroPadded,
    /// It stands in an address (URL) beside a label.
    InAddress,
    /// It is one of the numbers published for tests.
    TestNumber,
    /// Its form and its check digit, where it has one, are those of its kind.
    Form,
}

/// One distinct number that was found. Its `Debug` shows no digit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub class: Class,
    /// How sure that is: the best of all its places.
    pub level: Level,
    /// Where its best place is.
    pub place: Place,
    /// The IMAP part number of that place.
    pub part: String,
    /// The path inside an archive or attached mail; empty for the part itself.
    pub inner: String,
    /// The position in the text, such as `line 3` or `row 12 column 3`, counted from 1.
    pub position: String,
    /// The digits.
    pub value: Secret,
    /// How often it stands in all texts together.
    pub count: u32,
    /// The other places (with the part number) that hold it too.
    pub also: Vec<(Place, String)>,
    /// Why it has this level.
    pub reasons: Vec<Reason>,
}

/// Finds the numbers in all texts of one mail. Texts of the mail speak for each other: a label in the
/// subject or in a file name counts for the numbers in the bodies. The findings are in the order of the
/// texts, each (class, value) once.
#[must_use]
pub fn find(segments: &[Segment], labels: &Labels) -> Vec<Finding> {
    let scans: Vec<_> = segments.iter().map(|segment| shapes::candidates(segment.text)).collect();
    if scans.iter().all(Vec::is_empty) {
        return Vec::new();
    }
    let subject = segments
        .iter()
        .filter(|segment| segment.place == Place::Subject)
        .fold(labels::Seen::default(), |seen, segment| seen.and(labels.seen(segment.text)));
    let mut found: Vec<Finding> = Vec::new();
    let mut index: HashMap<String, usize> = HashMap::new();
    for (segment, candidates) in segments.iter().zip(scans) {
        if candidates.is_empty() {
            continue;
        }
        let name = segment.name.map(|name| labels.seen(name)).unwrap_or_default();
        let around = context::Surroundings { subject, name };
        for hit in weigh::hits(segment.text, candidates, labels, &around) {
            let at = index.get(hit.value.reveal()).copied();
            match at.and_then(|at| found.get_mut(at)) {
                Some(known) => join(known, segment, hit),
                None => {
                    index.insert(hit.value.reveal().to_owned(), found.len());
                    found.push(finding(segment, hit));
                }
            }
        }
    }
    found
}

fn finding(segment: &Segment, hit: weigh::Hit) -> Finding {
    Finding {
        class: Class::MyNumber,
        level: hit.level,
        place: segment.place.clone(),
        part: segment.part.to_owned(),
        inner: segment.inner.to_owned(),
        position: hit.position,
        value: hit.value,
        count: 1,
        also: Vec::new(),
        reasons: hit.reasons,
    }
}

/// Adds another place of a known number; the better place becomes the first.
fn join(known: &mut Finding, segment: &Segment, hit: weigh::Hit) {
    known.count = known.count.saturating_add(1);
    let same_place = known.place == segment.place && known.part == segment.part && known.inner == segment.inner;
    let mut other = (segment.place.clone(), segment.part.to_owned());
    if hit.level > known.level {
        let old = (std::mem::replace(&mut known.place, segment.place.clone()), std::mem::take(&mut known.part));
        known.part = segment.part.to_owned();
        known.inner = segment.inner.to_owned();
        known.position = hit.position;
        known.level = hit.level;
        known.reasons = hit.reasons;
        known.also.retain(|place| *place != other);
        other = old;
    }
    if !same_place && !known.also.contains(&other) {
        known.also.push(other);
    }
}
