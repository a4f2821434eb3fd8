//! Our own notices to people here: written into their INBOX in the same transaction as what they tell of. They
//! hold no content and no number, so they pass no review; being mail of the system they cause no other mail.

use std::time::Duration;

use message::Parsed;
use message::compose::{AutoSubmitted, Mail, Mailbox as Person};
use store::{Bytes, Directory, Folder, MailboxRole, NewCopy, NewMail, Posting, User};
use types::{Address, Flags, Language, Reference, Timestamp, UserId};

use crate::catalogue::{self, Notice, Subject, left, moment, moment_short};
use crate::facts::inside;
use crate::fates::Hit;
use crate::{Outbound, OutboundError};

/// What notices of one submission have in common.
pub(crate) struct About<'a> {
    pub author: Option<UserId>,
    pub from: Option<&'a Address>,
    pub recipients: &'a [Address],
    pub reference: Reference,
    pub subject: &'a str,
    pub places_ja: &'a str,
    pub places_en: &'a str,
    pub at: Timestamp,
}

/// The parts of a notice that differ between its kinds.
#[derive(Default)]
pub(crate) struct Details<'a> {
    pub reasons: Vec<String>,
    pub numbers: bool,
    pub approvers: &'a [UserId],
    pub deadline: Option<Timestamp>,
    /// How long until then, of the hours that count.
    pub left: Option<Duration>,
    pub then: &'a str,
    pub by: Decider,
    pub comment: &'a str,
    /// In whose stead the reader decides.
    pub stands_for: Option<UserId>,
}

/// Who decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Decider {
    /// Somebody at the machine's own console.
    #[default]
    Console,
    /// A person.
    Person(UserId),
    /// Nobody in time: what the rule said happened.
    Deadline,
    /// Nobody: the mail could not go, and the system says why.
    System,
}

impl From<Option<UserId>> for Decider {
    fn from(by: Option<UserId>) -> Self {
        by.map_or(Self::Console, Self::Person)
    }
}

/// How a password was changed.
#[derive(Debug, Clone, Copy)]
pub enum PasswordChange<'a> {
    /// By its owner, from this browser and address.
    From(&'a str),
    /// By an administrator; `None`: at the machine's own console.
    By(Option<UserId>),
}

/// The browser, or who did it, in words; and whether it was its owner.
pub(crate) fn whence(directory: &Directory, language: Language, how: PasswordChange<'_>) -> (String, bool) {
    match how {
        PasswordChange::From(browser) => (browser.to_owned(), true),
        PasswordChange::By(by) => (by.map(|id| name(directory, id)).unwrap_or_else(|| console(language)), false),
    }
}

/// Whether a rule that matched found My Numbers.
pub(crate) fn numbers(hits: &[Hit]) -> bool {
    hits.iter().any(|hit| hit.numbers)
}

/// The messages of rules for the sender.
pub(crate) fn reasons(hits: &[Hit]) -> Vec<String> {
    hits.iter().map(|hit| hit.message.clone()).filter(|text| !text.is_empty()).collect()
}

/// The messages of rules for approvers.
pub(crate) fn reasons_for_approvers(hits: &[Hit]) -> Vec<String> {
    let text =
        |hit: &Hit| if hit.approver_message.is_empty() { hit.message.clone() } else { hit.approver_message.clone() };
    hits.iter().map(text).filter(|text| !text.is_empty()).collect()
}

