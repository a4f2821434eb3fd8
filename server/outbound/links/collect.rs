//! Collection requests (収集依頼): a handler asks somebody outside for files. The mail that asks holds a link by which files come in and
//! nothing goes out; they reach the handlers alone.

use std::time::Duration;

use message::compose::{Mail, Mailbox as Person};
use store::{Access, Collection, Custody, LINK_DAYS_MOST, LinkRow, NewLink, Posting, StoreError, Write};
use types::{Address, LinkId, Reference, Timestamp, UserId};

use super::mail::{end_after, telephone};
use super::{Sender, Token, Told};
use crate::catalogue::{self, RequestText, moment};
use crate::facts::inside;
use crate::{Outbound, OutboundError};

/// Most characters of a request's title, of its note, and of one line of what is asked for.
const TITLE: usize = 100;
const NOTE: usize = 2_000;
/// Most lines of what is asked for.
const EXPECTED: usize = 30;
/// So long before its end a request is reminded of, if half of its time is longer.
const BEFORE_END: Duration = Duration::from_secs(24 * 3_600);
/// So many are reminded of at once.
const BATCH: u32 = 50;

/// What a handler asks for.
#[derive(Debug, Clone)]
pub struct CollectionRequest {
    /// Whom.
    pub recipient: Address,
    /// About what.
    pub title: String,
    /// What else there is to say.
    pub note: String,
    /// What is asked for, one of them a line.
    pub expected: Vec<String>,
    /// It ends with the day on which so many days are over.
    pub days: u32,
}

/// Why a request cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestProblem {
    /// It has no title.
    #[error("the request has no title")]
    NoTitle,
    /// Something of it is too long, or too many files are asked for.
    #[error("the request is too long")]
    TooLong,
    /// A My Number stands in it, or what may be one.
    #[error("a My Number may stand in the request")]
    Number,
    /// The address is one of the company itself.
    #[error("the address is one of the company itself")]
    Inside,
    /// It would end too late, or at once.
    #[error("the request has no day within reach at which it ends")]
    Days,
}

impl Outbound {
    /// What is wrong with a request; `None`: it can be made.
    #[must_use]
    pub fn request_problem(&self, tenant: types::TenantId, request: &CollectionRequest) -> Option<RequestProblem> {
        let CollectionRequest { recipient, title, note, expected, days } = request;
        let long = |text: &str, most: usize| text.chars().count() > most;
        let too_long = long(title, TITLE)
            || long(note, NOTE)
            || expected.len() > EXPECTED
            || expected.iter().any(|one| long(one, TITLE));
        let texts = [title.as_str(), note.as_str()].into_iter().chain(expected.iter().map(String::as_str));
        let has_number = texts.collect::<Vec<_>>().join("\n");
        match () {
            () if title.trim().is_empty() => Some(RequestProblem::NoTitle),
            () if too_long => Some(RequestProblem::TooLong),
            () if !(1..=LINK_DAYS_MOST).contains(days) => Some(RequestProblem::Days),
            () if inspect::mask_numbers(&has_number) != has_number => Some(RequestProblem::Number),
            () if inside(&self.store.directory(), tenant, recipient) => Some(RequestProblem::Inside),
            () => None,
        }
    }

    /// Sends a request. Its reference is that of its mail.
    ///
    /// # Errors
    /// [`OutboundError::NoPage`], [`OutboundError::Request`]; the store failed and nothing was written.
    pub async fn ask_for_files(
        &self,
        access: &Access<Custody, Write>,
        request: CollectionRequest,
    ) -> Result<Reference, OutboundError> {
        let (tenant, at) = (access.what().0, self.clock.now());
        if let Some(problem) = self.request_problem(tenant, &request) {
            return Err(OutboundError::Request(problem));
        }
        let asker = access.holder().ok_or(OutboundError::NotApprover)?;
        let (token, expires) = (Token::fresh()?, end_after(request.days, at));
        let CollectionRequest { recipient, title, note, expected, .. } = request;
        let collection = Collection { title, note, expected, remind_at: Some(reminder(at, expires)) };
        let mails = |token: &Token, id: &str| self.request_mail(asker, &recipient, &collection, (expires, token), id);
        let id = self.message_id()?;
        let told = Told { bytes: mails(&token, &id)?, kept: mails(&Token::kept(), &id)? };
        let from = self.address_of(asker)?;
        let mut posting = Posting::default();
        let sender = Sender { tenant, author: Some(asker), from: Some(&from) };
        let (submission, parcel, reference) =
            self.system_mail(&mut posting, sender, &recipient, told, &types::Treatment::default()).await?;
        posting.links.push(NewLink {
            submission,
            parcel,
            recipient,
            token: token.hash(),
            whole: true,
            password: None,
            replies: true,
            downloads: 0,
            collection: Some(collection),
            at,
            expires,
        });
        posting.audited(tenant, Some(asker), at, "collection.asked", &reference);
        self.store.send(&self.exit, posting).await?;
        Ok(reference)
    }

