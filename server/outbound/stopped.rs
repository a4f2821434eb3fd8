//! Mail that stays here because its way is not as safe as rules demand: its sender and the handlers are told.

use store::{Claimed, Posting};
use types::Address;

use crate::catalogue;
use crate::notices::{About, Details};
use crate::{Outbound, OutboundError};

impl Outbound {
    /// Adds to `posting` what is told of queue rows that were stopped; those of one mail in one notice.
    pub(crate) async fn tell_of_stopped(&self, posting: &mut Posting, rows: &[Claimed]) -> Result<(), OutboundError> {
        let mut told: Vec<(&Claimed, Vec<Address>)> = Vec::new();
        for row in rows {
            match told.iter_mut().find(|(first, _)| first.submission == row.submission) {
                Some((_, recipients)) => recipients.push(row.row.recipient.clone()),
                None => told.push((row, vec![row.row.recipient.clone()])),
            }
        }
        for (row, recipients) in told {
            let about = About {
                author: row.author,
                from: row.row.from.as_ref(),
                recipients: &recipients,
                reference: row.row.reference,
                subject: &self.masked_subject_of(row).await?,
                places_ja: "",
                places_en: "",
                at: self.clock.now(),
            };
            let helpers = self.helpers(row.row.tenant);
            let details = Details { approvers: &helpers, ..Details::default() };
            self.tell(posting, row.author.as_slice(), &about, &details, catalogue::stopped).await?;
            let others: Vec<_> = helpers.iter().copied().filter(|id| Some(*id) != row.author).collect();
            // whoever is no party to the mail reads neither its subject nor its text
            let about = About { subject: "", ..about };
            self.tell(posting, &others, &about, &details, catalogue::stopped_for_handlers).await?;
        }
        Ok(())
    }

    async fn masked_subject_of(&self, row: &Claimed) -> Result<String, OutboundError> {
        let head = 0..row.record_size.min(self.limits.header_bytes as u64);
        let bytes = self.store.read_for_sending(&self.exit, row.record, head).await?;
        Ok(inspect::mask_numbers(&message::Parsed::parse(&bytes, &self.limits).subject()))
    }
}
