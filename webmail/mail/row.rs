//! One line of a list: what is shown of a mail before it is opened, all of it text.

use message::{MailAddress, Summary, decode_words};
use store::{Directory, MailboxRole, MessageRow};
use types::{Domain, SystemFlags, TenantId};
use web::Style;

use super::{MailId, MailWords};

/// Whom a row names at most.
const NAMES: usize = 3;

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// `3.17`, in URLs; `m3-17` in the page.
    pub id: MailId,
    /// UID, for the box.
    pub uid: u32,
    /// Not read yet.
    pub unread: bool,
    /// スター付き
    pub starred: bool,
    /// Answered by its reader.
    pub answered: bool,
    /// Forwarded by its reader.
    pub forwarded: bool,
    /// Sender; in 送信済み and 下書き the recipients.
    pub who: String,
    /// Whether the sender (or a recipient) is outside the company.
    pub outside: bool,
    /// Subject.
    pub subject: String,
    /// The start of the text.
    pub preview: String,
    /// Whether files are attached.
    pub attachments: bool,
    /// 14:05, 昨日 …
    pub date: String,
    /// For `<time>`.
    pub date_machine: String,
    /// The whole moment, as the row's title tells it.
    pub date_long: String,
}

/// How rows are made.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    /// The people.
    pub directory: &'a Directory,
    /// The reader's company.
    pub tenant: TenantId,
    /// Texts.
    pub words: MailWords,
    /// Dates.
    pub style: Style,
    /// What the mailbox is for.
    pub role: Option<MailboxRole>,
}

impl Rows<'_> {
    /// The row of a message of `mailbox`.
    #[must_use]
    pub fn row(&self, mailbox: types::MailboxId, message: &MessageRow) -> Row {
        let flags = message.flags.system;
        let summary = message.summary.as_deref().and_then(|bytes| Summary::from_bytes(bytes).ok());
        let told = summary.as_ref().map(|summary| self.told(summary));
        let (who, outside, subject, preview, attachments) =
            told.unwrap_or_else(|| (self.words.nobody().into(), false, String::new(), String::new(), false));
        let at = message.internal_date;
        Row {
            id: MailId::new(mailbox, message.uid),
            uid: message.uid.0,
            unread: !flags.contains(SystemFlags::SEEN),
            starred: flags.contains(SystemFlags::FLAGGED),
            answered: flags.contains(SystemFlags::ANSWERED),
            forwarded: message.flags.keywords.iter().any(|keyword| keyword.as_str().eq_ignore_ascii_case("$Forwarded")),
            who,
            outside,
            subject: if subject.is_empty() { self.words.no_subject().into() } else { subject },
            preview,
            attachments,
            date: self.style.date_list(at),
            date_machine: self.style.date_machine(at),
            date_long: self.style.date_long(at),
        }
    }

    fn told(&self, summary: &Summary) -> (String, bool, String, String, bool) {
        let (who, outside) = if self.by_recipient() { self.recipients(summary) } else { self.sender(summary) };
        (who, outside, summary.subject.clone(), summary.preview.clone(), summary.attachments > 0)
    }

    fn by_recipient(&self) -> bool {
        matches!(self.role, Some(MailboxRole::Sent | MailboxRole::Drafts))
    }

    fn sender(&self, summary: &Summary) -> (String, bool) {
        let outside = summary.header.from.iter().any(|address| self.is_outside(address));
        let who = if summary.from.is_empty() { self.words.nobody().to_owned() } else { summary.from.clone() };
        (who, outside)
    }

    fn recipients(&self, summary: &Summary) -> (String, bool) {
        let header = &summary.header;
        let all: Vec<&MailAddress> =
            header.to.iter().chain(&header.cc).chain(&header.bcc).filter(|address| address.is_address()).collect();
        let outside = all.iter().any(|address| self.is_outside(address));
        let mut names = all.iter().take(NAMES).map(|address| shown_name(address)).collect::<Vec<_>>().join(", ");
        if all.len() > NAMES {
            names.push_str(&format!(" {}", self.words.others(all.len() - NAMES)));
        }
        (self.words.to_list(&names), outside)
    }

    fn is_outside(&self, address: &MailAddress) -> bool {
        let Some(host) = &address.host else { return false };
        let domain = Domain::parse(&host.text()).ok();
        domain.and_then(|domain| self.directory.tenant_of(&domain)) != Some(self.tenant)
    }
}

/// The display name, or the address where there is none.
#[must_use]
pub fn shown_name(address: &MailAddress) -> String {
    let name = address.name.as_ref().map(|name| decode_words(name).trim().to_owned());
    name.filter(|name| !name.is_empty()).unwrap_or_else(|| shown_address(address))
}

/// `local@host` as it is written.
#[must_use]
pub fn shown_address(address: &MailAddress) -> String {
    let part = |raw: &Option<message::Raw>| raw.as_ref().map(|raw| raw.text().into_owned());
    format!("{}@{}", part(&address.mailbox).unwrap_or_default(), part(&address.host).unwrap_or_default())
}