    /// Sends the mail of a request once more, under a new address; the former ends with the same commit. It goes in the name of who
    /// asked, and when he is gone in that of the handler who asks again.
    ///
    /// # Errors
    /// As [`Self::ask_for_files`]; [`StoreError::Conflict`]: it is stopped or has ended.
    pub async fn ask_again(&self, access: &Access<Custody, Write>, link: LinkId) -> Result<(), OutboundError> {
        if self.content_url.is_none() {
            return Err(OutboundError::NoPage);
        }
        let token = Token::fresh()?;
        let row = self.store.collection_link(access, link).await?;
        let collection = row.collection.as_ref().ok_or(OutboundError::NoSuchParcel)?;
        let is_here = |asker: &UserId| self.store.directory().users.contains_key(asker);
        let asker = row.submission.author.filter(is_here).or(access.holder()).ok_or(OutboundError::NotApprover)?;
        let id = self.message_id()?;
        let mails = |token: &Token| self.request_mail(asker, &row.recipient, collection, (row.expires, token), &id);
        let told = Told { bytes: mails(&token)?, kept: mails(&Token::kept())? };
        self.send_anew(&row, &token, told, Some(&self.address_of(asker)?)).await
    }

    /// Reminds those who were asked and have sent nothing while there is time left, each once.
    ///
    /// # Errors
    /// The store failed; who was not reminded is so at the next look.
    pub(crate) async fn remind_of_collections(&self) -> Result<(), OutboundError> {
        let (at, mut after) = (self.clock.now(), None);
        loop {
            let due = self.store.collections_to_remind(&self.exit, at, after, BATCH).await?;
            let Some(last) = due.last() else { return Ok(()) };
            after = Some((last.collection.as_ref().and_then(|one| one.remind_at).unwrap_or(at), last.id));
            for row in &due {
                match self.remind_of_request(row, at).await {
                    Ok(()) | Err(OutboundError::Store(StoreError::Decided(_))) => {}
                    // it comes again at the next look, and keeps nobody else from being reminded
                    Err(error) => tracing::error!(%error, link = row.id.0, "a reminder of a request failed"),
                }
            }
        }
    }

    async fn remind_of_request(&self, row: &LinkRow, at: Timestamp) -> Result<(), OutboundError> {
        let mut posting = Posting { reminded: vec![row.id], ..Posting::default() };
        // who asked may be gone: then nobody reminds in his name
        let asks = |asker| self.store.directory().users.contains_key(&asker);
        let waits = row.is_open(at) && row.uploads == 0 && row.submission.author.is_some_and(asks);
        if let (Some(collection), Some(asker), true) = (&row.collection, row.submission.author, waits) {
            let (directory, language) = (self.store.directory(), self.language_of(Some(asker)));
            let company =
                directory.tenants.get(&row.submission.tenant).map(|one| one.title.clone()).unwrap_or_default();
            let (until, made) = (moment(language, row.expires), moment(language, row.made));
            let name = directory.users.get(&asker).map(|user| user.name.clone()).unwrap_or_default();
            let address = row.recipient.to_string();
            let about = texts(collection, (&company, &name), (&address, &until));
            let notice = catalogue::request_reminder(language, &about, &made);
            let bytes = self.mail_of(asker, &row.recipient, notice, &self.message_id()?)?;
            let from = self.address_of(asker)?;
            let sender = Sender { tenant: row.submission.tenant, author: Some(asker), from: Some(&from) };
            let told = Told { kept: bytes.clone(), bytes };
            self.system_mail(&mut posting, sender, &row.recipient, told, &types::Treatment::default()).await?;
        }
        self.store.send(&self.exit, posting).await?;
        Ok(())
    }

