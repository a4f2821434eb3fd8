//! What `sekisho inspect` says about a file: a mail, a box of mails, or anything else. One JSON line each.

use std::panic::{AssertUnwindSafe, catch_unwind};

use detect::{Finding, Labels, Place};
use extract::{Kept, Passwords};
use message::Parsed;
use review::{AuthorFact, Contact, RecipientFact, RuleSet, judge};
use serde::Serialize;
use types::{Address, Limits, Timestamp};

use crate::content::Take;
use crate::flights::Flights;
use crate::{Seen, Texts};

/// DESIGN.md 7, `inspect --json`.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    findings: Vec<Found<'a>>,
    not_inspected: Vec<Unread<'a>>,
    /// What was encrypted and a password has opened.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    opened: Vec<Opened<'a>>,
    verdict: &'a str,
}

#[derive(Serialize)]
struct Found<'a> {
    kind: &'a detect::Class,
    level: &'a detect::Level,
    r#where: String,
    part: &'a str,
    inner: String,
    masked: &'static str,
    fingerprint: String,
    count: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    also: Vec<Also<'a>>,
}

#[derive(Serialize)]
struct Also<'a> {
    r#where: String,
    part: &'a str,
}

#[derive(Serialize)]
struct Unread<'a> {
    part: &'a str,
    inner: &'a str,
    reason: &'static str,
}

#[derive(Serialize)]
struct Opened<'a> {
    part: &'a str,
    inner: &'a str,
}

/// The passwords to try on a mail between an author and its recipients, as its header names them.
type ForMail = dyn Fn(Option<Address>, Vec<Address>) -> Passwords + Send + Sync;

/// Says which passwords are tried on a mail; none is the default.
#[derive(Default)]
pub struct PasswordsFor(Option<Box<ForMail>>);

impl std::fmt::Debug for PasswordsFor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordsFor")
    }
}

impl PasswordsFor {
    /// Those that `choose` says.
    #[must_use]
    pub fn new(choose: impl Fn(Option<Address>, Vec<Address>) -> Passwords + Send + Sync + 'static) -> Self {
        Self(Some(Box::new(choose)))
    }

    /// Those for a mail.
    fn mail(&self, bytes: &[u8], limits: &Limits) -> Passwords {
        let Some(choose) = &self.0 else { return Passwords::default() };
        let mail = Parsed::parse(bytes, limits);
        let to = [mail.to(), mail.cc(), mail.bcc()].concat();
        choose(mail.from().into_iter().next(), to)
    }

    /// Those for a file that is no mail: nobody writes it to anybody.
    fn file(&self) -> Passwords {
        self.0.as_ref().map(|choose| choose(None, Vec::new())).unwrap_or_default()
    }
}

/// Inspects files, and judges each as a mail by an ordinary employee to the outside.
#[derive(Debug)]
pub struct FileInspector {
    /// By what is judged.
    pub rules: RuleSet,
    /// By which words numbers are known.
    pub labels: Labels,
    /// Makes the fingerprints.
    pub key: [u8; 32],
    /// What is tried on what is encrypted.
    pub passwords: PasswordsFor,
    /// Who reads attachments.
    pub texts: Texts,
    /// The bounds of what is read.
    pub limits: Limits,
    /// When it is judged.
    pub at: Timestamp,
}

impl FileInspector {
    /// Inspects the file `name` (as it was given): one JSON line, for an mbox one for each of its mails. Blocks.
    #[must_use]
    pub fn inspect(&self, name: &str, bytes: &[u8]) -> Vec<String> {
        let mails = if bytes.starts_with(b"From ") { mbox(bytes) } else { Vec::new() };
        let base = name.rsplit('/').next().unwrap_or(name);
        match mails.as_slice() {
            [] if is_mail(bytes) => vec![self.mail(name, bytes)],
            [] => {
                let look = |take: Take<'_>| Seen::of_file(base, bytes, &self.labels, take);
                vec![self.line(name, &self.passwords.file(), &look)]
            }
            mails => mails.iter().map(|mail| self.mail(name, mail)).collect(),
        }
    }

    fn mail(&self, name: &str, mail: &[u8]) -> String {
        let passwords = self.passwords.mail(mail, &self.limits);
        self.line(name, &passwords, &|take| Seen::of_mail(mail, &self.limits, &self.labels, take))
    }

