//! Recipients that nobody has: removed after they were accepted, or members of a group who are gone. The sender is
//! told (RFC 3464), in his language; nobody else is affected.

use message::Parsed;
use message::compose::Mailbox;
use message::dsn::{Action, Dsn, Recipient};
use store::{Origin, ParcelRef, Posting};
use types::{Address, Language};

use crate::act::trail;
use crate::release::Released;
use crate::{Bounce, Outbound, OutboundError, catalogue};

/// Bad destination mailbox address (RFC 3463 3.2).
const NO_SUCH_MAILBOX: (u8, u16, u16) = (5, 1, 1);

impl Outbound {
    /// Adds the report about `unknown` to the sender, and their lines of the timeline. Mail of the system, automatic
    /// answers and mail without a sender cause none.
    ///
    /// # Errors
    /// The report could not be sealed.
    pub(crate) async fn report_unknown(
        &self,
        posting: &mut Posting,
        parcel: ParcelRef,
        mail: &Released<'_>,
        unknown: &[Address],
    ) -> Result<(), OutboundError> {
        for address in unknown {
            posting.trail.push(trail(
                mail.submission,
                Some(parcel),
                mail.at,
                "recipient.unknown",
                &address.to_string(),
            ));
        }
        let reports = matches!(mail.origin, Origin::Author | Origin::Forward);
        let (Some(sender), true, false) = (mail.from, reports, unknown.is_empty()) else { return Ok(()) };
        let bytes = self.unknown_report(mail, sender, unknown)?;
        self.bounce(posting, Bounce { to: sender.clone(), bytes, tenant: mail.tenant }).await
    }

    fn unknown_report(
        &self,
        mail: &Released<'_>,
        sender: &Address,
        unknown: &[Address],
    ) -> Result<Vec<u8>, OutboundError> {
        let language = self.language_of(mail.author);
        let parsed = Parsed::parse(mail.bytes, &self.limits);
        let subject = if mail.sensitive { String::new() } else { parsed.subject() };
        let addresses: Vec<String> = unknown.iter().map(ToString::to_string).collect();
        let reference = mail.reference.to_string();
        let about = catalogue::Subject {
            subject: &subject,
            recipients: &addresses.join("\n"),
            reference: &reference,
            ..catalogue::Subject::default()
        };
        let notice = catalogue::unknown_recipients(language, &about);
        let header = quotable(mail, parsed.header_block());
        let recipient = |address: &Address| Recipient::new(address.clone(), Action::Failed, NO_SUCH_MAILBOX);
        let dsn = Dsn {
            from: self.reporter(language, sender),
            to: sender.clone(),
            date: mail.at,
            message_id: self.message_id()?,
            subject: notice.subject,
            text: notice.text,
            reporting_mta: self.hostname.clone(),
            arrival: Some(mail.at),
            envelope_id: None,
            recipients: unknown.iter().map(recipient).collect(),
            original_header: header.as_deref(),
        };
        Ok(dsn.to_bytes())
    }

    fn reporter(&self, language: Language, sender: &Address) -> Mailbox {
        let own = Address::parse(&format!("postmaster@{}", self.hostname));
        let address = own.or_else(|_| Address::parse(&format!("postmaster@{}", sender.domain())));
        Mailbox::new(crate::notices::system_name(language), address.unwrap_or_else(|_| sender.clone()))
    }
}

/// The header without Bcc; nothing of a mail with findings.
fn quotable(mail: &Released<'_>, header: &[u8]) -> Option<Vec<u8>> {
    let kept = message::cut::remove_header(header, &["Bcc"]);
    let kept = kept.into_iter().filter_map(|range| header.get(range)).flatten().copied();
    (!mail.sensitive).then(|| kept.collect())
}