impl Outbound {
    /// Writes to each of `people` the notice that `write` makes in his language.
    ///
    /// # Errors
    /// A notice could not be sealed.
    pub(crate) async fn tell(
        &self,
        posting: &mut Posting,
        people: &[UserId],
        about: &About<'_>,
        details: &Details<'_>,
        write: impl Fn(Language, &Subject<'_>) -> Notice + Send,
    ) -> Result<(), OutboundError> {
        let directory = self.store.directory();
        for id in people {
            let Some(user) = directory.users.get(id) else { continue };
            let notice = self.notice(&directory, user, about, details, &write);
            self.put_notice(posting, user, about.at, notice).await?;
        }
        Ok(())
    }

    /// Writes to those who are asked, and to those who decide in their stead, each of these with for whom.
    ///
    /// # Errors
    /// As [`Self::tell`].
    pub(crate) async fn ask(
        &self,
        posting: &mut Posting,
        (approvers, deputies): (&[UserId], &[(UserId, UserId)]),
        about: &About<'_>,
        mut details: Details<'_>,
        write: impl Fn(Language, &Subject<'_>) -> Notice + Send + Sync,
    ) -> Result<(), OutboundError> {
        self.tell(posting, approvers, about, &details, &write).await?;
        for (deputy, seat) in deputies {
            details.stands_for = Some(*seat);
            self.tell(posting, &[*deputy], about, &details, &write).await?;
        }
        Ok(())
    }

    /// Puts a notice into a person's INBOX.
    ///
    /// # Errors
    /// It could not be sealed.
    pub(crate) async fn put_notice(
        &self,
        posting: &mut Posting,
        user: &User,
        at: Timestamp,
        notice: Notice,
    ) -> Result<(), OutboundError> {
        let bytes = self.notice_bytes(user, at, notice)?;
        let draft = self.store.seal(user.tenant, &bytes).await?;
        let summary = Parsed::parse(&bytes, &self.limits).summary().to_bytes();
        let new = NewMail { tenant: user.tenant, bytes: Bytes::New(draft), summary, sensitive: false };
        let mail = posting.mail(new);
        posting.copies.push(NewCopy {
            mail,
            owner: user.id,
            folder: Folder::Role(MailboxRole::Inbox),
            flags: Flags::default(),
            internal_date: at,
            saved: at,
            prefix: b"Return-Path: <>\r\n".to_vec(),
            cuts: Vec::new(),
            recipient: None,
        });
        Ok(())
    }

    /// Tells a person that his password was changed, from where or by whom.
    ///
    /// # Errors
    /// The store failed.
    pub async fn tell_of_password(&self, user: UserId, how: PasswordChange<'_>) -> Result<(), OutboundError> {
        let (directory, at) = (self.store.directory(), self.clock.now());
        let Some(user) = directory.users.get(&user) else { return Ok(()) };
        let language = user.language;
        let (whence, own) = whence(&directory, language, how);
        let url = self.mail_url.as_deref().unwrap_or_default();
        let notice = catalogue::password_changed(language, &user.address.to_string(), at, &whence, own, url);
        let mut posting = Posting::default();
        self.put_notice(&mut posting, user, at, notice).await?;
        self.store.send(&self.exit, posting).await?;
        Ok(())
    }

    /// A Message-ID that nobody else has.
    pub(crate) fn message_id(&self) -> Result<String, OutboundError> {
        let mut random = [0; 16];
        getrandom::fill(&mut random).map_err(|_| OutboundError::NoRandomness)?;
        Ok(format!("{}@{}", types::letters(&random), self.hostname))
    }

    fn notice(
        &self,
        directory: &Directory,
        user: &User,
        about: &About<'_>,
        details: &Details<'_>,
        write: impl Fn(Language, &Subject<'_>) -> Notice,
    ) -> Notice {
        let language = user.language;
        let approvers: Vec<String> = details.approvers.iter().map(|id| name(directory, *id)).collect();
        let deadline = |words: fn(Language, Timestamp) -> String| {
            details.deadline.map(|at| words(language, at)).unwrap_or_default()
        };
        write(
            language,
            &Subject {
                subject: about.subject,
                reasons: &details.reasons,
                numbers: details.numbers,
                places: if language == Language::Ja { about.places_ja } else { about.places_en },
                reference: &about.reference.to_string(),
                approvers: &people_text(language, &approvers),
                contact: &contact(directory, language, details.approvers),
                deadline: &deadline(moment),
                then: details.then,
                deadline_short: &deadline(moment_short),
                left: &details.left.map(|span| left(language, span)).unwrap_or_default(),
                sender: &sender(directory, about),
                recipients: &shortened(language, about.recipients),
                domains: &by_domain(language, about.recipients),
                stays_inside: about.recipients.iter().all(|to| inside(directory, user.tenant, to)),
                by: &decider(directory, language, details.by),
                decider: details.by,
                comment: details.comment,
                stands_for: &details.stands_for.map(|id| name(directory, id)).unwrap_or_default(),
                mail_url: self.mail_url.as_deref().unwrap_or_default(),
            },
        )
    }

    fn notice_bytes(&self, user: &User, at: Timestamp, notice: Notice) -> Result<Vec<u8>, OutboundError> {
        let domain = user.address.domain();
        let postmaster = Address::parse(&format!("postmaster@{domain}")).map_err(|_| OutboundError::NoRandomness)?;
        let mail = Mail::new(&Person::new(system_name(user.language), postmaster), at, &self.message_id()?)
            .to(&[Person::new(user.name.clone(), user.address.clone())])
            .subject(&notice.subject)
            .auto_submitted(AutoSubmitted::Generated)
            .text(notice.text);
        Ok(mail.to_bytes())
    }
}

fn name(directory: &Directory, id: UserId) -> String {
    let user = directory.users.get(&id);
    user.map(|user| if user.name.is_empty() { user.address.to_string() } else { user.name.clone() }).unwrap_or_default()
}

fn sender(directory: &Directory, about: &About<'_>) -> String {
    match about.author {
        Some(id) => name(directory, id),
        None => about.from.map(ToString::to_string).unwrap_or_else(|| "<>".to_owned()),
    }
}

/// Who writes notices and reports.
pub(crate) fn system_name(language: Language) -> String {
    match language {
        Language::Ja => "メールシステム".to_owned(),
        Language::En => "Mail system".to_owned(),
    }
}

fn decider(directory: &Directory, language: Language, by: Decider) -> String {
    match by {
        Decider::Console => console(language),
        Decider::Person(id) => name(directory, id),
        Decider::Deadline | Decider::System => system_name(language),
    }
}

/// Who decides at the machine's own console.
fn console(language: Language) -> String {
    match language {
        Language::Ja => "管理者".to_owned(),
        Language::En => "The administrator".to_owned(),
    }
}

fn people_text(language: Language, names: &[String]) -> String {
    match (language, names) {
        (Language::Ja, []) => "管理者".to_owned(),
        (Language::En, []) => "the administrator".to_owned(),
        (Language::Ja, names) => names.join("、"),
        (Language::En, names) => names.join(", "),
    }
}

/// Whom a sender in a hurry turns to: the first who can decide, with his address.
fn contact(directory: &Directory, language: Language, approvers: &[UserId]) -> String {
    let user = approvers.iter().find_map(|id| directory.users.get(id));
    match (language, user) {
        (_, Some(user)) if user.name.is_empty() => user.address.to_string(),
        (Language::Ja, Some(user)) => format!("{}さん({})", user.name, user.address),
        (Language::En, Some(user)) => format!("{} ({})", user.name, user.address),
        (_, None) => console(language),
    }
}

/// The recipients as their domains, each with a count: who decides sees where the mail would go.
fn by_domain(language: Language, recipients: &[Address]) -> String {
    const SHOWN: usize = 3;
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for domain in recipients.iter().map(|address| address.domain().as_str()) {
        match counts.iter_mut().find(|(known, _)| *known == domain) {
            Some((_, count)) => *count += 1,
            None => counts.push((domain, 1)),
        }
    }
    let rest: usize = counts.iter().skip(SHOWN).map(|(_, count)| count).sum();
    let shown = counts.iter().take(SHOWN);
    match language {
        Language::Ja => {
            let shown: Vec<String> = shown.map(|(domain, count)| format!("{domain} {count}件")).collect();
            shown.join("、") + &if rest == 0 { String::new() } else { format!(" ほか{rest}件") }
        }
        Language::En => {
            let shown: Vec<String> = shown.map(|(domain, count)| format!("{domain} ({count})")).collect();
            shown.join(", ") + &if rest == 0 { String::new() } else { format!(" and {rest} more") }
        }
    }
}

/// At most three addresses, then how many more.
fn shortened(language: Language, recipients: &[Address]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<String> = recipients.iter().take(SHOWN).map(ToString::to_string).collect();
    let more = recipients.len().saturating_sub(SHOWN);
    match (language, more) {
        (_, 0) => shown.join(", "),
        (Language::Ja, more) => format!("{} ほか{more}件", shown.join(", ")),
        (Language::En, more) => format!("{} and {more} more", shown.join(", ")),
    }
}
