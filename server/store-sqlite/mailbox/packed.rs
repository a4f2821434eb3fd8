//! A window of messages as one row: each row that the driver hands to a reader elsewhere costs some 7 µs, most of it in the allocator and
//! its locks, so numbers come as lines of one text, and what is of any length as the bytes of all, one after the other.

use store::{StoreError, Want};
use types::{MailboxId, UidSet, UserId};

use super::read::Row;
use super::rows::runs;
use crate::database::failed;
use crate::sql;

type Result<T> = std::result::Result<T, StoreError>;

/// The statement; `$summary` is what is read of the summary. `group_concat` copies the bytes of a value as they are, and
/// each length stands in its line.
macro_rules! packed {
    ($summary:literal) => {
        concat!(
            "SELECT group_concat(uid || ' ' || modseq || ' ' || flags || ' ' || internal_date || ' ' || record || ' ' \
                 || size || ' ' || key || ' ' || sensitive || ' ' || length(prefix) || ' ' || ifnull(length(summary), -1) \
                 || ' ' || ifnull(saved, -1) || ' ' || cuts || ' ' || keywords, char(10)) AS lines,
                 CAST(group_concat(prefix, '') AS BLOB) AS prefixes,
                 CAST(group_concat(summary, '') AS BLOB) AS summaries
             FROM (SELECT m.uid, m.modseq, m.flags, m.keywords, m.internal_date, m.record, m.prefix, m.cuts, m.saved, r.size, r.key,
                          r.sensitive, ",
            $summary,
            " AS summary
                   FROM json_each($2) AS run CROSS JOIN message AS m CROSS JOIN record AS r
                   WHERE m.mailbox = $1 AND m.uid BETWEEN run.value->>0 AND run.value->>1 AND r.id = m.record
                     AND EXISTS (SELECT 1 FROM mailbox WHERE id = $1 AND user = $3))"
        )
    };
}
const WITH_SUMMARY: &str = packed!("r.summary");
const WITHOUT_SUMMARY: &str = packed!("NULL");

#[derive(Default)]
struct Packed {
    lines: Option<String>,
    prefixes: Option<Vec<u8>>,
    summaries: Option<Vec<u8>>,
}

sql::from_row!(Packed: lines, prefixes, summaries);

/// The messages of `uids`, ascending.
pub async fn some(
    db: impl sql::Executor,
    user: UserId,
    mailbox: MailboxId,
    uids: &UidSet,
    want: Want,
) -> Result<Vec<Row>> {
    let sql = if want.summary { WITH_SUMMARY } else { WITHOUT_SUMMARY };
    let query = sql::query_as(sql).bind(mailbox.0).bind(runs(uids)).bind(user.0);
    let packed: Packed = query.fetch_one(db).await.map_err(failed)?;
    packed.rows().ok_or_else(|| StoreError::Damaged("the rows of messages".into()))
}

impl Packed {
    fn rows(&self) -> Option<Vec<Row>> {
        let (mut prefixes, mut summaries) = (Bytes::of(&self.prefixes), Bytes::of(&self.summaries));
        let lines = self.lines.iter().flat_map(|lines| lines.split('\n'));
        let rows = lines.map(|line| row(line, &mut prefixes, &mut summaries)).collect::<Option<Vec<_>>>()?;
        (prefixes.0.is_empty() && summaries.0.is_empty()).then_some(rows)
    }
}

/// What is left of the bytes of all messages.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn of(bytes: &'a Option<Vec<u8>>) -> Self {
        Self(bytes.as_deref().unwrap_or_default())
    }

    fn take(&mut self, length: usize) -> Option<Vec<u8>> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken.to_vec())
    }
}

fn row(line: &str, prefixes: &mut Bytes<'_>, summaries: &mut Bytes<'_>) -> Option<Row> {
    let mut fields = line.splitn(13, ' ');
    let mut number = || fields.next()?.parse::<i64>().ok();
    let (uid, modseq, flags, internal_date, record) = (number()?, number()?, number()?, number()?, number()?);
    let (record_size, key, sensitive, prefix, summary) = (number()?, number()?, number()?, number()?, number()?);
    let saved = number()?;
    Some(Row {
        uid: u32::try_from(uid).ok()?,
        modseq,
        flags,
        internal_date,
        saved: (saved >= 0).then_some(saved),
        record,
        record_size,
        key,
        sensitive: sensitive != 0,
        prefix: prefixes.take(usize::try_from(prefix).ok()?)?,
        summary: match usize::try_from(summary) {
            Ok(length) => Some(summaries.take(length)?),
            Err(_) => None,
        },
        cuts: fields.next()?.to_owned(),
        keywords: fields.next()?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(lines: &str, prefixes: &[u8], summaries: &[u8]) -> Packed {
        let (prefixes, summaries) = (Some(prefixes.to_vec()), Some(summaries.to_vec()));
        Packed { lines: Some(lines.to_owned()), prefixes, summaries }
    }

    #[test]
    fn every_message_gets_its_own_bytes() {
        let lines = "1 5 0 -7 11 100 21 0 2 3 77 [] \n2 6 9 8 12 200 22 1 0 -1 -1 [[3,4]] $a b";
        let rows = packed(lines, b"ab", b"\0\nc").rows().unwrap();
        let first = Row {
            uid: 1,
            modseq: 5,
            flags: 0,
            keywords: String::new(),
            internal_date: -7,
            saved: Some(77),
            record: 11,
            prefix: b"ab".to_vec(),
            cuts: "[]".into(),
            record_size: 100,
            key: 21,
            sensitive: false,
            summary: Some(b"\0\nc".to_vec()),
        };
        let second = Row {
            uid: 2,
            modseq: 6,
            flags: 9,
            keywords: "$a b".into(),
            internal_date: 8,
            saved: None,
            record: 12,
            prefix: Vec::new(),
            cuts: "[[3,4]]".into(),
            record_size: 200,
            key: 22,
            sensitive: true,
            summary: None,
        };
        assert_eq!(rows, [first, second]);
        assert_eq!(Packed::default().rows(), Some(Vec::new()));
    }

    #[test]
    fn bytes_that_do_not_fit_their_lines_are_damage() {
        let line = "1 5 0 -7 11 100 21 0 2 3 77 [] ";
        assert!(packed(line, b"ab", b"cde").rows().is_some());
        for broken in [packed(line, b"ab", b"cd"), packed(line, b"abc", b"cde"), packed("1 5 0", b"", b"")] {
            assert_eq!(broken.rows(), None);
        }
    }
}
