//! OBJECTID (RFC 8474): names of mailboxes and mails that last. Pure.

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

/// FNV-1a with 64 bits: it only tells apart the few copies of one record.
fn fnv1a(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use types::{Flags, ModSeq, RecordId, Timestamp, Uid};

    use super::*;

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