    fn line(&self, name: &str, passwords: &Passwords, look: &dyn Fn(Take<'_>) -> Seen) -> String {
        let looked = catch_unwind(AssertUnwindSafe(|| {
            let seen = self.looked(passwords, look)?;
            let verdict = ordinary_verdict(&seen, &self.rules, self.at);
            Some((seen, verdict))
        }));
        let line = match &looked {
            Ok(Some((seen, verdict))) => Line {
                file: name,
                findings: seen
                    .findings
                    .iter()
                    .chain(&seen.neighbours)
                    .map(|finding| found(seen, finding, &self.key))
                    .collect(),
                not_inspected: seen.not_inspected.iter().map(unread).collect(),
                opened: seen.opened.iter().map(|(part, inner)| Opened { part, inner }).collect(),
                verdict,
            },
            Ok(None) | Err(_) => {
                let (findings, not_inspected, opened) = (Vec::new(), Vec::new(), Vec::new());
                Line { file: name, findings, not_inspected, opened, verdict: "error" }
            }
        };
        serde_json::to_string(&line).unwrap_or_default()
    }

    /// What is seen; `None`: no child could be started.
    fn looked(&self, passwords: &Passwords, look: &dyn Fn(Take<'_>) -> Seen) -> Option<Seen> {
        let flights = Flights::default();
        let mut reading = self.texts.reading(&self.limits, passwords, Kept::default(), &flights);
        let seen = look(&mut |leaf| match reading.plain(leaf) {
            Some(plain) => plain,
            None => reading.known(leaf).unwrap_or_else(|print| reading.by_child(leaf, print)),
        });
        reading.end().failed.is_none().then_some(seen)
    }
}

/// What the rules would do with it now, from one who is in no group to one whom no list holds and to whom he has
/// written before.
fn ordinary_verdict(seen: &Seen, rules: &RuleSet, at: Timestamp) -> &'static str {
    let recipient = Address::parse("someone@outside.invalid").map(|address| RecipientFact {
        address,
        mailbox: None,
        inside: false,
        groups: Vec::new(),
        lists: Vec::new(),
        department: String::new(),
        contact: Contact::Known,
        tls: None,
    });
    let address = Address::parse("employee@inside.invalid").ok();
    let author = AuthorFact { address, inside: true, ..AuthorFact::default() };
    let nobody = |_: &Address| false;
    judge(rules, &seen.facts(author, recipient.into_iter().collect(), nobody, at)).verdict().word()
}

fn found<'a>(seen: &Seen, finding: &'a Finding, key: &[u8; 32]) -> Found<'a> {
    Found {
        kind: &finding.class,
        level: &finding.level,
        r#where: word(&finding.place),
        part: &finding.part,
        inner: seen.inner(finding),
        masked: "************",
        fingerprint: finding.value.fingerprint(key),
        count: finding.count,
        also: finding.also.iter().map(|(place, part)| Also { r#where: word(place), part }).collect(),
    }
}

fn unread(one: &crate::NotSeen) -> Unread<'_> {
    Unread { part: &one.part, inner: &one.inner, reason: one.reason.word() }
}

/// The `where` of a finding.
fn word(place: &Place) -> String {
    match place {
        Place::Subject => "subject".to_owned(),
        Place::Header(name) => format!("header:{}", name.to_ascii_lowercase()),
        Place::Body => "body".to_owned(),
        Place::Html => "html".to_owned(),
        Place::Attachment => "attachment".to_owned(),
        Place::AttachmentName => "attachment-name".to_owned(),
    }
}

/// Whether a file reads as a mail: lines of a header from the first on, among them one that mails have.
fn is_mail(bytes: &[u8]) -> bool {
    const TELLING: [&str; 8] =
        ["from", "to", "subject", "date", "received", "message-id", "mime-version", "return-path"];
    let mut telling = false;
    for line in bytes.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            return telling;
        }
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            continue;
        }
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { return false };
        let name = line.get(..colon).unwrap_or_default().trim_ascii_end();
        if name.is_empty() || !name.iter().all(u8::is_ascii_graphic) {
            return false;
        }
        telling |= TELLING.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(name));
    }
    telling
}

/// The mails of an mbox: `From ` at the beginning or after an empty line; one `>` is taken off quoted ones.
fn mbox(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut mails: Vec<Vec<u8>> = Vec::new();
    let mut after_empty = true;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if after_empty && line.starts_with(b"From ") {
            mails.push(Vec::new());
            after_empty = false;
            continue;
        }
        after_empty = line.trim_ascii().is_empty();
        let quoted = line.iter().position(|byte| *byte != b'>').unwrap_or(0);
        let unquote = quoted > 0 && line.get(quoted..).is_some_and(|rest| rest.starts_with(b"From "));
        if let Some(mail) = mails.last_mut() {
            mail.extend_from_slice(line.get(usize::from(unquote)..).unwrap_or_default());
        }
    }
    mails
}

#[cfg(test)]
mod tests;
