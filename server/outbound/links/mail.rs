//! The mail that a recipient outside gets in place of what stays here: in the sender's name, with his text where only the files
//! stay, and the address of the page.

use message::compose::{Mail, Mailbox as Person};
use store::{Directory, LinkRow, NewLink, SubmissionRow};
use types::{Address, Timestamp, UserId};

use super::Token;
use super::source::LinkSource;
use crate::catalogue::{self, LinkText};
use crate::{Outbound, OutboundError};

/// The author and the mail of which a link is made.
pub(crate) struct LinkedMail<'a> {
    pub author: Option<UserId>,
    pub from: Option<&'a Address>,
    pub tenant: types::TenantId,
    pub source: &'a LinkSource,
}

impl<'a> LinkedMail<'a> {
    /// Of a mail that is on disk.
    pub fn of(row: &'a SubmissionRow, source: &'a LinkSource) -> Self {
        Self { author: row.author, from: row.from.as_ref(), tenant: row.tenant, source }
    }
}

/// What a link's mail needs to say of the link.
pub(crate) struct Terms<'a> {
    pub recipient: &'a Address,
    pub by_password: bool,
    pub expires: Timestamp,
}

impl<'a> From<&'a NewLink> for Terms<'a> {
    fn from(link: &'a NewLink) -> Self {
        let by_password = link.password.is_some();
        Self { recipient: &link.recipient, by_password, expires: link.expires }
    }
}

impl<'a> From<&'a LinkRow> for Terms<'a> {
    fn from(link: &'a LinkRow) -> Self {
        let by_password = link.password.is_some();
        Self { recipient: &link.recipient, by_password, expires: link.expires }
    }
}

impl Outbound {
    /// The bytes of a link's mail. Where only the files stay here it has the header and the text that their author wrote;
    /// where the whole stays, neither, and its subject is masked.
    ///
    /// # Errors
    /// [`OutboundError::NoPage`]: nobody outside can reach the page; the machine gives no randomness.
    pub(crate) fn link_mail(
        &self,
        mail: &LinkedMail<'_>,
        terms: &Terms<'_>,
        token: &Token,
    ) -> Result<Vec<u8>, OutboundError> {
        let origin = self.content_url.as_deref().ok_or(OutboundError::NoPage)?;
        let language = self.language_of(mail.author);
        let directory = self.store.directory();
        let source = mail.source;
        let text = catalogue::link_mail(
            language,
            &LinkText {
                recipient: source.names.get(&terms.recipient.key()).map(String::as_str).unwrap_or_default(),
                address: &terms.recipient.to_string(),
                company: &company(&directory, mail.tenant),
                telephone: telephone(&directory, mail.tenant),
                sender: &sender(&directory, mail),
                url: &format!("{origin}/d/{}", token.as_str()),
                until: &catalogue::moment(language, terms.expires),
                by_password: terms.by_password,
                text: source.open.as_ref().map(|(_, text)| text.as_str()),
                footers: &source.footers,
            },
        );
        match &source.open {
            Some((head, _)) => Ok(message::instead::with_text(head, &text)),
            None => self.bare_mail(&directory, mail, terms, &text),
        }
    }

    /// Nothing of what the author wrote but his subject without numbers.
    fn bare_mail(
        &self,
        directory: &Directory,
        mail: &LinkedMail<'_>,
        terms: &Terms<'_>,
        text: &str,
    ) -> Result<Vec<u8>, OutboundError> {
        // an automatic mail has the null sender
        let from = mail.from.or(mail.source.author.as_ref()).cloned().ok_or(OutboundError::NoSuchParcel)?;
        let id = match &mail.source.id {
            Some(id) => id.clone(),
            None => self.message_id()?,
        };
        let made = Mail::new(&Person::new(sender(directory, mail), from), self.clock.now(), &id)
            .to(&[Person::from(terms.recipient.clone())])
            .subject(&mail.source.subject)
            .text(text);
        Ok(made.to_bytes())
    }
}

pub(super) fn company(directory: &Directory, tenant: types::TenantId) -> String {
    directory.tenants.get(&tenant).map(|one| one.title.clone()).unwrap_or_default()
}

/// The number that who gets a link without expecting it calls; empty where the company tells none.
pub(super) fn telephone(directory: &Directory, tenant: types::TenantId) -> &str {
    let told = directory.tenants.get(&tenant).and_then(|one| one.policies.telephone.as_ref());
    told.map(types::Telephone::as_str).unwrap_or_default()
}

fn sender(directory: &Directory, mail: &LinkedMail<'_>) -> String {
    named(directory, mail.author, mail.from)
}

/// The name of who sends a mail; his address when he has none.
pub(super) fn named(directory: &Directory, author: Option<UserId>, from: Option<&Address>) -> String {
    let user = author.and_then(|id| directory.users.get(&id)).filter(|user| !user.name.is_empty());
    user.map(|user| user.name.clone()).or_else(|| from.map(ToString::to_string)).unwrap_or_default()
}

/// The last minute of the day in Japan on which so many days are over.
pub(crate) fn end_after(days: u32, at: Timestamp) -> Timestamp {
    const DAY: i64 = 86_400_000;
    const JAPAN: i64 = 9 * 3_600_000;
    const MINUTE: i64 = 60_000;
    let day = (at.0 + JAPAN).div_euclid(DAY) + i64::from(days);
    Timestamp((day + 1) * DAY - JAPAN - MINUTE)
}

#[cfg(test)]
mod tests {
    use types::Language;

    use super::*;

    #[test]
    fn a_link_ends_with_a_day_in_japan() {
        // 2026-11-23 14:05 in Japan
        let at = Timestamp(1_795_410_300_000);
        let ends = |days| catalogue::moment(Language::Ja, end_after(days, at));
        assert_eq!((ends(0).as_str(), ends(14).as_str()), ("11月23日(月)23:59", "12月7日(月)23:59"));
    }
}
