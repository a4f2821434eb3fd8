//! An arriving mail becomes one posting: copies, journal, and submissions for what must leave again.

use std::collections::{BTreeMap, HashSet};

use message::Parsed;
use store::{
    Bytes, Draft, Folder, MailboxRole, NewCopy, NewJournal, NewMail, NewSubmission, NewUpload, Once, Origin, Posting,
    SubmissionState, handlers_owner,
};
use types::{Address, Direction, Envelope, Flags, Reference, TenantId, Timestamp};

use crate::{Copy, Delivery, DeliveryError, Expansion, expand, trace_prefix};

/// More hosts than this on the way means a loop (RFC 5321 6.3).
const MOST_RECEIVED: usize = 50;

/// A mail from outside whose bytes are complete.
#[derive(Debug)]
pub struct Arrival {
    /// Its envelope; every recipient was accepted at RCPT.
    pub envelope: Envelope,
    /// The bytes.
    pub draft: Draft,
    /// Trace headers to stand before them (Received), lines ended by CRLF.
    pub trace: Vec<u8>,
    /// What people call it.
    pub reference: Reference,
}

/// What one parse tells delivery.
struct Parse {
    summary: Vec<u8>,
    received: usize,
    delivered_to: HashSet<Address>,
}

impl Delivery {
    /// Delivers; returns when the mail is on disk in every mailbox.
    ///
    /// # Errors
    /// [`DeliveryError::Loop`]; or the store failed and nothing was written.
    pub async fn arrive(&self, arrival: Arrival) -> Result<(), DeliveryError> {
        self.take_in(arrival, Vec::new()).await
    }

    /// The same of files that somebody outside sends back by a link: in one posting with what is written of that.
    ///
    /// # Errors
    /// As [`Self::arrive`] and [`Self::recipient`]; the link takes none any more ([`NewUpload`]), and nothing was written.
    pub async fn arrive_by_link(&self, arrival: Arrival, upload: NewUpload) -> Result<(), DeliveryError> {
        if upload.collected {
            return self.collect(arrival, upload).await;
        }
        for recipient in &arrival.envelope.to {
            self.recipient(recipient, arrival.draft.size()).await?;
        }
        self.take_in(arrival, vec![upload]).await
    }

    /// What a collection request asked for: into the handlers' box, and into nobody's mailbox.
    async fn collect(&self, arrival: Arrival, upload: NewUpload) -> Result<(), DeliveryError> {
        let (now, parse) = (self.clock.now(), self.parse(&arrival.draft).await?);
        let tenant = arrival.draft.tenant();
        let the_box = self.store.handlers_box(&self.entrance, tenant).await?;
        let mut posting = Posting { uploads: vec![upload], ..Posting::default() };
        let mail = posting.mail(new_mail(tenant, arrival.draft, parse.summary));
        posting.journal.push(NewJournal { mail, direction: Direction::In, envelope: arrival.envelope, at: now });
        posting.copies.push(NewCopy {
            mail,
            owner: handlers_owner(tenant),
            folder: Folder::Exactly(the_box),
            flags: Flags::default(),
            internal_date: now,
            saved: now,
            prefix: arrival.trace,
            cuts: Vec::new(),
            recipient: None,
        });
        self.store.deliver(&self.entrance, posting).await?;
        Ok(())
    }

    async fn take_in(&self, arrival: Arrival, uploads: Vec<NewUpload>) -> Result<(), DeliveryError> {
        let now = self.clock.now();
        let parse = self.parse(&arrival.draft).await?;
        let found = expand(&self.store.directory(), &arrival.envelope.to);
        let been_here = found.copies.iter().any(|copy| parse.delivered_to.contains(&copy.address));
        if parse.received > MOST_RECEIVED || been_here {
            return Err(DeliveryError::Loop);
        }
        if let (true, true, Some(gone)) = (found.copies.is_empty(), found.outside.is_empty(), found.unknown.first()) {
            return Err(DeliveryError::UnknownUser(gone.clone()));
        }
        let mut posting = self.posting(arrival, &parse, &found, now).await?;
        if let Some(home) = home_mail(&posting) {
            posting.uploads.extend(uploads.into_iter().map(|upload| NewUpload { mail: home, ..upload }));
        }
        self.store.deliver(&self.entrance, posting).await?;
        Ok(())
    }