    /// Tells the handler who asked that files came; nothing where they came by another link.
    ///
    /// # Errors
    /// The store failed.
    pub async fn tell_of_collected(&self, link: &LinkRow) -> Result<(), OutboundError> {
        let (Some(collection), Some(asker)) = (&link.collection, link.submission.author) else { return Ok(()) };
        let directory = self.store.directory();
        let Some(user) = directory.users.get(&asker) else { return Ok(()) };
        let reference = link.submission.reference;
        let url = self.mail_url.as_ref().map(|url| format!("{url}/collections/{reference}")).unwrap_or_default();
        let notice = catalogue::files_came(user.language, &collection.title, &link.recipient.to_string(), &url);
        let mut posting = Posting::default();
        self.put_notice(&mut posting, user, self.clock.now(), notice).await?;
        self.store.send(&self.exit, posting).await?;
        Ok(())
    }

    fn request_mail(
        &self,
        asker: UserId,
        recipient: &Address,
        collection: &Collection,
        (expires, token): (Timestamp, &Token),
        id: &str,
    ) -> Result<Vec<u8>, OutboundError> {
        let origin = self.content_url.as_deref().ok_or(OutboundError::NoPage)?;
        let (directory, language) = (self.store.directory(), self.language_of(Some(asker)));
        let user = directory.users.get(&asker).ok_or(OutboundError::NotApprover)?;
        let company = directory.tenants.get(&user.tenant).map(|one| one.title.clone()).unwrap_or_default();
        let (until, address) = (moment(language, expires), recipient.to_string());
        let telephone = telephone(&directory, user.tenant);
        let about = RequestText { telephone, ..texts(collection, (&company, &user.name), (&address, &until)) };
        let notice = catalogue::request(language, &about, &format!("{origin}/d/{}", token.as_str()));
        self.mail_of(asker, recipient, notice, id)
    }

    /// A mail in a handler's name.
    fn mail_of(
        &self,
        asker: UserId,
        to: &Address,
        notice: catalogue::Notice,
        id: &str,
    ) -> Result<Vec<u8>, OutboundError> {
        let directory = self.store.directory();
        let name = directory.users.get(&asker).map(|user| user.name.clone()).unwrap_or_default();
        let mail = Mail::new(&Person::new(name, self.address_of(asker)?), self.clock.now(), id)
            .to(&[Person::from(to.clone())])
            .subject(&notice.subject)
            .text(notice.text);
        Ok(mail.to_bytes())
    }

    fn address_of(&self, user: UserId) -> Result<Address, OutboundError> {
        let directory = self.store.directory();
        directory.users.get(&user).map(|user| user.address.clone()).ok_or(OutboundError::NotApprover)
    }
}

fn texts<'a>(
    collection: &'a Collection,
    (company, sender): (&'a str, &'a str),
    (address, until): (&'a str, &'a str),
) -> RequestText<'a> {
    let Collection { title, note, expected, .. } = collection;
    RequestText { title, note, expected, address, company, telephone: "", sender, until }
}

/// A day before the end, and never before half of the time is over.
fn reminder(at: Timestamp, expires: Timestamp) -> Timestamp {
    let half = Timestamp(at.0 + (expires.0 - at.0) / 2);
    let day = i64::try_from(BEFORE_END.as_millis()).unwrap_or(i64::MAX);
    half.max(Timestamp(expires.0 - day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reminder_comes_a_day_before_the_end_or_at_half_time() {
        let hours = |number: i64| Timestamp(number * 3_600_000);
        assert_eq!(reminder(hours(0), hours(240)), hours(216));
        assert_eq!(reminder(hours(0), hours(30)), hours(15));
    }
}
