//! What the queue needs: rows under leases, the bytes that go over the wire, results together with their DSNs.

use std::time::Duration;

use message::Parsed;
use store::{
    Attempt, Bytes, Claimed, Demands, Folder, MailboxRole, NewCopy, NewMail, NewParcel, NewQueueRow, NewSubmission,
    Origin, ParcelRef, ParcelState, Posting, SubmissionState,
};
use types::{Flags, Language, QUEUE_LIFETIME, Timestamp, UserId};

use crate::{Bounce, Outbound, OutboundError, dkim};

impl Outbound {
    /// Takes at most `n` due rows; nobody else takes them within `lease`.
    ///
    /// # Errors
    /// The store failed.
    pub async fn claim(&self, n: usize, lease: Duration) -> Result<Vec<Claimed>, OutboundError> {
        let now = self.clock.now();
        Ok(self.store.claim(&self.exit, n, now, now.after(lease)).await?)
    }

    /// When the next row is due.
    ///
    /// # Errors
    /// The store failed.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, OutboundError> {
        Ok(self.store.next_due().await?)
    }

    /// What goes over the wire: the signatures of its author's domain, trace headers, then the record without what is cut out.
    ///
    /// # Errors
    /// The record could not be read, or not be signed.
    pub async fn bytes(&self, claimed: &Claimed) -> Result<Vec<u8>, OutboundError> {
        let size = usize::try_from(claimed.record_size).unwrap_or(0);
        let mut bytes = Vec::with_capacity(claimed.prefix.len() + size + dkim::ROOM);
        bytes.extend_from_slice(&claimed.prefix);
        let mut from = 0;
        for cut in claimed.cuts.iter().chain(std::iter::once(&(claimed.record_size..claimed.record_size))) {
            if from < cut.start {
                bytes.extend(self.store.read_for_sending(&self.exit, claimed.record, from..cut.start).await?);
            }
            from = cut.end;
        }
        // a stranger may have written what is forwarded, with a From of ours
        if claimed.origin == Origin::Forward {
            return Ok(bytes);
        }
        self.signed(claimed.row.tenant, bytes).await
    }

    /// Writes results of attempts, the DSNs that they cause, and what is told of rows that were stopped, in one posting.
    ///
    /// # Errors
    /// The store failed; nothing was written, and the rows come again after their lease.
    pub async fn report(
        &self,
        attempts: Vec<Attempt>,
        bounces: Vec<Bounce>,
        stopped: &[Claimed],
    ) -> Result<(), OutboundError> {
        let mut posting = Posting { attempts, ..Posting::default() };
        for bounce in bounces {
            self.bounce(&mut posting, bounce).await?;
        }
        self.tell_of_stopped(&mut posting, stopped).await?;
        self.store.send(&self.exit, posting).await?;
        Ok(())
    }

    /// A DSN: into the INBOX of a sender here, by the queue to one elsewhere. It has the null sender, so it causes none.
    pub(crate) async fn bounce(&self, posting: &mut Posting, bounce: Bounce) -> Result<(), OutboundError> {
        let at = self.clock.now();
        let Bounce { to, bytes, tenant } = bounce;
        let draft = self.store.seal(tenant, &bytes).await?;
        let summary = Parsed::parse(&bytes, &self.limits).summary().to_bytes();
        let mail = posting.mail(NewMail { tenant, bytes: Bytes::New(draft), summary, sensitive: false });
        let directory = self.store.directory();
        if let Some(user) = directory.user_by_address(&to).filter(|user| user.tenant == tenant) {
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
            return Ok(());
        }
        if directory.tenant_of(to.domain()).is_some() {
            return Ok(());
        }
        let place = posting.submissions.len();
        let parcel = NewParcel::new(&self.exit, vec![to.clone()], ParcelState::Released, None, Vec::new());
        posting.submissions.push(NewSubmission {
            tenant,
            author: None,
            origin: Origin::System,
            from: None,
            to: vec![to.clone()],
            reference: self.reference()?,
            mail,
            prefix: Vec::new(),
            cuts: Vec::new(),
            state: SubmissionState::Judged,
            join_key: String::new(),
            form_key: None,
            at,
            verdict: String::new(),
            reply: None,
            release_at: None,
            draft: None,
            keep_in_sent: false,
            safeguard: None,
            parcels: vec![parcel],
        });
        posting.queue.push(NewQueueRow {
            parcel: ParcelRef::New(place, 0),
            variant: None,
            demands: Demands::default(),
            recipient: to,
            due: at,
            expires: at.after(QUEUE_LIFETIME),
        });
        Ok(())
    }

    /// The language of a sender: his own, Japanese for everyone else.
    #[must_use]
    pub fn language_of(&self, author: Option<UserId>) -> Language {
        let directory = self.store.directory();
        author.and_then(|id| directory.users.get(&id)).map(|user| user.language).unwrap_or_default()
    }
}