    async fn posting(
        &self,
        arrival: Arrival,
        parse: &Parse,
        found: &Expansion,
        now: Timestamp,
    ) -> Result<Posting, DeliveryError> {
        let mut posting = Posting { once: Some(Once(self.store.ingest_id())), ..Posting::default() };
        let home = arrival.draft.tenant();
        let mails = self.mails(&mut posting, arrival.draft, parse, found).await?;
        for (tenant, mail) in &mails {
            let to = arrival.envelope.to.clone();
            let envelope = Envelope { from: arrival.envelope.from.clone(), to };
            posting.journal.push(NewJournal { mail: *mail, direction: Direction::In, envelope, at: now });
            let copies = found.copies.iter().filter(|copy| copy.tenant == *tenant);
            posting.copies.extend(
                copies.map(|copy| inbox_copy(*mail, copy, arrival.envelope.from.as_ref(), &arrival.trace, now)),
            );
        }
        // outbound sends what must leave again, and reports to the sender whom nobody has (any more)
        let onward: Vec<Address> = found.outside.iter().chain(&found.unknown).cloned().collect();
        if let (false, Some(mail)) = (onward.is_empty(), mails.get(&home)) {
            posting.submissions.push(NewSubmission {
                tenant: home,
                author: None,
                origin: Origin::Forward,
                from: arrival.envelope.from,
                to: onward,
                reference: arrival.reference,
                mail: *mail,
                prefix: arrival.trace,
                cuts: Vec::new(),
                state: SubmissionState::New,
                join_key: String::new(),
                form_key: None,
                at: now,
                verdict: String::new(),
                reply: None,
                release_at: None,
                draft: None,
                keep_in_sent: false,
                safeguard: None,
                parcels: Vec::new(),
            });
        }
        Ok(posting)
    }

    /// One record per tenant: the first is the draft, the others are sealed anew under keys of their own.
    async fn mails(
        &self,
        posting: &mut Posting,
        draft: Draft,
        parse: &Parse,
        found: &Expansion,
    ) -> Result<BTreeMap<TenantId, usize>, DeliveryError> {
        let home = draft.tenant();
        let others: HashSet<TenantId> =
            found.copies.iter().map(|copy| copy.tenant).filter(|tenant| *tenant != home).collect();
        let mut mails = BTreeMap::new();
        if !others.is_empty() {
            let bytes = self.store.draft_bytes(&draft).await?;
            for tenant in others {
                let draft = self.store.seal(tenant, &bytes).await?;
                mails.insert(tenant, posting.mail(new_mail(tenant, draft, parse.summary.clone())));
            }
        }
        mails.insert(home, posting.mail(new_mail(home, draft, parse.summary.clone())));
        Ok(mails)
    }

    async fn parse(&self, draft: &Draft) -> Result<Parse, DeliveryError> {
        /// Beyond this a parse takes over a millisecond: not on the async threads.
        const LARGE: usize = 128 << 10;
        if let Some(bytes) = draft.plain().filter(|bytes| bytes.len() <= LARGE) {
            return Ok(parse(bytes, &self.limits));
        }
        let bytes = self.store.draft_bytes(draft).await?;
        let limits = self.limits.clone();
        tokio::task::spawn_blocking(move || parse(&bytes, &limits)).await.map_err(|_| DeliveryError::Unreadable)
    }
}

/// The place of the mail itself: those of other companies stand before it.
fn home_mail(posting: &Posting) -> Option<usize> {
    posting.mails.len().checked_sub(1)
}

fn parse(bytes: &[u8], limits: &types::Limits) -> Parse {
    let parsed = Parsed::parse(bytes, limits);
    Parse {
        summary: parsed.summary().to_bytes(),
        received: parsed.received_count(),
        delivered_to: parsed.delivered_to().iter().filter_map(|text| Address::parse(text).ok()).collect(),
    }
}

fn new_mail(tenant: TenantId, draft: Draft, summary: Vec<u8>) -> NewMail {
    NewMail { tenant, bytes: Bytes::New(draft), summary, sensitive: false }
}

fn inbox_copy(mail: usize, copy: &Copy, from: Option<&Address>, trace: &[u8], at: Timestamp) -> NewCopy {
    NewCopy {
        mail,
        owner: copy.user,
        folder: Folder::Role(MailboxRole::Inbox),
        flags: Flags::default(),
        internal_date: at,
        saved: at,
        prefix: trace_prefix(from, &copy.address, trace),
        cuts: Vec::new(),
        recipient: Some(copy.address.clone()),
    }
}
