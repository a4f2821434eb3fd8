//! OBJECTID (RFC 8474): names of mailboxes, mails and threads that last. Pure.

use message::{Summary, message_ids};
use store::MessageRow;
use types::MailboxId;

/// The MAILBOXID: it stays with the mailbox through every RENAME, and is never used again.
pub(crate) fn mailbox(id: MailboxId) -> String {
    format!("F{id}")
}

/// The EMAILID: the same for copies whose bytes are the same. Two copies of one record may differ in their trace headers
/// and in what they hide (a mail to oneself in Sent and in INBOX), so these count too.
pub(crate) fn email(row: &MessageRow) -> String {
    if row.prefix.is_empty() && row.cuts.is_empty() {
        return format!("M{}", row.record);
    }
    let cuts = row.cuts.iter().flat_map(|cut| [cut.start, cut.end]).flat_map(u64::to_be_bytes);
    format!("M{}-{:016x}", row.record, fnv1a(row.prefix.iter().copied().chain(cuts)))
}

/// The THREADID (RFC 8474 5.2): that of the first mail that its References name (In-Reply-To where it has none), or its own
/// when it answers nothing. It follows from the mail alone, so it is there for every mail that ever came, costs nothing
/// to be kept, is the same in whatever order a thread arrives, and never changes. A program that names only the mail
/// before, or no longer the first, begins a thread of its own. `None`: the mail has none of these fields.
pub(crate) fn thread(summary: &Summary) -> Option<String> {
    let own = || summary.header.message_id.as_ref().and_then(|id| message_ids(id).pop());
    let first = summary.references.first().cloned().or_else(own)?;
    Some(format!("T{:016x}", fnv1a(first.bytes())))
}

/// FNV-1a with 64 bits: it tells apart the few copies of one record, and the threads of one person (a million of them
/// share a name with a probability of one in a hundred million).
fn fnv1a(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use types::{Flags, ModSeq, RecordId, Timestamp, Uid};

    use super::*;

    #[test]
    fn a_thread_is_named_after_its_first_mail() {
        let of = |header: &str| {
            let mail = format!("{header}\r\n\r\nx\r\n");
            thread(&message::Parsed::parse(mail.as_bytes(), &types::Limits::default()).summary())
        };
        let first = of("Message-ID: <a@x>");
        assert!(first.as_ref().is_some_and(|id| id.len() == 17 && id.starts_with('T')), "{first:?}");
        for same in [
            "Message-ID: <b@x>\r\nIn-Reply-To: <a@x>",
            "Message-ID: <c@x>\r\nReferences: <a@x> <b@x>\r\nIn-Reply-To: <b@x>",
            "References:\r\n <a@x>\r\n <c@x>",
            "Message-ID: <a@x>\r\nSubject: a copy",
        ] {
            assert_eq!(of(same), first, "{same}");
        }
        assert_ne!(of("Message-ID: <A@x>"), first);
        assert_eq!((of("Subject: a"), of("Message-ID: broken")), (None, None));
    }

    #[test]
    fn copies_of_the_same_bytes_have_one_name() {
        let row = |uid: u32, prefix: &[u8], cut: Option<std::ops::Range<u64>>| MessageRow {
            uid: Uid(uid),
            modseq: ModSeq(1),
            flags: Flags::default(),
            internal_date: Timestamp(0),
            saved: None,
            record: RecordId(77),
            record_size: 100,
            prefix: prefix.to_vec(),
            cuts: cut.into_iter().collect(),
            sensitive: false,
            summary: None,
        };
        assert_eq!(email(&row(1, b"", None)), "M77");
        let names = [row(1, b"", None), row(2, b"A: b\r\n", None), row(3, b"", Some(4..9)), row(4, b"", Some(4..10))];
        let names: std::collections::BTreeSet<String> = names.iter().map(email).collect();
        assert_eq!(names.len(), 4, "{names:?}");
        assert_eq!(email(&row(5, b"x", Some(1..2))), email(&row(6, b"x", Some(1..2))));
    }
}
